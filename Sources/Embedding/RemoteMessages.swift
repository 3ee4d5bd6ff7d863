internal import DaybreakCore
internal import Foundation

/// What is sent: the same two fields in both interfaces, and what makes the answer plain.
struct EmbedRequest: Encodable {
  var model: String
  var input: [String]
  /// OpenAI's; the default of some servers is base64.
  var encodingFormat: String?
  /// Ollama's: cut what is longer than the model reads, rather than refuse it.
  var truncate: Bool?

  private enum CodingKeys: String, CodingKey {
    case model, input, truncate
    case encodingFormat = "encoding_format"
  }

  init(_ configuration: RemoteEncoderConfiguration, texts: [String]) {
    model = configuration.model
    input = texts
    switch configuration.interface {
    case .ollama: truncate = true
    case .openAI: encodingFormat = "float"
    }
  }
}

/// Vectors and the model that the server says made them.
struct EmbedAnswer {
  var model: String?
  var vectors: [[Float]]

  /// Reads an answer of status 2xx.
  ///
  /// - Parameters:
  ///   - body: the JSON.
  ///   - configuration: which interface it is of.
  ///   - count: how many texts were sent.
  /// - Throws: `EmbeddingError.malformedAnswer`.
  init(
    _ body: [UInt8], _ configuration: RemoteEncoderConfiguration, count: Int
  ) throws(EmbeddingError) {
    func malformed(_ reason: String) -> EmbeddingError {
      .malformedAnswer(encoder: configuration.label, reason: reason)
    }
    switch configuration.interface {
    case .ollama:
      guard let answer = try? JSONDecoder().decode(OllamaAnswer.self, from: Data(body)) else {
        throw malformed("it is no JSON object with `embeddings`")
      }
      (model, vectors) = (answer.model, answer.embeddings)
    case .openAI:
      guard let answer = try? JSONDecoder().decode(OpenAIAnswer.self, from: Data(body)) else {
        throw malformed("it is no JSON object with `data` of `embedding` and `index`")
      }
      model = answer.model
      let ordered = answer.data.sorted { $0.index < $1.index }
      guard ordered.map(\.index) == Array(0..<ordered.count) else {
        throw malformed("its indices are not 0 to \(ordered.count - 1)")
      }
      vectors = ordered.map(\.embedding)
    }
    guard vectors.count == count else {
      throw malformed("it has \(vectors.count) vectors for \(count) texts")
    }
    for index in vectors.indices {
      guard let unit = vectors[index].scaledToUnitLength() else {
        throw malformed("a vector is zero or not finite")
      }
      vectors[index] = unit
    }
  }

  private struct OllamaAnswer: Decodable {
    var model: String?
    var embeddings: [[Float]]
  }

  private struct OpenAIAnswer: Decodable {
    struct Item: Decodable {
      var index: Int
      var embedding: [Float]
    }

    var model: String?
    var data: [Item]
  }
}

/// The reason in the body of a refusal.
enum RefusalMessage {
  /// Reads the message that providers put into refusals: `{"error": "…"}` (Ollama),
  /// `{"error": {"message": "…"}}` (OpenAI, vLLM), `{"message": "…"}` (older vLLM).
  ///
  /// - Parameters:
  ///   - body: the refusal's.
  ///   - texts: what was sent; a message that repeats a part of it is not shown.
  /// - Returns: at most 200 characters, redacted; nil when there is nothing that may be shown.
  static func read(_ body: [UInt8], sent texts: [String]) -> String? {
    guard body.count <= 64 << 10,
      let object = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]
    else { return nil }
    let nested = object["error"] as? [String: Any]
    let found =
      nested?["message"] as? String ?? object["error"] as? String ?? object["message"] as? String
    guard let found, !found.isEmpty, !repeats(found, texts) else { return nil }
    var redactor = Redactor()
    return String(displayText(redactor.redact(found)).prefix(200))
  }

  /// Whether a message and a text have 12 characters in a row in common, or a whole short text.
  private static func repeats(_ message: String, _ texts: [String]) -> Bool {
    let characters = Array(message.lowercased())
    let width = 12
    var windows: Set<ArraySlice<Character>> = []
    if characters.count >= width {
      for start in 0...(characters.count - width) {
        windows.insert(characters[start..<start + width])
      }
    }
    return texts.contains { text in
      let text = Array(text.lowercased())
      guard text.count >= width else {
        return text.count >= 4 && message.lowercased().contains(String(text))
      }
      return (0...(text.count - width)).contains { windows.contains(text[$0..<$0 + width]) }
    }
  }
}

extension [Float] {
  /// The vector in the same direction whose length is 1; nil when it has no direction.
  func scaledToUnitLength() -> [Float]? {
    let length = reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard length.isFinite, length > 0 else { return nil }
    return map { Float(Double($0) / length) }
  }
}
