import DaybreakCore
import Foundation
import Summaries

/// A night on which payments ran out of connections and checkout followed.
struct Scene {
  let calendar: NightCalendar
  let window: TimeWindow
  let tenant: TenantName

  init() throws {
    guard let calendar = NightCalendar(zoneName: "Europe/Berlin"),
      let date = CivilDate("2026-03-12"), let tenant = TenantName("acme")
    else { throw CocoaError(.formatting) }
    self.calendar = calendar
    self.tenant = tenant
    window = calendar.window(of: date)
  }

  func moment(_ minute: Int, second: Int = 0) -> Timestamp {
    window.start.advanced(bySeconds: Int64(minute * 60 + second))
  }

  func service(_ name: String) -> ServiceIdentity {
    ServiceIdentity(namespace: "shop", service: name)
  }

  func event(_ name: String, _ range: Range<Int>, expected: Double = 0.02) -> AnomalyEvent {
    AnomalyEvent(
      identity: service(name), metric: .errorRate, start: moment(range.lowerBound),
      end: moment(range.upperBound), peak: moment(range.lowerBound + 1), expected: expected,
      observed: 24, peakObserved: 41, deviationFactor: expected > 0 ? 24 / expected : nil,
      deviationNote: expected > 0 ? nil : "none in 14 nights of history", logProbability: -300,
      severity: .critical)
  }

  func incident(_ events: [AnomalyEvent]) -> Incident {
    let onsets = events.map {
      Incident.ServiceOnset(identity: $0.identity, onset: $0.start, worst: $0)
    }
    return Incident(
      id: naturalID("test"), severity: .critical, start: events[0].start,
      end: events.map(\.end).max() ?? events[0].end, services: onsets, worst: events[0],
      events: events)
  }

  func cluster(
    _ name: String, _ template: String, at minute: Int, second: Int = 0, count: Int64 = 500,
    lifecycle: Lifecycle = .new, median: Double = 0, samples: [String] = []
  ) -> ClusterContext {
    var hourly = [LevelCounts](repeating: LevelCounts(), count: 24)
    hourly[minute / 60][.error] = count
    let start = moment(minute, second: second)
    return ClusterContext(
      observation: ClusterObservation(
        identity: service(name), fingerprint: Fingerprint(template: template), template: template,
        hourly: hourly, untimed: LevelCounts(), firstSeen: start, lastSeen: moment(171),
        samples: samples.map {
          LineSample(timestamp: start.nanoseconds, level: Level.error.rawValue, text: $0)
        }, placeholderValues: []),
      lifecycle: lifecycle,
      history: ClusterHistory(
        nightsCovered: 14, nightsSeen: lifecycle == .new ? 0 : 14, medianCount: median,
        lastSeen: nil),
      onset: start)
  }

  func night(_ incidents: [Incident], _ clusters: [ClusterContext]) -> NightContext {
    NightContext(
      tenant: tenant, window: window, calendar: calendar, incidents: incidents, clusters: clusters)
  }

  let pool = "<pool> - Connection is not available, request timed out after <num>ms"
  let poolSamples = [
    "HikariPool-1 - Connection is not available, request timed out after 30001ms",
    """
    Could not open JPA EntityManager
    \tat com.shop.payments.Charge.run(Charge.java:88)
    Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available
    """,
    "HikariPool-1 - Connection is not available, request timed out after 30017ms",
  ]

  /// The outage, with payments 75 seconds ahead of checkout.
  func outage() -> NightContext {
    let incident = incident([event("payments", 130..<172), event("checkout", 131..<172)])
    return night(
      [incident],
      [
        cluster("checkout", "payment failed: upstream returned <num>", at: 131, second: 20),
        cluster("payments", pool, at: 130, second: 5, samples: poolSamples),
        cluster("cart", "cache miss", at: 140),
        cluster("payments", "old news", at: 900),
      ])
  }
}
