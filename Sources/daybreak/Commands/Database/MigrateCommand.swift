import Catalogs
import DaybreakCore
import Foundation
import Postgres
import Storage

/// `daybreak db migrate`.
enum MigrateCommand: Command {
  static let syntax = CommandSyntax(
    name: "db migrate", summary: "Apply the migrations that are still to come.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("to", "VERSION", "The last one to apply; by default all."),
      DatabaseOptions.migrations, DatabaseOptions.lockTimeout, DatabaseOptions.json,
    ],
    notes: [
      """
      Each file runs in one transaction that also writes its version: a file that fails leaves nothing
      behind, and what was applied before it stays. `daybreak db plan` says what would be locked.
      --catalog daybreak is the store of runs.
      """
    ],
    examples: [
      ("daybreak db migrate --catalog loglytics", "up to the newest"),
      (
        "daybreak db migrate --catalog anzx --to 4 --lock-timeout 5",
        "no further, and not patiently"
      ),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let target = try arguments.integer("to", in: 1...Int(Int64.max)).map { Int64($0) }
    let database = try CatalogDatabase(arguments, storeToo: true)
    defer { database.close() }
    let catalog = database.catalog
    let applied = try database.withConnection(arguments, isWriting: true) { connection in
      let isStore = catalog.name == Catalog.storeName
      try catalog.requireOurs(
        try CatalogState(of: catalog, on: connection), absentIsFine: isStore)
      if isStore { try Store.prepareRoles(on: connection) }
      var migrator = try catalog.migrator()
      migrator.lockTimeout = try CatalogDatabase.lockTimeout(arguments)
      return try migrator.up(on: connection, to: target)
    }
    if arguments.has("json") {
      try DatabaseJSON.show(["applied": applied])
    } else if applied.isEmpty {
      print("\(catalog.name): nothing to apply")
    } else {
      let titles = try catalog.migrator().migrations
      for version in applied {
        print("applied \(version)  \(titles.first { $0.version == version }?.title ?? "")")
      }
    }
    return .done
  }
}
