import Postgres
import TestSupport
import Testing

@Suite struct SQLScriptTests {
  private func texts(_ script: String) throws -> [String] {
    try SQLScript.statements(of: script, file: "f.sql").map(\.text)
  }

  @Test(arguments: [
    ("select 1; select 2", ["select 1", "select 2"]),
    ("", []),
    (" ;; -- nothing\n/* at; all */ ;", []),
    ("select ';' , \"a;b\" ; x", ["select ';' , \"a;b\" ", "x"]),
    ("select 'it''s;'; y", ["select 'it''s;'", "y"]),
    (#"select E'a\';b'; y"#, [#"select E'a\';b'"#, "y"]),
    (#"select 'a\'; y"#, [#"select 'a\'"#, "y"]),
    ("do $$ begin; end; $$; y", ["do $$ begin; end; $$", "y"]),
    ("do $a$ x $$ ; $b$ $a$; y", ["do $a$ x $$ ; $b$ $a$", "y"]),
    ("select $1; select a$b$c; y", ["select $1", "select a$b$c", "y"]),
    ("/* a /* nested; */ ; */ select 1;", ["select 1"]),
    ("select 1 -- tail; here\n; y", ["select 1 -- tail; here\n", "y"]),
    (
      "create rule r as on insert to t do (a; b); y",
      ["create rule r as on insert to t do (a; b)", "y"]
    ),
    (
      "create or replace function f() returns int begin atomic select case when a then 1 end; select 2; end; y",
      [
        "create or replace function f() returns int begin atomic select case when a then 1 end; select 2; end",
        "y",
      ]
    ),
  ])
  func `scripts are cut where psql cuts them`(script: String, expected: [String]) throws {
    #expect(try texts(script) == expected)
  }

  @Test func `a statement knows its line and column`() throws {
    let statements = try SQLScript.statements(
      of: "-- a comment\n\n  select 1; /* ü */ select 2;\n", file: "f.sql")
    #expect(statements.map { [$0.line, $0.column] } == [[3, 3], [3, 21]])
    #expect(statements[0].location(in: "f.sql", position: 8).description == "f.sql:3:10")
  }

  @Test(arguments: [
    ("select 1;\nselect 'abc", "f.sql:2:8: a quote does not end"),
    ("/* abc", "f.sql:1:1: a comment does not end"),
    ("do $x$ abc $$", "f.sql:1:4: a dollar quote does not end"),
    ("select 1;\n\\connect x", "f.sql:2:1: commands of psql cannot run here"),
  ])
  func `what cannot be cut is refused with its place`(script: String, summary: String) {
    let error = #expect(throws: PostgresError.self) {
      try SQLScript.statements(of: script, file: "f.sql")
    }
    #expect(error?.summary == summary)
  }
}

@Suite(.enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"))
struct ScriptTests {
  @Test func `a failing statement names file, line and column`() throws {
    let connection = try Connection(TestDatabase.make())
    let error = #expect(throws: PostgresError.self) {
      try connection.script(
        named: "000001_x.up.sql", "create table t (a text);\n\n-- ü\nselect a,\n  nothing from t;")
    }
    #expect(error?.sqlState == "42703")
    #expect(error?.summary.hasPrefix("000001_x.up.sql:5:3: ") == true)
    #expect(error?.summary.contains("column \"nothing\" does not exist") == true)
  }

  @Test func `an error without a position names the statement's start`() throws {
    let connection = try Connection(TestDatabase.make())
    let error = #expect(throws: PostgresError.self) {
      try connection.script(
        named: "f.sql", "create table t (a text);\n create table t (a text);")
    }
    #expect(error?.summary.hasPrefix("f.sql:2:2: ") == true)
  }

  @Test(arguments: ["create table t (a text); copy t from stdin;", "copy (select 1) to stdout"])
  func `COPY with the client is refused and the connection lives on`(script: String) throws {
    let connection = try Connection(TestDatabase.make())
    #expect(throws: PostgresError.self) { try connection.script(named: "f.sql", script) }
    #expect(try connection.query(named: "after", "select 1 as one").only().int64("one") == 1)
  }
}
