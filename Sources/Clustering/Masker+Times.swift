/// Dates and times of day.
extension Masker {
  /// Where a date or time that starts with the digits `start..<end` ends; nil when it is none.
  ///
  /// Reads `2026-03-12`, `2026/03/12`, `12/03/2026`, `17/06/09`, `12/Mar/2026:02:11:09 +0000`, each
  /// with a time of day behind it, and `02:11`, `02:11:09.123`, with a zone.
  func timeEnd(_ range: ScanRange, digitsAt start: Int, to end: Int) -> Int? {
    let length = end - start
    switch range.byte(end) {
    case UInt8(ascii: ":"): return clockOnlyEnd(range, from: start, to: end)
    case UInt8(ascii: "-"):
      guard length == 4, let day = dateTailEnd(range, at: end, UInt8(ascii: "-")) else {
        return nil
      }
      return clockEnd(range, behindDate: day) ?? (range.byte(day).isWord ? nil : day)
    case UInt8(ascii: "/"):
      if length == 4 || length <= 2,
        let day = slashDateEnd(range, at: end, yearFirst: length == 4)
      {
        return clockEnd(range, behindDate: day) ?? (range.byte(day).isWord ? nil : day)
      }
      return nil
    default: return nil
    }
  }

  /// Where a compact time such as `20260312T021109Z` ends; nil when it is none.
  func compactTimeEnd(_ range: ScanRange, from start: Int, digitsEnd: Int) -> Int? {
    guard digitsEnd - start == 8, range.byte(digitsEnd) == UInt8(ascii: "T") else { return nil }
    let clock = range.digitsEnd(digitsEnd + 1)
    guard clock - digitsEnd == 7 else { return nil }
    return zoneEnd(range, at: clock)
  }

  /// Where a time that starts with a name of a month or weekday ends: `Mar 12 02:11:09`,
  /// `Sun Dec 04 04:47:44 2005`, `Thu, 12 Mar 2026 02:11:09 GMT`; nil when it is none.
  func timeEnd(_ range: ScanRange, wordAt start: Int) -> Int? {
    var index = start
    if isWeekday(range, index) {
      index += 3
      if range.byte(index) == UInt8(ascii: ",") { index += 1 }
      guard range.byte(index) == 0x20 else { return nil }
      index += 1
      if range.byte(index).isDigit { return dayFirstEnd(range, at: index) }
    }
    guard isMonth(range, index), range.byte(index + 3) == 0x20 else { return nil }
    index += 4
    // RFC 3164 pads the day with a blank.
    if range.byte(index) == 0x20 { index += 1 }
    let day = range.digitsEnd(index)
    guard (1...2).contains(day - index), range.byte(day) == 0x20 else { return nil }
    let clock = range.digitsEnd(day + 1)
    guard clock > day + 1, let end = clockOnlyEnd(range, from: day + 1, to: clock) else {
      return nil
    }
    // `date` writes the name of the zone before the year.
    var zone = end
    if range.byte(end) == 0x20, range.byte(end + 1).isLetter {
      zone = end + 1
      while range.byte(zone).isLetter, range.byte(zone) < 0x60, zone - end < 6 { zone += 1 }
      if zone - end < 4 || range.byte(zone) != 0x20 { zone = end }
    }
    if range.byte(zone) == 0x20, range.digitsEnd(zone + 1) == zone + 5, !range.byte(zone + 5).isWord
    {
      return zone + 5
    }
    return end
  }

  /// Where `12 Mar 2026 02:11:09 GMT` ends (RFC 5322); nil when it is none.
  private func dayFirstEnd(_ range: ScanRange, at start: Int) -> Int? {
    let day = range.digitsEnd(start)
    guard day - start <= 2, range.byte(day) == 0x20, isMonth(range, day + 1),
      range.byte(day + 4) == 0x20, range.digitsEnd(day + 5) == day + 9
    else { return nil }
    return clockEnd(range, behindDate: day + 9) ?? day + 9
  }

  /// Where `-03-12` or `/03/12` ends; nil when it is none.
  private func dateTailEnd(_ range: ScanRange, at index: Int, _ separator: UInt8) -> Int? {
    guard range.digitsEnd(index + 1) == index + 3, range.byte(index + 3) == separator,
      range.digitsEnd(index + 4) == index + 6
    else { return nil }
    let month = Int(range.byte(index + 1) - 0x30) * 10 + Int(range.byte(index + 2) - 0x30)
    let day = Int(range.byte(index + 4) - 0x30) * 10 + Int(range.byte(index + 5) - 0x30)
    return (1...12).contains(month) && (1...31).contains(day) ? index + 6 : nil
  }

  /// Where the rest of a date with slashes ends; `index` is its first slash.
  private func slashDateEnd(_ range: ScanRange, at index: Int, yearFirst: Bool) -> Int? {
    let slash = UInt8(ascii: "/")
    if yearFirst { return dateTailEnd(range, at: index, slash) }
    let isNamed = isMonth(range, index + 1)
    let second = isNamed ? index + 4 : range.digitsEnd(index + 1)
    guard isNamed || (1...2).contains(second - index - 1), range.byte(second) == slash else {
      return nil
    }
    let third = range.digitsEnd(second + 1)
    return third - second == 5 || third - second == 3 ? third : nil
  }

  /// Where the time of day behind a date ends; nil when none follows.
  func clockEnd(_ range: ScanRange, behindDate index: Int) -> Int? {
    let separator = range.byte(index)
    guard
      separator == 0x20 || separator | 0x20 == UInt8(ascii: "t") || separator == UInt8(ascii: "-")
        || separator == UInt8(ascii: ":") || separator == UInt8(ascii: "_")
    else { return nil }
    let hour = range.digitsEnd(index + 1)
    guard (1...2).contains(hour - index - 1) else { return nil }
    let joint = range.byte(hour)
    guard joint == UInt8(ascii: ":") || joint == UInt8(ascii: "."),
      range.digitsEnd(hour + 1) == hour + 3
    else { return nil }
    guard range.byte(hour + 3) == joint, range.digitsEnd(hour + 4) == hour + 6 else {
      return joint == UInt8(ascii: ":") ? zoneEnd(range, at: hour + 3) : nil
    }
    return zoneEnd(range, at: fractionEnd(range, at: hour + 6))
  }

  /// Where a time of day without a date ends: `2:11`, `02:11:09.123`; nil when it is none.
  private func clockOnlyEnd(_ range: ScanRange, from start: Int, to end: Int) -> Int? {
    guard end - start <= 2, range.byte(end) == UInt8(ascii: ":"),
      range.digitsEnd(end + 1) == end + 3, range.byte(end + 1) <= UInt8(ascii: "5")
    else { return nil }
    let minute = end + 3
    if range.byte(minute) == UInt8(ascii: ":"), range.digitsEnd(minute + 1) == minute + 3,
      range.byte(minute + 1) <= UInt8(ascii: "6")
    {
      let end = fractionEnd(range, at: minute + 3)
      guard range.byte(end) != UInt8(ascii: ":") else { return nil }
      return zoneEnd(range, at: end)
    }
    // Two groups alone may be a port or a line number: not behind a colon, not before one.
    let before = range.byte(start - 1)
    let after = range.byte(minute)
    guard !after.isWord, after != UInt8(ascii: ":"), before != UInt8(ascii: ":"),
      before != UInt8(ascii: "."), before != UInt8(ascii: "-")
    else { return nil }
    return minute
  }

  /// Where the fraction of a second ends; `index` itself when there is none.
  private func fractionEnd(_ range: ScanRange, at index: Int) -> Int {
    let mark = range.byte(index)
    let isMark = mark == UInt8(ascii: ".") || mark == UInt8(ascii: ",")
    return isMark && range.byte(index + 1).isDigit ? range.digitsEnd(index + 1) : index
  }

  /// Where the time zone behind a time ends; `index` itself when there is none.
  private func zoneEnd(_ range: ScanRange, at index: Int) -> Int {
    let first = range.byte(index)
    if first == UInt8(ascii: "Z"), !range.byte(index + 1).isWord { return index + 1 }
    let sign = first == 0x20 ? index + 1 : index
    if first == 0x20, isZoneName(range, at: index + 1) { return index + 4 }
    guard range.byte(sign) == UInt8(ascii: "+") || range.byte(sign) == UInt8(ascii: "-") else {
      return index
    }
    let digits = range.digitsEnd(sign + 1)
    if digits - sign == 5, !range.byte(digits).isWord { return digits }
    if digits - sign == 3, range.byte(digits) == UInt8(ascii: ":"),
      range.digitsEnd(digits + 1) == digits + 3
    {
      return digits + 3
    }
    return index
  }

  /// Tells whether `UTC` or `GMT` stands there.
  private func isZoneName(_ range: ScanRange, at index: Int) -> Bool {
    guard index + 3 <= range.end, !range.byte(index + 3).isWord else { return false }
    return isWord(range.source, index, index + 3, "utc")
      || isWord(range.source, index, index + 3, "gmt")
  }

  private func isMonth(_ range: ScanRange, _ index: Int) -> Bool {
    isName(range, index, in: "janfebmaraprmayjunjulaugsepoctnovdec")
  }

  private func isWeekday(_ range: ScanRange, _ index: Int) -> Bool {
    isName(range, index, in: "montuewedthufrisatsun")
  }

  /// Tells whether three letters at `index`, the first a capital, are one of the names.
  private func isName(_ range: ScanRange, _ index: Int, in names: StaticString) -> Bool {
    guard index >= range.start, index + 3 <= range.end, range.source[index] < 0x60,
      !range.byte(index + 3).isWord
    else { return false }
    for offset in stride(from: 0, to: names.utf8CodeUnitCount, by: 3)
    where range.source[index] | 0x20 == names.utf8Start[offset]
      && range.source[index + 1] | 0x20 == names.utf8Start[offset + 1]
      && range.source[index + 2] | 0x20 == names.utf8Start[offset + 2]
    {
      return true
    }
    return false
  }
}
