package import DaybreakCore
import Foundation

/// Judges one night of one tenant against its history.
///
/// A pure function: no clock, no I/O.
/// The expected rate of a service at a minute comes from its history by hour of the week (two weeks
/// or more) or hour of the day (`BaselineOptions.minimumHistory` nights or more). What is observed at
/// 1, 5 and 30 minutes (5, 30, 120 and 480 for silence) is held against a negative-binomial law with
/// the dispersion of that service at that scale. What counts as an anomaly is set by the probability
/// of one false alarm a night over everything tested (Bonferroni, since tails fitted to history are
/// not exact enough for Benjamini–Hochberg to hold its promise), and by history's own extremes where
/// they reach further. Neighbouring minutes are one event.
///
/// - Parameters:
///   - tonight: counts of the night; a service of the history that is not among them logged nothing.
///   - history: covered nights before `window`; see `ServiceHistory` for what must be in it.
///   - window: the night.
///   - calendar: the zone in which hours recur.
///   - tenant: whose night it is.
///   - missing: minutes (indices) of the night that were not read: no silence is seen in them.
///   - options: how strict to be.
/// - Returns: what is normal and what is not, service by service, and the incidents.
package func assessNight(
  _ tonight: [ServiceMinutes], history: [ServiceHistory], window: TimeWindow,
  calendar: NightCalendar, tenant: TenantName, missing: [Range<Int>] = [],
  options: BaselineOptions = BaselineOptions()
) -> NightAssessment {
  let counts = Dictionary(
    tonight.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
  let past = Dictionary(
    history.map { ($0.identity, sinceBirth($0)) }, uniquingKeysWith: { first, _ in first })
  let identities = Set(counts.keys).union(past.keys).sorted()
  let judged = identities.count { (past[$0]?.nights.count ?? 0) >= options.minimumHistory }
  // Every minute of every service is tested for three metrics.
  let tests = Double(max(judged, 1) * 3 * max(window.minuteCount, 1))
  let night = NightFrame(
    window: window, clocks: ClockCache(calendar), missing: missing, options: options,
    floor: log(tests / options.falseAlarmProbability))
  let services = identities.map { identity in
    night.assess(
      counts[identity] ?? ServiceMinutes(identity: identity, window: window),
      history: past[identity]?.nights ?? [])
  }
  return NightAssessment(
    services: services, incidents: incidents(from: services.flatMap(\.events), tenant: tenant))
}

/// Leaves out silent nights before a service's first event.
private func sinceBirth(_ history: ServiceHistory) -> ServiceHistory {
  let nights = history.nights.drop { night in night.minuteTotals.allSatisfy { $0 == 0 } }
  return ServiceHistory(identity: history.identity, nights: Array(nights))
}

/// The local clocks of nights, each made once.
private final class ClockCache {
  private let calendar: NightCalendar
  private var clocks: [TimeWindow: NightClock] = [:]

  init(_ calendar: NightCalendar) { self.calendar = calendar }

  func clock(of window: TimeWindow) -> NightClock {
    if let clock = clocks[window] { return clock }
    let clock = NightClock(window: window, calendar: calendar)
    clocks[window] = clock
    return clock
  }
}

/// What all services of one night share.
private struct NightFrame {
  let window: TimeWindow
  let clocks: ClockCache
  let missing: [Range<Int>]
  let options: BaselineOptions
  let floor: Double

  func assess(_ tonight: ServiceMinutes, history: [NightCounts]) -> ServiceAssessment {
    var assessment = ServiceAssessment(
      identity: tonight.identity,
      state: .learning(nights: history.count, needed: options.minimumHistory),
      baseline: summaryRow(tonight.identity, history), errorBand: [], volumeBand: [], events: [])
    guard history.count >= options.minimumHistory else { return assessment }
    let usesWeekdays = history.count >= 14
    assessment.state =
      usesWeekdays ? .hourOfWeek(nights: history.count) : .hourOfDay(nights: history.count)
    let counts = NightCounts(
      date: history[0].date, window: window, minutes: tonight.minutes, missing: missing)
    let errors = MetricModel(
      nights: history.map { series($0, \.minuteErrors) }, tonight: series(counts, \.minuteErrors),
      usesWeekdays: usesWeekdays)
    let volume = MetricModel(
      nights: history.map { series($0, \.minuteTotals) }, tonight: series(counts, \.minuteTotals),
      usesWeekdays: usesWeekdays)
    assessment.errorBand = band(errors)
    assessment.volumeBand = band(volume)
    assessment.events = anomalies(
      of: tonight.identity, errors: errors, volume: volume, window: window, floor: floor)
    return assessment
  }

  private func series(_ night: NightCounts, _ metric: KeyPath<NightCounts, [UInt32]>)
    -> NightSeries
  {
    NightSeries(
      clock: clocks.clock(of: night.window), counts: night[keyPath: metric], missing: night.missing)
  }

  /// The expected band of each hour: two standard deviations to either side.
  private func band(_ model: MetricModel) -> [ExpectedHour] {
    let scatter = model.scatter(scale: 60, .above, floor: floor)
    return (0..<window.hourCount).map { hour in
      let range = (hour * 60)..<min(hour * 60 + 60, model.expected.count)
      let expected = model.hasEvents ? model.expectedSum(range) : 0
      guard expected > 0 else { return ExpectedHour(expected: 0, low: 0, high: 0) }
      let reach = 2 * scatter.distribution(mean: expected).standardDeviation
      return ExpectedHour(
        expected: expected, low: max(0, expected - reach), high: expected + reach)
    }
  }

  /// The row the store keeps: plain means and a percentile, incidents and all.
  private func summaryRow(_ identity: ServiceIdentity, _ history: [NightCounts])
    -> ServiceBaseline?
  {
    guard let first = history.first, let last = history.last else { return nil }
    // Error counts of a minute are small: count how often each occurs instead of sorting them.
    var occurrences = [Int](repeating: 0, count: 1025)
    var minutes = 0
    var errors = 0.0
    var events = 0.0
    for night in history {
      for minute in night.minuteErrors.indices
      where !night.missing.contains(where: { $0.contains(minute) }) {
        minutes += 1
        errors += Double(night.minuteErrors[minute])
        events += Double(night.minuteTotals[minute])
        occurrences[min(Int(night.minuteErrors[minute]), 1024)] += 1
      }
    }
    guard minutes > 0 else { return nil }
    var below = 0
    let percentile = occurrences.firstIndex { count in
      below += count
      return Double(below) >= 0.95 * Double(minutes)
    }
    return ServiceBaseline(
      identity: identity, window: TimeWindow(start: first.window.start, end: last.window.end),
      averageLogRate: events / Double(minutes), averageErrorRate: errors / Double(minutes),
      p95ErrorRate: Double(percentile ?? 0))
  }
}
