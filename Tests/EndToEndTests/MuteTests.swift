import Foundation
import Postgres
import TestSupport
import Testing

/// Mutes as people set them, and what the next report makes of them.
@Suite struct MuteTests {
  let scratch: ScratchDirectory
  let environment: [String: String]

  init() throws {
    scratch = try ScratchDirectory()
    environment = [
      "DAYBREAK_DATABASE_URL": try TestDatabase.make().conninfo, "DAYBREAK_HOME": "home",
      "USER": "kim",
    ]
    try scratch.write(
      """
      name: nightly
      tenant: acme
      timezone: Europe/Berlin
      sources:
        - log_files: { path: logs/*, service: shop }

      """, to: "job.yaml")
    let nights = ["2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13"]
    let lines = nights.map { day in
      (0..<12).map { "\(day)T12:\($0 + 10):00Z ERROR cannot reach 10.0.0.\($0):5432\n" }.joined()
    }
    try scratch.write(lines.joined(), to: "logs/app.log")
  }

  private func run(_ arguments: [String]) throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(arguments, in: scratch.url, environment: environment)
  }

  private func mute(_ arguments: String...) throws -> DaybreakProcess.Outcome {
    try run(["mute", "--tenant", "acme"] + arguments)
  }

  private func report(_ day: String) throws -> [String: Any] {
    let file = scratch.url.appending(path: "reports/acme/\(day)/report.json")
    return try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
  }

  private func muted(_ day: String) throws -> [[String: Any]] {
    try report(day)["muted"] as? [[String: Any]] ?? []
  }

  private func list(_ output: String) throws -> [[String: Any]] {
    try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]])
  }

  @Test func `a mute holds on its nights, the page says why, and lifting ends it`() throws {
    #expect(try run(["run", "job.yaml", "--from", "2026-03-09", "--to", "2026-03-10"]).status == 0)
    let clusters = try #require(try report("2026-03-10")["clusters"] as? [[String: Any]])
    let fingerprint = try #require(clusters.first?["fingerprint"] as? String)
    let set = try mute(
      String(fingerprint.prefix(10)), "--reason", "known <b>bug</b>", "--since", "2026-03-11",
      "--until", "2026-03-12")
    #expect(set.status == 0, "\(set.errors)")
    #expect(set.output.contains("known <b>bug</b> (kim, since 2026-03-11, until 2026-03-12"))
    #expect(try run(["run", "job.yaml", "--from", "2026-03-11", "--to", "2026-03-13"]).status == 0)
    for day in ["2026-03-11", "2026-03-12"] {
      let entry = try #require(try muted(day).first, "\(day)")
      #expect(entry["reason"] as? String == "known <b>bug</b>")
      #expect(entry["author"] as? String == "kim")
      #expect(entry["expiry"] as? String == "2026-03-12")
    }
    #expect(try muted("2026-03-13").isEmpty)
    let page = try String(
      contentsOf: scratch.url.appending(path: "reports/acme/2026-03-12/index.html"),
      encoding: .utf8)
    #expect(page.contains("known &lt;b&gt;bug&lt;/b&gt;"))

    let listed = try list(try run(["mute", "--json"]).output)
    #expect(listed.map { $0["fingerprint"] as? String } == [fingerprint])
    #expect(listed.first?["template"] as? String == clusters.first?["template"] as? String)
    #expect(try mute(fingerprint, "--lift").output.hasPrefix("lifted: acme "))
    #expect(try mute().output == "nothing is muted\n")
    #expect(try mute(fingerprint, "--lift").status == 4)
  }

  @Test func `a mute without an end is warned of after seven days`() throws {
    #expect(try run(["run", "job.yaml", "--date", "2026-03-12"]).status == 0)
    let clusters = try #require(try report("2026-03-12")["clusters"] as? [[String: Any]])
    let fingerprint = try #require(clusters.first?["fingerprint"] as? String)
    #expect(try mute(fingerprint, "--reason", "noise", "--since", "2026-03-01").status == 0)
    #expect(try run(["run", "job.yaml", "--date", "2026-03-13"]).status == 0)
    let page = try String(
      contentsOf: scratch.url.appending(path: "reports/acme/2026-03-13/index.html"),
      encoding: .utf8)
    #expect(page.contains("1 mute older than 7 days without an end"))
  }

  @Test func `says what is missing from a mute`() throws {
    #expect(try mute("3fa94c01").status == 2)
    #expect(try mute("3fa94c01", "--reason", " ").errors.contains("needs a --reason"))
    #expect(try run(["mute", "3fa94c01", "--reason", "x"]).errors.contains("--tenant says whose"))
    #expect(try mute("xyz", "--reason", "x").errors.contains("is no fingerprint"))
    #expect(try mute("3fa94c01", "--reason", "x").errors.contains("no pattern of acme"))
    #expect(try mute("3fa94c01", "--lift", "--reason", "x").status == 2)
    #expect(try mute("--lift").status == 2)
  }
}
