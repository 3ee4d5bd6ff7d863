import Catalogs
import DaybreakCore
import Foundation
import Postgres

/// `daybreak db status`.
enum DatabaseStatusCommand: Command {
  static let syntax = CommandSyntax(
    name: "db status", summary: "Say which migrations are applied, and which are to come.",
    operands: "", operandCount: 0...0,
    options: [DatabaseOptions.catalog, DatabaseOptions.database, DatabaseOptions.json],
    examples: [
      (
        "daybreak db status --catalog netra",
        "what the database that NETRA_DATABASE_URL names is at"
      )
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let status = try database.catalog.migrator().status(on: try database.connect())
    for entry in status.entries {
      print("\(entry.version)  \(entry.title)  \(entry.state)")
    }
    return .done
  }
}
