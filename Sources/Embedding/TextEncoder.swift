/// Which model made a vector: kept with every stored vector, since those of two models cannot be
/// compared.
package struct EncoderModel: Hashable, Sendable, Codable {
  /// Who runs it: `builtin`, `ollama`, `openai`.
  package var provider: String
  /// The model's name as its provider gives it.
  package var name: String
  /// How many numbers a vector has.
  package var dimension: Int

  package init(provider: String, name: String, dimension: Int) {
    self.provider = provider
    self.name = name
    self.dimension = dimension
  }
}

/// Turns texts into vectors whose cosine says how alike the texts' meanings are.
package protocol TextEncoder: Sendable {
  /// What makes the vectors.
  ///
  /// An encoder behind HTTP asks its server once for a vector, to know the dimension.
  ///
  /// - Returns: the model; the same for the life of the encoder.
  /// - Throws: `EmbeddingError` when the server does not tell.
  func model() throws(EmbeddingError) -> EncoderModel

  /// Encodes texts.
  ///
  /// - Parameters:
  ///   - texts: any texts; long ones are cut at what the model reads.
  ///   - isCancelled: asked between batches, from whatever thread works.
  /// - Returns: a vector of length 1 for each text, in order.
  /// - Throws: `EmbeddingError`; then no text has a vector.
  func vectors(
    for texts: [String], isCancelled: @escaping @Sendable () -> Bool
  ) throws(EmbeddingError) -> [[Float]]
}

extension TextEncoder {
  /// Encodes texts without a way to stop.
  ///
  /// - Parameter texts: any texts.
  /// - Returns: a vector of length 1 for each text, in order.
  /// - Throws: `EmbeddingError`.
  package func vectors(for texts: [String]) throws(EmbeddingError) -> [[Float]] {
    try vectors(for: texts, isCancelled: { false })
  }
}
