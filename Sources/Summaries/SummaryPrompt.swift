package import DaybreakCore
internal import Foundation

/// All that a model is told of one cluster or incident.
package struct SummaryPrompt: Hashable, Sendable {
  package var system: String
  package var user: String
  /// SHA-256, in hex, of both and of what the answer must look like.
  package var digest: String
  /// What `s1`, `s2`, … stand for.
  package var samples: [LineSample]
  /// What was left out for the budget, the least useful first.
  package var dropped: [String]

  /// About how many tokens are sent; see `estimatedTokens(_:)`.
  package var tokens: Int64 {
    estimatedTokens(system) + estimatedTokens(user) + estimatedTokens(Self.schema)
  }

  private static let schema = String(decoding: ModelAnswer.schema.bytes, as: UTF8.self)

  /// Writes a prompt.
  ///
  /// - Parameters:
  ///   - subject: what it is about.
  ///   - night: its night.
  ///   - template: what stands around the facts.
  ///   - tokenLimit: about how many tokens it may have; the least useful parts go first.
  ///   - redaction: what must not leave.
  package init(
    about subject: SummarySubject, in night: NightContext, template: PromptTemplate = .builtin,
    tokenLimit: Int = 3000, redaction: RedactionOptions = RedactionOptions()
  ) {
    var facts = PromptFacts(subject, in: night, redaction: redaction)
    let nonce = facts.nonce
    var dropped: [String] = []
    self.init(template, facts, nonce: nonce)
    while tokens > tokenLimit, let name = facts.dropLeastUseful() {
      dropped.append(name)
      self.init(template, facts, nonce: nonce)
    }
    self.dropped = dropped
  }

  private init(_ template: PromptTemplate, _ facts: PromptFacts, nonce: String) {
    system = template.system.replacing("{{nonce}}", with: nonce)
    user =
      template.user.replacing("{{nonce}}", with: nonce)
      .replacing("{{context}}", with: facts.text(nonce: nonce))
    digest = hex(sha256(Array("\(system)\u{0}\(user)\u{0}\(Self.schema)".utf8)))
    samples = facts.samples
    dropped = []
  }
}

/// One part of what is known, as it stands in a prompt.
struct PromptPart {
  /// What it is, for lists of what was left out.
  var name: String
  /// What is said before its items.
  var heading: String
  /// From the most to the least useful; words of ours, with data in place.
  var items: [PromptItem]
  /// How much it tells: the lowest is left out first; nil is never left out.
  var usefulness: Int?
}

/// A sentence of ours, or a text from logs between fences.
enum PromptItem {
  case words(String)
  /// A label of ours, and lines of unknown origin.
  case fenced(label: String, text: String)
}

/// What is known of a subject, redacted, sorted by use.
struct PromptFacts {
  private var parts: [PromptPart]
  let samples: [LineSample]
  /// Marks where data begins and ends.
  ///
  /// Made from all that the prompt says, so that the same night gives the same prompt, and no line can
  /// hold it: a line that did would have changed it.
  let nonce: String

  init(_ subject: SummarySubject, in night: NightContext, redaction: RedactionOptions) {
    var writer = PromptWriter(night: night, redaction: redaction)
    switch subject {
    case .cluster(let cluster):
      parts = writer.parts(about: cluster)
      samples = cluster.observation.samples
    case .incident(let incident):
      parts = writer.parts(about: incident)
      samples = rankedClusters(for: incident, in: night).first?.observation.samples ?? []
    }
    nonce = PromptFacts.nonce(parts)
  }

  private static func nonce(_ parts: [PromptPart]) -> String {
    let text = text(parts, nonce: "")
    var round = 0
    while true {
      let nonce = String(hex(sha256(Array("daybreak fence \(round) \(text)".utf8))).prefix(16))
      if !text.contains(nonce) { return nonce }
      round += 1
    }
  }

  func text(nonce: String) -> String { PromptFacts.text(parts, nonce: nonce) }

  private static func text(_ parts: [PromptPart], nonce: String) -> String {
    parts.map { part in
      let lines = part.items.map { item in
        switch item {
        case .words(let words): "- \(words)"
        case .fenced(let label, let text): "\(label)\n<<<\(nonce)\n\(text)\n\(nonce)>>>"
        }
      }
      return ([part.heading] + lines).joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  /// Leaves out the last item of the least useful part.
  ///
  /// - Returns: what it was of; nil when nothing more can go.
  mutating func dropLeastUseful() -> String? {
    let candidates = parts.indices.filter { parts[$0].usefulness != nil }
    guard
      let least = candidates.min(by: {
        (parts[$0].usefulness ?? 0, $0) < (parts[$1].usefulness ?? 0, $1)
      })
    else { return nil }
    let name = parts[least].name
    parts[least].items.removeLast()
    if parts[least].items.isEmpty { parts.remove(at: least) }
    return name
  }
}
