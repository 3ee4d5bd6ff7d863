import Catalogs
import Foundation
import Postgres
import TestSupport
import Testing

/// Materialized views and their ledger.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct ViewRefreshTests {
  @Test(arguments: ["loglytics", "netra", "xray"])
  func `views are refreshed while readers go on, and it is written down`(name: String) throws {
    let seeded = try SeededCatalog(name)
    let views = seeded.catalog.definition.materializedViews
    let reader = try seeded.connect()
    let outcomes = try reader.transaction {
      for view in views {
        try reader.execute(
          named: "read", "SELECT count(*) FROM \(seeded.catalog.schema).\(view.name)")
      }
      return try ViewRefresh(try seeded.session()).run()
    }
    #expect(outcomes.map(\.view) == views.map(\.name))
    #expect(outcomes.allSatisfy { $0.problem == nil && $0.wasConcurrent })
    #expect(try seeded.number("SELECT count(*) FROM daybreak_upkeep.refreshes") == views.count)
    #expect(try seeded.number("SELECT count(*) FROM \(seeded.catalog.schema).\(views[0].name)") > 0)
  }

  @Test func `a view that was never filled is filled`() throws {
    let seeded = try SeededCatalog("netra")
    try seeded.connect().execute(
      named: "empty", "REFRESH MATERIALIZED VIEW netra.run_daily WITH NO DATA")
    let outcomes = try ViewRefresh(try seeded.session()).run(only: ["run_daily"])
    #expect(outcomes.map(\.wasConcurrent) == [false])
    #expect(try seeded.number("SELECT count(*) FROM netra.run_daily") > 0)
  }

  @Test func `a view that is locked is told of, unchanged, and the next one is done`() throws {
    let seeded = try SeededCatalog("netra")
    let holder = try seeded.connect()
    let session = try UpkeepSession(
      seeded.catalog, in: seeded.target, lockTimeout: .milliseconds(200))
    let outcomes = try holder.transaction {
      try holder.execute(named: "hold", "LOCK TABLE netra.runs IN ACCESS EXCLUSIVE MODE")
      return try ViewRefresh(session).run()
    }
    #expect(outcomes[0].problem != nil && outcomes[0].remedy?.contains("lock") == true)
    #expect(outcomes[1].problem == nil)
    #expect(try seeded.number("SELECT count(*) FROM daybreak_upkeep.refreshes") == 1)
  }

  @Test func `an unknown view is guessed`() throws {
    let seeded = try SeededCatalog("netra", scale: nil)
    let error = #expect(throws: UpkeepError.self) {
      _ = try ViewRefresh(try seeded.session()).run(only: ["run_dayly"])
    }
    #expect(error?.remedy == "did you mean `run_daily`?")
  }
}

/// Days ahead and default parts.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct PartitionUpkeepTests {
  @Test(arguments: ["loglytics", "xray"])
  func `days ahead are made once, and counted`(name: String) throws {
    let seeded = try SeededCatalog(name, usesExtensions: false, scale: nil)
    let before = try #require(
      try PartitionUpkeep(try seeded.session(isReading: true)).run(onlyLooks: true).first)
    #expect(before.daysReady == 0 && !before.isReady)
    let made = try #require(try PartitionUpkeep(try seeded.session()).run().first)
    #expect(made.made == 8 && made.daysReady == 7 && made.isReady)
    let again = try #require(try PartitionUpkeep(try seeded.session()).run(days: 9).first)
    #expect(again.made == 2 && again.daysReady == 9)
  }

  @Test func `rows that wait in the default part get their days`() throws {
    let seeded = try SeededCatalog("xray", scale: nil)
    try seeded.connect().script(
      named: "strays",
      """
      INSERT INTO xray.logs ("timestamp", source_ip, source_port)
      SELECT '2020-01-01 12:00+00'::timestamptz + n * interval '1 day', '10.0.0.1', 1 FROM generate_series(0, 4) AS n;
      """)
    let session = try seeded.session()
    let waiting = try #require(try PartitionUpkeep(session).run(onlyLooks: true).first)
    #expect(waiting.strayRows == 5 && !waiting.isReady)
    let done = try #require(try PartitionUpkeep(session).run().first)
    #expect(done.strayRows == 0 && done.made == 13 && done.first == "2020-01-01T00:00:00Z")
  }

  @Test func `lines that wait in the default part get their days in Loglytics too`() throws {
    let seeded = try SeededCatalog("loglytics", usesExtensions: false)
    let connection = try seeded.connect()
    try connection.execute(
      named: "strays",
      """
      INSERT INTO loglytics.log_entries (log_file_id, project_id, user_id, "timestamp", message)
      SELECT id, project_id, user_id, '2019-06-01 23:30+00', 'late' FROM loglytics.log_files LIMIT 3
      """)
    let done = try #require(try PartitionUpkeep(try seeded.session()).run().first)
    #expect(done.strayRows == 0 && done.first == "2019-06-01T00:00:00Z")
    #expect(
      try seeded.number(
        "SELECT count(*) FROM loglytics_partitions.log_entries_20190601 WHERE message = 'late'")
        == 3)
  }

  @Test func `a hypertable makes its parts by itself`() throws {
    let seeded = try SeededCatalog("loglytics")
    let isHypertable =
      try seeded.number(
        "SELECT count(*) FROM pg_class WHERE oid = 'loglytics.log_entries'::regclass AND relkind = 'r'"
      ) == 1
    let table = try #require(try PartitionUpkeep(try seeded.session()).run().first)
    #expect(table.isHypertable == isHypertable)
    #expect(table.parts > 10 && table.isReady)
  }
}
