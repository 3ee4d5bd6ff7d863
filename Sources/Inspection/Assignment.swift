package import Clustering
package import DaybreakCore
package import Extraction

/// Writes which cluster each line of the input was counted in: a second pass over the same input.
///
/// A row is the line's number, a tab, the cluster's id, a tab and its template. Numbers start at 1 and
/// count on from one file to the next, files in the order of their names. Every line has a row: those
/// of a stack trace that of their event, and lines that could not be read the id `quarantined`. Where
/// the format has entries and not lines (`query_range`, CSV records), an entry counts as a line.
package final class AssignmentWriter: LineAccountingSink {
  private let output: OutputFile
  private let assigner: ClusterAssigner
  /// What stands behind the line's number, by cluster.
  private let tails: [[UInt8]]
  private let check: () throws -> Void
  private var lineNumber: Int64 = 0

  private init(
    output: OutputFile, assigner: ClusterAssigner, tails: [[UInt8]],
    check: @escaping () throws -> Void
  ) {
    self.output = output
    self.assigner = assigner
    self.tails = tails
    self.check = check
  }

  /// Reads the input again and writes a row a line.
  ///
  /// - Parameters:
  ///   - input: what was folded.
  ///   - counted: what its first reading gave.
  ///   - refinement: the clusters of it.
  ///   - placeholders: how templates are spelled.
  ///   - path: where to write; `-` for standard output.
  ///   - progress: counted up while reading.
  ///   - check: called between batches; throws to stop.
  /// - Throws: `InspectionError`, or what `check` throws.
  package static func write(
    _ input: LogInput, counted: CountedInput, refinement: Refinement,
    placeholders: PlaceholderStyle, path: String, progress: ReadProgress = ReadProgress(),
    check: @escaping () throws -> Void
  ) throws {
    let output = try OutputFile(path: path)
    let writer = AssignmentWriter(
      output: output, assigner: ClusterAssigner(result: counted.result, refinement: refinement),
      tails: refinement.clusters.map {
        Array(
          "\t\(clusterID($0.fingerprint))\t\(oneLine(placeholders.spelled($0.template)))\n".utf8)
      }, check: check)
    let again = try input.source().read(
      window: input.clockWindow, into: writer, progress: progress)
    guard again.inputs == counted.coverage.inputs else { throw InspectionError.changedWhileRead }
    try output.close()
  }

  package func consume(_ batch: LineBatch, services: ServiceTable) throws {
    try check()
    for record in batch.records {
      guard let cluster = assigner.cluster(of: record, in: batch, services: services) else {
        throw InspectionError.changedWhileRead
      }
      for _ in 0..<record.lineCount { try writeRow(tails[cluster]) }
    }
  }

  package func pass(lines: Int64, fate: LineFate) throws {
    let tail = Array(fate == .quarantined ? "\tquarantined\t(quarantined)\n".utf8 : "\t-\t\n".utf8)
    for _ in 0..<lines { try writeRow(tail) }
  }

  private func writeRow(_ tail: [UInt8]) throws(InspectionError) {
    lineNumber += 1
    try output.write(String(lineNumber).utf8)
    try output.write(tail)
  }
}

/// How placeholders are spelled.
package enum PlaceholderStyle: String, Sendable, CaseIterable {
  /// By kind: `<num>`, `<ip>`.
  case typed
  /// All alike: `<*>`.
  case plain

  /// The template in this spelling.
  package func spelled(_ template: String) -> String {
    self == .typed ? template : plainTemplate(template)
  }
}

/// The short id of a cluster: the first twelve hex digits of its fingerprint.
package func clusterID(_ fingerprint: Fingerprint) -> String {
  String(fingerprint.description.prefix(12))
}

/// Text on one line: newlines are spelled as `displayText` spells other controls.
func oneLine(_ text: String) -> String {
  text.contains("\n") ? text.replacing("\n", with: "\\u{a}") : text
}
