/// Events of one service by minute and level over one window: what baselines are made of.
package struct ServiceMinutes: Hashable, Sendable {
  package var identity: ServiceIdentity
  /// One entry a minute of the window (index 0 is its first minute), dense.
  package var minutes: [LevelCounts]

  package init(identity: ServiceIdentity, minutes: [LevelCounts]) {
    self.identity = identity
    self.minutes = minutes
  }

  /// Makes zero counts for a window.
  package init(identity: ServiceIdentity, window: TimeWindow) {
    self.init(
      identity: identity,
      minutes: [LevelCounts](repeating: LevelCounts(), count: window.minuteCount))
  }

  /// Events by level over the whole window.
  package var total: LevelCounts { minutes.reduce(into: LevelCounts()) { $0 += $1 } }
}
