internal import DaybreakCore
internal import Summaries

/// Of how much of a night's news more is looked up than its figures: what it is like, what stood before it.
let newsLimit = 50

extension ClusterObservation {
  /// The order in which news is told: the most severe first, then the largest, then by key.
  static func mostSevereFirst(_ left: ClusterObservation, _ right: ClusterObservation) -> Bool {
    if left.level != right.level { return left.level > right.level }
    if left.count != right.count { return left.count > right.count }
    if left.identity != right.identity { return left.identity < right.identity }
    return left.fingerprint < right.fingerprint
  }
}

extension ClusterContext {
  /// A cluster with its past, and with its onset, for which nightly counts are spread evenly over the
  /// hours: they are all that history keeps.
  init(
    _ observation: ClusterObservation, _ lifecycle: Lifecycle, _ history: ClusterHistory,
    in window: TimeWindow, similar: [SimilarCluster] = []
  ) {
    let median = history.medianCount / Double(window.hourCount)
    self.init(
      observation: observation, lifecycle: lifecycle, history: history,
      onset: Summaries.onset(
        of: observation, lifecycle: lifecycle,
        medianHourly: [Double](repeating: median, count: window.hourCount), window: window),
      similar: similar)
  }
}
