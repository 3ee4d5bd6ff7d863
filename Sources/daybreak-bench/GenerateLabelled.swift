import Foundation
import LogCorpus

extension Bench {
  /// Writes `FOLDER/<name>/<name>_2k.log` and its labels beside it, as Loghub lays them out, for every
  /// file of statements.
  static func generateLabelled(_ call: Call) throws {
    let from = URL(filePath: try call.text("from"))
    let part = try call.text("part", default: "both")
    let count = try call.number("lines", default: 2000)
    let seed = UInt64(try call.number("seed", default: 1))
    guard ["both", "development", "judgement"].contains(part) else {
      throw UsageError(reason: "--part is both, development or judgement")
    }
    var names: [String] = []
    for set in try StatementSet.all(in: from) {
      guard part == "both" || set.isForDevelopment == (part == "development") else { continue }
      let folder = URL(filePath: call.file).appending(path: set.name)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let lines = set.lines(count, seed: seed)
      let log = lines.map { $0.header + $0.message + "\n" }.joined()
      let rows = lines.enumerated().map { index, line in
        "\(index + 1),\(quoted(line.message)),\(quoted(line.label))\n"
      }
      let base = "\(set.name)_2k.log"
      try Data(log.utf8).write(to: folder.appending(path: base))
      try Data(("LineId,Content,EventTemplate\n" + rows.joined()).utf8)
        .write(to: folder.appending(path: base + "_structured_corrected.csv"))
      names.append(set.name)
    }
    print("{\"systems\": \(names.count), \"lines\": \(count)}")
  }

  /// A field of a CSV file (RFC 4180).
  private static func quoted(_ field: String) -> String {
    "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
