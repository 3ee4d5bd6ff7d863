import Configuration
import DaybreakCore
import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct JobReaderTests {
  static let minimal = "name: nightly\ntenant: acme\nsources:\n  - log_files: { path: app.log }\n"

  func read(_ text: String, _ variables: [String: String] = [:]) throws(ConfigurationError) -> Job {
    try JobReader.read(Array(text.utf8), file: "job.yaml", variables: variables)
  }

  @Test func `fills every setting that a short job leaves out`() throws {
    let job = try read(Self.minimal)
    #expect(job.calendar.zoneName == "UTC")
    #expect(job.baselines.historyDays == 28)
    #expect(job.refresh == RefreshView.allCases)
    #expect(job.retention.observationDays == 90)
    #expect(job.tenants.map(\.description) == ["acme"])
    #expect(job.render.output == "reports")
    #expect(job.embedding.provider == .builtin)
  }

  @Test(arguments: [
    (minimal + "tenannt: x\n", 5, "unknown key `tenannt`", "did you mean `tenant`?"),
    (minimal + "render: { formats: [htlm] }\n", 5, "found `htlm`", "did you mean `html`?"),
    (minimal + "retention:\n  runs: many\n", 6, "must be a span of time", ""),
    (minimal + "retention:\n  runs: 36h\n", 6, "must be whole days", ""),
    (minimal + "timezone: Europe/Berlim\n", 5, "must be an IANA name", "Europe/Berlin"),
    (minimal + "name: again\n", 5, "a second time", ""),
    (minimal + "embedding: { provider: olama }\n", 5, "found `olama`", "did you mean `ollama`?"),
    (
      minimal + "embedding: { provider: ollama, url: 'http://a' }\n", 5,
      "`embedding.model` is missing", "needs `url` and `model`"
    ),
    (
      minimal + "embedding:\n  url: http://a\n", 6,
      "`embedding.url` has no use with provider builtin",
      "provider: ollama"
    ),
    (minimal + "embedding: { dimension: 0 }\n", 5, "must be a whole number from 1", ""),
    (minimal + "summaries: [a]\n", 5, "must be a mapping", ""),
    (minimal + "nights: { from: 2026-02-30, to: 2026-03-01 }\n", 5, "must be a date", ""),
    ("name: x\nsources:\n  - log_files: { path: a }\n", 3, "names a tenant", "add `tenant: NAME`"),
    ("name: x\ntenant: ../up\nsources: []\n", 2, "must be 1 to 63", ""),
    ("name: x\ntenant: a\nsources: []\n", 3, "at least one source", ""),
    (
      "name: x\ntenant: a\nsources:\n  - loki_exprt: { path: a }\n", 4,
      "unknown key `sources[0].loki_exprt`", "did you mean `loki_export`?"
    ),
    (minimal + "store: { url: '${NOT_SET}' }\n", 5, "NOT_SET, which is not set", "export NOT_SET"),
    ("name: [\n", 2, "not valid YAML", ""),
    ("", 0, "the file is empty", ""),
  ])
  func `names line, key and nearest right spelling`(
    text: String, line: Int, problem: String, remedy: String
  ) throws {
    let error = try #require(throws: ConfigurationError.self) { try read(text) }
    #expect(error.summary.contains(problem), "\(error)")
    #expect(error.position?.line ?? 0 == line, "\(error)")
    #expect(remedy.isEmpty || (error.remedy ?? "").contains(remedy), "\(error)")
  }

  @Test func `takes values from the environment, with fallbacks`() throws {
    let text = Self.minimal + "store: { url: '${DB:-postgresql://fallback}/$$x' }\n"
    #expect(try read(text).store.url == "postgresql://fallback/$x")
    #expect(try read(text, ["DB": "pg://real"]).store.url == "pg://real/$x")
  }

  @Test func `a store is a URL alone, or says how connections behave`() throws {
    let start = "name: a\ntenant: a\nsources: [{ log_files: { path: a } }]\nstore: "
    #expect(try read(start + "postgres://db/x").store.url == "postgres://db/x")
    let store = try read(
      start + "{ url: a, replica_url: b, slow_statement: 500ms, "
        + "pool: { size: 10, overflow: 20, timeout: 3s, recycle: 1h, pre_ping: true } }"
    ).store
    #expect(store.replicaURL == "b")
    #expect(store.slowStatementMilliseconds == 500)
    #expect([store.poolSize, store.poolOverflow] == [10, 20])
    #expect([store.poolTimeoutSeconds, store.poolRecycleSeconds] == [3, 3600])
    #expect(store.prePing == true)
    #expect(throws: ConfigurationError.self) {
      _ = try read(start + "{ url: a, slow_statement: soon }")
    }
  }

  @Test func `the environment fills in what the job leaves open`() throws {
    let variables = [
      "DAYBREAK_DATABASE_URL": "e", "DAYBREAK_DATABASE_REPLICA_URL": "r",
      "DAYBREAK_POOL_SIZE": "7", "DAYBREAK_SLOW_STATEMENT": "2s",
      "DAYBREAK_CONNECT_TIMEOUT": "3s", "DAYBREAK_STATEMENT_TIMEOUT": "1m",
    ]
    let alone = try StoreSettings().completed(from: variables)
    #expect([alone.url, alone.replicaURL] == ["e", "r"])
    #expect(alone.poolSize == 7)
    #expect(alone.slowStatementMilliseconds == 2000)
    #expect([alone.connectTimeoutSeconds, alone.statementTimeoutMilliseconds] == [3, 60_000])
    var named = StoreSettings()
    named.url = "j"
    named.poolSize = 3
    let both = try named.completed(from: variables)
    // The environment's replica is of the environment's database.
    #expect([both.url, both.replicaURL] == ["j", nil])
    #expect(both.poolSize == 3)
    #expect(throws: ConfigurationError.self) {
      _ = try StoreSettings().completed(from: ["DAYBREAK_POOL_SIZE": "many"])
    }
  }

  @Test func `never puts the value of a variable into an error`() throws {
    let text = Self.minimal + "store: { url: '${DB}', bogus: 1 }\n"
    let error = try #require(throws: ConfigurationError.self) { try read(text, ["DB": "s3cret"]) }
    #expect(!error.description.contains("s3cret"))
  }

  @Test func `reads sources of every kind, each with its tenant`() throws {
    let job = try read(
      """
      name: all
      tenant: acme
      sources:
        - loki_export:
            path: [a.jsonl, b/*.zst]
            format: jsonl
            tenant: globex
            common_labels: { env: prod }
            labels: { service: [app], level: severity }
        - log_files: { path: "-", service: nginx, headers: false, timezone: Asia/Tokyo }
        - postgres:
            url: postgresql:///app
            table: public.logs
            columns: { time: created_at, message: message, level: level }
            statement_timeout: 5m
      """)
    #expect(job.tenants.map(\.description) == ["acme", "globex"])
    #expect(
      job.sources.map(\.name) == [
        "loki_export: a.jsonl, b/*.zst", "log_files: -", "postgres: public.logs",
      ])
    guard case .lokiExport(let files) = job.sources[0].kind,
      case .postgres(let table) = job.sources[2].kind
    else {
      Issue.record("kinds are mixed up")
      return
    }
    #expect(files.levelLabels == ["severity"])
    #expect(files.commonLabels.first?.value == "prod")
    #expect(table.statementTimeoutSeconds == 300)
  }

  @Test func `ends on documents that refer to themselves`() throws {
    let bomb =
      "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\ne: &e [*d, *d]\n"
      + "f: &f [*e, *e]\ng: &g [*f, *f]\nh: &h [*g, *g]\ni: &i [*h, *h]\nj: &j [*i, *i]\n"
      + "k: &k [*j, *j]\nl: &l [*k, *k]\nm: &m [*l, *l]\nn: &n [*m, *m]\no: &o [*n, *n]\n"
    #expect(throws: ConfigurationError.self) { try read(bomb) }
    #expect(throws: ConfigurationError.self) { try read("a: &a [*a]\n") }
  }

  @Test(arguments: ["nightly.yaml", "loki-export.yaml"])
  func `reads the example jobs`(name: String) throws {
    let file = Fixtures.root.appending(path: "jobs").appending(path: name)
    let job = try JobReader.read(
      Array(try Data(contentsOf: file)), file: "jobs/\(name)", variables: [:])
    #expect(!job.sources.isEmpty)
  }
}
