import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// `daybreak db refresh`.
enum RefreshCommand: Command {
  static let syntax = CommandSyntax(
    name: "db refresh", summary: "Refresh the catalog's materialized views while readers go on.",
    operands: "[VIEW…]", operandCount: 0...100,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("lock-timeout", "SECONDS", "How long to wait for a lock (10)."), DatabaseOptions.json,
    ],
    notes: [
      """
      Views that others read come first. When each was refreshed is written down in the schema
      daybreak_upkeep; `db health` tells of those that are old. Exit code 3: some view was not refreshed.
      """
    ],
    examples: [
      ("daybreak db refresh --catalog netra", "all of them"),
      ("daybreak db refresh --catalog xray user_daily", "one of them"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let session = try UpkeepSession(
      database.catalog, in: database.target,
      lockTimeout: .seconds(try arguments.integer("lock-timeout", in: 1...3600) ?? 10),
      settings: database.settings)
    let surroundings = database.surroundings
    defer { UpkeepOutput.endProgress(surroundings) }
    let views = try ViewRefresh(session).run(
      only: arguments.operands, check: { try Cancellation.check() },
      progress: { UpkeepOutput.progress("refreshing \($0)", surroundings) })
    UpkeepOutput.endProgress(surroundings)
    if arguments.has("json") { try UpkeepOutput.printJSON(["views": views]) } else { show(views) }
    return views.allSatisfy { $0.problem == nil } ? .done : .partial
  }

  private static func show(_ views: [ViewRefresh.View]) {
    guard !views.isEmpty else { return print("the catalog has no materialized views") }
    let rows = views.map { view in
      [view.view, view.seconds.map { String(format: "%.3f s", $0) } ?? "not refreshed"]
    }
    print(UpkeepOutput.table([["view", "took"]] + rows, numbers: [1]), terminator: "")
    for view in views {
      guard let problem = view.problem else { continue }
      print("\n\(view.view): \(problem)" + (view.remedy.map { "\n  \($0)" } ?? ""))
    }
  }
}
