package import DaybreakCore
internal import Foundation
internal import Storage

// How results are printed.

extension SearchResults where Result == FoundCluster {
  /// A few lines a cluster, for people.
  package func text(calendar: NightCalendar) -> String {
    guard !results.isEmpty else { return "nothing found\n" }
    return results.map { found in
      let hit = found.hit
      var facts = [
        fixed(hit.score), hit.level.name,
        "\(hit.key.identity.namespace)/\(hit.key.identity.service)",
        counted(hit.count, "event"),
      ]
      if let standing = found.standing {
        facts.append(
          standing.nightsSeen == 1 ? "1 night" : "\(standing.nightsSeen) nights")
        facts.append(standing.lifecycle.rawValue)
      }
      var lines = [facts.joined(separator: "  ")]
      lines.append("    " + oneLine(hit.template))
      if let first = hit.firstSeen, let last = hit.lastSeen {
        lines.append("    from \(day(first, calendar)) to \(day(last, calendar))")
      }
      for past in found.analyses.prefix(while: { $0.night == found.analyses.first?.night }) {
        let what = past.isOfIncident ? "\(past.night), the incident" : "\(past.night)"
        lines.append(
          "    \(what): " + oneLine(past.analysis.hypothesis ?? past.analysis.summary))
      }
      lines.append("    \(hit.key.fingerprint)")
      return lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  /// One object, for machines.
  package func json() throws -> String {
    try encoded(
      Envelope(
        model: model, problem: problem,
        results: results.map { found in
          let hit = found.hit
          return ClusterRecord(
            fingerprint: hit.key.fingerprint.description, namespace: hit.key.identity.namespace,
            service: hit.key.identity.service, template: hit.template, level: hit.level.name,
            count: hit.count, first_seen: hit.firstSeen?.rfc3339, last_seen: hit.lastSeen?.rfc3339,
            nights_seen: found.standing?.nightsSeen,
            last_night: found.standing?.lastNight.description,
            lifecycle: found.standing?.lifecycle.rawValue, sample: hit.sample, score: hit.score,
            vector_score: hit.vectorScore, text_score: hit.textScore,
            analyses: found.analyses.map(AnalysisRecord.init))
        }))
  }

  private func day(_ moment: Timestamp, _ calendar: NightCalendar) -> String {
    calendar.date(of: moment).description
  }
}

extension SearchResults where Result == FoundPassage {
  /// Two lines a passage, for people.
  package func text() -> String {
    guard !results.isEmpty else { return "nothing found\n" }
    return results.map { found in
      "\(fixed(found.score))  \(oneLine(found.place))  \(found.id.uuidString.lowercased())\n"
        + "    \(oneLine(found.content))\n"
    }.joined(separator: "\n")
  }

  /// One object, for machines.
  package func json() throws -> String {
    try encoded(
      Envelope(
        model: model, problem: problem,
        results: results.map {
          PassageRecord(
            id: $0.id.uuidString.lowercased(), place: $0.place, content: $0.content,
            score: rounded($0.score), vector_score: $0.vectorScore.map(rounded),
            text_score: rounded($0.textScore))
        }))
  }
}

/// The published shape of an answer.
private struct Envelope<Record: Encodable>: Encodable {
  let model: String?
  let problem: String?
  let results: [Record]
}

// swift-format-ignore: AlwaysUseLowerCamelCase
private struct ClusterRecord: Encodable {
  let fingerprint: String
  let namespace: String
  let service: String
  let template: String
  let level: String
  let count: Int64
  let first_seen: String?
  let last_seen: String?
  let nights_seen: Int?
  let last_night: String?
  let lifecycle: String?
  let sample: String
  let score: Double
  let vector_score: Double?
  let text_score: Double
  let analyses: [AnalysisRecord]
}

// swift-format-ignore: AlwaysUseLowerCamelCase
private struct AnalysisRecord: Encodable {
  let date: String
  let provider: String
  let model: String
  let summary: String
  let hypothesis: String?
  let next_steps: [String]
  let confidence: Double
  /// What it is about: `cluster`, or `incident` for one that the cluster led.
  let subject: String
  /// What asking a model took; nil where none spoke.
  let call: CallRecord?

  init(_ past: PastAnalysis) {
    let analysis = past.analysis
    date = past.night.description
    provider = analysis.provider
    model = analysis.model
    summary = analysis.summary
    hypothesis = analysis.hypothesis
    next_steps = analysis.nextSteps
    confidence = analysis.confidence
    subject = past.isOfIncident ? "incident" : "cluster"
    call = analysis.call.map(CallRecord.init)
  }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
private struct CallRecord: Encodable {
  let prompt_digest: String
  let input_tokens: Int64
  let output_tokens: Int64
  let cost_usd: Double?
  let latency_milliseconds: Int64

  init(_ call: ModelCall) {
    prompt_digest = call.promptDigest
    input_tokens = call.inputTokens
    output_tokens = call.outputTokens
    cost_usd = call.cost
    latency_milliseconds = call.latencyMilliseconds
  }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
private struct PassageRecord: Encodable {
  let id: String
  let place: String
  let content: String
  let score: Double
  let vector_score: Double?
  let text_score: Double
}

private func encoded(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}

/// A score with two decimals.
private func fixed(_ score: Double) -> String {
  let hundredths = Int((score * 100).rounded())
  return "\(hundredths / 100)." + twoDigits(hundredths % 100)
}

private func counted(_ count: Int64, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

/// Text of a log, safe on a terminal and on one line.
private func oneLine(_ text: String) -> String {
  let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  let isCut = words.count > 300
  return displayText(isCut ? words.prefix(299) + "…" : words)
}
