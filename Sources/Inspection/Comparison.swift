package import Clustering
internal import DaybreakCore

/// What became of a cluster from one input to another.
package enum Change: String, Sendable, CaseIterable {
  /// Only in the first input.
  case new
  /// Only in the other, and often enough there that its absence is no chance.
  case gone
  case more
  case less
  /// No change that is worth a look; also clusters of the other input that are too rare to be missed.
  case same
}

/// A cluster in two inputs.
package struct ComparedRow: Sendable {
  /// What the first input holds of it; counts are 0 where it holds nothing.
  package var now: SurveyRow
  /// What the other holds of it.
  package var before: SurveyRow
  package var change: Change
  /// How many times its share of events is what it was; nil where it was or is nothing.
  package var factor: Double?
}

/// Two inputs whose lines were clustered together, so that their templates agree.
package struct Comparison: Sendable {
  package var now: Survey
  package var before: Survey
  /// Every cluster, by change and within one the most telling first.
  package var rows: [ComparedRow]

  /// How many times share and rate must differ.
  package static let leastFactor = 2.0
  /// How many standard deviations of chance the counts must be apart.
  package static let leastDeviation = 4.0
  /// How many events must have been expected where none is.
  package static let leastMissed = 7.0

  /// Compares an input with another.
  ///
  /// - Parameters:
  ///   - now: what is judged.
  ///   - before: what it is compared with.
  ///   - filter: what is shown of them.
  /// - Throws: `ClusteringError` where they were counted in different ways.
  package init(
    _ now: CountedInput, with before: CountedInput, filter: SurveyFilter
  ) throws(ClusteringError) {
    let whole = try now.result.merged(with: before.result)
    let refinement = refinement(of: whole)
    let assigner = ClusterAssigner(result: whole, refinement: refinement)
    let tallies = (assigner.tallies(of: now.result), assigner.tallies(of: before.result))
    self.now = Survey(now, clusters: refinement.clusters, tallies: tallies.0, filter: filter)
    self.before = Survey(before, clusters: refinement.clusters, tallies: tallies.1, filter: filter)
    let scale = Scale(now: self.now, before: self.before)
    rows = Comparison.paired(self.now.rows, self.before.rows).map { pair in
      let (change, factor) = scale.judge(now: pair.now.count, before: pair.before.count)
      return ComparedRow(now: pair.now, before: pair.before, change: change, factor: factor)
    }.sorted(by: Comparison.isBefore)
  }

  /// The rows of a change.
  package func rows(of change: Change) -> [ComparedRow] { rows.filter { $0.change == change } }

  /// Puts together the rows of one cluster; where an input has none, one without events.
  private static func paired(
    _ now: [SurveyRow], _ before: [SurveyRow]
  ) -> [(now: SurveyRow, before: SurveyRow)] {
    struct Key: Hashable {
      let identity: ServiceIdentity
      let fingerprint: Fingerprint
    }
    func key(_ row: SurveyRow) -> Key { Key(identity: row.identity, fingerprint: row.fingerprint) }
    var rest = Dictionary(uniqueKeysWithValues: before.map { (key($0), $0) })
    var pairs = now.map { row in (row, rest.removeValue(forKey: key(row)) ?? row.withoutEvents) }
    pairs += rest.values.map { ($0.withoutEvents, $0) }
    return pairs
  }

  /// The order of rows: by change; new ones that are errors first; then the greatest counts.
  private static func isBefore(_ left: ComparedRow, _ right: ComparedRow) -> Bool {
    if left.change != right.change { return left.change.order < right.change.order }
    let (first, second) = (left.telling, right.telling)
    if left.change == .new || left.change == .gone, first.level.isError != second.level.isError {
      return first.level.isError
    }
    return SurveyRow.isBefore(first, second)
  }
}

extension Change {
  /// The place of the change in output.
  var order: Int { Change.allCases.firstIndex(of: self) ?? 0 }
}

extension ComparedRow {
  /// The side that says more: the one with more events.
  var telling: SurveyRow { before.count > now.count ? before : now }
}

extension SurveyRow {
  /// The row of an input that holds nothing of the cluster.
  fileprivate var withoutEvents: SurveyRow {
    var row = self
    row.count = 0
    row.lineCount = 0
    row.levels = LevelCounts()
    row.cells = []
    row.firstSeen = nil
    row.lastSeen = nil
    return row
  }
}

/// What two counts must be to differ.
///
/// A pattern is more or less when its share of all events and its rate (events an hour where both
/// inputs name times, else events) changed alike, at least twofold, and by more than chance: four
/// standard deviations of two Poisson counts after the square-root transform of Anscombe (1948), that
/// makes the deviation of a count 1/2 whatever its size.
struct Scale {
  /// All events of the first input for each of the other.
  private let events: Double
  /// The hours of the first input for each of the other; nil where one names no times.
  private let hours: Double?

  init(now: Survey, before: Survey) {
    events = Double(max(1, now.eventCount)) / Double(max(1, before.eventCount))
    hours = Scale.hours(of: now).flatMap { left in Scale.hours(of: before).map { left / $0 } }
  }

  /// From the first to the last event; nil for less than a minute, from which no rate follows.
  private static func hours(of survey: Survey) -> Double? {
    guard let span = survey.span else { return nil }
    let seconds = Double(span.last.seconds - span.first.seconds)
    return seconds < 60 ? nil : seconds / 3600
  }

  /// What became of a pattern, and by how much its share changed.
  func judge(now: Int64, before: Int64) -> (Change, factor: Double?) {
    let (left, right) = (Double(now), Double(before))
    if before == 0 { return (.new, nil) }
    if now == 0 { return (right * events >= Comparison.leastMissed ? .gone : .same, nil) }
    let share = left / right / events
    let rate = left / right / (hours ?? 1)
    let deviation =
      2 * ((left + 0.375).squareRoot() - ((right + 0.375) * events).squareRoot())
      / (1 + events).squareRoot()
    let least = Comparison.leastFactor
    if min(share, rate) >= least, deviation >= Comparison.leastDeviation { return (.more, share) }
    if max(share, rate) <= 1 / least, deviation <= -Comparison.leastDeviation {
      return (.less, share)
    }
    return (.same, share)
  }
}
