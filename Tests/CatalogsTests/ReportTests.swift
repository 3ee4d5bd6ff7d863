import Catalogs
import DaybreakCore
import Postgres
import TestSupport
import Testing

/// What `report.sql` says, as the reader sees it.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct ReportTests {
  private let night = TimeWindow(
    start: Timestamp(seconds: 1_773_273_600), end: Timestamp(seconds: 1_773_360_000))

  @Test(arguments: Catalog.names)
  func `every query of a catalog is a part, with its meaning and its columns`(name: String) throws {
    let seeded = try SeededCatalog(name)
    let session = try CatalogSession(seeded.catalog, on: seeded.target)
    let tenant =
      CatalogReport.isOfTenant(seeded.catalog) ? try CatalogTenants(session).list().first : nil
    let report = try CatalogReport(session, tenant: tenant, window: night)
    let queries = try seeded.catalog.queries(of: "report.sql").all
    #expect(report.parts.map(\.name) == queries.map(\.name))
    #expect(report.parts.allSatisfy { !$0.columns.isEmpty && !$0.meaning.isEmpty })
    #expect(report.parts.count { !$0.rows.isEmpty } * 2 > report.parts.count)
    for part in report.parts {
      #expect(part.rows.allSatisfy { $0.count == part.columns.count } && !part.isShortened)
    }
    #expect(try CatalogReport(session, tenant: tenant, window: night) == report)
  }

  @Test func `a report is of its tenant, whoever logs in`() throws {
    let seeded = try SeededCatalog("loghunter", scale: 1)
    let session = try CatalogSession(seeded.catalog, on: seeded.target)
    let tenants = try CatalogTenants(session).list()
    #expect(tenants.count > 1)
    var lines: [String: Int] = [:]
    for tenant in tenants {
      let activity = try #require(
        try CatalogReport(session, tenant: tenant, window: night).parts.first)
      let column = try #require(activity.columns.firstIndex(of: "lines"))
      lines[tenant.id] = activity.rows.first?[column].flatMap { Int($0) }
    }
    for tenant in tenants {
      let own = try seeded.number(
        """
        SELECT coalesce(sum(count), 0) FROM loghunter.error_cluster_windows WHERE tenant_id = '\(tenant.id)'
          AND window_start >= '2026-03-12 00:00+00' AND window_start < '2026-03-13 00:00+00'
        """)
      #expect(lines[tenant.id] == own)
    }
    #expect(lines.values.contains { $0 > 0 })
    #expect(throws: AccessError.self) {
      _ = try CatalogReport(session, tenant: nil, window: night)
    }
  }

  @Test(.enabled(if: ClickHouseServer.isAvailable))
  func `Netra's ClickHouse is asked of the same window`() throws {
    let server = try ClickHouseServer()
    let catalog = try Catalog(named: "netra")
    try ClickHouseMigrator(catalog).migrate(try server.client())
    let client = try server.client(database: "netra_analytics")
    try catalog.seedClickHouse(client, scale: 0.05, end: "2026-03-13")
    let parts = try CatalogReport.clickHouseParts(of: catalog, client, window: night)
    let queries = try catalog.queries(of: "clickhouse-report.sql").all
    #expect(parts.map(\.name) == queries.map(\.name))
    #expect(parts.allSatisfy { part in part.rows.allSatisfy { $0.count == part.columns.count } })
    let totals = try #require(parts.first)
    #expect(totals.columns.prefix(3) == ["events", "workloads", "users"] && totals.rows.count == 1)
    let hours = try #require(parts.first { $0.name == "hours" })
    #expect(hours.rows.count == 24)
  }

  @Test func `more rows than a reader wants are left out, and that is said`() throws {
    let seeded = try SeededCatalog("loglytics")
    let session = try CatalogSession(seeded.catalog, on: seeded.target)
    let tenant = try #require(try CatalogTenants(session).list().first)
    try seeded.connect().execute(
      named: "many",
      "INSERT INTO loglytics.projects (user_id, name) SELECT $1::text::uuid, 'project ' || n FROM generate_series(1, 300) AS n",
      [.text(tenant.id)])
    let report = try CatalogReport(session, tenant: tenant, window: night)
    let projects = try #require(report.parts.first { $0.name == "projects" })
    #expect(projects.rows.count == CatalogReport.rowLimit && projects.isShortened)
  }
}
