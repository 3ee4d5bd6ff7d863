import DaybreakCore

/// How text of unknown origin is written into Markdown so that it shows as text, in CommonMark as in
/// GitHub's dialect.
enum MarkdownText {
  /// Text in a sentence, every character that Markdown could read escaped by a backslash.
  ///
  /// Source: CommonMark 0.31, §2.4. An `@` would become a mail address in GitHub's dialect whatever its
  /// escape, so such text becomes a code span.
  static func prose(_ text: String, limit: Int = 400) -> String {
    // Four spaces at the start of a paragraph would make it a block of code.
    let line = String(inlineText(text, limit: limit).drop { $0.isWhitespace })
    if line.contains("@") { return codeSpan(line) }
    var result = ""
    for scalar in line.unicodeScalars {
      if isPunctuation(scalar) { result.unicodeScalars.append("\\") }
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

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Characters of ordinary sentences that mean nothing inside a line stay readable.
    case 0x2C, 0x25, 0x2F, 0x3F, 0x3B, 0x27, 0x22: false
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
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
