package import DaybreakCore

/// Counts events by masked pattern: the first, fast half of clustering.
///
/// What it holds depends on the events alone, not on their order, and results of parts add up to the
/// result of the whole (`FoldResult.merged(with:)`). Memory is bounded by `FoldOptions.patternLimit`,
/// by the samples, and by one counter a minute for each level that a service uses. No event is ever
/// dropped.
///
/// Not safe to share: one fold a thread.
package final class Fold: LineSink {
  private let window: TimeWindow?
  private let options: FoldOptions
  private var counter: EventCounter
  /// The services of this fold, numbered in the order met.
  private var identities: [ServiceIdentity] = []
  private var indices: [ServiceIdentity: Int32] = [:]
  /// This fold's number of each service of the reader's table.
  private var numbers: [Int32] = []
  private var numbersTable: ServiceTable?
  private var lineCounts: [Int64] = []

  /// Makes an empty fold.
  ///
  /// - Parameters:
  ///   - window: the range of time that hours and minutes are counted in; an event outside of it is
  ///     counted as one without a time.
  ///   - options: limits.
  package convenience init(window: TimeWindow, options: FoldOptions = FoldOptions()) {
    self.init(within: window, options: options)
  }

  /// Makes an empty fold for events of any time: they are counted by slots (`TimeGrid`).
  package convenience init(options: FoldOptions = FoldOptions()) {
    self.init(within: nil, options: options)
  }

  private init(within window: TimeWindow?, options: FoldOptions) {
    self.window = window
    self.options = options
    guard let stage = FoldStage(index: 0, options: options) else {
      preconditionFailure("there is always a first stage")
    }
    counter = EventCounter(
      table: PatternTable(options: options, stage: stage), minutes: MinuteCounts(window: window))
  }

  /// Counts every event of a batch.
  ///
  /// - Parameters:
  ///   - batch: lent until this call returns.
  ///   - services: the table of the records' service numbers.
  package func consume(_ batch: LineBatch, services: ServiceTable) {
    number(services)
    numbers.withUnsafeBufferPointer { numbers in
      lineCounts.withUnsafeMutableBufferPointer { lineCounts in
        counter.count(batch, numbers: numbers, lineCounts: lineCounts)
      }
    }
  }

  /// Gives the services of a reader's table numbers of this fold, the new ones counters as well.
  private func number(_ services: ServiceTable) {
    if numbersTable !== services {
      numbersTable = services
      numbers.removeAll()
    }
    while numbers.count < services.identities.count {
      let identity = services.identities[numbers.count]
      if let index = indices[identity] {
        numbers.append(index)
        continue
      }
      let index = Int32(identities.count)
      indices[identity] = index
      identities.append(identity)
      lineCounts.append(0)
      counter.minutes.addService()
      numbers.append(index)
    }
  }

  /// What was counted so far; services without an event are left out.
  package func result() -> FoldResult {
    var services: [FoldResult.Service] = identities.indices.map {
      FoldResult.Service(
        identity: identities[$0], lineCount: lineCounts[$0],
        minutes: counter.minutes.counts(of: $0),
        patterns: [])
    }
    let (grid, shift) = counter.minutes.slots.grid()
    for (service, pattern) in counter.table.exported() {
      services[Int(service)].patterns.append(
        window == nil ? pattern.moved { $0 - shift } : pattern)
    }
    return FoldResult(
      time: window.map { .window($0) } ?? .open(grid), options: options,
      stage: counter.table.stage, services: services.filter { !$0.patterns.isEmpty })
  }
}

/// What the hot loop works on: one value, so that the loop asks for access to it once a batch.
///
/// Events are masked in groups before they are looked up, and what the lookup will read is asked for
/// in between: a night's patterns do not fit in the cache, and three waits for memory a line take
/// as long as the masking.
private struct EventCounter: ~Copyable {
  /// How many events one group has: enough to hide the wait, few enough to stay in the first cache.
  private static let groupSize = 32

  var table: PatternTable
  var minutes: MinuteCounts
  private var masker = Masker(capacity: 4 * Masker.outputLimit)
  /// For messages of a group whose pattern was known until the table was made anew.
  private var spare = Masker()
  private var repeated = RepeatedMessages()
  private let group = UnsafeMutablePointer<MaskedEvent>.allocate(capacity: groupSize)

  init(table: consuming PatternTable, minutes: consuming MinuteCounts) {
    self.table = table
    self.minutes = minutes
  }

  deinit { group.deallocate() }

  /// Counts the events of a batch.
  ///
  /// - Parameters:
  ///   - batch: the events.
  ///   - numbers: the fold's number for each service of the reader's table.
  ///   - lineCounts: lines by the fold's number of a service.
  mutating func count(
    _ batch: LineBatch, numbers: UnsafeBufferPointer<Int32>,
    lineCounts: UnsafeMutableBufferPointer<Int64>
  ) {
    var next = 0
    while next < batch.records.count {
      let first = next
      masker.restart()
      if repeated.isAwake { prepare(batch, first, numbers: numbers) }
      while next < batch.records.count, next &- first < EventCounter.groupSize, masker.hasRoom {
        mask(batch, next, numbers: numbers, into: next &- first)
        next &+= 1
      }
      var known = 0
      for place in 0..<(next &- first) {
        if group[place].knownPattern >= 0 {
          known &+= 1
        } else {
          group[place].likelyPattern = Int32(table.prefetchPattern(hash: group[place].hash))
        }
      }
      for place in 0..<(next &- first) where group[place].likelyPattern >= 0 {
        table.prefetchBytes(of: Int(group[place].likelyPattern))
      }
      let stage = table.stage
      for place in 0..<(next &- first) {
        let record = batch.records[first &+ place]
        lineCounts[Int(group[place].service)] &+= Int64(record.lineCount)
        if group[place].knownPattern >= 0, table.stage != stage {
          maskAnew(place, count: Int(record.length))
        }
        count(record, group[place])
      }
      repeated.report(count: next &- first, found: known)
    }
  }

  /// Hashes the messages of the next group, and asks for the memory where repeated ones are looked for.
  @inline(never)
  private mutating func prepare(
    _ batch: LineBatch, _ first: Int, numbers: UnsafeBufferPointer<Int32>
  ) {
    for index in first..<min(batch.records.count, first &+ EventCounter.groupSize) {
      let event = unmasked(batch, index, numbers: numbers)
      repeated.prefetch(hash: event.sampleHash, service: event.service)
      group[index &- first] = event
    }
  }

  /// An event as it is before its pattern is looked for.
  @inline(__always)
  private func unmasked(
    _ batch: LineBatch, _ index: Int, numbers: UnsafeBufferPointer<Int32>
  ) -> MaskedEvent {
    let record = batch.records[index]
    // An empty message may have no address; no byte of it is read.
    let message =
      batch.bytes.baseAddress.map { $0 + Int(record.offset) } ?? UnsafeRawPointer(masker.output)
    return MaskedEvent(
      message: message, masked: UnsafePointer(masker.output),
      sampleHash: hash64(message, count: Int(record.length), seed: sampleSeed),
      service: numbers[Int(record.service)])
  }

  /// Masks one event whose pattern is not known, and asks for the memory where that is looked for.
  @inline(__always)
  private mutating func mask(
    _ batch: LineBatch, _ index: Int, numbers: UnsafeBufferPointer<Int32>, into place: Int
  ) {
    let length = Int(batch.records[index].length)
    var event: MaskedEvent
    if repeated.isAwake {
      event = group[place]
      event.knownPattern = repeated.find(
        event.message, count: length, hash: event.sampleHash, service: event.service)
      if event.knownPattern >= 0 {
        group[place].knownPattern = event.knownPattern
        return
      }
    } else {
      event = unmasked(batch, index, numbers: numbers)
    }
    masker.mask(
      event.message.assumingMemoryBound(to: UInt8.self), count: length,
      readable: batch.bytes.count &- Int(batch.records[index].offset))
    event.masked = UnsafePointer(masker.output)
    event.maskedCount = Int32(masker.count)
    event.hash = hash64(
      masker.output, count: masker.count, seed: patternSeed(service: event.service))
    table.prefetchSlot(hash: event.hash)
    group[place] = event
    masker.keep()
  }

  /// Masks an event whose pattern was known before the table of patterns was made anew.
  @inline(never)
  private mutating func maskAnew(_ place: Int, count length: Int) {
    let event = group + place
    spare.mask(event.pointee.message.assumingMemoryBound(to: UInt8.self), count: length)
    event.pointee.masked = UnsafePointer(spare.output)
    event.pointee.maskedCount = Int32(spare.count)
    event.pointee.hash = hash64(
      spare.output, count: spare.count, seed: patternSeed(service: event.pointee.service))
    event.pointee.knownPattern = -1
  }

  /// The pattern that counts for an event.
  @inline(__always)
  private mutating func pattern(of event: MaskedEvent, count length: Int) -> Int {
    if event.knownPattern >= 0 {
      let alias = table.patterns[Int(event.knownPattern)].alias
      return Int(alias >= 0 ? alias : event.knownPattern)
    }
    var pattern = table.find(
      event.masked, count: Int(event.maskedCount), service: event.service, hash: event.hash)
    if pattern < 0 {
      let stage = table.stage
      pattern = table.place(
        UnsafeBufferPointer(start: event.masked, count: Int(event.maskedCount)),
        service: event.service)
      if table.stage != stage { repeated.removeAll() }
    }
    if repeated.isAwake {
      repeated.note(
        event.message, count: length, hash: event.sampleHash, service: event.service,
        pattern: pattern)
    }
    return pattern
  }

  /// Counts one event.
  @inline(__always)
  private mutating func count(_ record: LineRecord, _ event: MaskedEvent) {
    let pattern = pattern(of: event, count: Int(record.length))
    let level = record.level & 7
    var hour = minutes.count(record.timestamp, service: Int(event.service), level: level)
    if hour == MinuteCounts.isWidened {
      let (slots, before) = (minutes.slots, minutes.slotSecondsBefore)
      table.moveCells { slots.renumbered($0, from: before) }
      hour = minutes.count(record.timestamp, service: Int(event.service), level: level)
    }
    table.countOne(pattern, key: (hour &+ 1) &* 8 &+ Int32(level))
    if hour >= 0 {
      let state = table.patterns.base + pattern
      if record.timestamp < state.pointee.firstSeen { state.pointee.firstSeen = record.timestamp }
      if record.timestamp > state.pointee.lastSeen { state.pointee.lastSeen = record.timestamp }
    }
    if record.lineCount != 1 {
      table.details[pattern].furtherLines &+= Int64(record.lineCount) &- 1
    }
    table.offerSample(
      pattern, bytes: event.message.assumingMemoryBound(to: UInt8.self),
      fullCount: Int(record.length), hash: event.sampleHash, timestamp: record.timestamp,
      level: level)
  }
}

/// An event between masking and counting.
private struct MaskedEvent: BitwiseCopyable {
  let message: UnsafeRawPointer
  var masked: UnsafePointer<UInt8>
  /// Of the masked bytes and the service.
  var hash: UInt64 = 0
  /// Of the message.
  let sampleHash: UInt64
  var maskedCount: Int32 = 0
  let service: Int32
  /// The pattern that the lookup will compare first; -1 for none.
  var likelyPattern: Int32 = -1
  /// The pattern that counted for the same message before; -1 where that is not known, and only then is
  /// the message masked.
  var knownPattern: Int32 = -1
}

/// The seed of the hash that chooses samples.
let sampleSeed: UInt64 = 0x5851_f42d_4c95_7f2d

/// Counts by minute, service and level: a dense row of minutes for each pair that occurs.
///
/// Without a window nothing is counted: it only says which slot an event lies in.
struct MinuteCounts: ~Copyable {
  /// What `count` answers when slots became longer: all counts by slot are to be moved first.
  static let isWidened: Int32 = -2

  /// The slots of a fold without a window.
  private(set) var slots = OpenSlots()
  /// How long slots were before the last event made them longer; 0 when it did not.
  private(set) var slotSecondsBefore: Int64 = 0
  private let isOpen: Bool
  private let window: TimeWindow?
  private let minuteCount: Int
  private var rows = FlatArray<UnsafeMutablePointer<Int64>?>(capacity: 64)
  /// The minute of the last event; most lines of a log share it with the line before.
  private var minuteStart: Int64 = 0
  private var minuteEnd: Int64 = 0
  private var minute = 0

  init(window: TimeWindow?) {
    self.window = window
    isOpen = window == nil
    minuteCount = window?.minuteCount ?? 0
  }

  deinit {
    for index in 0..<rows.count { rows[index]?.deallocate() }
  }

  mutating func addService() {
    for _ in Level.allCases { rows.append(nil) }
  }

  /// Counts one event; returns its hour of the window or its slot, -1 when it has no time inside, or
  /// `isWidened`.
  @inline(__always)
  mutating func count(_ timestamp: Int64, service: Int, level: UInt8) -> Int32 {
    if timestamp < minuteStart || timestamp >= minuteEnd {
      guard enter(timestamp) else { return -1 }
      // The second call finds the event inside of its slot.
      if slotSecondsBefore != 0 { return MinuteCounts.isWidened }
    }
    if isOpen { return Int32(truncatingIfNeeded: minute) }
    let row = service &* 8 &+ Int(level)
    let counts = rows[row] ?? addRow(row)
    counts[minute] &+= 1
    return Int32(truncatingIfNeeded: minute / 60)
  }

  /// Makes the minute of a moment the current one; false when it lies outside of the window.
  private mutating func enter(_ timestamp: Int64) -> Bool {
    guard let window else { return enterSlot(timestamp) }
    guard timestamp >= window.start.nanoseconds, timestamp < window.end.nanoseconds else {
      return false
    }
    let nanoseconds: Int64 = 60_000_000_000
    minute = Int((timestamp - window.start.nanoseconds) / nanoseconds)
    minuteStart = window.start.nanoseconds + Int64(minute) * nanoseconds
    minuteEnd = min(minuteStart + nanoseconds, window.end.nanoseconds)
    return true
  }

  /// Makes the slot of a moment the current one; false when it is none.
  private mutating func enterSlot(_ timestamp: Int64) -> Bool {
    guard timestamp != LineRecord.noTimestamp else { return false }
    let second = floorDivide(timestamp, 1_000_000_000)
    slotSecondsBefore = slots.extend(to: second) ?? 0
    minute = slots.number(of: second)
    let bounds = slots.bounds(of: second)
    minuteStart = saturatedNanoseconds(bounds.start)
    minuteEnd = saturatedNanoseconds(bounds.end)
    return true
  }

  @inline(never)
  private mutating func addRow(_ row: Int) -> UnsafeMutablePointer<Int64> {
    let counts = UnsafeMutablePointer<Int64>.allocate(capacity: minuteCount)
    counts.initialize(repeating: 0, count: minuteCount)
    rows[row] = counts
    return counts
  }

  /// The counts of one service that are not zero, by (minute, level).
  func counts(of service: Int) -> [FoldResult.MinuteCell] {
    var cells: [FoldResult.MinuteCell] = []
    for minute in 0..<minuteCount {
      for level in 0..<8 {
        guard let counts = rows[service * 8 + level], counts[minute] != 0 else { continue }
        cells.append(FoldResult.MinuteCell(key: Int32(minute * 8 + level), count: counts[minute]))
      }
    }
    return cells
  }
}
