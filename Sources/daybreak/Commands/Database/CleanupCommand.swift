import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// `daybreak db cleanup`.
enum CleanupCommand: Command {
  static let syntax = CommandSyntax(
    name: "db cleanup", summary: "Delete what the catalog's rules of retention say is due.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database, DatabaseOptions.clickHouse,
      .init("dry-run", nil, "Count, and delete nothing."),
      .init(
        "keep", "NAME=AGE", "Another age for a rule, or for the days of a table: 'audit=3 years'."),
      .init("batch", "N", "How many rows go in one transaction (5000)."),
      .init("lock-timeout", "SECONDS", "How long to wait for a lock (10)."),
      DatabaseOptions.json,
    ],
    notes: [
      """
      Days of a table in parts are dropped whole, rows go in transactions of bounded size, children
      before their parents. What went is written down in the same transaction, in the schema
      daybreak_upkeep. Stopped or killed, the same command goes on from there.
      The role that connects has to be a member of daybreak_owner. Exit code 3: some rule was not done.
      """
    ],
    examples: [
      ("daybreak db cleanup --catalog netra --dry-run", "what would go"),
      (
        "daybreak db cleanup --catalog xray --keep 'logs=180 days'",
        "records of half a year stay, older days are dropped"
      ),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let options = try options(arguments)
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let clickHouse = try database.clickHouse(arguments)
    let session = try UpkeepSession(
      database.catalog, in: options.isDryRun ? database.readingTarget() : database.target,
      lockTimeout: .seconds(try arguments.integer("lock-timeout", in: 1...3600) ?? 10),
      isReading: options.isDryRun, settings: database.settings)
    let surroundings = database.surroundings
    var total = 0
    let retention = Retention(
      session, options: options, check: { try Cancellation.check() },
      progress: { count in
        total += count.count
        UpkeepOutput.progress("\(count.table): \(total) so far", surroundings)
      })
    defer { UpkeepOutput.endProgress(surroundings) }
    var report = try retention.run()
    if let clickHouse, let part = database.catalog.definition.clickHouse {
      report.rules += try ClickHouseRetention(
        clickHouse, part, options: options, check: { try Cancellation.check() }
      ).run(ledger: options.isDryRun ? nil : session)
    }
    UpkeepOutput.endProgress(surroundings)
    if arguments.has("json") { try UpkeepOutput.printJSON(report) } else { show(report) }
    return report.isComplete ? .done : .partial
  }

  private static func options(_ arguments: ParsedArguments) throws -> RetentionOptions {
    var options = RetentionOptions()
    options.isDryRun = arguments.has("dry-run")
    options.batchSize = try arguments.integer("batch", in: 1...1_000_000) ?? options.batchSize
    for text in arguments.values("keep") {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let age = Age(String(parts[1])) else {
        throw UsageError(
          summary: "--keep must be such as 'audit=2 years', found `\(displayText(text))`",
          remedy: "ages count hours, days, months or years")
      }
      options.ages[String(parts[0])] = age
    }
    return options
  }

  private static func show(_ report: RetentionReport) {
    var rows = [["rule", "age", "table", report.isDryRun ? "due" : "deleted"]]
    for rule in report.rules {
      let age = rule.age ?? "for good"
      if rule.tables.isEmpty {
        let note =
          rule.problem != nil ? "not done" : rule.cutoff == nil && rule.age != nil ? "by TTL" : "-"
        rows.append([rule.rule, age, rule.table, note])
      }
      for (index, table) in rule.tables.enumerated() {
        let unit = table.means == "rows" ? "rows" : table.means == "parts" ? "days" : "months"
        rows.append([
          index == 0 ? rule.rule : "", index == 0 ? age : "", table.table, "\(table.count) \(unit)",
        ])
      }
    }
    print(UpkeepOutput.table(rows, numbers: [3]), terminator: "")
    for rule in report.rules {
      guard let problem = rule.problem else { continue }
      print("\n\(rule.rule): \(problem)" + (rule.remedy.map { "\n  \($0)" } ?? ""))
    }
  }
}
