import DaybreakCore

extension DayView {
  var changeValues: [String: TemplateValue] {
    let entries: [(name: String, icon: String, meaning: String, entries: [ChangeEntry])] = [
      ("New", "+", "Never seen before tonight.", report.changes.new),
      ("Escalating", "↗", "Far above what is usual for them.", report.changes.escalating),
      ("Returned", "↺", "Silent for nights, and back.", report.changes.returned),
      ("Gone", "−", "Came every night, and did not come.", report.changes.gone),
    ]
    let lineages = [
      (
        "Merged", "⇉", "Known lines that one pattern shows from tonight on; none of them is new.",
        report.changes.merged
      ),
      ("Split", "⇶", "Known lines that more patterns show from tonight on.", report.changes.split),
    ]
    let shown =
      entries.map { name, icon, meaning, entries in
        changeGroup(
          name, icon, meaning, count: entries.count,
          entries: entries.prefix(DayView.changeLimit).map {
            .object(ChangeView.values($0, on: report.date, clusterPrefix: "../cluster/"))
          })
      }
      + lineages.map { name, icon, meaning, changes in
        changeGroup(
          name, icon, meaning, count: changes.count,
          lineages: changes.prefix(DayView.changeLimit).map {
            .object(LineageView(change: $0, clusterPrefix: "../cluster/").values)
          })
      }
    return [
      "hasChanges": .bool(report.changes.count > 0),
      "noChanges": .text(
        report.learning.isLearning
          ? "Nothing can be compared yet: \(report.learning.nightsOfHistory) of "
            + "\(report.learning.minimumNights) nights of history."
          : "Nothing is new, escalating, back, gone, merged or split."),
      "changes": .list(shown.compactMap(\.self)),
    ]
  }

  /// One group of changes; nil when nothing is in it.
  private func changeGroup(
    _ name: String, _ icon: String, _ meaning: String, count: Int, entries: [TemplateValue] = [],
    lineages: [TemplateValue] = []
  ) -> TemplateValue? {
    guard count > 0 else { return nil }
    let rest = count - DayView.changeLimit
    return .object([
      "name": .text(name), "icon": .text(icon), "meaning": .text(meaning),
      "total": .count(Int64(count)), "entries": .list(entries), "lineages": .list(lineages),
      "rest": .optional(rest > 0 ? "\(Figures.full(Int64(rest))) more" : nil),
    ])
  }

  var patternValues: [String: TemplateValue] {
    let shown = ranked.prefix(DayView.patternLimit)
    let rest = report.clusters.count - shown.count
    let filters: [(String, String, Int)] = [
      ("all", "All", shown.count),
      ("errors", "Errors", shown.count { $0.level.isError }),
      ("new", "New", shown.count { $0.state == .new }),
      ("changed", "New or back", shown.count { $0.state == .new || $0.state == .regressed }),
    ]
    return [
      "hasPatterns": .bool(!shown.isEmpty),
      "patternTotal": .count(Int64(report.clusters.count)),
      "patterns": .list(
        shown.enumerated().map { .object(pattern($0.element, position: $0.offset + 1)) }),
      "morePatterns": .optional(
        rest > 0 ? "All \(Figures.full(Int64(report.clusters.count))) patterns" : nil),
      "filters": .list(
        filters.enumerated().map { index, filter in
          .object([
            "id": .text(filter.0), "name": .text(filter.1), "total": .count(Int64(filter.2)),
            "isFirst": .bool(index == 0),
          ])
        }),
    ]
  }

  /// Patterns in the order in which a reader wants them: a rare error says more than a common request.
  private var ranked: [ClusterEntry] {
    report.clusters.enumerated().sorted { left, right in
      let ranks = (rank(left.element), rank(right.element))
      return ranks.0 == ranks.1 ? left.offset < right.offset : ranks.0 < ranks.1
    }.map(\.element)
  }

  private func rank(_ entry: ClusterEntry) -> Int {
    if entry.state == .muted { return 3 }
    return entry.level.isError ? 0 : entry.level == .warn ? 1 : 2
  }

  private func pattern(_ entry: ClusterEntry, position: Int) -> [String: TemplateValue] {
    let change = ClusterWords.change(entry, on: report.date)
    var classes: [String] = []
    if entry.level.isError { classes.append("is-error") }
    if entry.state == .new { classes.append("is-new") }
    if entry.state == .new || entry.state == .regressed { classes.append("is-changed") }
    return [
      "position": .text(String(position)),
      "classes": .text(classes.joined(separator: " ")),
      "href": .text("../cluster/\(entry.fingerprint)/index.html"),
      "templateHTML": .html(ClusterWords.template(entry.template)),
      "level": .text(entry.level.name),
      "levelClass": .text(ClusterWords.levelClass(entry.level)),
      "service": .text(ClusterWords.service(entry.identity)),
      "state": .text(ClusterWords.state(entry.state)),
      "stateClass": .text(entry.state.rawValue),
      "sparklineHTML": .html(Sparkline.hours(entry.hourly, of: night).svg),
      "count": .count(entry.count),
      "countNoun": .text(entry.count == 1 ? "event" : "events"),
      "change": .text(change.value),
      "changeNoun": .text(change.noun),
      "nightsSeen": .text("seen \(entry.nightsSeen)"),
      "nightsKnown": .count(Int64(entry.nightsKnown)),
      "sample": .optional(entry.samples.first.map { String($0.text.prefix(500)) }),
      "hoursHTML": .html(hourTable(entry)),
    ]
  }

  /// The hours in which the pattern came; the others are none.
  private func hourTable(_ entry: ClusterEntry) -> HTML {
    let hours = entry.hourly.enumerated().filter { $0.element > 0 }
    guard !hours.isEmpty else { return "<p>None of its lines carries a time.</p>" }
    let words = hours.map { "\(night.hourLabel($0.offset)) \(Figures.full($0.element))" }
    return "<p>By hour: \(words.joined(separator: ", ")).</p>"
  }
}

/// The values of `partials/change.html`.
enum ChangeView {
  static func values(_ entry: ChangeEntry, on date: CivilDate, clusterPrefix: String)
    -> [String: TemplateValue]
  {
    [
      "href": .text("\(clusterPrefix)\(entry.fingerprint)/index.html"),
      "templateHTML": .html(ClusterWords.template(entry.template, limit: 300)),
      "level": .text(entry.level.name),
      "levelClass": .text(ClusterWords.levelClass(entry.level)),
      "service": .text(ClusterWords.service(entry.identity)),
      "comparison": .text(comparison(entry, on: date)),
    ]
  }

  static func comparison(_ entry: ChangeEntry, on date: CivilDate) -> String {
    let comparison = entry.comparison
    let wasNever = comparison.previousNight ?? 0 == 0 && comparison.usual ?? 0 == 0
    if entry.lastSeenBefore == nil && wasNever { return "\(Figures.full(entry.count)) tonight" }
    let text = ClusterWords.comparison(entry.count, comparison, on: date)
    guard let last = entry.lastSeenBefore else { return text }
    return text + " · last seen \(Dates.dayMonth(last))"
  }
}
