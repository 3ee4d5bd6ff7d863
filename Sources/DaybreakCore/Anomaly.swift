/// How much an anomaly matters: improbability and impact together.
package enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
  case low = "LOW"
  case medium = "MEDIUM"
  case high = "HIGH"
  case critical = "CRITICAL"

  package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

  /// 0 for LOW to 3 for CRITICAL.
  package var rank: Int { Severity.allCases.firstIndex(of: self) ?? 0 }
}

/// An observation that the baseline makes improbable: neighbours in time folded into one event.
package struct AnomalyEvent: Hashable, Sendable {
  /// What was counted.
  package enum Metric: String, Sendable, Codable, CaseIterable {
    /// Events at ERROR or above a minute.
    case errorRate = "error_rate"
    /// All events a minute.
    case logVolume = "log_volume"
    /// All events a minute, far below what is normal.
    case silence
  }

  package var identity: ServiceIdentity
  package var metric: Metric
  /// First minute of the event.
  package var start: Timestamp
  /// End of its last minute (exclusive).
  package var end: Timestamp
  /// The minute in which it was worst.
  package var peak: Timestamp
  /// Expected events a minute over the event.
  package var expected: Double
  /// Observed events a minute over the event (mean).
  package var observed: Double
  /// Events in the worst minute.
  package var peakObserved: Double
  /// observed / expected; nil when there is no such ratio, and then `deviationNote` says why.
  package var deviationFactor: Double?
  package var deviationNote: String?
  /// Natural logarithm of the probability that the baseline gives to its worst window (1 minute to
  /// hours) or one more extreme.
  package var logProbability: Double
  package var severity: Severity

  package init(
    identity: ServiceIdentity, metric: Metric, start: Timestamp, end: Timestamp, peak: Timestamp,
    expected: Double, observed: Double, peakObserved: Double, deviationFactor: Double?,
    deviationNote: String?, logProbability: Double, severity: Severity
  ) {
    self.identity = identity
    self.metric = metric
    self.start = start
    self.end = end
    self.peak = peak
    self.expected = expected
    self.observed = observed
    self.peakObserved = peakObserved
    self.deviationFactor = deviationFactor
    self.deviationNote = deviationNote
    self.logProbability = logProbability
    self.severity = severity
  }
}

/// What is normal for one service: the summary row that the store keeps a night.
package struct ServiceBaseline: Hashable, Sendable {
  package var identity: ServiceIdentity
  /// The span of history it was made from.
  package var window: TimeWindow
  /// Mean events a minute.
  package var averageLogRate: Double
  /// Mean events at ERROR or above a minute.
  package var averageErrorRate: Double
  /// 95th percentile of events at ERROR or above a minute.
  package var p95ErrorRate: Double

  package init(
    identity: ServiceIdentity, window: TimeWindow, averageLogRate: Double,
    averageErrorRate: Double, p95ErrorRate: Double
  ) {
    self.identity = identity
    self.window = window
    self.averageLogRate = averageLogRate
    self.averageErrorRate = averageErrorRate
    self.p95ErrorRate = p95ErrorRate
  }
}
