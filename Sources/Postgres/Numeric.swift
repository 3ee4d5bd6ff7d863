/// `numeric` in its binary form: digits of base 10 000 (PostgreSQL 15, `numeric_send`).
///
/// Layout: digit count, weight of the first digit, sign, digits after the decimal point, digits.
struct Numeric {
  private static let negative: UInt16 = 0x4000
  private static let notANumber: UInt16 = 0xC000
  private static let infinity: UInt16 = 0xD000
  private static let negativeInfinity: UInt16 = 0xF000

  private var digits: [Int16] = []
  private var weight = 0
  private var sign: UInt16 = 0
  private var scale = 0

  /// Reads the binary form; nil for bytes of another shape.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 8 else { return nil }
    let count = Int(BinaryFormat.load(bytes, at: 0, as: Int16.self))
    guard count >= 0, bytes.count == 8 + 2 * count else { return nil }
    weight = Int(BinaryFormat.load(bytes, at: 2, as: Int16.self))
    sign = BinaryFormat.load(bytes, at: 4, as: UInt16.self)
    scale = Int(BinaryFormat.load(bytes, at: 6, as: UInt16.self))
    digits = (0..<count).map { BinaryFormat.load(bytes, at: 8 + 2 * $0, as: Int16.self) }
    guard digits.allSatisfy({ (0..<10_000).contains($0) }) else { return nil }
  }

  /// Reads plain decimal text, as `-12.5`; nil for anything else, exponents included.
  init?(decimal text: String) {
    var bytes = Array(text.utf8)[...]
    if bytes.first == 0x2D {
      sign = Numeric.negative
      bytes = bytes.dropFirst()
    }
    let parts = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !bytes.isEmpty, parts[0].count <= 10_000,
      parts.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } }), !parts[0].isEmpty
    else { return nil }
    let fraction = parts.count == 2 ? Array(parts[1]) : []
    scale = fraction.count
    let whole = Array(repeating: 0x30, count: (4 - parts[0].count % 4) % 4) + parts[0]
    let padded = whole + fraction + Array(repeating: 0x30, count: (4 - scale % 4) % 4)
    digits = stride(from: 0, to: padded.count, by: 4).map { start in
      padded[start..<start + 4].reduce(0) { $0 * 10 + Int16($1 - 0x30) }
    }
    weight = whole.count / 4 - 1
    while digits.first == 0 {
      digits.removeFirst()
      weight -= 1
    }
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty { (weight, sign) = (0, 0) }
  }

  /// The bytes that `numeric_recv` reads.
  func append(to bytes: inout [UInt8]) {
    BinaryFormat.append(Int16(digits.count), to: &bytes)
    BinaryFormat.append(Int16(weight), to: &bytes)
    BinaryFormat.append(sign, to: &bytes)
    BinaryFormat.append(UInt16(scale), to: &bytes)
    for digit in digits { BinaryFormat.append(digit, to: &bytes) }
  }

  /// Decimal text with the scale that the value carries: `12.50`, `NaN`, `-Infinity`.
  var text: String {
    switch sign {
    case Numeric.notANumber: return "NaN"
    case Numeric.infinity: return "Infinity"
    case Numeric.negativeInfinity: return "-Infinity"
    default: break
    }
    /// The base-10 000 digit of a weight as four decimal digits.
    func group(_ place: Int) -> String {
      let index = weight - place
      let digit = digits.indices.contains(index) ? String(digits[index]) : "0"
      return String(repeating: "0", count: 4 - digit.count) + digit
    }
    var whole = weight < 0 ? "0" : (0...weight).reversed().map(group).joined()
    while whole.count > 1, whole.hasPrefix("0") { whole.removeFirst() }
    let negativeSign = sign == Numeric.negative ? "-" : ""
    guard scale > 0 else { return negativeSign + whole }
    let fraction = (1...(scale + 3) / 4).map { group(-$0) }.joined()
    return negativeSign + whole + "." + fraction.prefix(scale)
  }

  /// The nearest double.
  var double: Double {
    switch sign {
    case Numeric.notANumber: .nan
    case Numeric.infinity: .infinity
    case Numeric.negativeInfinity: -.infinity
    default: Double(text) ?? .nan
    }
  }

  /// The exact integer; nil where it has a fraction or does not fit.
  var int64: Int64? {
    let parts = text.split(separator: ".")
    guard let whole = parts.first, parts.dropFirst().allSatisfy({ $0.allSatisfy { $0 == "0" } })
    else { return nil }
    return Int64(whole)
  }
}
