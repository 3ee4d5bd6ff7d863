import Catalogs
import DaybreakCore
import Foundation
import Postgres

/// `daybreak db seed`.
enum SeedCommand: Command {
  static let syntax = CommandSyntax(
    name: "db seed", summary: "Fill an empty catalog with example data, the same every time.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("scale", "N", "How much, from 1 to 1000: 1 is a few weeks of a small system (1)."),
      .init("end", "DATE", "The day after the last one, in UTC (2026-03-13)."),
      DatabaseOptions.clickHouse, DatabaseOptions.lockTimeout, DatabaseOptions.json,
    ],
    notes: [
      """
      One transaction, as daybreak_service, whom row-level security binds: what the application could not
      write, the example data does not hold. The last night has something to report on. A catalog that
      holds rows is left alone. With ClickHouse, where rows expire, the last day is yesterday unless --end
      says otherwise.
      """
    ],
    examples: [
      ("daybreak db seed --catalog xray", "a month of a small proxy"),
      ("daybreak db seed --catalog loghunter --scale 20 --end 2026-06-01", "twenty times as much"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let scale = try arguments.integer("scale", in: 1...1000) ?? 1
    let wanted = try arguments.date("end")
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let catalog = database.catalog
    let clickHouse = try database.clickHouse(arguments)
    let today = database.surroundings.now().nanoseconds / 86_400_000_000_000
    let usual =
      clickHouse == nil
      ? CivilDate(year: 2026, month: 3, day: 13) : CivilDate(dayNumber: Int(today))
    guard let end = wanted ?? usual else {
      throw UsageError(summary: "there is no such day", remedy: nil)
    }
    if let clickHouse { try catalog.requireEmpty(clickHouse) }
    let counts = try database.withConnection(arguments, isWriting: true) {
      try catalog.seed(scale: Double(scale), end: end, on: $0)
    }
    if let clickHouse {
      try catalog.seedClickHouse(clickHouse, scale: Double(scale), end: end.description)
    }
    if arguments.has("json") {
      try DatabaseJSON.show(
        Dictionary(uniqueKeysWithValues: counts.tables.map { ($0.name, $0.rows) }))
      return .done
    }
    let width = counts.tables.map(\.name.count).max() ?? 0
    for table in counts.tables {
      print(
        "\(table.name)\(String(repeating: " ", count: width - table.name.count))  \(table.rows)")
    }
    print("\(counted(counts.total, "row")), ending before \(end)")
    return .done
  }
}
