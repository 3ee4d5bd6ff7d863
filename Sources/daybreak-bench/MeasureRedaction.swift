import DaybreakCore
import Foundation
import SecretCorpus

/// Bytes a second of the redactor over the lines of a file, on one thread; the best of five rounds.
///
/// Seconds are the processor's, since other work of the machine is none of the redactor's.
func measureRedaction(_ call: Call) throws {
  let lines = try Data(contentsOf: URL(filePath: call.file)).split(separator: UInt8(ascii: "\n"))
    .map { String(decoding: $0, as: UTF8.self) }
  let byteCount = lines.reduce(0) { $0 + $1.utf8.count }
  var redactor = Redactor(
    RedactionOptions(hidesAddresses: try call.flag("addresses")))
  var best = Double.infinity
  var changed = 0
  for _ in 0..<5 {
    changed = 0
    let start = processorSeconds()
    for var line in lines where line.withUTF8({ redactor.redact($0) }) != nil { changed += 1 }
    best = min(best, processorSeconds() - start)
  }
  printMeasurement(
    lines: Int64(lines.count), bytes: Int64(byteCount), seconds: best,
    more: [("changed", "\(changed)")])
}

/// Writes how the redactor does on the corpus of planted secrets and look-alikes, as Markdown.
func writeRedactionTable(_ call: Call) throws {
  let corpus = SecretCorpus(seed: UInt64(try call.number("seed", default: 1)))
  let score = corpus.score(RedactionOptions())
  var text = "| kind | planted | taken out |\n|---|---:|---:|\n"
  for kind in score.kinds { text += "| \(kind.kind) | \(kind.planted) | \(kind.found) |\n" }
  let total = corpus.planted.count
  text += "| **all** | \(total) | \(total - score.missed.count) |\n"
  let recall = String(format: "%.4f", score.recall)
  let rate = String(format: "%.4f", score.falsePositiveRate)
  text += "\nRecall \(recall). Of \(score.lookAlikeCount) look-alikes \(score.wronglyTaken.count)"
  let kinds = Set(score.wronglyTaken).sorted()
  text += " were changed (\(rate))\(kinds.isEmpty ? "" : ": " + kinds.joined(separator: ", ")).\n"
  try Data(text.utf8).write(to: URL(filePath: call.file))
}
