internal import Foundation

/// Answers of an encoder as Ollama (`/api/embed`) and OpenAI (`/v1/embeddings`) document them, for a
/// `ModelStandIn` to give: texts that share words have vectors that lie near each other.
package enum EncoderStandIn {
  /// A vector of length 1: each word adds to one place, which its bytes choose.
  package static func vector(_ text: String, dimension: Int) -> [Float] {
    var numbers = [Float](repeating: 0, count: dimension)
    let words = text.lowercased().split { !($0.isLetter || $0.isNumber) }
    for word in words {
      // FNV-1a, which tells short words apart.
      let hash = word.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
        ($0 ^ UInt64($1)) &* 0x100_0000_01b3
      }
      numbers[Int((hash >> 16) % UInt64(dimension))] += 1
    }
    if words.isEmpty { numbers[0] = 1 }
    let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return numbers.map { $0 / length }
  }

  /// The texts of a request.
  package static func texts(_ request: ModelStandIn.Request) -> [String] {
    request.object["input"] as? [String] ?? []
  }

  /// Whether a request is one for vectors.
  package static func isMeant(_ request: ModelStandIn.Request) -> Bool {
    request.path.hasSuffix("/embed") || request.path.hasSuffix("/embeddings")
  }

  /// The answer to a request, in the interface of its path.
  ///
  /// - Parameters:
  ///   - request: what was asked.
  ///   - dimension: of the vectors.
  ///   - model: what the server says it used; nil for what was asked for.
  /// - Returns: status 200, a vector for each text.
  package static func answer(
    _ request: ModelStandIn.Request, dimension: Int = 64, model: String? = nil
  ) -> ModelStandIn.Reply {
    let vectors = texts(request).map { vector($0, dimension: dimension) }
    let model = model ?? request.object["model"] as? String ?? ""
    if request.path.hasSuffix("/embed") {
      return .json(
        ModelStandIn.json([
          "model": model, "embeddings": vectors, "total_duration": 14_143_917,
          "load_duration": 1_019_500, "prompt_eval_count": 8,
        ]))
    }
    let items = vectors.enumerated().reversed().map { index, vector in
      ["object": "embedding", "index": index, "embedding": vector] as [String: Any]
    }
    return .json(
      ModelStandIn.json([
        "object": "list", "data": items, "model": model,
        "usage": ["prompt_tokens": 5, "total_tokens": 5],
      ]))
  }
}
