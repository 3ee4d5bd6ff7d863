import Foundation
import TestSupport
import Testing

/// Weeks, months and the feed, as nights are added to them.
@Suite struct RollUpTests {
  let scratch: ScratchDirectory
  let environment: [String: String]

  init() throws {
    scratch = try ScratchDirectory()
    environment = [
      "DAYBREAK_DATABASE_URL": try TestDatabase.make().conninfo, "DAYBREAK_HOME": "home",
    ]
    try scratch.write(
      """
      name: nightly
      tenant: acme
      sources:
        - log_files: { path: logs/*, service: shop }

      """, to: "job.yaml")
    for (index, day) in ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"].enumerated() {
      let lines = (0...index).map { "\(day)T12:0\($0):00Z ERROR cannot reach 10.0.0.\($0):5432\n" }
      let others = (0..<10).map { "\(day)T13:0\($0):00Z INFO order \($0) placed\n" }
      try scratch.write((lines + others).joined(), to: "logs/\(day).log")
    }
  }

  private func run(_ arguments: String...) throws {
    let outcome = try DaybreakProcess.run(
      ["run", "job.yaml"] + arguments, in: scratch.url, environment: environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private func json(_ path: String) throws -> [String: Any] {
    let data = try Data(contentsOf: scratch.url.appending(path: "reports/acme/\(path)/index.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func dates(_ page: [String: Any]) -> [String] {
    (page["days"] as? [[String: Any]] ?? []).compactMap { $0["date"] as? String }
  }

  @Test func `weeks and months add up the nights that they have`() throws {
    try run("--from", "2026-02-27", "--to", "2026-03-02")
    let february = try json("2026-02")
    #expect(dates(february) == ["2026-02-27", "2026-02-28"])
    #expect(february["lines"] as? Int == 23)
    #expect(february["errors"] as? Int == 3)
    let week = try json("2026-W09")
    #expect(dates(week) == ["2026-02-27", "2026-02-28", "2026-03-01"])
    let patterns = try #require(week["patterns"] as? [[String: Any]])
    #expect(patterns.map { $0["count"] as? Int } == [6])
    #expect(patterns.map { $0["daily"] as? [Int] } == [[1, 2, 3]])
    let services = try #require(week["services"] as? [[String: Any]])
    #expect(services.map { $0["lines"] as? Int } == [36])
    #expect(dates(try json("2026-W10")) == ["2026-03-02"])
    let page = try String(
      contentsOf: scratch.url.appending(path: "reports/acme/index.html"), encoding: .utf8)
    for name in ["2026-W09", "2026-W10", "2026-02", "2026-03"] {
      #expect(page.contains("href=\"\(name)/index.html\""), "\(name)")
    }
  }

  @Test func `a new night rewrites its own week and month, and no other`() throws {
    try run("--from", "2026-02-27", "--to", "2026-03-01")
    let before = try scratch.tree("reports/acme")
    try run("--date", "2026-03-02")
    let after = try scratch.tree("reports/acme")
    let changed = Set(
      after.keys.filter { after[$0] != before[$0] }.map {
        $0.split(separator: "/").first.map(String.init) ?? ""
      })
    #expect(
      changed == [
        "2026-03-02", "2026-W10", "2026-03", "index.html", "index.md", "index.json",
        "feed.atom", "cluster",
      ])
  }

  @Test func `a night done again leaves weeks, months and feed as they were`() throws {
    try run("--from", "2026-02-27", "--to", "2026-03-02")
    let before = try scratch.tree("reports", leavingOut: ["run.json"])
    try run("--date", "2026-02-28", "--force")
    #expect(try scratch.tree("reports", leavingOut: ["run.json"]) == before)
    try FileManager.default.removeItem(
      at: scratch.url.appending(path: "reports/acme/2026-W09"))
    try run("--date", "2026-03-02", "--only", "render")
    #expect(try scratch.tree("reports", leavingOut: ["run.json"]) == before)
  }
}
