package import HTTPClient

/// Whose interface a model is asked through.
package enum ModelInterface: String, CaseIterable, Sendable {
  /// `POST /api/chat` with a schema in `format`
  /// (https://github.com/ollama/ollama/blob/main/docs/api.md, "Generate a chat completion").
  case ollama
  /// `POST /v1/chat/completions` as vLLM serves it
  /// (https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html).
  case vllm
  /// `POST /v1/chat/completions` with `response_format: json_schema`
  /// (https://platform.openai.com/docs/api-reference/chat/create), and all that follow it.
  case openai
  /// `POST /v1/messages` with a tool whose input is the schema
  /// (https://docs.anthropic.com/en/api/messages).
  case anthropic

  /// Where its server usually is.
  package var usualURL: String {
    switch self {
    case .ollama: "http://127.0.0.1:11434"
    case .vllm: "http://127.0.0.1:8000/v1"
    case .openai: "https://api.openai.com/v1"
    case .anthropic: "https://api.anthropic.com"
    }
  }
}

/// What tokens cost, in US dollars a million.
package struct ModelPrices: Hashable, Sendable {
  package var input: Double
  package var output: Double

  package init(input: Double, output: Double) {
    self.input = input
    self.output = output
  }

  /// What a number of tokens costs, in US dollars.
  package func cost(input inputTokens: Int64, output outputTokens: Int64) -> Double {
    (Double(inputTokens) * input + Double(outputTokens) * output) / 1_000_000
  }
}

/// A model and the way to it.
package struct ModelConfiguration: Sendable {
  package var interface: ModelInterface
  /// The server's address: its root, or the root of its interface.
  package var url: String
  package var model: String
  /// What proves who asks; nil sends none.
  package var key: String?
  /// How many tokens an answer may have.
  package var answerTokens: Int
  /// About how many tokens a prompt may have.
  package var promptTokens: Int
  package var prices: ModelPrices?
  package var client: HTTPClientConfiguration

  /// Names a model.
  package init(
    _ interface: ModelInterface, url: String? = nil, model: String, key: String? = nil,
    answerTokens: Int = 800, promptTokens: Int = 3000, prices: ModelPrices? = nil
  ) {
    self.interface = interface
    self.url = url ?? interface.usualURL
    self.model = model
    self.key = key
    self.answerTokens = answerTokens
    self.promptTokens = promptTokens
    self.prices = prices
    client = HTTPClientConfiguration()
    // A model thinks before it speaks, and one that is not loaded yet takes minutes.
    client.timeouts = HTTPTimeouts(total: .seconds(120), stalled: nil)
    client.bodyLimit = 4 << 20
    client.retries = RetryPolicy(attempts: 3, longestRetryAfter: .seconds(60))
  }

  /// What errors call it: interface and address, without user, password and query.
  var label: String {
    let request = HTTPRequest(.post, endpoint).label
    return "\(interface.rawValue) at \(request.drop { $0 != " " }.dropFirst())"
  }

  /// The address that requests go to.
  var endpoint: String {
    var base = url[...]
    while base.last == "/" { base.removeLast() }
    // A server's root, or the root of its interface: both are what people have in their settings.
    let isRoot = base.split(separator: "/", omittingEmptySubsequences: false).count <= 3
    switch interface {
    case .ollama: return base.hasSuffix("/api") ? "\(base)/chat" : "\(base)/api/chat"
    case .vllm, .openai: return "\(base)\(isRoot ? "/v1" : "")/chat/completions"
    case .anthropic: return base.hasSuffix("/v1") ? "\(base)/messages" : "\(base)/v1/messages"
    }
  }

  /// Whether OpenAI itself answers, whose newer models take other parameters than all that follow it.
  var isOpenAIItself: Bool {
    interface == .openai && (url.hasPrefix("https://api.openai.com") || url.contains(".azure.com"))
  }
}
