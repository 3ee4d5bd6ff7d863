import DaybreakCore

/// What every page has around its content.
struct PageFrame {
  struct Crumb {
    let label: String
    /// Relative; nil for the page itself.
    let href: String?
  }

  let title: String
  let zone: String
  /// From the front page to this one.
  let crumbs: [Crumb]
  /// Whether `feed.atom` lies beside the page.
  var hasFeed = false

  /// The values of `partials/head.html` and `partials/foot.html`.
  func values(
    styleSheet: String, formats: Set<PageFormat> = Set(PageFormat.allCases)
  ) -> [String: TemplateValue] {
    [
      "pageTitle": .text(inlineText(title)),
      "zone": .text(zone),
      "styleSheet": .html(HTML(trusted: styleSheet)),
      "hasMarkdown": .bool(formats.contains(.markdown)),
      "hasJSON": .bool(formats.contains(.json)),
      "hasFeed": .bool(hasFeed),
      "crumbs": .list(
        crumbs.enumerated().map { index, crumb in
          .object([
            "label": .text(inlineText(crumb.label)),
            "link": crumb.href.map {
              .object(["href": .text($0), "isHome": .bool(index == 0)])
            } ?? false,
          ])
        }),
    ]
  }
}

/// A style sheet without comments and indentation, as every page carries it whole.
func compacted(_ styleSheet: String) -> String {
  var result = ""
  var rest = styleSheet[...]
  while let open = rest.range(of: "/*") {
    result += rest[..<open.lowerBound]
    guard let close = rest[open.upperBound...].range(of: "*/") else { return result }
    rest = rest[close.upperBound...]
  }
  result += rest
  let lines = result.split(whereSeparator: \.isNewline)
    .map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
  var compact = lines.joined(separator: "\n")
  for (long, short) in [
    ("; ", ";"), (": ", ":"), (" {", "{"), ("{ ", "{"), (" }", "}"), (";}", "}"),
  ] {
    compact = compact.replacing(long, with: short)
  }
  return compact
}

/// Words and markup that several pages use for a cluster.
enum ClusterWords {
  /// A cluster's mean and peak, where it has come on more nights than this one.
  static func trend(_ entry: ClusterEntry) -> NightlyTrend? {
    entry.nightsSeen > 1 ? entry.trend : nil
  }

  /// `12.3 on average`.
  static func mean(_ trend: NightlyTrend) -> String { Figures.rate(trend.mean) + " on average" }

  /// `40 at most`.
  static func peak(_ trend: NightlyTrend) -> String { Figures.full(trend.peak) + " at most" }

  /// A template with its placeholders set off.
  static func template(_ template: String, limit: Int = 600) -> HTML {
    let shown = template.count > limit ? String(template.prefix(limit)) + "…" : template
    guard shown.contains(where: { !$0.isWhitespace }) else { return "(empty line)" }
    let parts = TemplateText.parts(shown).map { part -> HTML in
      switch part {
      case .constant(let text): "\(text)"
      case .placeholder(let text): "<span class=\"ph\">\(text)</span>"
      }
    }
    return HTML("\(parts)")
  }

  static func levelClass(_ level: Level) -> String { "lv-" + level.name.lowercased() }

  /// `checkout`, with its namespace where that says something.
  static func service(_ identity: ServiceIdentity) -> String {
    let name = inlineText(identity.service, limit: 100)
    return identity.namespace == "default"
      ? name : inlineText(identity.namespace, limit: 60) + "/" + name
  }

  static func state(_ state: Lifecycle) -> String {
    switch state {
    case .new: "new"
    case .recurring: "recurring"
    case .regressed: "returned"
    case .resolved: "gone"
    case .muted: "muted"
    }
  }

  /// `412 tonight · Wed 3 · last Thu 5 · usual 4.1`.
  static func comparison(_ count: Int64, _ comparison: Comparison, on date: CivilDate) -> String {
    var parts = ["\(Figures.full(count)) tonight"]
    if let previous = comparison.previousNight {
      let day = Dates.weekday(date.advanced(byDays: -1))
      parts.append("\(day) \(Figures.full(previous))")
    }
    if let week = comparison.sameWeekdayLastWeek {
      parts.append("last \(Dates.weekday(date)) \(Figures.full(week))")
    }
    if let usual = comparison.usual { parts.append("usual \(Figures.rate(usual))") }
    return parts.joined(separator: " · ")
  }

  /// The change that a narrow column has room for, and what it is against.
  static func change(_ entry: ClusterEntry, on date: CivilDate) -> (value: String, noun: String) {
    let yesterday = "against " + Dates.weekday(date.advanced(byDays: -1))
    if entry.state == .new { return ("new", "tonight") }
    if let previous = entry.comparison.previousNight, previous > 0,
      let change = Figures.change(from: previous, to: entry.count)
    {
      return (change, yesterday)
    }
    if let usual = entry.comparison.usual, usual > 0,
      let change = Figures.change(from: usual, to: Double(entry.count))
    {
      return (change, "against usual")
    }
    return entry.comparison.previousNight == 0
      ? ("0", Dates.weekday(date.advanced(byDays: -1)))
      : ("–", "no night before")
  }
}
