import Catalogs
import DaybreakCore
import Foundation
import Postgres

/// `daybreak db rollback`.
enum RollbackCommand: Command {
  static let syntax = CommandSyntax(
    name: "db rollback", summary: "Take migrations back, after saying what is lost.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("steps", "N", "How many to take back."),
      .init("to", "VERSION", "The version to go back to; 0 takes back all."),
      DatabaseOptions.yes, DatabaseOptions.migrations, DatabaseOptions.lockTimeout,
      DatabaseOptions.json,
    ],
    examples: [
      ("daybreak db rollback --catalog netra --steps 1", "the newest; asks first"),
      ("daybreak db rollback --catalog netra --to 5 --yes", "in a script"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let steps = try arguments.integer("steps", in: 1...1_000_000)
    let version = try arguments.integer("to", in: 0...Int(Int64.max)).map { Int64($0) }
    guard (steps == nil) != (version == nil) else {
      throw UsageError(
        summary: "how far to go back? one of --steps and --to",
        remedy: "see `daybreak db rollback --help`")
    }
    let database = try CatalogDatabase(arguments, storeToo: true)
    defer { database.close() }
    let catalog = database.catalog
    return try database.withConnection(arguments, isWriting: true) { connection in
      try catalog.requireOurs(try CatalogState(of: catalog, on: connection))
      var migrator = try catalog.migrator()
      migrator.lockTimeout = try CatalogDatabase.lockTimeout(arguments)
      let status = try migrator.status(on: connection)
      let applied = migrator.migrations.map(\.version).filter { $0 <= status.currentVersion }
      let end = version ?? applied.dropLast(steps ?? 0).last ?? 0
      guard end < status.currentVersion else {
        if arguments.has("json") {
          try DatabaseJSON.show(Record(takenBack: [], lost: []))
        } else {
          print("\(catalog.name) is at version \(status.currentVersion): nothing to take back")
        }
        return .done
      }
      let plan = try migrator.plan(on: connection, to: end)
      let losses = try RowCounts(
        of: try Catalog.tablesDropped(by: plan, schema: catalog.schema),
        owner: catalog.definition.roles.owner, on: connection)
      if !arguments.has("json") {
        for step in plan.steps { print("takes back \(step.version)  \(step.title)") }
        print(lossText(losses))
      }
      guard try Question.agreed("Take \(counted(plan.steps.count, "migration")) back?", arguments)
      else {
        print("nothing was changed")
        return .done
      }
      let versions = try migrator.down(on: connection, to: end)
      if arguments.has("json") {
        try DatabaseJSON.show(
          Record(takenBack: versions, lost: losses.tables.map(LostRows.init)))
      } else {
        print("\(catalog.name) is at version \(end)")
      }
      return .done
    }
  }

  private struct Record: Encodable {
    let takenBack: [Int64]
    let lost: [LostRows]
  }
}

/// Rows of one table, for programs.
struct LostRows: Encodable {
  let table: String
  let rows: Int64
  let isExact: Bool

  init(_ table: RowCounts.Table) {
    self.table = table.name
    rows = table.rows
    isExact = table.isExact
  }
}

/// Which rows go, in words.
func lossText(_ losses: RowCounts) -> String {
  guard !losses.tables.isEmpty else { return "no rows are lost" }
  let width = losses.tables.map(\.name.count).max() ?? 0
  let lines = losses.tables.map { table in
    "  \(table.name)\(String(repeating: " ", count: width - table.name.count))  "
      + "\(table.isExact ? "" : "about ")\(table.rows)"
  }
  return "lost for good, in rows:\n" + lines.joined(separator: "\n")
}
