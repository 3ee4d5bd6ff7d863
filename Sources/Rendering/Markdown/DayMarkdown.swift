import DaybreakCore

/// The Markdown of a night (`report.md`, `index.md`): GitHub tables for figures, lists for text of
/// unknown origin, as a table's bars would cut it.
struct DayMarkdown {
  /// How many patterns the text lists; all of them are in `all/index.md`.
  static let patternLimit = 50

  let report: DayReport
  let verdict: Verdict
  var night: Night { report.night }

  /// The whole text.
  var text: String {
    ([title, coverage, incidents, changes, timeline, patterns, services] + catalogs + [muted, run])
      .joined(separator: "\n\n") + "\n"
  }

  private var title: String {
    var lines = [
      "# \(verdict.status.icon) \(verdict.status.word): \(report.tenant), \(Dates.long(report.date))",
      "", MarkdownText.prose(verdict.text, limit: 2000),
    ]
    var links = NightSpan.Kind.allCases.map { kind in
      let span = NightSpan(kind, of: report.date)
      return "[\(span.shortTitle)](../\(span.name)/index.md)"
    }
    links.append("[tenant](../index.md)")
    if let previous = report.previousReport {
      links.insert("[The night before](../\(previous)/index.md)", at: 0)
    }
    lines += ["", links.joined(separator: " · ")]
    return lines.joined(separator: "\n")
  }

  private var coverage: String {
    let coverage = report.coverage
    var lines = [
      "## Coverage", "",
      "- Sources read: \(coverage.sourcesRead) of \(coverage.sourcesExpected)",
      "- Lines read: \(Figures.full(coverage.linesRead)) = "
        + "\(Figures.full(coverage.linesClustered)) clustered + "
        + "\(Figures.full(coverage.linesQuarantined)) unreadable",
      "- Events in patterns: \(Figures.full(coverage.eventsInClusters)) + "
        + "\(Figures.full(coverage.continuationLines)) continuation lines: "
        + (coverage.sumAgrees ? "the sum agrees" : "the sum does not agree"),
      "- Lines without a time: \(Figures.full(coverage.linesWithoutTime)); counted once: "
        + "\(Figures.full(coverage.duplicatesSkipped)); of other nights: "
        + Figures.full(coverage.linesOutsideWindow)
        + (coverage.linesBeforeWindow.map { ", of earlier ones \(Figures.full($0))" } ?? ""),
      "- Summaries by: "
        + (coverage.modelThatSpoke.map { MarkdownText.prose($0) } ?? "no model used"),
    ]
    lines += verdict.gaps.map { "- Incomplete: \(MarkdownText.prose($0))" }
    for source in coverage.sources {
      let end = source.failure.map { "failed: \(MarkdownText.prose($0))" } ?? "read to its end"
      let count = Figures.full(source.linesFound)
      lines.append("- Source \(MarkdownText.code(source.name)): \(count) lines, \(end)")
    }
    let records = coverage.sources.flatMap(\.quarantine)
    lines += records.prefix(DayView.quarantineLimit).map { record in
      "- Unreadable: \(MarkdownText.code(record.file)), byte \(Figures.full(record.byteOffset)): "
        + "\(MarkdownText.prose(record.reason)): \(MarkdownText.code(record.excerpt, limit: 200))"
    }
    return lines.joined(separator: "\n")
  }

  private var incidents: String {
    guard !report.incidents.isEmpty else { return "## Incidents\n\nNone." }
    let entries = report.incidents.enumerated().map { MarkdownParts.incident($1, $0 + 1, night) }
    return "## Incidents\n\n" + entries.joined(separator: "\n\n")
  }

  private var changes: String {
    let groups: [(String, [ChangeEntry])] = [
      ("New", report.changes.new), ("Escalating", report.changes.escalating),
      ("Returned", report.changes.returned), ("Gone", report.changes.gone),
    ]
    let shown =
      groups.map { name, entries in
        (
          name,
          entries.map { MarkdownParts.change($0, on: report.date, clusterPrefix: "../cluster/") }
        )
      } + MarkdownParts.lineages(report.changes, clusterPrefix: "../cluster/")
    let texts = shown.filter { !$0.1.isEmpty }.map { name, lines in
      "### \(name)\n\n" + lines.joined(separator: "\n")
    }
    guard !texts.isEmpty else { return "## What changed\n\nNothing." }
    return "## What changed\n\n" + texts.joined(separator: "\n\n")
  }

  private var timeline: String {
    guard !report.timeline.isEmpty else { return "## Timeline\n\nNo line carries a time." }
    var lines = [
      "## Timeline", "", "| Hour from | Lines | Errors | Expected |", "|---|---:|---:|---:|",
    ]
    lines += report.timeline.enumerated().map { index, hour in
      let expected =
        hour.expected.map { "\(Figures.rate($0.lowerBound))–\(Figures.rate($0.upperBound))" }
        ?? "learning"
      return "| \(night.hourLabel(index)) | \(Figures.full(hour.levels.total)) | "
        + "\(Figures.full(hour.levels.errors)) | \(expected) |"
    }
    return lines.joined(separator: "\n")
  }

  private var patterns: String {
    let shown = report.clusters.prefix(DayMarkdown.patternLimit)
    guard !shown.isEmpty else { return "## Patterns\n\nNone." }
    var lines = ["## Patterns (\(Figures.full(Int64(report.clusters.count))))", ""]
    lines += shown.map { MarkdownParts.pattern($0, on: report.date, clusterPrefix: "../cluster/") }
    if report.clusters.count > shown.count {
      lines += ["", "[All of them](all/index.md)"]
    }
    return lines.joined(separator: "\n")
  }

  private var services: String {
    guard !report.services.isEmpty else { return "## Services\n\nNone." }
    let entries = report.services.map { service in
      let change = Figures.change(from: service.previousLines, to: service.lines)
      return "- \(MarkdownText.code(ClusterWords.service(service.identity))): "
        + "\(Figures.full(service.lines)) lines\(change.map { " (\($0))" } ?? ""), "
        + "\(Figures.full(service.errors)) errors"
        + (service.learning.isLearning ? ", baseline learning" : "")
    }
    return "## Services\n\n" + entries.joined(separator: "\n")
  }

  private var catalogs: [String] {
    report.catalogs.sorted { $0.key < $1.key }.map(\.value.markdown)
  }

  private var muted: String {
    guard !report.muted.isEmpty else { return "## Muted\n\nNothing." }
    let entries = report.muted.map { entry in
      "- \(MarkdownText.code(entry.template, limit: 300)): \(Figures.full(entry.count)) tonight; "
        + "\(MarkdownText.prose(entry.reason)) (\(MarkdownText.prose(entry.author)), since "
        + "\(entry.since), \(entry.expiry.map { "until \($0)" } ?? "no end"))"
    }
    return "## Muted\n\n" + entries.joined(separator: "\n")
  }

  private var run: String {
    let facts = DayView(report: report, verdict: verdict).facts.map {
      "- \(MarkdownText.prose($0.0)): \(MarkdownText.prose($0.1))"
    }
    let inputs = report.coverage.sources.flatMap(\.inputs).prefix(100).map { input in
      let checksum = input.sha256.isEmpty ? "" : ", SHA-256 \(input.sha256)"
      let failure = input.failure.map { ", failed: \(MarkdownText.prose($0))" } ?? ""
      return "- Input \(MarkdownText.code(input.name)): \(Figures.bytes(input.byteCount)), "
        + "\(Figures.full(input.lineCount)) lines\(checksum)\(failure)"
    }
    return "## Run facts\n\n" + (facts + inputs).joined(separator: "\n")
  }
}

/// Entries that several Markdown texts share.
enum MarkdownParts {
  static func incident(_ incident: IncidentEntry, _ position: Int, _ night: Night) -> String {
    let status = Verdict.Status(incident.severity)
    let span = Dates.span(incident.start, incident.end, night.calendar, in: night.window)
    var text = "\(position). **\(status.icon) \(status.word)** "
    text += "\(MarkdownText.prose(ClusterWords.service(incident.service))) "
    text += "\(incident.metric.noun) **\(span)**: \(MarkdownText.prose(incident.againstExpected))."
    if let cause = incident.cause ?? incident.analysis?.summary {
      text += " \(MarkdownText.prose(cause))"
    }
    let others = incident.services.filter { $0 != incident.service }.map(ClusterWords.service)
    if !others.isEmpty {
      text += " Also: \(others.prefix(6).map { MarkdownText.prose($0) }.joined(separator: ", "))."
    }
    if let cluster = incident.leadingCluster {
      text += " [Leading pattern](../cluster/\(cluster)/index.md)"
    }
    return text
  }

  static func change(_ entry: ChangeEntry, on date: CivilDate, clusterPrefix: String) -> String {
    let comparison = ChangeView.comparison(entry, on: date)
    return "- \(entry.level.name) \(MarkdownText.code(ClusterWords.service(entry.identity))): "
      + "\(MarkdownText.code(entry.template, limit: 300)): \(comparison) "
      + "[→](\(clusterPrefix)\(entry.fingerprint)/index.md)"
  }

  /// Merges and splits as lists with their names; a list may be empty.
  static func lineages(_ changes: Changes, clusterPrefix: String) -> [(String, [String])] {
    [("Merged", changes.merged), ("Split", changes.split)].map { name, changes in
      (name, changes.map { lineage($0, clusterPrefix: clusterPrefix) })
    }
  }

  private static func lineage(_ change: TemplateChangeEntry, clusterPrefix: String) -> String {
    func sides(_ sides: [TemplateChangeEntry.Side], _ counts: (TemplateChangeEntry.Side) -> String)
      -> String
    {
      sides.map { side in
        let counted = counts(side)
        return MarkdownText.code(side.template, limit: 300)
          + (counted.isEmpty ? "" : " (\(counted))")
          + " [→](\(clusterPrefix)\(side.fingerprint)/index.md)"
      }.joined(separator: ", ")
    }
    let service = MarkdownText.code(ClusterWords.service(change.identity))
    return "- \(change.level.name) \(service): was "
      + sides(change.old) { LineageWords.old($0, of: change) } + "; is now "
      + sides(change.new) { LineageWords.new($0) }
  }

  static func pattern(_ entry: ClusterEntry, on date: CivilDate, clusterPrefix: String) -> String {
    let change = ClusterWords.change(entry, on: date)
    return "- **\(Figures.full(entry.count))** \(entry.level.name) "
      + "\(MarkdownText.code(ClusterWords.service(entry.identity))): "
      + "\(MarkdownText.code(entry.template, limit: 300)): \(change.value) \(change.noun), seen "
      + "\(entry.nightsSeen) of \(entry.nightsKnown) nights, \(ClusterWords.state(entry.state)) "
      + "[→](\(clusterPrefix)\(entry.fingerprint)/index.md)"
  }

  static func night(_ cell: DayCell, prefix: String) -> String {
    guard let verdict = cell.verdict else { return "- \(Dates.long(cell.date)): did not run" }
    return "- [\(Dates.long(cell.date))](\(prefix)\(cell.date)/index.md): \(verdict.status.word), "
      + verdict.shortText
  }
}
