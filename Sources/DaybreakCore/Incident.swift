package import Foundation

/// Anomalies that overlap in time, taken as one thing that happened.
package struct Incident: Hashable, Sendable {
  /// Derived from tenant, start and first service: the same night written twice has the same id.
  package var id: UUID
  /// The highest severity among its events.
  package var severity: Severity
  /// First minute of its earliest event.
  package var start: Timestamp
  /// End of its latest event (exclusive).
  package var end: Timestamp
  /// The services involved, by the start of their first event: the first mover leads.
  package var services: [ServiceOnset]
  /// The event that matters most: highest severity, then least probable, then earliest.
  package var worst: AnomalyEvent
  /// Every event, by start, then service, then metric.
  package var events: [AnomalyEvent]

  /// When one service joined an incident.
  package struct ServiceOnset: Hashable, Sendable {
    package var identity: ServiceIdentity
    /// First minute of its first event.
    package var onset: Timestamp
    /// Its event that matters most.
    package var worst: AnomalyEvent

    package init(identity: ServiceIdentity, onset: Timestamp, worst: AnomalyEvent) {
      self.identity = identity
      self.onset = onset
      self.worst = worst
    }
  }

  package init(
    id: UUID, severity: Severity, start: Timestamp, end: Timestamp, services: [ServiceOnset],
    worst: AnomalyEvent, events: [AnomalyEvent]
  ) {
    self.id = id
    self.severity = severity
    self.start = start
    self.end = end
    self.services = services
    self.worst = worst
    self.events = events
  }

  /// The service whose anomaly began first.
  package var firstMover: ServiceIdentity { services.first?.identity ?? worst.identity }
}
