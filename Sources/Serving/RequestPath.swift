internal import DaybreakCore

/// The path of a request, decoded once and checked: nothing in it can leave the report folder.
struct RequestPath: Equatable {
  /// Why a path is refused.
  enum Refusal: Error, Equatable {
    /// Not a path at all: 400.
    case malformed
    /// A path that never names a report: 404, the same as one that is not there.
    case hidden
  }

  /// The folder names and the file's name; empty for `/`.
  let segments: [String]
  /// Whether it ends in a slash.
  let namesDirectory: Bool

  /// Longest path that is looked at, in bytes as sent.
  static let byteLimit = 4096

  /// Decodes and checks a path as it was sent, without its query.
  ///
  /// - Parameter raw: the bytes between the method and the query.
  /// - Throws: `Refusal`.
  init(raw: [UInt8]) throws(Refusal) {
    guard raw.first == 0x2F, raw.count <= RequestPath.byteLimit else { throw .malformed }
    var parts = raw.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false)
    namesDirectory = parts.last?.isEmpty ?? true
    if namesDirectory { parts.removeLast() }
    var segments: [String] = []
    for part in parts { segments.append(try RequestPath.segment(Array(part))) }
    self.segments = segments
  }

  /// Relative to the report folder; `.` for the folder itself.
  var relative: String { segments.isEmpty ? "." : segments.joined(separator: "/") }

  /// The last name, which decides the content type.
  var name: String { segments.last ?? "" }

  /// Decodes one name.
  ///
  /// Split first and decoded after, `%2F` cannot make two names of one.
  private static func segment(_ part: [UInt8]) throws(Refusal) -> String {
    var bytes: [UInt8] = []
    var index = 0
    while index < part.count {
      var byte = part[index]
      index += 1
      if byte == 0x25 {
        guard index + 1 < part.count, let high = hexValue(part[index]),
          let low = hexValue(part[index + 1])
        else { throw .malformed }
        byte = high << 4 | low
        index += 2
      }
      // A backslash separates names elsewhere; proxies and browsers may turn it into a slash.
      guard byte >= 0x20, byte != 0x7F, byte != 0x2F, byte != 0x5C else { throw .malformed }
      bytes.append(byte)
    }
    guard let name = String(validating: bytes, as: UTF8.self) else { throw .malformed }
    guard name != "..", name != "." else { throw .malformed }
    // `//` is one address too many for a page, and `//host` in a redirect would be another site.
    guard !name.isEmpty, bytes.first != 0x2E, bytes.count <= 255 else { throw .hidden }
    return name
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
