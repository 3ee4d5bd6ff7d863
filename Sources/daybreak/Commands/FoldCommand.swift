import DaybreakCore
import Foundation
import Inspection
import Pipeline

/// `daybreak fold FILE… -o PART`.
enum FoldCommand: Command {
  static let syntax = CommandSyntax(
    name: "fold", summary: "Count log files into a small part file that merge adds up.",
    operands: "[FILE…]", operandCount: 0...Int.max,
    options: [.init("out", "PART", "The part file to write; - for standard output.", letter: "o")]
      + InputOptions.all,
    notes: [
      InputOptions.notes,
      """
      A part holds patterns, counts over time and a few lines of each pattern: about a megabyte for a
      gigabyte of logs. Parts may be written on many machines and merged in any order and grouping;
      the bytes of the result are the same.
      """,
    ],
    examples: [
      ("daybreak fold /var/log/app.log -o $(hostname).fold", "count where the log is"),
      ("daybreak merge *.fold", "look at all of them"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    guard let path = arguments.value("out") else {
      throw UsageError(
        summary: "fold needs the name of the part to write",
        remedy: "add -o PART, such as -o part.fold")
    }
    let surroundings = Surroundings.ofThisProcess()
    let input = try InputOptions.input(
      arguments, paths: try InputOptions.paths(arguments), surroundings: surroundings)
    let counted = try InputReader(surroundings: surroundings).fold(input, verb: "folding")
    let output = try OutputFile(path: path)
    try output.write(try counted.encoded())
    try output.close()
    for line in troubleText(counted.coverage) {
      FileHandle.standardError.write(Data("daybreak: \(line)\n".utf8))
    }
    let coverage = counted.coverage
    return coverage.failure != nil || coverage.linesQuarantined > 0 ? .partial : .done
  }
}
