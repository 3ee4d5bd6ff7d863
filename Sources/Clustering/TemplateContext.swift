/// What stands in front of a message for its context: threads, requests and programs.
///
/// `[main] text`, `com.example.Shop [req-17 -] text` and `shop.exe *64 - text` say the same event in
/// whatever thread, request or program, so the comparison of patterns takes these parts as variable.
/// Only where at least two words follow: what is left must still name the event.
struct TemplateContext {
  /// How far the context may reach, in masked bytes.
  private static let limit = 256
  /// How many words must follow.
  private static let wordsBehind = 2

  /// The variable parts, as ranges of masked bytes, in order.
  private(set) var parts: [Range<Int>] = []

  /// Finds the context of a pattern.
  mutating func read(_ masked: UnsafeBufferPointer<UInt8>) {
    parts.removeAll(keepingCapacity: true)
    var index = TemplateContext.skippingBlanks(masked, 0)
    if let name = nameEnd(masked, from: index), name + 1 < masked.count, masked[name] == 0x20,
      masked[name + 1] == UInt8(ascii: "[")
    {
      index = name + 1
    }
    while index < min(masked.count, TemplateContext.limit), masked[index] == UInt8(ascii: "["),
      let close = closing(masked, openAt: index)
    {
      parts.append(index + 1..<close)
      index = TemplateContext.skippingBlanks(masked, close + 1)
    }
    if let name = nameEnd(masked, from: index), let behind = dashEnd(masked, from: name) {
      parts.append(index..<behind - 3)
      index = behind
    }
    if !parts.isEmpty, !hasWords(masked, from: index) { parts.removeAll() }
  }

  private static func skippingBlanks(
    _ masked: UnsafeBufferPointer<UInt8>, _ start: Int
  ) -> Int {
    var index = start
    while index < masked.count, masked[index] == 0x20 { index += 1 }
    return index
  }

  /// Where the bracket that opens at `open` is closed; nil when it is not within the limit.
  private func closing(_ masked: UnsafeBufferPointer<UInt8>, openAt open: Int) -> Int? {
    var depth = 0
    for index in open..<min(masked.count, TemplateContext.limit) {
      if masked[index] == UInt8(ascii: "[") { depth += 1 }
      if masked[index] == UInt8(ascii: "]") {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }

  /// Where a name with marks, digits or inner capitals ends; nil when no such name starts here.
  private func nameEnd(_ masked: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var index = start
    var isName = false
    while index < min(masked.count, start + 80) {
      let byte = masked[index]
      if byte == placeholderMark, index + 1 < masked.count {
        isName = true
        index += 2
        continue
      }
      let isMark = byte == 0x2E || byte == 0x5F || byte == 0x24 || byte == 0x2F || byte == 0x2D
      guard byte.isWord || isMark else { break }
      isName = isName || isMark || byte.isDigit || (index > start && byte &- 0x41 < 26)
      index += 1
    }
    return isName && index > start + 1 ? index : nil
  }

  /// Where ` - ` behind a name ends, with `*64` in between, as some systems mark old programs.
  private func dashEnd(_ masked: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var index = start
    let star: [UInt8] = [0x20, UInt8(ascii: "*"), placeholderMark, Placeholder.number.rawValue]
    if index + 4 < masked.count, masked[index..<index + 4].elementsEqual(star) { index += 4 }
    guard index + 3 < masked.count, masked[index] == 0x20, masked[index + 1] == 0x2D,
      masked[index + 2] == 0x20
    else { return nil }
    return index + 3
  }

  private func hasWords(_ masked: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
    var words = 0
    var isInside = false
    for index in start..<masked.count {
      let isLetter = masked[index].isLetter || (masked[index] >= 0x80 && masked[index] != 0xFF)
      if isLetter && !isInside { words += 1 }
      isInside = isLetter
      if words == TemplateContext.wordsBehind { return true }
    }
    return false
  }
}
