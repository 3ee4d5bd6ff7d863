internal import DaybreakCore

/// Reads the messages of a table: one column of a CSV file with a header row.
///
/// Each record is one event and counts as one line, also where a quoted field holds newlines; blank
/// lines between records count as nothing. A quotation mark inside of an unquoted field is an ordinary
/// byte.
/// Source: RFC 4180.
final class ContentColumnReader {
  private let context: ReadContext
  private let file: String
  private let lines: LineReader
  private let column: String
  private let service: Int32
  private var record = RecordBuffer()
  /// The place of the wanted column; nil before the header row was read.
  private var columnIndex: Int?

  init(_ context: ReadContext, file: String, blocks: BlockReader, column: String) {
    self.context = context
    self.file = file
    self.column = column
    lines = LineReader(blocks, limit: context.maximumLineBytes)
    context.labels.resetScratch()
    service = context.labels.resolveNone().service
  }

  /// Reads to the end.
  ///
  /// - Returns: why the file cannot be read as a table; nil when it was.
  /// - Throws: what the sink throws.
  func read() throws -> String? {
    var offset: Int64 = 0
    while lines.next() {
      if !record.isInsideQuotes {
        record.removeAll()
        offset = lines.lineOffset
      }
      if lines.isTooLong || record.bytes.count + lines.line.count > context.maximumLineBytes {
        record.removeAll()
        try quarantine(offset, "the record is longer than \(context.maximumLineBytes) bytes")
        continue
      }
      record.append(trimmed(lines.line))
      guard !record.isInsideQuotes, !record.isBlank else { continue }
      if let failure = try finishRecord(offset) { return failure }
    }
    if record.isInsideQuotes {
      try quarantine(offset, "the file ends inside of a quoted field")
    }
    return nil
  }

  /// The line without byte order mark, and without carriage return where that ends a record.
  private func trimmed(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    lines.lineOffset == 0 && ByteView(line).has("\u{FEFF}", at: 0) ? line.part(3, line.count) : line
  }

  /// Makes an event of the record, or the columns' names of the first.
  private func finishRecord(_ offset: Int64) throws -> String? {
    record.endRecord()
    guard let columnIndex else {
      columnIndex = record.fields.firstIndex { record.text($0) == column }
      guard columnIndex == nil else { return nil }
      let reason = "no column \(displayText(column)) in the header row"
      try context.quarantine(
        file: file, byteOffset: 0, lines: 0, reason: reason, excerpt: lines.line)
      return reason
    }
    guard columnIndex < record.fields.count else {
      try quarantine(
        offset, "the record has \(record.fields.count) fields, none for column \(column)")
      return nil
    }
    let field = record.fields[columnIndex]
    let space = context.writer.reserve(field.count)
    let message = UnsafeMutableRawBufferPointer(start: space, count: field.count)
    message.copyBytes(from: record.bytes[field])
    let level = LevelWord.scan(UnsafeRawBufferPointer(message)) ?? .unknown
    context.noteEvent()
    context.recorder.countClustered(lines: 1, hasTime: false)
    try context.writer.commit(
      messageOffset: 0, messageLength: field.count, timestamp: LineRecord.noTimestamp,
      level: level, service: service)
    return nil
  }

  private func quarantine(_ offset: Int64, _ reason: String) throws {
    try context.quarantine(
      file: file, byteOffset: offset, reason: reason, excerpt: lines.line)
  }
}

/// One record of a CSV file while its lines are put together, with quotation marks undone.
private struct RecordBuffer {
  private enum State { case fieldStart, plain, quoted, quoteInQuoted }

  /// The fields' bytes, one behind the other.
  private(set) var bytes: [UInt8] = []
  /// Where each field lies in `bytes`.
  private(set) var fields: [Range<Int>] = []
  private var fieldStart = 0
  private var state = State.fieldStart

  /// Whether the record goes on in the next line.
  var isInsideQuotes: Bool { state == .quoted }

  /// Whether it holds nothing at all.
  var isBlank: Bool { fields.isEmpty && bytes.isEmpty && state == .fieldStart }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    fieldStart = 0
    state = .fieldStart
  }

  /// Adds a line; the newline in front of it belongs to the field when a quoted one is open.
  mutating func append(_ line: UnsafeRawBufferPointer) {
    if state == .quoted { bytes.append(0x0A) }
    for byte in line { append(byte) }
    // CR LF ends a record (RFC 4180 §2.1); inside of quotes it is part of the field.
    if state != .quoted, line.last == 0x0D, bytes.last == 0x0D, bytes.count > fieldStart {
      bytes.removeLast()
      if state == .plain, bytes.count == fieldStart { state = .fieldStart }
    }
  }

  private mutating func append(_ byte: UInt8) {
    switch (state, byte) {
    case (.fieldStart, 0x22): state = .quoted
    case (.quoted, 0x22): state = .quoteInQuoted
    case (.quoteInQuoted, 0x22):
      bytes.append(byte)
      state = .quoted
    case (.quoted, _): bytes.append(byte)
    case (_, 0x2C): endField()
    default:
      bytes.append(byte)
      state = .plain
    }
  }

  private mutating func endField() {
    fields.append(fieldStart..<bytes.count)
    fieldStart = bytes.count
    state = .fieldStart
  }

  /// Ends the last field.
  mutating func endRecord() { endField() }

  /// A field as text.
  func text(_ field: Range<Int>) -> String { String(decoding: bytes[field], as: UTF8.self) }
}
