import DaybreakCore

/// Which way from the expected value an anomaly lies.
enum Direction {
  case above
  case below
}

/// How one metric of one service scatters around its profile, at one length of window.
struct ScaleModel {
  /// Window length in minutes.
  let scale: Int
  /// Minutes from one window to the next.
  let step: Int
  /// Variance beyond Poisson's, as a share of the squared mean.
  let dispersion: Double
  /// The least −ln p that counts as an anomaly.
  let threshold: Double

  func distribution(mean: Double) -> NegativeBinomial {
    NegativeBinomial(mean: mean, dispersion: dispersion)
  }

  /// −ln of the probability of `count` or more extreme; nil where that is clearly ordinary, which is
  /// cheaper to see.
  func score(_ count: Double, mean: Double, _ direction: Direction) -> Double? {
    let distance = direction == .above ? count - mean : mean - count
    let variance = mean + dispersion * mean * mean
    guard distance > 0 else { return nil }
    switch direction {
    case .above:
      guard distance * distance > 9 * variance else { return nil }
      return -distribution(mean: mean).logUpperTail(count)
    case .below:
      // A lower tail is short, so that deviations say little; what is no silence is passed over.
      guard mean >= Impact.silentLines, count <= 1.5 * Impact.silenceFactor * mean else {
        return nil
      }
      return -distribution(mean: mean).logLowerTail(count)
    }
  }

  /// Every window of a night.
  func windows(in minuteCount: Int) -> StrideThrough<Int> {
    stride(from: 0, through: minuteCount - scale, by: step)
  }
}

/// A past night beside what the profile expects of it.
struct FittedNight {
  let series: NightSeries
  let expectedSums: [Double]
}

/// Learns the scatter of a metric at one window length from its own history.
///
/// - Parameters:
///   - nights: past nights with their expected values.
///   - scale: window length in minutes.
///   - direction: which tail the threshold is for.
///   - floor: the threshold that the false-alarm probability asks for.
///   - nightsPerRate: from how many nights each rate of the profile was made.
/// - Returns: the model; its threshold is raised where history's own extremes reach higher, so that a
///   metric that scatters more than a negative binomial calibrates itself.
func scaleModel(
  _ nights: [FittedNight], scale: Int, direction: Direction, floor: Double,
  nightsPerRate: Double
) -> ScaleModel {
  let step = scale <= 5 ? 1 : scale / 6
  let dispersion = dispersion(of: nights, scale: scale, nightsPerRate: nightsPerRate)
  let rough = ScaleModel(scale: scale, step: step, dispersion: dispersion, threshold: floor)
  let maxima = nights.map { highestScore(of: $0, model: rough, direction) }
  return ScaleModel(
    scale: scale, step: step, dispersion: dispersion,
    threshold: max(floor, calibratedThreshold(maxima)))
}

/// Estimates the dispersion by moments over windows that do not overlap, with outliers clipped.
///
/// For each window (x − m)² − m estimates dispersion · m²; the sum over windows is divided by the sum
/// of m². Three rounds clip x at six standard deviations of the round before, so that past incidents
/// do not make the metric look wild. Two expected-event squares of prior at 0.3 steady short
/// histories. A rate made from k nights fits those nights too well by about 1/k and misses the next
/// by about 1/k, hence 1 + 2/k; what the profile owes to small counts is added.
private func dispersion(of nights: [FittedNight], scale: Int, nightsPerRate: Double) -> Double {
  let priorWeight = 2.0
  var estimate = 0.3
  var events = 0.0
  for _ in 0..<3 {
    var numerator = estimate > 0 ? 0.3 * priorWeight : 0
    var denominator = priorWeight
    events = 0
    for night in nights {
      let count = night.series.counts.count
      for start in stride(from: 0, through: count - scale, by: scale)
      where night.series.wasRead(start..<start + scale) {
        let mean = night.expectedSums[start + scale] - night.expectedSums[start]
        let limit = mean + 6 * (mean + estimate * mean * mean).squareRoot() + 3
        let observed = min(night.series.sum(start..<start + scale), limit)
        numerator += square(observed - mean) - mean
        denominator += square(mean)
        events += mean
      }
    }
    estimate = min(max(numerator / denominator, 0.001), 20)
  }
  return estimate * (1 + 2 / nightsPerRate) + 1 / (20 + events / 24)
}

private func highestScore(of night: FittedNight, model: ScaleModel, _ direction: Direction)
  -> Double
{
  // What the screen passes over scores less than this.
  var highest = direction == .above ? 5.0 : 1.0
  for start in model.windows(in: night.series.counts.count) {
    let range = start..<start + model.scale
    let mean = night.expectedSums[range.upperBound] - night.expectedSums[range.lowerBound]
    guard let score = model.score(night.series.sum(range), mean: mean, direction),
      score > highest, night.series.wasRead(range)
    else { continue }
    highest = score
  }
  return highest
}

/// The threshold that one night in about a thousand would reach by chance, judging by the highest
/// score of each past night.
///
/// Extremes of many windows follow a Gumbel law; its place and width come from the quartiles, which
/// one incident in four nights does not move. A margin over the highest night, those that may be
/// incidents left out (one in seven), guards against short histories.
private func calibratedThreshold(_ maxima: [Double]) -> Double {
  let sorted = maxima.sorted()
  let count = sorted.count
  guard count >= 2 else { return 0 }
  let leftOut = count >= 4 ? max(1, count / 7) : 0
  let ranked = sorted[count - 1 - leftOut]
  guard count >= 7 else { return 1.5 * ranked }
  // Gumbel quantiles: −ln(−ln p) is 1.2459, 0.3665 and −0.3266 at 3/4, 1/2 and 1/4.
  let width = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.5725
  let place = quantile(sorted, 0.5) - 0.3665 * width
  return max(place + 6.9 * width, 1.3 * ranked)
}
