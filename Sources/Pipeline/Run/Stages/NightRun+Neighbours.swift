internal import Clustering
internal import DaybreakCore
internal import Foundation
internal import Summaries

extension NightRun {
  /// Adds to what is news at WARN or above the lines that its service wrote just before it began to be
  /// news (`onset`); see `NeighbourPass`.
  func withNeighbours(
    _ matched: [MatchedCluster], _ lifecycles: [Lifecycle], covered: [CivilDate]
  ) throws -> [ClusterObservation] {
    var observations = matched.map(\.observation)
    var targets: [Int: NeighbourPass.Target] = [:]
    for (index, context) in news(matched, lifecycles, covered: covered).prefix(newsLimit) {
      targets[index] = context.onset.map {
        NeighbourPass.Target(
          identity: observations[index].identity, template: observations[index].template, moment: $0
        )
      }
    }
    let pass = NeighbourPass(
      night: night, surroundings: surroundings,
      threads: max(1, ProcessInfo.processInfo.activeProcessorCount),
      limit: night.job.clusters.neighbouringLines)
    let found = try pass.lines(before: Array(targets.values))
    for (index, target) in targets { observations[index].neighbours = found[target] ?? [] }
    return observations
  }

  /// The clusters that are news at WARN or above, with their places, the most severe first.
  private func news(
    _ matched: [MatchedCluster], _ lifecycles: [Lifecycle], covered: [CivilDate]
  ) -> [(index: Int, context: ClusterContext)] {
    func counts(_ past: [KnownTemplate]) -> [CivilDate: Int64] {
      Dictionary(past.flatMap(\.nights).map { ($0.date, $0.count) }, uniquingKeysWith: +)
    }
    return matched.indices.filter { matched[$0].observation.level >= .warn }.map { index in
      let cluster = matched[index]
      let history = clusterHistory(
        counts(cluster.continues), beforeSplit: counts(cluster.splitFrom), covered: covered)
      return (
        index, ClusterContext(cluster.observation, lifecycles[index], history, in: night.window)
      )
    }.filter(\.context.isNews).sorted {
      ClusterObservation.mostSevereFirst($0.context.observation, $1.context.observation)
    }
  }
}
