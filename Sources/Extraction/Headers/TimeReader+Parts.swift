/// The parts of which times are made: time of day, fraction, zone.
extension TimeReader {
  /// `HH:MM:SS` with an optional fraction; `HH.MM.SS` where dots are allowed; `H:M:S` where numbers may
  /// be short.
  static func readTimeOfDay(
    _ bytes: ByteView, _ index: inout Int, allowsDots: Bool, allowsShort: Bool = false
  ) -> ClockReading? {
    if allowsShort { return readShortTime(bytes, &index) }
    let hourWidth = isDigit(bytes[index + 1]) ? 2 : 1
    let separator = bytes[index + hourWidth]
    guard separator == 0x3A || (allowsDots && separator == 0x2E),
      let hour = bytes.number(at: index, hourWidth),
      let minute = bytes.number(at: index + hourWidth + 1, 2), hour < 24, minute < 60
    else { return nil }
    var clock = ClockReading(hour: hour, minute: minute)
    var position = index + hourWidth + 3
    if bytes[position] == separator, let second = bytes.number(at: position + 1, 2) {
      guard second <= 60 else { return nil }
      clock.second = second
      position += 3
      readFraction(bytes, &position, &clock)
    }
    guard !isDigit(bytes[position]), bytes[position] != 0x3A || !isDigit(bytes[position + 1]) else {
      return nil
    }
    clock.digits = index..<position
    index = position
    return clock
  }

  /// `H:M:S:mmm` with one or two digits each, as some Android applications write.
  private static func readShortTime(_ bytes: ByteView, _ index: inout Int) -> ClockReading? {
    var position = index
    var parts = [0, 0, 0] as InlineArray<3, Int>
    for part in 0..<3 {
      let width = bytes.digitCount(at: position, limit: 3)
      guard width == 1 || width == 2, let value = bytes.number(at: position, width) else {
        return nil
      }
      parts[part] = value
      position += width
      guard part < 2 else { break }
      guard bytes[position] == 0x3A else { return nil }
      position += 1
    }
    guard parts[0] < 24, parts[1] < 60, parts[2] <= 60 else { return nil }
    var clock = ClockReading(hour: parts[0], minute: parts[1], second: parts[2])
    readFraction(bytes, &position, &clock)
    clock.digits = index..<position
    index = position
    return clock
  }

  /// `.123`, `,123` or `:123`, to the nanosecond; further digits are passed over.
  static func readFraction(
    _ bytes: ByteView, _ position: inout Int, _ clock: inout ClockReading
  ) {
    let mark = bytes[position]
    guard mark == 0x2E || mark == 0x2C || mark == 0x3A, isDigit(bytes[position + 1]) else { return }
    var value = 0
    var digits = 0
    position += 1
    while isDigit(bytes[position]) {
      if digits < 9 {
        value = value * 10 + Int(bytes[position] &- 0x30)
        digits += 1
      }
      position += 1
    }
    // Behind a colon stand milliseconds, not decimals: `9:0:4:64`.
    if mark == 0x3A, digits < 3 { digits = 3 }
    while digits < 9 {
      value *= 10
      digits += 1
    }
    clock.nanosecond = value
  }

  /// `Z`, `+02:00`, `+0200`, `+02`, ` UTC` and the abbreviations that mean one offset only.
  static func readZone(
    _ bytes: ByteView, _ position: inout Int, _ clock: inout ClockReading
  ) {
    var start = position
    if bytes[start] == 0x20 { start += 1 }
    let sign = bytes[start]
    if sign == 0x5A || sign == 0x7A, !isLetter(bytes[start + 1]), !isDigit(bytes[start + 1]) {
      clock.zoneOffset = 0
      position = start + 1
    } else if sign == 0x2B || sign == 0x2D {
      readNumericZone(bytes, start, &position, &clock)
    } else if start > position, isUpper(sign), let zone = namedZone(bytes, start) {
      clock.zoneOffset = zone.offset
      position = start + zone.length
    }
  }

  private static func readNumericZone(
    _ bytes: ByteView, _ start: Int, _ position: inout Int, _ clock: inout ClockReading
  ) {
    guard let hours = bytes.number(at: start + 1, 2), hours <= 18 else { return }
    var end = start + 3
    var minutes = 0
    if bytes[end] == 0x3A, let value = bytes.number(at: end + 1, 2) {
      minutes = value
      end += 3
    } else if let value = bytes.number(at: end, 2) {
      minutes = value
      end += 2
    } else if start > position {
      return  // "09:00:00 -12 rows": not a zone.
    }
    guard minutes < 60, !isDigit(bytes[end]) else { return }
    let offset = hours * 3600 + minutes * 60
    clock.zoneOffset = bytes[start] == 0x2D ? -offset : offset
    position = end
  }

  /// Tells whether capitals stand at `start` that name a zone.
  static func startsNamedZone(_ bytes: ByteView, _ start: Int) -> Bool {
    namedZone(bytes, start) != nil
  }

  private static func namedZone(_ bytes: ByteView, _ start: Int) -> (offset: Int, length: Int)? {
    var length = 0
    var word: UInt32 = 0
    while isUpper(bytes[start + length]), length < 5 {
      word = word << 8 | UInt32(bytes[start + length])
      length += 1
    }
    guard length == 3 || length == 4, endsToken(bytes[start + length]) else { return nil }
    let hours: Int
    switch word {
    case 0x555443, 0x474D54, 0x574554: hours = 0  // UTC GMT WET
    case 0x434554, 0x57455354: hours = 1  // CET WEST
    case 0x43455354, 0x454554: hours = 2  // CEST EET
    case 0x45455354, 0x4D534B: hours = 3  // EEST MSK
    case 0x534754: hours = 8  // SGT
    case 0x4A5354: hours = 9  // JST
    case 0x41455354: hours = 10  // AEST
    case 0x41454454: hours = 11  // AEDT
    case 0x454454: hours = -4  // EDT
    case 0x455354, 0x434454: hours = -5  // EST CDT
    case 0x4D4454: hours = -6  // MDT
    case 0x4D5354, 0x504454: hours = -7  // MST PDT
    case 0x505354: hours = -8  // PST
    default: return nil
    }
    return (hours * 3600, length)
  }
}
