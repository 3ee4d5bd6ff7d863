/// What one service logged in one night of the past that was read in full or in part.
///
/// A night that no run covered has no `NightCounts`; a covered night in which the service was silent
/// has one full of zeros. That is how missing data is told apart from zero.
package struct NightCounts: Hashable, Sendable {
  package var date: CivilDate
  /// The night's range; `window.minuteCount` is the length of both arrays.
  package var window: TimeWindow
  /// Events at ERROR or above by minute of the window.
  package var minuteErrors: [UInt32]
  /// All events by minute of the window.
  package var minuteTotals: [UInt32]
  /// Minutes (indices) that were not read: a gap in the source, known to be no zero.
  package var missing: [Range<Int>]

  /// Makes a night; both arrays must have `window.minuteCount` entries.
  package init(
    date: CivilDate, window: TimeWindow, minuteErrors: [UInt32], minuteTotals: [UInt32],
    missing: [Range<Int>] = []
  ) {
    precondition(
      minuteErrors.count == window.minuteCount && minuteTotals.count == window.minuteCount,
      "a night's counts do not have one entry a minute")
    self.date = date
    self.window = window
    self.minuteErrors = minuteErrors
    self.minuteTotals = minuteTotals
    self.missing = missing
  }

  /// Makes a night from counts by level.
  package init(
    date: CivilDate, window: TimeWindow, minutes: [LevelCounts], missing: [Range<Int>] = []
  ) {
    self.init(
      date: date, window: window,
      minuteErrors: minutes.map { UInt32(clamping: $0.errors) },
      minuteTotals: minutes.map { UInt32(clamping: $0.total) }, missing: missing)
  }

  /// Makes a covered night in which the service logged nothing.
  package static func silent(date: CivilDate, window: TimeWindow) -> NightCounts {
    let zeros = [UInt32](repeating: 0, count: window.minuteCount)
    return NightCounts(date: date, window: window, minuteErrors: zeros, minuteTotals: zeros)
  }
}

/// What one service logged on the covered nights of the past.
package struct ServiceHistory: Hashable, Sendable {
  package var identity: ServiceIdentity
  /// One entry for every night of the history that was covered, oldest first.
  ///
  /// A covered night in which the service was silent is there with zeros. Silent nights before its
  /// first event are taken as "not yet born" and not as silence.
  package var nights: [NightCounts]

  package init(identity: ServiceIdentity, nights: [NightCounts]) {
    self.identity = identity
    self.nights = nights.sorted { $0.date < $1.date }
  }
}

/// What the baseline expects of one hour of a night, for charts.
package struct ExpectedHour: Hashable, Sendable, Codable {
  /// Expected events in the hour.
  package var expected: Double
  /// Lower edge of the band that holds about 95 of 100 normal hours; never below 0.
  package var low: Double
  /// Upper edge of that band.
  package var high: Double

  package init(expected: Double, low: Double, high: Double) {
    self.expected = expected
    self.low = low
    self.high = high
  }
}

/// How much the baseline of a service knows.
package enum BaselineState: Hashable, Sendable, Codable {
  /// Too little history: nothing is called an anomaly, and the report says so.
  case learning(nights: Int, needed: Int)
  /// Expected values by hour of the day.
  case hourOfDay(nights: Int)
  /// Expected values by hour of the week: two weeks or more were seen.
  case hourOfWeek(nights: Int)

  /// Whether there is too little history to judge.
  package var isLearning: Bool {
    if case .learning = self { true } else { false }
  }

  /// How many nights it was made from.
  package var nights: Int {
    switch self {
    case .learning(let nights, _), .hourOfDay(let nights), .hourOfWeek(let nights): nights
    }
  }
}
