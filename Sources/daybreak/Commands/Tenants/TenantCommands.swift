import Catalogs
import DaybreakCore
import Foundation
import Pipeline

extension CommandGroup {
  /// `daybreak tenants …`: who shares the store, or a catalog.
  static var tenants: CommandGroup {
    CommandGroup(
      name: "tenants",
      summary: "List, enter, rename and delete tenants: of the store, or of a catalog.",
      commands: [
        ListTenantsCommand.self, CreateTenantCommand.self, RenameTenantCommand.self,
        DeleteTenantCommand.self, RestoreTenantCommand.self,
      ], usual: ListTenantsCommand.self)
  }
}

/// What commands on tenants have in common.
enum TenantOptions {
  static let catalog = CommandSyntax.Option(
    "catalog", "NAME",
    "Of which system: \(Catalog.names.filter { $0 != "xray" }.joined(separator: ", ")); else the store's."
  )
  static let database = CommandSyntax.Option(
    "database", "URL",
    "The database; by default CATALOG_DATABASE_URL or DAYBREAK_DATABASE_URL, else the embedded one."
  )
  static let actor = CommandSyntax.Option(
    "as", "NAME", "The superuser who does it; netra asks for one.")

  /// Runs `body` with the tenants of the catalog that a command line names.
  static func ofCatalog<Result>(
    _ arguments: ParsedArguments, _ body: (CatalogTenants) throws -> Result
  ) throws -> Result {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    return try body(
      CatalogTenants(
        CatalogSession(database.catalog, on: database.target, options: database.settings)))
  }

  /// Runs `body` with the tenants of the store.
  static func ofStore<Result>(
    _ arguments: ParsedArguments, _ body: (StoreTenants) throws -> Result
  ) throws -> Result {
    let tenants = try StoreTenants(
      url: arguments.value("database"), surroundings: Surroundings.ofThisProcess())
    defer { tenants.close() }
    return try body(tenants)
  }

  /// A tenant's name in the store.
  ///
  /// - Throws: `UsageError` for a text that cannot be one.
  static func storeName(_ text: String) throws(UsageError) -> TenantName {
    if let name = TenantName(text) { return name }
    throw UsageError(
      summary: "a tenant of the store cannot be named `\(oneLine(text))`",
      remedy: "1 to 63 of a-z A-Z 0-9 _ - and inner dots; not `cluster`")
  }
}

/// `daybreak tenants list`.
enum ListTenantsCommand: Command {
  static let syntax = CommandSyntax(
    name: "tenants list", summary: "List tenants, deleted ones too.",
    operands: "", operandCount: 0...0,
    options: [TenantOptions.catalog, TenantOptions.database, DatabaseOptions.json],
    examples: [
      ("daybreak tenants", "those of the store"),
      ("daybreak tenants list --catalog anzx --json", "organizations of ANZx, for a program"),
    ])

  private struct Printed: Encodable {
    var id: String
    var name: String
    var state: String
    var createdAt: String?
    var lokiOrgID: String?

    enum CodingKeys: String, CodingKey {
      case id, name, state
      case createdAt = "created_at"
      case lokiOrgID = "loki_org_id"
    }
  }

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let tenants: [Printed]
    if arguments.value("catalog") != nil {
      tenants = try TenantOptions.ofCatalog(arguments) { try $0.list() }.map {
        Printed(
          id: $0.id, name: $0.name, state: $0.isDeleted ? "deleted" : "active",
          createdAt: $0.createdAt?.rfc3339)
      }
    } else {
      tenants = try TenantOptions.ofStore(arguments) { try $0.list() }.map {
        Printed(
          id: $0.name.id.uuidString.lowercased(), name: $0.name.description,
          state: $0.deletedAt == nil ? "active" : "deleted", createdAt: $0.createdAt.rfc3339,
          lokiOrgID: $0.lokiOrgID)
      }
    }
    if arguments.has("json") {
      try printJSON(tenants)
    } else {
      printTable(
        ["NAME", "STATE", "SINCE", "ID"],
        tenants.map { [$0.name, $0.state, $0.createdAt ?? "", $0.id] })
    }
    return .done
  }
}
