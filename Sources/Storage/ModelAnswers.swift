package import DaybreakCore
import Foundation
import Postgres

/// An answer of a model, to be used again for the same prompt.
package struct StoredAnswer: Hashable, Sendable {
  /// What it is about: `cluster:FINGERPRINT` or `incident:ID`.
  package var subject: String
  package var provider: String
  package var model: String
  /// The answer as a JSON object that only its writer reads; redacted.
  package var answer: String
  /// What it took; its prompt's digest is part of the key.
  package var call: ModelCall

  package init(subject: String, provider: String, model: String, answer: String, call: ModelCall) {
    self.subject = subject
    self.provider = provider
    self.model = model
    self.answer = answer
    self.call = call
  }
}

// Queries of daybreak.model_answers.
extension TenantSession {
  /// Keeps an answer; the first to a prompt stays.
  ///
  /// - Parameters:
  ///   - answer: what to keep.
  ///   - window: the night that it was asked for: retention goes by its end.
  /// - Throws: `PostgresError`.
  package func keepAnswer(_ answer: StoredAnswer, of window: TimeWindow) throws {
    try connection.execute(
      named: "keep an answer",
      """
      INSERT INTO daybreak.model_answers (tenant_id, subject, prompt_digest, provider, model,
        window_end, answer, input_tokens, output_tokens, cost_usd, latency_milliseconds)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
      ON CONFLICT DO NOTHING
      """,
      [
        tenantID, .text(answer.subject), .text(answer.call.promptDigest), .text(answer.provider),
        .text(storedText(answer.model)), .timestamp(window.end), .json(answer.answer),
        .int64(answer.call.inputTokens), .int64(answer.call.outputTokens),
        .optional(answer.call.cost, Value.double), .int64(answer.call.latencyMilliseconds),
      ])
  }

  /// Answers of one model to any of some prompts.
  ///
  /// - Parameters:
  ///   - provider: whose interface it was asked through.
  ///   - model: its name.
  ///   - digests: of the prompts.
  /// - Returns: the answers, by subject and prompt.
  /// - Throws: `PostgresError`, `StorageError`.
  package func keptAnswers(
    provider: String, model: String, promptDigests digests: [String]
  ) throws -> [StoredAnswer] {
    try connection.query(
      named: "answers to prompts",
      """
      SELECT * FROM daybreak.model_answers
      WHERE provider = $1 AND model = $2 AND prompt_digest = ANY ($3)
      ORDER BY subject COLLATE "C", prompt_digest COLLATE "C"
      """,
      [.text(provider), .text(storedText(model)), .textArray(digests)]
    ).map { row in
      StoredAnswer(
        subject: try row.string("subject"), provider: try row.string("provider"),
        model: try row.string("model"), answer: try row.string("answer"),
        call: ModelCall(
          promptDigest: try row.string("prompt_digest"),
          inputTokens: try row.int64("input_tokens"),
          outputTokens: try row.int64("output_tokens"), cost: try row.optionalDouble("cost_usd"),
          latencyMilliseconds: try row.int64("latency_milliseconds")))
    }
  }
}
