/// Makes hostile bytes fit for display: valid UTF-8, no terminal escapes, no invisible controls.
///
/// C0 and C1 controls (but newline and tab), DEL, bidirectional overrides and isolates (Unicode TR 36,
/// "Trojan Source", CVE-2021-42574), zero-width characters and noncharacters become a visible
/// `\u{..}`; invalid UTF-8 becomes U+FFFD. HTML, SVG, Markdown and SQL have their own escapes on top.
///
/// - Parameters:
///   - bytes: a message of unknown origin.
///   - byteLimit: how many bytes of it to show at most; a cut is marked with `…`.
/// - Returns: text that shows as what it is.
package func displayText(_ bytes: some Collection<UInt8>, byteLimit: Int = .max) -> String {
  let isCut = bytes.count > byteLimit
  let text = String(decoding: isCut ? Array(bytes.prefix(byteLimit)) : Array(bytes), as: UTF8.self)
  return displayText(text) + (isCut ? "…" : "")
}

/// Makes text fit for display; see `displayText(_:byteLimit:)`.
package func displayText(_ text: String) -> String {
  if text.utf8.allSatisfy(isShownAsIs) { return text }
  guard text.unicodeScalars.contains(where: isHidden) else { return text }
  var shown = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    guard isHidden(scalar) else {
      shown.append(scalar)
      continue
    }
    let digits = String(scalar.value, radix: 16)
    shown.append(contentsOf: "\\u{\(digits)}".unicodeScalars)
  }
  return String(shown)
}

/// Tells whether a byte of text is a character of its own that `displayText` leaves as it is: ASCII but
/// for controls, tabs and newlines included.
@inlinable
package func isShownAsIs(_ byte: UInt8) -> Bool {
  byte &- 0x20 < 0x5F || byte == 0x09 || byte == 0x0A
}

/// Tells whether a scalar would act on its surroundings instead of showing itself.
private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x09, 0x0A: false
  case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x061C, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
    0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
    true
  default: scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
  }
}
