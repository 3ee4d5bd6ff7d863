/// What the scanner knows of a byte before it looks at its neighbours: a set of bits.
struct ByteClass {
  /// Letters, digits and every byte of a non-ASCII scalar.
  static let word: UInt8 = 1
  static let digit: UInt8 = 2
  /// A letter that is no hexadecimal digit; non-ASCII bytes too.
  static let nonHexLetter: UInt8 = 4
  /// A to F of either case.
  static let hexLetter: UInt8 = 8
  static let upper: UInt8 = 16
  static let lower: UInt8 = 32
  /// Blanks, controls and the marks that end a token.
  static let boundary: UInt8 = 64
  /// Punctuation that may start or end something to mask.
  static let special: UInt8 = 128

  static let letter: UInt8 = nonHexLetter | hexLetter

  /// The class of every byte.
  static let table: [UInt8] = (0...255).map { classify(UInt8($0)) }

  private static func classify(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0x30...0x39: word | digit
    case 0x41...0x46: word | hexLetter | upper
    case 0x61...0x66: word | hexLetter | lower
    case 0x47...0x5A: word | nonHexLetter | upper
    case 0x67...0x7A: word | nonHexLetter | lower
    // 0xFF is in no UTF-8 text and is the mark of masked bytes.
    case 0xFF: special
    case 0x80...0xFE: word | nonHexLetter
    case UInt8(ascii: "\n"), UInt8(ascii: "\""), UInt8(ascii: "'"): special | boundary
    case UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: "/"), UInt8(ascii: ":"),
      UInt8(ascii: "~"), UInt8(ascii: "."), UInt8(ascii: "\\"):
      special
    case 0x00...0x20, 0x7F: boundary
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "<"), UInt8(ascii: ">"),
      UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "`"):
      boundary
    default: 0
    }
  }
}

/// The mark in front of every placeholder in masked bytes.
let placeholderMark: UInt8 = 0xFF
/// Behind the mark: no placeholder, but the byte 0xFF of the line itself.
let literalMark: UInt8 = 0

extension UInt8 {
  /// Blank, tab, newline, carriage return, form feed or vertical tab.
  @inline(__always)
  var isBlank: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }

  /// `0` to `9`.
  @inline(__always)
  var isDigit: Bool { self &- 0x30 < 10 }

  /// `A` to `Z` or `a` to `z`.
  @inline(__always)
  var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

  /// A hexadecimal digit of either case.
  @inline(__always)
  var isHexDigit: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }

  /// A letter, a digit or a byte of a non-ASCII scalar.
  @inline(__always)
  var isWord: Bool { isDigit || isLetter || (self >= 0x80 && self != 0xFF) }
}
