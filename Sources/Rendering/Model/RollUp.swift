package import DaybreakCore

/// A week or a month of a tenant, merged from what the store keeps of its nights.
package struct RollUp: Sendable {
  /// One night of the span.
  package struct Night: Hashable, Sendable {
    package var cell: DayCell
    /// Events at ERROR or above; nil when the night did not run.
    package var errors: Int64?

    package init(cell: DayCell, errors: Int64?) {
      self.cell = cell
      self.errors = errors
    }
  }

  /// An error pattern over the span.
  package struct Pattern: Hashable, Sendable {
    package var fingerprint: Fingerprint
    package var identity: ServiceIdentity
    package var template: String
    package var level: Level
    /// Events of the span.
    package var count: Int64
    /// Events by night, in the order of `RollUp.nights`; nil for a night that did not run.
    package var daily: [Int64?]
    /// The night of the span on which it was new; nil for one known before.
    package var newOn: CivilDate?

    package init(
      fingerprint: Fingerprint, identity: ServiceIdentity, template: String, level: Level,
      count: Int64, daily: [Int64?], newOn: CivilDate? = nil
    ) {
      self.fingerprint = fingerprint
      self.identity = identity
      self.template = template
      self.level = level
      self.count = count
      self.daily = daily
      self.newOn = newOn
    }
  }

  /// A service over the span.
  package struct Service: Hashable, Sendable {
    package var identity: ServiceIdentity
    package var lines: Int64
    /// Of `lines`, those at ERROR or above.
    package var errors: Int64

    package init(identity: ServiceIdentity, lines: Int64, errors: Int64) {
      self.identity = identity
      self.lines = lines
      self.errors = errors
    }
  }

  package var tenant: TenantName
  package var calendar: NightCalendar
  package var span: NightSpan
  /// The nights of the span from the tenant's first report to its last, oldest first, without holes;
  /// never empty.
  package var nights: [Night]
  /// Mean lines of the nights of the span before; nil when none of them ran.
  package var previousMeanLines: Double?
  /// The most frequent error patterns, the largest first, and how many there are in all.
  package var patterns: [Pattern]
  package var patternTotal: Int
  /// Most errors first.
  package var services: [Service]
  /// Merges and splits of templates, oldest first.
  package var lineage: [TemplateChangeEntry]

  package init(
    tenant: TenantName, calendar: NightCalendar, span: NightSpan, nights: [Night],
    previousMeanLines: Double? = nil, patterns: [Pattern] = [], patternTotal: Int = 0,
    services: [Service] = [], lineage: [TemplateChangeEntry] = []
  ) {
    self.tenant = tenant
    self.calendar = calendar
    self.span = span
    self.nights = nights
    self.previousMeanLines = previousMeanLines
    self.patterns = patterns
    self.patternTotal = patternTotal
    self.services = services
    self.lineage = lineage
  }

  /// The verdicts of the nights that ran.
  var verdicts: [Verdict] { nights.compactMap(\.cell.verdict) }
  var lines: Int64 { verdicts.reduce(0) { $0 + $1.lines } }
  var errors: Int64 { nights.reduce(0) { $0 + ($1.errors ?? 0) } }
  /// The worst of the nights; nil when none ran.
  var status: Verdict.Status? {
    let order = Verdict.Status.allCases
    return verdicts.map(\.status).min { left, right in
      (order.firstIndex(of: left) ?? 0) < (order.firstIndex(of: right) ?? 0)
    }
  }
}

extension NightSpan {
  /// `Week 11`, `March 2026`: for links.
  var shortTitle: String {
    switch kind {
    case .week: "Week \(weekNumber.week)"
    case .month: Dates.month(first)
    }
  }
}

/// What a week or a month was, in one or two sentences; built by code and never by a model.
struct RollUpVerdict {
  let rollUp: RollUp

  /// `Week 11 of 2026, 9–15 Mar`.
  var occasion: String {
    let span = rollUp.span
    switch span.kind {
    case .month: return Dates.month(span.first)
    case .week:
      let (year, week) = span.weekNumber
      let first =
        span.first.month == span.last.month
        ? String(span.first.day) : Dates.dayMonth(span.first)
      return "Week \(week) of \(year), \(first)–\(Dates.dayMonth(span.last))"
    }
  }

  /// `3 incidents on 2 nights, 5 new error patterns`.
  var headline: String {
    let verdicts = rollUp.verdicts
    let incidents = verdicts.reduce(0) { $0 + $1.incidentCount }
    let troubled = verdicts.count { $0.incidentCount > 0 }
    let news = verdicts.reduce(0) { $0 + $1.newErrorCount }
    var clauses: [String] = []
    if incidents > 0 {
      clauses.append(
        Figures.counted(incidents, "incident") + " on " + Figures.counted(troubled, "night"))
    }
    if news > 0 { clauses.append(Figures.counted(news, "new error pattern")) }
    if !clauses.isEmpty { return clauses.joined(separator: ", ") }
    return verdicts.isEmpty ? "No night ran" : "Nothing new"
  }

  /// `7.01 M lines, 1,204 errors on 7 nights (+4 % lines a night against the week before)`.
  var volume: String {
    let verdicts = rollUp.verdicts
    let noun = rollUp.lines == 1 ? " line" : " lines"
    var text =
      Figures.short(rollUp.lines) + noun + ", "
      + Figures.counted(Int(rollUp.errors), "error") + " on "
      + Figures.counted(verdicts.count, "night")
    if let before = rollUp.previousMeanLines, !verdicts.isEmpty,
      let change = Figures.change(
        from: before, to: Double(rollUp.lines) / Double(verdicts.count))
    {
      text += " (\(change) lines a night against the \(rollUp.span.kind.rawValue) before)"
    }
    return text
  }

  /// What is missing from the span, one clause each.
  var gaps: [String] {
    let missing = rollUp.nights.count { $0.cell.verdict == nil }
    let incomplete = rollUp.verdicts.count { !$0.gaps.isEmpty }
    var clauses: [String] = []
    if missing > 0 { clauses.append(Figures.counted(missing, "night") + " did not run") }
    if incomplete > 0 { clauses.append(Figures.counted(incomplete, "night") + " not complete") }
    return clauses
  }

  /// The whole verdict as text.
  var text: String {
    let gapText = gaps.isEmpty ? "" : " Incomplete: " + gaps.joined(separator: "; ") + "."
    return "\(occasion): \(headline). \(volume).\(gapText)"
  }
}
