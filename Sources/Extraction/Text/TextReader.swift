internal import DaybreakCore

/// Reads text line by line and joins what belongs to one event: plain logs, `logcli -o raw` and
/// `logcli -o default`.
///
/// Every physical line counts as one, blank ones and an unterminated last one included.
final class TextReader {
  /// Which kind of text.
  enum Mode {
    /// Logs with whatever header each line has.
    case plain
    /// Lines of Loki without time; a time in a header is not Loki's and is not believed.
    case raw
    /// `time {labels} line`; `isExact` where times are written to the nanosecond.
    case logcliDefault(isExact: Bool)
  }

  /// How many lines one event joins at most.
  static let eventLineLimit = 1000

  private let context: ReadContext
  // The context's own, which live as long: read for each line without counting references.
  private let writer: Unmanaged<BatchWriter>
  private let headers: Unmanaged<HeaderReader>
  private let readsHeaders: Bool
  private let file: String
  private let lines: LineReader
  private let mode: Mode
  /// Whether lines without a header belong to the event before them.
  private let joinsHeaderless: Bool
  private let noLabels: ResolvedLabels
  private var continuation = ContinuationReader()

  // The event under way: its bytes lie in the writer's reservation.
  private var isOpen = false
  private var length = 0
  private var lineCount: Int64 = 0
  private var joinedLines = 0
  private var blankLines: Int64 = 0
  private var header = LineHeader()
  private var service: Int32 = 0
  private var timestamp = LineRecord.noTimestamp
  private var resolved: ResolvedLabels

  init(
    _ context: ReadContext, file: String, lines: LineReader, mode: Mode, joinsHeaderless: Bool
  ) {
    self.context = context
    writer = .passUnretained(context.writer)
    headers = .passUnretained(context.headers)
    readsHeaders = context.readsHeaders
    self.file = file
    self.lines = lines
    self.mode = mode
    self.joinsHeaderless = joinsHeaderless
    context.labels.resetScratch()
    noLabels = context.labels.resolveNone()
    resolved = noLabels
  }

  /// Reads to the end, or one part of the text.
  ///
  /// - Parameter part: which part, `lines` beginning one byte in front of it; nil for all of the text.
  /// - Throws: what the sink throws.
  func read(_ part: FilePart? = nil) throws {
    var isInside = true
    if let part, part.start > 0 {
      // The line that the bound lies in belongs to the part before.
      guard lines.next() else { return }
      isInside = false
    }
    var start = PartBound()
    var end = PartBound()
    while lines.next() {
      let line = trimmed(lines.line)
      if let part, lines.lineOffset >= part.end, isBound(&end, line) { break }
      if !isInside { isInside = isBound(&start, line) }
      if isInside { try read(line) }
    }
    try finish()
    try writeLeadingBlanks()
  }

  private func isBound(_ bound: inout PartBound, _ line: UnsafeRawBufferPointer) -> Bool {
    bound.isReached(isText: !line.isEmpty && !lines.isTooLong) { startsEvent(line) }
  }

  /// Tells whether a line starts an event whatever stands before it.
  private func startsEvent(_ line: UnsafeRawBufferPointer) -> Bool {
    if case .logcliDefault = mode { return DefaultHead(ByteView(line)) != nil }
    guard ContinuationReader.neverContinues(ByteView(line)) else { return false }
    guard joinsHeaderless else { return true }
    let found = context.headers.read(line)
    return found.hasTime || found.isStructured
  }

  private func read(_ line: UnsafeRawBufferPointer) throws {
    if lines.isTooLong {
      try finish()
      try quarantine("the line is longer than \(context.maximumLineBytes) bytes")
    } else if line.isEmpty {
      blankLines += 1
    } else if case .logcliDefault = mode {
      try readDefault(line)
    } else {
      try readText(line)
    }
  }

  /// The line without carriage return and byte order mark; empty when it holds spaces only.
  private func trimmed(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var line = line
    if lines.lineOffset == 0, ByteView(line).has("\u{FEFF}", at: 0) {
      line = line.part(3, line.count)
    }
    if line.last == 0x0D { line = line.part(0, line.count - 1) }
    guard line.count <= 64, line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return line }
    return line.part(0, 0)
  }

  // MARK: Plain and raw

  private func readText(_ line: UnsafeRawBufferPointer) throws {
    let bytes = ByteView(line)
    if isOpen, continuation.continues(bytes) {
      try join(line)
      return
    }
    let found =
      readsHeaders ? headers._withUnsafeGuaranteedRef { $0.read(line) } : LineHeader()
    if isOpen, joinsHeaderless, header.hasTime, isHeaderless(found) {
      try join(line)
      return
    }
    try finish()
    header = found
    service = context.service(found, line, fallback: noLabels.service)
    if case .raw = mode { header.timestamp = LineRecord.noTimestamp }
    start(line)
  }

  /// Whether a line says nothing of itself; java.util.logging puts the level on a line of its own.
  private func isHeaderless(_ found: LineHeader) -> Bool {
    !found.hasTime && !found.isStructured && (found.level == .unknown || header.level == .unknown)
  }

  private func start(_ line: UnsafeRawBufferPointer, isSplit: Bool = false) {
    continuation.startEvent(ByteView(line), isSplit: isSplit)
    isOpen = true
    length = 0
    joinedLines = 0
    lineCount = blankLines
    blankLines = 0
    append(line)
  }

  /// Adds a line to the event; an event that grew too long is split, and its second part has the same
  /// time, level and service.
  private func join(_ line: UnsafeRawBufferPointer) throws {
    let limit = context.maximumLineBytes
    if joinedLines >= TextReader.eventLineLimit || length + line.count >= limit {
      let (header, service, timestamp, resolved) = (header, service, timestamp, resolved)
      try finish()
      self.header = header
      self.header.messageOffset = 0
      self.service = service
      self.timestamp = timestamp
      self.resolved = resolved
      start(line, isSplit: true)
      return
    }
    // Blank lines inside an event are part of its text; those behind it are only counted.
    for _ in 0..<min(blankLines, 16) { append(UnsafeRawBufferPointer(start: nil, count: 0)) }
    lineCount += max(0, blankLines - 16)
    blankLines = 0
    append(line)
  }

  private func append(_ line: UnsafeRawBufferPointer) {
    let needsNewline = joinedLines > 0
    let space = writer._withUnsafeGuaranteedRef { $0.reserve(length + line.count + 1) }
    if needsNewline {
      space.storeBytes(of: 0x0A, toByteOffset: length, as: UInt8.self)
      length += 1
    }
    if let source = line.baseAddress {
      (space + length).copyMemory(from: source, byteCount: line.count)
    }
    length += line.count
    joinedLines += 1
    lineCount += 1
  }

  /// Puts the event where it belongs.
  private func finish() throws {
    guard isOpen else { return }
    isOpen = false
    context.noteEvent()
    let lines = lineCount + blankLines
    blankLines = 0
    let event = UnsafeRawBufferPointer(
      start: writer._withUnsafeGuaranteedRef { $0.reserve(0) }, count: length)
    if case .logcliDefault(let isExact) = mode {
      try context.write(
        entry: event, timestamp: timestamp, resolved: resolved, lines: lines, isExact: isExact)
      return
    }
    if header.hasTime, !context.keepsOutsideWindow,
      !context.window.contains(Timestamp(nanoseconds: header.timestamp))
    {
      context.recorder.countOutsideWindow(
        lines: lines, isEarlier: header.timestamp < context.window.start.nanoseconds)
      try context.pass(lines: lines, .outsideWindow)
      return
    }
    let offset = min(header.messageOffset, length)
    var level = header.level
    if level == .unknown {
      let message = event.part(offset, length - offset)
      level = LevelWord.scan(message, onlyMarked: header.isStructured, isPadded: true) ?? .unknown
    }
    context.recorder.countClustered(lines: lines, hasTime: header.hasTime)
    try writer._withUnsafeGuaranteedRef { writer in
      try writer.commit(
        messageOffset: offset, messageLength: length - offset, timestamp: header.timestamp,
        level: level, service: service, lineCount: Int32(clamping: lines))
    }
  }

  /// A file of blank lines only still accounts for each of them: as one empty event without a time.
  private func writeLeadingBlanks() throws {
    guard blankLines > 0 else { return }
    context.recorder.countClustered(lines: blankLines, hasTime: false)
    _ = context.writer.reserve(0)
    try context.writer.commit(
      messageOffset: 0, messageLength: 0, timestamp: LineRecord.noTimestamp, level: .unknown,
      service: noLabels.service, lineCount: Int32(clamping: blankLines))
    blankLines = 0
  }

  // MARK: logcli default

  private func readDefault(_ line: UnsafeRawBufferPointer) throws {
    let bytes = ByteView(line)
    guard let head = DefaultHead(bytes) else {
      guard isOpen else {
        try quarantine("not an entry of logcli: no time and labels in front")
        return
      }
      try join(line)
      return
    }
    try finish()
    context.labels.resetScratch()
    var choice = LabelResolver.Choice()
    head.eachLabel(bytes) { key, value in context.labels.add(key, value, to: &choice) }
    resolved = context.labels.finish(choice)
    timestamp = head.timestamp
    start(line.part(head.lineOffset, line.count))
  }

  private func quarantine(_ reason: String) throws {
    try context.quarantine(
      file: file, byteOffset: lines.lineOffset, lines: 1 + Int(blankLines), reason: reason,
      excerpt: lines.line)
    blankLines = 0
  }
}

/// The front of a line of `logcli -o default`: `2026-11-20T09:00:04Z {a="b", c="d"}   `.
struct DefaultHead {
  /// Loki's time, to the second unless logcli was told otherwise.
  let timestamp: Int64
  /// Whether the time has a fraction.
  let hasFraction: Bool
  /// Where the line starts: logcli trims it and pads the labels.
  let lineOffset: Int
  private let labels: Range<Int>

  /// Reads the front; nil where there is none.
  init?(_ bytes: ByteView) {
    guard isDigit(bytes[0]), bytes[10] == UInt8(ascii: "T"),
      let end = bytes.first(0x20, from: 19, limit: 40),
      let moment = TimeReader.readRFC3339(ByteView(bytes.slice(0, end))),
      bytes[end + 1] == UInt8(ascii: "{")
    else { return nil }
    timestamp = moment
    hasFraction = bytes[19] == 0x2E
    var index = end + 2
    while bytes[index] != UInt8(ascii: "}") {
      guard let label = DefaultHead.label(bytes, index) else { return nil }
      index = label.next
    }
    labels = end + 2..<index
    index += 1
    while bytes[index] == 0x20 { index += 1 }
    lineOffset = min(index, bytes.count)
  }

  /// Calls `body` with each label; values are as written, their Go escapes kept.
  func eachLabel(
    _ bytes: ByteView, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
  ) {
    var index = labels.lowerBound
    while index < labels.upperBound, let label = DefaultHead.label(bytes, index) {
      body(
        bytes.slice(label.key.lowerBound, label.key.count),
        bytes.slice(label.value.lowerBound, label.value.count))
      index = label.next
    }
  }

  /// One `name="value"` with the comma behind it.
  private static func label(_ bytes: ByteView, _ start: Int)
    -> (key: Range<Int>, value: Range<Int>, next: Int)?
  {
    var index = start
    while isLetter(bytes[index]) || isDigit(bytes[index]) || bytes[index] == 0x5F
      || bytes[index] == 0x2E || bytes[index] == 0x2D
    {
      index += 1
    }
    guard index > start, bytes[index] == 0x3D, bytes[index + 1] == 0x22 else { return nil }
    let key = start..<index
    let first = index + 2
    index = first
    while index < bytes.count, bytes[index] != 0x22 { index += bytes[index] == 0x5C ? 2 : 1 }
    guard index < bytes.count else { return nil }
    let value = first..<index
    index += 1
    if bytes[index] == 0x2C { index += 1 }
    if bytes[index] == 0x20 { index += 1 }
    return (key, value, index)
  }
}
