import DaybreakCore

/// The values of `rollup.html`.
struct RollUpView {
  let rollUp: RollUp
  private var verdict: RollUpVerdict { RollUpVerdict(rollUp: rollUp) }

  var frame: PageFrame {
    PageFrame(
      title: "\(rollUp.tenant), \(verdict.occasion)", zone: rollUp.calendar.zoneName,
      crumbs: [
        .init(label: "Daybreak", href: "../../index.html"),
        .init(label: rollUp.tenant.description, href: "../index.html"),
        .init(label: verdict.occasion, href: nil),
      ])
  }

  var values: [String: TemplateValue] {
    let status = rollUp.status
    return [
      "tone": .text(status?.rawValue ?? "none"),
      "icon": .text(status?.icon ?? "–"),
      "statusWord": .text(status.map { "Worst night: \($0.word)" } ?? "Did not run"),
      "occasion": .text(verdict.occasion),
      "headline": .text(verdict.headline),
      "volume": .text(verdict.volume),
      "hasGaps": .bool(!verdict.gaps.isEmpty),
      "gaps": .list(verdict.gaps.map { .text($0) }),
      "nightTotal": .count(Int64(rollUp.nights.count)),
      "errorsHTML": .html(chart(rollUp.nights.map(\.errors), "Errors by night")),
      "linesHTML": .html(chart(rollUp.nights.map { $0.cell.verdict?.lines }, "Lines by night")),
      "axisHTML": .html(axis),
      "nightsHTML": .html(nightTable),
      "patternTotal": .count(Int64(rollUp.patternTotal)),
      "hasPatterns": .bool(!rollUp.patterns.isEmpty),
      "patternsHTML": .html(patternTable),
      "morePatterns": .optional(
        rollUp.patternTotal > rollUp.patterns.count
          ? "and \(Figures.full(Int64(rollUp.patternTotal - rollUp.patterns.count))) more" : nil),
      "hasLineage": .bool(!rollUp.lineage.isEmpty),
      "lineageTotal": .count(Int64(rollUp.lineage.count)),
      "lineages": .list(
        rollUp.lineage.prefix(20).map {
          .object(LineageView(change: $0, clusterPrefix: "../cluster/").values)
        }),
      "serviceTotal": .count(Int64(rollUp.services.count)),
      "hasServices": .bool(!rollUp.services.isEmpty),
      "servicesHTML": .html(serviceTable),
    ]
  }

  private var dates: [CivilDate] { rollUp.nights.map(\.cell.date) }

  private func chart(_ values: [Int64?], _ title: String) -> HTML {
    Sparkline(
      values: values, title: title,
      description: Sparkline.busiest(values.map { $0 ?? 0 }, unit: "night") {
        Dates.dayMonth(dates[$0])
      }
    ).svg
  }

  private var axis: HTML {
    let step = rollUp.nights.count > 10 ? 7 : 1
    var marks: HTML = ""
    for index in stride(from: 0, to: dates.count, by: step) {
      marks += axisMark(
        (Double(index) + (step == 1 ? 0.5 : 0)) / Double(dates.count) * 100,
        step == 1 ? Dates.weekday(dates[index]) : Dates.dayMonth(dates[index]))
    }
    return marks + axisMark(100, "")
  }

  private var nightTable: HTML {
    var table = DataTable(
      caption: "Every night",
      columns: [
        .init("Night"), .init("Status"), .init("Lines", .number), .init("Errors", .number),
        .init("What it was", .wrapping),
      ])
    table.rows = rollUp.nights.map { night in
      guard let verdict = night.cell.verdict else {
        return [
          "\(RollUpView.name(night))",
          "<span class=\"pill tone-none\"><span class=\"icon\" aria-hidden=\"true\">–</span> Did not run</span>",
          "–", "–", "",
        ]
      }
      return [
        "<a href=\"../\(night.cell.date.description)/index.html\">\(RollUpView.name(night))</a>",
        """
        <span class="pill tone-\(verdict.status.rawValue)">\
        <span class="icon" aria-hidden="true">\(verdict.status.icon)</span> \(verdict.status.word)</span>
        """,
        "\(Figures.full(verdict.lines))", "\(night.errors.map(Figures.full) ?? "–")",
        "\(verdict.headline)",
      ]
    }
    return table.html
  }

  /// `Mon 9 Mar`; the year stands above.
  private static func name(_ night: RollUp.Night) -> HTML {
    let date = night.cell.date
    return "<span class=\"night-name\">\(Dates.weekday(date)) \(Dates.dayMonth(date))</span>"
  }

  private var patternTable: HTML {
    var table = DataTable(
      caption: "Error patterns, the most frequent first",
      columns: [
        .init("Pattern", .code), .init("Events", .number), .init("Nights", .number),
        .init("By night"), .init("New"), .init("Level"), .init("Service", .wrapping),
      ])
    table.rows = rollUp.patterns.map { pattern in
      [
        """
        <a href="../cluster/\(pattern.fingerprint.description)/index.html">\
        \(ClusterWords.template(pattern.template, limit: 300))</a>
        """,
        "\(Figures.full(pattern.count))", "\(RollUpView.nights(pattern))",
        "<div class=\"plot\">\(chart(pattern.daily, "Events by night"))</div>",
        "<span class=\"night-name\">\(pattern.newOn.map(Dates.dayMonth) ?? "–")</span>",
        "\(pattern.level.name)",
        "\(ClusterWords.service(pattern.identity))",
      ]
    }
    return table.html
  }

  /// `5 of 7`.
  static func nights(_ pattern: RollUp.Pattern) -> String {
    "\(pattern.daily.count { $0 ?? 0 > 0 }) of \(pattern.daily.count { $0 != nil })"
  }

  private var serviceTable: HTML {
    var table = DataTable(
      caption: "Lines and errors by service",
      columns: [
        .init("Service", .wrapping), .init("Lines", .number), .init("Errors", .number),
        .init("Share of its lines", .number),
      ])
    table.rows = rollUp.services.map { service in
      [
        "\(ClusterWords.service(service.identity))", "\(Figures.full(service.lines))",
        "\(Figures.full(service.errors))",
        "\(Figures.percent(service.errors, of: service.lines))",
      ]
    }
    return table.html
  }
}

/// `index.md` of a week or a month.
func rollUpMarkdown(_ rollUp: RollUp) -> String {
  let verdict = RollUpVerdict(rollUp: rollUp)
  var lines = [
    "# \(verdict.occasion), \(rollUp.tenant)", "", MarkdownText.prose(verdict.text, limit: 2000),
    "", "[Tenant](../index.md)", "", "## Nights", "",
  ]
  lines += rollUp.nights.map { night in
    let entry = MarkdownParts.night(night.cell, prefix: "../")
    guard let verdict = night.cell.verdict else { return entry }
    return entry + "; \(Figures.full(verdict.lines)) lines, "
      + "\(Figures.full(night.errors ?? 0)) errors. \(MarkdownText.prose(verdict.headline))"
  }
  lines += ["", "## Error patterns (\(Figures.full(Int64(rollUp.patternTotal))))", ""]
  lines += rollUp.patterns.map { pattern in
    "- **\(Figures.full(pattern.count))** \(pattern.level.name) "
      + "\(MarkdownText.code(ClusterWords.service(pattern.identity))): "
      + "\(MarkdownText.code(pattern.template, limit: 300)): \(RollUpView.nights(pattern)) nights"
      + (pattern.newOn.map { ", new on \(Dates.dayMonth($0))" } ?? "")
      + " [→](../cluster/\(pattern.fingerprint)/index.md)"
  }
  let changes = Changes(
    merged: rollUp.lineage.filter { $0.kind == .merged },
    split: rollUp.lineage.filter { $0.kind == .split })
  for (name, entries) in MarkdownParts.lineages(changes, clusterPrefix: "../cluster/")
  where !entries.isEmpty {
    lines += ["", "## \(name)", ""] + entries
  }
  lines += ["", "## Services", ""]
  lines += rollUp.services.map { service in
    "- \(MarkdownText.code(ClusterWords.service(service.identity))): "
      + "\(Figures.full(service.lines)) lines, \(Figures.full(service.errors)) errors"
  }
  return lines.joined(separator: "\n") + "\n"
}
