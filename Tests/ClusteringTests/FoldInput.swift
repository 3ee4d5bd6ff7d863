import DaybreakCore

@testable import Clustering

/// One event of a test.
struct Event: Hashable {
  var message: [UInt8]
  var timestamp: Int64
  var level: Level
  var service: ServiceIdentity
  var lineCount: Int32

  init(
    _ message: String, at seconds: Int64? = 60, level: Level = .info, service: String = "api",
    lineCount: Int32 = 1
  ) {
    self.init(
      bytes: Array(message.utf8), at: seconds, level: level, service: service,
      lineCount: lineCount)
  }

  init(
    bytes: [UInt8], at seconds: Int64? = 60, level: Level = .info, service: String = "api",
    lineCount: Int32 = 1
  ) {
    message = bytes
    timestamp =
      seconds.map { testWindow.start.nanoseconds + $0 * 1_000_000_000 }
      ?? LineRecord.noTimestamp
    self.level = level
    self.service = ServiceIdentity(namespace: "shop", service: service)
    self.lineCount = lineCount
  }
}

/// The night of the tests: 2026-03-12 in UTC.
let testWindow = TimeWindow(
  start: Timestamp(seconds: 1_773_273_600), end: Timestamp(seconds: 1_773_360_000))

/// Gives events to a fold in batches of at most `size`.
func feed(_ events: some Collection<Event>, to fold: Fold, batchesOf size: Int = 1000) {
  let services = ServiceTable()
  var rest = Array(events)[...]
  while !rest.isEmpty {
    let part = rest.prefix(size)
    rest = rest.dropFirst(size)
    var bytes: [UInt8] = []
    var records: [LineRecord] = []
    for event in part {
      records.append(
        LineRecord(
          offset: Int32(bytes.count), length: Int32(event.message.count),
          timestamp: event.timestamp, service: services.index(of: event.service),
          lineCount: event.lineCount, level: event.level.rawValue))
      bytes += event.message
    }
    bytes.withUnsafeBytes { bytes in
      records.withUnsafeBufferPointer { records in
        fold.consume(LineBatch(bytes: bytes, records: records), services: services)
      }
    }
  }
}

/// The result of folding events in the order given.
func folded(_ events: some Collection<Event>, options: FoldOptions = FoldOptions()) -> FoldResult {
  let fold = Fold(window: testWindow, options: options)
  feed(events, to: fold)
  return fold.result()
}

/// The clusters of lines of one service.
func clusters(_ lines: [String]) -> [ClusterObservation] {
  refine(folded(lines.map { Event($0) }))
}

/// The template that the scanner alone gives a line.
func template(_ line: [UInt8]) -> String {
  TemplateText.text(of: TemplateText.elements(masked: masked(line)))
}

/// What the scanner makes of a line.
func masked(_ line: [UInt8]) -> [UInt8] {
  var masker = Masker()
  line.withUnsafeBufferPointer { bytes in
    if let base = bytes.baseAddress { masker.mask(base, count: bytes.count) }
  }
  return Array(UnsafeBufferPointer(start: masker.output, count: masker.count))
}

/// The template that the scanner alone gives a line.
func template(_ line: String) -> String { template(Array(line.utf8)) }

/// A small generator with a seed (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
