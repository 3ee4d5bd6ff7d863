internal import CScanBytes
internal import DaybreakCore

extension HeaderReader {
  /// How many tokens behind a time may come before the level: pid, thread, logger.
  private static let tokensBeforeLevel = 5

  /// Looks for a level behind a time; the message starts behind it, or behind the time when there is
  /// none.
  func readBehindTime(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) {
    let messageStart = skipSeparators(bytes, start)
    header.messageOffset = messageStart
    var index = messageStart
    for position in 0..<HeaderReader.tokensBeforeLevel {
      guard let token = LevelToken(bytes, index, isFirst: position == 0) else { return }
      if let level = token.level {
        header.level = level
        header.messageOffset = skipSeparators(bytes, token.end)
        return
      }
      guard token.mayPrecedeLevel else { return }
      index = skipSeparators(bytes, token.end)
    }
  }

  /// The index behind closing brackets, dashes, bars, colons and commas that stand between the parts
  /// of a header.
  func skipSeparators(_ bytes: ByteView, _ start: Int) -> Int {
    var index = start
    while true {
      switch bytes[index] {
      case 0x20, 0x09, 0x5D, 0x29, 0x7C, 0x2C, 0x3A: index += 1
      case 0x2D where isBlank(bytes[index + 1]) || bytes[index + 1] == 0x2D: index += 1
      case 0x1B:
        let next = bytes.skippingColours(index)
        if next == index { return index }
        index = next
      default: return min(index, bytes.count)
      }
    }
  }

  /// A level in front of everything: `[ERROR] …`, `ERROR: …`, `INFO - …`, `WARNING:root:…`, `<err>…`.
  func readLevelFirst(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) {
    guard let token = LevelToken(bytes, start, isFirst: true), let level = token.level else {
      return
    }
    let next = bytes.skippingColours(token.end)
    let isMarked =
      token.isBracketed || bytes[next] == 0x3A || bytes[next] == 0x7C
      || bytes[token.end] == 0x09
      || (isBlank(bytes[next]) && (bytes[next + 1] == 0x2D || isUpper(bytes[start])))
    // "Error reading x" is a sentence; "ERROR reading x" is a header.
    guard isMarked, token.isBracketed || bytes[next] == 0x3A || token.isUpper else { return }
    header.level = level
    header.messageOffset = skipSeparators(bytes, token.end)
  }

  // MARK: Access logs

  /// Common and combined log format: `host ident user [20/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 …`.
  ///
  /// The level comes from the status: 5xx ERROR, 4xx WARN, all others INFO.
  func readAccessLog(_ bytes: ByteView, _ start: Int, _ header: inout LineHeader) -> Bool {
    guard isDigit(bytes[start]) || isLetter(bytes[start]) || bytes[start] == 0x3A,
      let bracket = bytes.first(UInt8(ascii: "["), from: start, limit: start + 200),
      bytes[bracket + 3] == 0x2F, bytes[bracket + 7] == 0x2F
    else { return false }
    var index = bracket + 1
    guard let moment = clock.read(bytes, &index), bytes[index] == 0x5D else { return false }
    header.timestamp = moment.nanoseconds
    header.messageOffset = bytes.skippingSpaces(index + 1)
    header.level = statusLevel(bytes, header.messageOffset)
    return true
  }

  private func statusLevel(_ bytes: ByteView, _ start: Int) -> Level {
    guard bytes[start] == 0x22 else { return .unknown }
    var index = start + 1
    while index < bytes.count, bytes[index] != 0x22 {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    let status = bytes.skippingSpaces(index + 1)
    guard bytes.digitCount(at: status, limit: 4) == 3 else { return .unknown }
    switch bytes[status] {
    case UInt8(ascii: "5"): return .error
    case UInt8(ascii: "4"): return .warn
    default: return .info
    }
  }
}

/// One token of a header: a bracketed part or a run without spaces.
private struct LevelToken {
  /// Where the token ends.
  let end: Int
  /// The level that it names.
  let level: Level?
  /// Whether it stands in brackets.
  let isBracketed: Bool
  /// Whether it has no lower-case letter.
  let isUpper: Bool
  /// Whether headers put such a token in front of the level: a number, a thread, a dotted name.
  let mayPrecedeLevel: Bool

  /// Reads the token at `start`; nil where there is none of the length of a header's.
  @inline(__always)
  init?(_ bytes: ByteView, _ start: Int, isFirst: Bool) {
    let index = bytes.skippingColours(start)
    switch bytes[index] {
    case UInt8(ascii: "["): self.init(bytes, bracket: index, closer: UInt8(ascii: "]"))
    case UInt8(ascii: "("): self.init(bytes, bracket: index, closer: UInt8(ascii: ")"))
    case UInt8(ascii: "<"): self.init(bytes, bracket: index, closer: UInt8(ascii: ">"))
    default: self.init(bytes, word: index, isFirst: isFirst)
    }
  }

  private init?(_ bytes: ByteView, bracket start: Int, closer: UInt8) {
    guard let close = bytes.first(closer, from: start + 1, limit: start + 100) else { return nil }
    end = close + 1
    isBracketed = true
    isUpper = true
    mayPrecedeLevel = true
    var first = bytes.skippingColours(start + 1)
    var last = close
    // Apache 2.4 names the module in front: `[core:error]`.
    if let colon = bytes.first(0x3A, from: first, limit: close) { first = colon + 1 }
    while first < last, isBlank(bytes[first]) { first += 1 }
    while last > first, isBlank(bytes[last - 1]) { last -= 1 }
    level = last - first > 1 ? LevelWord.headerWord(bytes.slice(first, last - first)) : nil
  }

  private init?(_ bytes: ByteView, word start: Int, isFirst: Bool) {
    guard let extent = WordExtent.find(bytes, start, stopsAtColon: isFirst) else { return nil }
    let (index, hasLower, hasMark) = (extent.end, extent.hasLower, extent.hasMark)
    end = index
    isBracketed = false
    isUpper = !hasLower
    let word = bytes.slice(start, index - start)
    let next = bytes[index]
    let isDashed = isBlank(next) && bytes[index + 1] == 0x2D && isBlank(bytes[index + 2])
    // "error opening x" is a sentence; "error: opening x", "error  | x" are headers.
    let isSetOff =
      next == 0x3A || next == 0x7C || next == 0x5D || next == 0x09 || next == 0x2C || isDashed
      || (next == 0x20 && bytes[index + 1] == 0x20)
    let isBelieved = isSetOff ? isFirst || !hasLower : !hasLower && LevelWord.isUnmistakable(word)
    level = isBelieved && !hasMark ? LevelWord.headerWord(word) : nil
    mayPrecedeLevel =
      extent.digitCount == index - start || hasMark || next == 0x7C || isDashed
      || (isFirst && isBlank(next) && isUpperWord(bytes, index + 1))
  }
}

/// How far a token without brackets reaches, and what its bytes are.
private struct WordExtent {
  var end: Int
  var hasLower = false
  /// Whether it has a byte that is neither letter nor digit.
  var hasMark = false
  var digitCount = 0

  /// How many bytes a header's token has at most.
  private static let limit = 99

  /// Finds the end of the token at `start`, 16 bytes at a time; nil for one that is empty or longer than
  /// a header's.
  @inline(__always)
  static func find(_ bytes: ByteView, _ start: Int, stopsAtColon: Bool) -> WordExtent? {
    guard let base = bytes.base else { return nil }
    var extent = WordExtent(end: start)
    repeat {
      guard extent.end < bytes.count else { break }
      let masks = dbk_scan_token(base + extent.end, bytes.count - extent.end)
      var stops = masks.ends | (stopsAtColon ? masks.colons : masks.set_off_colons)
      // A colon in the last place may be set off by what stands behind the 16 bytes.
      if masks.colons >> 15 != 0, bytes[extent.end + 16] <= 0x20 { stops |= 1 << 15 }
      // 32 where nothing stops it.
      let length = min(16, stops.trailingZeroBitCount)
      let inside = ~(UInt32.max << UInt32(length))
      if masks.lower & inside != 0 { extent.hasLower = true }
      if ~(masks.digits | masks.letters) & inside != 0 { extent.hasMark = true }
      extent.digitCount += (masks.digits & inside).nonzeroBitCount
      extent.end += length
      if stops != 0 { break }
    } while extent.end - start <= limit
    return extent.end > start && extent.end - start <= limit ? extent : nil
  }
}

/// Tells whether two or more capitals and then no other letter stand at `start`.
private func isUpperWord(_ bytes: ByteView, _ start: Int) -> Bool {
  var index = start
  while isUpper(bytes[index]) { index += 1 }
  return index > start + 1 && !isLetter(bytes[index]) && !isDigit(bytes[index])
}
