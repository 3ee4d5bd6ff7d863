import DaybreakCore

extension DayView {
  func incidentValues() throws(RenderingError) -> [String: TemplateValue] {
    var incidents: [TemplateValue] = []
    for (index, incident) in report.incidents.prefix(DayView.incidentLimit).enumerated() {
      incidents.append(
        .object(
          try IncidentView(
            incident, position: index + 1, night: night, clusterPrefix: "../cluster/"
          ).values()))
    }
    let rest = report.incidents.count - DayView.incidentLimit
    return [
      "hasIncidents": .bool(!incidents.isEmpty),
      "incidents": .list(incidents),
      "noIncidents": .text(
        report.learning.isLearning
          ? "None can be told yet: the baselines are still learning."
          : "None. Every service kept within what is normal for it at this hour."),
      "moreIncidents": .optional(
        rest > 0 ? "\(Figures.counted(rest, "more incident"))" : nil),
    ]
  }
}

/// The values of `partials/incident.html`.
struct IncidentView {
  let incident: IncidentEntry
  let position: Int
  let night: Night
  /// What leads from the page to the folder of clusters.
  let clusterPrefix: String

  init(_ incident: IncidentEntry, position: Int, night: Night, clusterPrefix: String) {
    self.incident = incident
    self.position = position
    self.night = night
    self.clusterPrefix = clusterPrefix
  }

  func values() throws(RenderingError) -> [String: TemplateValue] {
    let status = Verdict.Status(incident.severity)
    let cause = causeHTML()
    return [
      "position": .text(String(position)),
      "tone": .text(status.rawValue),
      "icon": .text(status.icon),
      "severity": .text(status.word),
      "title": .text("\(ClusterWords.service(incident.service)): \(incident.metric.title)"),
      "span": .text(
        Dates.span(incident.start, incident.end, night.calendar, in: night.window)),
      "length": .text(Dates.length(incident.start, incident.end)),
      "against": .text(againstText),
      "factor": .optional(factorText),
      "cause": cause.map { .object(["html": .html($0)]) } ?? false,
      "others": .optional(othersText),
      "sparklineHTML": .html(sparkline.svg),
      "axisHTML": .html(night.axis),
      "tableHTML": .html(table),
      "cluster": incident.leadingCluster.map {
        .object(["href": .text("\(clusterPrefix)\($0)/index.html")])
      } ?? false,
    ]
  }

  private var againstText: String {
    let at = Dates.clock(incident.peak, night.calendar)
    let text = incident.againstExpected
    return incident.metric == .silence ? text : text.replacing("peak ", with: "Peak at \(at): ")
  }

  private var factorText: String? {
    if let factor = incident.deviationFactor, incident.metric != .silence {
      return "\(Figures.factor(factor)) normal"
    }
    return incident.deviationNote.map { inlineText($0, limit: 200) }
  }

  /// The cause, or the analysis in its place.
  private func causeHTML() -> HTML? {
    if let cause = incident.cause { return "<p>\(inlineText(cause))</p>" }
    return incident.analysis.map { AnalysisText.html($0.summary) }
  }

  private var othersText: String? {
    let others = incident.services.filter { $0 != incident.service }.map(ClusterWords.service)
    guard !others.isEmpty else { return nil }
    let shown = others.prefix(6).joined(separator: ", ")
    return others.count > 6 ? shown + " and \(others.count - 6) more" : shown
  }

  private var sparkline: Sparkline {
    let buckets = incident.sparkline
    let first = Int(night.position(incident.start) * Double(buckets.count))
    let last = Int((night.position(incident.end) * Double(buckets.count)).rounded(.up))
    return Sparkline(
      values: buckets,
      title: "\(incident.metric.title) of \(inlineText(incident.service.service, limit: 80))",
      description: Sparkline.busiest(buckets, unit: "stretch") { bucketLabel($0) },
      highlighted: max(0, min(first, buckets.count))..<max(first, min(last, buckets.count)))
  }

  private func bucketLabel(_ index: Int) -> String {
    let seconds = Int64(index) * Int64(incident.bucketMinutes) * 60
    return "from " + Dates.clock(night.window.start.advanced(bySeconds: seconds), night.calendar)
  }

  private var table: HTML {
    var table = DataTable(
      caption: "Events every \(incident.bucketMinutes) minutes",
      columns: [.init("Time"), .init("Events", .number)])
    // The hours around the incident; ten-minute buckets of a whole night would fill a page.
    let highlighted = sparkline.highlighted
    let shown =
      incident.bucketMinutes >= 60
      ? 0..<incident.sparkline.count
      : max(
        0, highlighted.lowerBound - 6)..<min(
          incident.sparkline.count, max(highlighted.lowerBound, highlighted.upperBound) + 6)
    table.rows = shown.map { index in
      ["\(bucketLabel(index))", "\(Figures.full(incident.sparkline[index]))"]
    }
    return table.html
  }
}

extension AnomalyEvent.Metric {
  /// What an incident of this metric is, behind the name of its service and a colon.
  var title: String {
    switch self {
    case .errorRate: "errors"
    case .logVolume: "log volume"
    case .silence: "silence"
    }
  }
}

/// How a summary is shown: as text, whoever wrote it.
///
/// What a model wrote gets no markup either: it repeats what log lines tell it to.
enum AnalysisText {
  /// A text of an analysis as a paragraph.
  static func html(_ text: String) -> HTML { "<p>\(displayed(text))</p>" }
}
