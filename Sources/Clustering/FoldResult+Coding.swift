internal import DaybreakCore

// The fold file, version 2. Integers are LEB128 varints, signed ones zigzag first; text is a varint
// length and UTF-8.
//
//   "DBFOLD" version:u16le
//   0 start end | slotSeconds firstSlot slotCount
//   patternLimit bucketLimit sampleCount stage
//   services { namespace service lineCount
//     minutes { keyDelta count }
//     patterns { tier length bytes  hasTime [first last] furtherLines
//       cells { keyDelta count }
//       samples { hash:u64le hasTime [timestamp] level fullCount length bytes } } }
//   SHA-256 of everything before
extension FoldResult {
  private static let magic = Array("DBFOLD".utf8)
  private static let version = 2
  private static let digestLength = 32
  /// How long a window may be, in nanoseconds.
  private static let windowLimit: Int64 = 3653 * 86_400_000_000_000
  /// How many events a fold file may hold: so many that sums of some hundred files fit an integer.
  private static let lineLimit: Int64 = 1 << 53

  /// The canonical bytes of this result: equal results have equal bytes.
  package func encoded() -> [UInt8] {
    var writer = VarintWriter()
    writer.bytes = FoldResult.magic + [UInt8(FoldResult.version), 0]
    switch time {
    case .window(let window):
      writer.unsigned(0)
      writer.signed(window.start.nanoseconds)
      writer.signed(window.end.nanoseconds)
    case .open(let grid):
      writer.unsigned(UInt64(grid.slotSeconds))
      writer.signed(grid.firstSlot)
      writer.unsigned(UInt64(grid.slotCount))
    }
    for value in [options.patternLimit, options.bucketLimit, options.sampleCount, stage.index] {
      writer.unsigned(UInt64(value))
    }
    writer.unsigned(UInt64(services.count))
    for service in services { FoldResult.write(service, to: &writer) }
    return writer.bytes + sha256(writer.bytes)
  }

  private static func write(_ service: Service, to writer: inout VarintWriter) {
    writer.text(service.identity.namespace)
    writer.text(service.identity.service)
    writer.unsigned(UInt64(service.lineCount))
    writer.unsigned(UInt64(service.minutes.count))
    var last: Int32 = 0
    for cell in service.minutes {
      writer.unsigned(UInt64(cell.key - last))
      writer.unsigned(UInt64(cell.count))
      last = cell.key
    }
    writer.unsigned(UInt64(service.patterns.count))
    for pattern in service.patterns { write(pattern, to: &writer) }
  }

  private static func write(_ pattern: FoldedPattern, to writer: inout VarintWriter) {
    writer.unsigned(UInt64(pattern.tier.rawValue))
    writer.blob(pattern.masked)
    let hasTime = pattern.firstSeen <= pattern.lastSeen
    writer.unsigned(hasTime ? 1 : 0)
    if hasTime {
      writer.signed(pattern.firstSeen)
      writer.signed(pattern.lastSeen)
    }
    writer.unsigned(UInt64(pattern.furtherLines))
    writer.unsigned(UInt64(pattern.cells.count))
    var last: Int32 = 0
    for cell in pattern.cells {
      writer.unsigned(UInt64(cell.key - last))
      writer.unsigned(UInt64(cell.count))
      last = cell.key
    }
    writer.unsigned(UInt64(pattern.samples.count))
    for sample in pattern.samples {
      writer.fixed(sample.hash)
      let hasTime = sample.timestamp != LineRecord.noTimestamp
      writer.unsigned(hasTime ? 1 : 0)
      if hasTime { writer.signed(sample.timestamp) }
      writer.unsigned(UInt64(sample.level))
      writer.unsigned(UInt64(sample.fullCount))
      writer.blob(sample.bytes)
    }
  }

  /// Reads what `encoded()` wrote; refuses anything else.
  ///
  /// - Throws: `notAFoldFile`, `unknownVersion`, `checksumMismatch`, `malformed`.
  package init(decoding bytes: [UInt8]) throws(ClusteringError) {
    let headerLength = FoldResult.magic.count + 2
    guard bytes.starts(with: FoldResult.magic) else { throw .notAFoldFile }
    guard bytes.count >= headerLength + FoldResult.digestLength else {
      throw .checksumMismatch(byteCount: bytes.count)
    }
    let version = Int(bytes[headerLength - 2]) | Int(bytes[headerLength - 1]) << 8
    guard version == FoldResult.version else {
      throw .unknownVersion(found: version, known: FoldResult.version)
    }
    let body = Array(bytes.dropLast(FoldResult.digestLength))
    guard sha256(body).elementsEqual(bytes.suffix(FoldResult.digestLength)) else {
      throw .checksumMismatch(byteCount: bytes.count)
    }
    var reader = VarintReader(bytes: body, offset: headerLength)
    try self.init(reading: &reader)
    guard reader.offset == body.count else { throw reader.malformed("bytes behind the end") }
  }

  private init(reading reader: inout VarintReader) throws(ClusteringError) {
    let time = try FoldResult.readTime(&reader)
    let limits = [
      try reader.integer(upTo: Int(Int32.max)), try reader.integer(upTo: Int(Int32.max)),
      try reader.integer(upTo: 64),
    ]
    guard limits.allSatisfy({ $0 >= 1 }) else { throw reader.malformed("a limit is 0") }
    let options = FoldOptions(
      patternLimit: limits[0], bucketLimit: limits[1], sampleCount: limits[2])
    guard let stage = FoldStage(index: try reader.integer(upTo: 1 << 16), options: options) else {
      throw reader.malformed("no such stage")
    }
    var services: [Service] = []
    for _ in 0..<(try reader.count()) {
      let service = try FoldResult.readService(&reader, time: time, options: options)
      if let last = services.last, last.identity >= service.identity {
        throw reader.malformed("services out of order")
      }
      guard service.patterns.allSatisfy({ $0.tier <= stage.tier }) else {
        throw reader.malformed("a pattern coarser than the stage")
      }
      services.append(service)
    }
    self.init(time: time, options: options, stage: stage, services: services)
    guard lineCount <= FoldResult.lineLimit, eventCount <= FoldResult.lineLimit else {
      throw reader.malformed("more events than a log can have")
    }
    guard case .open(let grid) = time else { return }
    guard grid == FoldResult.grid(of: [self]) else {
      throw reader.malformed("slots that do not fit the events")
    }
  }

  private static func readTime(_ reader: inout VarintReader) throws(ClusteringError) -> FoldTime {
    let slotSeconds = try reader.integer(upTo: 1 << 40)
    guard slotSeconds == 0 else {
      let firstSlot = try reader.signed()
      let slotCount = try reader.integer(upTo: TimeGrid.slotLimit)
      guard
        let grid = TimeGrid(
          slotSeconds: Int64(slotSeconds), firstSlot: firstSlot, slotCount: slotCount)
      else { throw reader.malformed("no such slots") }
      return .open(grid)
    }
    let start = try reader.signed()
    let end = try reader.signed()
    guard start <= end else { throw reader.malformed("the window ends before it starts") }
    let (length, overflow) = end.subtractingReportingOverflow(start)
    guard !overflow, length <= FoldResult.windowLimit else {
      throw reader.malformed("a window of more than ten years")
    }
    return .window(
      TimeWindow(start: Timestamp(nanoseconds: start), end: Timestamp(nanoseconds: end)))
  }

  private static func readService(
    _ reader: inout VarintReader, time: FoldTime, options: FoldOptions
  ) throws(ClusteringError) -> Service {
    let namespace = try reader.text()
    let identity = ServiceIdentity(namespace: namespace, service: try reader.text())
    let lineCount = try reader.signedCount()
    let minutes = try readCells(&reader, below: Int32(time.minuteCount * 8)).map {
      MinuteCell(key: $0.key, count: $0.count)
    }
    var patterns: [FoldedPattern] = []
    for _ in 0..<(try reader.count()) {
      let pattern = try readPattern(&reader, time: time, options: options)
      if let last = patterns.last, !last.masked.lexicographicallyPrecedes(pattern.masked) {
        throw reader.malformed("patterns out of order")
      }
      patterns.append(pattern)
    }
    guard !patterns.isEmpty else { throw reader.malformed("a service without a pattern") }
    return Service(
      identity: identity, lineCount: lineCount, minutes: minutes, patterns: patterns)
  }

  private static func readPattern(
    _ reader: inout VarintReader, time: FoldTime, options: FoldOptions
  ) throws(ClusteringError) -> FoldedPattern {
    guard let tier = Tier(rawValue: UInt8(try reader.integer(upTo: 255))) else {
      throw reader.malformed("no such tier")
    }
    let masked = try reader.blob()
    guard isMasked(masked) else { throw reader.malformed("no such placeholder") }
    let hasTime = try reader.integer(upTo: 1) == 1
    let firstSeen = hasTime ? try reader.signed() : Int64.max
    let lastSeen = hasTime ? try reader.signed() : Int64.min
    guard !hasTime || firstSeen <= lastSeen else { throw reader.malformed("last before first") }
    let furtherLines = try reader.signedCount()
    let cells = try readCells(&reader, below: Int32((time.slotCount + 1) * 8))
    guard !cells.isEmpty else { throw reader.malformed("a pattern without a count") }
    var samples: [FoldedPattern.Sample] = []
    for _ in 0..<(try reader.integer(upTo: options.sampleCount)) {
      let hash = try reader.fixed()
      let hasTime = try reader.integer(upTo: 1) == 1
      let timestamp = hasTime ? try reader.signed() : LineRecord.noTimestamp
      let level = UInt8(try reader.integer(upTo: 7))
      let fullCount = Int32(try reader.integer(upTo: Int(Int32.max)))
      let bytes = try reader.blob()
      guard bytes.count == min(Int(fullCount), LineSample.byteLimit) else {
        throw reader.malformed("a sample of another length than it says")
      }
      if let last = samples.last, last.hash > hash {
        throw reader.malformed("samples out of order")
      }
      samples.append(
        FoldedPattern.Sample(
          hash: hash, timestamp: timestamp, level: level, fullCount: fullCount, bytes: bytes))
    }
    return FoldedPattern(
      masked: masked, tier: tier, cells: cells, firstSeen: firstSeen, lastSeen: lastSeen,
      furtherLines: furtherLines, samples: samples)
  }

  private static func readCells(
    _ reader: inout VarintReader, below limit: Int32
  ) throws(ClusteringError) -> [FoldedPattern.Cell] {
    var cells: [FoldedPattern.Cell] = []
    var key: Int32 = 0
    for index in 0..<(try reader.count()) {
      let delta = Int32(try reader.integer(upTo: Int(limit)))
      guard index == 0 || delta > 0, key + delta < limit else {
        throw reader.malformed("counts out of order")
      }
      key += delta
      let count = try reader.signedCount()
      guard count >= 1 else { throw reader.malformed("a count of 0") }
      cells.append(FoldedPattern.Cell(key: key, count: count))
    }
    return cells
  }

  /// Tells whether every mark is followed by a placeholder that this program knows.
  private static func isMasked(_ bytes: [UInt8]) -> Bool {
    var index = 0
    while index < bytes.count {
      if bytes[index] == placeholderMark {
        guard index + 1 < bytes.count,
          bytes[index + 1] == literalMark || Placeholder(rawValue: bytes[index + 1]) != nil
        else { return false }
        index += 1
      }
      index += 1
    }
    return true
  }
}
