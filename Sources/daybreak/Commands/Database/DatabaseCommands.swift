import Catalogs
import DaybreakCore
import Foundation
import Pipeline
import Postgres

extension CommandGroup {
  /// `daybreak db …`: the five systems that Daybreak makes and keeps.
  static var database: CommandGroup {
    CommandGroup(
      name: "db",
      summary: "Make, migrate, check and keep the databases of "
        + "\(Catalog.names.joined(separator: ", ")).",
      commands: [
        DatabaseStatusCommand.self, CleanupCommand.self, RefreshCommand.self,
        PartitionsCommand.self,
      ])
  }
}

/// What every `db` command takes: which catalog, in which database.
enum DatabaseOptions {
  static let catalog = CommandSyntax.Option(
    "catalog", "NAME", "Which system: \(Catalog.names.joined(separator: ", ")).")
  static let database = CommandSyntax.Option(
    "database", "URL",
    "The database; by default CATALOG_DATABASE_URL (as NETRA_DATABASE_URL), else the embedded one.")
  static let clickHouse = CommandSyntax.Option(
    "clickhouse", "URL",
    "Netra's ClickHouse, by HTTP; by default NETRA_CLICKHOUSE_URL, else there is none.")
  static let json = CommandSyntax.Option("json", nil, "Print JSON.")
}

/// The catalog and the database that a command line names.
///
/// Holds the embedded server, where that is meant, for as long as it lives.
final class CatalogDatabase {
  let catalog: Catalog
  let target: ConnectionTarget
  let surroundings: Surroundings
  private let embedded: EmbeddedPostgres?

  /// Finds the database: `--database`, else the variable `<CATALOG>_DATABASE_URL`, else a database named
  /// after the catalog on the embedded server, which is made when it is missing.
  ///
  /// - Throws: `UsageError`, `CatalogError`, `PostgresError`.
  init(_ arguments: ParsedArguments) throws {
    guard let name = arguments.value("catalog") else {
      throw UsageError(
        summary: "--catalog is missing",
        remedy: "catalogs: \(Catalog.names.joined(separator: ", "))")
    }
    surroundings = Surroundings.ofThisProcess()
    catalog = try Catalog(named: name)
    let variable = "\(name.uppercased())_DATABASE_URL"
    let named = arguments.value("database") ?? surroundings.variables[variable]
    if let named, !named.isEmpty {
      embedded = nil
      target = try ConnectionTarget(named)
      return
    }
    let server = try surroundings.startEmbeddedServer()
    embedded = server
    target = try server.database(named: name)
  }

  /// Connects.
  func connect(_ options: ConnectionOptions = ConnectionOptions()) throws(PostgresError)
    -> Connection
  {
    try Connection(target, options: options)
  }

  /// The ClickHouse database beside it: `--clickhouse`, else the variable `<CATALOG>_CLICKHOUSE_URL`.
  ///
  /// - Returns: nil when none is named.
  /// - Throws: `UsageError` where the catalog has none, `ClickHouseError` for an address that cannot be
  ///   read.
  func clickHouse(_ arguments: ParsedArguments) throws -> ClickHouseClient? {
    let variable = "\(catalog.name.uppercased())_CLICKHOUSE_URL"
    let named = arguments.value("clickhouse") ?? surroundings.variables[variable]
    guard let named, !named.isEmpty else { return nil }
    guard let part = catalog.definition.clickHouse else {
      throw UsageError(
        summary: "\(catalog.name) has no ClickHouse part", remedy: "leave --clickhouse away")
    }
    var target = try ClickHouseTarget(named, variables: surroundings.variables)
    if target.database == nil { target.database = part.database }
    return ClickHouseClient(target, isCancelled: { Cancellation.isRequested })
  }

  /// Lets the embedded server go.
  func close() { embedded?.close() }
}
