internal import CScanBytes
internal import DaybreakCore

/// A time found in a line.
struct Moment {
  /// Nanoseconds since the Unix epoch; `noTimestamp` where the calendar has none.
  var nanoseconds: Int64
  /// Whether it was written as a date without a year, as RFC 3164 does.
  var isYearless: Bool
}

extension LocalClock {
  /// Reads any of the known forms of a time and says which moment it is: what `TimeReader.read` and
  /// `moment(of:)` say.
  ///
  /// A time that differs from one read before in nothing but hour, minute, second and fraction is not
  /// parsed again (see `TimeMemory`).
  ///
  /// - Parameters:
  ///   - bytes: the line; `BatchWriter.padding` bytes behind it must be readable.
  ///   - index: where the time starts; moved behind it when there is one.
  /// - Returns: nil where no time stands there.
  @inline(__always)
  func read(_ bytes: ByteView, _ index: inout Int) -> Moment? {
    guard isDigit(bytes[index]) || isLetter(bytes[index]) else { return nil }
    if let known = memory.read(bytes, &index) { return known }
    return readFresh(bytes, &index)
  }

  /// Reads a time by the rules, and remembers it where that is of use.
  @inline(never)
  private func readFresh(_ bytes: ByteView, _ index: inout Int) -> Moment? {
    let start = index
    guard let reading = TimeReader.read(bytes, &index) else { return nil }
    switch reading {
    case .epoch(let nanoseconds):
      return Moment(nanoseconds: nanoseconds, isYearless: false)
    case .clock(let reading):
      let moment = moment(of: reading) ?? LineRecord.noTimestamp
      if moment != LineRecord.noTimestamp, let midnight = midnight(of: reading, moment) {
        memory.add(bytes, start..<index, reading, midnight: midnight)
      }
      return Moment(nanoseconds: moment, isYearless: reading.year == nil)
    }
  }

  /// The moment at which the day of a reading starts, where all of that day follows it without a leap:
  /// not where clocks are put forward, nor where the nearest year changes.
  private func midnight(of reading: ClockReading, _ moment: Int64) -> Int64? {
    guard reading.month > 0, reading.second < 60 else { return nil }
    var first = reading
    (first.hour, first.minute, first.second, first.nanosecond) = (0, 0, 0, 0)
    var last = reading
    (last.hour, last.minute, last.second, last.nanosecond) = (23, 59, 59, 999_999_999)
    let seconds = Int64(reading.hour * 3600 + reading.minute * 60 + reading.second)
    let elapsed = seconds * 1_000_000_000 + Int64(reading.nanosecond)
    guard let midnight = self.moment(of: first), let end = self.moment(of: last),
      end - midnight == 86_399_999_999_999, moment - midnight == elapsed
    else { return nil }
    return midnight
  }
}

/// The last few times that were read: how they were written, and when their days start.
///
/// Lines of a log differ in the digits of hour, minute, second and fraction; where all other bytes of a
/// time are equal, and what stands behind it can be no part of it, those digits alone tell the moment.
/// What it answers is what reading by the rules answers, which a test compares.
///
/// Not safe to share between threads.
final class TimeMemory {
  /// How many ways of writing are remembered.
  private static let capacity = 4
  /// How long a time may be, in bytes.
  private static let byteLimit = 32

  /// One time as it was written.
  private struct Entry {
    var text: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    /// All bits of the bytes that must be equal.
    var mask: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    /// How many bytes the time has.
    var count = 0
    /// Where hour, minute, second and fraction start.
    var places: (hour: Int, minute: Int, second: Int, fraction: Int) = (0, 0, 0, 0)
    var hourWidth = 0
    var minuteWidth = 0
    var secondWidth = 0
    /// How many digits the fraction has, and how many nanoseconds its last one stands for.
    var fractionWidth = 0
    var fractionUnit: Int64 = 0
    /// Whether something stands behind the digits: a zone or a year.
    var hasTail = false
    var startsWithName = false
    var isYearless = false
    var midnight: Int64 = 0
  }

  private let entries: UnsafeMutablePointer<Entry>
  private var count = 0
  /// The entry that is replaced next.
  private var oldest = 0
  /// The entry that was of use last.
  private var latest = 0

  init() {
    entries = .allocate(capacity: TimeMemory.capacity)
    entries.initialize(repeating: Entry(), count: TimeMemory.capacity)
  }

  deinit { entries.deallocate() }

  /// Reads a time that is written as one before; nil where none is known, without moving `index`.
  @inline(__always)
  func read(_ bytes: ByteView, _ index: inout Int) -> Moment? {
    guard let base = bytes.base, index &+ 8 <= bytes.count, count > 0 else { return nil }
    let text = base + index
    if matches(latest, text), let moment = moment(latest, bytes, &index) { return moment }
    for place in 0..<count where place != latest && matches(place, text) {
      guard let moment = moment(place, bytes, &index) else { continue }
      latest = place
      return moment
    }
    return nil
  }

  @inline(__always)
  private func matches(_ place: Int, _ text: UnsafePointer<UInt8>) -> Bool {
    let entry = UnsafeRawPointer(entries + place)
    return dbk_matches32(
      text, entry.assumingMemoryBound(to: UInt8.self),
      (entry + TimeMemory.byteLimit).assumingMemoryBound(to: UInt8.self)) != 0
  }

  /// The moment that a text means which is written as an entry; nil where the rules must judge.
  @inline(__always)
  private func moment(_ place: Int, _ bytes: ByteView, _ index: inout Int) -> Moment? {
    let entry = entries + place
    let end = index + entry.pointee.count
    guard end <= bytes.count, let base = bytes.base,
      isSeparate(bytes, end, entry.pointee.hasTail, entry.pointee.startsWithName)
    else { return nil }
    let text = base + index
    let hour = number(text, entry.pointee.places.hour, entry.pointee.hourWidth)
    let minute = number(text, entry.pointee.places.minute, entry.pointee.minuteWidth)
    let second = number(text, entry.pointee.places.second, entry.pointee.secondWidth)
    guard hour < 24, minute < 60, second < 60 else { return nil }
    var fraction: Int64 = 0
    let first = entry.pointee.places.fraction
    for place in first..<first &+ entry.pointee.fractionWidth {
      let digit = text[place] &- 0x30
      guard digit < 10 else { return nil }
      fraction = fraction &* 10 &+ Int64(digit)
    }
    let seconds = hour &* 3600 &+ minute &* 60 &+ second
    index = end
    return Moment(
      nanoseconds: entry.pointee.midnight &+ seconds &* 1_000_000_000
        &+ fraction &* entry.pointee.fractionUnit,
      isYearless: entry.pointee.isYearless)
  }

  /// One or two digits; a large number where one is none.
  @inline(__always)
  private func number(_ text: UnsafePointer<UInt8>, _ place: Int, _ width: Int) -> Int64 {
    let first = text[place] &- 0x30
    guard width == 2 else { return first < 10 ? Int64(first) : 100 }
    let second = text[place &+ 1] &- 0x30
    return first < 10 && second < 10 ? Int64(first) &* 10 &+ Int64(second) : 100
  }

  /// Tells whether what stands behind a time can be no part of it.
  ///
  /// It is no further digit, zone, year or half of a day; where that is not plain the answer is no.
  @inline(__always)
  private func isSeparate(
    _ bytes: ByteView, _ end: Int, _ hasTail: Bool, _ startsWithName: Bool
  ) -> Bool {
    let next = bytes[end]
    if hasTail { return next == 0x20 || next == 0x5D || next == 0 }
    switch next {
    case 0x20: break
    case 0, 0x5D, 0x29, 0x7C, 0x22, 0x3E, 0x3B, 0x09: return true
    case 0x2C, 0x2E, 0x3A: return !isDigit(bytes[end + 1])
    default: return false
    }
    let second = bytes[end + 1]
    switch second {
    // Lower-case letters but `z`, and brackets.
    case 0x61...0x79, 0x5B, 0x28, 0x3C, 0x7B, 0x22, 0x7C, 0x23, 0x2A: return true
    case 0x30...0x39: return !startsWithName
    case 0x2B, 0x2D: return !isDigit(bytes[end + 2])
    case 0x41...0x59:
      return !bytes.has("AM", at: end + 1) && !bytes.has("PM", at: end + 1)
        && !TimeReader.startsNamedZone(bytes, end + 1)
    default: return false
    }
  }

  /// Remembers a time.
  ///
  /// - Parameters:
  ///   - bytes: the line.
  ///   - range: where the time lies in it.
  ///   - reading: what it was read as.
  ///   - midnight: the moment when its day starts.
  func add(_ bytes: ByteView, _ range: Range<Int>, _ reading: ClockReading, midnight: Int64) {
    guard let entry = entry(bytes, range, reading, midnight: midnight), let base = bytes.base,
      !(0..<count).contains(where: {
        entries[$0].count == entry.count && matches($0, base + range.lowerBound)
      })
    else { return }
    let place = count < TimeMemory.capacity ? count : oldest
    if count < TimeMemory.capacity {
      count += 1
    } else {
      oldest = (oldest + 1) % TimeMemory.capacity
    }
    entries[place] = entry
    latest = place
  }

  private func entry(
    _ bytes: ByteView, _ range: Range<Int>, _ reading: ClockReading, midnight: Int64
  ) -> Entry? {
    let start = range.lowerBound
    guard range.count <= TimeMemory.byteLimit, range.count >= 8, !reading.digits.isEmpty,
      reading.digits.lowerBound >= start, reading.digits.upperBound <= range.upperBound
    else { return nil }
    var entry = Entry()
    entry.count = range.count
    entry.midnight = midnight
    entry.isYearless = reading.year == nil
    entry.startsWithName = isLetter(bytes[start])
    entry.hasTail = reading.digits.upperBound < range.upperBound
    // Behind a name, a zone may be followed by more, and half a day changes the hour; a year does not.
    if entry.hasTail, entry.startsWithName,
      reading.zoneOffset != nil || !isDigit(bytes[reading.digits.upperBound + 1])
    {
      return nil
    }
    guard findDigits(bytes, start, reading.digits, &entry) else { return nil }
    withUnsafeMutableBytes(of: &entry.text) { text in
      for place in 0..<range.count { text[place] = bytes[start + place] }
    }
    let (places, digits) = (entry.places, reading.digits)
    let free = [
      (places.hour, entry.hourWidth), (places.minute, entry.minuteWidth),
      (places.second, entry.secondWidth),
      (places.fraction, digits.upperBound - start - places.fraction),
    ]
    withUnsafeMutableBytes(of: &entry.mask) { mask in
      for place in 0..<range.count { mask[place] = 0xFF }
      for (place, width) in free { for offset in 0..<width { mask[place + offset] = 0 } }
    }
    return entry
  }

  /// Finds the digits of hour, minute, second and fraction; false where there are others.
  private func findDigits(
    _ bytes: ByteView, _ start: Int, _ digits: Range<Int>, _ entry: inout Entry
  ) -> Bool {
    var index = digits.lowerBound
    if bytes.digitCount(at: index, limit: 7) == 6 {
      entry.places = (index - start, index - start + 2, index - start + 4, 0)
      (entry.hourWidth, entry.minuteWidth, entry.secondWidth) = (2, 2, 2)
      index += 6
    } else {
      var found = [0, 0, 0]
      var widths = [0, 0, 0]
      for part in 0..<3 {
        let width = bytes.digitCount(at: index, limit: 3)
        guard width == 1 || width == 2 else { return false }
        found[part] = index - start
        widths[part] = width
        index += part < 2 ? width + 1 : width
      }
      entry.places = (found[0], found[1], found[2], 0)
      (entry.hourWidth, entry.minuteWidth, entry.secondWidth) = (widths[0], widths[1], widths[2])
    }
    entry.places.fraction = index - start
    guard index < digits.upperBound else { return index == digits.upperBound }
    let width = digits.upperBound - index - 1
    guard (1...9).contains(width), bytes.digitCount(at: index + 1) == width else { return false }
    entry.places.fraction = index + 1 - start
    entry.fractionWidth = width
    // Behind a colon stand milliseconds, not decimals.
    let decimals = bytes[index] == 0x3A ? max(width, 3) : width
    entry.fractionUnit = (decimals..<9).reduce(1) { unit, _ in unit * 10 }
    return true
  }
}
