import DaybreakCore

/// Text with parts that are drawn anew for each line.
///
/// Written as literal text with `{…}`: `{3-40}` a whole number, `{money}`, `{uuid}`, `{ip}`, or
/// `{a|b|c}` one of several words. Identifiers have one width each, so that a line of one kind always
/// has the same shape.
struct LinePattern: Sendable {
  private enum Part: Sendable {
    case literal([UInt8])
    case number(ClosedRange<Int>)
    case money
    case uuid
    case address
    case choice([[UInt8]])
  }

  private let parts: [Part]

  init(_ text: String) {
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      if open > rest.startIndex { parts.append(.literal(Array(rest[..<open].utf8))) }
      parts.append(LinePattern.part(String(rest[rest.index(after: open)..<close])))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.literal(Array(rest.utf8))) }
    self.parts = parts
  }

  private static func part(_ text: String) -> Part {
    switch text {
    case "money": return .money
    case "uuid": return .uuid
    case "ip": return .address
    default: break
    }
    let bounds = text.split(separator: "-").compactMap { Int($0) }
    if bounds.count == 2, bounds[0] <= bounds[1] { return .number(bounds[0]...bounds[1]) }
    return .choice(text.split(separator: "|").map { Array($0.utf8) })
  }

  /// Writes one line of this kind.
  func write(to bytes: inout [UInt8], drawing random: inout SeededRandom) {
    for part in parts {
      switch part {
      case .literal(let text): bytes += text
      case .number(let range): bytes.appendNumber(random.within(range))
      case .money:
        bytes.appendNumber(random.within(3...240))
        bytes.append(UInt8(ascii: "."))
        bytes.appendPadded(random.below(100), width: 2)
      case .uuid: bytes.appendUUID(random.next(), random.next())
      case .address:
        // Documentation addresses (RFC 5737).
        bytes += "203.0.113.".utf8
        bytes.appendNumber(random.within(1...254))
      case .choice(let words): bytes += words[random.below(words.count)]
      }
    }
  }
}

extension [UInt8] {
  /// Appends a whole number of 0 or more.
  mutating func appendNumber(_ number: Int) {
    var width = 1
    var power = 10
    while power <= number {
      width += 1
      power *= 10
    }
    appendPadded(number, width: width)
  }

  /// Appends the last `width` digits of a number, with leading zeros.
  mutating func appendPadded(_ number: Int, width: Int) {
    let start = count
    for _ in 0..<width { append(0x30) }
    var rest = number
    for place in stride(from: start + width - 1, through: start, by: -1) {
      self[place] = UInt8(0x30 + rest % 10)
      rest /= 10
    }
  }

  /// Appends a random UUID (RFC 9562, version 4).
  mutating func appendUUID(_ high: UInt64, _ low: UInt64) {
    let high = high & ~0xF000 | 0x4000
    let low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    let digits = Array("0123456789abcdef".utf8)
    for place in 0..<32 {
      if place == 8 || place == 12 || place == 16 || place == 20 { append(UInt8(ascii: "-")) }
      let half = place < 16 ? high : low
      append(digits[Int(half >> UInt64(60 - place % 16 * 4) & 15)])
    }
  }

  /// Appends text as the inside of a JSON string (RFC 8259 §7), with `<`, `>` and `&` escaped as Go's
  /// encoder does, which wrote every Loki export there is.
  mutating func appendJSONEscaped(_ text: ArraySlice<UInt8>) {
    let digits = Array("0123456789abcdef".utf8)
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        append(UInt8(ascii: "\\"))
        append(byte)
      case 0x0A: self += "\\n".utf8
      case 0x09: self += "\\t".utf8
      case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
        self += "\\u00".utf8
        append(digits[Int(byte >> 4)])
        append(digits[Int(byte & 15)])
      default: append(byte)
      }
    }
  }
}
