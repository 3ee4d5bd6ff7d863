/// Lengths of time and numbers of bytes.
extension Masker {
  /// Reads a unit that stands directly behind digits, compound durations (`1h2m3.5s`) included.
  ///
  /// - Parameters:
  ///   - range: the part of the line.
  ///   - start: where the number starts.
  ///   - digitsEnd: where its digits end and the unit starts.
  /// - Returns: where the unit ends and what number and unit are together; nil for any other letters.
  func attachedUnit(
    _ range: ScanRange, from start: Int, digitsEnd: Int
  ) -> (end: Int, kind: Placeholder)? {
    var index = digitsEnd
    var isDuration = false
    while let end = durationUnitEnd(range, at: index) {
      isDuration = true
      index = end
      guard range.byte(index).isDigit else { break }
      index = range.digitsEnd(index)
      if range.byte(index) == UInt8(ascii: "."), range.byte(index + 1).isDigit {
        index = range.digitsEnd(index + 1)
      }
      isDuration = false
    }
    if isDuration && !range.byte(index).isWord { return (index, .duration) }
    if let end = sizeUnitEnd(range, at: digitsEnd), !range.byte(end).isWord { return (end, .size) }
    return nil
  }

  /// Reads a unit of bytes that stands one blank behind a number: `3.4 MB`.
  ///
  /// A unit of time stays in the template, as `<num> ms` says more than `<dur>` does.
  func spacedSize(_ range: ScanRange, at index: Int) -> Int? {
    guard let end = sizeUnitEnd(range, at: index), end - index >= 2 || range.byte(index) == 0x42,
      !range.byte(end).isWord
    else { return nil }
    return end
  }

  /// Reads a unit of time that stands one blank behind a number: `1 sec`.
  func spacedDuration(_ range: ScanRange, at index: Int) -> Int? {
    guard let end = durationUnitEnd(range, at: index), !range.byte(end).isWord else { return nil }
    return end
  }

  /// Where `bytes (3.4 KB)` behind a number ends: the same size once more for people; nil for anything
  /// else.
  func spelledSizeEnd(_ range: ScanRange, at index: Int) -> Int? {
    guard range.byte(index) | 0x20 == UInt8(ascii: "b"), index + 8 < range.end,
      isWord(range.source, index, index + 5, "bytes"), range.byte(index + 5) == 0x20,
      range.byte(index + 6) == UInt8(ascii: "("), range.byte(index + 7).isDigit
    else { return nil }
    var place = range.digitsEnd(index + 7)
    while range.byte(place) == UInt8(ascii: ".") || range.byte(place) == UInt8(ascii: ","),
      range.byte(place + 1).isDigit
    {
      place = range.digitsEnd(place + 1)
    }
    if range.byte(place) == 0x20 { place += 1 }
    guard let end = sizeUnitEnd(range, at: place), range.byte(end) == UInt8(ascii: ")") else {
      return nil
    }
    return end + 1
  }

  /// Where a unit of time ends: ns, us, µs, ms, s, sec, m, min, h, hr, d; nil for anything else.
  private func durationUnitEnd(_ range: ScanRange, at index: Int) -> Int? {
    let first = range.byte(index)
    let second = range.byte(index + 1)
    switch first {
    case UInt8(ascii: "n"), UInt8(ascii: "u"):
      return second == UInt8(ascii: "s") ? index + 2 : nil
    case 0xC2, 0xCE:
      // U+00B5 MICRO SIGN and U+03BC GREEK SMALL LETTER MU in UTF-8.
      guard second == (first == 0xC2 ? 0xB5 : 0xBC), range.byte(index + 2) == UInt8(ascii: "s")
      else { return nil }
      return index + 3
    case UInt8(ascii: "m"):
      if second == UInt8(ascii: "s") { return index + 2 }
      return wordUnitEnd(range, at: index, "min", "mins") ?? (isUnitEdge(second) ? index + 1 : nil)
    case UInt8(ascii: "s"):
      return wordUnitEnd(range, at: index, "sec", "secs") ?? (isUnitEdge(second) ? index + 1 : nil)
    case UInt8(ascii: "h"):
      return wordUnitEnd(range, at: index, "hr", "hrs") ?? (isUnitEdge(second) ? index + 1 : nil)
    case UInt8(ascii: "d"): return isUnitEdge(second) ? index + 1 : nil
    default: return nil
    }
  }

  /// Where one of two spellings ends, if the letters are exactly that.
  private func wordUnitEnd(
    _ range: ScanRange, at index: Int, _ short: StaticString, _ long: StaticString
  ) -> Int? {
    var end = index
    while range.byte(end).isLetter { end += 1 }
    let isEither =
      isWord(range.source, index, end, short) || isWord(range.source, index, end, long)
    return isEither ? end : nil
  }

  /// Tells whether a one-letter unit may end before this byte.
  private func isUnitEdge(_ byte: UInt8) -> Bool { !byte.isWord || byte.isDigit }

  /// Where a unit of bytes ends: B, K, M, G, T, P with B, iB or nothing; nil for anything else.
  private func sizeUnitEnd(_ range: ScanRange, at index: Int) -> Int? {
    let first = range.byte(index)
    if first == UInt8(ascii: "B") { return index + 1 }
    switch first {
    case UInt8(ascii: "K"), UInt8(ascii: "k"), UInt8(ascii: "M"), UInt8(ascii: "G"),
      UInt8(ascii: "T"), UInt8(ascii: "P"):
      break
    default: return nil
    }
    let second = range.byte(index + 1)
    if second == UInt8(ascii: "B") { return index + 2 }
    if second == UInt8(ascii: "i"), range.byte(index + 2) == UInt8(ascii: "B") { return index + 3 }
    return second.isWord || first == UInt8(ascii: "k") ? nil : index + 1
  }
}
