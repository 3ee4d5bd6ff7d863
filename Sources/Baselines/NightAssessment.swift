package import DaybreakCore

/// How strict the baselines are.
package struct BaselineOptions: Hashable, Sendable {
  /// How many covered nights a service needs before anything is called an anomaly.
  package var minimumHistory: Int
  /// How probable one false alarm a night may be, over all services and metrics together.
  package var falseAlarmProbability: Double

  package init(minimumHistory: Int = 3, falseAlarmProbability: Double = 0.01) {
    self.minimumHistory = max(2, minimumHistory)
    self.falseAlarmProbability = falseAlarmProbability
  }
}

/// What the baseline says of one service on one night.
package struct ServiceAssessment: Hashable, Sendable {
  package var identity: ServiceIdentity
  package var state: BaselineState
  /// The row the store keeps; nil while there is no history at all.
  package var baseline: ServiceBaseline?
  /// Expected errors by hour of the window (`window.hourCount` entries); empty while learning.
  package var errorBand: [ExpectedHour]
  /// Expected events of any level by hour of the window; empty while learning.
  package var volumeBand: [ExpectedHour]
  /// Its anomalies by start, then metric.
  package var events: [AnomalyEvent]

  package init(
    identity: ServiceIdentity, state: BaselineState, baseline: ServiceBaseline?,
    errorBand: [ExpectedHour], volumeBand: [ExpectedHour], events: [AnomalyEvent]
  ) {
    self.identity = identity
    self.state = state
    self.baseline = baseline
    self.errorBand = errorBand
    self.volumeBand = volumeBand
    self.events = events
  }
}

/// What the baselines say of a night.
package struct NightAssessment: Hashable, Sendable {
  /// One entry a service that logged tonight or ever before, sorted by identity.
  package var services: [ServiceAssessment]
  /// Incidents, most severe first, then earliest.
  package var incidents: [Incident]

  package init(services: [ServiceAssessment], incidents: [Incident]) {
    self.services = services
    self.incidents = incidents
  }

  /// All anomalies by start, then service, then metric.
  package var events: [AnomalyEvent] { services.flatMap(\.events).sorted(by: precedes) }

  /// The sum of the expected bands of all services that are past learning.
  ///
  /// Bands of single services are added as if their noise were independent: half-widths by root of
  /// the sum of squares.
  ///
  /// - Parameter band: which band, such as `\.volumeBand`.
  /// - Returns: one entry an hour; empty when every service is still learning.
  package func total(of band: KeyPath<ServiceAssessment, [ExpectedHour]>) -> [ExpectedHour] {
    let bands = services.map { $0[keyPath: band] }.filter { !$0.isEmpty }
    guard let hours = bands.map(\.count).min() else { return [] }
    return (0..<hours).map { hour in
      let expected = bands.reduce(0) { $0 + $1[hour].expected }
      let above = bands.reduce(0) { $0 + square($1[hour].high - $1[hour].expected) }
      let below = bands.reduce(0) { $0 + square($1[hour].expected - $1[hour].low) }
      return ExpectedHour(
        expected: expected, low: max(0, expected - below.squareRoot()),
        high: expected + above.squareRoot())
    }
  }
}

/// The order in which anomalies are listed: start, service, metric.
func precedes(_ left: AnomalyEvent, _ right: AnomalyEvent) -> Bool {
  if left.start != right.start { return left.start < right.start }
  if left.identity != right.identity { return left.identity < right.identity }
  return left.metric.rawValue < right.metric.rawValue
}

func square(_ value: Double) -> Double { value * value }
