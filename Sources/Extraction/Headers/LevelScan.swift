internal import CScanBytes
package import DaybreakCore

extension LevelWord {
  /// How many bytes of a message are searched for a word that names a level.
  package static let scanLimit = 200

  /// Reads a word in the place where headers have their level: like `word`, without words that are
  /// too common there to mean one.
  ///
  /// - Parameter bytes: part of a line with `BatchWriter.padding` readable bytes behind it.
  /// - Returns: the level; nil for any other word.
  @inline(__always)
  static func headerWord(_ bytes: UnsafeRawBufferPointer) -> Level? {
    guard bytes.count >= 3, bytes.count <= 11, let base = bytes.baseAddress else { return nil }
    return bytes.count > 8 ? word(bytes) : shortWord(base, count: bytes.count)
  }

  /// Tells the words that in capitals mean a level and nothing else from LOG, NOTE, FINE and the like.
  static func isUnmistakable(_ bytes: UnsafeRawBufferPointer) -> Bool { markedWord(bytes) != nil }

  /// Looks through the start of a message for a whole word that names its level.
  ///
  /// A word in capitals, in brackets or in front of a colon is believed first; failing that `error`,
  /// `fatal`, `panic`, `warning` and the names of exceptions in running text.
  ///
  /// - Parameters:
  ///   - message: the message.
  ///   - onlyMarked: whether running text is not believed (fields of JSON and logfmt).
  ///   - isPadded: whether `BatchWriter.padding` bytes behind the message may be read.
  /// - Returns: the level; nil where no word names one.
  package static func scan(
    _ message: UnsafeRawBufferPointer, onlyMarked: Bool = false, isPadded: Bool = false
  ) -> Level? {
    guard let base = message.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
    let bytes = ByteView(message)
    let end = min(bytes.count, scanLimit)
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { events in
      guard let first = events.baseAddress else { return nil }
      let readable = isPadded ? bytes.count + BatchWriter.padding : bytes.count
      guard dbk_scan_level_words(base, end, readable, first) != 0 else { return nil }
      var weak: Level?
      // Up to where words are judged.
      var judged = 0
      for block in 0..<4 {
        while events[block] != 0 {
          let place = block &* 64 &+ events[block].trailingZeroBitCount
          events[block] &= events[block] &- 1
          guard place >= judged else { continue }
          var start = place
          while start > 0, isLetter(bytes[start - 1]) { start -= 1 }
          judged = place
          while judged < end, isLetter(bytes[judged]) { judged += 1 }
          guard !isInWord(bytes, start - 1), !isInWord(bytes, judged),
            let found = candidate(bytes, start, judged, bytes[judged])
          else { continue }
          if found.isMarked { return found.level }
          if weak == nil { weak = found.level }
        }
      }
      return onlyMarked ? nil : weak
    }
  }

  /// Whether a digit or an underscore at `index` makes what stands beside it part of a longer word.
  @inline(__always)
  private static func isInWord(_ bytes: ByteView, _ index: Int) -> Bool {
    index >= 0 && (isDigit(bytes[index]) || bytes[index] == 0x5F)
  }

  /// What `scan` answers, found word by word: the reference that tests hold it to.
  static func scanWords(_ message: UnsafeRawBufferPointer, onlyMarked: Bool = false) -> Level? {
    let bytes = ByteView(message)
    let end = min(bytes.count, scanLimit)
    var index = 0
    var weak: Level?
    while index < end {
      let byte = bytes[index]
      if !isLetter(byte) {
        // A run of digits or an underscore belongs to the word behind it.
        index += isDigit(byte) || byte == 0x5F ? skipWord(bytes, index, end) : 1
        continue
      }
      let start = index
      while index < end, isLetter(bytes[index]) { index += 1 }
      let next = bytes[index]
      if isDigit(next) || next == 0x5F {
        index += skipWord(bytes, index, end)
        continue
      }
      guard let found = candidate(bytes, start, index, next) else { continue }
      if found.isMarked { return found.level }
      if weak == nil { weak = found.level }
    }
    return onlyMarked ? nil : weak
  }

  @inline(__always)
  private static func skipWord(_ bytes: ByteView, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end, isLetter(bytes[index]) || isDigit(bytes[index]) || bytes[index] == 0x5F {
      index += 1
    }
    return index - start
  }

  /// Judges one run of letters.
  @inline(__always)
  private static func candidate(_ bytes: ByteView, _ start: Int, _ end: Int, _ next: UInt8)
    -> (level: Level, isMarked: Bool)?
  {
    let length = end - start
    guard length >= 3 else { return nil }
    let last = bytes[end - 1]
    if length > 11 || (length > 5 && isException(bytes, start, end, last)) {
      return isException(bytes, start, end, last) ? (.error, false) : nil
    }
    // The first letters of all words that name a level: a c d e f i n p s t w.
    guard mayName(bytes[start]) else { return nil }
    let previous = start == 0 ? 0x20 : bytes[start - 1]
    guard isOpen(previous), isClosed(next, bytes[end + 1]) else { return nil }
    let word = bytes.slice(start, length)
    if isUpper(bytes[start]), isUpper(last), isUpper(bytes[start + 1]) {
      return markedWord(word).map { ($0, true) }
    }
    let isBracketed =
      (previous == 0x5B && next == 0x5D) || (previous == 0x3C && next == 0x3E)
      || (previous == 0x28 && next == 0x29)
    if isBracketed || next == 0x3A || previous == 0x3D {
      return markedWord(word).map { ($0, true) }
    }
    return runningWord(word).map { ($0, false) }
  }

  @inline(__always)
  private static func mayName(_ byte: UInt8) -> Bool {
    switch byte | 0x20 {
    case 0x61, 0x63, 0x64, 0x65, 0x66, 0x69, 0x6E, 0x70, 0x73, 0x74, 0x77: true
    default: false
    }
  }

  /// `IllegalStateException`, `ValueError`: capitalised and ending so.
  @inline(__always)
  private static func isException(_ bytes: ByteView, _ start: Int, _ end: Int, _ last: UInt8)
    -> Bool
  {
    guard isUpper(bytes[start]) else { return false }
    if last == UInt8(ascii: "n") {
      return end - start > 9 && bytes.has("Exception", at: end - 9)
    }
    return last == UInt8(ascii: "r") && bytes.has("Error", at: end - 5)
  }

  /// Whether a word may start behind `byte`: not inside a path, a name or an option.
  @inline(__always)
  private static func isOpen(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x2D, 0x2E, 0x2F, 0x5C, 0x40, 0x24, 0x27: false
    default: byte < 0x80
    }
  }

  /// Whether a word may end in front of `byte`; a dot or comma must end a sentence.
  @inline(__always)
  private static func isClosed(_ byte: UInt8, _ following: UInt8) -> Bool {
    switch byte {
    case 0x2E: following <= 0x20
    case 0x2D, 0x2F, 0x5C, 0x3D, 0x40, 0x28, 0x27: false
    default: byte < 0x80
    }
  }

  /// Words believed when they are marked as a level.
  private static func markedWord(_ bytes: UnsafeRawBufferPointer) -> Level? {
    guard let level = word(bytes) else { return nil }
    // "LOG", "NOTE", "FINE", "CONFIG", "SUCCESS", "FAILURE" shout without meaning a level.
    switch bytes[0] | 0x20 {
    case UInt8(ascii: "l"), UInt8(ascii: "o"): return nil
    case UInt8(ascii: "n"): return bytes.count == 6 ? level : nil
    case UInt8(ascii: "f"): return level == .fatal ? level : nil
    case UInt8(ascii: "s"): return level == .error ? level : nil
    case UInt8(ascii: "c"): return level == .critical ? level : nil
    default: return level
    }
  }

  /// Words believed in running text.
  private static func runningWord(_ bytes: UnsafeRawBufferPointer) -> Level? {
    guard bytes.count >= 4, let level = word(bytes) else { return nil }
    switch (bytes[0] | 0x20, bytes.count) {
    case (UInt8(ascii: "e"), 5): return level
    case (UInt8(ascii: "f"), 5): return level == .fatal ? level : nil
    case (UInt8(ascii: "p"), 5), (UInt8(ascii: "w"), 7): return level
    default: return nil
    }
  }
}
