internal import DaybreakCore

/// Reads the times that log formats write, from bytes.
///
/// Each function takes the index where the time starts and moves it behind the time when there is one.
struct TimeReader {
  /// What stood at the index.
  enum Reading {
    /// A calendar date, a time of day or both.
    case clock(ClockReading)
    /// Nanoseconds since the Unix epoch.
    case epoch(Int64)
  }

  /// Reads any of the known forms.
  static func read(_ bytes: ByteView, _ index: inout Int) -> Reading? {
    let first = bytes[index]
    if isDigit(first) { return readDigits(bytes, &index) }
    if isLetter(first) {
      if let clock = readMonthFirst(bytes, &index) ?? readWeekdayFirst(bytes, &index) {
        return .clock(clock)
      }
    }
    return nil
  }

  /// Reads RFC 3339 with any number of fraction digits, the whole of `bytes`; nil for anything else.
  static func readRFC3339(_ bytes: ByteView) -> Int64? {
    if let moment = readPlainRFC3339(bytes) { return moment }
    var index = 0
    guard bytes.digitCount(at: 0, limit: 5) == 4, let clock = readISO(bytes, &index),
      index == bytes.count, let offset = clock.zoneOffset, let year = clock.year,
      let date = CivilDate(year: year, month: clock.month, day: clock.day),
      clock.hour < 24, clock.minute < 60, clock.second <= 60, (1678...2261).contains(year)
    else { return nil }
    let seconds =
      Int64(date.dayNumber) * 86_400 + Int64(clock.hour * 3600 + clock.minute * 60)
      + Int64(min(clock.second, 59) - offset)
    return seconds &* 1_000_000_000 &+ Int64(clock.nanosecond)
  }

  /// Reads `2026-11-20T09:00:00Z`, with one to nine digits of a fraction, which is what Loki's tools
  /// write; nil for anything else.
  private static func readPlainRFC3339(_ bytes: ByteView) -> Int64? {
    let count = bytes.count
    guard count >= 20, count <= 30, count != 21, let base = bytes.base, base[count - 1] == 0x5A,
      base[4] == 0x2D, base[7] == 0x2D, base[10] == 0x54, base[13] == 0x3A, base[16] == 0x3A,
      count == 20 || base[19] == 0x2E
    else { return nil }
    /// Two digits; a number above 99 where one is none.
    func pair(_ index: Int) -> Int {
      let tens = base[index] &- 0x30
      let ones = base[index + 1] &- 0x30
      return tens < 10 && ones < 10 ? Int(tens) * 10 + Int(ones) : 100
    }
    let year = pair(0) * 100 + pair(2)
    let (hour, minute, second) = (pair(11), pair(14), pair(17))
    guard pair(0) < 100, pair(2) < 100, (1678...2261).contains(year), hour < 24, minute < 60,
      second < 60, let date = CivilDate(year: year, month: pair(5), day: pair(8))
    else { return nil }
    var nanoseconds: Int64 = 0
    for index in 20..<max(20, count - 1) {
      let digit = base[index] &- 0x30
      guard digit < 10 else { return nil }
      nanoseconds = nanoseconds * 10 + Int64(digit)
    }
    for _ in max(0, count - 21)..<9 { nanoseconds *= 10 }
    let seconds = Int64(date.dayNumber) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    return seconds * 1_000_000_000 + nanoseconds
  }

  // MARK: Forms that start with a digit

  private static func readDigits(_ bytes: ByteView, _ index: inout Int) -> Reading? {
    switch bytes.digitCount(at: index) {
    case 1, 2: readShortNumber(bytes, &index).map { .clock($0) }
    case 4: readISO(bytes, &index).map { .clock($0) }
    case 6: readCompactShortDate(bytes, &index).map { .clock($0) }
    case 8: readCompactDate(bytes, &index).map { .clock($0) }
    case 10, 13, 16, 19: readEpoch(bytes, &index).map { .epoch($0) }
    default: nil
    }
  }

  /// `YYYY-MM-DD HH:MM:SS` with `-`, `/` or `.` in the date and space, `T`, `_` or `-` behind it.
  private static func readISO(_ bytes: ByteView, _ index: inout Int) -> ClockReading? {
    let separator = bytes[index + 4]
    guard separator == 0x2D || separator == 0x2F || separator == 0x2E,
      bytes[index + 7] == separator,
      let year = bytes.number(at: index, 4), let month = bytes.number(at: index + 5, 2),
      let day = bytes.number(at: index + 8, 2)
    else { return nil }
    switch bytes[index + 10] {
    case 0x20, 0x54, 0x74, 0x5F, 0x2D, 0x3A: break
    default: return nil
    }
    var position = index + 11
    guard var clock = readTimeOfDay(bytes, &position, allowsDots: bytes[index + 10] == 0x2D) else {
      return nil
    }
    clock.year = year
    clock.month = month
    clock.day = day
    readZone(bytes, &position, &clock)
    index = position
    return clock
  }

  /// One or two digits first: CLF's `20/Nov/2026:09:00:00 +0000`, Spark's `26/11/20 09:00:00`,
  /// `20-Nov-2026 09:00:00`, `20 Nov 2026 09:00:00`, `20.11.2026 09:00:00`, `11-20 09:00:00.123`
  /// (Android), `10.30 16:49:06` (Proxifier) and `09:00:00.123` alone.
  private static func readShortNumber(_ bytes: ByteView, _ index: inout Int) -> ClockReading? {
    let width = bytes.digitCount(at: index, limit: 2)
    let separator = bytes[index + width]
    guard let leading = bytes.number(at: index, width) else { return nil }
    var position = index + width + 1
    if separator == 0x3A { return readBareTime(bytes, &index, width) }
    guard separator == 0x2F || separator == 0x2D || separator == 0x20 || separator == 0x2E else {
      return nil
    }
    if let month = monthNumber(bytes, position) {
      guard bytes[position + 3] == separator, let year = bytes.number(at: position + 4, 4) else {
        return nil
      }
      position += 8
      guard bytes[position] == 0x3A || bytes[position] == 0x20 else { return nil }
      position += 1
      return finish(bytes, &index, position, year, month, leading)
    }
    guard width == 2, separator != 0x20, let second = bytes.number(at: position, 2) else {
      return nil
    }
    position += 2
    if bytes[position] == separator {
      return readThreeNumbers(bytes, &index, position + 1, separator, leading, second)
    }
    guard separator != 0x2F, bytes[position] == 0x20 else { return nil }
    return finish(bytes, &index, position + 1, nil, leading, second)
  }

  private static func readThreeNumbers(
    _ bytes: ByteView, _ index: inout Int, _ position: Int, _ separator: UInt8, _ first: Int,
    _ second: Int
  ) -> ClockReading? {
    let width = bytes.digitCount(at: position, limit: 5)
    guard let third = bytes.number(at: position, width), bytes[position + width] == 0x20 else {
      return nil
    }
    let next = position + width + 1
    // Dots mean day first (DIN 5008); two-digit years with slashes come first (log4j's yy/MM/dd).
    if width == 4, separator == 0x2E { return finish(bytes, &index, next, third, second, first) }
    if width == 2, separator == 0x2F {
      return finish(bytes, &index, next, 2000 + first, second, third)
    }
    return nil
  }

  private static func readBareTime(_ bytes: ByteView, _ index: inout Int, _ width: Int)
    -> ClockReading?
  {
    var position = index
    guard width == 2, let clock = readTimeOfDay(bytes, &position, allowsDots: false),
      position - index >= 8
    else { return nil }
    index = position
    return clock
  }

  private static func finish(
    _ bytes: ByteView, _ index: inout Int, _ start: Int, _ year: Int?, _ month: Int, _ day: Int
  ) -> ClockReading? {
    var position = start
    guard (1...12).contains(month), (1...31).contains(day),
      var clock = readTimeOfDay(bytes, &position, allowsDots: false)
    else { return nil }
    clock.year = year
    clock.month = month
    clock.day = day
    readZone(bytes, &position, &clock)
    index = position
    return clock
  }

  /// `YYMMDD HHMMSS` (HDFS) and `YYMMDD HH:MM:SS` (old MySQL).
  private static func readCompactShortDate(_ bytes: ByteView, _ index: inout Int) -> ClockReading? {
    guard bytes[index + 6] == 0x20, let year = bytes.number(at: index, 2),
      let month = bytes.number(at: index + 2, 2), let day = bytes.number(at: index + 4, 2),
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var position = bytes.skippingSpaces(index + 6)
    guard var clock = readCompactTime(bytes, &position) ?? readSpacedTime(bytes, &position) else {
      return nil
    }
    clock.year = 2000 + year
    clock.month = month
    clock.day = day
    index = position
    return clock
  }

  private static func readSpacedTime(_ bytes: ByteView, _ position: inout Int) -> ClockReading? {
    readTimeOfDay(bytes, &position, allowsDots: false)
  }

  /// `YYYYMMDD` followed by `T`, `-` or a space and `HHMMSS` or `HH:MM:SS`.
  private static func readCompactDate(_ bytes: ByteView, _ index: inout Int) -> ClockReading? {
    guard let year = bytes.number(at: index, 4), let month = bytes.number(at: index + 4, 2),
      let day = bytes.number(at: index + 6, 2), (1970...2261).contains(year),
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var position = index + 8
    guard bytes[position] == 0x54 || bytes[position] == 0x2D || bytes[position] == 0x20 else {
      return nil
    }
    position += 1
    guard
      var clock = readCompactTime(bytes, &position)
        ?? readTimeOfDay(bytes, &position, allowsDots: false, allowsShort: true)
    else { return nil }
    clock.year = year
    clock.month = month
    clock.day = day
    readZone(bytes, &position, &clock)
    index = position
    return clock
  }

  private static func readCompactTime(_ bytes: ByteView, _ position: inout Int) -> ClockReading? {
    guard bytes.digitCount(at: position, limit: 7) == 6, let hour = bytes.number(at: position, 2),
      let minute = bytes.number(at: position + 2, 2),
      let second = bytes.number(at: position + 4, 2), hour < 24, minute < 60, second <= 60
    else { return nil }
    let start = position
    position += 6
    var clock = ClockReading(hour: hour, minute: minute, second: second)
    readFraction(bytes, &position, &clock)
    clock.digits = start..<position
    return clock
  }

  /// Epoch seconds (with a fraction), milliseconds, microseconds or nanoseconds, by their length.
  ///
  /// All are between 2001 and 2128: a larger first digit would overflow, and is nobody's time.
  private static func readEpoch(_ bytes: ByteView, _ index: inout Int) -> Int64? {
    let width = bytes.digitCount(at: index)
    guard let value = bytes.number(at: index, width), (0x31...0x34).contains(bytes[index]) else {
      return nil
    }
    var position = index + width
    var nanoseconds = Int64(value)
    switch width {
    case 10:
      var clock = ClockReading()
      readFraction(bytes, &position, &clock)
      nanoseconds = Int64(value) * 1_000_000_000 + Int64(clock.nanosecond)
    case 13:
      var clock = ClockReading()
      readFraction(bytes, &position, &clock)
      nanoseconds = Int64(value) * 1_000_000 + Int64(clock.nanosecond / 1000)
    case 16: nanoseconds = Int64(value) * 1000
    default: break
    }
    guard endsToken(bytes[position]) else { return nil }
    index = position
    return nanoseconds
  }

  static func endsToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0, 0x20, 0x09, 0x5D, 0x2C, 0x3A, 0x7C, 0x22, 0x29: true
    default: false
    }
  }

  // MARK: Forms that start with a name

  /// `Nov 20 09:00:00`, `Nov 20 2026 09:00:00` and `Nov 20, 2026 9:00:00 AM`.
  private static func readMonthFirst(_ bytes: ByteView, _ index: inout Int) -> ClockReading? {
    guard let month = monthNumber(bytes, index), isBlank(bytes[index + 3]) else { return nil }
    var position = bytes.skippingSpaces(index + 3)
    let dayWidth = bytes.digitCount(at: position, limit: 3)
    guard dayWidth == 1 || dayWidth == 2, let day = bytes.number(at: position, dayWidth) else {
      return nil
    }
    position += dayWidth
    if bytes[position] == 0x2C { position += 1 }
    guard bytes[position] == 0x20 else { return nil }
    position += 1
    var year: Int?
    if bytes.digitCount(at: position, limit: 5) == 4, bytes[position + 4] == 0x20 {
      year = bytes.number(at: position, 4)
      position += 5
    }
    guard var clock = finish(bytes, &position, position, year, month, day) else { return nil }
    readMeridiem(bytes, &position, &clock)
    if clock.year == nil, clock.zoneOffset == nil { readTrailingYear(bytes, &position, &clock) }
    index = position
    return clock
  }

  /// `Sun Dec 04 04:47:44 2005`, `Fri, 20 Nov 2026 09:00:00 +0000`.
  private static func readWeekdayFirst(_ bytes: ByteView, _ index: inout Int) -> ClockReading? {
    guard isWeekday(bytes, index) else { return nil }
    var position = index + 3
    if bytes[position] == 0x2C { position += 1 }
    guard bytes[position] == 0x20 else { return nil }
    position += 1
    let clock =
      if isDigit(bytes[position]) { readShortNumber(bytes, &position) } else {
        readMonthFirst(bytes, &position)
      }
    guard let clock else { return nil }
    index = position
    return clock
  }

  /// `09:00:00 2026`, as Apache's error log and `ctime` end.
  private static func readTrailingYear(
    _ bytes: ByteView, _ position: inout Int, _ clock: inout ClockReading
  ) {
    guard bytes[position] == 0x20, bytes.digitCount(at: position + 1, limit: 5) == 4,
      let year = bytes.number(at: position + 1, 4), (1970...2261).contains(year)
    else { return }
    let end = bytes[position + 5]
    guard end == 0 || end == 0x20 || end == 0x5D || end == 0x3A else { return }
    clock.year = year
    position += 5
  }

  private static func readMeridiem(
    _ bytes: ByteView, _ position: inout Int, _ clock: inout ClockReading
  ) {
    let isMorning = bytes.has(" AM", at: position)
    guard isMorning || bytes.has(" PM", at: position), clock.hour <= 12 else { return }
    clock.hour = clock.hour % 12 + (isMorning ? 0 : 12)
    position += 3
  }

  private static func isWeekday(_ bytes: ByteView, _ index: Int) -> Bool {
    let word = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
    switch word {
    case 0x4D6F6E, 0x547565, 0x576564, 0x546875, 0x467269, 0x536174, 0x53756E: return true
    default: return false
    }
  }

  /// The number of an English month name of three letters.
  private static func monthNumber(_ bytes: ByteView, _ index: Int) -> Int? {
    let word = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
    switch word {
    case 0x4A616E: return 1
    case 0x466562: return 2
    case 0x4D6172: return 3
    case 0x417072: return 4
    case 0x4D6179: return 5
    case 0x4A756E: return 6
    case 0x4A756C: return 7
    case 0x417567: return 8
    case 0x536570: return 9
    case 0x4F6374: return 10
    case 0x4E6F76: return 11
    case 0x446563: return 12
    default: return nil
    }
  }
}
