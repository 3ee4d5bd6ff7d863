import DaybreakCore
import Foundation

/// One metric of one service: its past, its profile, and tonight.
struct MetricModel {
  let nights: [NightSeries]
  let fitted: [FittedNight]
  let tonight: NightSeries
  /// Expected events in each minute of tonight.
  let expected: [Double]
  let expectedSums: [Double]
  /// Whether the history holds any event at all.
  let hasEvents: Bool
  /// From how many nights each rate of the profile was made.
  let nightsPerRate: Double

  init(nights: [NightSeries], tonight: NightSeries, usesWeekdays: Bool) {
    let profile = Profile(nights: nights, usesWeekdays: usesWeekdays)
    self.nights = nights
    self.tonight = tonight
    fitted = nights.map { night in
      FittedNight(series: night, expectedSums: runningSums(profile.expected(on: night.clock)))
    }
    expected = profile.expected(on: tonight.clock)
    expectedSums = runningSums(expected)
    nightsPerRate = max(1, Double(nights.count) / (usesWeekdays ? 7 : 1))
    hasEvents = nights.contains { $0.total > 0 }
  }

  func scatter(scale: Int, _ direction: Direction, floor: Double) -> ScaleModel {
    scaleModel(
      fitted, scale: scale, direction: direction, floor: floor, nightsPerRate: nightsPerRate)
  }

  func expectedSum(_ range: Range<Int>) -> Double {
    expectedSums[range.upperBound] - expectedSums[range.lowerBound]
  }
}

/// A run of minutes that stands out, before it becomes an event.
struct Finding {
  var range: Range<Int>
  /// ln of the probability of its least probable window.
  var logProbability: Double
}

/// Finds runs of minutes that the model makes improbable.
///
/// - Parameters:
///   - model: one metric of one service.
///   - scales: window lengths in minutes.
///   - direction: which tail.
///   - floor: the threshold that the false-alarm probability asks for.
/// - Returns: runs by start, more than ten minutes apart, each cut to where it really began and ended.
func findings(
  in model: MetricModel, scales: [Int], direction: Direction, floor: Double
) -> [Finding] {
  var windows: [Finding] = []
  for scale in scales where scale <= model.expected.count {
    let scatter = model.scatter(scale: scale, direction, floor: floor)
    for start in scatter.windows(in: model.expected.count) {
      let range = start..<start + scale
      let count = model.tonight.sum(range)
      guard
        let score = scatter.score(count, mean: model.expectedSum(range), direction),
        score > scatter.threshold, model.tonight.wasRead(range),
        !recurs(count, in: range, of: model, direction)
      else { continue }
      windows.append(Finding(range: range, logProbability: -score))
    }
  }
  return merged(windows.sorted { $0.range.lowerBound < $1.range.lowerBound }).map { finding in
    Finding(
      range: extent(of: finding.range, in: model, direction),
      logProbability: finding.logProbability)
  }
}

/// Tells whether the same happened at the same time of day before: at least two past nights went
/// (nearly) as far within three minutes of this window's place on the clock.
///
/// That is how jobs that run at night, weekly or a little late are told from incidents; two nights
/// and not one, because the past has incidents too.
private func recurs(
  _ count: Double, in range: Range<Int>, of model: MetricModel, _ direction: Direction
)
  -> Bool
{
  let slot = model.tonight.clock.slots[range.lowerBound]
  let extremes = model.nights.compactMap { night -> Double? in
    let place = night.clock.minuteOfSlot[slot]
    guard place >= 0 else { return nil }
    let starts = max(0, place - 3)...max(0, place + 3)
    let sums = starts.compactMap { start -> Double? in
      let window = start..<start + range.count
      return window.upperBound <= night.counts.count && night.wasRead(window)
        ? night.sum(window) : nil
    }
    return direction == .above ? sums.max() : sums.min()
  }.sorted(by: direction == .above ? (>) : (<))
  guard extremes.count >= 3 else { return false }
  return direction == .above ? count <= 1.5 * extremes[1] : count >= 0.67 * extremes[1]
}

/// Joins windows that overlap or lie at most ten minutes apart; `windows` is sorted by start.
private func merged(_ windows: [Finding]) -> [Finding] {
  var runs: [Finding] = []
  for window in windows {
    guard let last = runs.last,
      window.range.lowerBound <= last.range.upperBound + incidentGapMinutes
    else {
      runs.append(window)
      continue
    }
    runs[runs.count - 1] = Finding(
      range: last.range.lowerBound..<max(last.range.upperBound, window.range.upperBound),
      logProbability: min(last.logProbability, window.logProbability))
  }
  return runs
}

/// Where a run really began and ended: the stretch with the greatest likelihood of a changed rate.
///
/// A window of 30 minutes that stands out may owe it to its last five. With r the ratio of observed
/// to expected, a minute adds x ln r − m (r − 1) to the Poisson log-likelihood ratio of "rate times
/// r" against "as expected" (Kulldorff's scan statistic); the stretch with the greatest sum is found
/// in one pass (Kadane).
private func extent(of range: Range<Int>, in model: MetricModel, _ direction: Direction) -> Range<
  Int
> {
  let reach = max(0, range.lowerBound - 15)..<min(model.expected.count, range.upperBound + 15)
  let ratio = model.tonight.sum(range) / max(model.expectedSum(range), 1e-9)
  let factor = direction == .above ? min(max(ratio, 1.5), 1000) : min(max(ratio, 0.05), 0.5)
  var best = range
  var bestSum = -Double.infinity
  var start = reach.lowerBound
  var sum = 0.0
  for minute in reach {
    if sum <= 0 {
      sum = 0
      start = minute
    }
    sum +=
      Double(model.tonight.counts[minute]) * log(factor) - model.expected[minute] * (factor - 1)
    if sum > bestSum {
      bestSum = sum
      best = start..<minute + 1
    }
  }
  return best
}
