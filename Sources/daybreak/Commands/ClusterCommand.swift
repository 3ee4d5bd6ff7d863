import Clustering
import DaybreakCore
import Extraction
import Foundation
import Inspection
import Pipeline

/// `daybreak cluster FILE…`.
enum ClusterCommand: Command {
  static let syntax = CommandSyntax(
    name: "cluster", summary: "Show what a log says, pattern by pattern; needs no database.",
    operands: "[FILE…]", operandCount: 0...Int.max,
    options: [
      .init(
        "format", "NAME",
        "How to read: \(FileFormat.allCases.map(\.rawValue).joined(separator: ", "))."),
      .init("no-headers", nil, "Lines are messages: no time, level or program in front."),
      .init("content-from-csv", nil, "Files are CSV; the messages are in the column `Content`."),
      .init("assign", "OUT", "Write for each line its number, cluster and template to OUT."),
      .init("placeholders", "STYLE", "`typed` (<num>, <ip>; the default) or `plain` (<*>)."),
    ],
    examples: [
      ("daybreak cluster /var/log/syslog", "what the log says, most frequent first")
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    var input = LogInput(paths: arguments.operands.isEmpty ? ["-"] : arguments.operands)
    input.format = try format(arguments.value("format"))
    input.readsHeaders = !arguments.has("no-headers")
    input.contentColumn = arguments.has("content-from-csv") ? "Content" : nil
    input.reference = Surroundings.ofThisProcess().now()
    let style = try placeholders(arguments.value("placeholders"))
    let (result, coverage) = try input.fold(check: { try Cancellation.check() })
    if let failure = coverage.failure { throw InspectionError.unreadable(reason: failure) }
    let refinement = refinement(of: result)
    if let path = arguments.value("assign") {
      try AssignmentWriter.write(
        input, coverage: coverage, result: result, refinement: refinement, placeholders: style,
        path: path, check: { try Cancellation.check() })
    }
    let output = try OutputFile(path: "-")
    for cluster in refinement.clusters.sorted(by: { $0.count > $1.count }) {
      try output.write("\(cluster.count)\t\(style.spelled(cluster.template))\n")
    }
    try output.close()
    return coverage.linesQuarantined > 0 ? .partial : .done
  }

  private static func format(_ name: String?) throws(UsageError) -> FileFormat {
    guard let name else { return .automatic }
    if let format = FileFormat(rawValue: name) { return format }
    let names = FileFormat.allCases.map(\.rawValue)
    throw UsageError(
      summary: "there is no format `\(displayText(name))`",
      remedy: nearestSpelling(of: name, among: names).map { "did you mean `\($0)`?" }
        ?? "formats: \(names.joined(separator: ", "))")
  }

  private static func placeholders(_ name: String?) throws(UsageError) -> PlaceholderStyle {
    guard let name else { return .typed }
    if let style = PlaceholderStyle(rawValue: name) { return style }
    throw UsageError(summary: "--placeholders takes `typed` or `plain`", remedy: nil)
  }
}
