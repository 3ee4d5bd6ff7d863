import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// `daybreak db …` on a standby that streams from its primary.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct ReplicaCommandTests {
  private let scratch: ScratchDirectory
  private let servers: PrimaryAndStandby
  private let catalog: Catalog

  init() throws {
    scratch = try ScratchDirectory()
    servers = try PrimaryAndStandby()
    catalog = try Catalog(named: "xray")
    let connection = try Connection(servers.primary)
    _ = try catalog.install(on: connection)
    let end = try #require(CivilDate(year: 2026, month: 3, day: 13))
    _ = try catalog.seed(scale: 0.1, end: end, on: connection)
    try servers.settle()
  }

  /// With the database and its replica named by the environment.
  private func reading(
    _ arguments: [String], primary: ConnectionTarget? = nil
  ) throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(
      ["db"] + arguments + ["--catalog", "xray"], in: scratch.url,
      environment: [
        "XRAY_DATABASE_URL": (primary ?? servers.primary).conninfo,
        "XRAY_DATABASE_REPLICA_URL": servers.standby.conninfo,
      ])
  }

  private func db(_ arguments: [String]) throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(
      ["db"] + arguments + ["--catalog", "xray", "--database", servers.standby.conninfo],
      in: scratch.url)
  }

  /// Tables with their rows, on one of the servers.
  private func rows(_ target: ConnectionTarget) throws -> [RowCounts.Table] {
    try catalog.rows(on: try Connection(target)).tables
  }

  private func replication(_ target: ConnectionTarget) throws -> HealthReport.Replication {
    let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    let report = HealthCheck(catalog, in: target, now: now).run()
    return try #require(report.checks.replication)
  }

  /// Asks until the answer is right; ten seconds at most.
  private func waits(_ isRight: () throws -> Bool) throws -> Bool {
    for _ in 0..<200 {
      if try isRight() { return true }
      usleep(50_000)
    }
    return false
  }

  @Test func `who only reads may ask a standby, and who writes is told to name the primary`() throws
  {
    let before = try rows(servers.primary)
    #expect(!before.isEmpty)
    let folder = scratch.url.path
    for arguments in [
      ["status"], ["plan"], ["verify", "--skip-probe"], ["health"], ["stats"],
      ["cleanup", "--dry-run"], ["partitions", "--look"], ["backup", "--to", folder],
    ] {
      let outcome = try db(arguments)
      #expect(outcome.status == 0, "\(arguments): \(outcome.output)\(outcome.errors)")
    }
    for arguments in [
      ["init"], ["migrate"], ["rollback", "--steps", "1", "--yes"], ["seed"], ["refresh"],
      ["partitions"], ["cleanup"], ["optimize"], ["restore", "--replace", "--from", folder],
      ["reset", "--yes", "--force"],
    ] {
      let outcome = try db(arguments)
      #expect(outcome.status == 4, "\(arguments): \(outcome.output)")
      #expect(outcome.errors.contains("is a read-only replica"), "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains("name the primary: --database URL"), "\(arguments)")
    }
    #expect(try rows(servers.primary) == before)
    #expect(try rows(servers.standby) == before)
  }

  @Test func `reading goes to a replica that has everything, or that alone answers`() throws {
    let health = try reading(["health"])
    #expect(health.output.contains("replica for reading"), "\(health.output)\(health.errors)")
    #expect(try reading(["status"]).status == 0)
    let nowhere = ConnectionTarget(parameters: ["host": "/nowhere", "user": "x", "dbname": "x"])
    let alone = try reading(["status"], primary: nowhere)
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(alone.errors.contains("the database does not answer"))
    #expect(try reading(["migrate"], primary: nowhere).status == 4)
    try servers.pause(true)
    #expect(try reading(["rollback", "--steps", "1", "--yes"]).status == 0)
    // The standby does not know of it yet, and so is not asked.
    let stale = try reading(["status"])
    #expect(stale.status == 1 && stale.output.contains("1 to come"), "\(stale.output)")
    try servers.pause(false)
    try servers.settle()
    #expect(try reading(["status"]).output.contains("1 to come"))
  }

  @Test func `health says on both servers how far the standby is behind`() throws {
    try servers.pause(true)
    try Connection(servers.primary).execute(
      named: "write",
      "INSERT INTO xray.users (email) SELECT 'late-' || n || '@example.test' FROM generate_series(1, 5000) AS n"
    )
    #expect(try waits { try replication(servers.standby).behindSeconds ?? 0 > 0 })
    #expect(try replication(servers.standby).isReceiving == true)
    let seen = try #require(try replication(servers.primary).replicas.first)
    #expect(seen.state == "streaming")
    #expect(seen.behindBytes ?? 0 > 100_000)
    #expect(try replication(servers.primary).isReceiving == nil)
    #expect(try db(["health"]).output.contains("receives from its primary, "))
    try servers.pause(false)
    try servers.settle()
    #expect(try waits { try replication(servers.standby).behindSeconds == 0 })
    #expect(try waits { try replication(servers.primary).replicas.first?.behindBytes == 0 })
  }
}
