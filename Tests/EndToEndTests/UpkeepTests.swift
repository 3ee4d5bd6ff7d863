import Catalogs
import Foundation
import Postgres
import Spawning
import TestSupport
import Testing

/// The commands of upkeep as processes, killed at bad moments.
@Suite(.enabled(if: TestDatabase.isAvailable), .serialized) struct UpkeepTests {
  private func netra(rows: Int) throws -> ConnectionTarget {
    let target = try TestDatabase.make()
    let connection = try Connection(target)
    try Catalog(named: "netra").migrator().up(on: connection)
    try connection.execute(
      named: "old rows",
      """
      INSERT INTO netra.audit_logs (action, created_at)
      SELECT 'test', now() - interval '3 years' FROM generate_series(1, $1)
      """, [.int64(Int64(rows))])
    return target
  }

  private func number(_ sql: String, _ target: ConnectionTarget) throws -> Int {
    try Connection(target).query(named: "a number", "SELECT (\(sql))::bigint AS n").only().int("n")
  }

  @Test func `a cleanup killed in the middle has told the truth, and goes on`() throws {
    let target = try netra(rows: 20_000)
    let folder = try ScratchDirectory()
    let arguments = [
      "db", "cleanup", "--catalog", "netra", "--database", target.conninfo, "--batch", "20",
    ]
    let process = try DaybreakProcess(arguments, in: folder.url)
    while process.isRunning {
      if try number("SELECT count(*) FROM netra.audit_logs", target) < 19_900 { break }
      usleep(5000)
    }
    process.send(SIGKILL)
    _ = process.wait()
    // The server notices that its client is gone with the statement that runs.
    while try number(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'daybreak upkeep' "
        + "AND datname = current_database()", target) > 0
    { usleep(5000) }
    let left = try number("SELECT count(*) FROM netra.audit_logs", target)
    #expect(left > 0)
    #expect(
      try number("SELECT sum(deleted) FROM daybreak_upkeep.deletions", target) == 20_000 - left)
    let again = try DaybreakProcess.run(Array(arguments.dropLast(2)), in: folder.url)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try number("SELECT sum(deleted) FROM daybreak_upkeep.deletions", target) == 20_000)
  }

  @Test func `a backup killed in the middle is none, and the next one is whole`() throws {
    let target = try netra(rows: 300_000)
    let folder = try ScratchDirectory()
    let place = ["--catalog", "netra", "--to", folder.url.path]
    let process = try DaybreakProcess(
      ["db", "backup", "--database", target.conninfo] + place, in: folder.url)
    let hasBegun = {
      let names = try? FileManager.default.subpathsOfDirectory(atPath: folder.url.path)
      return names?.contains { $0.contains(".partial-") && $0.contains("/dump/") } ?? false
    }
    while process.isRunning, !hasBegun() { usleep(2000) }
    process.send(SIGKILL)
    _ = process.wait()
    let none = try DaybreakProcess.run(["db", "backup", "--check"] + place, in: folder.url)
    #expect(none.status == 1)
    let whole = try DaybreakProcess.run(
      ["db", "backup", "--json", "--database", target.conninfo] + place, in: folder.url)
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(whole.output.contains("\"rows\" : 30"))
    let check = try DaybreakProcess.run(["db", "backup", "--check"] + place, in: folder.url)
    #expect(check.status == 0, "\(check.output)")
  }

  @Test func `health has the shape of the documents, and fails on warnings when asked`() throws {
    let target = try netra(rows: 1)
    let folder = try ScratchDirectory()
    let arguments = ["db", "health", "--catalog", "netra", "--database", target.conninfo, "--json"]
    let outcome = try DaybreakProcess.run(arguments, in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let checks = try #require(report["checks"] as? [String: Any])
    let database = try #require(checks["database"] as? [String: Any])
    #expect(database["status"] as? String == "healthy")
    for key in ["extensions", "pool_size", "checked_out", "overflow"] {
      #expect(database[key] != nil)
    }
    #expect(
      try DaybreakProcess.run(arguments + ["--fail-on", "warnings"], in: folder.url).status == 1)
    let wrong = try DaybreakProcess.run(
      ["db", "health", "--catalog", "netra", "--database", "host=/nowhere dbname=x"], in: folder.url
    )
    #expect(wrong.status == 4)
  }
}
