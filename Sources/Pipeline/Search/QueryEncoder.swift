internal import DaybreakCore
internal import Embedding

/// Makes the vector of a query, or tells why there is none.
struct QueryEncoder {
  let maker: EncoderMaker
  /// Whether the user wants meaning compared at all.
  let isWanted: Bool

  /// How a query went through the encoder.
  enum Outcome {
    case vector(EncoderModel, [Float])
    /// Nobody wanted one.
    case unwanted
    case failed(summary: String, remedy: String?)
  }

  /// Encodes a query; what leaves this machine is redacted first.
  func encode(_ text: String) -> Outcome {
    guard isWanted else { return .unwanted }
    do {
      guard let encoder = try maker.encoder() else { return .unwanted }
      var sent = text
      if maker.sendsTexts {
        var redactor = Redactor()
        sent = redactor.redact(text)
      }
      let vectors = try encoder.vectors(for: [sent], isCancelled: { Cancellation.isRequested })
      guard let vector = vectors.first else { return .unwanted }
      return .vector(try encoder.model(), vector)
    } catch {
      return .failed(summary: error.summary, remedy: error.remedy)
    }
  }
}
