internal import Foundation

/// What a statement touched, as the header `X-ClickHouse-Summary` counts it.
package struct ClickHouseSummary: Hashable, Sendable {
  package var readRows = 0
  package var readBytes = 0
  package var writtenRows = 0
  package var writtenBytes = 0

  init() {}

  /// Reads the header: JSON with numbers as text.
  init(header: String?) {
    guard let header,
      let counts = try? JSONDecoder().decode(
        [String: String].self, from: Data(header.utf8))
    else { return }
    func count(_ key: String) -> Int { counts[key].flatMap { Int($0) } ?? 0 }
    readRows = count("read_rows")
    readBytes = count("read_bytes")
    writtenRows = count("written_rows")
    writtenBytes = count("written_bytes")
  }
}

/// Rows of a query in the format TabSeparated, and what it touched.
package struct ClickHouseRows: Sendable {
  /// Cells by row; nil for NULL.
  package let rows: [[String?]]
  package let summary: ClickHouseSummary
}

/// The format TabSeparated (ClickHouse, "Formats").
enum TabSeparated {
  /// Takes rows apart.
  static func rows(of bytes: [UInt8]) -> [[String?]] {
    bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast(
      bytes.last == 0x0A ? 1 : 0
    )
    .filter { _ in !bytes.isEmpty }
    .map { line in
      line.split(separator: 0x09, omittingEmptySubsequences: false).map { cell in
        cell.elementsEqual([0x5C, 0x4E]) ? nil : unescaped(cell)
      }
    }
  }

  /// A cell's text.
  private static func unescaped(_ cell: ArraySlice<UInt8>) -> String {
    guard cell.contains(0x5C) else { return String(decoding: cell, as: UTF8.self) }
    var text: [UInt8] = []
    var rest = cell
    while let byte = rest.popFirst() {
      guard byte == 0x5C, let letter = rest.popFirst() else {
        text.append(byte)
        continue
      }
      text.append(letters[letter] ?? letter)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let letters: [UInt8: UInt8] = [
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0D,
    UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "0"): 0x00,
  ]

  /// A parameter's value as the server reads it from an address: it takes `{name:Type}` apart like a cell.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\t": escaped += "\\t"
      case "\r": escaped += "\\r"
      case "\0": escaped += "\\0"
      case "\u{8}": escaped += "\\b"
      case "\u{c}": escaped += "\\f"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

/// What the server says of a statement that it refuses:
/// `Code: 60. DB::Exception: Table … (UNKNOWN_TABLE) (version 24.3.1)`.
struct ClickHouseException: Equatable {
  var code: Int
  var name: String
  var reason: String

  /// Reads the text of an answer.
  ///
  /// - Parameters:
  ///   - body: the answer; under JSON formats some versions wrap the words in `{"exception": …}`.
  ///   - header: `X-ClickHouse-Exception-Code`, which wins.
  init(body: [UInt8], header: String?) {
    var text = String(decoding: body.prefix(16 << 10), as: UTF8.self)
    if body.first == UInt8(ascii: "{"),
      let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
      let words = object["exception"] as? String
    {
      text = words
    }
    if let start = text.range(of: "Code: ") { text = String(text[start.lowerBound...]) }
    let digits = text.hasPrefix("Code: ") ? text.dropFirst(6).prefix { $0.isNumber } : ""
    code = header.flatMap { Int($0) } ?? Int(digits) ?? 0
    if let mark = text.range(of: "DB::Exception: ") { text = String(text[mark.upperBound...]) }
    text = text.split(separator: "\n").joined(separator: " ")
    if let version = text.range(of: " (version ", options: .backwards) {
      text = String(text[..<version.lowerBound])
    }
    name = ""
    if text.hasSuffix(")"), let open = text.lastIndex(of: "(") {
      let word = text[text.index(after: open)...].dropLast()
      if !word.isEmpty, word.allSatisfy({ $0.isUppercase || $0 == "_" || $0.isNumber }) {
        name = String(word)
        text = text[..<open].trimmingCharacters(in: .whitespaces)
      }
    }
    reason = text.trimmingCharacters(in: .whitespaces)
  }
}
