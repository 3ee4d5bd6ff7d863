import DaybreakCore

/// The values of `cluster.html`.
struct ClusterView {
  /// How many samples and values of a placeholder the page shows.
  static let sampleLimit = 5
  static let valueLimit = 12

  let page: ClusterPage
  let night: Night
  let finders: [FinderText]

  init(_ page: ClusterPage) {
    self.page = page
    night = Night(window: page.window, calendar: page.calendar)
    finders = FinderText.all(page)
  }

  /// The services' counts as one.
  private var total: Int64 { page.members.reduce(0) { $0 + $1.count } }
  private var lead: ClusterEntry? { page.members.first }
  private var level: Level { page.members.map(\.level).max() ?? .unknown }

  var frame: PageFrame {
    PageFrame(
      title: "\(page.tenant): \(inlineText(lead?.template ?? "", limit: 80))",
      zone: page.calendar.zoneName,
      crumbs: [
        .init(label: "Daybreak", href: "../../../index.html"),
        .init(label: page.tenant.description, href: "../../index.html"),
        .init(label: Dates.long(page.date), href: "../../\(page.date)/index.html"),
        .init(label: "Pattern \(page.fingerprint.description.prefix(8))", href: nil),
      ])
  }

  func values() throws(RenderingError) -> [String: TemplateValue] {
    guard let lead else { return [:] }
    var values: [String: TemplateValue] = [
      "tone": .text(level.isError ? "high" : "none"),
      "level": .text(level.name),
      "levelClass": .text(ClusterWords.levelClass(level)),
      "state": .text(page.replacement == nil ? ClusterWords.state(lead.state) : "merged"),
      "stateClass": .text(lead.state.rawValue),
      "templateHTML": .html(ClusterWords.template(lead.template, limit: 4000)),
      "figures": .list(figures(lead)),
      "hasMembers": .bool(page.members.count > 1),
      "membersHTML": .html(memberTable),
      "fingerprint": .text(page.fingerprint.description),
      "muteCommand": .text(muteCommand),
      "finders": .list(
        finders.map { finder in
          .object([
            "language": .text(finder.language), "query": .text(finder.query),
            "place": .optional(finders.count > 1 ? inlineText(finder.source, limit: 120) : nil),
            "explore": .optional(finder.exploreURL),
          ])
        }),
      "hasSimilar": .bool(!lead.similar.isEmpty),
      "similar": .list(lead.similar.map(similar)),
    ]
    values.merge(chartValues(lead)) { $1 }
    values.merge(sampleValues(lead)) { $1 }
    values.merge(lineageValues) { $1 }
    values["analysis"] = analysis(lead)
    return values
  }

  /// What mutes the pattern for a month.
  var muteCommand: String {
    "daybreak mute --tenant \(page.tenant) \(page.fingerprint) --until "
      + "\(page.date.advanced(byDays: 30)) --reason 'why'"
  }

  private func figures(_ lead: ClusterEntry) -> [TemplateValue] {
    let first = page.members.compactMap(\.firstSeen).min()
    let last = page.members.compactMap(\.lastSeen).max()
    let change = ClusterWords.change(lead, on: page.date)
    let services = page.members.count
    let rows: [(String, String, String?)] =
      [
        ("Events", Figures.full(total), Dates.long(page.date)),
        ("Change", change.value, change.noun),
        ("Seen", "\(lead.nightsSeen) of \(lead.nightsKnown) nights", nil),
        (
          "Service", ClusterWords.service(lead.identity),
          services > 1 ? "and \(services - 1) more" : nil
        ),
        moment("First seen", first), moment("Last seen", last),
      ] + trend(lead)
    return rows.map { name, value, note in
      .object(["name": .text(name), "value": .text(value), "note": .optional(note)])
    }
  }

  /// A night's mean and peak; of one service, as the peaks of several fall on different nights.
  private func trend(_ lead: ClusterEntry) -> [(String, String, String?)] {
    guard let trend = ClusterWords.trend(lead), page.members.count == 1 else { return [] }
    return [("A night", ClusterWords.mean(trend), ClusterWords.peak(trend))]
  }

  private func moment(_ name: String, _ moment: Timestamp?) -> (String, String, String?) {
    guard let moment else { return (name, "no time", nil) }
    let date = page.calendar.date(of: moment)
    return (
      name, "\(Dates.dayMonth(date)), \(Dates.clock(moment, page.calendar))", "\(date.year)"
    )
  }

  private func chartValues(_ lead: ClusterEntry) -> [String: TemplateValue] {
    let hours = page.members.reduce(into: [Int64](repeating: 0, count: night.window.hourCount)) {
      for (index, count) in $1.hourly.enumerated() where index < $0.count { $0[index] += count }
    }
    return [
      "nightCaption": .text("\(Dates.long(page.date)), events by hour"),
      "nightHTML": .html(Sparkline.hours(hours, of: night).svg),
      "nightAxisHTML": .html(night.axis),
      "nightTableHTML": .html(night.table(hours, caption: "Events by hour")),
      "history": lead.daily.isEmpty ? false : .object(history),
    ]
  }

  /// The nights of all members together; nil where no member knows one.
  private var daily: [Int64?] {
    let length = page.members.map(\.daily.count).max() ?? 0
    return (0..<length).map { index in
      let known = page.members.compactMap { member -> Int64? in
        let offset = index - (length - member.daily.count)
        return offset >= 0 ? member.daily[offset] : nil
      }
      return known.isEmpty ? nil : known.reduce(0, +)
    }
  }

  private var history: [String: TemplateValue] {
    let daily = daily
    let dates = daily.indices.map { page.date.advanced(byDays: $0 - daily.count + 1) }
    let words = Sparkline.busiest(daily.map { $0 ?? 0 }, unit: "night") {
      Dates.dayMonth(dates[$0])
    }
    var table = DataTable(
      caption: "Events by night", columns: [.init("Night"), .init("Events", .number)])
    table.rows = zip(dates, daily).map { date, count in
      ["\(Dates.long(date))", "\(count.map(Figures.full) ?? "did not run")"]
    }
    var axis: HTML = ""
    for index in stride(from: 0, to: daily.count, by: 7) {
      axis += axisMark(Double(index) / Double(daily.count) * 100, Dates.dayMonth(dates[index]))
    }
    axis += axisMark(100, Dates.dayMonth(page.date))
    let missing = daily.contains { $0 == nil } ? "; dashed nights did not run" : ""
    return [
      "caption": .text("Last \(Figures.counted(daily.count, "night")), events by night\(missing)"),
      "html": .html(
        Sparkline(
          values: daily, title: "Events by night", description: words,
          highlighted: daily.count - 1..<daily.count
        ).svg),
      "axisHTML": .html(axis),
      "tableHTML": .html(table.html),
    ]
  }

  private var memberTable: HTML {
    var table = DataTable(
      caption: "The pattern by service",
      columns: [
        .init("Service", .wrapping), .init("Events", .number), .init("Level"), .init("State"),
        .init("Nights", .number), .init("Most a night", .number),
      ])
    table.rows = page.members.map { member in
      [
        "\(ClusterWords.service(member.identity))", "\(Figures.full(member.count))",
        "\(member.level.name)", "\(ClusterWords.state(member.state))",
        "\(member.nightsSeen) of \(member.nightsKnown)",
        "\(ClusterWords.trend(member).map { Figures.full($0.peak) } ?? "–")",
      ]
    }
    return table.html
  }

  private func similar(_ cluster: SimilarCluster) -> TemplateValue {
    .object([
      "href": .text("../\(cluster.fingerprint)/index.html"),
      "templateHTML": .html(ClusterWords.template(cluster.template, limit: 300)),
      "likeness": .text(Figures.trimmed(cluster.similarity * 100) + " %"),
      "service": .text(ClusterWords.service(cluster.identity)),
      "when": .text(SimilarText.nights(cluster)),
      "count": .text(Figures.counted(Int(cluster.count), "event")),
      "outcome": .text(SimilarText.outcome(cluster)),
      "said": .optional(cluster.said.map { inlineText($0, limit: 400) }),
      "saidOfIncident": .optional(SimilarText.saidOfIncident(cluster)),
    ])
  }
}

extension ClusterView {
  private func sampleValues(_ lead: ClusterEntry) -> [String: TemplateValue] {
    let values = lead.placeholderValues
    let names = TemplateText.parts(lead.template).compactMap { part -> String? in
      if case .placeholder(let name) = part { name } else { nil }
    }
    return [
      "hasSamples": .bool(!samples.isEmpty),
      "samples": .list(samples.enumerated().map { sample($1.sample, $1.service, $0 + 1) }),
      "hasNeighbours": .bool(!lead.neighbours.isEmpty),
      "neighbourService": .text(ClusterWords.service(lead.identity)),
      "neighbours": .list(
        lead.neighbours.map { sample($0, ClusterWords.service(lead.identity), nil) }),
      "hasPlaceholders": .bool(values.contains { !$0.isEmpty }),
      "placeholders": .list(
        values.enumerated().compactMap { index, distinct in
          guard !distinct.isEmpty else { return nil }
          let shown = distinct.prefix(ClusterView.valueLimit).map { inlineText($0, limit: 120) }
          let rest = distinct.count - shown.count
          return .object([
            "name": .text(index < names.count ? names[index] : "value \(index + 1)"),
            "values": .list(
              shown.map { .text($0) } + (rest > 0 ? [.text("and \(rest) more")] : [])),
          ])
        }),
    ]
  }

  /// The samples of the leading service first, as the analysis numbers those.
  var samples: [(sample: LineSample, service: String)] {
    let all = page.members.flatMap { member in
      member.samples.map { ($0, ClusterWords.service(member.identity)) }
    }
    let count = max(ClusterView.sampleLimit, lead?.samples.count ?? 0)
    return Array(all.prefix(count))
  }

  /// One line; `number` is that of a sample.
  private func sample(_ sample: LineSample, _ service: String, _ number: Int?) -> TemplateValue {
    let level = Level(rawValue: sample.level) ?? .unknown
    let moment = sample.timestamp.map {
      Dates.moment(Timestamp(nanoseconds: $0), page.calendar)
    }
    return .object([
      "number": .text(number.map(String.init) ?? ""),
      "level": .text(level.name),
      "levelClass": .text(ClusterWords.levelClass(level)),
      "service": .text(service),
      "when": .text(moment ?? "no time"),
      "text": .text(sample.text),
    ])
  }

  private func analysis(_ lead: ClusterEntry) -> TemplateValue {
    guard let analysis = lead.analysis else { return false }
    let groups: [(String, [String])] = [
      ("Known", analysis.facts),
      ("Hypothesis", analysis.hypothesis.map { [$0] } ?? ["Nothing supports one."]),
      ("Unknown", analysis.unknown), ("Next steps", analysis.nextSteps),
    ]
    var parts: [TemplateValue] = []
    for (name, texts) in groups where !texts.isEmpty {
      let items: [TemplateValue] = texts.map {
        .object(["html": .html(AnalysisText.html($0))])
      }
      parts.append(.object(["name": .text(name), "items": .list(items)]))
    }
    return .object([
      "summaryHTML": .html(AnalysisText.html(analysis.summary)),
      "author": .text(AnalysisText.author(analysis)),
      "confidence": .text(AnalysisText.percent(analysis.confidence)),
      "modelConfidence": .optional(analysis.modelConfidence.map(AnalysisText.percent)),
      "note": .optional(analysis.note.map { inlineText($0, limit: 200) }),
      "parts": .list(parts),
      "hasEvidence": .bool(!evidence(analysis).isEmpty),
      "evidence": .list(
        evidence(analysis).map {
          .object([
            "quote": .text(inlineText($0.quote)), "number": .text(String($0.sampleIndex + 1)),
          ])
        }),
    ])
  }

  /// Claims whose sample is on the page.
  private func evidence(_ analysis: Analysis) -> [Evidence] {
    analysis.evidence.filter { samples.indices.contains($0.sampleIndex) }
  }
}

extension AnalysisText {
  /// A confidence in words: `72 %`; it is not known to a tenth of one.
  static func percent(_ confidence: Double) -> String { "\(Int((confidence * 100).rounded())) %" }

  /// Who wrote an analysis.
  static func author(_ analysis: Analysis) -> String {
    analysis.provider == "extractive"
      ? "Daybreak from the lines alone, no model used"
      : inlineText("\(analysis.provider) \(analysis.model)", limit: 80)
  }
}
