internal import Foundation

/// How text travels in a mail body: 7-bit lines of at most 76 columns ended by CRLF.
enum TransferEncoding {
  private static let columns = 76

  /// Encodes text by whichever of quoted-printable and base64 is shorter; a tie is the readable one's.
  ///
  /// - Parameter text: lines ended by LF, CR or CRLF.
  /// - Returns: the value of `Content-Transfer-Encoding`, and the body, ended by CRLF.
  static func shortest(_ text: String) -> (name: String, body: [UInt8]) {
    let lines = canonicalLines(text)
    let printable = quotedPrintable(lines)
    let coded = base64(lines)
    return coded.count < printable.count ? ("base64", coded) : ("quoted-printable", printable)
  }

  /// The text's lines, without whatever ended them.
  private static func canonicalLines(_ text: String) -> [[UInt8]] {
    var lines: [[UInt8]] = [[]]
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if byte == 0x0D || byte == 0x0A && previous != 0x0D {
        lines.append([])
      } else if byte != 0x0A {
        lines[lines.count - 1].append(byte)
      }
      previous = byte
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// Quoted-printable (RFC 2045 §6.7).
  static func quotedPrintable(_ lines: [[UInt8]]) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    var body: [UInt8] = []
    for line in lines {
      var column = 0
      // `From ` at the start of a line is changed by mailboxes in mbox form.
      let isFrom = line.starts(with: Array("From ".utf8))
      for (index, byte) in line.enumerated() {
        let isLast = index == line.count - 1
        let isSpace = byte == 0x20 || byte == 0x09
        let isPlain =
          (0x21...0x7E).contains(byte) && byte != 0x3D && !(isFrom && index == 0)
          || isSpace && !isLast
        let width = isPlain ? 1 : 3
        // One column stays free for the soft break, but at the end of the line.
        if column + width > (isLast ? columns : columns - 1) {
          body += [0x3D, 0x0D, 0x0A]
          column = 0
        }
        body += isPlain ? [byte] : [0x3D, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        column += width
      }
      body += [0x0D, 0x0A]
    }
    return body
  }

  /// Base64 (RFC 2045 §6.8) of the lines ended by CRLF.
  static func base64(_ lines: [[UInt8]]) -> [UInt8] {
    let text = Data(lines.joined(separator: [0x0D, 0x0A])) + (lines.isEmpty ? [] : [0x0D, 0x0A])
    let coded = Array(text.base64EncodedString().utf8)
    var body: [UInt8] = []
    for start in stride(from: 0, to: coded.count, by: columns) {
      body += coded[start..<min(start + columns, coded.count)] + [0x0D, 0x0A]
    }
    return body
  }
}
