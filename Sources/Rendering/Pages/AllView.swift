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
    let changes = changeRows
    return [
      "title": .text("Everything of \(Dates.long(report.date))"),
      "subtitle": .text("\(verdict.volume)."),
      "hasIncidents": .bool(!report.incidents.isEmpty),
      "incidentTotal": .count(Int64(report.incidents.count)),
      "incidentsHTML": .html(incidentTable),
      "hasChanges": .bool(!changes.isEmpty),
      "changeTotal": .count(Int64(changes.count)),
      "changesHTML": .html(changeTable(changes)),
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

  private func changeTable(_ rows: [(kind: String, entry: ChangeEntry)]) -> HTML {
    var table = DataTable(
      caption: "Every change",
      columns: [
        .init("Pattern", .code), .init("Change"), .init("Service", .wrapping), .init("Level"),
        .init("Counts", .wrapping),
      ])
    table.rows = rows.map { kind, entry in
      [
        link(entry.fingerprint, entry.template), "\(kind)",
        "\(ClusterWords.service(entry.identity))", "\(entry.level.name)",
        "\(ChangeView.comparison(entry, on: report.date))",
      ]
    }
    return table.html
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
