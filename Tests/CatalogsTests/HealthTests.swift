import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// What a health check finds, on real databases.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct HealthTests {
  private func now() -> Timestamp { Timestamp(seconds: Int64(Date().timeIntervalSince1970)) }

  private func check(_ seeded: SeededCatalog, target: ConnectionTarget? = nil) -> HealthReport {
    HealthCheck(seeded.catalog, in: target ?? seeded.target, now: now()).run()
  }

  @Test(arguments: Catalog.names)
  func `a catalog that is kept is healthy, and one that is not says what is missing`(name: String)
    throws
  {
    let seeded = try SeededCatalog(name, usesExtensions: false)
    let before = check(seeded)
    let needs =
      !seeded.catalog.definition.materializedViews.isEmpty
      || !seeded.catalog.definition.partitions.isEmpty
    #expect(before.status == (needs ? .degraded : .healthy), "\(before.warnings)")
    #expect(before.warnings.allSatisfy { $0.remedy?.hasPrefix("daybreak db ") == true })
    _ = try PartitionUpkeep(try seeded.session()).run()
    _ = try ViewRefresh(try seeded.session()).run()
    let after = check(seeded)
    #expect(after.status == .healthy, "\(after.warnings)")
    #expect(after.isOurs && after.checks.tables.count > 3)
    #expect(after.checks.database.checkedOut ?? 0 > 0)
    let limit = try seeded.number("current_setting('max_connections')::integer")
    #expect(after.checks.database.poolSize == limit)
    #expect(after.checks.indexes.allSatisfy { $0.isValid })
  }

  @Test func `a reader is enough, and changes nothing`() throws {
    let seeded = try SeededCatalog("xray", scale: nil)
    let connection = try seeded.connect()
    let name = "looker_\(UUID().uuidString.prefix(8).lowercased())"
    try connection.execute(named: "a login", "CREATE ROLE \(name) LOGIN")
    defer { _ = try? connection.execute(named: "gone", "DROP ROLE \(name)") }
    let report = check(seeded, target: seeded.target.withUser(name))
    #expect(report.status == .degraded)
    #expect(report.checks.tables.contains { $0.table == "logs" && $0.parts > 0 })
    #expect(
      try seeded.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'daybreak_upkeep'") == 0)
  }

  @Test func `a database that is not there, or holds something else, is unhealthy`() throws {
    let seeded = try SeededCatalog("anzx", scale: nil)
    let missing = check(seeded, target: seeded.target.withDatabase("no_such_database"))
    #expect(missing.status == .unhealthy)
    #expect(missing.warnings.first?.remedy?.contains("create the database") == true)
    let other = check(seeded, target: try TestDatabase.make())
    #expect(other.status == .unhealthy)
    #expect(other.warnings.contains { $0.message.contains("holds no anzx") })
  }

  @Test func `a database from the original's document is looked at as it is`() throws {
    let target = try TestDatabase.make()
    try Connection(target).script(
      named: "the document's tables",
      """
      CREATE TABLE protocols (id SERIAL PRIMARY KEY, name VARCHAR(50) UNIQUE NOT NULL);
      CREATE TABLE endpoints (id SERIAL PRIMARY KEY, address VARCHAR(255) UNIQUE NOT NULL);
      CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR(255) UNIQUE NOT NULL);
      CREATE TABLE tags (id SERIAL PRIMARY KEY, name VARCHAR(255) UNIQUE NOT NULL);
      CREATE TABLE logs (id BIGSERIAL, "timestamp" TIMESTAMPTZ NOT NULL, source_ip INET NOT NULL,
        source_port INTEGER NOT NULL, action VARCHAR(50), protocol_id INTEGER REFERENCES protocols(id),
        destination_id INTEGER REFERENCES endpoints(id), destination_port INTEGER,
        inbound_tag_id INTEGER REFERENCES tags(id), outbound_tag_id INTEGER REFERENCES tags(id),
        user_id INTEGER REFERENCES users(id)) PARTITION BY RANGE ("timestamp");
      """)
    let report = HealthCheck(try Catalog(named: "xray"), in: target, now: now()).run()
    #expect(!report.isOurs && report.schema == "public")
    #expect(report.status == .healthy, "\(report.warnings)")
    #expect(report.checks.tables.map(\.table).contains("endpoints"))
  }

  @Test(.enabled(if: ClickHouseServer.isAvailable)) func `Netra's ClickHouse is looked at too`()
    throws
  {
    let server = try ClickHouseServer()
    let catalog = try Catalog(named: "netra")
    try ClickHouseMigrator(catalog).migrate(try server.client())
    let client = try server.client(database: "netra_analytics")
    try catalog.seedClickHouse(client, scale: 0.05, end: String("\(now())".prefix(10)))
    let seeded = try SeededCatalog("netra", scale: nil)
    let report = HealthCheck(catalog, in: seeded.target, now: now()).run(clickHouse: client)
    let found = try #require(report.checks.clickhouse)
    #expect(found.status == .healthy, "\(report.warnings)")
    #expect(found.tables.contains { $0.table == "workload_events" && $0.rows ?? 0 > 0 })
    #expect(found.mostParts >= 1 && found.failedMutations.isEmpty)
    let gone = ClickHouseClient(try ClickHouseTarget("http://127.0.0.1:1"))
    #expect(
      HealthCheck(catalog, in: seeded.target, now: now()).run(clickHouse: gone).status == .unhealthy
    )
  }
}

/// Statistics, dead rows and indexes.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct OptimizationTests {
  @Test(arguments: ["anzx", "loglytics", "netra"])
  func `an index of vectors that is missing is built after the load`(name: String) throws {
    let seeded = try SeededCatalog(name)
    let index = try #require(seeded.catalog.definition.vectorIndexes.first)
    let hasVectors =
      try seeded.number("SELECT count(*) FROM pg_extension WHERE extname = 'vector'") == 1
    try seeded.connect().execute(named: "drop", "DROP INDEX IF EXISTS \(name).\(index.name)")
    let steps = try Optimization(try seeded.session()).run()
    #expect(steps.allSatisfy { $0.problem == nil }, "\(steps)")
    #expect(steps.contains { $0.work == "build" && $0.subject == index.name } == hasVectors)
    #expect(steps.contains { $0.work == "vacuum" })
    let again = try Optimization(try seeded.session()).run(rebuildsVectors: true)
    #expect(again.contains { $0.work == "rebuild" && $0.subject == index.name } == hasVectors)
  }

  @Test func `a bloated index is rebuilt, and becomes smaller`() throws {
    let seeded = try SeededCatalog("xray", scale: nil)
    try seeded.connect().script(
      named: "bloat",
      """
      INSERT INTO xray.users (email) SELECT 'user-' || n || '@example.test' FROM generate_series(1, 300000) AS n;
      DELETE FROM xray.users WHERE id % 20 <> 0;
      VACUUM ANALYZE xray.users;
      """)
    let steps = try Optimization(try seeded.session()).run()
    let rebuilt = steps.filter { $0.work == "rebuild" }
    #expect(!rebuilt.isEmpty && rebuilt.allSatisfy { $0.problem == nil })
    #expect(rebuilt.allSatisfy { $0.bytesAfter ?? .max < $0.bytesBefore ?? 0 })
  }
}
