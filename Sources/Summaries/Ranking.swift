package import DaybreakCore

/// The clusters that may tell how an incident began: news at ERROR or above, in its services, that
/// began during it.
///
/// - Parameters:
///   - incident: the incident.
///   - night: where candidates come from.
/// - Returns: clusters by the order in which their services began, then new and returned before
///   escalating ones, then by onset, then the most frequent. A service began with its anomaly, or with
///   its first new error where that is earlier: few errors are improbable only after a while.
package func rankedClusters(for incident: Incident, in night: NightContext) -> [ClusterContext] {
  let joined = Dictionary(
    incident.services.map { ($0.identity, $0.onset) }, uniquingKeysWith: { first, _ in first })
  let candidates = night.clusters.filter { cluster in
    guard cluster.isNews, cluster.observation.levels.errors > 0, let onset = cluster.onset,
      joined[cluster.observation.identity] != nil
    else { return false }
    // The onset of an escalating cluster is known to the hour only.
    let tolerance: Int64 = cluster.lifecycle == .recurring ? 3600 : 600
    return onset >= incident.start.advanced(bySeconds: -tolerance) && onset < incident.end
  }
  var beginnings = joined
  for cluster in candidates where cluster.lifecycle != .recurring {
    guard let onset = cluster.onset else { continue }
    let identity = cluster.observation.identity
    beginnings[identity] = min(beginnings[identity] ?? onset, onset)
  }
  func key(_ cluster: ClusterContext) -> (Int64, Int, Int64, Int64) {
    let onset = max(cluster.onset ?? incident.start, incident.start)
    let beginning = beginnings[cluster.observation.identity] ?? incident.end
    return (
      beginning.nanoseconds, cluster.lifecycle == .recurring ? 1 : 0, onset.nanoseconds,
      -cluster.observation.count
    )
  }
  return candidates.sorted { left, right in
    let (leftKey, rightKey) = (key(left), key(right))
    if leftKey != rightKey { return leftKey < rightKey }
    let (one, other) = (left.observation, right.observation)
    return one.identity != other.identity
      ? one.identity < other.identity : one.fingerprint < other.fingerprint
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

  /// Finds the leading cluster; nil unless it is exact in time (new or returned) and began before any
  /// other service's.
  init?(of incident: Incident, ranked: [ClusterContext]) {
    guard let leader = ranked.first, leader.lifecycle != .recurring, let onset = leader.onset
    else { return nil }
    let others = ranked.filter {
      $0.observation.identity != leader.observation.identity && $0.lifecycle != .recurring
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
