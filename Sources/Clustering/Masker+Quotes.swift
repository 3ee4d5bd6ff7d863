/// Quoted strings, and keys with their values as JSON writes them.
extension Masker {
  /// How far a quotation mark looks for its partner, in bytes.
  private static let quoteLimit = 4096

  /// Masks what stands between quotation marks; copies a mark without a partner.
  mutating func maskQuoted(_ range: ScanRange, at index: Int, quote: UInt8) -> Int {
    // An apostrophe inside a word opens nothing.
    if quote == UInt8(ascii: "'"), range.byte(index - 1).isWord {
      copy(quote)
      return index + 1
    }
    guard let close = closingQuote(range, openAt: index, quote: quote) else {
      copy(quote)
      return index + 1
    }
    if let value = keyedValueStart(range, closeAt: close) {
      return maskKeyed(range, openAt: index, closeAt: close, valueAt: value)
    }
    if quote == UInt8(ascii: "'"), isShortWord(range, from: index + 1, to: close) {
      copy(range.source, from: index, to: close + 1)
      return close + 1
    }
    let isMessage =
      isHTTPRequest(range, from: index + 1, to: close)
      || isMessageInFront(range, openAt: index, closeAt: close)
    return maskString(range, at: index, quote: quote, isMessage: isMessage) ?? index + 1
  }

  /// Tells whether a quoted string is the message of a structured line, its keys and values behind it:
  /// `"SyncLoop ADD" source="api"` (klog's text format).
  private func isMessageInFront(_ range: ScanRange, openAt open: Int, closeAt close: Int) -> Bool {
    guard open == range.start, range.depth == 0, range.byte(close + 1) == 0x20 else { return false }
    var index = close + 2
    while range.byte(index).isWord || range.byte(index) == UInt8(ascii: "_") { index += 1 }
    return index > close + 2 && range.byte(index) == UInt8(ascii: "=")
  }

  /// Tells whether a quoted string is one short word of letters, which may well be constant: `'hlt'`.
  private func isShortWord(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    guard end > start, end - start <= 12, range.depth == 0 else { return false }
    for index in start..<end where !range.source[index].isLetter { return false }
    return true
  }

  /// Masks a quoted string that is a value; nil (with the opening mark copied) when it never ends.
  mutating func maskString(
    _ range: ScanRange, at index: Int, quote: UInt8, isMessage: Bool
  ) -> Int? {
    copy(quote)
    guard let close = closingQuote(range, openAt: index, quote: quote) else { return nil }
    if isMessage && range.depth < 3 {
      scan(range.source, from: index + 1, to: close, depth: range.depth + 1)
    } else {
      emit(.string)
    }
    copy(quote)
    return close + 1
  }

  /// Where the partner of an opening mark is; nil when none follows on its line.
  ///
  /// A search without success is remembered: from a later mark it goes on where it ended, since between the
  /// two it would meet the same bytes. So a line of marks without partners is read once, not once a mark.
  private mutating func closingQuote(_ range: ScanRange, openAt index: Int, quote: UInt8) -> Int? {
    let memory = searches + (range.depth &* 2 &+ (quote == UInt8(ascii: "'") ? 1 : 0))
    var close = index + 1
    if memory.pointee.rangeEnd == range.end, memory.pointee.start < index,
      index < memory.pointee.end
    {
      if memory.pointee.isFinal { return nil }
      close = memory.pointee.end
    }
    let limit = min(range.end, index + Masker.quoteLimit)
    while close < limit {
      let byte = range.source[close]
      if byte == UInt8(ascii: "\n") { break }
      if byte == UInt8(ascii: "\\") {
        close += 2
        continue
      }
      if byte == quote, quote == UInt8(ascii: "\"") || !range.byte(close + 1).isWord {
        return close
      }
      close += 1
    }
    hasSearches = true
    memory.pointee = FailedSearch(
      rangeEnd: range.end, start: index, end: close, isFinal: close < limit)
    return nil
  }

  /// Where the value of the quoted key that closes at `close` starts; nil when it is no key.
  private func keyedValueStart(_ range: ScanRange, closeAt close: Int) -> Int? {
    var index = close + 1
    if range.byte(index) == 0x20 { index += 1 }
    guard range.byte(index) == UInt8(ascii: ":") else { return nil }
    index += 1
    while range.byte(index) == 0x20 { index += 1 }
    let first = range.byte(index)
    switch first {
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "{"), UInt8(ascii: "["),
      UInt8(ascii: "-"), 0x30...0x39:
      return index
    default: return literalEnd(range, at: index) == nil ? nil : index
    }
  }

  /// Where `true`, `false`, `null` or `None` ends; nil for anything else.
  private func literalEnd(_ range: ScanRange, at index: Int) -> Int? {
    var end = index
    while range.byte(end).isLetter { end += 1 }
    let source = range.source
    let isLiteral =
      isWord(source, index, end, "true") || isWord(source, index, end, "false")
      || isWord(source, index, end, "null") || isWord(source, index, end, "none")
    return isLiteral ? end : nil
  }

  /// Copies a key and masks its value: the key is structure, the value is variable.
  private mutating func maskKeyed(
    _ range: ScanRange, openAt open: Int, closeAt close: Int, valueAt value: Int
  ) -> Int {
    let source = range.source
    copy(source[open])
    if holdsDigit(range, from: open + 1, to: close) && range.depth < 3 {
      scan(source, from: open + 1, to: close, depth: range.depth + 1)
    } else {
      copy(source, from: open + 1, to: close)
    }
    copy(source, from: close, to: value)
    switch source[value] {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let isMessage = isMessageKey(range, endingAt: close)
      return maskString(range, at: value, quote: source[value], isMessage: isMessage) ?? value + 1
    case UInt8(ascii: "["):
      guard let end = arrayEnd(range, at: value) else { return value }
      copy(UInt8(ascii: "["))
      emit(.text)
      copy(UInt8(ascii: "]"))
      return end
    default:
      guard let end = literalEnd(range, at: value) else { return value }
      emit(source[value] | 0x20 == UInt8(ascii: "n") ? .value : .boolean)
      return end
    }
  }

  /// Where the array that opens at `index` ends, behind its bracket; nil when it does not.
  ///
  /// All brackets that a search without success has met and found open are remembered, so that a line of
  /// them is not read once for each.
  private mutating func arrayEnd(_ range: ScanRange, at index: Int) -> Int? {
    if brackets.isOpen(index, in: range) { return nil }
    brackets.startSearch()
    var place = index
    while place < range.end {
      switch range.source[place] {
      case UInt8(ascii: "["): brackets.open(place)
      case UInt8(ascii: "]"): if brackets.close() { return place + 1 }
      case UInt8(ascii: "\""):
        guard let close = closingQuote(range, openAt: place, quote: UInt8(ascii: "\"")) else {
          fail(range)
          return nil
        }
        place = close
      default: break
      }
      place += 1
    }
    fail(range)
    return nil
  }

  private mutating func fail(_ range: ScanRange) {
    hasSearches = true
    brackets.fail(in: range)
  }

  private func holdsDigit(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    for index in start..<end where range.source[index].isDigit { return true }
    return false
  }

  /// Tells whether a quoted string is a request line of an access log: `GET /x HTTP/1.1`.
  private func isHTTPRequest(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    var index = start
    while index < end, index - start < 8, range.source[index].isLetter { index += 1 }
    guard range.byte(index) == 0x20 else { return false }
    let source = range.source
    return isWord(source, start, index, "get") || isWord(source, start, index, "post")
      || isWord(source, start, index, "put") || isWord(source, start, index, "head")
      || isWord(source, start, index, "delete") || isWord(source, start, index, "patch")
      || isWord(source, start, index, "options") || isWord(source, start, index, "connect")
  }

  /// Tells whether the value of a key says what happened, so that its words belong to the template.
  ///
  /// - Parameters:
  ///   - range: the part of the line.
  ///   - end: the place behind the key's last byte.
  /// - Returns: whether the letters before `end` spell such a key.
  func isMessageKey(_ range: ScanRange, endingAt end: Int) -> Bool {
    var start = end
    // Where the message stands in front, all keys have values.
    if range.byte(range.start) == UInt8(ascii: "\""), range.depth == 0 { return false }
    while range.byte(start - 1).isLetter, end - start < 10 { start -= 1 }
    guard end - start >= 2, end - start <= 9 else { return false }
    let source = range.source
    switch end - start {
    case 2: return isWord(source, start, end, "op")
    case 3: return isWord(source, start, end, "msg") || isWord(source, start, end, "err")
    case 5:
      return isWord(source, start, end, "event") || isWord(source, start, end, "error")
        || isWord(source, start, end, "cause") || isWord(source, start, end, "level")
    case 6: return isWord(source, start, end, "reason") || isWord(source, start, end, "action")
    case 7: return isWord(source, start, end, "message")
    case 9: return isWord(source, start, end, "exception")
    default: return false
    }
  }
}
