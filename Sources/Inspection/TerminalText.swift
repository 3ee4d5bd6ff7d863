internal import DaybreakCore

/// How output looks: for a terminal of some width, or for a pipe.
package struct TerminalStyle: Sendable {
  /// Columns of the terminal; nil for a pipe, where no line is broken or cut.
  package var width: Int?
  package var usesColour: Bool

  package init(width: Int?, usesColour: Bool) {
    // Narrower than this the counts alone do not fit, and a terminal that breaks lines does better.
    self.width = width.map { max(60, $0) }
    self.usesColour = usesColour
  }

  /// What colours say.
  enum Meaning: String {
    case heading = "1"
    case dim = "2"
    case error = "31"
    case warning = "33"
    case bars = "34"
    case placeholder = "36"
  }

  /// The text in a colour, where colours are used; `text` must not hold a colour itself.
  func paint(_ text: String, _ meaning: Meaning) -> String {
    usesColour && !text.isEmpty ? "\u{1b}[\(meaning.rawValue)m\(text)\u{1b}[0m" : text
  }

  /// A level in its colour, padded to a width.
  func paint(level: Level, width: Int) -> String {
    let text = levelName(level).padded(to: width)
    if level.isError { return paint(text, .error) }
    return level == .warn ? paint(text, .warning) : text
  }

  /// The text with every placeholder in it coloured.
  func paintPlaceholders(_ text: String) -> String {
    guard usesColour else { return text }
    var painted = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "<") {
      painted += rest[..<open]
      let inside = rest[open...].prefix(8)
      guard let close = inside.firstIndex(of: ">"), isName(inside[..<close].dropFirst()) else {
        painted += "<"
        rest = rest[open...].dropFirst()
        continue
      }
      painted += paint(String(inside[...close]), .placeholder)
      rest = rest[rest.index(after: close)...]
    }
    return painted + rest
  }

  private func isName(_ text: Substring) -> Bool {
    text == "*"
      || !text.isEmpty
        && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x36 || $0 == 0x34 }
  }
}

/// How many columns a terminal shows a scalar in: 0, 1 or 2.
///
/// Source: Unicode TR 11, the ranges that are wide in all versions since 9.0; combining marks take none.
func displayWidth(_ scalar: Unicode.Scalar) -> Int {
  let value = scalar.value
  if value < 0x300 { return 1 }
  switch value {
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
    0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  default: break
  }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark: return 0
  default: return 1
  }
}

/// How many columns a terminal shows text in.
func displayWidth(_ text: some StringProtocol) -> Int {
  text.unicodeScalars.reduce(0) { $0 + displayWidth($1) }
}

/// Text on one line for a person: newlines show as `⏎`, without the blanks behind them, and tabs as a
/// blank.
func shownOnOneLine(_ text: String) -> String {
  guard text.utf8.contains(where: { $0 == 0x0A || $0 == 0x09 }) else { return text }
  var shown = String.UnicodeScalarView()
  var isIndented = false
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n":
      shown.append(contentsOf: " ⏎ ".unicodeScalars)
      isIndented = true
    case " ", "\t":
      if !isIndented { shown.append(" ") }
    default:
      shown.append(scalar)
      isIndented = false
    }
  }
  return String(shown)
}

/// The start of a text that fits in some columns, with `…` behind it where something is missing.
func cut(_ text: String, to width: Int) -> String {
  guard displayWidth(text) > width else { return text }
  var kept = String.UnicodeScalarView()
  var used = 1
  for scalar in text.unicodeScalars {
    used += displayWidth(scalar)
    guard used <= width else { break }
    kept.append(scalar)
  }
  while kept.last == " " { kept.removeLast() }
  return String(kept) + "…"
}

/// Breaks text into lines of some columns, between words where it can; what is behind the last line
/// allowed is cut.
func wrapped(_ text: String, width: Int, lineLimit: Int) -> [String] {
  guard displayWidth(text) > width else { return [text] }
  var lines: [String] = []
  var rest = text.unicodeScalars[...]
  while !rest.isEmpty {
    if lines.count == lineLimit - 1 {
      lines.append(cut(String(rest), to: width))
      break
    }
    let end = lineEnd(rest, width: width)
    lines.append(String(rest[..<end]).trimmingSuffix(" "))
    rest = rest[end...]
    while rest.first == " " { rest.removeFirst() }
  }
  return lines
}

/// Where a line of at most `width` columns ends: in its second half behind a blank, or failing that
/// behind punctuation, or else in the middle of a word.
private func lineEnd(
  _ text: Substring.UnicodeScalarView, width: Int
) -> String.UnicodeScalarView.Index {
  var used = 0
  var blank: String.UnicodeScalarView.Index?
  var punctuation: String.UnicodeScalarView.Index?
  var index = text.startIndex
  while index < text.endIndex {
    used += displayWidth(text[index])
    guard used <= width else {
      if text[index] == " " { return index }
      return blank ?? punctuation ?? index
    }
    let scalar = text[index]
    text.formIndex(after: &index)
    guard used * 2 > width else { continue }
    switch scalar {
    case " ": blank = index
    case ".", "/", ",", ":", ";", "=", "&", "?", "|", "-", ")", "]", "}", ">": punctuation = index
    default: break
    }
  }
  return index
}

extension String {
  /// The text without the blanks at its end.
  fileprivate func trimmingSuffix(_ scalar: Unicode.Scalar) -> String {
    var scalars = unicodeScalars
    while scalars.last == scalar { scalars.removeLast() }
    return String(scalars)
  }

  /// The text with blanks behind it, up to a width.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - displayWidth(self)))
  }

  /// The text with blanks in front of it, up to a width.
  func alignedRight(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - displayWidth(self))) + self
  }
}

/// A whole number with a comma at every third digit.
func grouped(_ number: Int64) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}

/// A number with its noun: `1 line`, `2,000 lines`.
func counted(_ number: Int64, _ noun: String) -> String {
  "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
}

/// A share in percent with one digit behind the point; `<0.1%` for the smallest.
func percent(_ part: Int64, of whole: Int64) -> String {
  guard whole > 0 else { return "0.0%" }
  let thousandths = (Double(part) / Double(whole) * 1000).rounded()
  if part > 0, thousandths < 1 { return "<0.1%" }
  // Never all of it while something is left.
  let shown = part < whole ? min(thousandths, 999) : thousandths
  return "\(Int(shown) / 10).\(Int(shown) % 10)%"
}
