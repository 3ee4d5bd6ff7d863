import Clustering
import DaybreakCore
import Foundation
import Inspection
import Pipeline

/// `daybreak merge PART…`.
enum MergeCommand: Command {
  static let syntax = CommandSyntax(
    name: "merge", summary: "Add up part files of fold, and show what they say.",
    operands: "PART…", operandCount: 1...Int.max,
    options: OutputOptions.all + [
      .init("diff", "PART", "Show what changed since these parts; may be repeated."),
      .init("out", "PART", "Write the sum as a part file and show nothing.", letter: "o"),
      .init("zone", "ZONE", "Zone of the times shown: an IANA name (UTC)."),
    ],
    notes: [
      """
      The output is that of `daybreak cluster` on all files that the parts were made of, byte for byte.
      Damaged parts and those of another version are refused, and nothing is shown.
      """
    ],
    examples: [
      ("daybreak merge part*.fold --top 20", "the twenty most frequent patterns of all parts"),
      ("daybreak merge mon*.fold --diff sun*.fold", "what is new since Sunday"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let surroundings = Surroundings.ofThisProcess()
    let output = try OutputOptions(
      arguments, calendar: try InputOptions.calendar(arguments), surroundings: surroundings)
    let merged = try sum(arguments.operands)
    if let path = arguments.value("out") {
      let file = try OutputFile(path: path)
      try file.write(try merged.encoded())
      try file.close()
      return output.ending([merged.coverage])
    }
    let others = arguments.values("diff")
    guard others.isEmpty else {
      let before = try sum(others)
      try output.print(
        try Comparison(merged, with: before, filter: output.filter),
        names: (name(arguments.operands), name(others)))
      return output.ending([merged.coverage, before.coverage])
    }
    try output.print(
      Survey(merged, refinement: refinement(of: merged.result), filter: output.filter))
    return output.ending([merged.coverage])
  }

  /// Reads parts and adds them up.
  private static func sum(_ paths: [String]) throws -> CountedInput {
    var sum: CountedInput?
    for path in try InspectedPaths.expanded(paths) {
      try InputReader.check()
      do {
        let part = try CountedInput(decoding: try InspectedPaths.bytes(of: path))
        sum = try sum.map { try $0.merged(with: part) } ?? part
      } catch let error as ClusteringError {
        throw InspectionError.badPart(path: path, reason: error.summary, remedy: error.remedy)
      }
    }
    guard let sum else { throw InspectionError.unreadable(reason: "no part is named") }
    return sum
  }

  private static func name(_ paths: [String]) -> String {
    paths.count == 1 ? paths[0] : "\(paths[0]) and \(paths.count - 1) more"
  }
}
