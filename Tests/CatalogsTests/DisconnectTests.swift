import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// Work whose server process is ended while it waits for a lock that the test holds: an error that says what
/// to do, a database as it was, and a second run that succeeds.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct DisconnectTests {
  /// Ends the hold on the test's locks.
  private struct Over: Error {}

  /// Runs `work` while `hold` keeps its locks, and ends the first session that waits for one.
  ///
  /// - Parameters:
  ///   - target: the database.
  ///   - application: the waiting session's name in `pg_stat_activity`.
  ///   - hold: SQL that is rolled back afterwards.
  ///   - work: what is to be interrupted.
  /// - Returns: what `work` threw; nil when it came to an end.
  /// - Throws: what is no error of ours.
  private func interrupting(
    _ target: ConnectionTarget, application: String, hold: String, _ work: () throws -> Void
  ) throws -> (any DiagnosedError)? {
    let holder = try Connection(target)
    let watcher = try Connection(target)
    let done = DispatchSemaphore(value: 0)
    var failure: (any DiagnosedError)?
    do {
      try holder.transaction {
        try holder.script(named: "hold", hold)
        let thread = Thread {
          for _ in 0..<2000 {
            if Self.ended(application, watcher) { break }
            usleep(10_000)
          }
          done.signal()
        }
        thread.start()
        do { try work() } catch let error as any DiagnosedError { failure = error }
        done.wait()
        throw Over()
      }
    } catch is Over {}
    return failure
  }

  private static func ended(_ application: String, _ watcher: Connection) -> Bool {
    let row = try? watcher.query(
      named: "end who waits",
      """
      SELECT count(pg_terminate_backend(pid)) AS ended FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'
      """, [.text(application)]
    ).only()
    return (try? row?.int("ended")) ?? 0 > 0
  }

  /// Whether the message says what to do when the server has gone.
  private func isClear(_ error: (any DiagnosedError)?) -> Bool {
    error?.remedy?.contains("run again when the server is back") == true
  }

  @Test func `cleanup has deleted nothing that it did not write down, and goes on`() throws {
    let seeded = try SeededCatalog("netra", scale: nil)
    try seeded.connect().execute(
      named: "old rows",
      "INSERT INTO netra.audit_logs (action, created_at) SELECT 'test', now() - interval '3 years' FROM generate_series(1, 40)"
    )
    let rows = "SELECT count(*) FROM netra.audit_logs"
    let error = try interrupting(
      seeded.target, application: "daybreak upkeep",
      hold: "LOCK TABLE netra.audit_logs IN ACCESS EXCLUSIVE MODE"
    ) { _ = try Retention(try seeded.session()).run() }
    #expect(isClear(error), "\(String(describing: error))")
    #expect(try seeded.number(rows) == 40)
    let taken = "SELECT coalesce(sum(deleted), 0) FROM daybreak_upkeep.deletions"
    #expect(try seeded.number(taken) == 0)
    #expect(try Retention(try seeded.session()).run().isComplete)
    #expect(try seeded.number(rows) == 0)
    #expect(try seeded.number(taken) == 40)
  }

  @Test func `a refresh leaves the view as it was, and says nothing of one`() throws {
    let seeded = try SeededCatalog("netra")
    _ = try ViewRefresh(try seeded.session()).run()
    let rows = "SELECT count(*) FROM netra.run_daily"
    let refreshes = "SELECT count(*) FROM daybreak_upkeep.refreshes"
    let before = (try seeded.number(rows), try seeded.number(refreshes))
    #expect(before.0 > 0)
    let error = try interrupting(
      seeded.target, application: "daybreak upkeep",
      hold: "LOCK TABLE netra.runs IN ACCESS EXCLUSIVE MODE"
    ) { _ = try ViewRefresh(try seeded.session()).run() }
    #expect(isClear(error), "\(String(describing: error))")
    #expect((try seeded.number(rows), try seeded.number(refreshes)) == before)
    #expect(try ViewRefresh(try seeded.session()).run().allSatisfy { $0.problem == nil })
  }

  @Test func `a rebuilt index is there as before, and its half is cleared away by the next run`()
    throws
  {
    let seeded = try SeededCatalog("xray", scale: nil)
    let indexes = "SELECT count(*) FROM pg_index WHERE indrelid = 'xray.users'::regclass"
    let before = try seeded.number(indexes)
    // What a build leaves behind that was stopped.
    try seeded.connect().execute(
      named: "invalid",
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'xray.users_email_key'::regclass")
    let error = try interrupting(
      seeded.target, application: "daybreak upkeep",
      hold: "LOCK TABLE xray.users IN ROW EXCLUSIVE MODE"
    ) { _ = try Optimization(try seeded.session()).run() }
    #expect(isClear(error), "\(String(describing: error))")
    #expect(
      try seeded.number("SELECT count(*) FROM pg_class WHERE relname = 'users_email_key'") == 1)
    let steps = try Optimization(try seeded.session()).run()
    #expect(steps.allSatisfy { $0.problem == nil }, "\(steps)")
    #expect(steps.contains { $0.work == "drop" } && steps.contains { $0.work == "rebuild" })
    #expect(try seeded.number(indexes) == before)
    #expect(try seeded.number(indexes + " AND NOT indisvalid") == 0)
  }

  @Test func `no day is half made`() throws {
    let seeded = try SeededCatalog("xray", scale: nil)
    let connection = try seeded.connect()
    let before = try Scratch.fingerprint(connection)
    // The ledger is made before, so that only days could be new.
    _ = try seeded.session()
    let withLedger = try Scratch.fingerprint(connection)
    #expect(withLedger.count > before.count)
    let error = try interrupting(
      seeded.target, application: "daybreak upkeep",
      hold: "LOCK TABLE xray.logs IN ACCESS EXCLUSIVE MODE"
    ) { _ = try PartitionUpkeep(try seeded.session()).run() }
    #expect(isClear(error), "\(String(describing: error))")
    #expect(try Scratch.fingerprint(connection) == withLedger)
    #expect(try PartitionUpkeep(try seeded.session()).run().first?.made == 8)
  }

  @Test(arguments: [
    // Ours counts rows, pg_dump reads what a sequence has come to.
    ("daybreak", "LOCK TABLE xray.users IN ACCESS EXCLUSIVE MODE"),
    ("daybreak backup", "ALTER TABLE xray.users_id_seq RENAME TO renamed"),
  ])
  func `a backup is none, whichever session goes`(application: String, hold: String) throws {
    let root = "/tmp/daybreak-backup-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seeded = try SeededCatalog("xray")
    var options = Backup.Options(root: root)
    options.variables = ProcessInfo.processInfo.environment
    let backup = Backup(seeded.catalog, of: seeded.target, options: options)
    let error = try interrupting(seeded.target, application: application, hold: hold) {
      _ = try backup.run()
    }
    #expect(isClear(error), "\(String(describing: error))")
    #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/xray") == [".lock"])
    #expect(!(try backup.run().entry.manifest.files.isEmpty))
  }

  @Test func `a restore leaves an empty database empty`() throws {
    let root = "/tmp/daybreak-backup-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seeded = try SeededCatalog("anzx")
    var options = Backup.Options(root: root)
    options.variables = ProcessInfo.processInfo.environment
    let made = try Backup(seeded.catalog, of: seeded.target, options: options).run()
    let empty = try TestDatabase.make()
    let connection = try Connection(empty)
    let before = try Scratch.fingerprint(connection)
    let restore = Restore(made.entry.path, variables: options.variables)
    let error = try interrupting(
      empty, application: "daybreak backup", hold: "CREATE SCHEMA anzx"
    ) {
      _ = try restore.run(into: empty, catalog: seeded.catalog, replacing: false, stamp: "x")
    }
    #expect(isClear(error), "\(String(describing: error))")
    #expect(try Scratch.fingerprint(connection) == before)
    let again = try restore.run(into: empty, catalog: seeded.catalog, replacing: false, stamp: "y")
    #expect(again.rows == made.entry.manifest.tables.reduce(0) { $0 + $1.rows })
  }

  @Test func `a migration, its way back and a seed leave nothing half done`() throws {
    let catalog = try Catalog(named: "loghunter")
    let target = try TestDatabase.make()
    let hold = "LOCK TABLE loghunter.tenants IN ACCESS EXCLUSIVE MODE"
    let migrator = try catalog.migrator()
    try migrator.up(on: Connection(target), to: 4)
    let connection = try Connection(target)
    let before = try Scratch.fingerprint(connection)
    let up = try interrupting(target, application: "daybreak", hold: hold) {
      try migrator.up(on: Connection(target))
    }
    #expect(isClear(up), "\(String(describing: up))")
    #expect(try Scratch.fingerprint(connection) == before)
    #expect(try migrator.up(on: Connection(target)) == [5])
    let newest = try Scratch.fingerprint(connection)
    let down = try interrupting(target, application: "daybreak", hold: hold) {
      try migrator.down(on: Connection(target), to: 4)
    }
    #expect(isClear(down), "\(String(describing: down))")
    let end = try #require(CivilDate(year: 2026, month: 3, day: 13))
    let seed = try interrupting(target, application: "daybreak", hold: hold) {
      _ = try catalog.seed(scale: 0.1, end: end, on: Connection(target))
    }
    #expect(isClear(seed), "\(String(describing: seed))")
    #expect(try Scratch.fingerprint(connection) == newest)
    #expect(try catalog.rows(on: connection).total == 0)
    #expect(try catalog.seed(scale: 0.1, end: end, on: connection).total > 0)
  }

  @Test func `an extension that the server lacks is named before a restore touches anything`()
    throws
  {
    let root = "/tmp/daybreak-backup-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seeded = try SeededCatalog("loghunter", scale: 0.1)
    var options = Backup.Options(root: root)
    options.variables = ProcessInfo.processInfo.environment
    let path = try Backup(seeded.catalog, of: seeded.target, options: options).run().entry.path
    try require("elsewhere_only", version: "2.1", of: path)
    let connection = try seeded.connect()
    let before = try Scratch.fingerprint(connection)
    let databases =
      "SELECT count(*) FROM pg_database WHERE datname LIKE current_database() || '\\_%'"
    let error = #expect(throws: UpkeepError.self) {
      _ = try Restore(path, variables: options.variables).run(
        into: seeded.target, catalog: seeded.catalog, replacing: true, stamp: "x")
    }
    #expect(error?.summary.contains("elsewhere_only 2.1") == true)
    #expect(error?.remedy?.contains("apt-get install postgresql-") == true)
    #expect(try Scratch.fingerprint(connection) == before)
    #expect(try seeded.number(databases) == 0)
  }

  /// Writes an extension into a backup's manifest, as a server that has it would have.
  private func require(_ name: String, version: String, of path: String) throws {
    let file = URL(filePath: path + "/manifest.json")
    var manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    var extensions = try #require(manifest["extensions"] as? [String: String])
    extensions[name] = version
    manifest["extensions"] = extensions
    let data = try JSONSerialization.data(withJSONObject: manifest)
    try data.write(to: file)
    let digest = hex(sha256(Array(data))) + "  manifest.json\n"
    try Data(digest.utf8).write(to: URL(filePath: path + "/manifest.sha256"))
  }
}
