/// Words with digits: numbers with units, addresses, identifiers.
extension Masker {
  /// Masks a run of letters and digits that holds a digit; returns where reading goes on.
  mutating func maskMixed(_ range: ScanRange, from start: Int, to end: Int, seen: UInt8) -> Int {
    if seen & ByteClass.letter == 0 { return maskDigits(range, from: start, to: end) }
    if range.source[start].isDigit {
      return maskDigitsFirst(range, from: start, to: end, seen: seen)
    }
    if isNumberedName(range, from: start, to: end) {
      count += end - start
      return end
    }
    if seen & ByteClass.nonHexLetter == 0,
      let next = maskHexadecimal(range, from: start, to: end)
    {
      return next
    }
    var letters = start
    while letters < end && !range.source[letters].isDigit { letters += 1 }
    if range.digitsEnd(letters) == end {
      // `web12`, `ssh2`: the word says what it is, the digits which.
      count += letters - start
      return maskDigits(range, from: letters, to: end)
    }
    return maskIdentifier(range, from: start, to: end, seen: seen)
  }

  /// Tells whether a word that starts with a letter is a name of its own for all its digits: one digit
  /// (`ssh2`, `L3`, `flush2DB`), or up to three where it is a key (`r24=…`).
  ///
  /// Patterns stay few, as one digit has ten values; names that differ in it have one identity.
  @inline(__always)
  private func isNumberedName(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    let next = range.byte(end)
    let isKey = next == UInt8(ascii: "=") && range.byte(end + 1) != next
    var digits = 0
    for index in start..<end {
      let byte = range.source[index]
      if byte >= 0x80 { return false }
      digits += byte.isDigit ? 1 : 0
    }
    if end - start > 16 || (range.depth > 0 && start == range.start) { return false }
    if digits > 1 { return isKey && digits <= 3 && end - start <= 12 }
    // `v1.0` is a version, `fe3a:…` the start of an address.
    return next != UInt8(ascii: ".") && next != UInt8(ascii: ":") || !range.byte(end + 1).isHexDigit
  }

  /// Masks a run of nothing but digits, with what belongs to it; returns where reading goes on.
  private mutating func maskDigits(_ range: ScanRange, from start: Int, to end: Int) -> Int {
    let isRunStart = start == range.start || !range.source[start - 1].isWord
    if isRunStart {
      switch range.byte(end) {
      case UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ":"):
        if let next = timeEnd(range, digitsAt: start, to: end) {
          emit(.time)
          return next
        }
        if let next = maskHexadecimal(range, from: start, to: end) { return next }
      case UInt8(ascii: ","):
        if let next = thousandsEnd(range, from: start, to: end) {
          return finishNumber(range, from: start, to: next)
        }
      default: break
      }
    }
    if range.byte(end) == UInt8(ascii: "."), range.byte(end + 1).isDigit {
      return maskDotted(range, from: start, to: end)
    }
    return finishNumber(range, from: start, to: end)
  }

  /// Masks digits joined by dots: a fraction, an IPv4 address, a date or a version.
  private mutating func maskDotted(_ range: ScanRange, from start: Int, to end: Int) -> Int {
    var groups = 1
    var isAddress = end - start <= 3 && octet(range, start, end)
    var isDate = end - start == 4
    var index = end
    while range.byte(index) == UInt8(ascii: "."), range.byte(index + 1).isDigit {
      let next = range.digitsEnd(index + 1)
      isAddress = isAddress && octet(range, index + 1, next)
      isDate = isDate && next - index == 3
      groups += 1
      index = next
    }
    let isWhole = !range.byte(index).isLetter
    if groups == 4 && isAddress && isWhole {
      emit(.address)
      return index
    }
    if groups == 3 && isDate && isWhole {
      emit(.time)
      return clockEnd(range, behindDate: index) ?? index
    }
    guard groups == 2 else {
      emit(.number)
      return index
    }
    return finishNumber(range, from: start, to: index)
  }

  /// Masks a number whose digits end at `end`, with its sign before and its unit behind.
  private mutating func finishNumber(_ range: ScanRange, from start: Int, to end: Int) -> Int {
    dropSign(range, before: start)
    let next = range.byte(end)
    if next == 0x20 {
      if let unitEnd = spacedSize(range, at: end + 1) {
        emit(.size)
        return unitEnd
      }
      if let unitEnd = spacedDuration(range, at: end + 1), dropComparison(range, before: start) {
        emit(.duration)
        return unitEnd
      }
      if let sizeEnd = spelledSizeEnd(range, at: end + 1) {
        emit(.size)
        return sizeEnd
      }
    } else if next | 0x20 == UInt8(ascii: "e"), let exponent = exponentEnd(range, at: end) {
      emit(.number)
      return exponent
    } else if next.isLetter || next >= 0x80 {
      // A fraction with its unit: `1.5s`.
      if let (unitEnd, kind) = attachedUnit(range, from: start, digitsEnd: end) {
        emit(kind)
        return unitEnd
      }
    }
    emit(.number)
    return end
  }

  /// Takes back a sign that was copied in front of a number, unless it joins two words.
  @inline(__always)
  private mutating func dropSign(_ range: ScanRange, before start: Int) {
    let sign = range.byte(start - 1)
    guard sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") else { return }
    let before = range.byte(start - 2)
    guard !before.isWord, before != sign, before != UInt8(ascii: ")"), before != UInt8(ascii: "]"),
      before != placeholderMark, count > 0, output[count - 1] == sign
    else { return }
    count -= 1
  }

  /// Takes back the `<` of `<1 sec`, which is a length of time as well; false when there is none.
  @discardableResult
  private mutating func dropComparison(_ range: ScanRange, before start: Int) -> Bool {
    let mark = range.byte(start - 1)
    guard mark == UInt8(ascii: "<") || mark == UInt8(ascii: ">"), range.byte(start - 2).isBlank
    else { return false }
    count -= 1
    return true
  }

  /// Masks a run that starts with digits and goes on with letters.
  private mutating func maskDigitsFirst(
    _ range: ScanRange, from start: Int, to end: Int, seen: UInt8
  ) -> Int {
    let source = range.source
    let digits = range.digitsEnd(start)
    if digits - start == 1 && source[start] == UInt8(ascii: "0")
      && source[digits] | 0x20 == UInt8(ascii: "x") && end > digits + 1
      && allHexadecimal(range, from: digits + 1, to: end)
    {
      emit(.hexadecimal)
      return end
    }
    if let (unitEnd, kind) = attachedUnit(range, from: start, digitsEnd: digits) {
      dropSign(range, before: start)
      dropComparison(range, before: start)
      emit(kind)
      return unitEnd
    }
    if let next = compactTimeEnd(range, from: start, digitsEnd: digits) {
      emit(.time)
      return next
    }
    if let exponent = exponentEnd(range, at: digits) {
      dropSign(range, before: start)
      emit(.number)
      return exponent
    }
    if seen & ByteClass.nonHexLetter == 0,
      let next = maskHexadecimal(range, from: start, to: end)
    {
      return next
    }
    if isCountSuffix(range, from: digits, to: end) {
      emit(.number)
      copy(source, from: digits, to: end)
      return end
    }
    return maskIdentifier(range, from: start, to: end, seen: seen)
  }

  /// Masks a run that mixes letters and digits in no plain order; long ones as an encoding.
  private mutating func maskIdentifier(
    _ range: ScanRange, from start: Int, to end: Int, seen: UInt8
  ) -> Int {
    let mixesCase = seen & ByteClass.upper != 0 && seen & ByteClass.lower != 0
    guard end - start >= 20, mixesCase else {
      emit(.identifier)
      return end
    }
    var index = end
    while index < range.end {
      let byte = range.source[index]
      let isPart =
        byte.isDigit || byte.isLetter || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "=")
        || (byte == UInt8(ascii: ".") && range.byte(index + 1).isWord)
      if !isPart { break }
      index += 1
    }
    emit(.base64)
    return index
  }

  /// Where a number with thousands separators ends; nil when the commas only list numbers.
  private func thousandsEnd(_ range: ScanRange, from start: Int, to end: Int) -> Int? {
    guard end - start <= 3, range.source[start] != UInt8(ascii: "0") else { return nil }
    var index = end
    while range.byte(index) == UInt8(ascii: ",") {
      guard range.digitsEnd(index + 1) == index + 4 else { return nil }
      index += 4
    }
    if range.byte(index) == UInt8(ascii: "."), range.byte(index + 1).isDigit {
      return range.digitsEnd(index + 1)
    }
    return index
  }

  /// Where `e-09` behind a number ends; nil when there is no exponent.
  private func exponentEnd(_ range: ScanRange, at index: Int) -> Int? {
    guard range.byte(index) | 0x20 == UInt8(ascii: "e") else { return nil }
    var digits = index + 1
    if range.byte(digits) == UInt8(ascii: "-") || range.byte(digits) == UInt8(ascii: "+") {
      digits += 1
    }
    let end = range.digitsEnd(digits)
    guard end > digits, end - digits <= 3, !range.byte(end).isWord else { return nil }
    return end
  }

  /// Tells whether up to three digits are at most 255.
  private func octet(_ range: ScanRange, _ start: Int, _ end: Int) -> Bool {
    guard end - start <= 3 else { return false }
    var value = 0
    for index in start..<end { value = value * 10 + Int(range.source[index] - 0x30) }
    return value <= 255
  }

  /// Tells whether every byte of a range is a hexadecimal digit.
  func allHexadecimal(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    for index in start..<end where !range.source[index].isHexDigit { return false }
    return true
  }

  /// Tells whether letters behind digits count something: `3rd`, `64bit`, `2x`, `100Mbps`.
  private func isCountSuffix(_ range: ScanRange, from start: Int, to end: Int) -> Bool {
    let source = range.source
    return isWord(source, start, end, "st") || isWord(source, start, end, "nd")
      || isWord(source, start, end, "rd") || isWord(source, start, end, "th")
      || isWord(source, start, end, "x") || isWord(source, start, end, "bit")
      || isWord(source, start, end, "bits") || isWord(source, start, end, "bps")
      || isWord(source, start, end, "kbps") || isWord(source, start, end, "mbps")
      || isWord(source, start, end, "gbps") || isWord(source, start, end, "hz")
      || isWord(source, start, end, "mhz") || isWord(source, start, end, "ghz")
      || isWord(source, start, end, "px") || isWord(source, start, end, "rpm")
  }
}
