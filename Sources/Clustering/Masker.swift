internal import CScanBytes

/// The byte scanner that replaces what is variable by its shape.
///
/// It writes *masked bytes*: the bytes of the line, with each variable part replaced by
/// `placeholderMark` and the raw value of its `Placeholder`; a byte 0xFF of the line itself becomes
/// the mark and `literalMark`, so nothing in a line can be mistaken for a placeholder. Separators are
/// kept as they are. What it writes depends on the line alone.
///
/// Bounds: the first `sourceLimit` bytes of a line are scanned, the rest is one `<text>`; blanks at the
/// end of a line are dropped. It allocates once, in `init`, and looks at each byte a bounded number
/// of times. Lines may be masked one behind the other (`keep`), to be looked at together.
struct Masker: ~Copyable {
  /// How many bytes of a line are scanned.
  static let sourceLimit = 16_384

  /// How many masked bytes a line may have, with what is written behind them in whole chunks: every
  /// source byte becomes at most two, and the cut adds a placeholder.
  static let outputLimit = 2 * sourceLimit + 128

  private static let searchCount = 8

  /// The masked bytes of the last line.
  private(set) var output: UnsafeMutablePointer<UInt8>
  private let buffer: UnsafeMutablePointer<UInt8>
  private let bufferEnd: UnsafeMutablePointer<UInt8>
  /// How many masked bytes there are.
  var count = 0
  let classes: UnsafeMutablePointer<UInt8>
  /// See `NumberEdge`.
  let edges: UnsafeMutablePointer<UInt8>
  /// The token whose dots were judged last, and up to where none of them is in a host name.
  var dottedToken = -1
  var dottedEnd = 0
  /// The token with an `@` that is in no e-mail address.
  var marklessToken = -1
  /// The last searches for quotation marks without success: two for each depth, of `"` and of `'`.
  let searches: UnsafeMutablePointer<FailedSearch>
  var brackets = OpenBrackets()
  /// Whether the line has such searches or brackets.
  var hasSearches = false
  /// What `CScanBytes` says of the line; see `scanBlocks`.
  let blocks: UnsafeMutablePointer<dbk_scan_block>

  /// Makes a scanner.
  ///
  /// - Parameter capacity: how many masked bytes it keeps at once; at least `outputLimit`.
  init(capacity: Int = Masker.outputLimit) {
    buffer = .allocate(capacity: capacity)
    bufferEnd = buffer + capacity
    output = buffer
    blocks = .allocate(capacity: Masker.sourceLimit / Int(DBK_SCAN_BLOCK) + 2)
    classes = .allocate(capacity: 256)
    edges = .allocate(capacity: 256)
    searches = .allocate(capacity: Masker.searchCount)
    searches.initialize(repeating: FailedSearch(), count: Masker.searchCount)
    for (index, value) in NumberEdge.table.enumerated() { edges[index] = value }
    for (index, value) in ByteClass.table.enumerated() { classes[index] = value }
  }

  deinit {
    buffer.deallocate()
    classes.deallocate()
    blocks.deallocate()
    searches.deallocate()
    edges.deallocate()
  }

  /// Whether one more line can be masked without losing those kept.
  var hasRoom: Bool { bufferEnd - output >= Masker.outputLimit }

  /// Keeps the masked bytes of the last line where they are: the next line goes behind them.
  mutating func keep() { output += count }

  /// Forgets the lines kept.
  mutating func restart() {
    output = buffer
    count = 0
  }

  /// Masks one message into `output`.
  ///
  /// - Parameters:
  ///   - source: its first byte; never read when there are none.
  ///   - length: how many bytes it has.
  ///   - readable: how many bytes may be read from the first on, whatever they are: with
  ///     `DBK_SCAN_PADDING` more than `length` masking is some times as fast.
  mutating func mask(_ source: UnsafePointer<UInt8>, count length: Int, readable: Int = 0) {
    count = 0
    dottedToken = -1
    marklessToken = -1
    if hasSearches { forgetSearches() }
    var end = length
    while end > 0 && source[end - 1].isBlank { end -= 1 }
    guard end > Masker.sourceLimit else {
      if readable >= end &+ Int(DBK_SCAN_PADDING) {
        scanBlocks(source, to: end)
      } else {
        scan(source, from: 0, to: end, depth: 0)
      }
      return
    }
    var cut = Masker.sourceLimit
    // A cut between words keeps the last word whole, so that it reads the same whatever follows.
    while cut > Masker.sourceLimit - 256 && !source[cut].isBlank { cut -= 1 }
    if !source[cut].isBlank { cut = Masker.sourceLimit }
    scan(source, from: 0, to: cut, depth: 0)
    emit(.text)
  }

  private mutating func forgetSearches() {
    searches.update(repeating: FailedSearch(), count: Masker.searchCount)
    brackets.removeAll()
    hasSearches = false
  }

  /// Writes a placeholder.
  @inline(__always)
  mutating func emit(_ placeholder: Placeholder) {
    output[count] = placeholderMark
    output[count &+ 1] = placeholder.rawValue
    count &+= 2
  }

  /// Writes one byte of the line as itself.
  @inline(__always)
  mutating func copy(_ byte: UInt8) {
    output[count] = byte
    count &+= 1
    if byte == placeholderMark {
      output[count] = literalMark
      count &+= 1
    }
  }

  /// Writes a range of the line as itself.
  mutating func copy(_ source: UnsafePointer<UInt8>, from start: Int, to end: Int) {
    for index in start..<end { copy(source[index]) }
  }

  /// Masks a range of the line.
  ///
  /// - Parameters:
  ///   - source: the whole line; bytes before `start` and from `end` on are never read.
  ///   - start: first byte of the range.
  ///   - end: end of the range.
  ///   - depth: how many quotes or values enclose the range; deeper than 3 nothing is opened again.
  mutating func scan(
    _ source: UnsafePointer<UInt8>, from start: Int, to end: Int, depth: Int
  ) {
    let range = ScanRange(source: source, start: start, end: end, depth: depth)
    // Local copies: bytes written through `output` might be fields of `self` for all the compiler
    // knows, and it would load those again for each byte.
    let classes = self.classes
    let output = self.output
    var written = count
    var token = Token(start: start, outputStart: written)
    var index = start
    while index < end {
      let byte = source[index]
      let kind = classes[Int(byte)]
      if kind & ByteClass.word != 0 {
        let first = index
        var seen = kind
        var place = written
        output[place] = byte
        index &+= 1
        place &+= 1
        while index < end {
          let byte = source[index]
          let kind = classes[Int(byte)]
          if kind & ByteClass.word == 0 { break }
          seen |= kind
          output[place] = byte
          index &+= 1
          place &+= 1
        }
        if seen & ByteClass.digit != 0 {
          count = written
          index = maskMixed(range, from: first, to: index, seen: seen)
          written = count
        } else if isPlain(range, from: first, to: index, seen: seen) {
          written = place
        } else {
          count = written
          index = maskRareWord(range, from: first, to: index, seen: seen)
          written = count
        }
        continue
      }
      if kind & ByteClass.special == 0 {
        output[written] = byte
        written &+= 1
        index &+= 1
        if kind & ByteClass.boundary != 0 { token = Token(start: index, outputStart: written) }
        continue
      }
      count = written
      index = maskSpecial(range, at: index, byte: byte, token: token)
      written = count
      if kind & ByteClass.boundary != 0 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "=") {
        token = Token(start: index, outputStart: written)
      }
    }
    count = written
  }

  /// Tells whether a word of letters cannot be a value: neither hexadecimal, nor `true` or `false`, nor
  /// the name of a month or weekday.
  @inline(__always)
  func isPlain(
    _ range: ScanRange, from start: Int, to end: Int, seen: UInt8
  ) -> Bool {
    guard seen & ByteClass.nonHexLetter != 0 else {
      // `fe:…` and `abcd::…` start addresses.
      return end &- start < 8
        && (end == range.end
          || (range.source[end] != UInt8(ascii: ":") && range.source[end] != UInt8(ascii: "-")))
    }
    let first = range.source[start] | 0x20
    let second = range.source[start &+ 1] | 0x20
    switch end &- start {
    case 3: return seen & ByteClass.upper == 0
    case 4:
      switch first {
      case UInt8(ascii: "t"): return false
      case UInt8(ascii: "r"): return second != UInt8(ascii: "o")
      case UInt8(ascii: "n"): return second != UInt8(ascii: "u")
      case UInt8(ascii: "u"): return second != UInt8(ascii: "s")
      default: return true
      }
    case 5:
      return first != UInt8(ascii: "f")
        && (first != UInt8(ascii: "a") || second != UInt8(ascii: "d"))
    default: return true
    }
  }

  /// Masks the few plain words that stand for values: hexadecimal ones, months, `true` and `false`.
  @inline(never)
  mutating func maskRareWord(
    _ range: ScanRange, from start: Int, to end: Int, seen: UInt8
  ) -> Int {
    let source = range.source
    if seen & ByteClass.nonHexLetter == 0 {
      if let next = maskHexadecimal(range, from: start, to: end) { return next }
    }
    if end - start == 3 && seen & ByteClass.upper != 0 {
      if let next = timeEnd(range, wordAt: start) {
        emit(.time)
        return next
      }
    }
    if isWord(source, start, end, "true") || isWord(source, start, end, "false") {
      emit(.boolean)
      return end
    }
    if isWord(source, start, end, "user") { return maskUser(range, from: start, to: end) }
    if isStandingValue(range, from: start, to: end) {
      emit(.value)
      return end
    }
    count += end - start
    return end
  }

  /// Tells whether a word is a value wherever it stands: the accounts `root` and `admin`, and `null`.
  ///
  /// The rule "US" of Khan et al. (ICSE 2022).
  private func isStandingValue(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    let source = range.source
    guard
      isWord(source, start, end, "root") || isWord(source, start, end, "admin")
        || isWord(source, start, end, "null")
    else { return false }
    // Part of a longer name, or a key.
    let before = range.byte(start - 1)
    let after = range.byte(end)
    return before != UInt8(ascii: "_") && before != UInt8(ascii: "/") && before != UInt8(ascii: ".")
      && after != UInt8(ascii: "_") && after != UInt8(ascii: "/") && after != UInt8(ascii: "=")
      && !(after == UInt8(ascii: ".") && range.byte(end + 1).isWord) && before != UInt8(ascii: "-")
      && after != UInt8(ascii: "-") && after != UInt8(ascii: "(")
  }

  /// Copies the word `user` and masks the name behind it; a word that logs are made of is none.
  private mutating func maskUser(_ range: ScanRange, from start: Int, to end: Int) -> Int {
    let source = range.source
    count += end - start
    var name = end
    while name < end + 2, range.byte(name) == 0x20 { name += 1 }
    guard name > end, range.byte(name).isLetter else { return end }
    var nameEnd = name
    while nameEnd < range.end {
      let byte = source[nameEnd]
      let isPart =
        byte.isWord || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        || (byte == UInt8(ascii: ".") && range.byte(nameEnd + 1).isWord)
      if !isPart { break }
      nameEnd += 1
    }
    let next = range.byte(nameEnd)
    // `user name=…`, `user@host` and `user data(…)` say something else.
    guard next != UInt8(ascii: "="), next != UInt8(ascii: "@"), next != UInt8(ascii: "("),
      next != UInt8(ascii: "/"), !isVocabulary(range, from: name, to: nameEnd)
    else { return end }
    copy(source, from: end, to: name)
    emit(.value)
    return nameEnd
  }

  private func isVocabulary(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    Vocabulary.contains(
      UnsafeBufferPointer(start: range.source, count: range.end), from: start, to: end)
  }

  /// Tells whether a range spells an ASCII word of lower-case letters, in any case.
  @inline(__always)
  func isWord(
    _ source: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ word: StaticString
  ) -> Bool {
    guard end - start == word.utf8CodeUnitCount else { return false }
    for offset in 0..<(end - start) where source[start + offset] | 0x20 != word.utf8Start[offset] {
      return false
    }
    return true
  }
}

/// Where the current token (what stands between blanks, brackets and commas) starts.
struct Token {
  /// In the line.
  var start: Int
  /// In the masked bytes.
  var outputStart: Int
}

/// A part of a line under the scanner.
struct ScanRange {
  let source: UnsafePointer<UInt8>
  let start: Int
  let end: Int
  let depth: Int

  /// The byte at a place; 0 outside of the range.
  @inline(__always)
  func byte(_ index: Int) -> UInt8 { index >= start && index < end ? source[index] : 0 }

  /// Where the run of digits that starts at `index` ends.
  @inline(__always)
  func digitsEnd(_ index: Int) -> Int {
    var end = index
    while end < self.end && source[end].isDigit { end &+= 1 }
    return end
  }
}
