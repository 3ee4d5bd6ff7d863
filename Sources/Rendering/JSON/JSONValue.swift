/// A JSON value that is written in one way only: keys in the order given, numbers in their shortest
/// form, so that the same report has the same bytes.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  /// Written with at most six decimals; not a number and infinity become `null`, as RFC 8259 has
  /// neither.
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  package static func == (left: JSONValue, right: JSONValue) -> Bool {
    left.encoded() == right.encoded()
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(encoded()) }

  /// A string, or null.
  package static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
  /// An integer, or null.
  package static func optional(_ value: Int64?) -> JSONValue { value.map { .int($0) } ?? .null }
  /// A number, or null.
  package static func optional(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }

  /// The value as UTF-8, indented by two spaces; arrays of numbers stay on one line.
  package func encoded() -> [UInt8] {
    var output: [UInt8] = []
    write(to: &output, depth: 0)
    output.append(0x0A)
    return output
  }

  /// The value as UTF-8 without any space or line break between its parts.
  package func encodedOnOneLine() -> [UInt8] {
    var output: [UInt8] = []
    writeOnOneLine(to: &output)
    return output
  }

  private func writeOnOneLine(to output: inout [UInt8]) {
    switch self {
    case .array(let values):
      output.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        value.writeOnOneLine(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        JSONValue.write(member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        member.value.writeOnOneLine(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    default: write(to: &output, depth: 0)
    }
  }

  private func write(to output: inout [UInt8], depth: Int) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .int(let value): output.append(contentsOf: String(value).utf8)
    case .double(let value): output.append(contentsOf: JSONValue.number(value).utf8)
    case .string(let text): JSONValue.write(text, to: &output)
    case .array(let values): write(values, to: &output, depth: depth)
    case .object(let members): write(members, to: &output, depth: depth)
    }
  }

  private func write(_ values: [JSONValue], to output: inout [UInt8], depth: Int) {
    let isFlat = values.allSatisfy(\.isScalar)
    output.append(UInt8(ascii: "["))
    for (index, value) in values.enumerated() {
      if index > 0 { output.append(contentsOf: isFlat ? ", ".utf8 : ",".utf8) }
      if !isFlat { JSONValue.breakLine(&output, depth + 1) }
      value.write(to: &output, depth: depth + 1)
    }
    if !isFlat { JSONValue.breakLine(&output, depth) }
    output.append(UInt8(ascii: "]"))
  }

  private func write(
    _ members: [(key: String, value: JSONValue)], to output: inout [UInt8], depth: Int
  ) {
    output.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      JSONValue.breakLine(&output, depth + 1)
      JSONValue.write(member.key, to: &output)
      output.append(contentsOf: ": ".utf8)
      member.value.write(to: &output, depth: depth + 1)
    }
    if !members.isEmpty { JSONValue.breakLine(&output, depth) }
    output.append(UInt8(ascii: "}"))
  }

  private var isScalar: Bool {
    switch self {
    case .null, .bool, .int, .double: true
    case .string(let text): text.utf8.count <= 80
    case .array(let values): values.isEmpty
    case .object(let members): members.isEmpty
    }
  }

  private static func breakLine(_ output: inout [UInt8], _ depth: Int) {
    output.append(0x0A)
    output.append(contentsOf: repeatElement(0x20, count: depth * 2))
  }

  /// A number with at most six decimals, without an exponent where it can be avoided.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    guard abs(value) < 1e9 else { return "\(value)" }
    let millionths = Int64((value * 1e6).rounded())
    var text = String(millionths.magnitude % 1_000_000)
    text = String(repeating: "0", count: 6 - text.count) + text
    while text.hasSuffix("0") { text.removeLast() }
    let sign = millionths < 0 ? "-" : ""
    let whole = String(millionths.magnitude / 1_000_000)
    return text.isEmpty ? sign + whole : sign + whole + "." + text
  }

  /// Writes a string so that printing the file does nothing to a terminal: controls, bidirectional
  /// marks, separators and other invisible characters are escaped; the value stays what it was.
  private static func write(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22: output.append(contentsOf: #"\""#.utf8)
      case 0x5C: output.append(contentsOf: #"\\"#.utf8)
      case 0x0A: output.append(contentsOf: #"\n"#.utf8)
      case 0x09: output.append(contentsOf: #"\t"#.utf8)
      default:
        if scalar.value < 0x20 || displaysOtherwise(scalar) {
          for unit in String(scalar).utf16 { writeEscape(unit, to: &output) }
        } else {
          output.append(contentsOf: String(scalar).utf8)
        }
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func writeEscape(_ unit: UInt16, to output: inout [UInt8]) {
    let digits = String(unit, radix: 16)
    output.append(contentsOf: #"\u"#.utf8)
    output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.count))
    output.append(contentsOf: digits.utf8)
  }
}
