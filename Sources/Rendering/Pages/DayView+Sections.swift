import DaybreakCore

extension DayView {
  var sectionValues: [String: TemplateValue] {
    [
      "timelineHTML": .html(
        TimelineChart(hours: report.timeline, incidents: report.incidents, night: night).html),
      "serviceTotal": .count(Int64(report.services.count)),
      "servicesHTML": .html(serviceTable),
      "heatMap": report.heatMap.map { .object(["html": .html(HeatMapChart(map: $0).html)]) }
        ?? false,
      "catalogs": .list(sortedCatalogs.enumerated().map { catalog($1, position: $0 + 1) }),
      "mutedTotal": .count(Int64(report.muted.count)),
      "hasMuted": .bool(!report.muted.isEmpty),
      "muteWarning": .optional(muteWarning),
      "mutedHTML": .html(mutedTable),
    ]
  }

  private var serviceTable: HTML {
    guard !report.services.isEmpty else { return "<p class=\"empty\">None wrote a line.</p>" }
    let yesterday = Dates.weekday(report.date.advanced(byDays: -1))
    var table = DataTable(
      caption: "Lines and errors by service",
      columns: [
        .init("Service", .wrapping), .init("Lines", .number),
        .init("Against \(yesterday)", .number),
        .init("Errors", .number), .init("\(yesterday)", .number), .init("Errors by hour"),
        .init("Baseline"),
      ])
    table.rows = report.services.map { service in
      let errors = Sparkline(
        values: service.hourlyErrors, title: "Errors by hour",
        description: Sparkline.busiest(service.hourlyErrors, unit: "hour") { night.hourLabel($0) })
      return [
        "\(ClusterWords.service(service.identity))", "\(Figures.full(service.lines))",
        "\(Figures.change(from: service.previousLines, to: service.lines) ?? "–")",
        "\(Figures.full(service.errors))", "\(service.previousErrors.map(Figures.full) ?? "–")",
        "<div class=\"plot\">\(errors.svg)</div>", "\(baseline(service.learning))",
      ]
    }
    return table.html
  }

  private func baseline(_ state: LearningState) -> String {
    state.isLearning
      ? "learning, \(state.nightsOfHistory) of \(state.minimumNights) nights"
      : "from \(Figures.counted(state.nightsOfHistory, "night"))"
  }

  private func catalog(_ section: CatalogSection, position: Int) -> TemplateValue {
    .object([
      "position": .text(String(position)),
      "title": .text(inlineText(section.title)),
      "hasFigures": .bool(!section.figures.isEmpty),
      "figures": .list(
        section.figures.map {
          .object(["name": .text(inlineText($0.name)), "value": .text(inlineText($0.value))])
        }),
      "tables": .list(
        section.tables.map { table in
          var shown = DataTable(
            caption: inlineText(table.caption),
            columns: table.columns.map { .init(inlineText($0), .wrapping) })
          shown.rows = table.rows.map { row in row.map { "\(inlineText($0))" } }
          return .object(["html": .html(shown.html)])
        }),
    ])
  }

  /// Mutes without an end that are older than seven days.
  private var muteWarning: String? {
    let old = report.muted.count {
      $0.expiry == nil && $0.since.advanced(byDays: 7) < report.date
    }
    guard old > 0 else { return nil }
    return "\(Figures.counted(old, "mute")) older than 7 days without an end: "
      + "set an end, or mend what is hidden."
  }

  private var mutedTable: HTML {
    var table = DataTable(
      caption: "Muted patterns",
      columns: [
        .init("Pattern", .code), .init("Tonight", .number), .init("Reason", .wrapping),
        .init("By", .wrapping), .init("Since"), .init("Until"),
      ])
    table.rows = report.muted.map { entry in
      [
        "<a href=\"../cluster/\(entry.fingerprint.description)/index.html\">\(ClusterWords.template(entry.template, limit: 200))</a>",
        "\(Figures.full(entry.count))", "\(inlineText(entry.reason))",
        "\(inlineText(entry.author))", "\(Dates.dayMonth(entry.since))",
        "\(entry.expiry.map(Dates.dayMonth) ?? "no end")",
      ]
    }
    return table.html
  }

  var runValues: [String: TemplateValue] {
    let inputs = report.coverage.sources.flatMap(\.inputs)
    var table = DataTable(
      caption: "Inputs",
      columns: [
        .init("Name", .wrapping), .init("Size", .number), .init("Lines", .number),
        .init("SHA-256", .code), .init("Read", .wrapping),
      ])
    // More than the page has room for are in report.json.
    table.rows = inputs.prefix(100).map { input in
      [
        "\(inlineText(input.name))", "\(Figures.bytes(input.byteCount))",
        "\(Figures.full(input.lineCount))", "\(input.sha256.isEmpty ? "no file" : input.sha256)",
        "\(input.failure.map { "failed: " + inlineText($0) } ?? "to its end")",
      ]
    }
    return [
      "facts": .list(
        facts.map { .object(["name": .text($0.0), "value": .text(inlineText($0.1))]) }),
      "inputTotal": .count(Int64(inputs.count)),
      "inputsHTML": .html(table.html),
    ]
  }

  /// What made the page, as names and values.
  var facts: [(String, String)] {
    let run = report.run
    var facts = [
      ("Job", run.job), ("Daybreak", run.version), ("Time zone", report.calendar.zoneName),
      ("Window", "\(report.window.start) to \(report.window.end)"),
      ("Length", "\(report.window.hourCount) hours"),
    ]
    facts += run.components.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return facts + modelFacts(run.model)
  }

  private func modelFacts(_ model: ModelUse?) -> [(String, String)] {
    guard let model else { return [("Model", "no model used")] }
    var facts = [("Model", "\(model.provider) \(model.model)")]
    if model.answers > 0 {
      let cost = model.cost.map { " for $" + money($0) } ?? ""
      facts.append(
        (
          "Model's work",
          "\(Figures.counted(model.answers, "answer")), \(Figures.full(model.inputTokens)) tokens in, "
            + "\(Figures.full(model.outputTokens)) out\(cost)"
        ))
    } else {
      facts.append(("Model's work", "no model used"))
    }
    if !model.silences.isEmpty {
      let reasons = model.silences.map { "\(Figures.full(Int64($0.count))) × \($0.words)" }
      facts.append(("Code spoke in its place", reasons.joined(separator: "; ")))
    }
    return facts
  }

  private func money(_ dollars: Double) -> String {
    let cents = Int64((dollars * 100).rounded(.up))
    return "\(cents / 100)." + twoDigits(Int(cents % 100))
  }
}
