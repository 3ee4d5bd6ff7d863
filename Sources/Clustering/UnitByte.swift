/// What single bytes mean to `TemplateUnitReader`.
enum UnitByte {
  private static let delimiter: UInt8 = 1
  private static let joint: UInt8 = 2
  private static let rowMark: UInt8 = 4
  private static let valueEnd: UInt8 = 8
  private static let inner: UInt8 = 16

  private static let table: [UInt8] = (0...255).map { value in
    let byte = UInt8(value)
    var bits: UInt8 = 0
    if byte <= 0x20 || byte == 0x7F { bits |= delimiter | rowMark }
    if ",!;:=|\"'[](){}.-+@#$%&<>".utf8.contains(byte) { bits |= delimiter }
    if ":.-@/".utf8.contains(byte) { bits |= joint }
    if ",;:.-+@#|/&".utf8.contains(byte) { bits |= rowMark }
    if ":.-@#+$%&".utf8.contains(byte) { bits |= inner }
    if ",;)]}\"&|>".utf8.contains(byte) { bits |= valueEnd }
    return bits
  }

  static func isDelimiter(_ byte: UInt8) -> Bool { table[Int(byte)] & delimiter != 0 }
  static func isJoint(_ byte: UInt8) -> Bool { table[Int(byte)] & joint != 0 }
  static func opens(_ byte: UInt8) -> Bool { "([{".utf8.contains(byte) }
  static func closes(_ byte: UInt8) -> Bool { ")]}".utf8.contains(byte) }
  static func isInner(_ byte: UInt8) -> Bool { table[Int(byte)] & inner != 0 }
  static func isRowMark(_ byte: UInt8) -> Bool { table[Int(byte)] & rowMark != 0 }
  static func endsValue(_ byte: UInt8) -> Bool { table[Int(byte)] & valueEnd != 0 }

  static func isPair(_ open: UInt8, _ close: UInt8) -> Bool {
    switch open {
    case UInt8(ascii: "("): close == UInt8(ascii: ")")
    case UInt8(ascii: "["): close == UInt8(ascii: "]")
    case UInt8(ascii: "{"): close == UInt8(ascii: "}")
    default: false
    }
  }

  /// Tells whether two bytes are brackets with nothing between them, angle brackets included: `from=<>`.
  static func isEmptyPair(_ open: UInt8, _ close: UInt8) -> Bool {
    isPair(open, close) || open == UInt8(ascii: "<") && close == UInt8(ascii: ">")
  }

  static let plus = UInt8(ascii: "+")

  /// Words that say what a number before them counts: times, bytes and money.
  private static let unitWords: Set<[UInt8]> = Set(
    """
    b byte bytes kb mb gb tb kib mib gib ns us ms s msec msecs usec usecs sec secs second seconds \
    min mins minute minutes h hr hrs hour hours day days millis milliseconds millisecond \
    microseconds microsecond nanoseconds
    """.split(separator: " ").map { Array($0.utf8) })

  private static let currencies: Set<[UInt8]> = Set(
    "eur usd gbp chf jpy cny inr".split(separator: " ").map { Array($0.utf8) })

  static func isUnitWord(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
    guard end - start <= 12 else { return false }
    let word = bytes[start..<end].map { $0 | 0x20 }
    return isUnit(word) || currencies.contains(word)
  }

  /// Tells whether a word in small letters is a unit of time or of bytes.
  static func isUnit(_ word: [UInt8]) -> Bool { unitWords.contains(word) }
}
