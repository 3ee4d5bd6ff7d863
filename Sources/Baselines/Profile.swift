import DaybreakCore

/// What one metric of one service is expected to do at each minute of a day.
///
/// Rates by hour of the day, or of the week from two weeks of history on; robust against past
/// incidents, drawn towards the coarser rate where events are few, scaled to the level of the last
/// nights, and with minutes that burst night after night held apart.
struct Profile {
  /// Expected events a minute by weekday (0 for Monday) and hour.
  private(set) var hourly: [[Double]]
  /// Expected events in minutes of the day that burst every night (cron); 0 for the others.
  private(set) var recurring: [Double]
  /// How far the last nights lie above or below the rest of the history.
  private(set) var level = 1.0
  /// The lowest rate that is believed: half an event in all of the history.
  let floorRate: Double

  /// How many expected events of the coarser rate each finer one starts with.
  ///
  /// Measured on generated
  /// series to be about right at 20.
  private static let priorEvents = 20.0

  /// Learns from nights, oldest first; at least one.
  init(nights: [NightSeries], usesWeekdays: Bool) {
    let minutes = nights.reduce(0) { $0 + $1.counts.count }
    floorRate = 0.5 / Double(max(minutes, 1))
    let noMinutes = [Double](repeating: 0, count: 1440)
    let rough = HourTotals.all(nights, leavingOut: noMinutes)
    recurring = Profile.recurringMinutes(nights, totals: rough)
    let totals = HourTotals.all(nights, leavingOut: recurring)
    let daily = Profile.dailyRates(totals, floorRate: floorRate)
    hourly = [[Double]](repeating: daily, count: 7)
    if usesWeekdays {
      hourly = (0..<7).map { weekday in
        Profile.weekdayRates(weekday, nights: nights, totals: totals, daily: daily)
      }
    }
    level = recentLevel(nights.suffix(3))
  }

  /// Expected events in each minute of a night.
  func expected(on clock: NightClock) -> [Double] {
    let hours = hourly[clock.weekday]
    return clock.slots.map { slot in
      max(level * (recurring[slot] > 0 ? recurring[slot] : hours[slot / 60]), floorRate)
    }
  }

  /// Rates by hour of the day: a winsorised mean over nights, shrunk towards the flat rate.
  private static func dailyRates(_ totals: [HourTotals], floorRate: Double) -> [Double] {
    let robust = (0..<24).map { hour in
      winsorizedRate(totals.filter { $0.minutes[hour] > 0 }.map { $0.rate(hour) })
    }
    let flat = max(robust.reduce(0, +) / 24, floorRate)
    return (0..<24).map { hour in
      let minutes = totals.reduce(0) { $0 + $1.minutes[hour] }
      return (robust[hour] * minutes + priorEvents) / (minutes + priorEvents / flat)
    }
  }

  /// Rates by hour of one weekday, shrunk towards the daily rates at that weekday's level.
  private static func weekdayRates(
    _ weekday: Int, nights: [NightSeries], totals: [HourTotals], daily: [Double]
  ) -> [Double] {
    let own = zip(nights, totals).filter { $0.0.clock.weekday == weekday }.map(\.1)
    guard !own.isEmpty else { return daily }
    // A past incident on a weekday seen twice would pass a median: cap each hour by the daily rate.
    let capped = own.map { night in
      (0..<24).map { hour in
        let usual = daily[hour] * night.minutes[hour]
        return min(night.events[hour], 2 * usual + 4 * max(usual, 1).squareRoot())
      }
    }
    let expected = own.reduce(0) { sum, night in
      sum + (0..<24).reduce(0) { $0 + daily[$1] * night.minutes[$1] }
    }
    let observed = capped.reduce(0) { $0 + $1.reduce(0, +) }
    let weekdayLevel = (observed + priorEvents) / (expected + priorEvents)
    return (0..<24).map { hour in
      let prior = daily[hour] * weekdayLevel
      let minutes = own.reduce(0) { $0 + $1.minutes[hour] }
      let events = capped.reduce(0) { $0 + $1[hour] }
      return (events + priorEvents) / (minutes + priorEvents / max(prior, 1e-9))
    }
  }

  /// The mean of hourly counts with what lies beyond three spreads of the median moved there.
  ///
  /// The spread is at least Poisson's, so that the mean of small counts is not cut to their median 0.
  private static func winsorizedRate(_ rates: [Double]) -> Double {
    guard !rates.isEmpty else { return 0 }
    let hourly = rates.map { $0 * 60 }
    let middle = median(hourly)
    let deviation = 1.4826 * median(hourly.map { abs($0 - middle) })
    let reach = 3 * max(deviation, max(middle, 1).squareRoot())
    let clamped = hourly.map { min(max($0, middle - reach), middle + reach) }
    return clamped.reduce(0, +) / Double(clamped.count) / 60
  }

  /// Minutes of the day that stand far above their hour on most nights.
  private static func recurringMinutes(_ nights: [NightSeries], totals: [HourTotals]) -> [Double] {
    var recurring = [Double](repeating: 0, count: 1440)
    guard nights.count >= 3 else { return recurring }
    let needed = max(3, (nights.count * 3 + 4) / 5)
    var hits = [Int](repeating: 0, count: 1440)
    for (night, total) in zip(nights, totals) {
      let bars = (0..<24).map { 3 * total.rate($0) + 3 }
      for (minute, slot) in night.clock.slots.enumerated()
      where Double(night.counts[minute]) > bars[slot / 60] {
        hits[slot] += 1
      }
    }
    for slot in 0..<1440 where hits[slot] >= needed {
      recurring[slot] = median(
        nights.compactMap { night in
          let minute = night.clock.minuteOfSlot[slot]
          return minute < 0 ? nil : Double(night.counts[minute])
        })
    }
    return recurring
  }

  /// The median ratio of the last nights to what the profile expects of them, so that a change of
  /// level is news once and normal after two nights.
  private func recentLevel(_ nights: ArraySlice<NightSeries>) -> Double {
    let ratios = nights.map { night in
      let expected = expected(on: night.clock).reduce(0, +)
      return (night.total + Profile.priorEvents) / (expected + Profile.priorEvents)
    }
    return ratios.isEmpty ? 1 : min(max(median(ratios), 0.25), 4)
  }
}

/// Events and read minutes of one night by hour of the local day.
struct HourTotals {
  var events = [Double](repeating: 0, count: 24)
  var minutes = [Double](repeating: 0, count: 24)

  /// Events a minute in an hour; 0 where none of it was read.
  func rate(_ hour: Int) -> Double { minutes[hour] > 0 ? events[hour] / minutes[hour] : 0 }

  /// The totals of nights without the minutes of the day that are above 0 in `recurring`.
  static func all(_ nights: [NightSeries], leavingOut recurring: [Double]) -> [HourTotals] {
    nights.map { night in
      var totals = HourTotals()
      for (minute, slot) in night.clock.slots.enumerated()
      where recurring[slot] == 0 && night.wasRead(minute..<minute + 1) {
        totals.events[slot / 60] += Double(night.counts[minute])
        totals.minutes[slot / 60] += 1
      }
      return totals
    }
  }
}
