package import DaybreakCore

/// What is known of a cluster's past.
package struct ClusterHistory: Hashable, Sendable {
  /// Covered nights of the history.
  package var nightsCovered: Int
  /// Of those, nights on which the cluster was seen.
  package var nightsSeen: Int
  /// Median count over the covered nights (zeros included); 0 where there are none.
  package var medianCount: Double
  /// The last night before this one on which it was seen.
  package var lastSeen: CivilDate?

  package init(nightsCovered: Int, nightsSeen: Int, medianCount: Double, lastSeen: CivilDate?) {
    self.nightsCovered = nightsCovered
    self.nightsSeen = nightsSeen
    self.medianCount = medianCount
    self.lastSeen = lastSeen
  }

  /// Sums up counts of covered nights, oldest first.
  package init(counts: [(date: CivilDate, count: Int64)]) {
    let sorted = counts.map(\.count).sorted()
    let middle = sorted.count / 2
    let median =
      sorted.isEmpty
      ? 0
      : sorted.count % 2 == 1
        ? Double(sorted[middle]) : Double(sorted[middle - 1] + sorted[middle]) / 2
    self.init(
      nightsCovered: counts.count, nightsSeen: counts.count { $0.count > 0 }, medianCount: median,
      lastSeen: counts.filter { $0.count > 0 }.map(\.date).max())
  }
}

/// What a provider is told of one cluster on one night.
///
/// Samples must be redacted already.
package struct ClusterContext: Hashable, Sendable {
  package var observation: ClusterObservation
  package var lifecycle: Lifecycle
  package var history: ClusterHistory
  /// When it began to exceed what is normal; see `onset(of:lifecycle:medianHourly:window:)`.
  ///
  /// For a new cluster its first event; nil when it does not exceed, or no event carries a time.
  package var onset: Timestamp?
  /// Clusters of earlier nights that read like it, the most similar first.
  ///
  /// Empty without an encoder, and for what is no news.
  package var similar: [SimilarCluster]

  package init(
    observation: ClusterObservation, lifecycle: Lifecycle, history: ClusterHistory,
    onset: Timestamp?, similar: [SimilarCluster] = []
  ) {
    self.observation = observation
    self.lifecycle = lifecycle
    self.history = history
    self.onset = onset
    self.similar = similar
  }

  /// tonight / median of the history; nil when the median is 0.
  package var factor: Double? {
    history.medianCount > 0 ? Double(observation.count) / history.medianCount : nil
  }

  /// Whether it is back after silence, new, or at least twice and 10 events above its median.
  package var isNews: Bool {
    switch lifecycle {
    case .new, .regressed: true
    case .resolved, .muted: false
    case .recurring:
      Double(observation.count) >= max(2 * history.medianCount, history.medianCount + 10)
    }
  }
}

/// Everything a provider may use to speak of a cluster or an incident of one night.
package struct NightContext: Sendable {
  package var tenant: TenantName
  package var window: TimeWindow
  package var calendar: NightCalendar
  /// The night's incidents.
  package var incidents: [Incident]
  /// Clusters worth relating to each other: the night's news, and what else is at WARN or above.
  package var clusters: [ClusterContext]

  package init(
    tenant: TenantName, window: TimeWindow, calendar: NightCalendar, incidents: [Incident],
    clusters: [ClusterContext]
  ) {
    self.tenant = tenant
    self.window = window
    self.calendar = calendar
    self.incidents = incidents
    self.clusters = clusters
  }
}

/// Finds when a cluster began to exceed what is normal for it.
///
/// - Parameters:
///   - observation: the cluster tonight.
///   - lifecycle: a new or returned cluster exceeds from its first event.
///   - medianHourly: median count of each hour of the window over the covered nights; may be empty.
///   - window: the night.
/// - Returns: the first event for news; else the start of the first hour with at least three times,
///   and 5 events more than, the median of that hour, or the first event where that is later; nil
///   when no hour has.
package func onset(
  of observation: ClusterObservation, lifecycle: Lifecycle, medianHourly: [Double],
  window: TimeWindow
) -> Timestamp? {
  guard let firstSeen = observation.firstSeen else { return nil }
  if lifecycle == .new || lifecycle == .regressed { return firstSeen }
  let exceeding = observation.hourly.indices.first { hour in
    let median = hour < medianHourly.count ? medianHourly[hour] : 0
    let count = Double(observation.hourly[hour].total)
    return count >= 3 * median && count >= median + 5
  }
  guard let hour = exceeding else { return nil }
  return max(firstSeen, window.start.advanced(bySeconds: Int64(hour) * 3600))
}
