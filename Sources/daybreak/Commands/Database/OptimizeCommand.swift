import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// `daybreak db optimize`.
enum OptimizeCommand: Command {
  static let syntax = CommandSyntax(
    name: "db optimize",
    summary: "Renew statistics, remove dead rows, and rebuild bloated indexes.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init(
        "vectors", nil, "Also rebuild indexes of vectors that are sound, as after a large load."),
      DatabaseOptions.json,
    ],
    notes: [
      """
      Readers and writers go on: VACUUM and REINDEX … CONCURRENTLY. An index of vectors that is missing
      is built; what a stopped rebuild left is dropped. Exit code 3: something was not done.
      """
    ],
    examples: [
      ("daybreak db optimize --catalog anzx", "every week"),
      ("daybreak db optimize --catalog anzx --vectors", "after many documents have come or gone"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let surroundings = database.surroundings
    // A rebuild takes as long as it takes.
    var settings = database.settings
    settings.statementTimeout = nil
    let session = try UpkeepSession(database.catalog, in: database.target, settings: settings)
    defer { UpkeepOutput.endProgress(surroundings) }
    let steps = try Optimization(
      session, check: { try Cancellation.check() },
      progress: { UpkeepOutput.progress($0, surroundings) }
    ).run(rebuildsVectors: arguments.has("vectors"))
    UpkeepOutput.endProgress(surroundings)
    if arguments.has("json") { try UpkeepOutput.printJSON(["steps": steps]) } else { show(steps) }
    return steps.allSatisfy { $0.problem == nil } ? .done : .partial
  }

  private static func show(_ steps: [Optimization.Step]) {
    let rows = steps.map { step in
      let sizes =
        step.bytesBefore.map {
          UpkeepOutput.size($0) + " → " + (step.bytesAfter.map(UpkeepOutput.size) ?? "gone")
        }
        ?? ""
      return [
        step.work, step.subject, step.seconds.map { String(format: "%.2f s", $0) } ?? "not done",
        sizes,
      ]
    }
    print(
      UpkeepOutput.table([["work", "on", "took", "size"]] + rows, numbers: [2]), terminator: "")
    for step in steps {
      guard let problem = step.problem else { continue }
      print("\n\(step.subject): \(problem)" + (step.remedy.map { "\n  \($0)" } ?? ""))
    }
  }
}
