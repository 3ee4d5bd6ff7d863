import DaybreakCore

/// How text of unknown origin is written into Markdown so that it shows as text, in CommonMark as in
/// GitHub's dialect.
enum MarkdownText {
  /// Text in a sentence: what Markdown could read is escaped by a backslash.
  ///
  /// Source: CommonMark 0.31, §2.4. Only what could be read where it stands is escaped, as people read
  /// this text as it is. An `@` would become a mail address in GitHub's dialect whatever its escape,
  /// so such text becomes a code span.
  static func prose(_ text: String, limit: Int = 400) -> String {
    // Four spaces at the start of a paragraph would make it a block of code.
    let line = String(inlineText(text, limit: limit).drop { $0.isWhitespace })
    if line.contains("@") { return codeSpan(line) }
    let scalars = Array(line.unicodeScalars)
    var result = ""
    for (offset, scalar) in scalars.enumerated() {
      if needsEscape(scalars, offset) { result.unicodeScalars.append("\\") }
      result.unicodeScalars.append(scalar)
    }
    return result
  }

  /// Text in a code span on one line, in which nothing is read as markup (CommonMark 0.31, §6.1).
  static func code(_ text: String, limit: Int = 1000) -> String {
    codeSpan(inlineText(text, limit: limit))
  }

  /// Text in a fenced code block (§4.5), its lines kept.
  static func block(_ text: String) -> String {
    let shown = displayText(text)
    let fence = String(repeating: "`", count: max(3, longestRun(shown) + 1))
    return "\(fence)text\n\(shown)\n\(fence)"
  }

  private static func codeSpan(_ line: String) -> String {
    guard line.contains(where: { $0 != " " }) else { return "*(empty)*" }
    let ticks = String(repeating: "`", count: longestRun(line) + 1)
    // One space on either side is stripped again, and needed beside a backtick.
    let needsSpace = line.hasPrefix("`") || line.hasSuffix("`") || line.hasPrefix(" ")
    return needsSpace ? "\(ticks) \(line) \(ticks)" : ticks + line + ticks
  }

  /// Tells whether Markdown could read a character where it stands.
  private static func needsEscape(_ line: [Unicode.Scalar], _ offset: Int) -> Bool {
    let before = offset > 0 ? line[offset - 1] : nil
    let after = offset + 1 < line.count ? line[offset + 1] : nil
    switch line[offset] {
    case "\\", "`", "*", "[", "]", "<", ">", "&", "#", "|", "~", "$": return true
    // Inside a word an underscore emphasises nothing.
    case "_": return !(isWordPart(before) && isWordPart(after))
    // Lists and rules begin a line; the start of this text may be one.
    case "+", "-", "=": return offset == 0
    case ".", ")":
      let isNumbering =
        (after == nil || after == " ") && offset < 10
        && line[..<offset].allSatisfy { ("0"..."9").contains($0) }
      return isNumbering || isWordPart(before) && endsInWWW(line[..<offset])
    // `http://` and `:smile:` of GitHub's dialect.
    case ":": return after == "/" || isLetter(after)
    default: return false
    }
  }

  private static func endsInWWW(_ head: ArraySlice<Unicode.Scalar>) -> Bool {
    head.suffix(3).allSatisfy { $0 == "w" || $0 == "W" } && head.count >= 3
  }

  private static func isLetter(_ scalar: Unicode.Scalar?) -> Bool {
    scalar.map { $0.properties.isAlphabetic || $0 == "+" || $0 == "-" } ?? false
  }

  private static func isWordPart(_ scalar: Unicode.Scalar?) -> Bool {
    scalar.map { $0.properties.isAlphabetic || ("0"..."9").contains($0) } ?? false
  }

  /// The longest run of backticks.
  private static func longestRun(_ text: String) -> Int {
    var longest = 0
    var run = 0
    for byte in text.utf8 {
      run = byte == UInt8(ascii: "`") ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}
