/// What a byte may begin or mark.
private enum ByteMark: UInt8 {
  case none, word, dash, at, percent, colon, equals, closing, space, opening

  /// The mark of every byte.
  static let table: [ByteMark] = (0...255).map { byte in
    switch UInt8(byte) {
    case UInt8(ascii: "-"): .dash
    case UInt8(ascii: "@"): .at
    case UInt8(ascii: "%"): .percent
    case UInt8(ascii: ":"): .colon
    case UInt8(ascii: "="): .equals
    case UInt8(ascii: ">"): .closing
    case UInt8(ascii: " "): .space
    case UInt8(ascii: "<"): .opening
    case let byte where isWordByte(byte): .word
    default: .none
    }
  }
}

/// For each pair of first bytes, whether a word that begins so may be a key, token or credential.
private let promisingStarts: [Bool] = {
  var starts = [Bool](repeating: false, count: 1 << 16)
  for format in keyFormats { starts[Int(format.start >> 8)] = true }
  let others = [
    "ey", "ho", "be", "ba", "Be", "Ba", "BE", "BA", "bE", "bA",  // tokens, webhooks, schemes
  ]
  for text in others { starts[Int(text.utf8.first ?? 0) << 8 | Int(text.utf8.last ?? 0)] = true }
  return starts
}()

extension SecretScanner {
  /// Finds the first secret at or behind a place.
  ///
  /// One pass over the bytes: a table says which of them mark something, and of words only the first
  /// bytes are looked at.
  ///
  /// - Parameter start: nothing before it is taken: it was dealt with.
  /// - Returns: what to take out; nil when nothing is left to hide.
  func nextSecret(from start: Int) -> FoundSecret? {
    ByteMark.table.withUnsafeBufferPointer { marks in
      promisingStarts.withUnsafeBufferPointer { starts in
        var index = start
        while index < bytes.count {
          let mark = marks[Int(bytes[index])]
          if mark == .word {
            let first = index
            if let found = word(at: first, starts) { return found }
            repeat { index += 1 } while index < bytes.count && marks[Int(bytes[index])] == .word
            continue
          }
          if mark == .opening, let end = placeholderEnd(at: index) {
            index = end
            continue
          }
          if mark != .none, let found = marked(mark, at: index, notBefore: start) { return found }
          index += 1
        }
        return nil
      }
    }
  }

  /// Finds what is recognised by a mark inside it or before it.
  @inline(__always)
  private func marked(_ mark: ByteMark, at index: Int, notBefore limit: Int) -> FoundSecret? {
    switch mark {
    case .dash: byte(index + 1) == UInt8(ascii: "-") ? privateKey(at: index) : nil
    case .at: email(around: index, notBefore: limit)
    case .percent:
      byte(index + 1) == UInt8(ascii: "4") ? email(around: index, notBefore: limit) : nil
    case .colon:
      (byte(index + 1) == UInt8(ascii: "/") ? password(inURLAt: index) : nil)
        ?? (mayNameSecret(before: index) ? namedValue(after: index) : nil)
    case .equals: mayNameSecret(before: index) ? namedValue(after: index) : nil
    case .closing: mayNameSecret(before: index) ? element(after: index) : nil
    case .space: mayNameSecret(before: index) ? optionValue(after: index) : nil
    case .none, .word, .opening: nil
    }
  }

  /// Finds what a word begins.
  @inline(__always)
  private func word(at index: Int, _ starts: UnsafeBufferPointer<Bool>) -> FoundSecret? {
    let first = bytes[index]
    let pair = Int(first) << 8 | Int(byte(index + 1))
    let isNumber = isDigit(first)
    let asksMore =
      options.hidesAddresses || !options.customPatterns.isEmpty
      || !options.nationalNumbers.isEmpty
    guard starts[pair] || isNumber || asksMore, isTokenStart(index) else { return nil }
    if isNumber, let found = number(at: index) { return found }
    if starts[pair], let found = token(at: index) { return found }
    guard asksMore else { return nil }
    return customPattern(at: index) ?? (mayBeAddress(index) ? address(at: index) : nil)
      ?? nationalNumber(at: index)
  }

  /// Finds a key, token or credential that its own first bytes give away.
  private func token(at index: Int) -> FoundSecret? {
    jsonWebToken(at: index) ?? prefixedKey(at: index) ?? slackWebhook(at: index)
      ?? schemeCredentials(at: index)
  }

  /// Finds a number that is secret by itself: of a card, or of a bot and its token.
  private func number(at index: Int) -> FoundSecret? {
    let end = end(from: index, while: isDigit)
    switch end - index {
    case 1: return googleRefreshToken(at: index)
    case 4:
      // A card's second group has at least four digits, a date's month has two.
      let isGroup = (end + 1...end + 4).allSatisfy { isDigit(byte($0)) }
      return isGroup ? card(at: index) : nil
    case 8...10: return byte(end) == UInt8(ascii: ":") ? telegramToken(at: index) : nil
    case 13...19: return card(at: index)
    default: return nil
    }
  }

  /// Whether up to four hexadecimal digits and a dot or colon begin here.
  private func mayBeAddress(_ index: Int) -> Bool {
    guard options.hidesAddresses else { return false }
    var end = index
    while end - index < 5, isHexDigit(byte(end)) { end += 1 }
    return end > index && (byte(end) == UInt8(ascii: ".") || byte(end) == UInt8(ascii: ":"))
  }

  /// Finds what a pattern of the user's own describes.
  private func customPattern(at index: Int) -> FoundSecret? {
    for pattern in options.customPatterns {
      guard let end = pattern.end(in: bytes, from: index), !isWordByte(byte(end)) else { continue }
      return FoundSecret(kind: SecretKind(rawValue: pattern.name), range: index..<end)
    }
    return nil
  }
}
