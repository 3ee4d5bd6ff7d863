package import DaybreakCore

/// One pattern of one service with what was counted of it.
struct FoldedPattern: Hashable, Sendable {
  /// The count of one hour and level.
  struct Cell: Hashable, Sendable {
    /// Hour of the window plus one (0: without a time) times 8 plus level.
    var key: Int32
    /// At least 1.
    var count: Int64
  }

  /// A message kept as a sample.
  struct Sample: Hashable, Sendable {
    /// Of the whole message.
    var hash: UInt64
    /// `LineRecord.noTimestamp` when it has none.
    var timestamp: Int64
    var level: UInt8
    /// The length of the whole message in bytes.
    var fullCount: Int32
    /// Its first `LineSample.byteLimit` bytes.
    var bytes: [UInt8]
  }

  /// Masked bytes; see `Masker`.
  var masked: [UInt8]
  var tier: Tier
  /// By key, none twice.
  var cells: [Cell]
  /// `Int64.max` when no event has a time.
  var firstSeen: Int64
  /// `Int64.min` when no event has a time.
  var lastSeen: Int64
  /// Lines of the source behind its events beyond one each: the rest of stack traces.
  var furtherLines: Int64
  /// By (hash, content).
  var samples: [Sample]
}

/// What a fold counted: patterns and minutes by service, in one canonical order.
///
/// Equal events give equal results and equal bytes, whatever their order and however they were
/// divided between folds.
package struct FoldResult: Hashable, Sendable {
  /// The count of one minute and level of a service.
  struct MinuteCell: Hashable, Sendable {
    /// Minute of the window times 8 plus level.
    var key: Int32
    /// At least 1.
    var count: Int64
  }

  /// What one service wrote.
  struct Service: Hashable, Sendable {
    var identity: ServiceIdentity
    /// Lines of the source behind its events.
    var lineCount: Int64
    /// By key, none twice.
    var minutes: [MinuteCell]
    /// By masked bytes, none twice.
    var patterns: [FoldedPattern]
  }

  /// What events are counted by.
  package let time: FoldTime
  package let options: FoldOptions
  let stage: FoldStage
  /// By identity, none twice.
  let services: [Service]

  /// Puts parts in canonical order.
  init(time: FoldTime, options: FoldOptions, stage: FoldStage, services: [Service]) {
    self.time = time
    self.options = options
    self.stage = stage
    self.services = services.map { service in
      var service = service
      service.patterns.sort { $0.masked.lexicographicallyPrecedes($1.masked) }
      return service
    }.sorted { $0.identity < $1.identity }
  }

  /// The range of time that events are counted in: the fold's window, or all slots of an open fold.
  package var window: TimeWindow {
    switch time {
    case .window(let window): window
    case .open(let grid): grid.window
    }
  }

  /// Events counted.
  package var eventCount: Int64 {
    services.reduce(0) { total, service in
      service.patterns.reduce(total) { $0 + $1.cells.reduce(0) { $0 + $1.count } }
    }
  }

  /// Lines of the source behind the events: more than events where stack traces were joined.
  package var lineCount: Int64 { services.reduce(0) { $0 + $1.lineCount } }

  /// Distinct patterns of all services.
  package var patternCount: Int { services.reduce(0) { $0 + $1.patterns.count } }

  /// The services met, sorted.
  package var identities: [ServiceIdentity] { services.map(\.identity) }

  /// Whether there were so many patterns that groups of them were counted as one.
  package var isCoarsened: Bool {
    services.contains { $0.patterns.contains { $0.tier != .exact } }
  }

  /// Events with a time by service, minute and level, sorted by service: what baselines are made of.
  ///
  /// Nothing for an open fold, which counts no minutes.
  package func serviceMinutes() -> [ServiceMinutes] {
    guard case .window(let window) = time else { return [] }
    return services.map { service in
      var minutes = ServiceMinutes(identity: service.identity, window: window)
      for cell in service.minutes {
        guard let level = Level(rawValue: UInt8(cell.key & 7)) else { continue }
        minutes.minutes[Int(cell.key >> 3)][level] = cell.count
      }
      return minutes
    }
  }

  /// Adds up two results of the same window (or both of open folds) and limits: associative and
  /// commutative.
  ///
  /// - Throws: `windowMismatch`, `limitsMismatch`.
  package func merged(with other: FoldResult) throws(ClusteringError) -> FoldResult {
    if case .open(let left) = time, case .open(let right) = other.time {
      let grid = FoldResult.grid(of: [self, other])
      return try moved(from: left, to: grid).added(to: other.moved(from: right, to: grid))
    }
    return try added(to: other)
  }

  /// The slots that hold all events of results of open folds.
  static func grid(of results: [FoldResult]) -> TimeGrid {
    let patterns = results.flatMap(\.services).flatMap(\.patterns)
    let first = patterns.reduce(Int64.max) { min($0, $1.firstSeen) }
    let last = patterns.reduce(Int64.min) { max($0, $1.lastSeen) }
    return first <= last ? TimeGrid(first: first, last: last) : .empty
  }

  /// The result with its counts in the slots of a grid that covers its own.
  private func moved(from old: TimeGrid, to grid: TimeGrid) -> FoldResult {
    guard old != grid else { return self }
    return FoldResult(
      time: .open(grid), options: options, stage: stage,
      services: services.map { service in
        var service = service
        service.patterns = service.patterns.map { pattern in
          pattern.moved { slot in
            let second = (old.firstSlot + Int64(slot)) * old.slotSeconds
            return Int(floorDivide(second, grid.slotSeconds) - grid.firstSlot)
          }
        }
        return service
      })
  }

  /// Adds up two results of the same hours or slots.
  private func added(to other: FoldResult) throws(ClusteringError) -> FoldResult {
    guard time == other.time else {
      throw .windowMismatch(left: time.description, right: other.time.description)
    }
    guard options == other.options else {
      throw .limitsMismatch(left: options.description, right: other.options.description)
    }
    var table = PatternTable(options: options, stage: max(stage, other.stage))
    var merged: [Service] = []
    var indices: [ServiceIdentity: Int] = [:]
    for service in services + other.services {
      let index: Int
      if let known = indices[service.identity] {
        index = known
        merged[index].lineCount += service.lineCount
        merged[index].minutes = FoldResult.added(merged[index].minutes, service.minutes)
      } else {
        index = merged.count
        indices[service.identity] = index
        merged.append(
          Service(
            identity: service.identity, lineCount: service.lineCount, minutes: service.minutes,
            patterns: []))
      }
      for pattern in service.patterns { table.absorb(pattern, service: Int32(index)) }
    }
    for (service, pattern) in table.exported() { merged[Int(service)].patterns.append(pattern) }
    return FoldResult(time: time, options: options, stage: table.stage, services: merged)
  }

  /// Adds up two sorted lists of counts.
  private static func added(_ left: [MinuteCell], _ right: [MinuteCell]) -> [MinuteCell] {
    var sum: [MinuteCell] = []
    sum.reserveCapacity(left.count + right.count)
    var rest = right[...]
    for cell in left {
      while let first = rest.first, first.key < cell.key {
        sum.append(first)
        rest.removeFirst()
      }
      if let first = rest.first, first.key == cell.key {
        sum.append(MinuteCell(key: cell.key, count: cell.count + first.count))
        rest.removeFirst()
      } else {
        sum.append(cell)
      }
    }
    sum.append(contentsOf: rest)
    return sum
  }
}
