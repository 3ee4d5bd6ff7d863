import DaybreakCore
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Extraction

/// Keeps every event that a source hands on.
private final class RowCollector: LineSink {
  struct Event: Equatable {
    var message: String
    var time: String
    var level: Level
    var service: String
  }

  var events: [Event] = []

  func consume(_ batch: LineBatch, services: ServiceTable) {
    for record in batch.records {
      let identity = services.identities[Int(record.service)]
      events.append(
        Event(
          message: String(decoding: batch.message(of: record), as: UTF8.self),
          time: Timestamp(nanoseconds: record.timestamp).rfc3339,
          level: Level(rawValue: record.level) ?? .unknown,
          service: "\(identity.namespace)/\(identity.service)"))
    }
  }
}

/// Counts events, and does something after some of them.
private final class RowCounter: LineSink {
  var events: Int64 = 0
  private let limit: Int64
  private let action: () throws -> Void

  init(after limit: Int64 = .max, _ action: @escaping () throws -> Void = {}) {
    self.limit = limit
    self.action = action
  }

  func consume(_ batch: LineBatch, services: ServiceTable) throws {
    let before = events
    events += Int64(batch.records.count)
    if before < limit, events >= limit { try action() }
  }
}

private let night = TimeWindow(
  start: Timestamp(seconds: 1_773_273_600), end: Timestamp(seconds: 1_773_360_000))

private func makeDatabase(_ script: String, encoding: String = "UTF8") throws -> ConnectionTarget {
  let target = try TestDatabase.make(encoding: encoding)
  try Connection(target).script(named: "test", script)
  return target
}

private func configuration(
  _ target: ConnectionTarget, table: String = "logs", time: String = "ts", message: String = "msg"
) throws -> PostgreSQLSourceConfiguration {
  PostgreSQLSourceConfiguration(
    name: "postgres: \(table)", target: target,
    relation: try #require(PostgreSQLSourceConfiguration.Relation.table(named: table)),
    columns: PostgreSQLSourceConfiguration.Columns(time: time, message: message))
}

private func read(
  _ configuration: PostgreSQLSourceConfiguration
) throws -> (events: [RowCollector.Event], coverage: SourceCoverage) {
  let sink = RowCollector()
  let coverage = try PostgreSQLSource(configuration).read(
    window: night, into: sink, progress: ReadProgress())
  return (sink.events, coverage)
}

@Suite(.enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"))
struct PostgreSQLSourceTests {
  @Test func `the rows of the window come with level, service and namespace`() throws {
    let target = try makeDatabase(
      """
      create table logs (ts timestamptz not null, msg text, lvl text, svc text, ns text);
      insert into logs values
        ('2026-03-11 23:59:59.999999+00', 'too early', 'info', 'a', 'b'),
        ('2026-03-12 00:00:00+00', 'first', 'WARNING', 'checkout', 'shop'),
        ('2026-03-12 23:59:59.999999+00', 'last', 'e', 'cart', null),
        ('2026-03-13 00:00:00+00', 'too late', 'info', 'a', 'b');
      """)
    var job = try configuration(target)
    job.columns.level = "lvl"
    job.columns.service = "svc"
    job.columns.namespace = "ns"
    job.defaultNamespace = "shop"
    let (events, coverage) = try read(job)
    #expect(
      events == [
        .init(
          message: "first", time: "2026-03-12T00:00:00Z", level: .warn, service: "shop/checkout"),
        .init(
          message: "last", time: "2026-03-12T23:59:59.999999Z", level: .error,
          service: "shop/cart"),
      ])
    #expect(coverage.linesClustered == 2)
    #expect(coverage.linesFound == 2)
    #expect(coverage.failure == nil)
    #expect(coverage.inputs.map(\.lineCount) == [2])
    #expect(coverage.inputs.first?.name.hasPrefix("table logs in database test_") == true)
  }

  @Test(arguments: [
    ("timestamptz", "'2026-03-12 10:00:00.5+00'", "UTC", "2026-03-12T10:00:00.5Z"),
    ("timestamp", "'2026-03-12 10:00:00.5'", "UTC", "2026-03-12T10:00:00.5Z"),
    ("timestamp", "'2026-03-12 13:00:00'", "Europe/Berlin", "2026-03-12T12:00:00Z"),
    ("date", "'2026-03-12'", "UTC", "2026-03-12T00:00:00Z"),
    ("bigint", "1773309600", "UTC", "2026-03-12T10:00:00Z"),
    ("integer", "1773309600", "UTC", "2026-03-12T10:00:00Z"),
    ("double precision", "1773309600.25", "UTC", "2026-03-12T10:00:00.25Z"),
    ("numeric", "1773309600.5", "UTC", "2026-03-12T10:00:00.5Z"),
    ("text", "'2026-03-12T10:00:00.123Z'", "UTC", "2026-03-12T10:00:00.123Z"),
    ("text", "'2026-03-12 10:00:00,5'", "UTC", "2026-03-12T10:00:00.5Z"),
  ])
  func `a time column may be of any kind`(
    type: String, value: String, zone: String, expected: String
  ) throws {
    let target = try makeDatabase(
      "create table logs (ts \(type), msg text); insert into logs values (\(value), 'x')")
    var job = try configuration(target)
    job.zoneName = zone
    let (events, coverage) = try read(job)
    #expect(events.map(\.time) == [expected])
    #expect(coverage.failure == nil)
  }

  @Test(arguments: [
    (PostgreSQLSourceConfiguration.TimeUnit.milliseconds, "1773309600123"),
    (.microseconds, "1773309600123000"), (.nanoseconds, "1773309600123000000"),
  ])
  func `numbers may count smaller units`(
    unit: PostgreSQLSourceConfiguration.TimeUnit, value: String
  ) throws {
    let target = try makeDatabase(
      "create table logs (ts bigint, msg text); insert into logs values (\(value), 'x')")
    var job = try configuration(target)
    job.timeUnit = unit
    #expect(try read(job).events.map(\.time) == ["2026-03-12T10:00:00.123Z"])
  }

  @Test(arguments: [
    (
      "jsonb",
      #"'{"app": "cart", "namespace": "shop", "level": "error", "x": {"y": 1}, "n": null}'"#
    ),
    ("json", #"'{"n": [1], "app": "ca\u0072t", "namespace": "shop", "level": "error"}'"#),
    ("text", #"'{"app":"cart","namespace":"shop","level":"error"}'"#),
    ("text", #"'{app="cart", namespace="shop", level="error"}'"#),
    ("text", #"'"app"=>"cart", "level"=>"error", "namespace"=>"shop", "z"=>NULL'"#),
    ("text", "'level=error app=cart namespace=shop'"),
    ("hstore", "'app=>cart,namespace=>shop,level=>error'"),
  ])
  func `labels may be kept in any form`(type: String, value: String) throws {
    let prelude = type == "hstore" ? "create extension hstore;" : ""
    let target = try makeDatabase(
      """
      \(prelude) create table logs (ts timestamptz, msg text, labels \(type));
      insert into logs values ('2026-03-12 10:00+00', 'x', \(value)), ('2026-03-12 11:00+00', 'y', null);
      """)
    var job = try configuration(target)
    job.columns.labels = "labels"
    let (events, coverage) = try read(job)
    #expect(coverage.failure == nil)
    #expect(events.map(\.service) == ["shop/cart", "default/unknown"])
    #expect(events.map(\.level) == [.error, .unknown])
  }

  @Test func `columns of their own go before labels`() throws {
    let target = try makeDatabase(
      """
      create table logs (ts timestamptz, msg text, lvl smallint, svc text, labels jsonb);
      insert into logs values
        ('2026-03-12 10:00+00', 'x', 3, 'own', '{"app": "label", "level": "info"}'),
        ('2026-03-12 10:01+00', 'y', null, '', '{"app": "label", "level": "info"}');
      """)
    var job = try configuration(target)
    job.columns.level = "lvl"
    job.columns.service = "svc"
    job.columns.labels = "labels"
    let (events, _) = try read(job)
    #expect(events.map(\.service) == ["default/own", "default/label"])
    #expect(events.map(\.level) == [.error, .info])
  }

  @Test func `a query and a condition may choose the rows`() throws {
    let target = try makeDatabase(
      """
      create table raw (at timestamptz, body jsonb, keep boolean);
      insert into raw select '2026-03-12 10:00+00'::timestamptz + i * interval '1 s',
        jsonb_build_object('m', 'line ' || i), i <> 3 from generate_series(1, 4) i;
      """)
    var job = try configuration(target)
    job.relation = .query(
      "select at as ts, body->>'m' as msg, keep from raw -- the last word")
    job.condition = "keep -- and nothing else"
    #expect(try read(job).events.map(\.message) == ["line 1", "line 2", "line 4"])
  }

  @Test func `identifiers are quoted`() throws {
    let target = try makeDatabase(
      """
      create schema "Odd ""one"; create table "Odd ""one"."select" ("time;--" timestamptz, "order" text);
      insert into "Odd ""one"."select" values ('2026-03-12 10:00+00', 'x');
      """)
    let job = try configuration(
      target, table: #""Odd ""one"."select""#, time: "time;--", message: "order")
    #expect(try read(job).events.map(\.message) == ["x"])
  }

  @Test func `rows that cannot be used are quarantined with their ordinal`() throws {
    let target = try makeDatabase(
      """
      create table logs (ts timestamptz, msg text);
      insert into logs values ('2026-03-12 10:00+00', 'good'), ('2026-03-12 10:00+00', null),
        (null, 'no time'), ('2026-03-12 11:00+00', repeat('x', 5000)), ('2026-03-12 10:00+00', '');
      """)
    var job = try configuration(target)
    job.maximumLineBytes = 4096
    let (events, coverage) = try read(job)
    #expect(events.map(\.message) == ["good", ""])
    #expect(coverage.linesQuarantined == 3)
    #expect(
      coverage.quarantine.map(\.reason) == [
        "row 2: the message is NULL", "row 3: the time is NULL",
        "row 4: the message is longer than 4096 bytes",
      ])
    #expect(coverage.quarantine.map(\.excerpt) == ["", "no time", ""])
    #expect(coverage.linesFound == 5)
  }

  @Test func `text that is no time is quarantined, another night's is counted`() throws {
    let target = try makeDatabase(
      """
      create table logs (ts text, msg text);
      insert into logs values ('2026-03-12T10:00:00Z', 'good'), ('yesterday', 'bad'),
        ('2026-03-14T10:00:00Z', 'other night');
      """)
    let (events, coverage) = try read(try configuration(target))
    #expect(events.map(\.message) == ["good"])
    #expect(coverage.linesOutsideWindow == 1)
    #expect(
      coverage.quarantine.map(\.reason) == [
        "row 2: the time cannot be read, or lies outside the years 1677 to 2262"
      ])
  }

  @Test(arguments: [
    ("LATIN1", #"E'caf\351 \200'::bytea"#, "caf\u{E9} \u{80}"),
    ("WIN1252", #"E'\200 5 caf\351 \201'::bytea"#, "\u{20AC} 5 caf\u{E9} \u{FFFD}"),
    ("LATIN9", #"E'\244'::bytea"#, "\u{20AC}"), ("KOI8R", #"E'\301'::bytea"#, "\u{430}"),
    ("EUC_JP", #"E'\306\374\313\334'::bytea"#, "\u{65E5}\u{672C}"),
    ("EUC_JP", #"E'\217\242\242 x'::bytea"#, "\u{FFFD}\u{25A1} x"),
    ("SQL_ASCII", #"E'caf\351'::bytea"#, "caf\u{FFFD}"), ("UTF8", "'Grüße 👋'", "Grüße 👋"),
  ])
  func `text of any server encoding is read`(
    encoding: String, literal: String, expected: String
  ) throws {
    let bytes = literal.hasSuffix("::bytea")
    let target = try makeDatabase(
      """
      create table logs (ts timestamptz, msg text, svc text);
      insert into logs select '2026-03-12 10:00+00', t, t
      from (select \(bytes ? "convert_from(\(literal), '\(encoding)')" : literal) as t) x
      """, encoding: encoding)
    var job = try configuration(target)
    job.columns.service = "svc"
    let (events, coverage) = try read(job)
    #expect(coverage.failure == nil)
    #expect(events.map(\.message) == [expected])
  }

  @Test func `bytes and JSON are messages too`() throws {
    let target = try makeDatabase(
      #"""
      create table logs (ts timestamptz, msg bytea, doc jsonb);
      insert into logs values ('2026-03-12 10:00+00', E'a\\000b\\377\\012', '{"level": "warn", "m": 1}');
      """#)
    #expect(try read(try configuration(target)).events.map(\.message) == ["a\0b\u{FFFD}"])
    let (events, _) = try read(try configuration(target, message: "doc"))
    #expect(events.map(\.level) == [.warn])
  }

  @Test func `an unreachable replica gives way to the primary, with a note`() throws {
    let target = try makeDatabase(
      "create table logs (ts timestamptz, msg text); insert into logs values ('2026-03-12 10:00+00', 'x')"
    )
    var job = try configuration(target)
    job.replica = ConnectionTarget(parameters: ["host": "/nowhere", "dbname": "x", "user": "y"])
    let (events, coverage) = try read(job)
    #expect(events.count == 1)
    #expect(coverage.failure == nil)
    #expect(
      coverage.inputs.first?.name.hasSuffix("(the primary, as the replica could not be reached)")
        == true)
  }

  @Test func `a replica that answers is read`() throws {
    let replica = try makeDatabase(
      "create table logs (ts timestamptz, msg text); insert into logs values ('2026-03-12 10:00+00', 'x')"
    )
    var job = try configuration(
      ConnectionTarget(parameters: ["host": "/nowhere", "dbname": "x", "user": "y"]))
    job.replica = replica
    #expect(try read(job).events.count == 1)
  }

  @Test(arguments: [
    ("missing", "ts", "does not exist"),
    ("logs", "nothing", "column source.nothing does not exist"),
  ])
  func `a missing table or column is a failure of the source`(
    table: String, time: String, reason: String
  ) throws {
    let target = try makeDatabase("create table logs (ts timestamptz, msg text)")
    let (events, coverage) = try read(try configuration(target, table: table, time: time))
    #expect(events.isEmpty)
    #expect(coverage.failure?.contains(reason) == true)
    #expect(coverage.failure?.hasSuffix(", after 0 rows") == true)
  }

  @Test func `a server that is not there is a failure of the source`() throws {
    let (_, coverage) = try read(
      try configuration(
        ConnectionTarget(parameters: ["host": "/nowhere", "dbname": "x", "user": "y"])))
    #expect(coverage.failure?.hasPrefix("cannot connect to database x at /nowhere as y") == true)
  }

  @Test func `the statement time-out ends a read that takes too long`() throws {
    let target = try makeDatabase("select 1")
    var job = try configuration(target)
    job.relation = .query(
      "select timestamptz '2026-03-12 10:00+00' as ts, 'x' || pg_sleep(0.01) as msg "
        + "from generate_series(1, 100000)")
    job.statementTimeout = .milliseconds(300)
    let (_, coverage) = try read(job)
    #expect(coverage.failure?.contains("57014") == true)
  }

  @Test(arguments: ["select 1; drop table x", "", "select 'open", "select 1 /* open"])
  func `a query that is not one statement is refused`(text: String) throws {
    var job = try configuration(ConnectionTarget(parameters: [:]))
    job.relation = .query(text)
    #expect(throws: ExtractionError.self) { try PostgreSQLSource(job) }
  }

  @Test func `a query cannot write`() throws {
    let target = try makeDatabase(
      """
      create table logs (ts timestamptz, msg text);
      create function sly() returns text language sql as 'insert into logs values (now(), ''x'') returning msg';
      """)
    var job = try configuration(target)
    job.relation = .query("select timestamptz '2026-03-12 10:00+00' as ts, sly() as msg")
    let (_, coverage) = try read(job)
    #expect(coverage.failure?.contains("25006") == true)
  }

  @Test func `all rows come out of one snapshot`() throws {
    let target = try makeDatabase(
      """
      create table logs (ts timestamptz, msg text);
      insert into logs select '2026-03-12 10:00+00', 'row ' || i from generate_series(1, 50000) i;
      """)
    let writer = try Connection(target)
    let sink = RowCounter(after: 1) {
      try writer.execute(named: "more", "insert into logs select * from logs limit 1000")
    }
    let coverage = try PostgreSQLSource(configuration(target)).read(
      window: night, into: sink, progress: ReadProgress())
    #expect(sink.events == 50_000)
    #expect(coverage.linesClustered == 50_000)
  }

  @Test func `what the sink throws stops the read`() throws {
    struct Cancelled: Error {}
    let target = try makeDatabase(
      """
      create table logs (ts timestamptz, msg text);
      insert into logs select '2026-03-12 10:00+00', 'row ' || i from generate_series(1, 50000) i;
      """)
    let source = try PostgreSQLSource(configuration(target))
    #expect(throws: Cancelled.self) {
      try source.read(
        window: night, into: RowCounter(after: 1) { throw Cancelled() }, progress: ReadProgress())
    }
  }
}

@Suite struct PostgreSQLRelationTests {
  @Test(arguments: [
    ("logs", nil, "logs"), ("app.logs", "app", "logs"), (#""a.b"."c""d""#, "a.b", #"c"d"#),
  ])
  func `table names are read as SQL reads them`(text: String, schema: String?, name: String) {
    #expect(
      PostgreSQLSourceConfiguration.Relation.table(named: text)
        == .table(schema: schema, name: name))
  }

  @Test(arguments: ["", "a.b.c", "a.", ".b", "\"open"])
  func `what is no table name is refused`(text: String) {
    #expect(PostgreSQLSourceConfiguration.Relation.table(named: text) == nil)
  }
}
