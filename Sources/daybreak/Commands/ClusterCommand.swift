import Clustering
import DaybreakCore
import Foundation
import Inspection
import Pipeline

/// `daybreak cluster FILE…`.
enum ClusterCommand: Command {
  static let syntax = CommandSyntax(
    name: "cluster",
    summary: "Show what logs say, pattern by pattern; needs no job and no database.",
    operands: "[FILE…]", operandCount: 0...Int.max,
    options: OutputOptions.all + [
      .init(
        "diff", "OTHER", "Show what is new, gone, more and less than in OTHER; may be repeated."),
      .init("assign", "OUT", "Write for every line its number, cluster id and template to OUT."),
    ] + InputOptions.all,
    notes: [
      InputOptions.notes,
      """
      Every line counts: lines read = clustered + quarantined. A stack trace is one event of several
      lines; `count` is events, and --json gives the lines of each pattern too.

      --assign writes LINE<tab>ID<tab>TEMPLATE, a row for each line: those of a stack trace name the
      cluster of their event, lines that could not be read have the id `quarantined`, and blank lines
      that a format does not count the id `-`. Numbers count on from one file to the next, files in
      the order of their names.

      --diff clusters both sides together, so that templates agree. `more` and `less` need a share of
      events and a rate (events an hour where both sides have times, else events) that both changed at
      least twofold, and counts four standard deviations of chance apart: of as many lines, 3 and 12
      are about the same, 10 and 40 are not. `new` is whatever OTHER does not hold; `gone` is what
      should have come up seven times or more and did not.
      """,
      """
      Exit codes: 0 done, 2 wrong options, 3 something could not be read and is named in the output,
      4 nothing could be read.
      """,
    ],
    examples: [
      ("daybreak cluster /var/log/syslog", "what the log says, most frequent first"),
      ("kubectl logs deploy/api | daybreak cluster --level warn+", "warnings and worse of a pipe"),
      ("daybreak cluster today.log --diff yesterday.log", "what changed since yesterday"),
      ("daybreak cluster 'logs/*.gz' --top 20 --samples 2", "with two lines of each pattern"),
      (
        "daybreak cluster app.log --json | jq '.clusters[] | select(.count == 1)'", "what came once"
      ),
      ("daybreak cluster app.log --assign lines.tsv", "which cluster each line is in"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let surroundings = Surroundings.ofThisProcess()
    var input = try InputOptions.input(
      arguments, paths: try InputOptions.paths(arguments), surroundings: surroundings)
    let output = try OutputOptions(
      arguments, calendar: try InputOptions.calendar(arguments), surroundings: surroundings)
    let others = arguments.values("diff")
    let assignment = arguments.value("assign")
    guard !others.contains("-") || !input.paths.contains("-") else {
      throw UsageError(summary: "standard input can be one side of --diff only", remedy: nil)
    }
    guard others.isEmpty || assignment == nil else {
      throw UsageError(summary: "--assign does not go with --diff", remedy: nil)
    }
    let reader = InputReader(surroundings: surroundings)
    let spool = assignment == nil ? nil : try SpooledInput(&input) { try InputReader.check() }
    var counted = try reader.fold(input)
    guard others.isEmpty else {
      return try compare(input, counted, others, output, reader)
    }
    let refinement = refinement(of: counted.result)
    if let assignment {
      try reader.showingProgress(input, verb: "assigning") { progress in
        try AssignmentWriter.write(
          input, counted: counted, refinement: refinement,
          placeholders: output.filter.placeholders, path: assignment, progress: progress
        ) { try InputReader.check() }
      }
      // Both do not fit on standard output.
      if assignment == "-" { return output.ending([counted.coverage]) }
    }
    if let spool { counted = spool.renamed(counted) }
    try output.print(Survey(counted, refinement: refinement, filter: output.filter))
    return output.ending([counted.coverage])
  }

  private static func compare(
    _ input: LogInput, _ counted: CountedInput, _ others: [String], _ output: OutputOptions,
    _ reader: InputReader
  ) throws -> ExitStatus {
    var otherInput = input
    otherInput.paths = others
    let before = try reader.fold(otherInput)
    try output.print(
      try Comparison(counted, with: before, filter: output.filter),
      names: (name(input.paths), name(others)))
    return output.ending([counted.coverage, before.coverage])
  }

  /// What a side of a comparison is called.
  private static func name(_ paths: [String]) -> String {
    switch paths {
    case ["-"]: "standard input"
    case let paths where paths.count == 1: paths[0]
    default: "\(paths[0]) and \(paths.count - 1) more"
    }
  }
}
