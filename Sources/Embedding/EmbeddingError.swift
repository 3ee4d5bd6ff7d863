internal import DaybreakCore
package import HTTPClient

/// Why texts have no vectors.
///
/// No case holds a text that was to be encoded.
package enum EmbeddingError: DiagnosedError, Equatable {
  /// The built-in encoder's files are in none of these directories.
  case modelMissing(searched: [String])
  /// A file of the model cannot be read.
  case unreadable(file: String, reason: String)
  /// A file of the model is not what it should be; the place is a byte offset where one is known.
  case damaged(file: String, byteOffset: Int?, reason: String)
  /// The processor lacks the instructions that were asked for.
  case unsupportedPrecision(String)
  /// The caller gave up.
  case cancelled
  /// The configuration of an encoder behind HTTP cannot work.
  case misconfigured(encoder: String, reason: String)
  /// A request brought no answer.
  case request(HTTPClientError)
  /// The server said no, with its own words where they hold none of ours.
  case refused(encoder: String, status: Int, message: String?)
  /// The answer is not what the interface promises.
  case malformedAnswer(encoder: String, reason: String)
  /// The server used another model than the one asked for, or than the one it used before.
  case otherModel(encoder: String, wanted: String, answered: String)
  /// The vectors have another dimension than configured, or than before.
  case otherDimension(encoder: String, wanted: Int, answered: Int)

  package var summary: String {
    switch self {
    case .modelMissing(let searched):
      "the model \(MiniLM.name) is not installed (searched \(searched.joined(separator: ", ")))"
    case .unreadable(let file, let reason): "cannot read \(file): \(reason)"
    case .damaged(let file, let byteOffset, let reason):
      "\(file)\(byteOffset.map { ", byte \($0)" } ?? ""): \(reason)"
    case .unsupportedPrecision(let name): "this processor has no instructions for \(name)"
    case .cancelled: "encoding was cancelled"
    case .misconfigured(let encoder, let reason): "the encoder \(encoder) cannot work: \(reason)"
    case .request(let error): error.summary
    case .refused(let encoder, let status, let message):
      "\(encoder) answered \(status)\(message.map { ": \($0)" } ?? "")"
    case .malformedAnswer(let encoder, let reason): "the answer of \(encoder) is wrong: \(reason)"
    case .otherModel(let encoder, let wanted, let answered):
      "\(encoder) used the model \(answered) in place of \(wanted)"
    case .otherDimension(let encoder, let wanted, let answered):
      "\(encoder) gave vectors of \(answered) dimensions in place of \(wanted)"
    }
  }

  package var remedy: String? {
    switch self {
    case .modelMissing:
      "script/bootstrap installs it, below DAYBREAK_HOME; "
        + "an encoder behind HTTP needs no model here"
    case .unreadable: "let the account that runs daybreak read it"
    case .damaged: "remove the model's directory and run script/bootstrap"
    case .unsupportedPrecision: "use float32, or leave the choice to daybreak"
    case .request(let error): error.remedy
    case .refused(_, 401, _), .refused(_, 403, _): "check the encoder's key"
    case .refused(_, 404, _): "check the model's name and the address; pull the model on the server"
    case .otherModel, .otherDimension:
      "vectors of two models cannot be compared: name the model that answers, and embed again"
    default: nil
    }
  }
}
