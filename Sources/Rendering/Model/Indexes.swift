package import DaybreakCore

/// One night of one tenant, as the indexes show it.
package struct DayCell: Hashable, Sendable {
  package var date: CivilDate
  /// Nil when the night did not run.
  package var verdict: Verdict?

  /// Makes a cell; without a verdict it says "did not run".
  package init(date: CivilDate, verdict: Verdict? = nil) {
    self.date = date
    self.verdict = verdict
  }
}

/// A tenant's page: its calendar, its latest verdict, its open and recurring patterns.
package struct TenantIndex: Sendable {
  package var tenant: TenantName
  package var calendar: NightCalendar
  /// Every night from the first report to the last, without holes, oldest first; the page shows the
  /// last 28 as a strip and the last six months as a calendar.
  package var days: [DayCell]
  /// Error clusters of the last night that are new, escalating or returned.
  package var open: [ChangeEntry]
  /// Error clusters of the last night that come on most nights, most frequent first.
  package var recurring: [ClusterEntry]

  package init(
    tenant: TenantName, calendar: NightCalendar, days: [DayCell], open: [ChangeEntry] = [],
    recurring: [ClusterEntry] = []
  ) {
    self.tenant = tenant
    self.calendar = calendar
    self.days = days
    self.open = open
    self.recurring = recurring
  }
}

/// The front page: tenants × the last 28 days.
package struct SiteIndex: Sendable {
  package struct Row: Sendable {
    package var tenant: TenantName
    /// Oldest first, the same dates in every row, 28 at most.
    package var days: [DayCell]

    package init(tenant: TenantName, days: [DayCell]) {
      self.tenant = tenant
      self.days = days
    }
  }

  /// By name of tenant.
  package var rows: [Row]

  package init(rows: [Row]) { self.rows = rows }
}
