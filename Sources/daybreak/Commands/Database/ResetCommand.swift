import Catalogs
import DaybreakCore
import Foundation
import Postgres

/// `daybreak db reset`.
enum ResetCommand: Command {
  static let syntax = CommandSyntax(
    name: "db reset", summary: "Drop what Daybreak made of a catalog, and nothing else.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("force", nil, "Go ahead although rows are lost."), DatabaseOptions.yes,
      DatabaseOptions.lockTimeout, DatabaseOptions.json,
    ],
    notes: [
      """
      Takes every migration back in one transaction: all or nothing. Tables that others put into the
      schema stop it; roles and extensions stay, since other databases may use them.
      """
    ],
    examples: [
      ("daybreak db reset --catalog xray", "of an empty catalog; asks first"),
      ("daybreak db reset --catalog xray --force --yes", "with its rows, in a script"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let catalog = database.catalog
    return try database.withConnection(arguments, isWriting: true) { connection in
      try catalog.requireOurs(try CatalogState(of: catalog, on: connection))
      let strangers = try catalog.strangers(on: connection)
      guard strangers.isEmpty else {
        throw CatalogError.strangers(catalog: catalog.name, objects: strangers)
      }
      let losses = try catalog.rows(on: connection)
      if !losses.tables.isEmpty, !arguments.has("force") {
        throw CatalogError.holdsRows(
          catalog: catalog.name, rows: losses.total,
          remedy: "take a backup, then give --force to lose them")
      }
      if !arguments.has("json") { print(lossText(losses)) }
      guard try Question.agreed("Drop everything of \(catalog.name)?", arguments) else {
        print("nothing was changed")
        return .done
      }
      let versions = try catalog.remove(on: connection)
      if arguments.has("json") {
        try DatabaseJSON.show(
          Record(takenBack: versions, lost: losses.tables.map(LostRows.init)))
      } else {
        print("\(catalog.name) is gone from \(database.target.description)")
      }
      return .done
    }
  }

  private struct Record: Encodable {
    let takenBack: [Int64]
    let lost: [LostRows]
  }
}
