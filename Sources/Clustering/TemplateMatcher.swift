internal import DaybreakCore

/// Tells whether a template matches a line, and what its placeholders stand for there.
///
/// Literals must match byte for byte, but for the length of a run of blanks, and each placeholder takes only bytes that its kind can have
/// (`<num>` no letters, `<*>` no blanks). The line is compared as `displayText` shows it, without
/// the blanks at its end, since that is what a template's text is made of.
package struct TemplateMatcher: Sendable {
  /// Its elements in order; literals never follow one another.
  private let elements: [TemplateElement]

  /// Makes a matcher for a template's text.
  package init(template: String) { elements = TemplateText.elements(text: template) }

  /// How many bytes of the template are literal: of two that match, the one with more says more.
  package var literalByteCount: Int {
    elements.reduce(0) { total, element in
      if case .literal(let bytes) = element { total + bytes.count } else { total }
    }
  }

  /// Whether a literal of the template holds a letter; one without matches anything of its shape.
  var hasWord: Bool {
    elements.contains { element in
      if case .literal(let bytes) = element {
        bytes.contains { $0.isLetter || $0 >= 0x80 }
      } else {
        false
      }
    }
  }

  /// How many placeholders it has.
  package var placeholderCount: Int {
    elements.count { if case .placeholder = $0 { true } else { false } }
  }

  /// Tells whether the template matches a message of unknown origin.
  package func matches(_ message: some BidirectionalCollection<UInt8>) -> Bool {
    matches(shown: shownBytes(message))
  }

  /// Tells whether the template matches a message that `shownBytes` gave.
  func matches(shown line: [UInt8]) -> Bool { ranges(in: line) != nil }

  /// What each placeholder stands for in a message, in order; nil when the template does not match.
  package func values(in message: some BidirectionalCollection<UInt8>) -> [String]? {
    let line = shownBytes(message)
    return ranges(in: line)?.map { String(decoding: line[$0], as: UTF8.self) }
  }

  /// A choice for one placeholder that may have to be taken back.
  private struct Choice {
    let element: Int
    let start: Int
    var end: Int
    /// Where the run of bytes that the placeholder can have ends.
    let limit: Int
  }

  /// Where each placeholder matches; nil when the template does not match the whole line.
  ///
  /// Takes the shortest match first and goes back on failure; places that failed are remembered, so
  /// time grows with elements × bytes at worst.
  private func ranges(in line: [UInt8]) -> [Range<Int>]? {
    var choices: [Choice] = []
    var failed: Set<Int> = []
    var element = 0
    var position = 0
    while true {
      var isFailure = false
      if element == elements.count {
        if position == line.count { return choices.map { $0.start..<$0.end } }
        isFailure = true
      } else {
        switch elements[element] {
        case .literal(let bytes):
          let end = literalEnd(bytes, in: line, from: position)
          isFailure = end == nil
          position = end ?? position
        case .placeholder(let kind):
          let limit = kind.runEnd(in: line, from: position)
          let choice = Choice(element: element, start: position, end: position, limit: limit)
          let isKnownFailure = failed.contains(element * (line.count + 1) + position)
          if !isKnownFailure, let end = nextEnd(choice, in: line, from: position + kind.leastLength)
          {
            choices.append(choice)
            choices[choices.count - 1].end = end
            position = end
          } else {
            isFailure = true
          }
        }
      }
      if !isFailure {
        element += 1
        continue
      }
      guard let resumed = goBack(&choices, failed: &failed, line: line) else { return nil }
      element = resumed.element + 1
      position = resumed.end
    }
  }

  /// Lengthens the last choice that can be; nil when none can.
  private func goBack(
    _ choices: inout [Choice], failed: inout Set<Int>, line: [UInt8]
  ) -> Choice? {
    while let last = choices.popLast() {
      if let end = nextEnd(last, in: line, from: last.end + 1) {
        var longer = last
        longer.end = end
        choices.append(longer)
        return longer
      }
      failed.insert(last.element * (line.count + 1) + last.start)
    }
    return nil
  }

  /// The first end at `from` or later at which what follows the placeholder may match.
  private func nextEnd(_ choice: Choice, in line: [UInt8], from: Int) -> Int? {
    guard from <= choice.limit else { return nil }
    if choice.element + 1 == elements.count { return choice.limit == line.count ? line.count : nil }
    guard case .literal(let bytes) = elements[choice.element + 1] else { return from }
    var end = from
    while end <= choice.limit {
      if end < line.count, line[end] == bytes[0] || bytes[0].isBlank,
        literalEnd(bytes, in: line, from: end) != nil
      {
        return end
      }
      end += 1
    }
    return nil
  }

  /// Where a literal that starts at `start` ends; nil when it does not stand there.
  ///
  /// A run of blanks stands for any run of blanks, and at the start of a line for none.
  private func literalEnd(_ literal: [UInt8], in line: [UInt8], from start: Int) -> Int? {
    var position = start
    var index = 0
    if start == 0 {
      while position < line.count, isSpace(line[position]) { position += 1 }
      while index < literal.count, isSpace(literal[index]) { index += 1 }
    }
    while index < literal.count {
      guard position < line.count else { return nil }
      if isSpace(literal[index]) {
        guard isSpace(line[position]) else { return nil }
        while position < line.count, isSpace(line[position]) { position += 1 }
        while index < literal.count, isSpace(literal[index]) { index += 1 }
        continue
      }
      guard literal[index] == line[position] else { return nil }
      index += 1
      position += 1
    }
    return position
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

/// A message as templates see it: valid, visible, without the blanks at its end.
func shownBytes(_ message: some BidirectionalCollection<UInt8>) -> [UInt8] {
  Array(displayText(trimmed(message)).utf8)
}

/// A message without the blanks at its end.
func trimmed<Message: BidirectionalCollection<UInt8>>(_ message: Message) -> Message.SubSequence {
  guard let last = message.lastIndex(where: { !$0.isBlank }) else { return message.prefix(0) }
  return message[...last]
}

extension Placeholder {
  /// How many bytes it stands for at least.
  var leastLength: Int { self == .string || self == .text ? 0 : 1 }

  /// Where the run of bytes that it can stand for ends.
  func runEnd(in line: [UInt8], from start: Int) -> Int {
    var end = start
    while end < line.count, accepts(line[end]) { end += 1 }
    return end
  }

  /// Tells whether a byte can be part of what it stands for.
  private func accepts(_ byte: UInt8) -> Bool {
    switch self {
    case .string, .text: true
    case .path, .url, .email, .value, .word: !byte.isBlank
    case .identifier: byte.isWord
    case .host: byte.isWord || isOne(byte, of: ".-_:%")
    case .boolean: byte.isLetter
    case .hexadecimal: byte.isHexDigit || byte | 0x20 == UInt8(ascii: "x")
    case .uuid: byte.isHexDigit || byte == UInt8(ascii: "-")
    case .mac: byte.isHexDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ":")
    case .address: byte.isWord || isOne(byte, of: ":.%")
    case .number: byte.isDigit || isOne(byte, of: "+-.,eE")
    case .base64: byte.isDigit || byte.isLetter || isOne(byte, of: "+/_-=.")
    case .time: byte.isDigit || byte.isLetter || isOne(byte, of: " :.,/+-_")
    case .duration, .size: byte.isWord || isOne(byte, of: " .,+-:<>()")
    }
  }

  private func isOne(_ byte: UInt8, of marks: StaticString) -> Bool {
    for index in 0..<marks.utf8CodeUnitCount where marks.utf8Start[index] == byte { return true }
    return false
  }

  /// Something that it could stand for: used to ask whether one template covers another.
  var exemplar: StaticString {
    switch self {
    case .number: "17"
    case .address: "10.1.2.3"
    case .hexadecimal: "9f3c2a"
    case .uuid: "9f3c2a10-7b1e-4d2a-8c3f-0a1b2c3d4e5f"
    case .path: "/a/b"
    case .url: "http://a.b/c"
    case .time: "02:11:09"
    case .duration: "17ms"
    case .size: "17KB"
    case .email: "a@b.cd"
    case .string: "q"
    case .mac: "9f:3c:2a:10:7b:1e"
    case .base64: "QWxhZGRpbjpvcGVuIHNlc2FtZQ"
    case .identifier: "x7kq4"
    case .boolean: "true"
    case .host: "a.b.cd"
    case .value, .word: "v"
    case .text: "u v w"
    }
  }
}
