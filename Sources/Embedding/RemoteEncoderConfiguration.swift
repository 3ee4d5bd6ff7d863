internal import DaybreakCore
package import HTTPClient

/// An encoder behind HTTP, as a job names it.
package struct RemoteEncoderConfiguration: Sendable {
  /// How to ask.
  package enum Interface: String, Sendable, CaseIterable {
    /// `POST /api/embed`
    /// (https://github.com/ollama/ollama/blob/main/docs/api.md, "Generate Embeddings").
    case ollama
    /// `POST /v1/embeddings` as OpenAI has it
    /// (https://platform.openai.com/docs/api-reference/embeddings/create), and vLLM, llama.cpp,
    /// LocalAI and others.
    case openAI = "openai"
  }

  package var interface: Interface
  /// Where the server is: `http://127.0.0.1:11434`, `https://api.openai.com/v1`.
  package var url: String
  /// The model's name there.
  package var model: String
  /// The dimension that the vectors must have; nil takes what the server gives, and holds it to that.
  package var dimension: Int?
  /// What goes into `Authorization: Bearer`; nil sends none.
  package var key: String?
  /// The most texts of one request; OpenAI's limit is 2048.
  package var textsPerRequest = 64
  /// About the most bytes of one request's texts.
  package var bytesPerRequest = 256 << 10
  /// Where longer texts are cut: no more tokens than bytes, so that none exceeds OpenAI's 8192.
  package var bytesPerText = 8000
  package var client = HTTPClientConfiguration()

  /// Names a server and its model.
  package init(
    _ interface: Interface, url: String, model: String, dimension: Int? = nil, key: String? = nil
  ) {
    self.interface = interface
    self.url = url
    self.model = model
    self.dimension = dimension
    self.key = key
    // A model that is not loaded yet can take minutes to answer.
    client.timeouts = HTTPTimeouts(total: .seconds(300), stalled: nil)
  }

  /// What errors call the encoder: its interface and address, without user, password and query.
  var label: String {
    let request = HTTPRequest(.post, endpoint).label
    return "\(interface.rawValue) at \(request.drop { $0 != " " }.dropFirst())"
  }

  /// The address that requests go to.
  var endpoint: String {
    var base = url[...]
    while base.last == "/" { base.removeLast() }
    switch interface {
    case .ollama: return base.hasSuffix("/api") ? "\(base)/embed" : "\(base)/api/embed"
    case .openAI:
      // A server's root, or the root of its interface: both are what people have in their settings.
      let path = base.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
      return path.isEmpty ? "\(base)/v1/embeddings" : "\(base)/embeddings"
    }
  }

  /// What cannot work; nil when nothing is seen.
  var defect: String? {
    if model.isEmpty { return "it names no model" }
    if let dimension, dimension < 1 { return "its dimension is \(dimension)" }
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      return "its address is no http or https URL"
    }
    if textsPerRequest < 1 || bytesPerRequest < 1 || bytesPerText < 4 {
      return "its limits leave nothing to send"
    }
    return nil
  }
}
