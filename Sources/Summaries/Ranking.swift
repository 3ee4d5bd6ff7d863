package import DaybreakCore

/// The clusters that may tell how an incident began: news at ERROR or above, in its services, that
/// began during it.
///
/// - Parameters:
///   - incident: the incident.
///   - night: where candidates come from.
/// - Returns: clusters by the order in which their services moved, then new and returned before
///   escalating ones, then by onset, then the most frequent; the first mover's first cluster leads.
package func rankedClusters(for incident: Incident, in night: NightContext) -> [ClusterContext] {
  let order = Dictionary(
    incident.services.enumerated().map { ($0.element.identity, $0.offset) },
    uniquingKeysWith: { first, _ in first })
  let candidates = night.clusters.filter { cluster in
    guard cluster.isNews, cluster.observation.levels.errors > 0, let onset = cluster.onset,
      order[cluster.observation.identity] != nil
    else { return false }
    // The onset of an escalating cluster is known to the hour only.
    let tolerance: Int64 = cluster.lifecycle == .recurring ? 3600 : 600
    return onset >= incident.start.advanced(bySeconds: -tolerance) && onset < incident.end
  }
  func key(_ cluster: ClusterContext) -> (Int, Int, Int64, Int64) {
    let onset = max(cluster.onset ?? incident.start, incident.start)
    return (
      order[cluster.observation.identity] ?? .max, cluster.lifecycle == .recurring ? 1 : 0,
      onset.nanoseconds, -cluster.observation.count
    )
  }
  return candidates.sorted { left, right in
    let (leftKey, rightKey) = (key(left), key(right))
    return leftKey == rightKey
      ? left.observation.fingerprint < right.observation.fingerprint : leftKey < rightKey
  }
}

/// The incident that a cluster belongs to: the most severe among whose candidates it is.
///
/// - Parameters:
///   - cluster: a cluster of the night.
///   - night: its night.
/// - Returns: the incident; nil when it belongs to none.
package func incident(of cluster: ClusterContext, in night: NightContext) -> Incident? {
  night.incidents.first { incident in
    rankedClusters(for: incident, in: night).contains {
      $0.observation.fingerprint == cluster.observation.fingerprint
        && $0.observation.identity == cluster.observation.identity
    }
  }
}

/// What the order of onsets supports as a beginning of an incident.
struct Beginning {
  let leader: ClusterContext
  /// The earliest cluster of another service, and how many seconds later it began; nil when the
  /// incident has no other service with news.
  let next: (cluster: ClusterContext, seconds: Int64)?

  /// Finds the first mover's leading cluster; nil unless it is exact in time (new or returned) and
  /// began before any other service's.
  init?(of incident: Incident, ranked: [ClusterContext]) {
    guard let leader = ranked.first, leader.observation.identity == incident.firstMover,
      leader.lifecycle != .recurring, let onset = leader.onset
    else { return nil }
    let others = ranked.filter {
      $0.observation.identity != incident.firstMover && $0.lifecycle != .recurring
    }
    let earliest = others.compactMap { cluster in
      cluster.onset.map { (cluster: cluster, onset: $0) }
    }.min { $0.onset < $1.onset }
    self.leader = leader
    guard let earliest else {
      next = nil
      return
    }
    guard earliest.onset > onset else { return nil }
    next = (earliest.cluster, earliest.onset.seconds - onset.seconds)
  }
}
