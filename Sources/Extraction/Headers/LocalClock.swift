internal import DaybreakCore

/// A reading of a calendar and a clock, as a header gives it.
struct ClockReading {
  /// Nil where the format names no year (RFC 3164).
  var year: Int?
  /// 0 where the format names no date at all.
  var month = 0
  var day = 0
  var hour = 0
  var minute = 0
  var second = 0
  var nanosecond = 0
  /// Seconds east of UTC; nil where the format names no zone.
  var zoneOffset: Int?
  /// Where hour, minute, second and fraction lie in the line; empty where nobody needs to know.
  var digits = 0..<0
}

/// Turns clock readings into moments: the zone where none is named, the year where none is named.
///
/// What it answers depends on the reading, the window and the zone alone, so that lines may be read in
/// any order. Offsets of the zone are remembered by quarter hour, because asking Foundation for
/// one takes longer than reading a line.
final class LocalClock {
  private let calendar: NightCalendar
  private let window: TimeWindow
  /// Quarter hours by their remainder of 7: the same time of the years that `nearestYear` compares has
  /// different remainders.
  private var remembered = InlineArray<7, (quarter: Int64, offset: Int)>(repeating: (.min, 0))
  /// The days that a month and day may mean, one for each of `years`; the last date asked for.
  private var yearlessKey = -1
  private var yearlessDays: [Int64?]
  private let years: ClosedRange<Int>
  private var dayKey = -1
  private var dayNumber: Int64 = 0
  /// See `LocalClock.read`.
  let memory = TimeMemory()

  /// Makes a clock; an unknown zone is UTC (sources check theirs when they are made).
  init(zoneName: String, window: TimeWindow) {
    calendar = NightCalendar(zoneName: zoneName) ?? LocalClock.utc
    self.window = window
    let first = calendar.date(of: window.start).year
    let last = calendar.date(of: window.end).year
    years = (first - 1)...(last + 1)
    yearlessDays = Array(repeating: nil, count: years.count)
  }

  private static let utc: NightCalendar = {
    guard let calendar = NightCalendar(zoneName: "UTC") else {
      preconditionFailure("the time zone database has no UTC")
    }
    return calendar
  }()

  /// The moment of a reading in nanoseconds since the Unix epoch; nil where the calendar has none.
  func moment(of reading: ClockReading) -> Int64? {
    guard reading.hour < 24, reading.minute < 60, reading.second <= 60 else { return nil }
    let seconds = Int64(reading.hour * 3600 + reading.minute * 60 + min(reading.second, 59))
    guard reading.month > 0 else { return timeOfDay(seconds, reading) }
    if let year = reading.year {
      guard (1678...2261).contains(year), let day = day(year, reading.month, reading.day) else {
        return nil
      }
      return nanoseconds(day * 86_400 + seconds, reading)
    }
    return nearestYear(seconds, reading)
  }

  /// Day number of a date; the last one asked for is remembered.
  private func day(_ year: Int, _ month: Int, _ day: Int) -> Int64? {
    let key = (year * 16 + month) * 32 + day
    if key == dayKey { return dayNumber }
    guard let date = CivilDate(year: year, month: month, day: day) else { return nil }
    dayKey = key
    dayNumber = Int64(date.dayNumber)
    return dayNumber
  }

  /// The year in which a reading without one lies in the window, or else nearest to it.
  private func nearestYear(_ seconds: Int64, _ reading: ClockReading) -> Int64? {
    var best: Int64?
    var bestDistance = Int64.max
    let key = reading.month * 32 + reading.day
    if key != yearlessKey {
      for (index, year) in years.enumerated() {
        yearlessDays[index] = CivilDate(year: year, month: reading.month, day: reading.day)
          .map { Int64($0.dayNumber) }
      }
      yearlessKey = key
    }
    for index in yearlessDays.indices {
      guard let day = yearlessDays[index], let moment = nanoseconds(day * 86_400 + seconds, reading)
      else { continue }
      let distance = distanceToWindow(moment)
      if distance < bestDistance {
        bestDistance = distance
        best = moment
      }
    }
    return best
  }

  /// The last moment of the window at a time of day; in a night there is one.
  private func timeOfDay(_ seconds: Int64, _ reading: ClockReading) -> Int64? {
    let first = calendar.date(of: window.start).dayNumber
    let last = calendar.date(of: window.end).dayNumber
    var best: Int64?
    var bestDistance = Int64.max
    for day in max(first - 1, last - 2)...(last + 1) {
      guard let moment = nanoseconds(Int64(day) * 86_400 + seconds, reading) else { continue }
      let distance = distanceToWindow(moment)
      if distance <= bestDistance {
        bestDistance = distance
        best = moment
      }
    }
    return best
  }

  private func distanceToWindow(_ moment: Int64) -> Int64 {
    if moment < window.start.nanoseconds { return window.start.nanoseconds - moment }
    return moment < window.end.nanoseconds ? 0 : moment - window.end.nanoseconds + 1
  }

  private func nanoseconds(_ local: Int64, _ reading: ClockReading) -> Int64? {
    let seconds = local - Int64(reading.zoneOffset ?? offset(atLocal: local))
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? nil : scaled &+ Int64(reading.nanosecond)
  }

  /// Seconds east of UTC at a local time; the earlier moment where clocks show it twice.
  private func offset(atLocal local: Int64) -> Int {
    let quarter = floorDivide(local, 900)
    let place = Int((quarter % 7 + 7) % 7)
    if remembered[place].quarter == quarter { return remembered[place].offset }
    let before = calendar.offsetSeconds(at: Timestamp(seconds: local - 86_400))
    let after = calendar.offsetSeconds(at: Timestamp(seconds: local + 86_400))
    var offset = before
    if before != after {
      let moment = Timestamp(seconds: local - Int64(before))
      offset = calendar.offsetSeconds(at: moment) == before ? before : after
    }
    remembered[place] = (quarter, offset)
    return offset
  }
}
