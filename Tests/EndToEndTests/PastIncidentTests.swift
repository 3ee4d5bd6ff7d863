import Foundation
import Postgres
import TestSupport
import Testing

/// What a night's prompts remember of earlier nights, and what stood before a pattern.
@Suite struct PastIncidentTests {
  let scratch: ScratchDirectory
  let database: ConnectionTarget

  init() throws {
    scratch = try ScratchDirectory()
    database = try TestDatabase.make()
  }

  func daybreak(_ arguments: String...) throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(
      arguments, in: scratch.url,
      environment: ["DAYBREAK_DATABASE_URL": database.conninfo, "DAYBREAK_HOME": "home"])
  }

  /// A server that is encoder and model at once.
  func standIn() -> ModelStandIn {
    ModelStandIn { request in
      EncoderStandIn.isMeant(request)
        ? EncoderStandIn.answer(request)
        : ModelRunTests.answer(
          request, summary: "The pool ran empty.", cause: "Possibly a slow migration held it.")
    }
  }

  func writeJob(_ url: String, _ further: String = "") throws {
    try scratch.write(
      """
      name: nightly
      tenant: acme
      baselines: { minimum_history: 3d }
      sources:
        - log_files: { path: "logs/{date}.log", service: shop }
      embedding: { provider: ollama, url: "\(url)", model: words-1 }
      summaries: { provider: openai, url: "\(url)", model: small-1, timeout: 20s, max_tokens: 10000000 }
      \(further)

      """, to: "job.yaml")
  }

  /// A night of orders, with an error twenty times a minute from 05:00 on, for forty minutes or as long as
  /// is said, and once at 01:00 where it is usual.
  func writeLog(
    _ day: String, error: String? = nil, minutes: Int = 40, isUsual: Bool = false
  ) throws {
    var text = ""
    for minute in 0..<600 {
      let clock = String(format: "%@T%02d:%02d", day, minute / 60, minute % 60)
      text += "\(clock):01Z INFO order \(minute) placed by user\(minute % 7)\n"
      text += "\(clock):02Z WARN cache of prices is \(minute) seconds old\n"
      if minute == 299, error != nil {
        text += "\(clock):58Z INFO migration 42 started by anna@acme.test\n"
      }
      if minute == 60, isUsual, let error { text += "\(clock):30Z ERROR \(error) 0\n" }
      guard let error, minute >= 300, minute < 300 + minutes else { continue }
      for second in 10..<30 { text += "\(clock):\(second)Z ERROR \(error) \(second)\n" }
    }
    try scratch.write(text, to: "logs/\(day).log")
  }

  /// The user's part of the last prompt about a subject that holds some words.
  func prompt(_ server: ModelStandIn, _ words: String...) throws -> String {
    let prompts = server.received.filter { !EncoderStandIn.isMeant($0) }.map { $0.message("user") }
    return try #require(prompts.last { prompt in words.allSatisfy(prompt.contains) })
  }

  @Test func `a prompt names the similar incident of an earlier night, and how it ended`() throws {
    let server = standIn()
    try writeJob(server.url)
    let quiet = ["2026-03-06", "2026-03-07", "2026-03-08", "2026-03-10", "2026-03-11"]
    for day in quiet { try writeLog(day) }
    try writeLog("2026-03-09", error: "connection pool of database exhausted after waiting")
    try writeLog("2026-03-12", error: "connection pool of database exhausted while charging")
    let run = try daybreak("run", "job.yaml", "--from", "2026-03-06", "--to", "2026-03-12")
    #expect(run.status == 0, "\(run.errors)")
    for subject in ["One pattern of log lines", "One incident of severity"] {
      let text = try prompt(server, subject, "night of 2026-03-12", "exhausted while charging")
      for part in [
        "Similar patterns of earlier nights:", "exhausted after waiting",
        "800 events on 1 nights from 2026-03-09 to 2026-03-09; silent since 2026-03-09",
        "part of an incident of severity",
        "on 2026-03-09 that began in \"default/shop\" and lasted",
        "then was said: \"Possibly a slow migration held it.\"",
        "What the same service wrote just before", "migration 42 started by <email:1>",
        "First mover \"default/shop\" at 05:00",
      ] { #expect(text.contains(part), "\(subject): \(part)\n\(text)") }
    }
    try checkStore()
    try checkSearch()
  }

  /// What was said of incidents stands beside what was said of patterns, with what it took.
  private func checkStore() throws {
    let rows = try Connection(database).query(
      named: "of incidents",
      """
      SELECT a.provider, a.model, a.prompt_digest, a.input_tokens, a.latency_milliseconds, c.template
      FROM daybreak.analysis_results AS a
      JOIN daybreak.error_clusters AS c ON c.tenant_id = a.tenant_id AND c.id = a.cluster_id
      WHERE a.incident_id IS NOT NULL ORDER BY a.created_at
      """)
    #expect(rows.count == 2)
    for row in rows {
      #expect(try row.string("provider") == "openai" && row.string("model") == "small-1")
      #expect(try row.string("prompt_digest").count == 64 && row.int64("input_tokens") == 900)
      #expect(try row.string("template").contains("pool of database exhausted"))
    }
  }

  private func checkSearch() throws {
    let found = try daybreak("search", "pool exhausted waiting", "--provider", "none", "--json")
    #expect(found.status == 0, "\(found.errors)")
    let answer = try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any]
    let results = try #require(answer?["results"] as? [[String: Any]])
    let analyses = try #require(results.first?["analyses"] as? [[String: Any]])
    #expect(analyses.map { $0["subject"] as? String } == ["cluster", "incident"])
    let call = analyses.last?["call"] as? [String: Any]
    #expect(call?["input_tokens"] as? Int == 900)
    #expect((call?["prompt_digest"] as? String)?.count == 64)
    let text = try daybreak("search", "pool exhausted waiting", "--provider", "none").output
    #expect(text.contains("2026-03-09, the incident: Possibly a slow migration held it."))
  }

  @Test func `pages show what stood before a pattern, and none where the job wants none`() throws {
    let server = standIn()
    try writeJob(server.url)
    try writeLog("2026-03-12", error: "connection pool of database exhausted after waiting")
    let run = try daybreak("run", "job.yaml", "--date", "2026-03-12")
    #expect(run.status == 0, "\(run.errors)")
    // Within a minute before 05:00:10, the nearest last.
    #expect(
      try neighbours().map { $0["text"] as? String } == [
        "migration 42 started by <email:1>", "order 300 placed by user6",
        "cache of prices is 300 seconds old",
      ])
    #expect(try neighbours().first?["timestamp"] as? String == "2026-03-12T04:59:58Z")
    let html = try scratch.tree("reports/acme/cluster").filter { $0.key.hasSuffix("html") }.values
    #expect(html.contains { String(decoding: $0, as: UTF8.self).contains("Just before it") })
    try writeJob(server.url, "clusters: { neighbouring_lines: 0 }")
    let again = try daybreak("run", "job.yaml", "--date", "2026-03-12", "--force")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try neighbours().isEmpty)
  }

  @Test func `of a pattern that grew the lines stand before the hour in which it began to`() throws
  {
    try writeJob(standIn().url)
    let error = "connection pool of database exhausted after waiting"
    for day in 6...11 {
      try writeLog(String(format: "2026-03-%02d", day), error: error, minutes: 0, isUsual: true)
    }
    try writeLog("2026-03-12", error: error, isUsual: true)
    let run = try daybreak("run", "job.yaml", "--from", "2026-03-06", "--to", "2026-03-12")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try neighbours().map { $0["text"] as? String } == [
        "order 299 placed by user5", "cache of prices is 299 seconds old",
        "migration 42 started by <email:1>",
      ])
  }

  @Test func `standard input is not read again`() throws {
    try writeLog("2026-03-12", error: "connection pool of database exhausted after waiting")
    try scratch.write(
      """
      name: nightly
      tenant: acme
      sources:
        - log_files: { path: "-", service: shop }
      embedding: { provider: none }

      """, to: "job.yaml")
    let program = DaybreakProcess.binary.path
    let run = try DaybreakProcess.run(
      ["-c", "exec '\(program)' run job.yaml --date 2026-03-12 <logs/2026-03-12.log"],
      in: scratch.url,
      environment: ["DAYBREAK_DATABASE_URL": database.conninfo, "DAYBREAK_HOME": "home"],
      binary: URL(filePath: "/bin/sh"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("standard input is read once"))
    #expect(try neighbours().isEmpty)
  }

  /// What stood before the one pattern that is about the pool, on its page.
  private func neighbours() throws -> [[String: Any]] {
    for (name, bytes) in try scratch.tree("reports/acme/cluster")
    where name.hasSuffix("index.json") {
      let page = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
      let cluster = (page?["clusters"] as? [[String: Any]])?.first
      guard (cluster?["template"] as? String)?.contains("exhausted") == true else { continue }
      return cluster?["neighbours"] as? [[String: Any]] ?? []
    }
    throw NoPage()
  }

  private struct NoPage: Error {}
}
