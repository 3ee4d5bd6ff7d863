package import DaybreakCore

/// A template in parts: the words of the line, and what varies between them.
enum TemplateElement: Hashable, Sendable {
  /// Bytes of the line as they are (for masked bytes), or as they show (for a template's text).
  case literal([UInt8])
  case placeholder(Placeholder)
}

/// The text form of templates, and back.
///
/// A placeholder is spelled `<num>`. A line that holds such a spelling itself gets a backslash before
/// it, and backslashes that stand directly before a spelling are doubled; so before any spelling
/// `2n` backslashes are `n` of the line and a placeholder follows, `2n+1` are `n` of the line and the
/// spelling is the line's own. Everywhere else a backslash is only itself. The template of an empty
/// line is `(empty)`; a line that says so gets a backslash as well.
enum TemplateText {
  /// The template of a line of nothing but blanks.
  static let empty = "(empty)"

  private static let emptyBytes = Array(empty.utf8)
  private static let spellings: [(bytes: [UInt8], kind: Placeholder)] =
    Placeholder.allCases.filter { $0 != .word }.map { (Array($0.spelling.utf8), $0) }

  /// Splits masked bytes into elements.
  static func elements(masked: some Collection<UInt8>) -> [TemplateElement] {
    var elements: [TemplateElement] = []
    var literal: [UInt8] = []
    var isMarked = false
    for byte in masked {
      if isMarked {
        isMarked = false
        if let placeholder = Placeholder(rawValue: byte) {
          if !literal.isEmpty { elements.append(.literal(literal)) }
          literal.removeAll(keepingCapacity: true)
          elements.append(.placeholder(placeholder))
        } else {
          literal.append(placeholderMark)
        }
      } else if byte == placeholderMark {
        isMarked = true
      } else {
        literal.append(byte)
      }
    }
    if !literal.isEmpty { elements.append(.literal(literal)) }
    return elements
  }

  /// Writes elements as text that shows as what it is (`displayText`).
  static func text(of elements: [TemplateElement]) -> String {
    var text: [UInt8] = []
    for element in elements {
      switch element {
      case .literal(let bytes):
        let isShown = bytes.allSatisfy(isShownAsIs)
        appendEscaped(isShown ? bytes : Array(displayText(bytes).utf8), to: &text)
      case .placeholder(let placeholder):
        doubleTrailingBackslashes(&text)
        text.append(contentsOf: placeholder.spelling.utf8)
      }
    }
    if text.isEmpty { return empty }
    if isEscapedEmpty(text) { text.insert(backslash, at: 0) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads a template's text; literals are bytes as they show, `\u{0}` for a NUL.
  static func elements(text: String) -> [TemplateElement] {
    var bytes = Array(text.utf8)
    if bytes == emptyBytes { return [] }
    if isEscapedEmpty(bytes) { bytes.removeFirst() }
    var elements: [TemplateElement] = []
    var literal: [UInt8] = []
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "<"), let spelled = spelling(in: bytes, at: index) else {
        literal.append(bytes[index])
        index += 1
        continue
      }
      let backslashes = literal.reversed().prefix { $0 == backslash }.count
      literal.removeLast(backslashes - backslashes / 2)
      index += spelled.bytes.count
      if backslashes % 2 == 1 {
        literal.append(contentsOf: spelled.bytes)
        continue
      }
      if !literal.isEmpty { elements.append(.literal(literal)) }
      literal.removeAll(keepingCapacity: true)
      elements.append(.placeholder(spelled.kind))
    }
    if !literal.isEmpty { elements.append(.literal(literal)) }
    return elements
  }

  /// The text that a fingerprint is made of: the units of `TemplateUnitReader.Form.identity`, each
  /// variable one written `<*>`, each run of blanks as one.
  ///
  /// So neither a better mask for a value, nor one more value in a list, nor another blank changes an
  /// identity.
  static func normalised(_ elements: [TemplateElement]) -> String {
    text(of: collapsed(elements, form: .identity))
  }

  /// The template as published truths write it: a word that varies in part is `<*>` as a whole, values
  /// that only marks join are one `<*>`, a run of blanks is one blank.
  static func plain(_ elements: [TemplateElement]) -> String {
    text(of: collapsed(elements, form: .plain))
  }

  /// Elements of whole units.
  private static func collapsed(
    _ elements: [TemplateElement], form: TemplateUnitReader.Form
  ) -> [TemplateElement] {
    let bytes = masked(elements)
    var reader = TemplateUnitReader(form: form)
    bytes.withUnsafeBufferPointer { reader.read($0) }
    var key: [UInt8] = []
    bytes.withUnsafeBufferPointer { TemplateIdentity.append($0, reader.units, to: &key) }
    return TemplateText.elements(masked: key)
  }

  /// Writes elements as masked bytes.
  static func masked(_ elements: [TemplateElement]) -> [UInt8] {
    var bytes: [UInt8] = []
    for element in elements {
      switch element {
      case .placeholder(let kind): bytes += [placeholderMark, kind.rawValue]
      case .literal(let literal):
        for byte in literal {
          bytes.append(byte)
          if byte == placeholderMark { bytes.append(literalMark) }
        }
      }
    }
    return bytes
  }

  private static let backslash = UInt8(ascii: "\\")

  /// Appends a literal, with a backslash before each spelling in it.
  private static func appendEscaped(_ literal: [UInt8], to text: inout [UInt8]) {
    for index in literal.indices {
      if literal[index] == UInt8(ascii: "<"), spelling(in: literal, at: index) != nil {
        doubleTrailingBackslashes(&text)
        text.append(backslash)
      }
      text.append(literal[index])
    }
  }

  private static func doubleTrailingBackslashes(_ text: inout [UInt8]) {
    let backslashes = text.reversed().prefix { $0 == backslash }.count
    text.append(contentsOf: repeatElement(backslash, count: backslashes))
  }

  /// The placeholder spelled at `index`, if any.
  private static func spelling(
    in bytes: [UInt8], at index: Int
  ) -> (bytes: [UInt8], kind: Placeholder)? {
    spellings.first { bytes[index...].starts(with: $0.bytes) }
  }

  /// Tells whether text is `(empty)` behind any number of backslashes.
  private static func isEscapedEmpty(_ text: [UInt8]) -> Bool {
    text.count >= emptyBytes.count && text.suffix(emptyBytes.count).elementsEqual(emptyBytes)
      && text.dropLast(emptyBytes.count).allSatisfy { $0 == backslash }
  }
}

/// The fingerprint of a template's text: SHA-256 of its normalised form.
///
/// In the normalised form every placeholder is `<*>`, and placeholders with nothing or only blanks
/// between them are one; a change of a placeholder's type does not change the identity.
package func templateFingerprint(_ template: String) -> Fingerprint {
  Fingerprint(template: TemplateText.normalised(TemplateText.elements(text: template)))
}

/// A template in the form in which published truths write it.
///
/// Every placeholder is `<*>`, a word that varies in part is `<*>` as a whole, values that only marks
/// join are one, and a run of blanks is one: the guidelines of Khan et al., "Guidelines for Assessing
/// the Accuracy of Log Message Template Identification Techniques" (ICSE 2022). What the form leaves
/// out it does not match again: it is for reading and for scoring.
///
/// - Parameter template: a template's text with typed placeholders.
/// - Returns: the text with `<*>` alone.
package func plainTemplate(_ template: String) -> String {
  TemplateText.plain(TemplateText.elements(text: template))
}
