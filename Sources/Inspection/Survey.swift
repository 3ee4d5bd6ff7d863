package import Clustering
package import DaybreakCore

/// What was read, and what was counted of it.
package struct CountedInput: Sendable {
  package var result: FoldResult
  package var coverage: SourceCoverage

  package init(result: FoldResult, coverage: SourceCoverage) {
    self.result = result
    self.coverage = coverage
  }

  /// Adds up two of them: associative and commutative but for the reason of a failure.
  ///
  /// - Throws: `ClusteringError` where they were counted in different ways.
  package func merged(with other: CountedInput) throws(ClusteringError) -> CountedInput {
    var sum = CountedInput(result: try result.merged(with: other.result), coverage: coverage)
    sum.coverage.merge(other.coverage)
    return sum
  }
}

/// Which clusters and events are shown, and how templates are spelled.
package struct SurveyFilter: Sendable {
  /// Levels of the events that count.
  package var levels = Set(Level.allCases)
  /// Names of services, bare or as `namespace/service`; empty for all.
  package var services: Set<String> = []
  package var placeholders = PlaceholderStyle.typed

  package init() {}

  /// Whether every event counts.
  var takesAllLevels: Bool { levels.count == Level.allCases.count }

  func takes(_ identity: ServiceIdentity) -> Bool {
    services.isEmpty || services.contains(identity.service)
      || services.contains("\(identity.namespace)/\(identity.service)")
  }
}

/// One cluster as it is shown: the events of the chosen levels.
package struct SurveyRow: Sendable {
  package var fingerprint: Fingerprint
  package var identity: ServiceIdentity
  package var template: String
  /// The level that a reader should take its events for.
  package var level: Level
  package var levels: LevelCounts
  /// Events.
  package var count: Int64
  /// Lines of the input behind all of its events, of whatever level.
  package var lineCount: Int64
  /// Events by slot and level; of other levels as well.
  var cells: [ClusterTally.Cell]
  /// The levels of the events that count.
  fileprivate let chosen: Set<Level>
  package var firstSeen: Timestamp?
  package var lastSeen: Timestamp?
  package var samples: [LineSample]

  /// Events by slot.
  ///
  /// - Parameter slotCount: how many slots the survey's time has.
  /// - Returns: as many counts.
  package func slots(_ slotCount: Int) -> [Int64] {
    var slots = [Int64](repeating: 0, count: slotCount)
    for cell in cells where chosen.contains(cell.level) {
      if let slot = cell.slot { slots[slot] += cell.count }
    }
    return slots
  }

  /// The short id: what `--assign` writes.
  package var id: String { clusterID(fingerprint) }
}

/// The clusters of an input, the most frequent first.
package struct Survey: Sendable {
  package var rows: [SurveyRow]
  package var coverage: SourceCoverage
  /// All events, shown or not.
  package var eventCount: Int64
  package var time: FoldTime
  /// Whether there were so many patterns that groups of them were counted as one.
  package var isCoarsened: Bool
  /// Whether the rows leave out events.
  package var isFiltered: Bool

  /// Makes the rows of an input.
  ///
  /// - Parameters:
  ///   - input: what was counted.
  ///   - refinement: its clusters.
  ///   - filter: what is shown of them.
  package init(_ input: CountedInput, refinement: Refinement, filter: SurveyFilter) {
    let assigner = ClusterAssigner(result: input.result, refinement: refinement)
    self.init(
      input, clusters: refinement.clusters, tallies: assigner.tallies(of: input.result),
      filter: filter)
  }

  /// Makes the rows of an input whose clusters were made of more than itself.
  init(
    _ input: CountedInput, clusters: [ClusterObservation], tallies: [ClusterTally],
    filter: SurveyFilter
  ) {
    coverage = input.coverage
    eventCount = input.result.eventCount
    time = input.result.time
    isCoarsened = input.result.isCoarsened
    isFiltered = !filter.takesAllLevels || !filter.services.isEmpty
    let time = input.result.time
    rows = zip(clusters, tallies).compactMap { cluster, tally in
      SurveyRow(cluster, tally, time: time, filter: filter)
    }.sorted(by: SurveyRow.isBefore)
  }

  /// Events of the rows.
  package var shownCount: Int64 { rows.reduce(0) { $0 + $1.count } }

  /// From the earliest to the latest event of the rows; nil when none has a time.
  package var span: (first: Timestamp, last: Timestamp)? {
    guard let first = rows.compactMap(\.firstSeen).min(),
      let last = rows.compactMap(\.lastSeen).max()
    else { return nil }
    return (first, last)
  }

  /// Whether the rows are of more than one service.
  var namesServices: Bool { Set(rows.lazy.map(\.identity)).count > 1 }
}

extension SurveyRow {
  /// The events of a cluster that a filter takes; nil when there are none.
  init?(
    _ cluster: ClusterObservation, _ tally: ClusterTally, time: FoldTime, filter: SurveyFilter
  ) {
    guard filter.takes(cluster.identity) else { return nil }
    levels = LevelCounts()
    for cell in tally.cells where filter.levels.contains(cell.level) {
      levels[cell.level] += cell.count
    }
    count = levels.total
    guard count > 0 else { return nil }
    fingerprint = cluster.fingerprint
    identity = cluster.identity
    cells = tally.cells
    chosen = filter.levels
    template = filter.placeholders.spelled(cluster.template)
    level = levels.typical
    lineCount = tally.lineCount
    firstSeen = tally.firstSeen
    lastSeen = tally.lastSeen
    samples = cluster.samples.filter { sample in
      filter.levels.contains(Level(rawValue: sample.level) ?? .unknown)
    }
    if levels != tally.levels { narrowTimes(time) }
  }

  /// Draws the times together where events of other levels may be the first and last: to the start and
  /// end of the slots that hold events.
  private mutating func narrowTimes(_ time: FoldTime) {
    let slots = slots(time.slotCount)
    guard let first = slots.firstIndex(where: { $0 > 0 }),
      let last = slots.lastIndex(where: { $0 > 0 })
    else {
      firstSeen = nil
      lastSeen = nil
      return
    }
    firstSeen = firstSeen.map { max($0, time.start(ofSlot: first)) }
    lastSeen = lastSeen.map { min($0, time.start(ofSlot: last + 1)) }
  }

  /// The order of rows: many events first, then severe ones, then by template and service.
  static func isBefore(_ left: SurveyRow, _ right: SurveyRow) -> Bool {
    if left.count != right.count { return left.count > right.count }
    if left.level != right.level { return left.level > right.level }
    if left.template != right.template {
      return left.template.utf8.lexicographicallyPrecedes(right.template.utf8)
    }
    return left.identity < right.identity
  }
}
