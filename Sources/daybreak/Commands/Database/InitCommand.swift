import Catalogs
import DaybreakCore
import Foundation
import Postgres

/// `daybreak db init`.
enum InitCommand: Command {
  static let syntax = CommandSyntax(
    name: "db init",
    summary: "Make a catalog: roles, schema, extensions, all migrations, parts for the days ahead.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database, DatabaseOptions.clickHouse,
      DatabaseOptions.migrations, DatabaseOptions.lockTimeout, DatabaseOptions.json,
    ],
    notes: [
      """
      Done again it changes nothing. It looks first: what this login may not do is listed with the
      statements that an administrator runs, and nothing is changed. A database that the system's own
      program made is recognised by its tables and columns, and left as it is.
      """
    ],
    examples: [
      ("daybreak db init --catalog xray", "in the embedded server"),
      (
        "daybreak db init --catalog netra --database postgres://admin@db.example/netra",
        "in a database that is there"
      ),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let catalog = database.catalog
    let clickHouse = try database.clickHouse(arguments)
    try clickHouse?.withDatabase(nil).ping()
    let patience = try CatalogDatabase.lockTimeout(arguments)
    let made = try database.withConnection(arguments, isWriting: true) {
      try catalog.install(on: $0, lockTimeout: patience)
    }
    let applied = try clickHouse.map { try ClickHouseMigrator(catalog).migrate($0) }
    if arguments.has("json") {
      try DatabaseJSON.show(Record(catalog, made, clickHouse: applied))
      return .done
    }
    print("\(catalog.name) in schema \(catalog.schema) of \(database.target.description)")
    print("  PostgreSQL \(made.found.serverVersion)")
    for used in made.found.extensions { print("  \(used.summary)") }
    print(
      made.versions.isEmpty
        ? "  all migrations were applied already"
        : "  \(counted(made.versions.count, "migration")) applied, up to \(made.versions.last ?? 0)"
    )
    for (table, count) in made.parts.sorted(by: { $0.key < $1.key }) {
      print("  \(table): \(counted(count, "part")) made for the days ahead")
    }
    if let applied, let part = catalog.definition.clickHouse {
      print(
        "ClickHouse database \(part.database)\n"
          + (applied.isEmpty
            ? "  all migrations were applied already"
            : "  \(counted(applied.count, "migration")) applied, up to \(applied.last ?? 0)"))
    }
    return .done
  }

  private struct Record: Encodable {
    struct Extension: Encodable {
      let name: String
      let state: String
      let substitute: String?
    }
    let catalog: String
    let schema: String
    let server: String
    let extensions: [Extension]
    let applied: [Int64]
    let partsMade: [String: Int]
    let clickhouseApplied: [Int64]?

    init(
      _ catalog: Catalog, _ made: (found: Installation, versions: [Int64], parts: [String: Int]),
      clickHouse: [Int64]?
    ) {
      clickhouseApplied = clickHouse
      self.catalog = catalog.name
      schema = catalog.schema
      server = made.found.serverVersion
      extensions = made.found.extensions.map { used in
        let (state, isUsed): (String, Bool) =
          switch used.use {
          case .present: ("present", true)
          case .added: ("added", true)
          case .unavailable: ("unavailable", false)
          case .leftAlone: ("left_alone", false)
          case .notPreloaded: ("not_preloaded", false)
          case .notAllowed: ("not_allowed", false)
          }
        return Extension(
          name: used.name, state: state, substitute: isUsed ? nil : used.substitute)
      }
      applied = made.versions
      partsMade = made.parts
    }
  }
}
