/// Settings of the summarize stage.
package struct SummarySettings: Sendable {
  /// Who writes summaries.
  package enum Provider: String, CaseIterable, Sendable {
    /// Code alone.
    case extractive
    case ollama, vllm, openai, anthropic
  }

  package var provider: Provider
  /// How many clusters a night are summarised; incidents always are.
  package var clusterLimit: Int
  /// The model; nil for `extractive`.
  package var model: ModelSettings?
}

/// A model, the way to it, and what a night may spend on it.
package struct ModelSettings: Sendable {
  /// Which proxy requests go through.
  package enum Proxy: Sendable, Equatable {
    case none, environment
    case url(String)
  }

  package var name: String
  /// nil for where its provider's servers usually are.
  package var url: String?
  /// The environment variable or the file (mode 0600) that holds the key.
  package var keyVariable: String?
  package var keyFile: String?
  package var authorityFile: String?
  package var proxy: Proxy
  /// For one answer.
  package var timeoutSeconds: Int
  package var promptTokens: Int
  package var answerTokens: Int
  /// A file in place of the built-in prompt.
  package var promptFile: String?
  /// Requests at a time.
  package var concurrency: Int
  /// A night's tokens, sent and received; nil sets no limit.
  package var tokenLimit: Int?
  /// A night's US dollars; nil sets no limit.
  package var costLimit: Double?
  /// A night's seconds; nil sets no limit.
  package var secondLimit: Int?
  /// US dollars a million tokens; nil where none is named.
  package var inputPrice: Double?
  package var outputPrice: Double?
}
