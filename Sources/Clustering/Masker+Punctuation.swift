/// What starts or ends at a mark: paths, URLs, e-mail addresses, `key=value`.
extension Masker {
  /// Masks what begins or ends with a special byte; returns where reading goes on.
  @inline(never)
  mutating func maskSpecial(
    _ range: ScanRange, at index: Int, byte: UInt8, token: Token
  ) -> Int {
    switch byte {
    case UInt8(ascii: "/"):
      return index == token.start ? maskPath(range, from: index, root: index) : literal(byte, index)
    case UInt8(ascii: "="): return maskKeyValue(range, at: index)
    case UInt8(ascii: ":"): return maskColon(range, at: index, token: token)
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return maskQuoted(range, at: index, quote: byte)
    case UInt8(ascii: "@"): return maskEmail(range, at: index, token: token)
    case UInt8(ascii: "~"), UInt8(ascii: "."):
      guard index == token.start else {
        return byte == UInt8(ascii: ".")
          ? maskHost(range, at: index, token: token) : literal(byte, index)
      }
      var root = index + 1
      if byte == UInt8(ascii: "."), range.byte(root) == byte { root += 1 }
      guard range.byte(root) == UInt8(ascii: "/") else { return literal(byte, index) }
      return maskPath(range, from: index, root: root)
    case UInt8(ascii: "\\"):
      let isShare = index == token.start && range.byte(index + 1) == byte
      return isShare && range.byte(index + 2).isWord
        ? maskWindowsPath(range, at: index) : literal(byte, index)
    case UInt8(ascii: "\n"):
      return range.depth == 0 ? maskContinuation(range, at: index) : literal(byte, index)
    default: return literal(byte, index)
    }
  }

  /// Copies one byte and goes on behind it.
  @inline(__always)
  private mutating func literal(_ byte: UInt8, _ index: Int) -> Int {
    copy(byte)
    return index + 1
  }

  /// Masks a path whose first slash is at `root`; copies the byte at `start` when it is none.
  private mutating func maskPath(_ range: ScanRange, from start: Int, root: Int) -> Int {
    let first = range.byte(root + 1)
    // Java prints a socket address as `/10.0.0.1:80`; `//` starts a comment.
    if first == UInt8(ascii: "/") || (first.isDigit && ipv4End(range, from: root + 1) != nil) {
      return literal(range.source[start], start)
    }
    var index = root + 1
    var hasWord = false
    while index < range.end {
      let byte = range.source[index]
      let kind = classes[Int(byte)]
      if kind & ByteClass.boundary != 0 || byte == UInt8(ascii: ":") { break }
      hasWord = hasWord || kind & ByteClass.word != 0
      index += 1
    }
    while index > root + 1, range.source[index - 1] == UInt8(ascii: ".") { index -= 1 }
    guard hasWord || isRootOfRequest(range, from: start, to: index) else {
      return literal(range.source[start], start)
    }
    emit(.path)
    return index
  }

  /// Tells whether the path of a request is `/` alone: ` / HTTP/`.
  private func isRootOfRequest(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    guard end == start + 1, range.byte(start - 1) == 0x20, range.byte(end) == 0x20 else {
      return false
    }
    return isWord(range.source, end + 1, min(end + 5, range.end), "http")
      && range.byte(end + 5) == UInt8(ascii: "/")
  }

  /// Masks `\share\file` or the rest of `C:\file`, up to a blank or quote.
  private mutating func maskWindowsPath(_ range: ScanRange, at start: Int) -> Int {
    var index = start
    while index < range.end {
      let byte = range.source[index]
      let isPart =
        classes[Int(byte)] & ByteClass.boundary == 0 || byte == UInt8(ascii: "(")
        || byte == UInt8(ascii: ")")
      if !isPart || byte == UInt8(ascii: ":") { break }
      index += 1
    }
    emit(.path)
    return index
  }

  /// Masks what a colon is part of: a URL, an IPv6 address, a Windows path; copies any other.
  private mutating func maskColon(_ range: ScanRange, at index: Int, token: Token) -> Int {
    let colon = UInt8(ascii: ":")
    let next = range.byte(index + 1)
    if next == UInt8(ascii: "/"), range.byte(index + 2) == UInt8(ascii: "/"),
      range.byte(index - 1).isWord, !range.byte(index + 3).isBlank, index + 3 < range.end
    {
      return maskURL(range, at: index, token: token)
    }
    if next == colon, !range.byte(index - 1).isWord, range.byte(index + 2).isHexDigit,
      let end = ipv6End(range, from: index)
    {
      emit(.address)
      return end
    }
    if next == UInt8(ascii: "\\"), index == token.start + 1, range.byte(index - 1).isLetter {
      count = token.outputStart
      return maskWindowsPath(range, at: index + 1)
    }
    return literal(colon, index)
  }

  /// Masks a URL (RFC 3986) whose `://` starts at `index`.
  private mutating func maskURL(_ range: ScanRange, at index: Int, token: Token) -> Int {
    var scheme = index
    while scheme > token.start, range.source[scheme - 1].isLetter { scheme -= 1 }
    // Letters that were copied one to one are taken back; a scheme with digits (`s3`), or one that was
    // taken for a value (`true://`), goes with its whole token.
    count =
      endsWithCopy(of: range.source, from: scheme, to: index)
      ? count - (index - scheme) : token.outputStart
    var end = index + 3
    if range.byte(end) == UInt8(ascii: "[") {
      while end < range.end, range.source[end] != UInt8(ascii: "]"), !range.source[end].isBlank {
        end += 1
      }
      if range.byte(end) == UInt8(ascii: "]") { end += 1 }
    }
    while end < range.end {
      let byte = range.source[end]
      let isEnd =
        byte.isBlank || byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
        || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "`")
        || byte == UInt8(ascii: "|") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]")
        || byte == UInt8(ascii: "}")
      let isListed = byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
      if isEnd || (isListed && (range.byte(end + 1).isBlank || end + 1 == range.end)) { break }
      end += 1
    }
    while end > index + 3,
      range.source[end - 1] == UInt8(ascii: ".") || range.source[end - 1] == UInt8(ascii: ":")
    {
      end -= 1
    }
    emit(.url)
    return end
  }

  /// Tells whether the masked bytes end with a range of the line as it is, which is not empty.
  private func endsWithCopy(
    of source: UnsafePointer<UInt8>, from start: Int, to end: Int
  ) -> Bool {
    guard start < end, count >= end - start else { return false }
    let first = count - (end - start)
    for offset in 0..<(end - start) where output[first + offset] != source[start + offset] {
      return false
    }
    return true
  }

  /// Masks `name@host.domain` whose `@` is at `index`; copies the mark when it is none.
  private mutating func maskEmail(_ range: ScanRange, at index: Int, token: Token) -> Int {
    let at = UInt8(ascii: "@")
    // No address has two marks: what is behind the first that is in none need not be read again.
    guard index > token.start, marklessToken != token.start else { return literal(at, index) }
    marklessToken = token.start
    for place in token.start..<index {
      let byte = range.source[place]
      let isPart =
        byte.isWord || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "%")
      guard isPart else { return literal(at, index) }
    }
    var end = index + 1
    var hasDomain = false
    while range.byte(end).isWord
      || ((range.byte(end) == UInt8(ascii: ".") || range.byte(end) == UInt8(ascii: "-"))
        && range.byte(end + 1).isWord)
    {
      hasDomain = hasDomain || (range.byte(end) == UInt8(ascii: ".") && end > index + 1)
      end += 1
    }
    guard hasDomain else { return literal(at, index) }
    count = token.outputStart
    emit(.email)
    return end
  }

  /// Masks the value behind `key=`; copies the mark where no value follows or no key stands before.
  private mutating func maskKeyValue(_ range: ScanRange, at index: Int) -> Int {
    let equals = UInt8(ascii: "=")
    let before = range.byte(index - 1)
    let first = range.byte(index + 1)
    copy(equals)
    guard before.isWord || before == UInt8(ascii: "_"), index + 1 < range.end, !first.isBlank,
      first != equals, first != UInt8(ascii: ">"), first != UInt8(ascii: "~")
    else { return index + 1 }
    if before &- 0x41 < 26, range.depth == 0, let end = maskSudo(range, at: index) { return end }
    if first.isDigit, range.depth < 3, let end = plainNumberEnd(range, from: index + 1) {
      emit(.number)
      return end
    }
    let isMessage = isMessageKey(range, endingAt: index)
    if first == UInt8(ascii: "\"") {
      return maskString(range, at: index + 1, quote: first, isMessage: isMessage) ?? index + 1
    }
    let end = valueEnd(range, from: index + 1)
    guard end > index + 1 else { return index + 1 }
    let mark = count
    if range.depth < 3 { scan(range.source, from: index + 1, to: end, depth: range.depth + 1) }
    if isMessage && range.depth < 3 { return end }
    if !isOneValue(from: mark), !isPlainValue(range, at: index, mark: mark, to: end) {
      count = mark
      emit(.value)
    }
    return end
  }

  /// Masks what sudo(8) logs without quotation marks: the name in front of ` : TTY=`, and the command
  /// with its arguments, which reaches to the end of the line; nil for anything else.
  private mutating func maskSudo(_ range: ScanRange, at equals: Int) -> Int? {
    let source = range.source
    if equals >= range.start + 9, isWord(source, equals - 7, equals, "command"),
      source[equals - 8] == 0x20, source[equals - 9] == UInt8(ascii: ";")
    {
      emit(.text)
      return range.end
    }
    let nameEnd = equals - 6
    guard (1...Masker.accountLimit).contains(nameEnd - range.start),
      isWord(source, equals - 3, equals, "tty"),
      source[equals - 4] == 0x20, source[equals - 5] == UInt8(ascii: ":"),
      source[nameEnd] == 0x20
    else { return nil }
    for index in range.start..<nameEnd where source[index].isBlank { return nil }
    // The line is at depth 0, so its masked bytes start at 0: the name is written again.
    count = 0
    emit(.value)
    copy(source, from: nameEnd, to: equals + 1)
    return nil
  }

  /// No account has a longer name (useradd(8) allows 32 bytes, a domain may be added).
  private static let accountLimit = 64

  /// Where an unquoted value of nothing but digits ends, the most frequent kind; nil for any other.
  private func plainNumberEnd(_ range: ScanRange, from start: Int) -> Int? {
    let end = range.digitsEnd(start)
    guard end < range.end else { return end }
    let next = range.source[end]
    // A comma may go on with thousands.
    let isEnd = classes[Int(next)] & ByteClass.boundary != 0 && next != UInt8(ascii: ",")
    return isEnd ? end : nil
  }

  /// Tells whether a value is a word that may well be constant, as in `tty=ssh`.
  ///
  /// It is letters alone, amid a text. In a line of nothing but `key=value` it is a value, and so is
  /// what stands behind the key of a name.
  private func isPlainValue(_ range: ScanRange, at equals: Int, mark: Int, to end: Int) -> Bool {
    let source = range.source
    let length = end - equals - 1
    guard length <= 16, count - mark == length, range.depth == 0 else { return false }
    for index in mark..<count {
      let byte = output[index]
      guard byte.isLetter || byte == UInt8(ascii: ".") else { return false }
    }
    var key = equals
    while range.byte(key - 1).isLetter { key -= 1 }
    let isName =
      isWord(source, key, equals, "user") || isWord(source, key, equals, "username")
      || isWord(source, key, equals, "host") || isWord(source, key, equals, "hostname")
      || isWord(source, key, equals, "name")
    if isName { return false }
    var place = range.start
    while place < equals, !source[place].isBlank {
      // The line starts with a key.
      if source[place] == UInt8(ascii: "=") { return false }
      place += 1
    }
    return place < equals
  }

  /// Where an unquoted value ends: at a blank or at a mark that closes or lists.
  private func valueEnd(_ range: ScanRange, from start: Int) -> Int {
    var end = start
    while end < range.end {
      let byte = range.source[end]
      if byte == UInt8(ascii: "&") { break }
      if classes[Int(byte)] & ByteClass.boundary != 0 {
        // `1,234.5` is one number.
        let isThousands =
          byte == UInt8(ascii: ",") && end > start && range.source[end - 1].isDigit
          && range.digitsEnd(end + 1) == end + 4
        if !isThousands { break }
      }
      end += 1
    }
    if end > start + 1,
      range.source[end - 1] == UInt8(ascii: ".") || range.source[end - 1] == UInt8(ascii: ":")
    {
      end -= 1
    }
    return end
  }

  /// Tells whether the masked bytes from `mark` on are one placeholder, or an address with its port.
  private func isOneValue(from mark: Int) -> Bool {
    let length = count - mark
    guard length >= 2, output[mark] == placeholderMark, output[mark + 1] != literalMark else {
      return false
    }
    if length == 2 { return true }
    if length == 3 { return output[mark + 2] == UInt8(ascii: "%") }
    return length == 5 && output[mark + 1] == Placeholder.address.rawValue
      && output[mark + 2] == UInt8(ascii: ":") && output[mark + 3] == placeholderMark
  }
}
