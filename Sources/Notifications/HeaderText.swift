internal import DaybreakCore
internal import Foundation

/// How text gets into header fields: nothing in it can end the field or begin another.
enum HeaderText {
  /// The longest line that a header field is folded to (RFC 5322 §2.1.1, RFC 2047 §2).
  static let columns = 76

  /// Makes text of unknown origin one line: hidden characters shown, breaks and tabs as spaces.
  static func oneLine(_ text: String) -> String {
    let shown = displayText(text).unicodeScalars.map { scalar -> Unicode.Scalar in
      scalar == "\n" || scalar == "\t" ? " " : scalar
    }
    return String(String.UnicodeScalarView(shown))
  }

  /// Writes an unstructured field, as `Subject`: plain where it is short ASCII, else encoded-words.
  static func unstructured(_ name: String, _ text: String) -> String {
    let line = oneLine(text)
    let isPlain = line.utf8.allSatisfy { $0 < 0x80 } && !line.contains("=?")
    if isPlain, let folded = fold(name, line) { return folded }
    return "\(name): \(encodedWords(line, firstColumn: name.utf8.count + 2))\r\n"
  }

  /// Writes a field of mailboxes, one a line.
  static func mailboxes(_ name: String, _ addresses: [MailAddress]) -> String {
    let written = addresses.enumerated().map { index, mailbox in
      phrase(mailbox.name, firstColumn: index == 0 ? name.utf8.count + 2 : 1)
        + (mailbox.name.isEmpty ? mailbox.address : "<\(mailbox.address)>")
    }
    return "\(name): \(written.joined(separator: ",\r\n "))\r\n"
  }

  /// A display name and the fold after it: atoms, a quoted string, or encoded-words.
  private static func phrase(_ name: String, firstColumn: Int) -> String {
    let line = oneLine(name)
    guard !line.isEmpty else { return "" }
    guard line.utf8.allSatisfy({ $0 < 0x80 }), line.utf8.count <= 60, !line.contains("=?") else {
      return encodedWords(line, firstColumn: firstColumn) + "\r\n "
    }
    if line.utf8.allSatisfy({ isAtomByte($0) || $0 == 0x20 }), !line.hasPrefix(" ") {
      return line + " "
    }
    let quoted = line.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    return "\"\(quoted)\" "
  }

  /// Folds ASCII text at spaces; nil when a word is too long for a line, or spaces would be lost.
  private static func fold(_ name: String, _ text: String) -> String? {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard !words.contains(where: \.isEmpty) || text.isEmpty else { return nil }
    var field = "\(name):"
    var column = field.utf8.count
    for word in words {
      if column + 1 + word.utf8.count > columns {
        guard word.utf8.count < columns, column > name.utf8.count + 1 else { return nil }
        field += "\r\n"
        column = 0
      }
      field += " " + word
      column += 1 + word.utf8.count
    }
    return field + "\r\n"
  }

  /// Encoded-words in UTF-8 and base64 (RFC 2047), each of whole characters and at most 75 columns,
  /// one a line.
  private static func encodedWords(_ text: String, firstColumn: Int) -> String {
    let frame = "=?UTF-8?B??=".utf8.count
    var words: [String] = []
    var piece: [UInt8] = []
    var room = max(4, (columns - firstColumn - frame) / 4 * 3)
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      if piece.count + bytes.count > room {
        words.append("=?UTF-8?B?\(Data(piece).base64EncodedString())?=")
        piece = []
        room = (columns - 1 - frame) / 4 * 3
      }
      piece += bytes
    }
    words.append("=?UTF-8?B?\(Data(piece).base64EncodedString())?=")
    return words.joined(separator: "\r\n ")
  }
}

/// Writes a date as RFC 5322 §3.3 has it: `Thu, 12 Mar 2026 05:00:00 +1100`.
func mailDate(_ moment: Timestamp, offsetSeconds: Int) -> String {
  // Offsets are written in whole minutes; a zone of odd seconds (before 1972) is cut, clock and all.
  let offsetMinutes = offsetSeconds / 60
  let local = HTTPDate.text(moment.advanced(bySeconds: Int64(offsetMinutes * 60)))
  let magnitude = abs(offsetMinutes)
  let zone = (offsetMinutes < 0 ? "-" : "+") + twoDigits(magnitude / 60) + twoDigits(magnitude % 60)
  return local.replacingOccurrences(of: "GMT", with: zone)
}
