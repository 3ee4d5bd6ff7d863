internal import CScanJSON
internal import DaybreakCore

/// Reads bodies of Loki's `query_range` with streams, one after the other, in bounded memory.
///
/// An entry is `["<ns>", "line"]` or, with `categorize-labels`,
/// `["<ns>", "line", {"structuredMetadata": {…}, "parsed": {…}}]`. A push body or a tail frame
/// (`{"streams": […]}`) has the same streams.
/// Source: Loki 3.7 HTTP API reference.
final class QueryRangeReader {
  private let context: ReadContext
  private let file: String
  private let cursor: JSONCursor
  private let parser: OpaquePointer?
  private let entryLimit: Int
  /// Why the text is no log streams; nil while it may be.
  private var otherContent: String?
  private var sawStreams = false
  /// The stream's labels, copied: entries outlive the window that they were read through.
  private var streamBytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
  private var stream: LabelResolver.Choice?
  private var streamResolved = ResolvedLabels()
  private var streamMark: LabelResolver.ScratchMark
  private let lastMetadata = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 16)
  private var lastMetadataLength = -1
  private var lastResolved = ResolvedLabels()

  /// How large a stream's label object may be.
  private static let labelLimit = 1 << 20

  init(_ context: ReadContext, file: String, blocks: BlockReader) {
    self.context = context
    self.file = file
    cursor = JSONCursor(blocks)
    parser = dbk_json_parser_create()
    entryLimit = LogcliLinesReader.physicalLimit(context.maximumLineBytes)
    streamMark = context.labels.scratchMark
  }

  deinit {
    dbk_json_parser_destroy(parser)
    streamBytes.deallocate()
    lastMetadata.deallocate()
  }

  /// Where and why the walk ended early.
  private struct Damage: Error {
    let reason: String
    var isEntry = false
  }

  /// Reads to the end.
  ///
  /// - Returns: why the text could not be read to its end; nil when it was.
  /// - Throws: what the sink throws.
  func read() throws -> String? {
    if cursor.peek() == 0xEF { _ = cursor.takeByteOrderMark() }
    guard cursor.peek() == UInt8(ascii: "{") else {
      quarantineFile("not log streams: not a JSON object")
      return nil
    }
    do {
      while cursor.peek() == UInt8(ascii: "{") { try readBody() }
      if cursor.peek() != nil { throw Damage(reason: "something else follows the JSON text") }
    } catch let damage as Damage {
      if !sawStreams {
        quarantineFile("not log streams: \(damage.reason)")
        return nil
      }
      try context.quarantine(
        file: file, byteOffset: cursor.offset, lines: damage.isEntry ? 1 : 0,
        reason: damage.reason, excerpt: cursor.ahead)
      return damage.reason
    }
    return nil
  }

  /// Why the whole text, or one body of it, is no log streams; nil when all of it is.
  private(set) var notLogStreams: String?

  private func quarantineFile(_ reason: String) {
    notLogStreams = reason
    context.recorder.quarantine(
      file: file, byteOffset: 0, lines: 0, reason: reason, excerpt: cursor.ahead)
  }

  // MARK: The walk

  private func readBody() throws {
    otherContent = nil
    var found = false
    let before = sawStreams
    try eachField { key in
      if key.has("data", at: 0), key.count == 4, cursor.peek() == UInt8(ascii: "{") {
        try readData(&found)
      } else if key.has("streams", at: 0), key.count == 7, cursor.peek() == UInt8(ascii: "[") {
        found = true
        try readStreams()
      } else if !cursor.skipValue() {
        throw Damage(reason: "the file ends in the middle")
      }
    }
    if !found || otherContent != nil, sawStreams == before {
      quarantineFile("not log streams: \(otherContent ?? "no result in it")")
    }
  }

  private func readData(_ found: inout Bool) throws {
    try eachField { key in
      if key.has("resultType", at: 0), key.count == 10 {
        guard let type = cursor.readString() else { throw Damage(reason: "no result type") }
        let name = displayText(type, byteLimit: 20)
        if name != "streams" { otherContent = "the result is a \(name)" }
      } else if key.has("result", at: 0), key.count == 6, cursor.peek() == UInt8(ascii: "[") {
        found = true
        try readStreams()
      } else if !cursor.skipValue() {
        throw Damage(reason: "the file ends in the middle")
      }
    }
  }

  private func readStreams() throws {
    if otherContent == nil { sawStreams = true }
    try eachElement {
      guard cursor.peek() == UInt8(ascii: "{") else {
        if cursor.skipValue() { return }
        throw Damage(reason: "the file ends in the middle")
      }
      stream = nil
      try eachField { key in
        if key.has("stream", at: 0), key.count == 6 {
          try readStreamLabels()
        } else if key.has("values", at: 0), key.count == 6, otherContent == nil,
          cursor.peek() == UInt8(ascii: "[")
        {
          try eachElement { try readEntry() }
        } else {
          if key.has("metric", at: 0) { otherContent = otherContent ?? "the result is of metrics" }
          if !cursor.skipValue() { throw Damage(reason: "the file ends in the middle") }
        }
      }
    }
  }

  /// Calls `body` at the value of each field of the object that is next.
  private func eachField(_ body: (ByteView) throws -> Void) throws {
    guard cursor.take(UInt8(ascii: "{")) else { throw Damage(reason: "not valid JSON") }
    if cursor.take(UInt8(ascii: "}")) { return }
    repeat {
      guard let key = cursor.readString() else {
        throw Damage(
          reason: cursor.peek() == nil ? "the file ends in the middle" : "not valid JSON")
      }
      // The key is lent until the cursor moves.
      try withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { copy in
        let length = min(key.count, 64)
        copy.copyMemory(from: key.part(0, length))
        guard cursor.take(UInt8(ascii: ":")) else { throw Damage(reason: "not valid JSON") }
        try body(ByteView(UnsafeRawBufferPointer(copy).part(0, length)))
      }
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "}")) else {
      throw Damage(reason: cursor.peek() == nil ? "the file ends in the middle" : "not valid JSON")
    }
  }

  /// Calls `body` at each element of the array that is next.
  private func eachElement(_ body: () throws -> Void) throws {
    guard cursor.take(UInt8(ascii: "[")) else { throw Damage(reason: "not valid JSON") }
    if cursor.take(UInt8(ascii: "]")) { return }
    repeat { try body() } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "]")) else {
      throw Damage(reason: cursor.peek() == nil ? "the file ends in the middle" : "not valid JSON")
    }
  }

  // MARK: Streams and entries

  private func readStreamLabels() throws {
    guard case .value(let object) = cursor.capture(limit: QueryRangeReader.labelLimit) else {
      throw Damage(reason: "the file ends in the middle of a stream's labels")
    }
    if streamBytes.count < object.count + BatchWriter.padding {
      streamBytes.deallocate()
      streamBytes = .allocate(
        byteCount: (object.count + BatchWriter.padding) * 2, alignment: 16)
    }
    streamBytes.copyMemory(from: object)
    context.labels.resetScratch()
    lastMetadataLength = -1
    var choice = LabelResolver.Choice()
    let copy = UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(streamBytes).prefix(object.count))
    guard context.labels.add(json: copy, to: &choice) else { return }
    streamResolved = context.labels.finish(choice)
    stream = choice
    streamMark = context.labels.scratchMark
  }

  private func readEntry() throws {
    let offset = cursor.offset
    switch cursor.capture(limit: entryLimit) {
    case .truncated:
      throw Damage(reason: "the file ends in the middle of an entry", isEntry: true)
    case .tooLong(let start):
      try quarantine(
        start, offset, "the line is longer than \(context.maximumLineBytes) bytes")
    case .value(let entry):
      if let reason = try write(entry) { try quarantine(entry, offset, reason) }
    }
  }

  private func quarantine(
    _ entry: UnsafeRawBufferPointer, _ offset: Int64, _ reason: String
  ) throws {
    try context.quarantine(
      file: file, byteOffset: offset, reason: reason, excerpt: entry)
  }

  /// Writes one entry.
  ///
  /// - Returns: what was wrong with it; nil when nothing was.
  private func write(_ entry: UnsafeRawBufferPointer) throws -> String? {
    let bytes = ByteView(entry)
    var index = skippingWhite(bytes, 1)
    let isQuoted = bytes[index] == 0x22
    if isQuoted { index += 1 }
    let width = bytes.digitCount(at: index)
    guard width > 0, let nanoseconds = timestamp(bytes, index, width) else {
      return "the timestamp is not a number of nanoseconds"
    }
    index += width + (isQuoted ? 1 : 0)
    index = skippingWhite(bytes, index)
    guard bytes[index] == 0x2C else { return "the entry has no line" }
    index = skippingWhite(bytes, index + 1)
    guard bytes[index] == 0x22, let base = bytes.base else { return "the line is not a string" }
    let length = dbk_json_string_end(base + index + 1, bytes.count - index - 1)
    let line = bytes.slice(index + 1, length)
    index = skippingWhite(bytes, index + 2 + length)
    guard let resolved = resolve(bytes, index) else {
      return stream == nil
        ? "the entry stands in front of its stream's labels" : "its metadata cannot be read"
    }
    let space = context.writer.reserve(line.count + 16)
    let decoded = unescape(line, into: space)
    guard decoded >= 0 else { return "a bad escape in the line" }
    guard decoded <= context.maximumLineBytes else {
      return "the line is longer than \(context.maximumLineBytes) bytes"
    }
    try context.write(
      entry: UnsafeRawBufferPointer(start: space, count: decoded), timestamp: nanoseconds,
      resolved: resolved)
    return nil
  }

  private func timestamp(_ bytes: ByteView, _ index: Int, _ width: Int) -> Int64? {
    guard width <= 19 else { return nil }
    var value: Int64 = 0
    for offset in 0..<width {
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = scaled.addingReportingOverflow(Int64(bytes[index + offset] &- 0x30))
      if overflow || carried { return nil }
      value = sum
    }
    return value
  }

  private func skippingWhite(_ bytes: ByteView, _ start: Int) -> Int {
    var index = start
    while bytes[index] == 0x20 || bytes[index] == 0x0A || bytes[index] == 0x0D
      || bytes[index] == 0x09
    {
      index += 1
    }
    return index
  }

  /// The labels of the stream and of the entry's third element, as one set.
  private func resolve(_ bytes: ByteView, _ index: Int) -> ResolvedLabels? {
    guard let stream else { return nil }
    guard bytes[index] == 0x2C else { return bytes[index] == 0x5D ? streamResolved : nil }
    let start = skippingWhite(bytes, index + 1)
    guard bytes[start] == UInt8(ascii: "{") else { return nil }
    let object = bytes.slice(start, bytes.count - 1 - start)
    if object.count == lastMetadataLength,
      isEqual(UnsafeRawBufferPointer(rebasing: lastMetadata.prefix(object.count)), object)
    {
      return lastResolved
    }
    context.labels.restoreScratch(streamMark)
    var choice = stream
    guard addMetadata(object, to: &choice) else { return nil }
    let resolved = context.labels.finish(choice)
    lastMetadataLength = -1
    if object.count <= lastMetadata.count {
      UnsafeMutableRawBufferPointer(rebasing: lastMetadata.prefix(object.count))
        .copyMemory(from: object)
      lastMetadataLength = object.count
      lastResolved = resolved
    }
    return resolved
  }

  /// Adds `structuredMetadata` and `parsed`, or, as in a push body, the object's own fields.
  private func addMetadata(
    _ object: UnsafeRawBufferPointer, to choice: inout LabelResolver.Choice
  ) -> Bool {
    withUnsafeTemporaryAllocation(of: dbk_json_field.self, capacity: 8) { fields in
      guard let base = object.baseAddress?.assumingMemoryBound(to: UInt8.self),
        let first = fields.baseAddress
      else { return false }
      let count = dbk_json_fields(parser, base, object.count, first, 8)
      guard count >= 0 else { return false }
      if count > 0, fields[0].kind != DBK_JSON_OBJECT.rawValue {
        return context.labels.add(json: object, to: &choice)
      }
      for field in fields.prefix(Int(count)) where field.kind == DBK_JSON_OBJECT.rawValue {
        let part = object.part(Int(field.value_offset), Int(field.value_length))
        guard context.labels.add(json: part, to: &choice) else { return false }
      }
      return true
    }
  }
}

extension JSONCursor {
  /// Moves over a UTF-8 byte order mark.
  func takeByteOrderMark() -> Bool { take(0xEF) && take(0xBB) && take(0xBF) }
}
