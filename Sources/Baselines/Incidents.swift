package import DaybreakCore

/// How many quiet minutes may lie between two anomalies of one incident.
let incidentGapMinutes = 10

/// Folds anomalies that overlap in time, or are at most ten minutes apart, into incidents.
///
/// - Parameters:
///   - events: the anomalies of one night, in any order.
///   - tenant: whose night it is; part of the incidents' ids.
/// - Returns: incidents, most severe first, then earliest. The answer does not depend on the order
///   of `events`.
package func incidents(from events: [AnomalyEvent], tenant: TenantName) -> [Incident] {
  var groups: [[AnomalyEvent]] = []
  var reach = Timestamp(nanoseconds: .min)
  for event in events.sorted(by: precedes) {
    if groups.isEmpty || event.start > reach {
      groups.append([event])
      reach = event.end.advanced(bySeconds: Int64(incidentGapMinutes) * 60)
    } else {
      groups[groups.count - 1].append(event)
      reach = max(reach, event.end.advanced(bySeconds: Int64(incidentGapMinutes) * 60))
    }
  }
  return groups.compactMap { incident(from: $0, tenant: tenant) }.sorted { left, right in
    left.severity == right.severity ? left.start < right.start : left.severity > right.severity
  }
}

/// Makes one incident of events that belong together; `events` is sorted and not empty.
private func incident(from events: [AnomalyEvent], tenant: TenantName) -> Incident? {
  guard let first = events.first, let worst = events.max(by: mattersLess),
    let end = events.map(\.end).max()
  else { return nil }
  let services = Dictionary(grouping: events, by: \.identity).compactMap {
    identity, events -> Incident.ServiceOnset? in
    guard let worst = events.max(by: mattersLess), let onset = events.map(\.start).min() else {
      return nil
    }
    return Incident.ServiceOnset(identity: identity, onset: onset, worst: worst)
  }.sorted(by: movesFirst)
  let firstMover = services.first?.identity ?? first.identity
  return Incident(
    id: naturalID(
      "incident", tenant.description, first.start.rfc3339, firstMover.namespace,
      firstMover.service),
    severity: worst.severity, start: first.start, end: end, services: services, worst: worst,
    events: events)
}

/// Earlier onset first; in one minute, what is less probable first: it changed more abruptly.
private func movesFirst(_ left: Incident.ServiceOnset, _ right: Incident.ServiceOnset) -> Bool {
  if left.onset != right.onset { return left.onset < right.onset }
  if left.worst.logProbability != right.worst.logProbability {
    return left.worst.logProbability < right.worst.logProbability
  }
  return left.identity < right.identity
}

/// Severity, then improbability, then (for a fixed answer) the later in listing order matters less.
private func mattersLess(_ left: AnomalyEvent, _ right: AnomalyEvent) -> Bool {
  if left.severity != right.severity { return left.severity < right.severity }
  if left.logProbability != right.logProbability {
    return left.logProbability > right.logProbability
  }
  return precedes(right, left)
}
