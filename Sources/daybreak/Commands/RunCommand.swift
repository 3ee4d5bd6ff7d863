import DaybreakCore
import Foundation
import Pipeline

/// `daybreak run JOB`.
enum RunCommand: Command {
  static let syntax = CommandSyntax(
    name: "run", summary: "Run a job: read a night's logs and write its report.",
    operands: "JOB", operandCount: 1...1,
    options: [
      .init("date", "DATE", "The night to report on; by default the last full one."),
      .init("from", "DATE", "The first of several nights."),
      .init("to", "DATE", "The last of several nights."),
      .init(
        "only", "STAGE",
        "Do again one stage of a finished night: \(Stage.names.joined(separator: ", "))."),
      .init("force", nil, "Do finished nights again from the start."),
      .init(
        "dry-run", nil,
        "Print what the model would be sent, and what it would cost; do nothing else."),
      .init("fail-on", "WHAT", "Exit with 1 when a night has `incidents` or `new` error patterns."),
      .init("json", nil, "Print what was done as JSON."),
    ],
    examples: [
      ("daybreak run jobs/nightly.yaml", "last night, as a scheduler starts it"),
      ("daybreak run jobs/nightly.yaml --date 2026-03-12", "one night"),
      ("daybreak run jobs/nightly.yaml --from 2026-03-01 --to 2026-03-12", "a backlog"),
      ("daybreak run jobs/nightly.yaml --only render", "after a change of templates"),
      ("daybreak run jobs/nightly.yaml --dry-run", "every prompt of last night, unsent"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let surroundings = Surroundings.ofThisProcess()
    let file = arguments.operands[0]
    let job = try JobReader.read(
      try JobFile.bytes(of: file), file: file, variables: surroundings.variables)
    let failOn = try FailOn(arguments.value("fail-on"))
    let nights = try nights(arguments, job: job, now: surroundings.now())
    if arguments.has("dry-run") {
      let dryRun = DryRun(job: job, surroundings: surroundings)
      print(try dryRun.text(nights, asJSON: arguments.has("json")), terminator: "")
      return .done
    }
    let request = RunRequest(
      nights: nights,
      only: try stage(arguments.value("only")), isForced: arguments.has("force"))
    let results = try await NightlyRun(job: job, surroundings: surroundings).run(request)
    if arguments.has("json") {
      print(RunSummary.json(results))
    } else {
      print(RunSummary.text(results), terminator: "")
    }
    return failOn.status(of: results)
  }

  /// The nights that the command line names, else the job's, else the last full one.
  private static func nights(
    _ arguments: ParsedArguments, job: Job, now: Timestamp
  ) throws(UsageError) -> ClosedRange<CivilDate> {
    let date = try arguments.date("date")
    let from = try arguments.date("from")
    let to = try arguments.date("to")
    guard date == nil || (from == nil && to == nil) else {
      throw UsageError(summary: "--date does not go with --from and --to", remedy: nil)
    }
    if let date { return date...date }
    guard from != nil || to != nil else {
      let lastFull = job.calendar.date(of: now).advanced(byDays: -1)
      return job.nights ?? lastFull...lastFull
    }
    guard let from, let to, from <= to else {
      throw UsageError(
        summary: "--from and --to go together, the earlier night first", remedy: nil)
    }
    return from...to
  }

  private static func stage(_ name: String?) throws(UsageError) -> Stage? {
    guard let name else { return nil }
    if let stage = Stage(rawValue: name) { return stage }
    throw UsageError(
      summary: "there is no stage `\(displayText(name))`",
      remedy: nearestSpelling(of: name, among: Stage.names).map { "did you mean `\($0)`?" }
        ?? "stages: \(Stage.names.joined(separator: ", "))")
  }
}

/// What `--fail-on` asks for.
private enum FailOn {
  case nothing, incidents, new

  init(_ word: String?) throws(UsageError) {
    switch word {
    case nil: self = .nothing
    case "incidents": self = .incidents
    case "new": self = .new
    default:
      throw UsageError(summary: "--fail-on takes `incidents` or `new`", remedy: nil)
    }
  }

  /// 4 when a night failed, else 1 for findings, else 3 for gaps, else 0.
  func status(of results: [NightResult]) -> ExitStatus {
    if results.contains(where: { $0.status == .failed }) { return .failed }
    let hasFindings = results.contains { result in
      switch self {
      case .nothing: false
      case .incidents: result.incidentCount > 0
      case .new: result.incidentCount > 0 || result.newErrorCount > 0
      }
    }
    if hasFindings { return .findings }
    return results.contains { $0.status == .partial } ? .partial : .done
  }
}
