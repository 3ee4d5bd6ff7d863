import Catalogs
import DaybreakCore
import Foundation
import TestSupport
import Testing

/// Addresses, scripts and messages, without a server.
@Suite struct ClickHouseMessageTests {
  @Test func `an address gives server, database and credentials, and hides the password`() throws {
    let target = try ClickHouseTarget("http://ana:pa%40ss@host:9999/netra_analytics")
    #expect(target.description == "http://host:9999/netra_analytics as ana")
    #expect(target.database == "netra_analytics")
    #expect(!String(reflecting: target).contains("pa@ss"))
    let standard = try ClickHouseTarget("https://host?database=d")
    #expect(standard.description == "https://host:8443/d")
    let ambient = try ClickHouseTarget(
      "http://host", variables: ["CLICKHOUSE_USER": "u", "CLICKHOUSE_PASSWORD": "p"])
    #expect(ambient.description == "http://host:8123 as u")
  }

  @Test(arguments: [
    "", "nonsense", "clickhouse://host:9000/d", "http://", "http://host/a/b",
    "http://host?max_threads=1",
  ])
  func `an address that means something else is refused`(text: String) {
    #expect(throws: ClickHouseError.self) { _ = try ClickHouseTarget(text) }
  }

  @Test func `an unreachable server is named without its password`() throws {
    let client = ClickHouseClient(try ClickHouseTarget("http://u:secret@127.0.0.1:1/d"))
    let error = #expect(throws: ClickHouseError.self) { try client.ping() }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains("127.0.0.1:1/d as u"))
    #expect(!text.contains("secret"))
    #expect(error?.remedy?.contains("port") == true)
  }
}

/// The client against ClickHouse's own engine.
@Suite(.enabled(if: ClickHouseServer.isAvailable)) struct ClickHouseClientTests {
  @Test func `values travel beside the statement, whatever they hold`() throws {
    let server = try ClickHouseServer()
    let client = try server.client()
    let hostile = "it's\ta \\ tab\nand '; DROP TABLE x; --"
    let rows = try client.rows(
      named: "echo", "SELECT {text:String}, {number:UInt64} + 1, NULL",
      parameters: ["text": hostile, "number": "18446744073709551614"])
    #expect(rows.rows == [[hostile, "18446744073709551615", nil]])
    #expect(rows.summary.readRows == 1)
  }

  @Test func `rows are read as JSON with numbers of 64 bits`() throws {
    struct Row: Decodable, Equatable { var id: UInt64, name: String?, list: [Double] }
    let server = try ClickHouseServer()
    let rows = try server.client().query(
      named: "rows",
      "SELECT number + 9007199254740993 AS id, if(number = 0, NULL, 'b') AS name, [0.5] AS list FROM numbers(2)",
      as: Row.self)
    #expect(
      rows == [
        Row(id: 9_007_199_254_740_993, name: nil, list: [0.5]),
        Row(id: 9_007_199_254_740_994, name: "b", list: [0.5]),
      ])
  }

  @Test func `a refusal has the server's number, name and words, and a remedy`() throws {
    let server = try ClickHouseServer()
    let client = try server.client()
    let error = #expect(throws: ClickHouseError.self) {
      try client.execute(named: "read a table", "SELECT * FROM missing_table")
    }
    guard case .refused("read a table", 60, "UNKNOWN_TABLE", let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("missing_table"))
    #expect(error?.remedy?.contains("db migrate") == true)
    #expect(
      throws: ClickHouseError.self,
      performing: { try server.client(database: "nowhere").execute(named: "x", "SELECT 1") })
  }

  @Test func `a user is asked for the password by header, and told when it is wrong`() throws {
    let server = try ClickHouseServer(user: "ana", password: "right")
    let address = server.url.replacing("http://", with: "http://ana:right@")
    try ClickHouseClient(try ClickHouseTarget(address)).execute(named: "one", "SELECT 1")
    let wrong = server.url.replacing("http://", with: "http://ana:wrong@")
    let error = #expect(throws: ClickHouseError.self) {
      try ClickHouseClient(try ClickHouseTarget(wrong)).execute(named: "one", "SELECT 1")
    }
    #expect(error?.code == 516)
    #expect(error?.remedy == "check the user's name and password")
  }

  @Test func `an insertion sent again with its token counts once, in the view as well`() throws {
    let server = try ClickHouseServer()
    let catalog = try Catalog(named: "netra")
    let part = try #require(catalog.definition.clickHouse)
    try ClickHouseMigrator(catalog).migrate(try server.client())
    let client = try server.client(database: "netra_analytics")
    let row = """
      {"event_id":"6ec1d9ce-0000-4000-8000-000000000001","user_id":7,"workload_id":"w","event_type":"metric",\
      "event_category":"c","metrics.name":["cpu","mem"],"metrics.value":[1,2],"metrics.unit":["",""]}

      """
    for _ in 1...3 {
      try client.insert(
        named: "events", "INSERT INTO workload_events FORMAT JSONEachRow", data: Array(row.utf8),
        token: "night 1", settings: part.insertSettings)
    }
    let count = try client.rows(
      named: "count",
      "SELECT (SELECT count() FROM workload_events), (SELECT sum(event_count) FROM aggregated_metrics)"
    )
    #expect(count.rows == [["1", "2"]])
  }
}

/// Netra's migrations and example data in ClickHouse.
@Suite(.enabled(if: ClickHouseServer.isAvailable)) struct ClickHouseMigratorTests {
  @Test func `migrations go up, again, down and up, and the seed fits in`() throws {
    let server = try ClickHouseServer()
    let client = try server.client()
    let catalog = try Catalog(named: "netra")
    let migrator = try ClickHouseMigrator(catalog)
    #expect(try migrator.status(of: client).version == 0)
    #expect(try migrator.migrate(client) == [1, 2, 3, 4])
    #expect(try migrator.migrate(client) == [])
    #expect(try migrator.status(of: client).pending.isEmpty)
    try catalog.seedClickHouse(client, scale: 0.01, end: "2026-03-12")
    #expect(try migrator.rollback(client, to: 2) == [4, 3])
    #expect(try migrator.status(of: client).pending.map(\.version) == [3, 4])
    #expect(try migrator.rollback(client, to: 0) == [2, 1])
    #expect(try migrator.status(of: client).version == 0)
    #expect(try migrator.migrate(client, to: 3) == [1, 2, 3])
    #expect(try migrator.status(of: client).version == 3)
  }

  @Test func `a migration that was killed half-way is finished by the next run`() throws {
    let server = try ClickHouseServer()
    let client = try server.client()
    let migrator = try ClickHouseMigrator(try Catalog(named: "netra"))
    try migrator.migrate(client, to: 2)
    // The table is there, and the mark that it was being made.
    let file = try #require(migrator.migrations.first { $0.version == 3 }).up
    try client.execute(named: "by hand", file.text)
    try client.execute(
      named: "the mark",
      "INSERT INTO netra_analytics.schema_migrations VALUES (3, 1, 9000000000000000000)")
    let later = try ClickHouseMigrator(
      try Catalog(named: "netra"), now: { [clock = Counter()] in clock.next() })
    #expect(try later.status(of: client).isDirty)
    #expect(try later.migrate(client) == [3, 4])
    #expect(try !later.status(of: client).isDirty)
  }

  @Test func `a refused migration leaves the version as it was`() throws {
    let server = try ClickHouseServer()
    let client = try server.client()
    let migrator = try ClickHouseMigrator(try Catalog(named: "netra"))
    try migrator.migrate(client, to: 1)
    try client.execute(
      named: "in the way", "CREATE TABLE netra_analytics.user_activity (a UInt8) ENGINE = TinyLog")
    let error = #expect(throws: ClickHouseError.self) { try migrator.migrate(client) }
    #expect(error?.code == 57)
    let status = try migrator.status(of: client)
    #expect(status.version == 2 && !status.isDirty)
  }
}

/// What goes from ClickHouse at which age.
@Suite(.enabled(if: ClickHouseServer.isAvailable)) struct ClickHouseRetentionTests {
  @Test func `months go from the document's tables, and tables with a TTL are left alone`() throws {
    let server = try ClickHouseServer()
    let client = try server.client(database: "old")
    let catalog = try Catalog(named: "netra")
    let part = try #require(catalog.definition.clickHouse)
    try server.client().execute(named: "database", "CREATE DATABASE old")
    for statement in [
      "CREATE TABLE workload_events (timestamp DateTime64(3), user_id UInt32) ENGINE = MergeTree "
        + "PARTITION BY toYYYYMM(timestamp) ORDER BY user_id",
      "CREATE MATERIALIZED VIEW aggregated_metrics ENGINE = SummingMergeTree PARTITION BY toYYYYMM(hour) "
        + "ORDER BY hour AS SELECT toStartOfHour(timestamp) AS hour, count() AS n FROM workload_events GROUP BY hour",
      "CREATE TABLE user_activity (date Date, user_id UInt32) ENGINE = MergeTree "
        + "PARTITION BY toYYYYMM(date) ORDER BY user_id TTL date + INTERVAL 40 YEAR",
      "INSERT INTO workload_events SELECT toDateTime64('2024-01-15 12:00:00', 3) + INTERVAL number MONTH, 1 "
        + "FROM numbers(15)",
      "INSERT INTO user_activity VALUES ('2000-01-01', 1)",
    ] { try client.execute(named: "prepare", statement) }
    var options = RetentionOptions()
    options.moment = Timestamp(seconds: 1_743_508_800)  // 2025-04-01 12:00
    options.isDryRun = true
    let promised = try ClickHouseRetention(client, part, options: options).run(ledger: nil)
    #expect(promised.map { $0.tables.first?.count } == [12, 3, nil])
    options.isDryRun = false
    let done = try ClickHouseRetention(client, part, options: options).run(ledger: nil)
    #expect(done.map(\.tables) == promised.map(\.tables))
    let left = try client.rows(
      named: "left",
      "SELECT (SELECT count() FROM workload_events), (SELECT count() FROM aggregated_metrics), "
        + "(SELECT count() FROM user_activity)")
    #expect(left.rows == [["3", "12", "1"]])
  }
}
