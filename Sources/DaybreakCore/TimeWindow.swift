internal import Foundation

/// The half-open range of time `[start, end)` that a run reports on.
package struct TimeWindow: Hashable, Sendable {
  package let start: Timestamp
  package let end: Timestamp

  /// Makes a window; `end` must not lie before `start`.
  package init(start: Timestamp, end: Timestamp) {
    precondition(start <= end, "a window ends before it starts")
    self.start = start
    self.end = end
  }

  /// Tells whether a moment lies inside: at `start` or later, before `end`.
  @inlinable
  package func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < end }

  /// Length in whole minutes, a started one counted: 1380, 1440 or 1500 for a night.
  package var minuteCount: Int {
    Int((end.nanoseconds - start.nanoseconds + 59_999_999_999) / 60_000_000_000)
  }

  /// Length in whole hours, a started one counted: 23, 24 or 25 for a night.
  package var hourCount: Int { (minuteCount + 59) / 60 }
}

/// Turns calendar days of one time zone into windows and moments into local clock readings.
package struct NightCalendar: Sendable {
  /// The IANA name of the zone, as the job gave it.
  package let zoneName: String
  private let zone: TimeZone

  /// Makes a calendar for an IANA zone such as `Australia/Sydney`; nil when the zone is unknown.
  package init?(zoneName: String) {
    guard let zone = TimeZone(identifier: zoneName) else { return nil }
    self.zoneName = zoneName
    self.zone = zone
  }

  /// The night of `date`: local midnight to the next local midnight, 23, 24 or 25 hours.
  package func window(of date: CivilDate) -> TimeWindow {
    TimeWindow(start: startOfDay(date), end: startOfDay(date.advanced(byDays: 1)))
  }

  /// The calendar day that a moment falls on.
  package func date(of moment: Timestamp) -> CivilDate {
    let local = moment.seconds + Int64(offsetSeconds(at: moment))
    return CivilDate(dayNumber: Int(floorDivide(local, 86_400)))
  }

  /// Local wall-clock hour (0–23) and minute (0–59) of a moment.
  package func clock(of moment: Timestamp) -> (hour: Int, minute: Int) {
    let local = moment.seconds + Int64(offsetSeconds(at: moment))
    let second = Int(local - floorDivide(local, 86_400) * 86_400)
    return (second / 3600, second / 60 % 60)
  }

  /// Seconds east of UTC at a moment.
  package func offsetSeconds(at moment: Timestamp) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.seconds)))
  }

  /// The first moment of a local day; the first valid one where clocks skip midnight.
  private func startOfDay(_ date: CivilDate) -> Timestamp {
    let utcMidnight = Timestamp(seconds: Int64(date.dayNumber) * 86_400)
    // The offset at the answer decides; both sides of a transition near it are tried.
    let offsets = [-86_400, 0, 86_400].map {
      offsetSeconds(at: utcMidnight.advanced(bySeconds: Int64($0)))
    }
    let candidates = offsets.map { utcMidnight.advanced(bySeconds: Int64(-$0)) }
      .filter { self.date(of: $0) == date }
    if let first = candidates.min(),
      self.date(of: first.advanced(bySeconds: -1)) < date
    {
      return first
    }
    return firstMoment(of: date, near: utcMidnight)
  }

  /// Bisects for the first second of a day whose midnight does not exist.
  private func firstMoment(of date: CivilDate, near utcMidnight: Timestamp) -> Timestamp {
    var before = utcMidnight.seconds - 2 * 86_400
    var inside = utcMidnight.seconds + 2 * 86_400
    while inside - before > 1 {
      let middle = before + (inside - before) / 2
      if self.date(of: Timestamp(seconds: middle)) < date {
        before = middle
      } else {
        inside = middle
      }
    }
    return Timestamp(seconds: inside)
  }
}
