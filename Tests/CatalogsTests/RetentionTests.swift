import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// What goes at which age, on real databases with their example data.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct RetentionTests {
  @Test(arguments: Catalog.names, [true, false])
  func `what a dry run counts is what goes, and then nothing is left to go`(
    name: String, usesExtensions: Bool
  ) throws {
    let seeded = try SeededCatalog(name, usesExtensions: usesExtensions)
    // Three years on, everything that has an age is due.
    var options = RetentionOptions()
    options.moment = Timestamp(seconds: 1_773_360_000 + 3 * 366 * 86_400)
    options.batchSize = 70
    options.isDryRun = true
    let promised = try Retention(try seeded.session(isReading: true), options: options).run()
    options.isDryRun = false
    let report = try Retention(try seeded.session(), options: options).run()
    #expect(report.isComplete, "\(report)")
    for rule in promised.rules {
      let done = report.rules.first { $0.rule == rule.rule }
      #expect(done?.tables == rule.tables, "\(rule.rule)")
    }
    let rows = report.rules.flatMap(\.tables).filter { $0.means == "rows" }.reduce(0) {
      $0 + $1.count
    }
    if name != "xray" { #expect(rows > 0) }
    let written = try seeded.number(
      "SELECT coalesce(sum(deleted) FILTER (WHERE means = 'rows'), 0) FROM daybreak_upkeep.deletions"
    )
    #expect(written == rows)
    #expect(
      try seeded.number("SELECT count(*) FROM daybreak_upkeep.deletions WHERE finished_at IS NULL")
        == 0)
    let again = try Retention(try seeded.session(), options: options).run()
    #expect(again.rules.flatMap(\.tables).allSatisfy { $0.count == 0 })
  }

  @Test func `children go before their parents, and of the same files alone`() throws {
    let seeded = try SeededCatalog("loglytics")
    try seeded.connect().execute(
      named: "age half of the files",
      """
      UPDATE loglytics.log_files SET created_at = created_at - interval '3 years'
      WHERE id IN (SELECT f.id FROM loglytics.log_files AS f WHERE f.upload_status = 'completed'
        AND EXISTS (SELECT FROM loglytics.log_entries AS e WHERE e.log_file_id = f.id) ORDER BY f.id LIMIT 2)
      """)
    let entries = "SELECT count(*) FROM loglytics.log_entries"
    let before = try seeded.number(entries)
    let due = try seeded.number(
      entries + " WHERE log_file_id IN (SELECT id FROM loglytics.log_files "
        + "WHERE upload_status = 'completed' AND created_at < '2024-01-01')")
    #expect(due > 0 && due < before)
    var options = RetentionOptions()
    options.moment = Timestamp(seconds: 1_773_360_000)
    let report = try Retention(try seeded.session(), options: options).run()
    let files = try #require(report.rules.first { $0.table == "log_files" })
    #expect(
      files.tables.map(\.table) == ["log_entries", "rag_vectors", "analytics_cache", "log_files"])
    #expect(files.tables[0].count == due)
    #expect(try seeded.number(entries) == before - due)
  }

  @Test func `what is stopped half-way is written down, and goes on`() throws {
    struct Stopped: Error {}
    let seeded = try SeededCatalog("netra")
    try seeded.connect().execute(
      named: "age", "UPDATE netra.audit_logs SET created_at = created_at - interval '3 years'")
    let count = try seeded.number("SELECT count(*) FROM netra.audit_logs")
    var options = RetentionOptions()
    options.batchSize = 10
    var turns = 0
    #expect(throws: Stopped.self) {
      try Retention(
        try seeded.session(), options: options,
        check: {
          turns += 1
          if turns > 4 { throw Stopped() }
        }
      ).run()
    }
    let gone = count - (try seeded.number("SELECT count(*) FROM netra.audit_logs"))
    #expect(gone > 0 && gone < count)
    #expect(
      try seeded.number(
        "SELECT sum(deleted) FROM daybreak_upkeep.deletions WHERE finished_at IS NULL") == gone)
    let report = try Retention(try seeded.session(), options: options).run()
    #expect(report.isComplete)
    #expect(try seeded.number("SELECT count(*) FROM netra.audit_logs") == 0)
    #expect(try seeded.number("SELECT sum(deleted) FROM daybreak_upkeep.deletions") == count)
  }

  @Test func `a row that must be retained stays whatever its age`() throws {
    let seeded = try SeededCatalog("anzx")
    try seeded.connect().execute(
      named: "hold",
      "UPDATE anzx.conversations SET retain_until = '2100-01-01' WHERE status = 'closed'")
    let closed = "SELECT count(*) FROM anzx.conversations WHERE status = 'closed'"
    let before = try seeded.number(closed)
    #expect(before > 0)
    var options = RetentionOptions()
    options.moment = Timestamp(seconds: 1_900_000_000)
    #expect(try Retention(try seeded.session(), options: options).run().isComplete)
    #expect(try seeded.number(closed) == before)
  }

  @Test func `days of records go whole, when an age is asked for`() throws {
    let seeded = try SeededCatalog("xray")
    let days = "SELECT count(*) FROM xray.logs_partitions WHERE NOT is_default"
    let before = try seeded.number(days)
    var options = RetentionOptions()
    options.moment = Timestamp(seconds: 1_773_360_000)
    #expect(try Retention(try seeded.session(), options: options).run().isComplete)
    #expect(try seeded.number(days) == before)
    options.ages = ["logs": try #require(Age("5 days"))]
    options.isDryRun = true
    let promised = try Retention(try seeded.session(isReading: true), options: options).run()
    options.isDryRun = false
    let report = try Retention(try seeded.session(), options: options).run()
    let part = try #require(report.rules.first { $0.table == "logs" }?.tables.first)
    #expect(part.means == "parts" && part.count > 0)
    #expect(promised.rules.first { $0.table == "logs" }?.tables.first?.count == part.count)
    #expect(try seeded.number(days) == before - part.count)
    #expect(
      try seeded.number("SELECT sum(deleted) FROM daybreak_upkeep.deletions WHERE means = 'parts'")
        == part.count)
  }

  @Test func `a rule that is locked out is told of, and the others go on`() throws {
    let seeded = try SeededCatalog("loghunter")
    let holder = try seeded.connect()
    var options = RetentionOptions()
    options.moment = Timestamp(seconds: 1_900_000_000)
    let session = try UpkeepSession(
      seeded.catalog, in: seeded.target, lockTimeout: .milliseconds(200))
    let report = try holder.transaction {
      try holder.execute(named: "hold", "LOCK TABLE loghunter.anomaly_events IN SHARE MODE")
      return try Retention(session, options: options).run()
    }
    let failed = try #require(report.rules.first { $0.problem != nil })
    #expect(failed.table == "anomaly_events")
    #expect(failed.remedy?.contains("another session holds the lock") == true)
    #expect(report.rules.filter { $0.problem != nil }.count == 1)
    #expect(report.rules.contains { $0.tables.contains { $0.count > 0 } })
  }

  @Test func `two at once are one too many, and an unknown rule is guessed`() throws {
    let seeded = try SeededCatalog("anzx", scale: nil)
    let first = try seeded.session()
    _ = try Retention(first).run()
    #expect(throws: UpkeepError.busy(work: "cleanup", catalog: "anzx")) {
      _ = try Retention(try seeded.session()).run()
    }
    var options = RetentionOptions()
    options.ages = ["low-risk audits": try #require(Age("1 day"))]
    let error = #expect(throws: UpkeepError.self) {
      _ = try Retention(try seeded.session(), options: options).run()
    }
    #expect(error?.remedy == "did you mean `low-risk audit`?")
  }

  @Test func `who may not is told what to ask for, and nothing is left behind`() throws {
    let seeded = try SeededCatalog("anzx", scale: nil)
    let connection = try seeded.connect()
    let name = "weak_\(UUID().uuidString.prefix(8).lowercased())"
    try connection.execute(named: "a login", "CREATE ROLE \(name) LOGIN")
    defer { _ = try? connection.execute(named: "gone", "DROP ROLE \(name)") }
    let weak = seeded.target.withUser(name)
    let error = #expect(throws: UpkeepError.self) {
      _ = try UpkeepSession(seeded.catalog, in: weak)
    }
    #expect(error?.remedy?.hasPrefix("as an administrator: GRANT") == true)
    #expect(
      try seeded.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'daybreak_upkeep'") == 0)
    let elsewhere = try TestDatabase.make()
    let missing = #expect(throws: UpkeepError.self) {
      _ = try UpkeepSession(seeded.catalog, in: elsewhere)
    }
    #expect(missing?.summary.contains("no schema anzx") == true)
  }
}
