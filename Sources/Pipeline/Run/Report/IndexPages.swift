internal import DaybreakCore
internal import Foundation
internal import Rendering
internal import Storage

/// Brings the tenant's page, its weeks and months and the front page up to date from what the store keeps
/// of its nights.
struct IndexPages {
  let store: Store
  let renderer: ReportRenderer
  let calendar: NightCalendar

  /// How many nights the front page shows.
  private static let siteNights = 28
  /// How many nights a tenant's page looks back on: six months.
  private static let tenantNights = 184

  /// Writes the pages.
  ///
  /// - Parameter report: the night that was rendered; the tenant's latest, or an older one done again.
  /// - Throws: what the store or the renderer throws.
  func write(_ report: DayReport) throws {
    let (days, errors) = try days(of: report.tenant)
    let isLatest = days.last?.date == report.date
    if isLatest {
      let changes = report.changes
      try renderer.writeTenant(
        TenantIndex(
          tenant: report.tenant, calendar: calendar, days: days,
          open: (changes.new + changes.escalating + changes.returned).filter {
            $0.level.isError
          }, recurring: recurring(report)))
    }
    try RollUpPages(
      store: store, renderer: renderer, calendar: calendar, tenant: report.tenant, days: days,
      errors: errors
    ).write(for: report.date)
    try renderer.writeSite(try siteIndex())
  }

  /// Error clusters that come on most nights, the most frequent first.
  private func recurring(_ report: DayReport) -> [ClusterEntry] {
    report.clusters.filter { entry in
      entry.level.isError && entry.state == .recurring && entry.nightsKnown >= 3
        && entry.nightsSeen * 2 > entry.nightsKnown
    }
  }

  private func siteIndex() throws -> SiteIndex {
    let rows = try store.tenantNames().map { tenant in
      (tenant: tenant, days: try days(of: tenant).cells.filter { $0.verdict != nil })
    }.filter { !$0.days.isEmpty }
    guard let newest = rows.compactMap({ $0.days.last?.date }).max(),
      let oldest = rows.compactMap({ $0.days.first?.date }).min()
    else { return SiteIndex(rows: []) }
    let first = max(oldest, newest.advanced(byDays: 1 - Self.siteNights))
    return SiteIndex(
      rows: rows.map { row in
        SiteIndex.Row(tenant: row.tenant, days: Self.filled(row.days, from: first, through: newest))
      })
  }

  /// The tenant's nights from its first report to its last, without holes, and the errors of each.
  private func days(
    of tenant: TenantName
  ) throws -> (cells: [DayCell], errors: [CivilDate: Int64]) {
    let summaries = try store.withTenant(tenant, readOnly: true) { session in
      try session.summaries(from: CivilDate(dayNumber: 0), through: CivilDate(dayNumber: 100_000))
    }
    let cells = summaries.map { summary in
      DayCell(
        date: summary.night,
        verdict: try? JSONDecoder().decode(Verdict.self, from: Data(summary.detail.utf8)))
    }
    let errors = Dictionary(
      summaries.compactMap { summary in summary.counts["errors"].map { (summary.night, $0) } },
      uniquingKeysWith: { _, new in new })
    guard let first = cells.first?.date, let last = cells.last?.date else { return ([], [:]) }
    return (
      Self.filled(
        cells, from: max(first, last.advanced(byDays: 1 - Self.tenantNights)), through: last),
      errors
    )
  }

  /// Puts cells that say "did not run" where a night is missing.
  private static func filled(
    _ cells: [DayCell], from first: CivilDate, through last: CivilDate
  ) -> [DayCell] {
    let known = Dictionary(cells.map { ($0.date, $0) }, uniquingKeysWith: { _, new in new })
    return (first.dayNumber...last.dayNumber).map { number in
      let date = CivilDate(dayNumber: number)
      return known[date] ?? DayCell(date: date)
    }
  }
}
