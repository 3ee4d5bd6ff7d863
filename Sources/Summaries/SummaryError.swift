package import DaybreakCore

/// Why a provider could not speak.
package enum SummaryError: DiagnosedError, Equatable {
  /// No connection, no answer in time, or an answer that broke off, at every attempt.
  case unreachable(provider: String, reason: String)
  /// The server was too busy at every attempt, or asks for too long a wait.
  case overloaded(provider: String, status: Int)
  /// The server does not take the request: key, model or address are wrong, or the prompt is too long.
  case rejected(provider: String, status: Int, code: String?)
  /// The model, or a filter in front of it, would not answer.
  case refused(provider: String)
  /// The answer was cut at the limit of tokens, at the second attempt too.
  case truncated(provider: String)
  /// The answer was not what was asked for, at the second attempt too.
  case invalid(provider: String, reason: String)
  /// Nothing that the answer cites is in the lines.
  case unsupported(provider: String)
  /// The settings cannot work.
  case misconfigured(provider: String, reason: String)
  /// Somebody asked to stop.
  case cancelled

  package var summary: String {
    switch self {
    case .unreachable(let provider, let reason): "cannot reach \(provider): \(reason)"
    case .overloaded(let provider, let status): "\(provider) is too busy: it answered \(status)"
    case .rejected(let provider, let status, let code):
      "\(provider) does not take the request: it answered \(status)\(code.map { " (\($0))" } ?? "")"
    case .refused(let provider): "\(provider) would not answer"
    case .truncated(let provider): "\(provider) was cut off at the limit of tokens"
    case .invalid(let provider, let reason): "\(provider) gave no usable answer: \(reason)"
    case .unsupported(let provider): "\(provider) cited nothing that the lines hold"
    case .misconfigured(let provider, let reason): "cannot ask \(provider): \(reason)"
    case .cancelled: "asking the model was cancelled"
    }
  }

  package var remedy: String? {
    switch self {
    case .rejected(_, 401, _), .rejected(_, 403, _): "check `summaries.key_env` or `key_file`"
    case .rejected(_, 404, _): "check `summaries.url` and `summaries.model`"
    case .truncated: "raise `summaries.answer_tokens`"
    case .cancelled: nil
    default: "check `summaries:` in the job file; `provider: extractive` needs no model"
    }
  }
}

/// Why a model that the job names did not speak of something; counted in the report.
package enum SilenceReason: String, CaseIterable, Sendable, Codable {
  case misconfigured, unreachable, overloaded, rejected, refused, truncated, invalid, unsupported
  case noLines = "no_lines"
  case tokenBudget = "token_budget"
  case costBudget = "cost_budget"
  case timeBudget = "time_budget"

  /// In words that follow "the model did not speak:".
  package var words: String {
    switch self {
    case .misconfigured: "its settings cannot work"
    case .unreachable: "it could not be reached"
    case .overloaded: "it was too busy"
    case .rejected: "it did not take the request"
    case .refused: "it would not answer"
    case .truncated: "its answer was cut off"
    case .invalid: "its answer was not what was asked for"
    case .unsupported: "it cited nothing that the lines hold"
    case .noLines: "there is no line that it could quote"
    case .tokenBudget: "the night's tokens were used up"
    case .costBudget: "the night's money was used up"
    case .timeBudget: "the night's time was used up"
    }
  }

  /// The reason that an error is; nil for being cancelled.
  init?(_ error: SummaryError) {
    switch error {
    case .unreachable: self = .unreachable
    case .overloaded: self = .overloaded
    case .rejected: self = .rejected
    case .misconfigured: self = .misconfigured
    case .refused: self = .refused
    case .truncated: self = .truncated
    case .invalid: self = .invalid
    case .unsupported: self = .unsupported
    case .cancelled: return nil
    }
  }
}

/// What a summary is about.
package enum SummarySubject: Hashable, Sendable {
  case incident(Incident)
  case cluster(ClusterContext)

  /// The name under which answers are kept: of an incident its id, of a cluster its fingerprint.
  package var cacheKey: String {
    switch self {
    case .incident(let incident): "incident:\(incident.id.uuidString.lowercased())"
    case .cluster(let cluster): "cluster:\(cluster.observation.fingerprint)"
    }
  }
}
