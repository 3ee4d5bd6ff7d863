internal import CScanBytes

/// The scanner's fast way through a line: what is plain is copied in runs, and only the places that
/// `CScanBytes` marks are judged, by the same rules as in `scan`.
///
/// It writes the same bytes as `scan` (a test compares them). A rule that looks at bytes which are no
/// event yet needs an event in `scanbytes.c`.
extension Masker {
  /// Masks a whole line.
  ///
  /// - Parameters:
  ///   - source: the line, `DBK_SCAN_PADDING` readable bytes behind it.
  ///   - end: how many bytes it has; at most `sourceLimit`.
  mutating func scanBlocks(_ source: UnsafePointer<UInt8>, to end: Int) {
    dbk_scan_line(source, end, blocks)
    let range = ScanRange(source: source, start: 0, end: end, depth: 0)
    let blocks = self.blocks
    let output = self.output
    var token = Token(start: 0, outputStart: 0)
    // Bytes before `index` are done; what they became ends at `written`.
    var index = 0
    var written = 0
    var block = 0
    while block <= end >> 6 {
      let base = block &<< 6
      let marks = blocks + block
      var resets = marks.pointee.resets
      var events = marks.pointee.events
      if index >= base {
        // A value ended here, so that a mark behind it may stand where a token starts.
        let shift = UInt64(truncatingIfNeeded: index)
        resets &= UInt64.max &<< shift
        events = (events & UInt64.max &<< shift) | (marks.pointee.specials & 1 &<< shift)
      }
      while events != 0 {
        let bit = UInt64(truncatingIfNeeded: events.trailingZeroBitCount)
        let place = base &+ Int(truncatingIfNeeded: bit)
        let before = resets & ~(UInt64.max &<< bit)
        if before != 0 {
          let start = base &+ 64 &- before.leadingZeroBitCount
          token = Token(start: start, outputStart: written &+ start &- index)
        }
        if let past = plainNumberEnd(source + base, in: marks, at: bit) {
          copyRun(source + index, to: output + written, count: place &- index)
          written = written &+ place &- index
          output[written] = placeholderMark
          output[written &+ 1] = Placeholder.number.rawValue
          written &+= 2
          index = base &+ past
          // What stands behind is no word and no value, so that the masks still tell all. The number's
          // last byte may be an event as well: `f 255` has the length of `false`.
          events &= UInt64.max &<< UInt64(truncatingIfNeeded: past)
          resets &= UInt64.max &<< UInt64(truncatingIfNeeded: past)
          continue
        }
        if marks.pointee.words &>> bit & 1 != 0 {
          let word = word(source, in: marks, base: base, at: bit, from: index, to: end)
          copyRun(source + index, to: output + written, count: word.end &- index)
          written = written &+ word.start &- index
          count = written
          if word.seen & ByteClass.digit != 0 {
            index = maskMixed(range, from: word.start, to: word.end, seen: word.seen)
          } else if isPlain(range, from: word.start, to: word.end, seen: word.seen) {
            count = written &+ word.end &- word.start
            index = word.end
          } else {
            index = maskRareWord(range, from: word.start, to: word.end, seen: word.seen)
          }
          written = count
        } else {
          copyRun(source + index, to: output + written, count: place &- index)
          count = written &+ place &- index
          let byte = source[place]
          index = maskSpecial(range, at: place, byte: byte, token: token)
          written = count
          if marks.pointee.resets &>> bit & 1 != 0 {
            token = Token(start: index, outputStart: written)
          }
        }
        if index < end, source[index].isWord, source[index &- 1].isWord {
          // The event ended inside of a word, of which the masks tell nothing.
          index = maskRestOfWord(range, from: index)
          written = count
        }
        if index &- base >= 64 {
          resets = 0
          break
        }
        let shift = UInt64(truncatingIfNeeded: index)
        resets = marks.pointee.resets & UInt64.max &<< shift
        events =
          (marks.pointee.events & UInt64.max &<< shift) | (marks.pointee.specials & 1 &<< shift)
      }
      if resets != 0 {
        let start = base &+ 64 &- resets.leadingZeroBitCount
        token = Token(start: start, outputStart: written &+ start &- index)
      }
      block = max(block &+ 1, index &>> 6)
    }
    copyRun(source + index, to: output + written, count: end &- index)
    count = written &+ end &- index
  }

  /// Where a word of nothing but digits ends that is a number for its neighbours alone; nil where
  /// `maskMixed` must judge, and at the edges of a block.
  ///
  /// Half of all events are such numbers.
  @inline(__always)
  private func plainNumberEnd(
    _ source: UnsafePointer<UInt8>, in marks: UnsafeMutablePointer<dbk_scan_block>, at bit: UInt64
  ) -> Int? {
    let digits = marks.pointee.digits
    let above = ~digits & (UInt64.max &<< bit)
    guard digits &>> bit & 1 != 0, bit > 0, above != 0 else { return nil }
    let past = above.trailingZeroBitCount
    let isWhole =
      marks.pointee.words & (1 &<< (bit &- 1) | 1 &<< UInt64(truncatingIfNeeded: past)) == 0
    let next = source[past]
    guard isWhole, edges[Int(next)] & NumberEdge.plainBehind != 0,
      edges[Int(source[Int(truncatingIfNeeded: bit) &- 1])] & NumberEdge.plainInFront != 0,
      next != 0x20 || edges[Int(source[past &+ 1])] & NumberEdge.startsUnit == 0
    else { return nil }
    return past
  }

  /// The word around an event: where it starts and ends, and the classes of its bytes.
  @inline(__always)
  private func word(
    _ source: UnsafePointer<UInt8>, in marks: UnsafeMutablePointer<dbk_scan_block>, base: Int,
    at bit: UInt64, from index: Int, to end: Int
  ) -> (start: Int, end: Int, seen: UInt8) {
    let words = marks.pointee.words
    let below = ~words & ~(UInt64.max &<< bit)
    let above = ~words & (UInt64.max &<< bit)
    // Both ends in this block, the first not at its very start: the rule.
    guard below != 0, above != 0 else {
      return longWord(source, around: base &+ Int(bit), from: index, to: end)
    }
    let first = 64 &- below.leadingZeroBitCount
    let past = above.trailingZeroBitCount
    let bits = (UInt64.max &<< UInt64(first)) & ~(UInt64.max &<< UInt64(past))
    var seen = ByteClass.word
    if marks.pointee.digits & bits != 0 { seen |= ByteClass.digit }
    if marks.pointee.non_hex & bits != 0 { seen |= ByteClass.nonHexLetter }
    if words & ~(marks.pointee.digits | marks.pointee.non_hex) & bits != 0 {
      seen |= ByteClass.hexLetter
    }
    if marks.pointee.upper & bits != 0 { seen |= ByteClass.upper }
    if marks.pointee.lower & bits != 0 { seen |= ByteClass.lower }
    return (base &+ first, base &+ past, seen)
  }

  /// The word around an event that touches the edge of its block.
  @inline(never)
  private func longWord(
    _ source: UnsafePointer<UInt8>, around place: Int, from index: Int, to limit: Int
  ) -> (start: Int, end: Int, seen: UInt8) {
    var start = place
    while start > index, source[start - 1].isWord { start -= 1 }
    var end = start
    var seen: UInt8 = 0
    while end < limit {
      let kind = classes[Int(source[end])]
      if kind & ByteClass.word == 0 { break }
      seen |= kind
      end += 1
    }
    return (start, end, seen)
  }

  /// Masks words that begin where a value ended; returns where the last of them ends.
  @inline(never)
  private mutating func maskRestOfWord(_ range: ScanRange, from start: Int) -> Int {
    var index = start
    while index < range.end, range.source[index].isWord, range.source[index - 1].isWord {
      var end = index
      var seen: UInt8 = 0
      while end < range.end, range.source[end].isWord {
        seen |= classes[Int(range.source[end])]
        output[count + end - index] = range.source[end]
        end += 1
      }
      if seen & ByteClass.digit != 0 {
        index = maskMixed(range, from: index, to: end, seen: seen)
      } else if isPlain(range, from: index, to: end, seen: seen) {
        count += end - index
        index = end
      } else {
        index = maskRareWord(range, from: index, to: end, seen: seen)
      }
    }
    return index
  }

  /// Copies bytes in chunks: up to 31 more are read and written than asked for.
  @inline(__always)
  private func copyRun(
    _ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    let from = UnsafeRawPointer(source)
    let to = UnsafeMutableRawPointer(target)
    var offset = 0
    repeat {
      let chunk = from.loadUnaligned(fromByteOffset: offset, as: SIMD32<UInt8>.self)
      to.storeBytes(of: chunk, toByteOffset: offset, as: SIMD32<UInt8>.self)
      offset &+= 32
    } while offset < count
  }
}

/// What a byte beside a run of digits means for it: a set of bits.
enum NumberEdge {
  /// Behind digits, it makes them no part of anything.
  static let plainBehind: UInt8 = 1
  /// In front of digits, it is no sign and no comparison.
  static let plainInFront: UInt8 = 2
  /// One blank behind digits, it may start a unit (`Masker.spacedSize` and its kin).
  static let startsUnit: UInt8 = 4

  /// The meaning of every byte.
  static let table: [UInt8] = (0...255).map { value in
    let byte = UInt8(value)
    var edge: UInt8 = 0
    let joins: [UInt8] = [0x2D, 0x2F, 0x3A, 0x2C, 0x2E]
    if !byte.isWord && !joins.contains(byte) { edge |= plainBehind }
    let marks: [UInt8] = [0x2B, 0x2D, 0x3C, 0x3E]
    if !byte.isWord && !marks.contains(byte) { edge |= plainInFront }
    if "BbKkMmGgTtPpNnUuSsHhDd".utf8.contains(byte) || byte >= 0x80 { edge |= startsUnit }
    return edge
  }
}
