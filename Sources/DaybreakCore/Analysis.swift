/// A claim about a cluster with the sample that backs it.
package struct Evidence: Hashable, Sendable, Codable {
  /// Index into the samples that were given to the provider.
  package var sampleIndex: Int
  /// Words that occur, byte for byte, in that sample.
  package var quote: String

  package init(sampleIndex: Int, quote: String) {
    self.sampleIndex = sampleIndex
    self.quote = quote
  }
}

/// What is said about one cluster: facts apart from guesses.
package struct Analysis: Hashable, Sendable, Codable {
  /// Who spoke: `extractive`, `ollama`, `vllm`, `openai`, `anthropic`.
  package var provider: String
  package var model: String
  /// One or two sentences: what happened, since when, how much against normal.
  package var summary: String
  /// What numbers and lines show, one sentence each.
  package var facts: [String]
  /// A possible cause, worded as such; nil when nothing supports one.
  package var hypothesis: String?
  /// What could not be told.
  package var unknown: [String]
  /// What to do next.
  package var nextSteps: [String]
  /// 0 to 1, computed from evidence.
  package var confidence: Double
  package var evidence: [Evidence]

  package init(
    provider: String, model: String, summary: String, facts: [String], hypothesis: String?,
    unknown: [String], nextSteps: [String], confidence: Double, evidence: [Evidence]
  ) {
    self.provider = provider
    self.model = model
    self.summary = summary
    self.facts = facts
    self.hypothesis = hypothesis
    self.unknown = unknown
    self.nextSteps = nextSteps
    self.confidence = confidence
    self.evidence = evidence
  }
}
