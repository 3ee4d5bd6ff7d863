internal import DaybreakCore

/// What the start of a file says about the whole.
enum DetectedContent {
  /// Nothing at all.
  case empty
  /// No log: why.
  case binary(String)
  /// A format that `TextReader` and its peers read.
  case format(FileFormat)
}

/// Finds out what a file holds from its first bytes.
struct FormatDetector {
  /// How many bytes decide.
  static let headBytes = 64 << 10

  /// Known starts of files that hold no log lines.
  private static let magics: [(bytes: [UInt8], name: String)] = [
    ([0x7F, 0x45, 0x4C, 0x46], "an ELF program"),
    ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
    ([0xFF, 0xD8, 0xFF], "a JPEG image"),
    ([0x47, 0x49, 0x46, 0x38], "a GIF image"),
    ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
    ([0x50, 0x4B, 0x03, 0x04], "a zip archive"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz-compressed; unpack it or use gzip or Zstandard"),
    ([0x42, 0x5A, 0x68], "bzip2-compressed; unpack it or use gzip or Zstandard"),
    ([0x04, 0x22, 0x4D, 0x18], "lz4-compressed; unpack it or use gzip or Zstandard"),
    (Array("SQLite format 3".utf8), "an SQLite database"),
    (Array("PAR1".utf8), "a Parquet file"),
    ([0xFF, 0xFE], "UTF-16 text; convert it to UTF-8"),
    ([0xFE, 0xFF], "UTF-16 text; convert it to UTF-8"),
    (Array("LPKSHHRH".utf8), "a systemd journal; export it with journalctl"),
  ]

  /// Judges a file by its first bytes.
  ///
  /// - Parameters:
  ///   - head: the first `headBytes` of the decompressed file, or all of it.
  ///   - wanted: what the job says it is.
  /// - Returns: the format to read it in, or why it is none.
  static func detect(_ head: UnsafeRawBufferPointer, wanted: FileFormat) -> DetectedContent {
    if head.isEmpty { return .empty }
    if let reason = binaryReason(head) { return .binary("a binary file: \(reason)") }
    return .format(wanted == .automatic ? format(head) : wanted)
  }

  private static func binaryReason(_ head: UnsafeRawBufferPointer) -> String? {
    for magic in magics where head.prefix(magic.bytes.count).elementsEqual(magic.bytes) {
      return magic.name
    }
    if head.count > 262, head[257..<262].elementsEqual(Array("ustar".utf8)) {
      return "a tar archive"
    }
    var controls = 0
    for byte in head where byte < 0x20 {
      switch byte {
      case 0x08...0x0D, 0x1B: break
      default: controls += 1
      }
    }
    // A few stray control bytes are a hostile or broken line; a tenth of everything is no text.
    return controls >= 16 && controls * 10 > head.count ? "control bytes all over" : nil
  }

  private static func format(_ head: UnsafeRawBufferPointer) -> FileFormat {
    var bytes = ByteView(head)
    if bytes.has("\u{FEFF}", at: 0) { bytes = ByteView(head.part(3, head.count)) }
    if isQueryRange(bytes) { return .queryRange }
    var start = 0
    // The first lines may be broken: any of them may tell.
    for _ in 0..<5 where start < bytes.count {
      let end = bytes.first(0x0A, from: start, limit: bytes.count) ?? bytes.count
      let line = ByteView(bytes.slice(start, end - start))
      if isLogcliLine(line) { return .logcliJSONLines }
      if DefaultHead(line) != nil { return .logcliDefault }
      start = end + 1
    }
    return .plain
  }

  /// An object whose first fields are those of a body of Loki's API.
  private static func isQueryRange(_ bytes: ByteView) -> Bool {
    var index = white(bytes, 0)
    guard bytes[index] == UInt8(ascii: "{") else { return false }
    index = white(bytes, index + 1)
    if bytes.has("\"status\"", at: index) {
      index = white(bytes, index + 8)
      guard bytes[index] == 0x3A else { return false }
      index = white(bytes, index + 1)
      guard bytes.has("\"success\"", at: index) || bytes.has("\"error\"", at: index) else {
        return false
      }
      index = white(bytes, (bytes.first(0x22, from: index + 1, limit: index + 16) ?? index) + 1)
      guard bytes[index] == 0x2C else { return false }
      index = white(bytes, index + 1)
      return bytes.has("\"data\"", at: index) || bytes.has("\"errorType\"", at: index)
    }
    return opensWith(bytes, index, "\"data\"", then: UInt8(ascii: "{"))
      || opensWith(bytes, index, "\"streams\"", then: UInt8(ascii: "["))
  }

  private static func opensWith(
    _ bytes: ByteView, _ index: Int, _ key: StaticString, then opener: UInt8
  ) -> Bool {
    guard bytes.has(key, at: index) else { return false }
    let colon = white(bytes, index + key.utf8CodeUnitCount)
    guard bytes[colon] == 0x3A, bytes[white(bytes, colon + 1)] == opener else { return false }
    let inner = white(bytes, white(bytes, colon + 1) + 1)
    return bytes.has("\"result", at: inner) || bytes.has("\"encodingFlags\"", at: inner)
      || bytes[inner] == UInt8(ascii: "{") || bytes[inner] == UInt8(ascii: "]")
  }

  /// An object whose first field is one of the three that logcli writes.
  private static func isLogcliLine(_ line: ByteView) -> Bool {
    let index = white(line, 0)
    guard line[index] == UInt8(ascii: "{") else { return false }
    let key = white(line, index + 1)
    if line.has("\"labels\"", at: key) {
      let value = white(line, white(line, key + 8) + 1)
      return line[value] == UInt8(ascii: "{") && contains(line, "\"line\"")
    }
    guard line.has("\"line\"", at: key) || line.has("\"timestamp\"", at: key) else { return false }
    return contains(line, "\"labels\"") && contains(line, "\"line\"")
      && contains(line, "\"timestamp\"")
  }

  private static func contains(_ line: ByteView, _ text: StaticString) -> Bool {
    for index in 0..<max(0, line.count) where line[index] == 0x22 {
      if line.has(text, at: index) { return true }
    }
    return false
  }

  private static func white(_ bytes: ByteView, _ start: Int) -> Int {
    var index = start
    while bytes[index] == 0x20 || bytes[index] == 0x0A || bytes[index] == 0x0D
      || bytes[index] == 0x09
    {
      index += 1
    }
    return index
  }
}

/// What the first lines of a text say about all of them.
struct TextSurvey {
  /// Whether a third or more of the lines that could start an event carry a time: lines without one
  /// then belong to the event before them.
  private(set) var joinsHeaderless = false
  /// Whether any entry of logcli's default output has a fraction of a second.
  private(set) var hasFractions = false

  /// Looks through whole lines; a cut last one is left out.
  init(_ head: UnsafeRawBufferPointer, headers: HeaderReader) {
    var continuation = ContinuationReader()
    var timed = 0
    var untimed = 0
    var start = 0
    let bytes = ByteView(head)
    while start < bytes.count {
      let end = bytes.first(0x0A, from: start, limit: bytes.count)
      if end == nil, start > 0 { break }
      let line = bytes.slice(start, (end ?? bytes.count) - start)
      start = (end ?? bytes.count) + 1
      let view = ByteView(line)
      guard !line.allSatisfy({ $0 <= 0x20 }) else { continue }
      if let entry = DefaultHead(view), entry.hasFraction { hasFractions = true }
      if continuation.continues(view) { continue }
      continuation.startEvent(view)
      if headers.read(line).hasTime { timed += 1 } else { untimed += 1 }
    }
    joinsHeaderless = timed * 3 >= timed + untimed && timed > 0
  }
}
