package import DaybreakCore

/// What one fold counted of one cluster.
package struct ClusterTally: Hashable, Sendable {
  /// The events of one slot and level.
  package struct Cell: Hashable, Sendable {
    /// The place among the hours or slots of the fold plus one, 0 for events without a time.
    private let number: Int32
    package let level: Level
    /// At least 1.
    package fileprivate(set) var count: Int64

    fileprivate init(_ cell: FoldedPattern.Cell) {
      number = cell.key >> 3
      level = Level(rawValue: UInt8(cell.key & 7)) ?? .unknown
      count = cell.count
    }

    /// The place among the hours or slots of the fold; nil for events without a time.
    package var slot: Int? { number == 0 ? nil : Int(number) - 1 }
  }

  /// By slot (those without a time first) and level, none twice.
  package fileprivate(set) var cells: [Cell] = []
  /// The earliest and the latest event; nil when none has a time.
  package var firstSeen: Timestamp?
  package var lastSeen: Timestamp?
  /// Lines of the source behind the events: more than events where stack traces were joined.
  package var lineCount: Int64 = 0

  /// All events by level.
  package var levels: LevelCounts {
    cells.reduce(into: LevelCounts()) { $0[$1.level] += $1.count }
  }
}

extension ClusterAssigner {
  /// What a fold counted of each cluster, in the order of the clusters.
  ///
  /// - Parameter part: the result that the clusters were made of, or one that was merged into it.
  /// - Returns: one tally a cluster, without a cell where the part counted nothing of it.
  package func tallies(of part: FoldResult) -> [ClusterTally] {
    var tallies = [ClusterTally](repeating: ClusterTally(), count: clusterCount)
    var counts = [[FoldedPattern.Cell]](repeating: [], count: clusterCount)
    for service in part.services {
      for pattern in service.patterns {
        guard let cluster = cluster(of: pattern, service: service.identity) else { continue }
        counts[cluster] += pattern.cells
        tallies[cluster].add(pattern)
      }
    }
    for index in tallies.indices { tallies[index].add(counts[index]) }
    return tallies
  }
}

extension ClusterTally {
  /// Adds lines and times of a pattern.
  fileprivate mutating func add(_ pattern: FoldedPattern) {
    lineCount += pattern.furtherLines + pattern.cells.reduce(0) { $0 + $1.count }
    guard pattern.firstSeen <= pattern.lastSeen else { return }
    let first = Timestamp(nanoseconds: pattern.firstSeen)
    let last = Timestamp(nanoseconds: pattern.lastSeen)
    firstSeen = firstSeen.map { min($0, first) } ?? first
    lastSeen = lastSeen.map { max($0, last) } ?? last
  }

  /// Adds the counts of all patterns.
  fileprivate mutating func add(_ counts: [FoldedPattern.Cell]) {
    var lastKey: Int32?
    for cell in counts.sorted(by: { $0.key < $1.key }) {
      if cell.key == lastKey {
        cells[cells.count - 1].count += cell.count
        continue
      }
      lastKey = cell.key
      cells.append(Cell(cell))
    }
  }
}
