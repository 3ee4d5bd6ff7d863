import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// `daybreak db partitions`.
enum PartitionsCommand: Command {
  static let syntax = CommandSyntax(
    name: "db partitions",
    summary: "Make days ahead for tables in parts, and empty their default parts.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init(
        "ahead", "DAYS", "How many days after today have to be ready (what the catalog says: 7)."),
      .init("look", nil, "Say what there is, and make nothing."), DatabaseOptions.json,
    ],
    notes: [
      """
      Days are those of UTC, whatever the session's or the server's zone. Two at once do not collide.
      Exit code 1 with --look: something is to be made. Exit code 3: something could not be made.
      """
    ],
    examples: [
      ("daybreak db partitions --catalog xray", "seven days ahead, as every night"),
      ("daybreak db partitions --catalog loglytics --look", "what there is"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let onlyLooks = arguments.has("look")
    let session = try UpkeepSession(
      database.catalog, in: onlyLooks ? database.readingTarget() : database.target,
      isReading: onlyLooks, settings: database.settings)
    let tables = try PartitionUpkeep(session).run(
      days: try arguments.integer("ahead", in: 1...90), onlyLooks: onlyLooks,
      check: { try Cancellation.check() })
    if arguments.has("json") {
      try UpkeepOutput.printJSON(["tables": tables])
    } else {
      show(tables)
    }
    guard tables.allSatisfy(\.isReady) else { return onlyLooks ? .findings : .partial }
    return .done
  }

  private static func show(_ tables: [PartitionUpkeep.Table]) {
    guard !tables.isEmpty else { return print("the catalog has no tables in parts") }
    let rows = tables.map { table in
      [
        table.table, "\(table.parts)", UpkeepOutput.size(table.bytes), day(table.first),
        day(table.last),
        table.isHypertable ? "by itself" : "\(table.daysReady) of \(table.daysWanted)",
        "\(table.made)",
        "\(table.strayRows)",
      ]
    }
    let heads = ["table", "days", "size", "from", "until", "ahead", "made", "strays"]
    print(UpkeepOutput.table([heads] + rows, numbers: [1, 2, 5, 6, 7]), terminator: "")
    for table in tables {
      if let problem = table.problem {
        print("\n\(table.table): \(problem)" + (table.remedy.map { "\n  \($0)" } ?? ""))
      } else if table.strayRows > 0 {
        print("\n\(table.table): \(table.strayRows) rows wait in the default part for their days")
      }
    }
  }

  private static func day(_ moment: String?) -> String {
    moment.map { String($0.prefix(10)) } ?? "-"
  }
}
