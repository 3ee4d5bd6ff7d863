import DaybreakCore
import Extraction
import Foundation
import Inspection
import Pipeline

/// What `cluster` and `fold` take to say how files are read.
enum InputOptions {
  static let all: [CommandSyntax.Option] = [
    .init(
      "format", "NAME",
      "How to read: auto (default), plain, raw, jsonl, default, query_range. See below."),
    .init("no-headers", nil, "Lines are messages only: no time, level or program in front."),
    .init("content-from-csv", nil, "Files are CSV; the messages are the column named Content."),
    .init("zone", "ZONE", "Zone of times that name none, and of those shown: an IANA name (UTC)."),
    .init("as-of", "DATE", "Times without a year are the latest up to this day (today)."),
    .init("threads", "N", "How many threads read (all cores); the output is the same."),
  ]

  static let notes = """
    FILE is a log file, a folder (everything below it), a pattern such as 'logs/**/*.log', or - for
    standard input, which is also read when no FILE is named. Gzip and Zstandard are unpacked.
    Formats: `auto` looks at each file. `plain` is text with whatever header each line has; `jsonl`,
    `raw` and `default` are what `logcli -o` writes, `query_range` is what Loki's API answers.
    """

  /// Reads the options.
  static func input(
    _ arguments: ParsedArguments, paths: [String], surroundings: Surroundings
  ) throws(UsageError) -> LogInput {
    var input = LogInput(paths: paths)
    let formats = FileFormat.allCases.map(\.rawValue)
    if let name = try arguments.choice("format", of: formats) {
      input.format = FileFormat(rawValue: name) ?? .automatic
    }
    input.readsHeaders = !arguments.has("no-headers")
    input.contentColumn = arguments.has("content-from-csv") ? "Content" : nil
    input.threads =
      try arguments.integer("threads", in: 1...256)
      ?? min(256, ProcessInfo.processInfo.activeProcessorCount)
    let calendar = try calendar(arguments)
    input.zoneName = calendar.zoneName
    input.lastDay = try arguments.date("as-of") ?? calendar.date(of: surroundings.now())
    return input
  }

  /// The zone that times are read and shown in.
  static func calendar(_ arguments: ParsedArguments) throws(UsageError) -> NightCalendar {
    let name = arguments.value("zone") ?? "UTC"
    if let calendar = NightCalendar(zoneName: name) { return calendar }
    throw UsageError(
      summary: "--zone must be an IANA name such as Europe/Berlin, found `\(displayText(name))`",
      remedy: "see the names below /usr/share/zoneinfo")
  }

  /// The operands, or standard input where there are none and a pipe or a file stands there.
  static func paths(_ arguments: ParsedArguments) throws(UsageError) -> [String] {
    guard arguments.operands.isEmpty else { return arguments.operands }
    guard isatty(STDIN_FILENO) == 0 else {
      throw UsageError(
        summary: "no FILE is named and nothing is piped in",
        remedy: "name a file, or - to type lines")
    }
    return ["-"]
  }
}

/// Reads log files for a command: progress on a terminal, trouble on standard error.
struct InputReader {
  let surroundings: Surroundings

  /// Throws when somebody asked to stop.
  ///
  /// - Throws: `InspectionError.stopped`.
  static func check() throws(InspectionError) {
    if Cancellation.isRequested { throw .stopped }
  }

  /// Reads and folds.
  ///
  /// - Parameters:
  ///   - input: the files.
  ///   - verb: what is done, for the progress line.
  /// - Returns: what was counted, and what became of the lines.
  /// - Throws: `InspectionError` when nothing at all could be read, or somebody asked to stop.
  func fold(_ input: LogInput, verb: String = "reading") throws -> CountedInput {
    try showingProgress(input, verb: verb) { progress in
      let counted = try input.fold(progress: progress) { try InputReader.check() }
      if let failure = counted.coverage.failure, counted.coverage.linesFound == 0 {
        throw InspectionError.unreadable(reason: failure)
      }
      return counted
    }
  }

  /// Runs `body` with a progress line on the terminal.
  func showingProgress<Result>(
    _ input: LogInput, verb: String, _ body: (ReadProgress) throws -> Result
  ) rethrows -> Result {
    let progress = ReadProgress()
    let subject =
      input.paths.count == 1 ? displayText(input.paths[0]) : "\(input.paths.count) files"
    let display = ProgressDisplay(
      stage: verb, subject: subject, progress: progress, surroundings: surroundings)
    display.start()
    defer { display.stop() }
    return try body(progress)
  }
}
