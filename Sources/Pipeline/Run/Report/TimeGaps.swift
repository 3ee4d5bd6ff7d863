internal import DaybreakCore
internal import Rendering

/// Finds stretches of a night in which no service wrote a line although many were to be expected: what
/// a source leaves out without failing.
struct TimeGaps {
  /// Shorter stretches happen.
  private static let leastMinutes = 15
  /// How many lines the lower edge of the band must promise for the stretch: of 20 expected by chance, none
  /// comes once in half a billion nights.
  private static let leastExpected = 20.0

  let window: TimeWindow
  let services: [ServiceMinutes]
  /// Expected events of all services by hour of the window; empty while learning.
  let band: [ExpectedHour]

  /// The gaps, in order of time.
  var gaps: [Gap] {
    guard !band.isEmpty else { return [] }
    var totals = [Int64](repeating: 0, count: window.minuteCount)
    for service in services {
      for (minute, counts) in service.minutes.enumerated() where minute < totals.count {
        totals[minute] += counts.total
      }
    }
    var gaps: [Gap] = []
    var start = 0
    for minute in 0...totals.count where minute == totals.count || totals[minute] > 0 {
      if let gap = gap(start..<minute) { gaps.append(gap) }
      start = minute + 1
    }
    return gaps
  }

  private func gap(_ minutes: Range<Int>) -> Gap? {
    guard minutes.count >= Self.leastMinutes else { return nil }
    let expected = minutes.reduce(0.0) { sum, minute in
      band.indices.contains(minute / 60) ? sum + band[minute / 60].low / 60 : sum
    }
    guard expected >= Self.leastExpected else { return nil }
    let from = window.start.advanced(bySeconds: Int64(minutes.lowerBound) * 60)
    let to = window.start.advanced(bySeconds: Int64(minutes.upperBound) * 60)
    return Gap(
      span: TimeWindow(start: from, end: min(to, window.end)),
      reason: "no line where \(Int(expected)) or more were expected")
  }
}
