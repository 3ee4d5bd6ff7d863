internal import CScanJSON
internal import DaybreakCore

/// Reads `logcli -o jsonl`: one `{"labels":{…},"line":"…","timestamp":"…"}` a line.
///
/// Time is RFC 3339 with up to nine fraction digits, `Z` or an offset. Structured metadata is among
/// the labels.
struct LogcliLinesReader {
  let context: ReadContext
  let file: String
  let lines: LineReader
  private let parser: OpaquePointer?

  init(_ context: ReadContext, file: String, lines: LineReader) {
    self.context = context
    self.file = file
    self.lines = lines
    parser = dbk_json_parser_create()
  }

  /// How long a JSON line may be so that its decoded line can be within the limit: six bytes a
  /// character (`\u003c`) and room for labels.
  static func physicalLimit(_ maximumLineBytes: Int) -> Int { 6 * maximumLineBytes + (64 << 10) }

  /// Reads to the end, or the lines that start in one part of the file.
  ///
  /// - Parameter part: which part, `lines` beginning one byte in front of it; nil for all of the file.
  /// - Throws: what the sink throws.
  func read(_ part: FilePart? = nil) throws {
    defer { dbk_json_parser_destroy(parser) }
    // The line that the bound lies in belongs to the part before.
    if let part, part.start > 0, !lines.next() { return }
    while lines.next() {
      if let part, lines.lineOffset >= part.end { return }
      if lines.isTooLong {
        try quarantine("the line is longer than \(context.maximumLineBytes) bytes")
      } else {
        try readLine(trimmed(lines.line))
      }
    }
  }

  /// The line without carriage return, byte order mark or spaces around it.
  private func trimmed(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var line = line
    if lines.lineOffset == 0, ByteView(line).has("\u{FEFF}", at: 0) {
      line = line.part(3, line.count)
    }
    while let last = line.last, last == 0x0D || last == 0x20 || last == 0x09 {
      line = line.part(0, line.count - 1)
    }
    while let first = line.first, first == 0x20 || first == 0x09 { line = line.part(1, line.count) }
    return line
  }

  private func readLine(_ line: UnsafeRawBufferPointer) throws {
    guard let base = line.baseAddress?.assumingMemoryBound(to: UInt8.self), !line.isEmpty else {
      // A blank line holds no entry: there is nothing to count.
      return try context.pass(lines: 1, .blank)
    }
    var parts = dbk_logcli_line()
    if dbk_logcli_split(base, line.count, &parts) == 1, try write(line, parts) { return }
    switch locate(line) {
    case .success(let parts):
      if try !write(line, parts) {
        try quarantine("not an entry of logcli: \(reason(line, parts))")
      }
    case .failure(let failure):
      try quarantine(
        lines.isTerminated
          ? "not an entry of logcli: \(failure.reason)"
          : "the file ends in the middle of a line: \(failure.reason)")
    }
  }

  /// Finds the parts of an entry in any order and spacing, by simdjson.
  private func locate(_ line: UnsafeRawBufferPointer) -> Result<dbk_logcli_line, ReadFailure> {
    withUnsafeTemporaryAllocation(of: dbk_json_field.self, capacity: 16) { fields in
      guard let base = line.baseAddress?.assumingMemoryBound(to: UInt8.self),
        let first = fields.baseAddress
      else { return .failure(ReadFailure(reason: "empty")) }
      let count = dbk_json_fields(parser, base, line.count, first, 16)
      guard count >= 0 else {
        return .failure(ReadFailure(reason: String(cString: dbk_json_error(count))))
      }
      var parts = dbk_logcli_line()
      var found = 0
      for field in fields.prefix(Int(count)) {
        let key = ByteView(line.part(Int(field.key_offset), Int(field.key_length)))
        if key.count == 6, key.has("labels", at: 0), field.kind == DBK_JSON_OBJECT.rawValue {
          parts.labels_offset = field.value_offset
          parts.labels_length = field.value_length
          found |= 1
        } else if field.kind != DBK_JSON_STRING.rawValue {
          continue
        } else if key.count == 4, key.has("line", at: 0) {
          parts.line_offset = field.value_offset
          parts.line_length = field.value_length
          found |= 2
        } else if key.count == 9, key.has("timestamp", at: 0) {
          parts.time_offset = field.value_offset
          parts.time_length = field.value_length
          found |= 4
        }
      }
      return found == 7
        ? .success(parts) : .failure(ReadFailure(reason: "labels, line or timestamp is missing"))
    }
  }

  /// Writes the entry; false where one of its parts cannot be read.
  private func write(_ line: UnsafeRawBufferPointer, _ parts: dbk_logcli_line) throws -> Bool {
    let time = line.part(Int(parts.time_offset), Int(parts.time_length))
    let object = line.part(Int(parts.labels_offset), Int(parts.labels_length))
    guard let timestamp = TimeReader.readRFC3339(ByteView(time)),
      let resolved = context.labels.resolve(json: object)
    else { return false }
    let raw = line.part(Int(parts.line_offset), Int(parts.line_length))
    let space = context.writer.reserve(raw.count + 16)
    let length = unescape(raw, into: space)
    guard length >= 0 else { return false }
    guard length <= context.maximumLineBytes else {
      try quarantine("the line is longer than \(context.maximumLineBytes) bytes")
      return true
    }
    try context.write(
      entry: UnsafeRawBufferPointer(start: space, count: length), timestamp: timestamp,
      resolved: resolved)
    return true
  }

  private func reason(_ line: UnsafeRawBufferPointer, _ parts: dbk_logcli_line) -> String {
    let time = line.part(Int(parts.time_offset), Int(parts.time_length))
    if TimeReader.readRFC3339(ByteView(time)) == nil { return "the timestamp is not RFC 3339" }
    let object = line.part(Int(parts.labels_offset), Int(parts.labels_length))
    if context.labels.resolve(json: object) == nil { return "the labels are no object of strings" }
    return "a bad escape in the line"
  }

  private func quarantine(_ reason: String) throws {
    try context.quarantine(
      file: file, byteOffset: lines.lineOffset, reason: reason, excerpt: lines.line)
  }
}

/// Undoes JSON's escapes into a reservation; -1 for a bad escape.
func unescape(_ raw: UnsafeRawBufferPointer, into space: UnsafeMutableRawPointer) -> Int {
  guard let source = raw.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
  return dbk_json_unescape(source, raw.count, space.assumingMemoryBound(to: UInt8.self))
}
