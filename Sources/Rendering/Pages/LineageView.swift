import DaybreakCore

/// The values of `partials/lineage.html`: a merge or split of templates.
struct LineageView {
  /// How many templates of one side a list shows.
  static let sideLimit = 5

  let change: TemplateChangeEntry
  /// What leads from the page to the folder of clusters.
  let clusterPrefix: String

  var values: [String: TemplateValue] {
    [
      "level": .text(change.level.name),
      "levelClass": .text(ClusterWords.levelClass(change.level)),
      "service": .text(ClusterWords.service(change.identity)),
      "sides": .list([
        side("Was", change.old) { LineageWords.old($0, of: change) },
        side("Is now", change.new) { LineageWords.new($0) },
      ]),
    ]
  }

  private func side(
    _ name: String, _ sides: [TemplateChangeEntry.Side],
    _ counts: (TemplateChangeEntry.Side) -> String
  ) -> TemplateValue {
    var shown = sides.prefix(LineageView.sideLimit).map { side -> TemplateValue in
      .object([
        "link": .object([
          "href": .text("\(clusterPrefix)\(side.fingerprint)/index.html"),
          "templateHTML": .html(ClusterWords.template(side.template, limit: 300)),
        ]),
        "counts": .text(counts(side)),
      ])
    }
    let rest = sides.count - shown.count
    if rest > 0 {
      shown.append(
        .object([
          "link": false, "templateHTML": .html("and \(Figures.full(Int64(rest))) more"),
          "counts": .text(""),
        ]))
    }
    return .object(["name": .text(name), "templates": .list(shown)])
  }
}

/// How merges and splits are worded on every page.
enum LineageWords {
  /// `3 tonight · Wed 900` of what was there before; the night of the change is tonight.
  static func old(_ side: TemplateChangeEntry.Side, of change: TemplateChangeEntry) -> String {
    var parts: [String] = []
    if change.kind == .split, let count = side.count {
      parts.append("\(Figures.full(count)) tonight")
    }
    if let previous = side.previousNight {
      let day = Dates.weekday(change.night.advanced(byDays: -1))
      parts.append("\(day) \(Figures.full(previous))")
    }
    return parts.joined(separator: " · ")
  }

  /// `412 tonight` of what is there now.
  static func new(_ side: TemplateChangeEntry.Side) -> String {
    side.count.map { "\(Figures.full($0)) tonight" } ?? ""
  }

  /// What a change was for one of its sides, and the templates on the other one.
  static func told(
    _ change: TemplateChangeEntry, by fingerprint: Fingerprint
  ) -> (words: String, others: [TemplateChangeEntry.Side]) {
    let isOld = change.old.contains { $0.fingerprint == fingerprint }
    let night = Dates.long(change.night)
    return switch (change.kind, isOld) {
    case (.merged, true): ("Since \(night) its lines belong to", change.new)
    case (.merged, false): ("On \(night) it took the place of", change.old)
    case (.split, true): ("On \(night) it was split; lines of it belong to", change.new)
    case (.split, false): ("On \(night) it was split from", change.old)
    }
  }
}

extension ClusterPage {
  /// The merge that gave its lines to another pattern since the night of the page; nil when none did.
  var replacement: TemplateChangeEntry? {
    lineage.last { change in
      change.kind == .merged && change.night >= date
        && change.old.contains { $0.fingerprint == fingerprint }
    }
  }
}

extension ClusterView {
  /// Whether others have taken its lines, or some of them, by its latest change.
  private var isOld: Bool {
    page.lineage.last.map { change in
      change.old.contains { $0.fingerprint == page.fingerprint }
    } ?? false
  }

  var lineageValues: [String: TemplateValue] {
    [
      "hasLineage": .bool(!page.lineage.isEmpty),
      "lineageTitle": .text(isOld ? "What became of it" : "Where it comes from"),
      "lineage": .list(
        page.lineage.map { change in
          let (words, others) = LineageWords.told(change, by: page.fingerprint)
          return .object([
            "words": .text(words), "service": .text(ClusterWords.service(change.identity)),
            "templates": .list(
              others.map { other in
                .object([
                  "href": .text("../\(other.fingerprint)/index.html"),
                  "templateHTML": .html(ClusterWords.template(other.template, limit: 300)),
                ])
              }),
          ])
        }),
    ]
  }
}
