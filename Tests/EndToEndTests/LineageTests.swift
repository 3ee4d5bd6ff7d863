import DaybreakCore
import Foundation
import Postgres
import Storage
import TestSupport
import Testing

/// What becomes of known events from night to night, as the pages tell it.
@Suite struct LineageTests {
  let scratch: ScratchDirectory
  let database: ConnectionTarget

  init() throws {
    scratch = try ScratchDirectory()
    database = try TestDatabase.make()
    try scratch.write(
      """
      name: nightly
      tenant: acme
      sources:
        - log_files: { path: logs/*, service: shop }

      """, to: "job.yaml")
  }

  private var environment: [String: String] {
    ["DAYBREAK_DATABASE_URL": database.conninfo, "DAYBREAK_HOME": "home"]
  }

  private static let names = [
    "anna", "bojan", "cyrille", "dragan", "eike", "fatima", "goran", "hiroshi",
  ]

  @discardableResult
  private func run(_ arguments: String...) throws -> DaybreakProcess.Outcome {
    let outcome = try DaybreakProcess.run(
      ["run", "job.yaml"] + arguments, in: scratch.url, environment: environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }

  /// Writes a night's log, a line a minute.
  private func write(_ lines: [String], of day: String) throws {
    let text = lines.enumerated().map { index, line in
      let clock = [index / 60, index % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
      return "\(day)T\(clock.joined(separator: ":")):00Z \(line)\n"
    }
    try scratch.write(text.joined(), to: "logs/\(day).log")
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: scratch.url.appending(path: "reports/acme/\(path)"), encoding: .utf8)
  }

  private func json(_ path: String) throws -> [String: Any] {
    let data = Data(try text(path).utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// Four nights of two workers and of one wide pattern; then a night on which the workers' patterns
  /// become one and the wide one is torn along another word; then a night of one worker alone.
  private func writeNights() throws {
    for day in ["2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11"] {
      let wide = Self.names.map { "ERROR worker \($0) lost bojan for good" }
      let narrow = ["red", "blue"].map { "ERROR worker \($0) lost its lease" }
      try write(wide + wide + narrow + narrow + narrow, of: day)
    }
    let colours = ["red", "blue", "green", "yellow", "black", "white", "orange", "purple"]
    let torn = Self.names.map { "ERROR worker anna lost \($0) for good" }
    try write(torn + torn + colours.map { "ERROR worker \($0) lost its lease" }, of: "2026-03-12")
    try write(
      torn + [String](repeating: "ERROR worker red lost its lease", count: 9), of: "2026-03-13")
  }

  /// The one template change of a kind that a night's report tells.
  private func change(_ kind: String, of day: String) throws -> (old: [Side], new: [Side]) {
    let changes = try #require(try json("\(day)/report.json")["changes"] as? [String: Any])
    let entries = try #require(changes[kind] as? [[String: Any]])
    #expect(entries.count == 1, "\(kind): \(entries)")
    let entry = try #require(entries.first)
    return (Side.list(entry["old"]), Side.list(entry["new"]))
  }

  struct Side: Equatable {
    let fingerprint: String
    let template: String
    let count: Int?
    let previousNight: Int?

    static func list(_ value: Any?) -> [Side] {
      (value as? [[String: Any]] ?? []).map { side in
        Side(
          fingerprint: side["fingerprint"] as? String ?? "",
          template: side["template"] as? String ?? "", count: side["count"] as? Int,
          previousNight: side["previous_night"] as? Int)
      }
    }
  }

  @Test func `a merge is told on the day's page and on the pages of both sides`()
    throws
  {
    try writeNights()
    try run("--from", "2026-03-08", "--to", "2026-03-12")
    let (old, new) = try change("merged", of: "2026-03-12")
    #expect(
      Set(old.map(\.template)) == ["worker red lost its lease", "worker blue lost its lease"])
    #expect(old.map(\.previousNight) == [3, 3])
    #expect(new.map(\.template) == ["worker <*> lost its lease"])
    #expect(new.map(\.count) == [8])
    let verdict = try json("2026-03-12/report.json")["verdict"] as? String ?? ""
    #expect(verdict.contains("Nothing new, 2 known patterns merged"), "\(verdict)")
    #expect(!verdict.contains("gone"), "\(verdict)")
    let page = try text("2026-03-12/index.html")
    for side in old + new {
      #expect(page.contains("href=\"../cluster/\(side.fingerprint)/index.html\""))
    }
    #expect(try text("2026-03-12/report.md").contains("### Merged"))
    for side in old {
      let page = try text("cluster/\(side.fingerprint)/index.html")
      #expect(page.contains("Since Thu 12 Mar 2026 its lines belong to"))
      #expect(page.contains("href=\"../\(new[0].fingerprint)/index.html\""))
      // It still shows what it was: its night, its samples.
      #expect(try json("cluster/\(side.fingerprint)/index.json")["date"] as? String == "2026-03-11")
      #expect(page.contains(side.template))
    }
    let successor = try text("cluster/\(new[0].fingerprint)/index.html")
    #expect(successor.contains("On Thu 12 Mar 2026 it took the place of"))
    let members = try json("cluster/\(new[0].fingerprint)/index.json")["clusters"]
    let member = try #require((members as? [[String: Any]])?.first)
    #expect(member["nights_seen"] as? Int == 5)
    #expect(member["previous_night"] as? Int == 6)
    #expect((member["first_seen"] as? String)?.hasPrefix("2026-03-08") == true)
  }

  @Test func `a split is told with what it came from, and counts as nothing new`() throws {
    try writeNights()
    try run("--from", "2026-03-08", "--to", "2026-03-12")
    let (old, new) = try change("split", of: "2026-03-12")
    #expect(old.map(\.template) == ["worker <*> lost bojan for good"])
    #expect(old.map(\.previousNight) == [16])
    #expect(new.map(\.template) == ["worker anna lost <*> for good"])
    let report = try json("2026-03-12/report.json")
    let changes = try #require(report["changes"] as? [String: Any])
    for kind in ["new", "gone", "escalating", "returned"] {
      #expect((changes[kind] as? [Any])?.isEmpty == true, "\(kind)")
    }
    let verdict = report["verdict"] as? String ?? ""
    #expect(verdict.contains("1 known pattern split"), "\(verdict)")
    let before = try text("cluster/\(old[0].fingerprint)/index.html")
    #expect(before.contains("On Thu 12 Mar 2026 it was split; lines of it belong to"))
    let after = try text("cluster/\(new[0].fingerprint)/index.html")
    #expect(after.contains("On Thu 12 Mar 2026 it was split from"))
    #expect(after.contains("href=\"../\(old[0].fingerprint)/index.html\""))
  }

  @Test func `later nights keep to the new patterns and remember the old`() throws {
    try writeNights()
    try run("--from", "2026-03-08", "--to", "2026-03-13")
    let (_, merged) = try change("merged", of: "2026-03-12")
    let (old, parts) = try change("split", of: "2026-03-12")
    let report = try json("2026-03-13/report.json")
    let clusters = try #require(report["clusters"] as? [[String: Any]])
    // One worker alone is still the merged pattern, not its own of before.
    #expect(
      Set(clusters.compactMap { $0["fingerprint"] as? String })
        == [merged[0].fingerprint, parts[0].fingerprint])
    let verdict = report["verdict"] as? String ?? ""
    #expect(verdict.contains(": Nothing new. "), "\(verdict)")
    let page = try text("cluster/\(merged[0].fingerprint)/index.html")
    #expect(page.contains("On Thu 12 Mar 2026 it took the place of"))
    #expect(
      try text("cluster/\(parts[0].fingerprint)/index.md").contains(
        "(../\(old[0].fingerprint)/index.md)"))
    let before = try scratch.tree("reports", leavingOut: ["run.json"])
    try run("--from", "2026-03-12", "--to", "2026-03-13", "--force")
    #expect(try scratch.tree("reports", leavingOut: ["run.json"]) == before)
  }

  @Test func `a mute goes over to what took the place of what was muted`() throws {
    try writeNights()
    try run("--from", "2026-03-08", "--to", "2026-03-11")
    let clusters = try #require(
      try json("2026-03-11/report.json")["clusters"] as? [[String: Any]])
    let narrow = clusters.filter {
      ($0["template"] as? String ?? "").hasSuffix("lost its lease")
    }.compactMap { $0["fingerprint"] as? String }
    #expect(narrow.count == 2)
    try mute(narrow)
    try run("--from", "2026-03-12", "--to", "2026-03-13")
    for day in ["2026-03-12", "2026-03-13"] {
      let report = try json("\(day)/report.json")
      let muted = try #require(report["muted"] as? [[String: Any]])
      #expect(muted.map { $0["template"] as? String } == ["worker <*> lost its lease"], "\(day)")
      #expect(muted.map { $0["reason"] as? String } == ["known"])
    }
  }

  private func mute(_ fingerprints: [String]) throws {
    let store = try Store(database)
    let tenant = try #require(TenantName("acme"))
    for hex in fingerprints {
      let fingerprint = try #require(Fingerprint(hex: hex))
      try store.withTenant(tenant) { session throws in
        try session.mute(
          ClusterMute(
            fingerprint: fingerprint, reason: "known", author: "ann",
            mutedAt: Timestamp(seconds: 1_773_180_000)))
      }
    }
  }

  /// A night of ten events whose values are never the same twice.
  private func writeChangingNight(_ number: Int, of day: String) throws {
    var random = SeededRandom(seed: UInt64(number + 1))
    func word() -> String {
      let syllables = ["ka", "lo", "mi", "ne", "ru", "sa", "to", "vi", "xe", "zu"]
      return (0..<3).map { _ in syllables[Int(random.next() % 10)] }.joined()
    }
    func figure(_ limit: UInt64) -> String { String(random.next() % limit) }
    func hex() -> String { String(random.next(), radix: 16) }
    let lines = (0..<1200).map { index in
      switch index % 10 {
      case 0: "INFO user \(word()) logged in from 10.\(figure(250)).\(figure(250)).7"
      case 1: "INFO order \(figure(9_999_999)) of \(word()) placed, total \(figure(900)).50 EUR"
      case 2: "INFO GET /api/orders/\(figure(99_999)) 200 in \(figure(90)) ms"
      case 3: "WARN node worker-\(figure(90)) left the cluster after \(figure(90))m"
      case 4: "DEBUG trace \(hex())\(hex()) span \(hex()) ended"
      case 5: "ERROR payment of customer=\(word()) amount=\(figure(9_999)) declined"
      case 6: "INFO {\"msg\":\"job \(figure(9_999)) done\",\"host\":\"\(word())\"}"
      case 7: "ERROR session \(hex()) expired after \(figure(90))m"
      case 8: "ERROR replica \(word()) is behind by \(figure(900)) rows"
      default: "ERROR mail to \(word())@\(word()).example bounced"
      }
    }
    try write(lines, of: day)
  }

  @Test func `fifteen nights of changing values give nothing new, gone, merged or split`() throws {
    let days = (1...15).map { "2026-03-" + ($0 < 10 ? "0\($0)" : "\($0)") }
    for (number, day) in days.enumerated() { try writeChangingNight(number, of: day) }
    try run("--from", days[0], "--to", days[14])
    var known: Set<String> = []
    for day in days {
      let report = try json("\(day)/report.json")
      let changes = try #require(report["changes"] as? [String: Any])
      for (kind, entries) in changes {
        #expect((entries as? [Any])?.isEmpty == true, "\(day) \(kind): \(entries)")
      }
      let clusters = try #require(report["clusters"] as? [[String: Any]])
      let fingerprints = Set(clusters.compactMap { $0["fingerprint"] as? String })
      if known.isEmpty { known = fingerprints }
      #expect(fingerprints == known, "\(day)")
    }
    #expect(known.count == 10)
  }
}
