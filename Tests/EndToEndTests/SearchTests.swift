import Catalogs
import Foundation
import Postgres
import Storage
import TestSupport
import Testing

/// Vectors, similar incidents and `daybreak search`, over runs of small jobs.
@Suite struct SearchTests {
  let scratch: ScratchDirectory
  let database: ConnectionTarget

  init() throws {
    scratch = try ScratchDirectory()
    database = try TestDatabase.make()
    try scratch.write(Self.job, to: "job.yaml")
  }

  static let job = """
    name: nightly
    tenant: acme
    baselines: { minimum_history: 1d }
    sources:
      - log_files: { path: "logs/{date}.log", service: shop }

    """

  /// A home without the encoder's model, and one with it.
  func environment(withModel: Bool) throws -> [String: String] {
    let home = scratch.url.appending(path: withModel ? "home" : "bare")
    let models = home.appending(path: "models")
    if withModel, !FileManager.default.fileExists(atPath: models.path) {
      try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: models, withDestinationURL: EmbedTests.home.appending(path: "models"))
    }
    return ["DAYBREAK_DATABASE_URL": database.conninfo, "DAYBREAK_HOME": home.path]
  }

  /// Runs the program; without the model a copy of it that lies in no checkout, where it would find one.
  func daybreak(
    _ arguments: [String], withModel: Bool = true
  ) throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(
      arguments, in: scratch.url, environment: environment(withModel: withModel),
      binary: withModel ? DaybreakProcess.binary : try lonelyBinary())
  }

  private func lonelyBinary() throws -> URL {
    let copy = scratch.url.appending(path: "bin/daybreak")
    guard !FileManager.default.fileExists(atPath: copy.path) else { return copy }
    try FileManager.default.createDirectory(
      at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: DaybreakProcess.binary, to: copy)
    return copy
  }

  /// Lines of a night: some as always, and one error of its own, many times.
  func writeLog(_ day: String, error: String?) throws {
    var text = ""
    for minute in 0..<600 {
      let clock = String(format: "%@T%02d:%02d:00Z", day, minute / 60, minute % 60)
      text += "\(clock) INFO order \(minute) placed by user\(minute % 7)\n"
      text += "\(clock) WARN cache of prices is \(minute) seconds old\n"
      if let error, minute >= 300, minute < 340 { text += "\(clock) ERROR \(error) \(minute)\n" }
    }
    try scratch.write(text, to: "logs/\(day).log")
  }

  func run(_ day: String, withModel: Bool = true) throws {
    let outcome = try daybreak(["run", "job.yaml", "--date", day], withModel: withModel)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// Two nights with errors that mean about the same in other words, and a quiet one between.
  func runThreeNights() throws {
    try writeLog("2026-03-10", error: "connection to database timed out after ms")
    try writeLog("2026-03-11", error: nil)
    try writeLog("2026-03-12", error: "database connection timeout, attempt")
    for day in ["2026-03-10", "2026-03-11", "2026-03-12"] { try run(day) }
  }

  func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// The JSON of the page of the pattern whose template holds a word.
  func page(_ word: String) throws -> (json: [String: Any], folder: URL) {
    let folder = scratch.url.appending(path: "reports/acme/cluster")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      let page = folder.appending(path: name)
      let text = try String(contentsOf: page.appending(path: "index.json"), encoding: .utf8)
      let cluster = try #require((try json(text)["clusters"] as? [[String: Any]])?.first)
      if (cluster["template"] as? String)?.contains(word) == true { return (cluster, page) }
    }
    throw CocoaError(.fileNoSuchFile)
  }

  @Test(.enabled(if: EmbedTests.hasModel, "run script/bootstrap for the model"))
  func `the page of a new pattern names what it is like, and how that ended`() throws {
    try runThreeNights()
    let (cluster, folder) = try page("attempt")
    let similar = try #require(cluster["similar"] as? [[String: Any]])
    let first = try #require(similar.first)
    #expect((first["template"] as? String)?.hasPrefix("connection to database timed out") == true)
    #expect(first["last_seen"] as? String == "2026-03-10")
    #expect(first["count"] as? Int == 40)
    #expect(first["ending"] as? String == "silent")
    #expect((first["similarity"] as? Double ?? 0) > 0.6)
    for name in ["index.html", "index.md"] {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      #expect(text.contains("Similar past patterns"), "\(name)")
      #expect(text.contains("not seen since"), "\(name)")
    }
  }

  @Test(.enabled(if: EmbedTests.hasModel, "run script/bootstrap for the model"))
  func `nights that come later change no page of a night before`() throws {
    try runThreeNights()
    let before = try scratch.tree("reports/acme/2026-03-12", leavingOut: ["run.json"])
    try writeLog("2026-03-13", error: "timeout of the database connection")
    try run("2026-03-13")
    let again = try daybreak(["run", "job.yaml", "--date", "2026-03-12", "--only", "render"])
    #expect(again.status == 0, "\(again.errors)")
    #expect(try scratch.tree("reports/acme/2026-03-12", leavingOut: ["run.json"]) == before)
  }

  @Test(.enabled(if: EmbedTests.hasModel, "run script/bootstrap for the model"))
  func `a search finds by meaning what shares few words`() throws {
    try runThreeNights()
    let outcome = try daybreak(["search", "cannot reach the db in time", "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let answer = try json(outcome.output)
    #expect(answer["model"] as? String == "builtin/all-MiniLM-L6-v2")
    let results = try #require(answer["results"] as? [[String: Any]])
    let first = try #require(results.first)
    #expect((first["template"] as? String)?.contains("database") == true)
    #expect(first["count"] as? Int == 40)
    #expect(first["nights_seen"] as? Int == 1)
    let lifecycle = first["lifecycle"] as? String
    #expect(lifecycle == "new")
    #expect((first["analyses"] as? [Any])?.isEmpty == false)
    let text = try daybreak(["search", "cannot reach the db in time"])
    #expect(text.output.contains("40 events"))
  }

  @Test(.enabled(if: EmbedTests.hasModel, "run script/bootstrap for the model"))
  func `filters leave out what does not pass`() throws {
    try runThreeNights()
    func templates(_ options: String...) throws -> [String] {
      let outcome = try daybreak(["search", "database connection timeout", "--json"] + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let results = try json(outcome.output)["results"] as? [[String: Any]] ?? []
      return results.compactMap { $0["template"] as? String }
    }
    #expect(try templates().count >= 2)
    #expect(try templates("--service", "mail").isEmpty)
    #expect(try templates("--level", "fatal").isEmpty)
    let late = try templates("--since", "2026-03-12", "--level", "error")
    #expect(late.count == 1 && late[0].contains("attempt"))
  }

  @Test(.enabled(if: EmbedTests.hasModel, "run script/bootstrap for the model"))
  func `a store from before the stage is caught up with by the next night`() throws {
    try writeLog("2026-03-10", error: "connection to database timed out after ms")
    try run("2026-03-10")
    // What a version without the stage has left: a finished night, and no vectors.
    let connection = try Connection(database)
    try connection.execute(
      named: "forget", "DELETE FROM daybreak.stage_runs WHERE stage = 'embed'")
    try connection.execute(named: "forget", "DELETE FROM daybreak.cluster_vectors")
    let same = try daybreak(["run", "job.yaml", "--date", "2026-03-10"])
    #expect(same.output.contains("unchanged"))
    let only = try daybreak(["run", "job.yaml", "--date", "2026-03-10", "--only", "render"])
    #expect(only.status == 0, "\(only.output) \(only.errors)")
    try writeLog("2026-03-12", error: "database connection timeout, attempt")
    try run("2026-03-12")
    let similar = try #require(try page("attempt").json["similar"] as? [[String: Any]])
    #expect(similar.first?["last_seen"] as? String == "2026-03-10")
  }

  @Test func `a night without the model has its report, which says so`() throws {
    try writeLog("2026-03-12", error: "database connection timeout, attempt")
    let outcome = try daybreak(
      ["run", "job.yaml", "--date", "2026-03-12"], withModel: false)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("no vectors"))
    #expect(outcome.errors.contains("script/bootstrap"))
    let report = try String(
      contentsOf: scratch.url.appending(path: "reports/acme/2026-03-12/report.json"),
      encoding: .utf8)
    #expect(report.contains("not looked for: the model all-MiniLM-L6-v2 is not installed"))
  }

  @Test func `a search without the model compares words, and says so`() throws {
    try writeLog("2026-03-12", error: "database connection timeout, attempt")
    try run("2026-03-12", withModel: false)
    let outcome = try daybreak(
      ["search", "databse timeout", "--json"], withModel: false)
    #expect(outcome.status == 3, "\(outcome.errors)")
    #expect(outcome.errors.contains("words alone were compared: the model all-MiniLM-L6-v2"))
    let answer = try json(outcome.output)
    let results = try #require(answer["results"] as? [[String: Any]])
    #expect((results.first?["template"] as? String)?.contains("attempt") == true)
    #expect(results.first?["vector_score"] == nil)
    let wanted = try daybreak(["search", "timeout", "--vector-weight", "0"], withModel: false)
    #expect(wanted.status == 0, "\(wanted.errors)")
  }

  @Test(.enabled(if: EmbedTests.hasModel, "run script/bootstrap for the model"))
  func `passages of a catalog are searched under the rights of who asks`() throws {
    let connection = try Connection(database)
    try Catalog(named: "loglytics").migrator().up(on: connection)
    let texts = ["no space left on device /var", "user signed in from a new browser"]
    let vectors = try EmbedTests().embed(texts.joined(separator: "\n") + "\n").output
      .split(separator: "\n")
    let (user, project) = (UUID(), UUID())
    try connection.execute(
      named: "a user",
      "INSERT INTO loglytics.users (id, email, password_hash) VALUES ($1, 'ann@acme.test', 'x')",
      [.uuid(user)])
    try connection.execute(
      named: "a project",
      "INSERT INTO loglytics.projects (id, user_id, name) VALUES ($1, $2, 'Shop')",
      [.uuid(project), .uuid(user)])
    let isVector = try connection.query(
      named: "pgvector", "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector') AS it"
    ).only().bool("it")
    for (text, vector) in zip(texts, vectors) {
      let braced = "{" + vector.dropFirst().dropLast() + "}"
      try connection.execute(
        named: "a passage",
        "INSERT INTO loglytics.rag_vectors (project_id, user_id, content, embedding) "
          + "VALUES ($1, $2, $3, $4::text\(isVector ? "::vector" : "::real[]"))",
        [.uuid(project), .uuid(user), .text(text), .text(isVector ? String(vector) : braced)])
    }
    func search(_ user: UUID) throws -> [[String: Any]] {
      let outcome = try daybreak([
        "search", "the disk is full", "--catalog", "loglytics", "--database", database.conninfo,
        "--user", user.uuidString, "--json",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try json(outcome.output)["results"] as? [[String: Any]] ?? []
    }
    #expect(try search(user).first?["content"] as? String == texts[0])
    #expect(try search(user).first?["place"] as? String == "Shop")
    #expect(try search(UUID()).isEmpty)
    // ANZx names its models; the built-in one has another dimension.
    try Catalog(named: "anzx").migrator().up(on: connection)
    let other = try daybreak([
      "search", "refund", "--catalog", "anzx", "--database", database.conninfo,
      "--organization", UUID().uuidString,
    ])
    #expect(other.status == 4)
    #expect(other.errors.contains("none of all-MiniLM-L6-v2 (384 dimensions)"))
  }

  @Test func `a search that cannot begin says what is missing`() throws {
    let none = try daybreak(["search", "x", "--provider", "none"])
    #expect(none.status == 4)
    #expect(none.errors.contains("the store is empty"))
    #expect(try daybreak(["search", "x", "--level", "eror"]).status == 2)
    #expect(try daybreak(["search", "x", "--provider", "ollama"]).status == 2)
    #expect(try daybreak(["search", "x", "--catalog", "anzx"]).status == 2)
    #expect(
      try daybreak(["search", "x", "--vector-weight", "0", "--text-weight", "0"]).status == 2)
  }
}
