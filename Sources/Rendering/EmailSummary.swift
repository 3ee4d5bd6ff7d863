import DaybreakCore

/// The morning mail: what the page of the night says first, short enough for a phone.
package struct EmailSummary: Sendable {
  /// How much of the night a mail holds.
  private static let incidentLimit = 5
  private static let changeLimit = 10
  /// All three parts together stay below this many bytes (Gmail clips a mail at about 102 kB).
  package static let byteLimit = 40_000

  private let report: DayReport
  private let verdict: Verdict
  /// The address of the report tree; nil where no server shows it.
  private let reportURL: String?
  private let templates: TemplateLibrary

  /// Makes a summary.
  ///
  /// - Parameters:
  ///   - report: the night.
  ///   - reportURL: where the report tree is served, as `https://reports.acme.test`; nil for no links.
  ///   - templates: where `email.html` comes from.
  package init(_ report: DayReport, reportURL: String?, templates: TemplateLibrary) {
    self.report = report
    verdict = Verdict(report)
    let isWeb = reportURL.map { $0.hasPrefix("https://") || $0.hasPrefix("http://") } ?? false
    self.reportURL = isWeb ? reportURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 } : nil
    self.templates = templates
  }

  /// Writes subject, text and HTML.
  ///
  /// - Returns: the same words twice; the HTML is made from the Markdown.
  /// - Throws: `RenderingError`.
  package func content() throws(RenderingError) -> EmailContent {
    let subject =
      "[\(report.tenant)] \(Dates.dayMonth(report.date)): \(verdict.shortText)"
    // Long names are cut further until the whole fits.
    for limit in [300, 160, 80, 40] {
      let markdown = markdown(textLimit: limit)
      let body = try MarkdownDocument(markdown).html(bars: EmailSummary.bars)
      let html = try templates.render(
        "email.html", ["subject": .text(subject), "bodyHTML": .html(body)])
      if markdown.utf8.count + html.utf8.count <= EmailSummary.byteLimit || limit == 40 {
        return EmailContent(subject: subject, markdown: markdown, html: html)
      }
    }
    preconditionFailure("the last limit returns")
  }

  private var night: Night { report.night }

  private func link(_ path: String) -> String? {
    reportURL.map { "<\($0)/\(report.tenant)/\(path)>" }
  }

  private func markdown(textLimit: Int) -> String {
    var blocks = [
      "# \(verdict.status.icon) \(verdict.status.word)",
      MarkdownText.prose(verdict.text, limit: 1500),
    ]
    if let link = link("\(report.date)/index.html") { blocks.append("[Read the report](\(link))") }
    blocks.append(contentsOf: coverage)
    if !report.incidents.isEmpty {
      blocks.append("## Incidents")
      for (index, incident) in report.incidents.prefix(EmailSummary.incidentLimit).enumerated() {
        blocks.append(contentsOf: self.incident(incident, index + 1, textLimit))
      }
      let rest = report.incidents.count - EmailSummary.incidentLimit
      if rest > 0 { blocks.append("And \(rest) more.") }
    }
    blocks.append(contentsOf: changes(textLimit))
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private var coverage: [String] {
    let coverage = report.coverage
    return [
      "## Coverage",
      "\(coverage.sourcesRead) of \(coverage.sourcesExpected) sources, "
        + "\(Figures.full(coverage.linesRead)) lines read = "
        + "\(Figures.full(coverage.linesClustered)) clustered + "
        + "\(Figures.full(coverage.linesQuarantined)) unreadable. "
        + (coverage.modelThatSpoke.map { "Summaries by \(MarkdownText.prose($0, limit: 80))." }
          ?? "No model used."),
    ]
  }

  private func incident(_ incident: IncidentEntry, _ position: Int, _ limit: Int) -> [String] {
    let status = Verdict.Status(incident.severity)
    let span = Dates.span(incident.start, incident.end, report.calendar, in: report.window)
    var text =
      "**\(status.icon) \(status.word): "
      + "\(MarkdownText.prose(ClusterWords.service(incident.service), limit: limit)) "
      + "\(incident.metric.noun) \(span)**: \(MarkdownText.prose(incident.againstExpected))."
    if let cause = incident.cause ?? incident.analysis?.summary {
      text += " \(MarkdownText.prose(cause, limit: limit))"
    }
    if let cluster = incident.leadingCluster, let link = link("cluster/\(cluster)/index.html") {
      text += " [Leading pattern](\(link))"
    }
    let bars = hourly(incident)
    return bars.isEmpty ? [text] : [text, "`\(bars)`"]
  }

  /// The incident's events by hour as block elements: `▁▁▇█▂`, a dot for none.
  private func hourly(_ incident: IncidentEntry) -> String {
    let perHour = max(1, 60 / max(1, incident.bucketMinutes))
    let hours = stride(from: 0, to: incident.sparkline.count, by: perHour).map { start in
      incident.sparkline[start..<min(start + perHour, incident.sparkline.count)].reduce(0, +)
    }
    guard let largest = hours.max(), largest > 0 else { return "" }
    let blocks = Array("▁▂▃▄▅▆▇█")
    return String(
      hours.map { value in
        value <= 0
          ? "·" : blocks[min(7, Int(Double(value) / Double(largest) * 7.999))]
      })
  }

  private func changes(_ limit: Int) -> [String] {
    let groups: [(String, [ChangeEntry])] = [
      ("New", report.changes.new), ("Escalating", report.changes.escalating),
      ("Returned", report.changes.returned), ("Gone", report.changes.gone),
    ]
    let all = groups.flatMap { kind, entries in entries.map { (kind: kind, entry: $0) } }
    let entries = all.map { kind, entry -> String in
      let template = MarkdownText.code(entry.template, limit: limit)
      let service = MarkdownText.prose(ClusterWords.service(entry.identity), limit: limit)
      let counts = ChangeView.comparison(entry, on: report.date)
      let more = link("cluster/\(entry.fingerprint)/index.html").map { " [more](\($0))" } ?? ""
      return "- **\(kind)** \(entry.level.name) \(service): \(template): \(counts)\(more)"
    }
    let lines = entries + lineages(limit)
    guard !lines.isEmpty else { return [] }
    let rest = lines.count - EmailSummary.changeLimit
    return [
      "## What changed", lines.prefix(EmailSummary.changeLimit).joined(separator: "\n"),
    ] + (rest > 0 ? ["And \(rest) more."] : [])
  }

  /// Merges and splits of errors: of other lines they are on the page only.
  private func lineages(_ limit: Int) -> [String] {
    let changes =
      report.changes.merged.map { (kind: "Merged", change: $0) }
      + report.changes.split.map { (kind: "Split", change: $0) }
    return changes.filter(\.change.level.isError).compactMap { kind, change in
      guard let old = change.old.first, let new = change.new.first else { return nil }
      func side(_ side: TemplateChangeEntry.Side, _ count: Int) -> String {
        MarkdownText.code(side.template, limit: limit) + (count > 1 ? " and \(count - 1) more" : "")
      }
      let service = MarkdownText.prose(ClusterWords.service(change.identity), limit: limit)
      let page = change.kind == .merged ? new : old
      let more = link("cluster/\(page.fingerprint)/index.html").map { " [more](\($0))" } ?? ""
      return "- **\(kind)** \(change.level.name) \(service): was \(side(old, change.old.count)), "
        + "is now \(side(new, change.new.count))\(more)"
    }
  }

  /// Bars as cells of a table, which every mail reader draws.
  private static func bars(_ text: String) -> HTML {
    let cells = text.unicodeScalars.map { scalar -> HTML in
      let height = scalar == "·" ? 1 : (Int(scalar.value) - 0x2580) * 4
      return """
        <td class="bar" style="vertical-align:bottom;padding:0 1px 0 0;width:8px">\
        <div style="height:\(height)px;background:#b5472f;font-size:0;line-height:0"></div></td>
        """
    }
    return """
      <table role="img" aria-label="Events by hour: \(text)" cellpadding="0" cellspacing="0" \
      style="border-collapse:collapse;height:34px;margin:0 0 14px"><tbody><tr>\(cells)</tr></tbody></table>
      """
  }
}
