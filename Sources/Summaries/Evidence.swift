package import DaybreakCore

/// Keeps the evidence that holds: quotes that occur, byte for byte, in the sample they cite.
///
/// - Parameters:
///   - evidence: what a provider claims.
///   - samples: what the provider was given.
/// - Returns: the items that hold, each once, in their order.
package func checkedEvidence(_ evidence: [Evidence], samples: [LineSample]) -> [Evidence] {
  var seen: Set<Evidence> = []
  return evidence.filter { item in
    samples.indices.contains(item.sampleIndex) && !item.quote.isEmpty
      && contains(Array(samples[item.sampleIndex].text.utf8), Array(item.quote.utf8))
      && seen.insert(item).inserted
  }
}

private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
  guard part.count <= text.count else { return false }
  return (0...(text.count - part.count)).contains { start in
    text[start] == part[0] && text[start..<start + part.count].elementsEqual(part)
  }
}

/// Computes how far a summary may be trusted, from what backs it and nothing else.
///
/// confidence = 0.9 · (0.3 · coverage + 0.3 · agreement + 0.2 · size + 0.2 · history), where
/// - coverage is the share of three samples, or of all where there are fewer, that a checked quote
///   backs;
/// - agreement is the share of samples that say the same once digits are masked;
/// - size is n / (n + 20) for n events;
/// - history is k / (k + 3) for k covered nights.
///
/// Without any checked quote it is at most 0.2. It never reaches 1: logs show what was written, not
/// what happened.
///
/// - Parameters:
///   - evidence: checked evidence.
///   - samples: what it was checked against.
///   - eventCount: events that the summary speaks of.
///   - nightsCovered: nights of history.
/// - Returns: 0 to 0.9.
package func confidence(
  evidence: [Evidence], samples: [LineSample], eventCount: Int64, nightsCovered: Int
) -> Double {
  let backed = Set(evidence.map(\.sampleIndex)).count
  let wanted = min(3, max(samples.count, 1))
  let coverage = min(1, Double(backed) / Double(wanted))
  let shapes = Dictionary(grouping: samples, by: { shape(tellingLine($0.text)) }).map(\.value.count)
  let agreement = samples.isEmpty ? 0 : Double(shapes.max() ?? 0) / Double(samples.count)
  let size = Double(eventCount) / Double(eventCount + 20)
  let history = Double(nightsCovered) / Double(nightsCovered + 3)
  let value = 0.9 * (0.3 * coverage + 0.3 * agreement + 0.2 * size + 0.2 * history)
  return evidence.isEmpty ? min(value, 0.2) : value
}

/// The line of a sample that says most.
///
/// The last `Caused by:` of a Java trace, the last line of a Python one, the first line of anything
/// else; always a part of `text`, byte for byte.
func tellingLine(_ text: String) -> String {
  let lines = text.split(whereSeparator: \.isNewline)
  guard let first = lines.first else { return text }
  if let cause = lines.last(where: { $0.hasPrefix("Caused by:") }) { return cut(cause) }
  let isPythonTrace = lines.contains { $0.hasPrefix("Traceback (most recent call last)") }
  if isPythonTrace, let last = lines.last(where: { !$0.hasPrefix(" ") }) { return cut(last) }
  return cut(first)
}

/// At most 240 characters of a line: its beginning.
private func cut(_ line: Substring) -> String { String(line.prefix(240)) }

/// A line with its digits and long hexadecimal runs masked, for comparing what lines say.
private func shape(_ line: String) -> String {
  line.split(separator: " ").map { word in
    word.utf8.contains { (0x30...0x39).contains($0) } ? "#" : String(word)
  }.joined(separator: " ")
}
