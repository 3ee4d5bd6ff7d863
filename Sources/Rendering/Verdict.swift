import DaybreakCore

/// What the night was, in one or two sentences; built by code and never by a model.
///
/// Kept in the store by the pipeline, so that the indexes can be drawn without the night's data.
package struct Verdict: Hashable, Sendable, Codable {
  /// What colour, icon and word the night gets, from worst to best.
  package enum Status: String, Hashable, Sendable, Codable, CaseIterable {
    case critical, high, medium, low
    /// Something is missing from the night, and nothing worse is known.
    case partial
    /// Too little history to judge.
    case learning
    /// No incident; something is new, escalating or back.
    case changed
    case quiet
  }

  package var status: Status
  /// `Thu 12 Mar 2026, 00:00–24:00 Europe/Berlin`.
  package var occasion: String
  /// `2 incidents, worst: checkout errors 02:10–03:05, …; 3 new error patterns, 1 gone`.
  ///
  /// Without the full stop. Text from outside in it is fit for display, but not escaped for any format.
  package var headline: String
  /// `1.00 M lines (+4 % against Wed, −2 % against last Thu)`.
  package var volume: String
  /// What is missing from the night, one clause each; any makes the verdict amber.
  package var gaps: [String]
  package var incidentCount: Int
  package var newErrorCount: Int
  package var lines: Int64

  /// Judges a night.
  package init(_ report: DayReport) {
    let newErrors = report.changes.new.count { $0.level.isError }
    occasion = Verdict.occasion(report)
    gaps = Verdict.gaps(report)
    volume = Verdict.volume(report)
    headline = Verdict.headline(report, newErrors: newErrors)
    status = Verdict.status(report, newErrors: newErrors, hasGaps: !gaps.isEmpty)
    incidentCount = report.incidents.count
    newErrorCount = newErrors
    lines = report.volume.lines
  }

  /// The whole verdict as text.
  package var text: String {
    let gapText = gaps.isEmpty ? "" : " Incomplete: " + gaps.joined(separator: "; ") + "."
    return "\(occasion): \(headline). \(volume).\(gapText)"
  }

  /// `2 incidents, 3 new`: for the subject of a mail and a cell of an index.
  package var shortText: String {
    var parts: [String] = []
    if incidentCount > 0 { parts.append(Figures.counted(incidentCount, "incident")) }
    if newErrorCount > 0 { parts.append("\(Figures.full(Int64(newErrorCount))) new") }
    if parts.isEmpty { parts.append(status.quietText) }
    if !gaps.isEmpty && status != .partial { parts.append("incomplete") }
    return parts.joined(separator: ", ")
  }
}

extension Verdict.Status {
  /// The word that stands beside the colour.
  package var word: String {
    switch self {
    case .critical: "Critical"
    case .high: "High"
    case .medium: "Medium"
    case .low: "Low"
    case .partial: "Incomplete"
    case .learning: "Learning"
    case .changed: "Changed"
    case .quiet: "Quiet"
    }
  }

  /// What a night says that has neither incidents nor new errors.
  fileprivate var quietText: String {
    switch self {
    case .partial: "incomplete"
    case .learning: "learning"
    case .changed: "changes"
    default: "nothing new"
    }
  }

  /// The status of an incident.
  init(_ severity: Severity) {
    switch severity {
    case .low: self = .low
    case .medium: self = .medium
    case .high: self = .high
    case .critical: self = .critical
    }
  }
}

extension Verdict {
  private static func occasion(_ report: DayReport) -> String {
    let span = Dates.span(
      report.window.start, report.window.end, report.calendar, in: report.window)
    return "\(Dates.long(report.date)), \(span) \(report.calendar.zoneName)"
  }

  private static func status(_ report: DayReport, newErrors: Int, hasGaps: Bool) -> Status {
    if let worst = report.incidents.map(\.severity).max() { return Status(worst) }
    if hasGaps { return .partial }
    if report.learning.isLearning { return .learning }
    let changes = report.changes
    let hasErrors =
      newErrors > 0
      || (changes.escalating + changes.returned).contains { $0.level.isError }
    return hasErrors ? .changed : .quiet
  }

  private static func headline(_ report: DayReport, newErrors: Int) -> String {
    var clauses: [String] = []
    if let worst = report.incidents.first {
      let count = report.incidents.count
      clauses.append(
        Figures.counted(count, "incident") + (count > 1 ? ", worst: " : ": ")
          + incident(worst, report))
    }
    let changes = changeClause(report, newErrors: newErrors)
    if report.learning.isLearning {
      clauses.append(learning(report))
    } else if !changes.isEmpty {
      clauses.append(changes)
    } else if report.incidents.isEmpty {
      clauses.append("Nothing new")
    }
    return clauses.joined(separator: "; ")
  }

  /// `3 new error patterns, 2 escalating, 1 returned, 1 gone, 2 known patterns merged`; empty when there
  /// is none.
  private static func changeClause(_ report: DayReport, newErrors: Int) -> String {
    let changes = report.changes
    let escalating = changes.escalating.count { $0.level.isError }
    let returned = changes.returned.count { $0.level.isError }
    let gone = changes.gone.count { $0.level.isError }
    var parts: [String] = []
    if newErrors > 0 { parts.append(Figures.counted(newErrors, "new error pattern")) }
    if escalating > 0 { parts.append("\(escalating) escalating") }
    if returned > 0 { parts.append("\(returned) returned") }
    if parts.isEmpty && report.incidents.isEmpty { parts.append("Nothing new") }
    if gone > 0 { parts.append("\(gone) gone") }
    let merged = changes.merged.filter(\.level.isError).reduce(0) { $0 + $1.old.count }
    let split = changes.split.count(where: \.level.isError)
    if merged > 0 { parts.append(Figures.counted(merged, "known pattern") + " merged") }
    if split > 0 { parts.append(Figures.counted(split, "known pattern") + " split") }
    return parts.joined(separator: ", ")
  }

  private static func learning(_ report: DayReport) -> String {
    let state = report.learning
    return "Still learning what is normal (\(state.nightsOfHistory) of "
      + Figures.counted(state.minimumNights, "night") + " of history), "
      + "so none of \(Figures.counted(report.clusters.count, "pattern")) can be called new"
  }

  /// `checkout errors 02:10–03:05, peak 412 a minute against 3 expected`.
  private static func incident(_ incident: IncidentEntry, _ report: DayReport) -> String {
    let span = Dates.span(incident.start, incident.end, report.calendar, in: report.window)
    return "\(inlineText(incident.service.service, limit: 80)) \(incident.metric.noun) \(span), "
      + incident.againstExpected
  }

  private static func volume(_ report: DayReport) -> String {
    let volume = report.volume
    let yesterday = Dates.weekday(report.date.advanced(byDays: -1))
    var comparisons: [String] = []
    if let change = Figures.change(from: volume.previousNight, to: volume.lines) {
      comparisons.append("\(change) against \(yesterday)")
    }
    if let change = Figures.change(from: volume.sameWeekdayLastWeek, to: volume.lines) {
      comparisons.append("\(change) against last \(Dates.weekday(report.date))")
    }
    let noun = volume.lines == 1 ? " line" : " lines"
    let suffix = comparisons.isEmpty ? "" : " (\(comparisons.joined(separator: ", ")))"
    return Figures.short(volume.lines) + noun + suffix
  }

  private static func gaps(_ report: DayReport) -> [String] {
    let coverage = report.coverage
    var clauses: [String] = []
    let missing = coverage.sourcesExpected - coverage.sourcesRead
    if missing > 0 {
      let total = Figures.counted(coverage.sourcesExpected, "source")
      clauses.append("\(missing) of \(total) not read to the end")
    }
    if coverage.linesQuarantined > 0 {
      let lines = Figures.counted(Int(coverage.linesQuarantined), "line")
      clauses.append("\(lines) could not be read")
    }
    let failedFiles = coverage.sources.filter { $0.failure == nil }
      .reduce(0) { $0 + $1.inputs.count { $0.failure != nil } }
    if failedFiles > 0 {
      clauses.append("\(Figures.counted(failedFiles, "file")) not read to the end")
    }
    for gap in coverage.gaps.prefix(3) { clauses.append(Verdict.clause(gap, report)) }
    if coverage.gaps.count > 3 { clauses.append("\(coverage.gaps.count - 3) more gaps") }
    if !coverage.sumAgrees { clauses.append("the counts do not add up") }
    return clauses
  }

  /// A gap in words: its source, its time, its reason.
  static func clause(_ gap: Gap, _ report: DayReport) -> String {
    let source = gap.source.map { inlineText($0, limit: 80) + " " } ?? ""
    let span = gap.span.map {
      Dates.span($0.start, $0.end, report.calendar, in: report.window) + ": "
    }
    return source + (span ?? (source.isEmpty ? "" : ": ")) + inlineText(gap.reason, limit: 160)
  }
}

extension AnomalyEvent.Metric {
  /// What an incident of this metric is, behind the name of its service.
  var noun: String {
    switch self {
    case .errorRate: "errors"
    case .logVolume: "log volume"
    case .silence: "silent"
    }
  }
}

extension IncidentEntry {
  /// `peak 412 a minute against 3 expected`.
  var againstExpected: String {
    let observed = Figures.rate(peakObserved)
    let usual = expected > 0 ? Figures.rate(expected) : "none"
    return metric == .silence
      ? "\(observed) lines a minute against \(usual) expected"
      : "peak \(observed) a minute against \(usual) expected"
  }
}
