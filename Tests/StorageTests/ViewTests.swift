import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct ViewTests {
  @Test(arguments: Partitioning.available)
  func `the service refreshes for all tenants and records it for its own`(
    partitioning: Partitioning
  ) throws {
    let scratch = try ScratchStore(partitioning)
    for tenant in [acme, globex] {
      try scratch.write(sampleNight(of: runKey(tenant)), of: runKey(tenant))
    }
    // FORCE binds the owner as well: its own policies must let the refresh see every row.
    let fresh = try scratch.store.withTenant(acme) { session throws in
      try MaterializedView.allCases.map { try session.refresh($0, at: someMoment) }
    }
    // `web` logs over the turn of an hour.
    #expect(fresh.map(\.rowCount) == [3, 3, 1])
    #expect(fresh.allSatisfy { $0.refreshedAt == someMoment })
    let rows = try scratch.asAdministrator(
      "SELECT count(DISTINCT tenant_id) AS tenants FROM daybreak.service_hourly"
    ).only()
    #expect(try rows.int("tenants") == 2)
    let recorded = try scratch.asAdministrator("SELECT * FROM daybreak.matview_freshness")
    #expect(recorded.count == 3)
  }

  @Test func `the owner writes nothing and reads only what views are made of`() throws {
    let scratch = try ScratchStore()
    try fillEveryTable(scratch, for: acme)
    let connection = try Connection(scratch.administrator)
    try connection.execute(named: "be the owner", "SET ROLE daybreak_owner")
    for table in ["api_keys", "saved_filters", "error_clusters", "cluster_samples", "quarantine"] {
      #expect(
        try connection.query(named: "read", "SELECT FROM daybreak.\(table)").isEmpty, "\(table)")
    }
    for table in ["runs", "service_minutes", "night_summaries"] {
      let deleted = try connection.execute(named: "delete", "DELETE FROM daybreak.\(table)")
      #expect(deleted == 0, "\(table)")
    }
  }

  @Test func `hours sum up minutes`() throws {
    let scratch = try ScratchStore()
    let key = runKey()
    try scratch.write(
      NightRecord(
        clusters: [], minutes: [minutes(of: key, events: 30..<90, errors: [61])], coverage: []),
      of: key)
    let hours = try scratch.store.withTenant(acme) { session throws in
      try session.refresh(.serviceHourly, at: someMoment)
      return try session.serviceHours(in: key.window)
    }
    #expect(hours.map(\.hour) == [0, 3600].map { key.window.start.advanced(bySeconds: $0) })
    #expect(hours.map { $0.counts[.info] } == [30, 30])
    #expect(hours.map { $0.counts[.error] } == [0, 2])
  }

  @Test func `trends compare a night with the day before and 28 days`() throws {
    let scratch = try ScratchStore()
    for (day, count) in [(0, 4), (27, 6), (28, 2)] {
      let key = runKey(acme, march12.advanced(byDays: day))
      try scratch.write(
        NightRecord(
          clusters: [clusterNight("db-1", of: key, hours: [1: Int64(count)])], minutes: [],
          coverage: []), of: key)
    }
    let trends = try scratch.store.withTenant(acme) { session throws in
      try session.refresh(.clusterTrend, at: someMoment)
      return try [27, 28].map { try session.trends(of: march12.advanced(byDays: $0)).values.first }
    }
    #expect(trends[0]?.previousCount == nil)
    #expect(trends[0]?.nightsSeen == 2)
    #expect(trends[0]?.meanCount == 5)
    #expect(trends[1]?.previousCount == 6)
    #expect(trends[1]?.nightsSeen == 2)
    #expect(trends[1]?.peakCount == 6)
    #expect(trends[1]?.errorCount == 2)
  }

  @Test func `the dashboard does not multiply counts by each other`() throws {
    let scratch = try ScratchStore()
    let key = runKey()
    var night = sampleNight(of: key)
    night.coverage.append(coverage(key))
    try scratch.write(night, of: key)
    let dashboard = try scratch.store.withTenant(acme) { session throws in
      var second = anomaly(key)
      second.metric = .logVolume
      try session.writeAnomalies(baselines: [], events: [anomaly(key), second], of: key)
      try session.writeSummary(
        NightSummary(
          night: march12, window: key.window, verdict: "2 incidents", severity: .high,
          isComplete: true, counts: ["incidents": 2], detail: "{}"), of: key)
      try session.refresh(.tenantDashboard, at: someMoment)
      return try session.dashboard(from: march12, through: march12)
    }
    #expect(
      dashboard == [
        DashboardNight(
          night: march12, lines: 126, events: 8, errors: 5, clusters: 2, newClusters: 1,
          anomalies: 2, incidents: 2, severity: .high, verdict: "2 incidents")
      ])
  }

  @Test func `readers are not kept waiting while a view is refreshed`() throws {
    let scratch = try ScratchStore()
    try fillEveryTable(scratch, for: acme)
    try scratch.store.withTenant(acme) { session throws in
      try session.refresh(.serviceHourly, at: someMoment)
      // The refresh above holds its lock until this transaction ends.
      try scratch.store.withTenant(acme) { other throws in
        try other.connection.execute(named: "wait little", "SET LOCAL lock_timeout = '200ms'")
        #expect(try !other.serviceHours(in: runKey().window).isEmpty)
      }
    }
  }
}
