internal import Clustering
internal import DaybreakCore
internal import Foundation
internal import Summaries

/// Of how many clusters of a night neighbouring lines are looked up.
private let targetLimit = 50

extension NightRun {
  /// Adds to what is news at WARN or above the lines that its service wrote just before; see
  /// `NeighbourPass`.
  func withNeighbours(
    _ matched: [MatchedCluster], _ lifecycles: [Lifecycle], covered: [CivilDate]
  ) throws -> [ClusterObservation] {
    var observations = matched.map(\.observation)
    let news = matched.indices.filter { index in
      observations[index].level >= .warn
        && isNews(matched[index], lifecycles[index], covered: covered)
    }.sorted { left, right in
      let (one, other) = (observations[left], observations[right])
      if one.level != other.level { return one.level > other.level }
      if one.count != other.count { return one.count > other.count }
      if one.identity != other.identity { return one.identity < other.identity }
      return one.fingerprint < other.fingerprint
    }
    var targets: [Int: NeighbourPass.Target] = [:]
    for index in news.prefix(targetLimit) {
      let moment = beginning(of: observations[index], lifecycles[index])
      targets[index] = moment.map {
        NeighbourPass.Target(identity: observations[index].identity, moment: $0)
      }
    }
    let pass = NeighbourPass(
      night: night, surroundings: surroundings,
      threads: max(1, ProcessInfo.processInfo.activeProcessorCount),
      limit: night.job.clusters.neighbouringLines)
    let found = try pass.lines(before: Array(Set(targets.values)))
    for (index, target) in targets {
      let matcher = TemplateMatcher(template: observations[index].template)
      observations[index].neighbours = (found[target] ?? []).filter {
        !matcher.matches($0.text.utf8)
      }
    }
    return observations
  }

  private func isNews(
    _ cluster: MatchedCluster, _ lifecycle: Lifecycle, covered: [CivilDate]
  ) -> Bool {
    let past = cluster.continues.isEmpty ? cluster.splitFrom : cluster.continues
    let counts = Dictionary(
      past.flatMap(\.nights).map { ($0.date, $0.count) }, uniquingKeysWith: +)
    return ClusterContext(
      observation: cluster.observation, lifecycle: lifecycle,
      history: ClusterHistory(counts: covered.map { (date: $0, count: counts[$0] ?? 0) }),
      onset: nil
    ).isNews
  }

  /// The moment before which lines may tell why a cluster began: its first event, or, of one that came
  /// all along, the first sample of the hour in which it was most frequent.
  private func beginning(of observation: ClusterObservation, _ lifecycle: Lifecycle) -> Timestamp? {
    guard lifecycle == .recurring else { return observation.firstSeen }
    let busiest = observation.hourly.indices.max {
      observation.hourly[$0].total < observation.hourly[$1].total
    }
    let start = night.window.start.advanced(bySeconds: Int64(busiest ?? 0) * 3600)
    let moments = observation.samples.compactMap { $0.timestamp.map(Timestamp.init(nanoseconds:)) }
    return moments.filter { $0 >= start }.min()
  }
}
