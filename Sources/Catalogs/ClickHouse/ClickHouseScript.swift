/// Cuts a script into ClickHouse statements: over HTTP each is sent on its own.
///
/// Quotes of all three kinds know the backslash (ClickHouse, "Syntax", String and Identifiers).
enum ClickHouseScript {
  /// The statements in order, without comments at their ends and without semicolons.
  static func statements(of text: String) -> [String] {
    let bytes = Array(text.utf8)
    var statements: [String] = []
    var start = 0
    var offset = 0
    var hasWord = false
    func end(at offset: Int) {
      guard hasWord else { return }
      let piece = String(decoding: bytes[start..<offset], as: UTF8.self)
      statements.append(withoutHead(piece))
    }
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
        hasWord = true
        offset = endOfQuote(bytes, from: offset)
      case UInt8(ascii: "-")
      where offset + 1 < bytes.count && bytes[offset + 1] == UInt8(ascii: "-"):
        offset = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
      case UInt8(ascii: "/")
      where offset + 1 < bytes.count && bytes[offset + 1] == UInt8(ascii: "*"):
        offset = endOfComment(bytes, from: offset + 2)
      case UInt8(ascii: ";"):
        end(at: offset)
        offset += 1
        start = offset
        hasWord = false
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default:
        hasWord = true
        offset += 1
      }
    }
    end(at: bytes.count)
    return statements
  }

  /// The offset behind a quoted text that begins at `start`.
  private static func endOfQuote(_ bytes: [UInt8], from start: Int) -> Int {
    var offset = start + 1
    while offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "\\") {
        offset += 1
      } else if bytes[offset] == bytes[start] {
        return offset + 1
      }
      offset += 1
    }
    return bytes.count
  }

  private static func endOfComment(_ bytes: [UInt8], from start: Int) -> Int {
    var offset = start
    while offset + 1 < bytes.count {
      if bytes[offset] == UInt8(ascii: "*"), bytes[offset + 1] == UInt8(ascii: "/") {
        return offset + 2
      }
      offset += 1
    }
    return bytes.count
  }

  /// A statement without comment lines and space around it.
  private static func withoutHead(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    func isIdle(_ line: Substring) -> Bool {
      let words = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
      return words.isEmpty || words.hasPrefix("--")
    }
    while let first = lines.first, isIdle(first) { lines.removeFirst() }
    while let last = lines.last, isIdle(last) { lines.removeLast() }
    return lines.joined(separator: "\n")
  }
}
