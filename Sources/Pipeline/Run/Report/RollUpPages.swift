internal import DaybreakCore
internal import Rendering
internal import Storage

/// Merges the stored nights of weeks and months into their pages.
struct RollUpPages {
  /// How many error patterns a page lists.
  private static let patternLimit = 50

  let store: Store
  let renderer: ReportRenderer
  let calendar: NightCalendar
  let tenant: TenantName
  /// The tenant's nights from its first report to its last, without holes.
  let days: [DayCell]
  /// Events at ERROR or above by night.
  let errors: [CivilDate: Int64]

  /// Writes the week and the month of a night, and those of other nights that have no page yet.
  ///
  /// - Parameter night: the night that is new or done again.
  /// - Throws: what the store or the renderer throws.
  func write(for night: CivilDate) throws {
    for kind in NightSpan.Kind.allCases {
      for span in Set(days.map { NightSpan(kind, of: $0.date) }).sorted(by: { $0.first < $1.first })
      where span.contains(night) || !renderer.hasRollUp(span, of: tenant) {
        try Cancellation.check()
        try renderer.writeRollUp(try rollUp(span))
      }
    }
  }

  private func rollUp(_ span: NightSpan) throws -> RollUp {
    let nights = days.filter { span.contains($0.date) }
    let before = days.filter { span.previous.contains($0.date) }.compactMap(\.verdict?.lines)
    let window = TimeWindow(
      start: calendar.window(of: span.first).start, end: calendar.window(of: span.last).end)
    let (sums, hours, changes) = try store.withTenant(tenant, readOnly: true) { session in
      (
        try session.errorClusters(
          from: span.first, through: span.last, limit: Self.patternLimit),
        try session.serviceHours(in: window), try session.successions(before: window.end)
      )
    }
    return RollUp(
      tenant: tenant, calendar: calendar, span: span,
      nights: nights.map { RollUp.Night(cell: $0, errors: errors[$0.date]) },
      previousMeanLines: before.isEmpty
        ? nil : Double(before.reduce(0, +)) / Double(before.count),
      patterns: sums.clusters.map { pattern($0, nights) }, patternTotal: sums.total,
      services: services(hours),
      lineage: TemplateChanges.named(changes.filter { span.contains($0.night) }))
  }

  private func pattern(_ sum: ClusterSum, _ nights: [DayCell]) -> RollUp.Pattern {
    let counts = Dictionary(
      sum.nights.map { ($0.night, $0.count) }, uniquingKeysWith: { one, _ in one })
    let judged = nights.first { $0.date == sum.newOn }?.verdict.map { $0.status != .learning }
    return RollUp.Pattern(
      fingerprint: sum.fingerprint, identity: sum.identity, template: sum.template,
      level: sum.level, count: sum.count,
      daily: nights.map { $0.verdict == nil ? nil : counts[$0.date] ?? 0 },
      newOn: judged == true ? sum.newOn : nil)
  }

  private func services(_ hours: [ServiceHour]) -> [RollUp.Service] {
    Dictionary(grouping: hours, by: \.identity).map { identity, hours in
      RollUp.Service(
        identity: identity, lines: hours.reduce(0) { $0 + $1.counts.total },
        errors: hours.reduce(0) { $0 + $1.counts.errors })
    }.sorted {
      $0.errors != $1.errors
        ? $0.errors > $1.errors
        : $0.lines != $1.lines ? $0.lines > $1.lines : $0.identity < $1.identity
    }
  }
}
