import DaybreakCore

/// The values of `all.html`: what the page of the night has no room for.
struct AllView {
  let report: DayReport
  let verdict: Verdict
  var night: Night { report.night }

  var frame: PageFrame {
    PageFrame(
      title: "\(report.tenant), \(Dates.dayMonth(report.date)): everything",
      zone: report.calendar.zoneName,
      crumbs: [
        .init(label: "Daybreak", href: "../../../index.html"),
        .init(label: report.tenant.description, href: "../../index.html"),
        .init(label: Dates.long(report.date), href: "../index.html"),
        .init(label: "Everything", href: nil),
      ])
  }

  var values: [String: TemplateValue] {
    [
      "title": .text("Everything of \(Dates.long(report.date))"),
      "subtitle": .text("\(verdict.volume)."),
      "hasIncidents": .bool(!report.incidents.isEmpty),
      "incidentTotal": .count(Int64(report.incidents.count)),
      "incidentsHTML": .html(incidentTable),
      "hasChanges": .bool(report.changes.count > 0),
      "changeTotal": .count(Int64(report.changes.count)),
      "changesHTML": .html(changeTable),
      "hasPatterns": .bool(!report.clusters.isEmpty),
      "patternTotal": .count(Int64(report.clusters.count)),
      "patternsHTML": .html(patternTable),
    ]
  }

  private var incidentTable: HTML {
    var table = DataTable(
      caption: "Incidents, worst first",
      columns: [
        .init("Severity"), .init("Service", .wrapping), .init("Time"),
        .init("Against expected", .wrapping), .init("Leading pattern"),
      ])
    table.rows = report.incidents.enumerated().map { index, incident in
      let status = Verdict.Status(incident.severity)
      let span = Dates.span(incident.start, incident.end, night.calendar, in: night.window)
      let link: HTML =
        incident.leadingCluster.map {
          "<a href=\"../../cluster/\($0.description)/index.html\">pattern of incident \(index + 1)</a>"
        } ?? "none"
      return [
        """
        <span id="incident-\(index + 1)" class="pill tone-\(status.rawValue)">\
        <span class="icon" aria-hidden="true">\(status.icon)</span> \(status.word)</span>
        """,
        "\(ClusterWords.service(incident.service)) \(incident.metric.noun)", "\(span)",
        "\(incident.againstExpected)", link,
      ]
    }
    return table.html
  }

  private var changeRows: [(kind: String, entry: ChangeEntry)] {
    let changes = report.changes
    return changes.new.map { ("new", $0) } + changes.escalating.map { ("escalating", $0) }
      + changes.returned.map { ("returned", $0) } + changes.gone.map { ("gone", $0) }
  }

  private var changeTable: HTML {
    var table = DataTable(
      caption: "Every change",
      columns: [
        .init("Pattern", .code), .init("Change"), .init("Service", .wrapping), .init("Level"),
        .init("Counts", .wrapping),
      ])
    table.rows = changeRows.map { kind, entry in
      [
        link(entry.fingerprint, entry.template), "\(kind)",
        "\(ClusterWords.service(entry.identity))", "\(entry.level.name)",
        "\(ChangeView.comparison(entry, on: report.date))",
      ]
    }
    table.rows += report.changes.merged.flatMap { change in
      change.old.map { old in
        lineageRow(
          old, "merged into", change.new, change, LineageWords.old(old, of: change))
      }
    }
    table.rows += report.changes.split.flatMap { change in
      change.new.map { new in
        lineageRow(new, "split from", change.old, change, LineageWords.new(new))
      }
    }
    return table.html
  }

  private func lineageRow(
    _ side: TemplateChangeEntry.Side, _ words: String, _ others: [TemplateChangeEntry.Side],
    _ change: TemplateChangeEntry, _ counts: String
  ) -> [HTML] {
    let links = others.map { other -> HTML in
      """
      <a href="../../cluster/\(other.fingerprint.description)/index.html">\
      pattern \(String(other.fingerprint.description.prefix(8)))</a>
      """
    }
    return [
      link(side.fingerprint, side.template), "\(words) \(links)",
      "\(ClusterWords.service(change.identity))", "\((side.level ?? change.level).name)",
      "\(counts)",
    ]
  }

  private var patternTable: HTML {
    var table = DataTable(
      caption: "Every pattern, the largest first",
      columns: [
        .init("Pattern", .code), .init("Events", .number), .init("Change", .number),
        .init("Nights", .number), .init("Level"), .init("State"), .init("Service", .wrapping),
      ])
    table.rows = report.clusters.map { entry in
      [
        link(entry.fingerprint, entry.template), "\(Figures.full(entry.count))",
        "\(ClusterWords.change(entry, on: report.date).value)",
        "\(entry.nightsSeen) of \(entry.nightsKnown)", "\(entry.level.name)",
        "\(ClusterWords.state(entry.state))", "\(ClusterWords.service(entry.identity))",
      ]
    }
    return table.html
  }

  private func link(_ fingerprint: Fingerprint, _ template: String) -> HTML {
    """
    <a href="../../cluster/\(fingerprint.description)/index.html">\
    \(ClusterWords.template(template, limit: 300))</a>
    """
  }
}
