import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct RetentionTests {
  private func end(ofDay day: Int) -> Timestamp {
    runKey(acme, march12.advanced(byDays: day)).window.end
  }

  private func fourNights(_ partitioning: Partitioning = .native) throws -> ScratchStore {
    let scratch = try ScratchStore(partitioning)
    for day in [0, 10, 20, 30] {
      let key = runKey(acme, march12.advanced(byDays: day))
      try scratch.write(sampleNight(of: key), of: key)
      try scratch.store.withTenant(acme) { session throws in
        try session.keepAnswer(storedAnswer(Character(String(day / 10))), of: key.window)
      }
    }
    return scratch
  }

  private func cutoffs(runs: Int, observations: Int, samples: Int) -> RetentionCutoffs {
    RetentionCutoffs(
      runs: end(ofDay: runs), observations: end(ofDay: observations), samples: end(ofDay: samples))
  }

  private func count(_ scratch: ScratchStore, _ table: String) throws -> Int {
    try scratch.asAdministrator("SELECT count(*) AS count FROM daybreak.\(table)").only()
      .int("count")
  }

  @Test(arguments: Partitioning.available)
  func `each kind of row goes by its own rule`(partitioning: Partitioning) throws {
    let scratch = try fourNights(partitioning)
    let gone = try scratch.store.applyRetention(
      to: acme, cutoffs: cutoffs(runs: 0, observations: 10, samples: 20), batchSize: 2)
    #expect(gone.runs == 1)
    #expect(gone.observations == 6)
    #expect(gone.samples == 12)
    #expect(gone.quarantined == 3)
    #expect(gone.answers == 3)
    #expect(gone.minutes == 2 * 90)
    #expect(gone.partitions >= 1)
    #expect(try count(scratch, "runs") == 3)
    #expect(try count(scratch, "cluster_observations") == 6)
    #expect(try count(scratch, "cluster_samples") == 4)
    #expect(try count(scratch, "quarantine") == 1)
    #expect(try count(scratch, "service_minutes") == 2 * 90)
    let again = try scratch.store.applyRetention(
      to: acme, cutoffs: cutoffs(runs: 0, observations: 10, samples: 20))
    #expect(again == RetentionCounts())
  }

  @Test func `totals of clusters outlive their observations`() throws {
    let scratch = try fourNights()
    let query = """
      SELECT count, level, first_seen_at, last_seen_at FROM daybreak.error_clusters
      WHERE service = 'api' AND level = 'ERROR'
      """
    let before = try scratch.asAdministrator(query).only()
    _ = try scratch.store.applyRetention(
      to: acme, cutoffs: cutoffs(runs: 0, observations: 10, samples: 10))
    // Totals are set anew from what is left and what is archived.
    let key = runKey(acme, march12.advanced(byDays: 30))
    try scratch.write(sampleNight(of: key), of: key)
    let after = try scratch.asAdministrator(query).only()
    #expect(try after.int64("count") == before.int64("count"))
    #expect(try after.timestamp("first_seen_at") == before.timestamp("first_seen_at"))
    #expect(try after.timestamp("last_seen_at") == before.timestamp("last_seen_at"))
  }

  @Test func `clusters are known after all their nights were archived`() throws {
    let scratch = try fourNights()
    _ = try scratch.store.applyRetention(
      to: acme, cutoffs: cutoffs(runs: 30, observations: 30, samples: 30))
    #expect(try count(scratch, "runs") == 0)
    let known = try scratch.store.withTenant(acme) { session throws in
      try session.knownClusters(before: end(ofDay: 31), recentFrom: march12)
    }
    #expect(known.map(\.template).sorted() == [template("cache"), template("db-1")].sorted())
    #expect(known.allSatisfy { $0.lastNight == nil && $0.firstSeen != nil })
  }

  @Test func `an archived night cannot be written again`() throws {
    let scratch = try fourNights()
    _ = try scratch.store.applyRetention(
      to: acme, cutoffs: cutoffs(runs: 0, observations: 10, samples: 10))
    let key = runKey(acme, march12.advanced(byDays: 10))
    #expect(
      throws: StorageError.nightArchived(
        tenant: acme, window: key.window, archivedUntil: end(ofDay: 10))
    ) { try scratch.write(sampleNight(of: key), of: key) }
  }

  @Test func `a partition with another tenant's rows stays`() throws {
    let scratch = try fourNights()
    try scratch.write(sampleNight(of: runKey(globex)), of: runKey(globex))
    _ = try scratch.store.applyRetention(
      to: acme, cutoffs: cutoffs(runs: 30, observations: 30, samples: 30))
    #expect(try count(scratch, "service_minutes") == 90)
    // The service may ask for it as often as it likes: nobody loses a row.
    try scratch.store.withTenant(acme) { session throws in
      _ = try session.connection.query(
        named: "attack", "SELECT daybreak.drop_empty_service_minutes('2100-01-01')")
    }
    #expect(try count(scratch, "service_minutes") == 90)
  }

  @Test func `partitions are made ahead, once, by many at a time`() async throws {
    let scratch = try ScratchStore()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try scratch.store.prepare(for: runKey().window) } }
      try await group.waitForAll()
    }
    let bounds = try scratch.asAdministrator(
      """
      SELECT inhrelid::regclass::text AS name, pg_get_expr(relpartbound, oid) AS bound
      FROM pg_inherits JOIN pg_class ON oid = inhrelid
      WHERE inhparent = 'daybreak.service_minutes'::regclass ORDER BY 1
      """)
    #expect(bounds.count == 5)
    #expect(try bounds[0].string("name") == "daybreak_partitions.service_minutes_20260312")
    #expect(
      try bounds[0].string("bound")
        == "FOR VALUES FROM ('2026-03-12 00:00:00+00') TO ('2026-03-13 00:00:00+00')")
  }

  @Test func `the service makes no partitions without bound`() throws {
    let scratch = try ScratchStore()
    #expect(throws: PostgresError.self) {
      try scratch.store.prepare(
        for: TimeWindow(start: Timestamp(seconds: 0), end: Timestamp(seconds: 200 * 86_400)))
    }
  }
}
