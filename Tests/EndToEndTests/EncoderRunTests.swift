import Catalogs
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

/// Nights whose vectors a server makes, as Ollama or OpenAI has it; it goes wrong in every documented way.
@Suite struct EncoderRunTests {
  static let providers = ["ollama", "openai"]

  let scratch: ScratchDirectory
  let database: ConnectionTarget

  init() throws {
    scratch = try ScratchDirectory()
    database = try TestDatabase.make()
  }

  func daybreak(_ arguments: [String], key: String = "k-s3cret") throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(
      arguments, in: scratch.url,
      environment: [
        "DAYBREAK_DATABASE_URL": database.conninfo, "DAYBREAK_HOME": "home", "ENCODER_KEY": key,
      ])
  }

  func writeJob(
    _ provider: String, _ url: String, model: String = "words-1", _ further: String = ""
  ) throws {
    try scratch.write(
      """
      name: nightly
      tenant: acme
      baselines: { minimum_history: 1d }
      sources:
        - log_files: { path: "logs/{date}.log", service: shop }
      embedding:
        provider: \(provider)
        url: \(url)
        model: \(model)
        key_env: ENCODER_KEY
        \(further)

      """, to: "job.yaml")
  }

  /// Three patterns, one of them with things that must not leave, one the night's own.
  func writeLog(_ day: String, error: String) throws {
    var text = ""
    for minute in 10..<50 {
      let clock = "\(day)T02:\(minute):00Z"
      text += "\(clock) INFO order \(minute) placed\n"
      text += "\(clock) ERROR login of anna@acme.test failed, password=hunter2secret\n"
      text += "\(clock) ERROR \(error)\n"
    }
    try scratch.write(text, to: "logs/\(day).log")
  }

  /// Two nights with errors that share most words.
  func writeTwoNights() throws {
    try writeLog("2026-03-11", error: "connection pool of database exhausted after waiting")
    try writeLog("2026-03-12", error: "connection pool of database exhausted while charging")
  }

  @discardableResult
  func run(_ day: String, _ further: String...) throws -> DaybreakProcess.Outcome {
    let outcome = try daybreak(["run", "job.yaml", "--date", day] + further)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }

  /// How many vectors the store has, by model and dimension.
  func vectors() throws -> [String: Int] {
    try Connection(database).query(
      named: "vectors",
      """
      SELECT model || ' ' || dimension AS model, count(*) AS count FROM daybreak.cluster_vectors
      GROUP BY model, dimension
      """
    ).reduce(into: [:]) { $0[try $1.string("model")] = try $1.int("count") }
  }

  func clusterCount() throws -> Int {
    try Connection(database).query(
      named: "clusters", "SELECT count(*) AS count FROM daybreak.error_clusters"
    ).only().int("count")
  }

  /// The similar patterns on the page of the one whose template holds some words.
  func similar(_ words: String) throws -> [String] {
    for (name, bytes) in try scratch.tree("reports/acme/cluster") where name.hasSuffix("index.json")
    {
      let page = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
      let cluster = (page?["clusters"] as? [[String: Any]])?.first
      guard (cluster?["template"] as? String)?.contains(words) == true else { continue }
      let found = cluster?["similar"] as? [[String: Any]] ?? []
      return found.compactMap { $0["template"] as? String }
    }
    throw CocoaError(.fileNoSuchFile)
  }

  func report(_ day: String) throws -> String {
    try String(
      contentsOf: scratch.url.appending(path: "reports/acme/\(day)/report.json"), encoding: .utf8)
  }

  @Test(arguments: providers)
  func `a server's vectors find what is similar, and no secret reaches it`(
    provider: String
  ) throws {
    let server = ModelStandIn { EncoderStandIn.answer($0) }
    try writeJob(provider, server.url)
    try writeTwoNights()
    try run("2026-03-11")
    try run("2026-03-12")
    #expect(try vectors() == ["\(provider)/words-1 64": clusterCount()])
    #expect(try similar("while charging").first?.contains("after waiting") == true)
    let paths = Set(server.received.map(\.path))
    #expect(paths == [provider == "ollama" ? "/api/embed" : "/v1/embeddings"])
    for request in server.received {
      #expect(request.header("authorization") == "Bearer k-s3cret")
      #expect(request.object["model"] as? String == "words-1")
      let sent = String(decoding: request.body, as: UTF8.self)
      for secret in ["hunter2", "anna@"] { #expect(!sent.contains(secret)) }
    }
    let found = try daybreak([
      "search", "database pool waiting", "--json", "--provider", provider, "--url", server.url,
      "--model", "words-1",
    ])
    #expect(found.status == 0, "\(found.errors)")
    #expect(found.output.contains(#""model" : "\#(provider)/words-1""#))
  }

  @Test(arguments: providers)
  func `waits as long as a busy server asks, and goes on`(provider: String) throws {
    let refusals = Mutex(2)
    let times = Mutex<[ContinuousClock.Instant]>([])
    let server = ModelStandIn { request in
      times.withLock { $0.append(.now) }
      let isBusy = refusals.withLock { left in
        defer { left -= 1 }
        return left > 0
      }
      return isBusy
        ? .json(status: 429, headers: ["Retry-After": "1"], #"{"error":"busy"}"#)
        : EncoderStandIn.answer(request)
    }
    try writeJob(provider, server.url)
    try writeLog("2026-03-12", error: "queue is full")
    let outcome = try run("2026-03-12")
    #expect(!outcome.errors.contains("no vectors"))
    #expect(try vectors() == ["\(provider)/words-1 64": 3])
    let moments = times.withLock { $0 }
    #expect(moments[1] - moments[0] >= .seconds(1) && moments[2] - moments[1] >= .seconds(1))
  }

  @Test(arguments: [(500, "server error"), (503, "loading model"), (404, "model not found")])
  func `a night whose server fails has its report, and the next one makes up for it`(
    status: Int, words: String
  ) throws {
    let isDown = Mutex(true)
    let server = ModelStandIn { request in
      isDown.withLock { $0 }
        ? .json(status: status, #"{"error":{"message":"\#(words)"}}"#)
        : EncoderStandIn.answer(request)
    }
    try writeJob("openai", server.url)
    try writeTwoNights()
    let failed = try run("2026-03-11")
    #expect(failed.errors.contains("no vectors") && failed.errors.contains(String(status)))
    #expect(try vectors().isEmpty)
    #expect(try report("2026-03-11").contains("not looked for"))
    isDown.withLock { $0 = false }
    try run("2026-03-12")
    #expect(try vectors() == ["openai/words-1 64": clusterCount()])
    #expect(try similar("while charging").first?.contains("after waiting") == true)
  }

  @Test(arguments: providers)
  func `vectors of another dimension than the job wants are none`(provider: String) throws {
    let server = ModelStandIn { EncoderStandIn.answer($0, dimension: 6) }
    try writeJob(provider, server.url, "dimension: 64")
    try writeLog("2026-03-12", error: "queue is full")
    let outcome = try run("2026-03-12")
    #expect(outcome.errors.contains("gave vectors of 6 dimensions in place of 64"))
    #expect(try vectors().isEmpty)
  }

  @Test func `a server that changes its dimension on the way leaves one dimension alone`() throws {
    let asked = Mutex(0)
    let server = ModelStandIn { request in
      let number = asked.withLock { count in
        count += 1
        return count
      }
      return EncoderStandIn.answer(request, dimension: number == 1 ? 64 : 32)
    }
    try writeJob("openai", server.url)
    try writeLog("2026-03-12", error: "queue is full")
    #expect(try run("2026-03-12").errors.contains("32 dimensions in place of 64"))
    #expect(try vectors().count <= 1)
    // From now on it has 32: those take the place of the former.
    try run("2026-03-12", "--force")
    #expect(try vectors() == ["openai/words-1 32": 3])
  }

  @Test func `a server that answers with another model is not believed`() throws {
    let server = ModelStandIn { EncoderStandIn.answer($0, model: "words-2") }
    try writeJob("ollama", server.url)
    try writeLog("2026-03-12", error: "queue is full")
    let outcome = try run("2026-03-12")
    #expect(outcome.errors.contains("used the model words-2 in place of words-1"))
    #expect(try vectors().isEmpty)
  }

  @Test func `another model makes all vectors anew, and none is compared with the former's`() throws
  {
    // The second model sees nothing but the word's place, so that its neighbours are others.
    let server = ModelStandIn { request in
      EncoderStandIn.answer(
        request, dimension: request.object["model"] as? String == "words-1" ? 64 : 48)
    }
    try writeJob("ollama", server.url)
    try writeTwoNights()
    try run("2026-03-11")
    #expect(try vectors() == ["ollama/words-1 64": 3])
    try writeJob("ollama", server.url, model: "words-2")
    try run("2026-03-12")
    #expect(try vectors() == ["ollama/words-1 64": 3, "ollama/words-2 48": clusterCount()])
    #expect(try similar("while charging").first?.contains("after waiting") == true)
    func search(_ model: String) throws -> DaybreakProcess.Outcome {
      try daybreak([
        "search", "pool exhausted", "--json", "--provider", "ollama", "--url", server.url,
        "--model", model,
      ])
    }
    // What only the second model knows has no vector score by the first.
    let first = try search("words-1")
    #expect(first.status == 0, "\(first.errors)")
    let answer = try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any]
    let results = answer?["results"] as? [[String: Any]] ?? []
    let charging = results.first { ($0["template"] as? String)?.contains("charging") == true }
    #expect(charging != nil && charging?["vector_score"] == nil)
    let unknown = try search("words-3")
    #expect(unknown.status == 3)
    #expect(unknown.errors.contains("acme has no vectors of ollama/words-3, but of ollama/words-"))
  }
}

/// Passages of catalogs by the vectors of a server, in the catalog's own dimension.
@Suite struct CatalogEncoderTests {
  let database: ConnectionTarget
  let scratch: ScratchDirectory
  let connection: Connection

  init() throws {
    database = try TestDatabase.make()
    scratch = try ScratchDirectory()
    connection = try Connection(database)
  }

  static let texts = [
    "refunds are paid within five days to the card used", "our clinic opens at nine on weekdays",
    "parking is free behind the building",
  ]

  func search(
    _ text: String, _ catalog: String, _ asker: (option: String, id: UUID), _ server: ModelStandIn,
    provider: String, model: String
  ) throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(
      [
        "search", text, "--json", "--catalog", catalog, "--database", database.conninfo,
        "--\(asker.option)", asker.id.uuidString, "--provider", provider, "--url", server.url,
        "--model", model,
      ], in: scratch.url, environment: ["DAYBREAK_HOME": "home"])
  }

  func results(_ outcome: DaybreakProcess.Outcome) throws -> [[String: Any]] {
    #expect(outcome.status == 0, "\(outcome.errors)")
    let answer = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    return answer?["results"] as? [[String: Any]] ?? []
  }

  func hasVector() throws -> Bool {
    try connection.query(
      named: "pgvector", "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector') AS it"
    ).only().bool("it")
  }

  func stored(_ text: String, dimension: Int) throws -> (text: Value, cast: String) {
    let numbers = EncoderStandIn.vector(text, dimension: dimension).map(\.description)
      .joined(separator: ",")
    return try hasVector()
      ? (.text("[\(numbers)]"), "::text::vector") : (.text("{\(numbers)}"), "::text::real[]")
  }

  @Test func `ANZx documents are searched in 768 dimensions, an organization's own alone`() throws {
    try Catalog(named: "anzx").migrator().up(on: connection)
    let (own, other) = (UUID(), UUID())
    for organization in [own, other] {
      try connection.execute(
        named: "an organization",
        "INSERT INTO anzx.organizations (id, name) VALUES ($1, $2)",
        [.uuid(organization), .text("Organization \(organization)")])
      let source = UUID()
      try connection.execute(
        named: "a source",
        "INSERT INTO anzx.knowledge_sources (id, organization_id, name, type, embedding_model) "
          + "VALUES ($1, $2, 'Handbook', 'text', 'nomic-embed-text')",
        [.uuid(source), .uuid(organization)])
      for (index, text) in Self.texts.enumerated() {
        let vector = try stored(text, dimension: 768)
        try connection.execute(
          named: "a passage",
          "INSERT INTO anzx.documents (knowledge_source_id, organization_id, content, chunk_index, "
            + "embedding) VALUES ($1, $2, $3, $4, $5\(vector.cast))",
          [
            .uuid(source), .uuid(organization), .text(text), .int64(Int64(index)), vector.text,
          ])
      }
    }
    let server = ModelStandIn { EncoderStandIn.answer($0, dimension: 768) }
    let asker = (option: "organization", id: own)
    let found = try results(
      search(
        "when are refunds paid to my card", "anzx", asker, server, provider: "ollama",
        model: "nomic-embed-text"))
    #expect(found.first?["content"] as? String == Self.texts[0])
    #expect(found.first?["place"] as? String == "Handbook")
    #expect((found.first?["vector_score"] as? Double ?? 0) > 0.4)
    // The other organization has the same passages: each comes once.
    #expect(found.count { $0["content"] as? String == Self.texts[0] } == 1)
    let wrong = try search(
      "refunds", "anzx", asker, ModelStandIn { EncoderStandIn.answer($0, dimension: 384) },
      provider: "ollama", model: "nomic-embed-text")
    #expect(wrong.status == 4)
    #expect(wrong.errors.contains("none of nomic-embed-text (384 dimensions)"))
    let stranger = try search(
      "refunds", "anzx", asker, server, provider: "ollama", model: "mxbai-embed-large")
    #expect(stranger.status == 4 && stranger.errors.contains("nomic-embed-text (768 dimensions)"))
  }

  @Test(arguments: [("openai", "all-MiniLM-L6-v2"), ("ollama", "all-minilm")])
  func `Loglytics passages are searched in 384 dimensions, a user's projects alone`(
    provider: String, model: String
  ) throws {
    try Catalog(named: "loglytics").migrator().up(on: connection)
    let (user, project) = (UUID(), UUID())
    try connection.execute(
      named: "a user",
      "INSERT INTO loglytics.users (id, email, password_hash) VALUES ($1, 'ann@acme.test', 'x')",
      [.uuid(user)])
    try connection.execute(
      named: "a project",
      "INSERT INTO loglytics.projects (id, user_id, name) VALUES ($1, $2, 'Shop')",
      [.uuid(project), .uuid(user)])
    for text in Self.texts {
      let vector = try stored(text, dimension: 384)
      try connection.execute(
        named: "a passage",
        "INSERT INTO loglytics.rag_vectors (project_id, user_id, content, embedding) "
          + "VALUES ($1, $2, $3, $4\(vector.cast))",
        [.uuid(project), .uuid(user), .text(text), vector.text])
    }
    let server = ModelStandIn { EncoderStandIn.answer($0, dimension: 384) }
    func ask(_ user: UUID) throws -> [[String: Any]] {
      try results(
        search(
          "where is parking free", "loglytics", (option: "user", id: user), server,
          provider: provider, model: model))
    }
    #expect(try ask(user).first?["content"] as? String == Self.texts[2])
    #expect(try ask(user).first?["place"] as? String == "Shop")
    #expect((try ask(user).first?["vector_score"] as? Double ?? 0) > 0.4)
    #expect(try ask(UUID()).isEmpty)
  }

  @Test func `a server that is down leaves words, and says so`() throws {
    try Catalog(named: "anzx").migrator().up(on: connection)
    let server = ModelStandIn { _ in .json(status: 401, #"{"error":"no key"}"#) }
    let outcome = try search(
      "refunds", "anzx", (option: "organization", id: UUID()), server, provider: "openai",
      model: "text-embedding-004")
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("words alone were compared"))
  }
}
