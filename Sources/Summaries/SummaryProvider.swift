package import DaybreakCore

/// Why a provider could not speak.
package enum SummaryError: DiagnosedError, Equatable {
  /// The provider could not be reached, or did not answer in time.
  case unreachable(provider: String, reason: String)
  /// The provider answered, but not with what was asked for.
  case unusable(provider: String, reason: String)

  package var summary: String {
    switch self {
    case .unreachable(let provider, let reason): "cannot reach \(provider): \(reason)"
    case .unusable(let provider, let reason): "\(provider) gave no usable answer: \(reason)"
    }
  }

  package var remedy: String? {
    "check `summaries:` in the job file; `provider: extractive` needs no model"
  }
}

/// Something that says what happened: the built-in extractive one, or a model.
package protocol SummaryProvider: Sendable {
  /// The name in job files and reports: `extractive`, `ollama`, ...
  var name: String { get }
  /// The model that speaks; `none` where there is none.
  var model: String { get }

  /// Speaks of one cluster.
  func analysis(of cluster: ClusterContext, in night: NightContext) async throws(SummaryError)
    -> Analysis

  /// Speaks of one incident; evidence refers to the samples of `rankedClusters(for:in:).first`.
  func analysis(of incident: Incident, in night: NightContext) async throws(SummaryError)
    -> Analysis
}
