import Foundation
import Postgres
import TestSupport
import Testing

/// Whole runs of small jobs, as a user starts them.
@Suite struct RunTests {
  let scratch: ScratchDirectory
  let database: ConnectionTarget

  init() throws {
    scratch = try ScratchDirectory()
    database = try TestDatabase.make()
  }

  var environment: [String: String] {
    ["DAYBREAK_DATABASE_URL": database.conninfo, "DAYBREAK_HOME": "home"]
  }

  func run(_ arguments: String...) throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(arguments, in: scratch.url, environment: environment)
  }

  static let job = """
    name: nightly
    tenant: acme
    sources:
      - log_files: { path: logs/*, service: shop }

    """

  /// A night's log: a line a minute, an error an hour, one stack trace, one line that is no text.
  func writeLog(_ day: String, to name: String = "logs/app.log", extra: String = "") throws {
    var text = ""
    for minute in 0..<1440 {
      let clock = "\(day)T\(pad(minute / 60)):\(pad(minute % 60)):00Z"
      text += "\(clock) INFO order \(minute) placed by user\(minute % 7)\n"
      if minute % 60 == 30 { text += "\(clock) ERROR cannot reach 10.0.0.\(minute % 250):5432\n" }
    }
    text += "\(day)T23:59:30Z ERROR java.lang.IllegalStateException: no stock\n"
    text += "\tat shop.Stock.take(Stock.java:12)\n\tat shop.Main.main(Main.java:7)\n"
    try scratch.write(text + extra, to: name)
  }

  private func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  func report(_ day: String = "2026-03-12") throws -> [String: Any] {
    let file = scratch.url.appending(path: "reports/acme/\(day)/report.json")
    return try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
  }

  func coverage(_ key: String) throws -> Int {
    ((try report()["coverage"] as? [String: Any])?[key] as? Int) ?? -1
  }

  @Test func `counts every line of a plain log once`() throws {
    try scratch.write(Self.job, to: "job.yaml")
    try writeLog("2026-03-12")
    try scratch.write(
      try String(contentsOf: scratch.url.appending(path: "logs/app.log"), encoding: .utf8),
      to: "logs/copy-of-app.log")
    let outcome = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(outcome.status == 0, "\(outcome.errors)")
    // 1440 orders, 24 errors, a stack trace of three lines; the copy counts as duplicates.
    #expect(try coverage("lines_read") == 1467)
    #expect(try coverage("lines_clustered") == 1467)
    #expect(try coverage("continuation_lines") == 2)
    #expect(try coverage("duplicates_skipped") == 1467)
    let clusters = try report()["clusters"] as? [[String: Any]] ?? []
    #expect(clusters.compactMap { $0["count"] as? Int }.sorted() == [1, 24, 1440])
  }

  @Test func `lines of earlier nights are told from those of nights to come`() throws {
    try scratch.write(Self.job, to: "job.yaml")
    let days = [("2026-03-11", 3), ("2026-03-12", 5), ("2026-03-13", 2)]
    let lines = days.map { day, count in
      (0..<count).map { "\(day)T12:0\($0):00Z INFO order \($0) placed\n" }.joined()
    }
    try scratch.write(lines.joined(), to: "logs/app.log")
    #expect(try run("run", "job.yaml", "--date", "2026-03-12").status == 0)
    #expect(try coverage("lines_read") == 5)
    #expect(try coverage("lines_outside_window") == 5)
    #expect(try coverage("lines_before_window") == 3)
    let page = try String(
      contentsOf: scratch.url.appending(path: "reports/acme/2026-03-12/index.html"),
      encoding: .utf8)
    #expect(page.contains("Late or read before") && page.contains("Of nights to come"))
  }

  @Test func `a finished night started again changes not one byte`() throws {
    try scratch.write(Self.job, to: "job.yaml")
    try writeLog("2026-03-12")
    #expect(try run("run", "job.yaml", "--date", "2026-03-12").status == 0)
    let before = try scratch.tree("reports")
    let again = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(again.status == 0)
    #expect(again.output.contains("acme 2026-03-12: unchanged"))
    #expect(try scratch.tree("reports") == before)
    let forced = try run("run", "job.yaml", "--date", "2026-03-12", "--force")
    #expect(forced.output.contains("acme 2026-03-12: finished"))
    let after = try scratch.tree("reports", leavingOut: ["run.json"])
    #expect(after == before.filter { !$0.key.hasSuffix("run.json") })
  }

  @Test func `one stage can be done again, and not before those ahead of it`() throws {
    try scratch.write(Self.job, to: "job.yaml")
    try writeLog("2026-03-12")
    let early = try run("run", "job.yaml", "--date", "2026-03-12", "--only", "render")
    #expect(early.status == 4)
    #expect(early.output.contains("needs the stages before it"), "\(early.output)")
    #expect(try run("run", "job.yaml", "--date", "2026-03-12").status == 0)
    let page = scratch.url.appending(path: "reports/acme/2026-03-12/index.html")
    let before = try Data(contentsOf: page)
    try FileManager.default.removeItem(at: page)
    #expect(try run("run", "job.yaml", "--date", "2026-03-12", "--only", "render").status == 0)
    #expect(try Data(contentsOf: page) == before)
  }

  @Test func `a source that cannot be read leaves a report that says so`() throws {
    try scratch.write(
      Self.job + "  - log_files: { path: missing/*.log, service: other }\n", to: "job.yaml")
    try writeLog("2026-03-12")
    let outcome = try run("run", "job.yaml", "--date", "2026-03-12", "--json")
    #expect(outcome.status == 3, "\(outcome.errors)")
    #expect(outcome.output.contains("\"status\" : \"partial\""))
    let verdict = try report()["verdict"] as? String ?? ""
    #expect(verdict.contains("1 of 2 sources not read"), "\(verdict)")
    #expect(try coverage("lines_read") == 1467)
  }

  @Test func `Ctrl-C leaves a run that goes on, and a second start is refused meanwhile`() throws {
    try scratch.write(Self.job, to: "job.yaml")
    try writeLog("2026-03-12")
    // Makes the schema; the night itself is empty.
    #expect(try run("run", "job.yaml", "--date", "2026-03-11").status == 0)
    // The run waits at the first row that it writes there.
    let holder = try Connection(database)
    try holder.script(
      named: "hold a table", "begin; lock table daybreak.night_summaries in access exclusive mode")
    let first = try DaybreakProcess(
      ["run", "job.yaml", "--date", "2026-03-12"], in: scratch.url, environment: environment)
    try waitUntilRefresh(holder)
    let second = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(second.status == 4)
    #expect(second.output.contains("already runs"), "\(second.output) \(second.errors)")
    first.send(SIGINT)
    try holder.script(named: "let go", "commit")
    let outcome = first.wait()
    #expect(outcome.status == 130, "\(outcome.errors)")
    #expect(outcome.errors.contains("the same command goes on from here"))
    let third = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(third.status == 0, "\(third.errors)")
    #expect(!third.errors.contains("stage=extract"), "the sources were read a second time")
    #expect(try coverage("lines_read") == 1467)
  }

  @Test func `a night is finished when all of its files are there, and not before`() throws {
    try scratch.write(Self.job, to: "job.yaml")
    try writeLog("2026-03-12")
    try scratch.write("", to: "reports/acme/2026-03-12/run.json/in-the-way")
    let first = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(first.status == 4)
    #expect(first.output.contains("run.json"), "\(first.output)")
    try FileManager.default.removeItem(
      at: scratch.url.appending(path: "reports/acme/2026-03-12/run.json"))
    let second = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(second.status == 0, "\(second.errors)")
    #expect(!second.errors.contains("stage started"), "\(second.errors)")
    let files = try scratch.tree("reports/acme/2026-03-12").keys
    #expect(files.contains("run.json"))
    #expect(!files.contains { $0.hasSuffix(".tmp") })
    let third = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(third.output.contains("unchanged"), "\(third.output)")
  }

  @Test func `a pattern's page tells its usual and its busiest night`() throws {
    try scratch.write(Self.job, to: "job.yaml")
    for (day, count) in [("2026-03-11", 30), ("2026-03-12", 10)] {
      let line = "\(day)T12:00:00Z WARN disk is nearly full\n"
      try scratch.write(String(repeating: line, count: count), to: "logs/\(day).log")
    }
    let outcome = try run("run", "job.yaml", "--from", "2026-03-11", "--to", "2026-03-12")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let files = try scratch.tree("reports/acme/cluster").filter { $0.key.hasSuffix(".json") }
    let json = try #require(files.values.first)
    let page = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    let members = try #require(page["clusters"] as? [[String: Any]], "\(page.keys)")
    #expect(files.count == 1 && members.count == 1)
    #expect(members.first?["nightly_mean"] as? Double == 20)
    #expect(members.first?["nightly_peak"] as? Int == 30)
  }

  /// Waits until another session waits for the table that `holder` has locked.
  private func waitUntilRefresh(_ holder: Connection) throws {
    for _ in 0..<600 {
      let waiting = try holder.query(
        named: "who waits", "select count(*) as sessions from pg_locks where not granted"
      ).only().int("sessions")
      if waiting > 0 { return }
      Thread.sleep(forTimeInterval: 0.1)
    }
    Issue.record("the run never came to the table")
  }
}
