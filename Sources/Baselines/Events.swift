import DaybreakCore
import Foundation

/// The least excess that is worth a person's morning, whatever its probability.
enum Impact {
  /// Errors beyond the expected, over an event.
  static let errors = 5.0
  /// Lines beyond the expected, over an event.
  static let lines = 50.0
  /// Observed to expected, for spikes.
  static let factor = 2.0
  /// Observed to expected, for silence.
  static let silenceFactor = 0.2
  /// Lines that were expected and did not come, for silence.
  static let silentLines = 10.0
}

/// Finds the anomalies of one service tonight.
///
/// - Parameters:
///   - identity: the service.
///   - errors: its errors.
///   - volume: all its events.
///   - window: the night.
///   - floor: the threshold that the false-alarm probability asks for, as −ln p.
/// - Returns: events by start, then metric.
func anomalies(
  of identity: ServiceIdentity, errors: MetricModel, volume: MetricModel, window: TimeWindow,
  floor: Double
) -> [AnomalyEvent] {
  let spikeScales = [1, 5, 30]
  let silenceScales = [5, 30, 120, 480]
  var events: [AnomalyEvent] = []
  for finding in findings(in: errors, scales: spikeScales, direction: .above, floor: floor) {
    let excess = errors.tonight.sum(finding.range) - errors.expectedSum(finding.range)
    guard excess >= Impact.errors, reaches(Impact.factor, finding.range, errors) else { continue }
    events.append(event(.errorRate, finding, of: identity, errors, window))
  }
  for finding in findings(in: volume, scales: spikeScales, direction: .above, floor: floor) {
    let excess = volume.tonight.sum(finding.range) - volume.expectedSum(finding.range)
    let excessErrors = errors.tonight.sum(finding.range) - errors.expectedSum(finding.range)
    // Where errors make up most of the excess, the rate of errors says it already.
    let isToldByErrors =
      excessErrors >= excess / 2
      && events.contains { $0.metric == .errorRate && overlaps($0, finding.range, window) }
    guard excess >= Impact.lines, reaches(Impact.factor, finding.range, volume), !isToldByErrors
    else { continue }
    events.append(event(.logVolume, finding, of: identity, volume, window))
  }
  for finding in findings(in: volume, scales: silenceScales, direction: .below, floor: floor) {
    let expected = volume.expectedSum(finding.range)
    let observed = volume.tonight.sum(finding.range)
    guard expected - observed >= Impact.silentLines, observed <= Impact.silenceFactor * expected
    else { continue }
    events.append(event(.silence, finding, of: identity, volume, window))
  }
  return events.sorted(by: precedes)
}

private func reaches(_ factor: Double, _ range: Range<Int>, _ model: MetricModel) -> Bool {
  model.tonight.sum(range) >= factor * model.expectedSum(range)
}

private func overlaps(_ event: AnomalyEvent, _ range: Range<Int>, _ window: TimeWindow) -> Bool {
  event.start < moment(range.upperBound, window) && moment(range.lowerBound, window) < event.end
}

private func moment(_ minute: Int, _ window: TimeWindow) -> Timestamp {
  window.start.advanced(bySeconds: Int64(minute) * 60)
}

/// Makes the event of a finding.
private func event(
  _ metric: AnomalyEvent.Metric, _ finding: Finding, of identity: ServiceIdentity,
  _ model: MetricModel, _ window: TimeWindow
) -> AnomalyEvent {
  let range = finding.range
  let minutes = Double(range.count)
  let observed = model.tonight.sum(range) / minutes
  let expected = model.hasEvents ? model.expectedSum(range) / minutes : 0
  let sign = metric == .silence ? -1.0 : 1.0
  let peak =
    range.max { left, right in
      sign * (Double(model.tonight.counts[left]) - model.expected[left])
        < sign * (Double(model.tonight.counts[right]) - model.expected[right])
    } ?? range.lowerBound
  let nights = model.nights.count
  return AnomalyEvent(
    identity: identity, metric: metric, start: moment(range.lowerBound, window),
    end: min(moment(range.upperBound, window), window.end), peak: moment(peak, window),
    expected: expected, observed: observed,
    peakObserved: Double(model.tonight.counts[peak]),
    deviationFactor: model.hasEvents ? observed / expected : nil,
    deviationNote: model.hasEvents
      ? nil : "none in \(nights) \(nights == 1 ? "night" : "nights") of history",
    logProbability: finding.logProbability,
    severity: severity(
      metric, logProbability: finding.logProbability,
      excess: abs(observed - expected) * minutes,
      factor: model.hasEvents ? observed / expected : nil, minutes: range.count))
}

/// How much an anomaly matters: points for improbability and for impact.
///
/// | points | for |
/// | --- | --- |
/// | 1, 2 | probability under 10⁻¹², 10⁻³⁰ |
/// | 1, 2 | 50, 500 errors (or 500, 5000 lines) beyond the expected, or short of it |
/// | 1 | ten times the expected or more, nothing at all where something was due, or no baseline |
/// | 1 | a quarter of an hour or more |
///
/// 0–1 is LOW, 2–3 MEDIUM, 4 HIGH, 5–6 CRITICAL; volume and silence, which may be harmless, end at
/// HIGH.
func severity(
  _ metric: AnomalyEvent.Metric, logProbability: Double, excess: Double, factor: Double?,
  minutes: Int
) -> Severity {
  let digits = -logProbability / log(10)
  let unit = metric == .errorRate ? 1.0 : 10.0
  var points = digits >= 30 ? 2 : digits >= 12 ? 1 : 0
  points += excess >= 500 * unit ? 2 : excess >= 50 * unit ? 1 : 0
  let isExtreme = factor.map { metric == .silence ? $0 == 0 : $0 >= 10 } ?? true
  points += isExtreme ? 1 : 0
  points += minutes >= 15 ? 1 : 0
  let severity: Severity =
    switch points {
    case ...1: .low
    case 2...3: .medium
    case 4: .high
    default: .critical
    }
  return metric == .errorRate ? severity : min(severity, .high)
}
