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

/// What asking a model took.
///
/// Of an answer from the cache: what it took when it was given.
package struct ModelCall: Hashable, Sendable, Codable {
  /// SHA-256, in hex, of all that was sent but the key.
  package var promptDigest: String
  /// As the provider counted them, repair included.
  package var inputTokens: Int64
  package var outputTokens: Int64
  /// US dollars by the job's prices; nil where the job names none.
  package var cost: Double?
  /// From the first byte sent to the last received; never shown in a report, which stays the same.
  package var latencyMilliseconds: Int64

  package init(
    promptDigest: String, inputTokens: Int64, outputTokens: Int64, cost: Double?,
    latencyMilliseconds: Int64
  ) {
    self.promptDigest = promptDigest
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.cost = cost
    self.latencyMilliseconds = latencyMilliseconds
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
  /// 0 to 1: what the model says of itself; nil where none spoke, or it said nothing.
  package var modelConfidence: Double?
  /// Why the model that the job names did not speak; nil where it did, and where the job names none.
  package var note: String?
  /// nil where no model spoke.
  package var call: ModelCall?

  package init(
    provider: String, model: String, summary: String, facts: [String], hypothesis: String?,
    unknown: [String], nextSteps: [String], confidence: Double, evidence: [Evidence],
    modelConfidence: Double? = nil, note: String? = nil, call: ModelCall? = nil
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
    self.modelConfidence = modelConfidence
    self.note = note
    self.call = call
  }
}
