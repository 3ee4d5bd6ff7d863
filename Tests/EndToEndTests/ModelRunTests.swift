import Foundation
import Postgres
import TestSupport
import Testing

/// Whole nights whose summaries a model writes.
@Suite struct ModelRunTests {
  let scratch: ScratchDirectory
  let database: ConnectionTarget

  init() throws {
    scratch = try ScratchDirectory()
    database = try TestDatabase.make()
  }

  func run(_ arguments: String..., key: String = "k-s3cret") throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(
      arguments, in: scratch.url,
      environment: [
        "DAYBREAK_DATABASE_URL": database.conninfo, "DAYBREAK_HOME": "home", "MODEL_KEY": key,
      ])
  }

  func writeJob(_ url: String, _ further: String = "") throws {
    try scratch.write(
      """
      name: nightly
      tenant: acme
      sources:
        - log_files: { path: logs/*, service: shop }
      summaries:
        provider: openai
        url: \(url)
        model: small-1
        key_env: MODEL_KEY
        input_price: 2
        output_price: 8
        max_clusters: 200
        max_tokens: 10000000
        concurrency: 4
        timeout: 20s
        \(further)

      """, to: "job.yaml")
  }

  /// Errors of three kinds, one of them with things that must not leave.
  func writeLog() throws {
    var text = ""
    for minute in 0..<60 {
      let clock = "2026-03-12T02:\(minute < 10 ? "0" : "")\(minute):00Z"
      text += "\(clock) INFO order \(minute) placed\n"
      text += "\(clock) ERROR cannot reach database 10.0.0.7 after \(minute) tries\n"
      text += "\(clock) ERROR login of anna@acme.test failed, password=hunter2secret\n"
      text += "\(clock) ERROR queue orders is full\n"
    }
    try scratch.write(text, to: "logs/app.log")
  }

  /// Answers with a quote of the first sample, which is cut out of the prompt.
  static func answer(
    _ request: ModelStandIn.Request, summary: String = "It failed.",
    cause: String = "Possibly load.",
    action: String = "Look."
  ) -> ModelStandIn.Reply {
    let quote = firstSample(request.message("user"))
    let answer = ModelStandIn.json([
      "summary": summary, "root_cause": cause, "confidence": 0.97, "suggested_action": action,
      "evidence": [
        ["sample_id": "s1", "quote": quote], ["sample_id": "s1", "quote": "not a word of this"],
      ],
    ])
    return .json(ModelStandIn.body(.openai, answer))
  }

  /// The first line of the first sample of a prompt.
  static func firstSample(_ prompt: String) -> String {
    guard let start = prompt.range(of: "Sample s1")?.upperBound else { return "" }
    let lines = prompt[start...].split(separator: "\n", omittingEmptySubsequences: false)
    return lines.count > 2 ? String(lines[2]) : ""
  }

  func json(_ name: String, _ key: String) throws -> [String: Any] {
    let file = scratch.url.appending(path: "reports/acme/2026-03-12/\(name)")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
    return object?[key] as? [String: Any] ?? [:]
  }

  @Test func `names the model, its tokens and cost, and pays once`() throws {
    let server = ModelStandIn { Self.answer($0) }
    try writeJob(server.url)
    try writeLog()
    let first = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(first.status == 0, "\(first.errors)")
    #expect(try json("report.json", "coverage")["model"] as? String == "openai small-1")
    let model = try json("report.json", "run")["model"] as? [String: Any]
    #expect(model?["answers"] as? Int == 3 && model?["input_tokens"] as? Int == 2700)
    #expect(try json("run.json", "model")["requests"] as? Int == 3)
    let rows = try Connection(database).query(
      named: "what was said",
      """
      SELECT provider, model, prompt_digest, input_tokens, cost_usd, model_confidence, confidence
      FROM daybreak.analysis_results
      """)
    #expect(rows.count == 3)
    for row in rows {
      #expect(try row.string("provider") == "openai" && row.string("model") == "small-1")
      #expect(try row.string("prompt_digest").count == 64 && row.int64("input_tokens") == 900)
      #expect(try row.double("cost_usd") == 0.00276 && row.double("model_confidence") == 0.97)
      #expect(try row.double("confidence") < 0.9)
    }
    let before = try scratch.tree("reports", leavingOut: ["run.json"])
    let again = try run("run", "job.yaml", "--date", "2026-03-12", "--force")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try scratch.tree("reports", leavingOut: ["run.json"]) == before)
    #expect(server.received.count == 3)
    #expect(try json("run.json", "model")["answers_at_hand"] as? Int == 3)
  }

  @Test func `sends no secret, and tells nobody the key`() throws {
    let server = ModelStandIn { Self.answer($0) }
    try writeJob(server.url)
    try writeLog()
    let outcome = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(server.received.allSatisfy { $0.header("authorization") == "Bearer k-s3cret" })
    for request in server.received {
      let sent = String(decoding: request.body, as: UTF8.self)
      for secret in ["hunter2", "anna", "k-s3cret"] { #expect(!sent.contains(secret)) }
    }
    #expect(!outcome.output.contains("k-s3cret") && !outcome.errors.contains("k-s3cret"))
    for (name, bytes) in try scratch.tree("reports") {
      let text = String(decoding: bytes, as: UTF8.self)
      for secret in ["hunter2", "anna@", "k-s3cret"] { #expect(!text.contains(secret), "\(name)") }
    }
  }

  @Test func `lets code speak where the model is down, and counts why`() throws {
    let server = ModelStandIn { _ in
      .json(status: 401, ModelStandIn.errorBody(.openai, "invalid_api_key", "no"))
    }
    try writeJob(server.url)
    try writeLog()
    let outcome = try run("run", "job.yaml", "--date", "2026-03-12")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try json("report.json", "coverage")["model"] is NSNull)
    let model = try json("report.json", "run")["model"] as? [String: Any]
    let fallbacks = model?["fallbacks"] as? [[String: Any]] ?? []
    #expect(fallbacks.map { $0["reason"] as? String } == ["rejected"])
    #expect(fallbacks.first?["count"] as? Int == 3)
    let pages = try scratch.tree("reports").filter { $0.key.contains("cluster/") }
    let html = pages.filter { $0.key.hasSuffix("html") }.map {
      String(decoding: $0.value, as: UTF8.self)
    }
    #expect(
      html.count { $0.contains("openai small-1 did not speak: it did not take the request.") } == 3)
    let day = try String(
      contentsOf: scratch.url.appending(path: "reports/acme/2026-03-12/index.html"),
      encoding: .utf8)
    #expect(day.contains("3 × it did not take the request") && day.contains("no model used"))
  }

  @Test func `lets code speak where there is no key`() throws {
    let server = ModelStandIn { Self.answer($0) }
    try writeJob(server.url)
    try writeLog()
    let outcome = try run("run", "job.yaml", "--date", "2026-03-12", key: "")
    #expect(outcome.status == 0 && server.received.isEmpty)
    #expect(outcome.errors.contains("the environment variable MODEL_KEY holds no key"))
  }

  @Test func `prints what would be sent, and sends nothing`() throws {
    let server = ModelStandIn { Self.answer($0) }
    try writeJob(server.url)
    try writeLog()
    let early = try run("run", "job.yaml", "--date", "2026-03-12", "--dry-run")
    #expect(early.status == 0 && early.output.contains("not known yet"), "\(early.output)")
    try writeJob(server.url, "max_cost: 0")
    #expect(try run("run", "job.yaml", "--date", "2026-03-12").status == 0)
    let none = try run("run", "job.yaml", "--date", "2026-03-12", "--dry-run")
    #expect(none.output.contains("not sent: the night's money was used up"), "\(none.output)")
    try writeJob(server.url)
    let plan = try run("run", "job.yaml", "--date", "2026-03-12", "--dry-run")
    #expect(plan.output.contains("3 of 3 prompts would be sent: at most about"), "\(plan.output)")
    #expect(plan.output.contains("at most about $0.0") && plan.output.contains("Sample s1"))
    #expect(!plan.output.contains("hunter2"))
    let machine = try run("run", "job.yaml", "--date", "2026-03-12", "--dry-run", "--json")
    let nights =
      try JSONSerialization.jsonObject(with: Data(machine.output.utf8)) as? [[String: Any]]
    #expect((nights?.first?["prompts"] as? [Any])?.count == 3)
    #expect(server.received.isEmpty)
  }
}
