import Foundation
import TestSupport
import Testing

/// The demo's promise: a quiet shop for two weeks, and one night that is not.
@Suite struct DemoTests {
  struct Night: Decodable {
    let tenant: String
    let date: String
    let incidents: Int
    let verdict: String
    let status: String
  }

  @Test func `names the planted incident first, and nothing on the night before`() throws {
    let scratch = try ScratchDirectory()
    let environment = [
      "DAYBREAK_DATABASE_URL": try TestDatabase.make().conninfo, "DAYBREAK_HOME": "home",
    ]
    let demo = try DaybreakProcess.run(
      [
        "demo", "--no-serve", "--directory", "demo", "--last-night", "2026-03-12",
        "--nights", "8",
      ],
      in: scratch.url, environment: environment)
    #expect(demo.status == 0, "\(demo.errors)")
    let outcome = try DaybreakProcess.run(
      ["run", "demo/demo.yaml", "--json"], in: scratch.url, environment: environment)
    let nights = try JSONDecoder().decode([Night].self, from: Data(outcome.output.utf8))
    #expect(nights.count == 16)
    #expect(nights.allSatisfy { $0.status == "unchanged" })
    let incidents = nights.filter { $0.incidents > 0 }
    #expect(incidents.map(\.date) == ["2026-03-12"])
    let last = try #require(incidents.first)
    #expect(last.verdict.contains("1 incident: payments errors 02:1"), "\(last.verdict)")
    let before = nights.filter { $0.date == "2026-03-11" }
    #expect(before.allSatisfy { $0.verdict.contains("Nothing new") }, "\(before)")
  }
}
