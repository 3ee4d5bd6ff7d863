import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// A job that names databases of the five systems: its reports have a section of each.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct CatalogSectionTests {
  private let scratch: ScratchDirectory
  private let xray: ConnectionTarget
  private let loghunter: ConnectionTarget
  private let environment: [String: String]

  init() throws {
    scratch = try ScratchDirectory()
    xray = try TestDatabase.make()
    _ = try Catalog(named: "xray").install(on: Connection(xray))
    try Connection(xray).execute(
      named: "a hostile user",
      """
      WITH who AS (INSERT INTO xray.users (email) VALUES ('<img src=x onerror=alert(1)>') RETURNING id)
      INSERT INTO xray.logs ("timestamp", source_ip, source_port, action, user_id)
      SELECT '2026-03-12 10:00+00', '192.0.2.1', 1, 'accepted', id FROM who
      """)
    loghunter = try TestDatabase.make()
    let catalog = try Catalog(named: "loghunter")
    let connection = try Connection(loghunter)
    _ = try catalog.install(on: connection)
    let end = try #require(CivilDate(year: 2026, month: 3, day: 13))
    _ = try catalog.seed(scale: 1, end: end, on: connection)
    environment = [
      "DAYBREAK_DATABASE_URL": try TestDatabase.make().conninfo, "DAYBREAK_HOME": "home",
      "XRAY_DATABASE_URL": xray.conninfo, "LOGHUNTER_DATABASE_URL": loghunter.conninfo,
    ]
    try scratch.write("2026-03-12T10:00:00Z ERROR shop order 1 failed\n", to: "app.log")
  }

  private func write(_ catalogs: String) throws {
    try scratch.write(
      """
      name: nightly
      tenant: acme
      sources:
        - log_files: { path: app.log }
      catalogs:
      \(catalogs)
      """, to: "job.yaml")
  }

  private func run(_ arguments: String...) throws -> DaybreakProcess.Outcome {
    try DaybreakProcess.run(
      ["run", "job.yaml", "--date", "2026-03-12"] + arguments, in: scratch.url,
      environment: environment)
  }

  private func page(_ name: String) throws -> String {
    try String(
      contentsOf: scratch.url.appending(path: "reports/acme/2026-03-12/\(name)"), encoding: .utf8)
  }

  private func sections() throws -> [String: [String: Any]] {
    let report = try JSONSerialization.jsonObject(with: Data(page("report.json").utf8))
    return try #require((report as? [String: Any])?["catalogs"] as? [String: [String: Any]])
  }

  @Test func `a section holds the night of its database, as text, and stays as it was`() throws {
    let connection = try Connection(loghunter)
    let tenants = try connection.query(
      named: "tenants",
      """
      SELECT t.id::text AS id, t.name, (SELECT sum(w.count) FROM loghunter.error_cluster_windows AS w
        WHERE w.tenant_id = t.id AND w.window_start >= '2026-03-12 00:00+00'
          AND w.window_start < '2026-03-13 00:00+00')::bigint AS lines
      FROM loghunter.tenants AS t ORDER BY lines DESC NULLS LAST
      """)
    let tenant = try #require(tenants.first)
    let name = try tenant.string("name")
    try write(
      """
        - { catalog: xray, url: "${XRAY_DATABASE_URL}" }
        - { catalog: loghunter, url: "${LOGHUNTER_DATABASE_URL}", rows_of: "\(name)" }
      """)
    let outcome = try run()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try sections()
    #expect((found["xray"]?["figures"] as? [String: String])?["connections"] == "1")
    let figures = try #require(found["loghunter"]?["figures"] as? [String: String])
    #expect(try figures["lines"] == String(tenant.int("lines")))
    let html = try page("index.html")
    #expect(html.contains("&lt;img src=x onerror=alert(1)&gt;"))
    #expect(!html.contains("<img src=x"))
    #expect(try page("index.md").contains("\\<img src=x onerror=alert(1)\\>"))
    // The page is made of what was read then, not of what is there now.
    try Connection(xray).execute(named: "lose", "TRUNCATE xray.logs")
    #expect(try run("--only", "render").status == 0)
    #expect(try page("index.html") == html)
  }

  @Test func `a database that does not answer is named, and the report is made without it`() throws
  {
    try write("  - { catalog: xray, url: \"host=/nowhere dbname=x\" }\n")
    let outcome = try run()
    #expect(outcome.status == 3, "\(outcome.errors)")
    #expect(outcome.errors.contains("catalog not read"))
    let figures = try #require(try sections()["xray"]?["figures"] as? [String: String])
    #expect(figures["could not be read"]?.contains("cannot connect") == true)
    #expect(try page("index.md").contains("could not be read"))
  }

  @Test(arguments: [
    ("{ catalog: xrai, url: a }", "did you mean `xray`?"),
    ("{ catalog: loghunter, url: a }", "lacks `rows_of`"),
    ("{ catalog: xray, url: a, rows_of: b }", "a report on xray is of all"),
    ("{ catalog: xray, url: a, clickhouse: b }", "xray has no such part"),
    ("{ catalog: xray, url: a, tenant: other }", "is of no tenant that has sources"),
    ("{ catalog: xray, url: a }\n  - { catalog: xray, url: b }", "a second time"),
  ])
  func `a wrong entry says what is right`(entry: String, words: String) throws {
    try write("  - \(entry)\n")
    let outcome = try run()
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }
}
