import DaybreakCore

/// The values of `day.html`.
struct DayView {
  /// How many incidents, changes of a kind, patterns and quarantined lines the page shows.
  static let incidentLimit = 5
  static let changeLimit = 6
  static let patternLimit = 50
  static let quarantineLimit = 20

  let report: DayReport
  let verdict: Verdict
  var night: Night { report.night }

  var frame: PageFrame {
    var crumbs: [PageFrame.Crumb] = [
      .init(label: "Daybreak", href: "../../index.html"),
      .init(label: report.tenant.description, href: "../index.html"),
    ]
    if let previous = report.previousReport {
      crumbs.append(
        .init(label: "← \(Dates.dayMonth(previous))", href: "../\(previous)/index.html"))
    }
    crumbs.append(.init(label: Dates.long(report.date), href: nil))
    return PageFrame(
      title: "\(report.tenant), \(Dates.dayMonth(report.date)): \(verdict.shortText)",
      zone: report.calendar.zoneName, crumbs: crumbs)
  }

  /// Everything the template names.
  func values() throws(RenderingError) -> [String: TemplateValue] {
    var values = verdictValues
    values.merge(coverageValues) { $1 }
    values.merge(try incidentValues()) { $1 }
    values.merge(changeValues) { $1 }
    values.merge(patternValues) { $1 }
    values.merge(sectionValues) { $1 }
    values.merge(runValues) { $1 }
    return values
  }

  private var verdictValues: [String: TemplateValue] {
    var sections: [(String, String, Int?)] = [
      ("coverage", "Coverage", nil), ("incidents", "Incidents", report.incidents.count),
      ("changes", "What changed", report.changes.count), ("timeline", "Timeline", nil),
      ("patterns", "Patterns", report.clusters.count),
      ("services", "Services", report.services.count),
    ]
    for (index, section) in sortedCatalogs.enumerated() {
      sections.append(("catalog-\(index + 1)", inlineText(section.title, limit: 60), nil))
    }
    sections += [("muted", "Muted", report.muted.count), ("run", "Run facts", nil)]
    var values = VerdictView.values(verdict)
    values["spans"] = .list(
      NightSpan.Kind.allCases.map { kind in
        let span = NightSpan(kind, of: report.date)
        return .object(["name": .text(span.name), "label": .text(span.shortTitle)])
      })
    values["sections"] = .list(
      sections.map { id, name, count in
        .object([
          "id": .text(id), "name": .text(name),
          "figure": .optional(count.map { Figures.full(Int64($0)) }),
        ])
      })
    return values
  }

  var sortedCatalogs: [CatalogSection] {
    report.catalogs.sorted { $0.key < $1.key }.map(\.value)
  }
}

/// The values of a verdict, as the day's and the tenant's pages show it.
enum VerdictView {
  static func values(_ verdict: Verdict) -> [String: TemplateValue] {
    [
      "tone": .text(verdict.status.rawValue),
      "icon": .text(verdict.status.icon),
      "statusWord": .text(verdict.status.word),
      "occasion": .text(verdict.occasion),
      "headline": .text(verdict.headline),
      "volume": .text(verdict.volume),
      "hasGaps": .bool(!verdict.gaps.isEmpty),
      "gaps": .list(verdict.gaps.map { .text($0) }),
    ]
  }
}
