import DaybreakCore

/// `all/index.md`: every incident, change and pattern of a night.
func allMarkdown(_ report: DayReport) -> String {
  let night = report.night
  let prefix = "../../cluster/"
  var lines = [
    "# Everything of \(Dates.long(report.date)), \(report.tenant)", "", "## Incidents", "",
  ]
  lines += report.incidents.enumerated().map {
    MarkdownParts.incident($1, $0 + 1, night).replacing("](../cluster/", with: "](\(prefix)")
  }
  let groups: [(String, [ChangeEntry])] = [
    ("New", report.changes.new), ("Escalating", report.changes.escalating),
    ("Returned", report.changes.returned), ("Gone", report.changes.gone),
  ]
  for (name, entries) in groups where !entries.isEmpty {
    lines += ["", "## \(name)", ""]
    lines += entries.map { MarkdownParts.change($0, on: report.date, clusterPrefix: prefix) }
  }
  for (name, entries) in MarkdownParts.lineages(report.changes, clusterPrefix: prefix)
  where !entries.isEmpty {
    lines += ["", "## \(name)", ""] + entries
  }
  lines += ["", "## Patterns", ""]
  lines += report.clusters.map {
    MarkdownParts.pattern($0, on: report.date, clusterPrefix: prefix)
  }
  return lines.joined(separator: "\n") + "\n"
}

/// `index.md` of a cluster's page.
struct ClusterMarkdown {
  let view: ClusterView

  var text: String {
    let page = view.page
    guard let lead = page.members.first else { return "" }
    var lines = [
      "# Pattern \(page.fingerprint.description.prefix(8)), \(page.tenant)", "",
      MarkdownText.block(lead.template), "",
      "- Night: [\(Dates.long(page.date))](../../\(page.date)/index.md)",
    ]
    lines += page.members.map { member in
      "- \(MarkdownText.code(ClusterWords.service(member.identity))): \(member.level.name), "
        + "\(ClusterWords.state(member.state)), "
        + ClusterWords.comparison(member.count, member.comparison, on: page.date)
        + ", seen \(member.nightsSeen) of \(member.nightsKnown) nights"
        + (ClusterWords.trend(member).map {
          ", \(ClusterWords.mean($0)) a night, \(ClusterWords.peak($0))"
        } ?? "")
    }
    if let first = page.members.compactMap(\.firstSeen).min() {
      lines.append("- First seen: \(Dates.moment(first, page.calendar)) \(page.calendar.zoneName)")
    }
    if let last = page.members.compactMap(\.lastSeen).max() {
      lines.append("- Last seen: \(Dates.moment(last, page.calendar)) \(page.calendar.zoneName)")
    }
    lines += lineage
    lines += analysis(lead)
    lines += ["", "## Samples"]
    for (index, entry) in view.samples.enumerated() {
      lines += ["", "Sample \(index + 1):", "", MarkdownText.block(entry.sample.text)]
    }
    if !lead.neighbours.isEmpty {
      lines += ["", "## Just before it", ""]
      lines.append(
        "What \(MarkdownText.code(ClusterWords.service(lead.identity))) wrote before it began; no samples of it."
      )
      for line in lead.neighbours { lines += ["", MarkdownText.block(line.text)] }
    }
    lines += values(lead)
    for finder in view.finders {
      let place = view.finders.count > 1 ? ", " + MarkdownText.prose(finder.source, limit: 120) : ""
      lines += ["", "## \(finder.language)\(place)", "", MarkdownText.block(finder.query)]
      if let url = finder.exploreURL { lines += ["", "[Grafana Explore](<\(url)>)"] }
    }
    lines += similar(lead)
    lines += ["", "## To mute it", "", MarkdownText.block(view.muteCommand)]
    return lines.joined(separator: "\n") + "\n"
  }

  private var lineage: [String] {
    view.page.lineage.map { change in
      let (words, others) = LineageWords.told(change, by: view.page.fingerprint)
      let service = MarkdownText.code(ClusterWords.service(change.identity))
      return "- \(words) (\(service)): "
        + others.map { other in
          "\(MarkdownText.code(other.template, limit: 300)) [→](../\(other.fingerprint)/index.md)"
        }.joined(separator: ", ")
    }
  }

  private func analysis(_ lead: ClusterEntry) -> [String] {
    guard let analysis = lead.analysis else { return [] }
    var lines = [
      "", "## Possible cause", "", MarkdownText.prose(analysis.summary, limit: 2000), "",
    ]
    let groups: [(String, [String])] = [
      ("Known", analysis.facts), ("Hypothesis", analysis.hypothesis.map { [$0] } ?? []),
      ("Unknown", analysis.unknown), ("Next step", analysis.nextSteps),
    ]
    for (name, texts) in groups {
      lines += texts.map { "- \(name): \(MarkdownText.prose($0, limit: 1000))" }
    }
    lines += analysis.evidence.map {
      "- Evidence: \(MarkdownText.code($0.quote)) (sample \($0.sampleIndex + 1))"
    }
    lines.append(
      "- By \(MarkdownText.prose(AnalysisText.author(analysis))); confidence "
        + "\(AnalysisText.percent(analysis.confidence)), computed from the evidence"
        + (analysis.modelConfidence.map {
          "; the model's own figure is \(AnalysisText.percent($0))"
        } ?? ""))
    if let note = analysis.note { lines.append("- Note: \(MarkdownText.prose(note))") }
    return lines
  }

  private func values(_ lead: ClusterEntry) -> [String] {
    guard lead.placeholderValues.contains(where: { !$0.isEmpty }) else { return [] }
    return ["", "## Values at each placeholder", ""]
      + lead.placeholderValues.enumerated().filter { !$0.element.isEmpty }.map { index, values in
        "\(index + 1). "
          + values.prefix(ClusterView.valueLimit).map { MarkdownText.code($0, limit: 120) }
          .joined(separator: ", ")
      }
  }

  private func similar(_ lead: ClusterEntry) -> [String] {
    guard !lead.similar.isEmpty else { return [] }
    return ["", "## Similar past patterns", ""]
      + lead.similar.map { cluster in
        "- \(MarkdownText.code(cluster.template, limit: 300)) in "
          + "\(MarkdownText.code(ClusterWords.service(cluster.identity))), "
          + "\(Figures.trimmed(cluster.similarity * 100)) % alike, \(SimilarText.nights(cluster)), "
          + "\(Figures.counted(Int(cluster.count), "event")): "
          + MarkdownText.prose(SimilarText.outcome(cluster))
          + (cluster.said.map { ". Said then: \(MarkdownText.prose($0, limit: 400))" } ?? "")
          + (SimilarText.saidOfIncident(cluster).map {
            ". Said of the incident: \(MarkdownText.prose($0))"
          } ?? "")
          + " [→](../\(cluster.fingerprint)/index.md)"
      }
  }
}

/// `index.md` of a tenant's page.
func tenantMarkdown(_ index: TenantIndex) -> String {
  let date = index.days.last { $0.verdict != nil }?.date ?? CivilDate(dayNumber: 0)
  var lines = ["# \(index.tenant)", ""]
  if let verdict = index.days.last(where: { $0.verdict != nil })?.verdict {
    lines += [MarkdownText.prose(verdict.text, limit: 2000), ""]
  }
  lines += ["## Nights", ""]
  lines += index.days.reversed().map { MarkdownParts.night($0, prefix: "") }
  lines += ["", "## Open patterns", ""]
  lines += index.open.map { MarkdownParts.change($0, on: date, clusterPrefix: "cluster/") }
  lines += ["", "## Recurring patterns", ""]
  lines += index.recurring.map { MarkdownParts.pattern($0, on: date, clusterPrefix: "cluster/") }
  return lines.joined(separator: "\n") + "\n"
}

/// `index.md` of the front page.
func siteMarkdown(_ index: SiteIndex) -> String {
  var lines = ["# Reports"]
  for row in index.rows {
    lines += ["", "## [\(MarkdownText.prose(row.tenant.description))](\(row.tenant)/index.md)", ""]
    if let verdict = row.days.last(where: { $0.verdict != nil })?.verdict {
      lines += [MarkdownText.prose(verdict.text, limit: 2000), ""]
    }
    lines += row.days.reversed().map { MarkdownParts.night($0, prefix: "\(row.tenant)/") }
  }
  return lines.joined(separator: "\n") + "\n"
}
