package import DaybreakCore

/// Slots of equal length, aligned to the Unix epoch, that hold all events of a fold without a window.
///
/// The length follows from the earliest and the latest event alone: the shortest of a fixed ladder at
/// which no more than `slotLimit` slots reach from one to the other. Each step of the ladder is a
/// multiple of the one before, so counts of short slots add up to those of longer ones, and parts that
/// were counted in different slots can be added up.
package struct TimeGrid: Hashable, Sendable {
  /// How many slots a grid has at most.
  package static let slotLimit = 64
  /// The grid of no event at all.
  package static let empty = TimeGrid(seconds: 1, firstSlot: 0, slotCount: 0)

  /// The length of a slot in seconds.
  package let slotSeconds: Int64
  /// The number of the first slot, counted from the Unix epoch.
  let firstSlot: Int64
  /// How many slots there are; 0 when no event has a time.
  package let slotCount: Int

  private init(seconds: Int64, firstSlot: Int64, slotCount: Int) {
    slotSeconds = seconds
    self.firstSlot = firstSlot
    self.slotCount = slotCount
  }

  /// The grid of a fold file; nil where no events can have it.
  init?(slotSeconds: Int64, firstSlot: Int64, slotCount: Int) {
    let range = Int64.max / 1_000_000_000 / slotSeconds + 1
    guard slotSeconds >= 1, (-range - 1...range).contains(firstSlot),
      (0...TimeGrid.slotLimit).contains(slotCount)
    else { return nil }
    self.init(seconds: slotSeconds, firstSlot: firstSlot, slotCount: slotCount)
  }

  /// The grid of events from one moment to another, in nanoseconds since the Unix epoch.
  init(first: Int64, last: Int64) {
    let start = floorDivide(first, 1_000_000_000)
    let end = floorDivide(last, 1_000_000_000)
    var seconds: Int64 = 1
    while floorDivide(end, seconds) - floorDivide(start, seconds) >= Int64(TimeGrid.slotLimit) {
      seconds = TimeGrid.next(after: seconds)
    }
    slotSeconds = seconds
    firstSlot = floorDivide(start, seconds)
    slotCount = Int(floorDivide(end, seconds) - firstSlot) + 1
  }

  /// The next step of the ladder: lengths that people read clocks by, and doubled days.
  static func next(after seconds: Int64) -> Int64 {
    let ladder: [Int64] = [
      1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400,
    ]
    return ladder.first { $0 > seconds } ?? seconds * 2
  }

  /// Where a slot starts, as near as a timestamp can say.
  package func start(ofSlot slot: Int) -> Timestamp {
    Timestamp(nanoseconds: saturatedNanoseconds((firstSlot + Int64(slot)) * slotSeconds))
  }

  /// From the start of the first slot to the end of the last.
  package var window: TimeWindow {
    TimeWindow(start: start(ofSlot: 0), end: start(ofSlot: slotCount))
  }
}

/// What a fold counts events by: where in time the keys of its counts lie.
package enum FoldTime: Hashable, Sendable {
  /// Hours and minutes of a window; events outside of it are counted as ones without a time.
  case window(TimeWindow)
  /// Slots that reach from the earliest to the latest event, and no minutes.
  case open(TimeGrid)

  /// How many hours or slots there are.
  package var slotCount: Int {
    switch self {
    case .window(let window): window.hourCount
    case .open(let grid): grid.slotCount
    }
  }

  /// How many hours a cluster's observation has: one for all events with a time of an open fold, whose
  /// counts by slot are in its tallies, since there may be many clusters.
  var hourCount: Int {
    switch self {
    case .window(let window): window.hourCount
    case .open(let grid): min(1, grid.slotCount)
    }
  }

  /// The hour of an observation that a slot belongs to; -1 for the one of events without a time.
  func hour(ofSlot slot: Int) -> Int {
    if case .open = self { min(0, slot) } else { slot }
  }

  /// How long an hour or slot is, in seconds.
  package var slotSeconds: Int64 {
    switch self {
    case .window: 3600
    case .open(let grid): grid.slotSeconds
    }
  }

  /// When an hour or slot starts.
  package func start(ofSlot slot: Int) -> Timestamp {
    switch self {
    case .window(let window): window.start.advanced(bySeconds: Int64(slot) * 3600)
    case .open(let grid): grid.start(ofSlot: slot)
    }
  }

  /// How many minutes are counted.
  var minuteCount: Int {
    if case .window(let window) = self { window.minuteCount } else { 0 }
  }

  /// The range as an error message names it.
  var description: String {
    switch self {
    case .window(let window): "\(window.start) to \(window.end)"
    case .open: "any time"
    }
  }
}

/// The slots of an open fold while events come: numbered from a base, so that earlier events renumber
/// nothing.
struct OpenSlots {
  /// What is added to a slot's distance from the base: earlier slots have numbers as well.
  static let bias = TimeGrid.slotLimit

  /// The length of a slot in seconds.
  private(set) var slotSeconds: Int64 = 1
  private var firstSecond = Int64.max
  private var lastSecond = Int64.min
  /// The second of the event that slots are counted from.
  private var baseSecond: Int64 = 0

  private var base: Int64 { floorDivide(baseSecond, slotSeconds) }

  /// Takes in the second of an event.
  ///
  /// - Returns: the length of slots before, when they had to become longer; the numbers given until
  ///   now are then to be mapped by `renumbered`.
  mutating func extend(to second: Int64) -> Int64? {
    if firstSecond > lastSecond { baseSecond = second }
    firstSecond = min(firstSecond, second)
    lastSecond = max(lastSecond, second)
    let before = slotSeconds
    while floorDivide(lastSecond, slotSeconds) - floorDivide(firstSecond, slotSeconds)
      >= Int64(TimeGrid.slotLimit)
    {
      slotSeconds = TimeGrid.next(after: slotSeconds)
    }
    return before == slotSeconds ? nil : before
  }

  /// The number of the slot that a second lies in.
  func number(of second: Int64) -> Int {
    Int(floorDivide(second, slotSeconds) - base) + OpenSlots.bias
  }

  /// The seconds of the slot that a second lies in, from its start to before its end.
  func bounds(of second: Int64) -> (start: Int64, end: Int64) {
    let slot = floorDivide(second, slotSeconds)
    return (slot * slotSeconds, (slot + 1) * slotSeconds)
  }

  /// The number of a slot that had another when slots were `before` seconds long.
  func renumbered(_ number: Int, from before: Int64) -> Int {
    let slot = floorDivide(baseSecond, before) + Int64(number - OpenSlots.bias)
    return self.number(of: slot * before)
  }

  /// All slots, and how far a number is from its place among them.
  func grid() -> (grid: TimeGrid, shift: Int) {
    guard firstSecond <= lastSecond else { return (.empty, 0) }
    let grid = TimeGrid(
      first: saturatedNanoseconds(firstSecond), last: saturatedNanoseconds(lastSecond))
    return (grid, Int(grid.firstSlot - base) + OpenSlots.bias)
  }
}

/// Seconds as nanoseconds, cut at the ends of what a timestamp can say.
func saturatedNanoseconds(_ seconds: Int64) -> Int64 {
  let (value, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
  return overflow ? (seconds < 0 ? .min + 1 : .max) : value
}

extension FoldedPattern.Cell {
  /// The cell with the place of its hour or slot changed; one without a time stays as it is.
  func moved(_ place: (Int) -> Int) -> FoldedPattern.Cell {
    let slot = Int(key >> 3) - 1
    guard slot >= 0 else { return self }
    return FoldedPattern.Cell(key: Int32((place(slot) + 1) * 8) + (key & 7), count: count)
  }
}

extension FoldedPattern {
  /// The pattern with its counts moved to other slots; those that meet are added up.
  func moved(_ place: (Int) -> Int) -> FoldedPattern {
    var pattern = self
    pattern.cells.removeAll(keepingCapacity: true)
    // Slots keep their order, but levels of two slots that meet interleave.
    for cell in cells.map({ $0.moved(place) }).sorted(by: { $0.key < $1.key }) {
      if let last = pattern.cells.last, last.key == cell.key {
        pattern.cells[pattern.cells.count - 1].count += cell.count
      } else {
        pattern.cells.append(cell)
      }
    }
    return pattern
  }
}
