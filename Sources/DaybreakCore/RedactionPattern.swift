/// A pattern of a user's own for what must not be shown: a customer number, an internal key.
///
/// Patterns are matched where a word begins and must end where a word ends. No regular expressions: a
/// pattern takes time in proportion to what it matches.
package struct RedactionPattern: Hashable, Sendable {
  private enum Element: Hashable, Sendable {
    case literal(UInt8)
    case digit
    case letter
    /// One or more letters, digits, `_` and `-`.
    case run
  }

  /// What stands in placeholders: `<name:1>`.
  package let name: String
  private let elements: [Element]

  /// Makes a pattern; nil when the name or the text cannot be used.
  ///
  /// A pattern begins with a letter or digit.
  ///
  /// - Parameters:
  ///   - name: lower-case letters and dashes.
  ///   - text: `#` stands for a digit, `@` for a letter, `*` for one or more letters, digits, `_` and
  ///     `-`; a backslash takes the meaning from what follows it; all else stands for itself.
  package init?(name: String, text: String) {
    let isName = name.utf8.allSatisfy { isLetter($0) && lowercased($0) == $0 || $0 == 0x2D }
    guard isName, !name.isEmpty else { return nil }
    var elements: [Element] = []
    var isEscaped = false
    for byte in text.utf8 {
      switch byte {
      case _ where isEscaped: elements.append(.literal(byte))
      case UInt8(ascii: "\\"):
        isEscaped = true
        continue
      case UInt8(ascii: "#"): elements.append(.digit)
      case UInt8(ascii: "@"): elements.append(.letter)
      case UInt8(ascii: "*"): elements.append(.run)
      default: elements.append(.literal(byte))
      }
      isEscaped = false
    }
    if case .literal(let byte)? = elements.first, !isWordByte(byte) { return nil }
    // A run alone would hide every word.
    guard elements.contains(where: { $0 != .run }), !isEscaped else { return nil }
    self.name = name
    self.elements = elements
  }

  /// Where a match that begins at `start` ends; nil when there is none.
  func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var index = start
    for element in elements {
      guard index < bytes.count else { return nil }
      let byte = bytes[index]
      let fits =
        switch element {
        case .literal(let wanted): byte == wanted
        case .digit: isDigit(byte)
        case .letter: isLetter(byte)
        case .run: isBase64URL(byte)
        }
      guard fits else { return nil }
      index += 1
      if element == .run {
        while index < bytes.count, isBase64URL(bytes[index]) { index += 1 }
      }
    }
    return index
  }
}
