import Foundation
import Postgres
import TestSupport
import Testing

/// `daybreak db …` as a user runs it.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct DatabaseCommandTests {
  private let scratch: ScratchDirectory
  private let database: ConnectionTarget

  init() throws {
    scratch = try ScratchDirectory()
    database = try TestDatabase.make()
  }

  private func db(_ arguments: String...) throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(
      ["db"] + arguments, in: scratch.url,
      environment: ["LOGHUNTER_DATABASE_URL": database.conninfo])
  }

  private func json(_ outcome: DaybreakProcess.Outcome) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  @Test func `a catalog's life, from init to reset`() throws {
    let before = try db("status", "--catalog", "loghunter")
    #expect(before.status == 1)
    #expect(before.output.contains("daybreak db init --catalog loghunter"))
    let plan = try db("plan", "--catalog", "loghunter", "--json")
    #expect(plan.status == 0)
    #expect(try (json(plan)["steps"] as? [Any])?.count == 5)
    #expect(try db("plan", "--catalog", "loghunter", "--sql").output.contains("begin;"))

    let made = try db("init", "--catalog", "loghunter")
    #expect(made.status == 0)
    #expect(made.output.contains("5 migrations applied, up to 5"))
    #expect(
      try db("init", "--catalog", "loghunter").output.contains(
        "all migrations were applied already"))
    let status = try json(db("status", "--catalog", "loghunter", "--json"))
    #expect(status["state"] as? String == "ours")
    #expect(status["version"] as? Int == 5)

    let seeded = try db("seed", "--catalog", "loghunter")
    #expect(seeded.status == 0)
    #expect(seeded.output.contains("ending before 2026-03-13"))
    let again = try db("seed", "--catalog", "loghunter")
    #expect(again.status == 4)
    #expect(again.errors.contains("daybreak db reset --catalog loghunter"))

    let verified = try db("verify", "--catalog", "loghunter")
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    #expect(verified.output.contains("neither reaches the other"))
    try Connection(database).script(
      named: "drift", "alter table loghunter.tenants no force row level security")
    let drifted = try db("verify", "--catalog", "loghunter", "--json")
    #expect(drifted.status == 1)
    #expect(try (json(drifted)["differences"] as? [Any])?.count == 1)
    try Connection(database).script(
      named: "mend", "alter table loghunter.tenants force row level security")

    let asked = try db("rollback", "--catalog", "loghunter", "--steps", "2")
    #expect(asked.status == 2)
    #expect(asked.output.contains("lost for good, in rows:"))
    #expect(asked.errors.contains("--yes"))
    #expect(try db("rollback", "--catalog", "loghunter", "--steps", "2", "--yes").status == 0)
    #expect(try db("status", "--catalog", "loghunter").status == 1)
    #expect(
      try db("migrate", "--catalog", "loghunter").output
        == "applied 4  anomalies\napplied 5  tenant_deletion\n")

    let kept = try db("reset", "--catalog", "loghunter", "--yes")
    #expect(kept.status == 4)
    #expect(kept.errors.contains("--force"))
    #expect(try db("reset", "--catalog", "loghunter", "--yes", "--force").status == 0)
    #expect(
      try json(db("status", "--catalog", "loghunter", "--json"))["state"] as? String == "absent")
  }

  @Test(arguments: [
    (["migrate"], "--catalog is missing"),
    (["status", "--catalog", "loghunte"], "did you mean `loghunter`?"),
    (["rollback", "--catalog", "xray"], "one of --steps and --to"),
    (["seed", "--catalog", "xray", "--scale", "0"], "from 1 to 1000"),
    (["seed", "--catalog", "daybreak"], "there is no catalog"),
  ])
  func `a wrong command line says what is right`(arguments: [String], words: String) throws {
    let outcome = try DaybreakProcess.run(["db"] + arguments, in: scratch.url)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(words))
  }

  @Test func `a migration file is made where one asks for it`() throws {
    let outcome = try db(
      "create-migration", "--catalog", "anzx", "--directory", "here", "add a thing")
    #expect(outcome.status == 0)
    let path = scratch.url.appending(path: "here/000001_add_a_thing.up.sql").path
    #expect(outcome.output.split(separator: "\n").first.map(String.init) == path)
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test func `the store of runs answers to the same commands`() throws {
    func store(_ verb: String) throws -> DaybreakProcess.Outcome {
      try DaybreakProcess.run(
        ["db", verb, "--catalog", "daybreak", "--database", database.conninfo], in: scratch.url)
    }
    #expect(try store("plan").status == 0)
    #expect(try store("status").status == 1)
    #expect(try store("migrate").status == 0)
    let verified = try store("verify")
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    #expect(verified.output.contains("neither reaches the other"))
    try Connection(database).script(
      named: "drift", "alter table daybreak.error_clusters disable row level security")
    let drifted = try store("verify")
    #expect(drifted.status == 1)
    #expect(drifted.output.contains("row security of daybreak.error_clusters is off"))
    #expect(drifted.output.contains("error_clusters, SELECT as daybreak_reader"))
  }

  @Test func `time-outs and the log of slow statements are the environment's`() throws {
    #expect(try db("init", "--catalog", "loghunter").status == 0)
    func run(_ verb: [String], _ variables: [String: String]) throws -> DaybreakProcess.Outcome {
      try DaybreakProcess.run(
        ["db"] + verb + ["--catalog", "loghunter", "--database", database.conninfo],
        in: scratch.url, environment: variables)
    }
    let logged = try run(["verify"], ["DAYBREAK_SLOW_STATEMENT": "1ms"])
    #expect(logged.status == 0)
    #expect(logged.errors.contains("event=\"slow statement\""), "\(logged.errors)")
    let holder = try Connection(database)
    try holder.transaction {
      try holder.execute(
        named: "hold", "LOCK TABLE loghunter.anomaly_events IN ACCESS EXCLUSIVE MODE")
      let late = try run(["cleanup", "--dry-run"], ["DAYBREAK_STATEMENT_TIMEOUT": "200ms"])
      #expect(late.status == 3, "\(late.output)\(late.errors)")
      #expect(late.output.contains("took longer than its time-out"), "\(late.output)")
    }
    let wrong = try run(["status"], ["DAYBREAK_CONNECT_TIMEOUT": "soon"])
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("DAYBREAK_CONNECT_TIMEOUT must be a span of time"))
  }

  @Test func `a report shows what clients sent as text, and its JSON is a report's sections`()
    throws
  {
    let hostile = "<script>alert(1)</script>|*[x](javascript:1)"
    func report(_ arguments: String...) throws -> DaybreakProcess.Outcome {
      try DaybreakProcess.run(
        ["db"] + arguments + ["--catalog", "xray", "--database", database.conninfo],
        in: scratch.url)
    }
    #expect(try report("init").status == 0)
    try Connection(database).execute(
      named: "a hostile user",
      """
      WITH who AS (INSERT INTO xray.users (email) VALUES ($1) RETURNING id)
      INSERT INTO xray.logs ("timestamp", source_ip, source_port, action, user_id)
      SELECT '2026-03-12 10:00+00', '192.0.2.1', 1, 'accepted', id FROM who
      """, [.text(hostile)])
    let shown = try report("report", "--date", "2026-03-12")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.hasPrefix("## xray, 2026-03-12 UTC\n\n- connections: 1\n"))
    #expect(shown.output.contains("\\<script\\>"))
    #expect(!shown.output.contains("<script>") && !shown.output.contains("[x](javascript"))
    let sections = try json(try report("report", "--date", "2026-03-12", "--json"))
    let section = try #require(sections["xray"] as? [String: Any])
    #expect((section["figures"] as? [String: String])?["connections"] == "1")
    let tables = try #require(section["tables"] as? [[String: Any]])
    let cells = tables.compactMap { $0["rows"] as? [[String]] }.flatMap { $0 }.flatMap { $0 }
    #expect(cells.contains(hostile))
    #expect(try report("report", "--tenant", "x").status == 2)
    #expect(
      try db("report", "--catalog", "loghunter").errors.contains(
        "daybreak tenants list --catalog loghunter"))
  }

  @Test func `Ctrl-C stops a seed, and nothing is left of it`() throws {
    #expect(try db("init", "--catalog", "loghunter").status == 0)
    let process = try DaybreakProcess(
      ["db", "seed", "--catalog", "loghunter", "--scale", "500"], in: scratch.url,
      environment: ["LOGHUNTER_DATABASE_URL": database.conninfo])
    let connection = try Connection(database)
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      let isBusy = try connection.query(
        named: "busy",
        """
        select exists (select from pg_stat_activity where datname = current_database()
          and pid <> pg_backend_pid() and application_name = 'daybreak' and state = 'active'
          and xact_start < clock_timestamp() - interval '300 milliseconds') as busy
        """
      ).only().bool("busy")
      if isBusy { break }
      usleep(20_000)
    }
    process.send(SIGINT)
    let outcome = process.wait()
    #expect(outcome.status == 130, "\(outcome.errors)")
    let rows = try connection.query(
      named: "rows", "select count(*) as n from loghunter.error_clusters"
    ).only().int("n")
    #expect(rows == 0)
  }
}
