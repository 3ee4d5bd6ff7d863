package import DaybreakCore
package import Foundation
import Postgres

/// A materialized view of the store.
package enum MaterializedView: String, Sendable, CaseIterable {
  case serviceHourly = "service_hourly"
  case clusterTrend = "cluster_trend"
  case tenantDashboard = "tenant_dashboard"
}

/// When a materialized view was last refreshed.
package struct ViewFreshness: Hashable, Sendable {
  package var view: MaterializedView
  /// By the clock of the run that asked for it.
  package var refreshedAt: Timestamp
  package var duration: Duration
  /// Rows of this tenant.
  package var rowCount: Int64
}

/// Events of one service in one hour.
package struct ServiceHour: Hashable, Sendable {
  package var identity: ServiceIdentity
  /// The start of the hour, at full hours of UTC.
  package var hour: Timestamp
  package var counts: LevelCounts
}

/// A cluster on a night, against its own past.
package struct ClusterTrend: Hashable, Sendable {
  /// The cluster's row id, as in `StoredClusterNight`.
  package var clusterID: UUID
  package var night: CivilDate
  package var count: Int64
  package var errorCount: Int64
  /// Events on the calendar day before; nil when that night has no observation of it.
  package var previousCount: Int64?
  /// Of the 28 nights up to and with this one, those with an event.
  package var nightsSeen: Int
  /// Mean and maximum over the observed of those nights.
  package var meanCount: Double
  package var peakCount: Int64
}

/// A night of the tenant in figures.
package struct DashboardNight: Hashable, Sendable {
  package var night: CivilDate
  /// Lines read: clustered and quarantined.
  package var lines: Int64
  package var events: Int64
  /// Events at ERROR or above.
  package var errors: Int64
  package var clusters: Int64
  package var newClusters: Int64
  package var anomalies: Int64
  package var incidents: Int64
  package var severity: Severity?
  /// nil when the night was never summed up: it did not run to its end.
  package var verdict: String?
}

// The materialized views, each read through the view that shows the session's tenant alone.
extension TenantSession {
  /// Refreshes a view for all tenants and records it for this one.
  ///
  /// Readers are not kept waiting.
  ///
  /// - Parameters:
  ///   - view: which.
  ///   - moment: the run's clock.
  /// - Returns: what was recorded.
  /// - Throws: `PostgresError`, `StorageError`.
  @discardableResult
  package func refresh(_ view: MaterializedView, at moment: Timestamp) throws -> ViewFreshness {
    let start = ContinuousClock.now
    _ = try connection.query(
      named: "refresh \(view.rawValue)", "SELECT daybreak.refresh_view($1)",
      [.text(view.rawValue)])
    let duration = ContinuousClock.now - start
    let (seconds, attoseconds) = duration.components
    try connection.execute(
      named: "record that \(view.rawValue) is fresh",
      """
      INSERT INTO daybreak.matview_freshness
        (tenant_id, view_name, refreshed_at, duration_milliseconds, row_count)
      SELECT $1, $2, $3, $4, count(*) FROM daybreak.\(view.rawValue)_visible
      ON CONFLICT (tenant_id, view_name) DO UPDATE
      SET refreshed_at = excluded.refreshed_at, row_count = excluded.row_count,
        duration_milliseconds = excluded.duration_milliseconds
      """,
      [
        tenantID, .text(view.rawValue), .timestamp(moment),
        .int64(seconds * 1000 + attoseconds / 1_000_000_000_000_000),
      ])
    guard let recorded = try freshness().first(where: { $0.view == view }) else {
      throw StorageError.notFound(what: "freshness of \(view.rawValue)")
    }
    return recorded
  }

  /// When each view was last refreshed by a run of this tenant; never-refreshed ones are left out.
  package func freshness() throws -> [ViewFreshness] {
    try connection.query(
      named: "freshness of views",
      "SELECT * FROM daybreak.matview_freshness ORDER BY view_name COLLATE \"C\""
    ).map { row in
      ViewFreshness(
        view: try enumeration(
          MaterializedView.self, row.string("view_name"), table: "matview_freshness",
          column: "view_name"),
        refreshedAt: try row.timestamp("refreshed_at"),
        duration: .milliseconds(try row.int64("duration_milliseconds")),
        rowCount: try row.int64("row_count"))
    }
  }

  /// Events by service and hour of UTC; hours without an event are left out.
  ///
  /// - Parameter range: only hours that start inside it.
  /// - Returns: sorted by service, then hour, as of the last refresh.
  /// - Throws: `PostgresError`, `StorageError`.
  package func serviceHours(in range: TimeWindow) throws -> [ServiceHour] {
    let rows = try connection.query(
      named: "events by service and hour",
      "SELECT * FROM daybreak.service_hourly_visible WHERE hour >= $1 AND hour < $2",
      [.timestamp(range.start), .timestamp(range.end)])
    return try rows.map { row in
      let counts = try Level.allCases.map { try row.int64("\($0.name.lowercased())_count") }
      return ServiceHour(
        identity: try serviceIdentity(row), hour: try row.timestamp("hour"),
        counts: levelCounts(counts))
    }.sorted { $0.identity == $1.identity ? $0.hour < $1.hour : $0.identity < $1.identity }
  }

  /// The clusters of a night against their own past, as of the last refresh.
  package func trends(of night: CivilDate) throws -> [UUID: ClusterTrend] {
    let rows = try connection.query(
      named: "trends of a night",
      "SELECT * FROM daybreak.cluster_trend_visible WHERE night = $1", [.date(night)])
    return try rows.reduce(into: [:]) { trends, row in
      let id = try row.uuid("cluster_id")
      trends[id] = ClusterTrend(
        clusterID: id, night: night, count: try row.int64("count"),
        errorCount: try row.int64("error_count"),
        previousCount: try row.optionalInt64("previous_count"),
        nightsSeen: try row.int("nights_seen"), meanCount: try row.double("mean_count"),
        peakCount: try row.int64("peak_count"))
    }
  }

  /// The tenant's nights in figures, oldest first, as of the last refresh.
  package func dashboard(
    from firstNight: CivilDate, through lastNight: CivilDate
  ) throws -> [DashboardNight] {
    try connection.query(
      named: "dashboard of the tenant",
      """
      SELECT * FROM daybreak.tenant_dashboard_visible WHERE night BETWEEN $1 AND $2
      ORDER BY night
      """,
      [.date(firstNight), .date(lastNight)]
    ).map { row in
      DashboardNight(
        night: try row.date("night"), lines: try row.int64("lines"),
        events: try row.int64("events"), errors: try row.int64("errors"),
        clusters: try row.int64("clusters"), newClusters: try row.int64("new_clusters"),
        anomalies: try row.int64("anomalies"), incidents: try row.int64("incidents"),
        severity: try row.optionalString("severity").map {
          try enumeration(Severity.self, $0, table: "tenant_dashboard", column: "severity")
        },
        verdict: try row.optionalString("verdict"))
    }
  }
}
