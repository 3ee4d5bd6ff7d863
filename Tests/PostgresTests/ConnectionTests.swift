import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"))
struct ConnectionTests {
  @Test func `a session speaks UTF-8 and UTC under our name`() throws {
    let connection = try Connection(TestDatabase.make())
    let row = try connection.query(
      named: "settings",
      """
      select current_setting('client_encoding') as encoding, current_setting('TimeZone') as zone,
        current_setting('application_name') as name
      """
    ).only()
    #expect(try row.string("encoding") == "UTF8")
    #expect(try row.string("zone") == "UTC")
    #expect(try row.string("name") == "daybreak")
  }

  @Test func `every kind of value comes back as it was bound`() throws {
    let connection = try Connection(TestDatabase.make())
    let id = UUID()
    let moment = Timestamp(nanoseconds: 1_773_281_469_123_456_000)
    let early = Timestamp(nanoseconds: -1_234_567_000)
    let date = try #require(CivilDate("1969-12-30"))
    let row = try connection.query(
      named: "echo",
      """
      select $1 as "text", $2 as "int", $3 as "double", $4 as "bool", $5 as "bytes", $6 as "uuid",
        $7 as "moment", $8 as "date", $9 as "json", $10 as "texts", $11 as "ints", $12 as "doubles",
        $13 as "uuids", $14 as "early", $15::text as "null", $16 as "empty"
      """,
      [
        .text("Grüße 👋\n'; drop table x; --"), .int64(.min), .double(-0.1), true,
        .bytes([0, 255, 10]), .uuid(id), .timestamp(moment), .date(date), .json(#"{"a": [1, 2]}"#),
        .textArray(["a", "", "b,\"c\"", "{}"]), .int64Array([1, -2]),
        .doubleArray([.infinity, 0.5]),
        .uuidArray([id]), .timestamp(early), .null, .textArray([]),
      ]
    ).only()
    #expect(try row.string("text") == "Grüße 👋\n'; drop table x; --")
    #expect(try row.int64("int") == .min)
    #expect(try row.double("double") == -0.1)
    #expect(try row.bool("bool"))
    #expect(try row.bytes("bytes") == [0, 255, 10])
    #expect(try row.uuid("uuid") == id)
    #expect(try row.timestamp("moment") == moment)
    #expect(try row.timestamp("early") == early)
    #expect(try row.date("date") == date)
    #expect(try row.string("json") == #"{"a": [1, 2]}"#)
    #expect(try row.textArray("texts") == ["a", "", "b,\"c\"", "{}"])
    #expect(try row.int64Array("ints") == [1, -2])
    #expect(try row.doubleArray("doubles") == [.infinity, 0.5])
    #expect(try row.uuidArray("uuids") == [id])
    #expect(try row.optionalString("null") == nil)
    #expect(try row.textArray("empty") == [])
  }

  @Test(arguments: [
    ("0", 0.0, Int64?(0)), ("-12.50", -12.5, nil), ("10000", 10_000, 10_000),
    ("0.0001", 0.0001, nil), ("123456789012", 123_456_789_012, 123_456_789_012),
    ("9223372036854775807.000", 9.223372036854775807e18, Int64.max),
    ("100020003", 100_020_003, 100_020_003),
  ])
  func `numeric reads as a double, and as an integer where it is one`(
    text: String, double: Double, integer: Int64?
  ) throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let row = try connection.query(
      named: "numeric", "select $1::text::numeric as n", [.text(text)]
    ).only()
    #expect(try row.double("n") == double)
    #expect((try? row.int64("n")) == integer)
  }

  @Test func `numeric not-a-number and infinities read as such`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let row = try connection.query(
      named: "numeric", "select 'NaN'::numeric a, 'Infinity'::numeric b, '-Infinity'::numeric c"
    ).only()
    #expect(try row.double("a").isNaN)
    #expect(try row.double("b") == .infinity)
    #expect(try row.double("c") == -.infinity)
  }

  @Test func `inet reads as text`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let row = try connection.query(
      named: "inet",
      "select '192.0.2.1'::inet a, '10.0.0.0/8'::cidr b, '2001:db8::1/64'::inet c"
    ).only()
    #expect(try row.string("a") == "192.0.2.1")
    #expect(try row.string("b") == "10.0.0.0/8")
    #expect(try row.string("c") == "2001:db8::1/64")
  }

  @Test func `a wrong type names statement and column`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let row = try connection.query(named: "nightly counts", "select 'x'::text as c").only()
    let error = #expect(throws: PostgresError.self) { try row.int64("c") }
    #expect(
      error?.summary
        == "nightly counts: column c is of type text and holds a value that is not an integer")
  }

  @Test func `a missing column and a NULL are named`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let row = try connection.query(named: "q", "select null::text as c").only()
    #expect(throws: PostgresError.self) { try row.string("d") }
    let error = #expect(throws: PostgresError.self) { try row.string("c") }
    #expect(error?.summary == "q: column c is NULL where text was expected")
  }

  @Test func `infinite timestamps are an error and not a wrong moment`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let row = try connection.query(
      named: "q", "select 'infinity'::timestamptz a, '9999-01-01'::timestamptz b"
    ).only()
    #expect(throws: PostgresError.self) { try row.timestamp("a") }
    #expect(throws: PostgresError.self) { try row.timestamp("b") }
  }

  @Test func `text with NUL is refused before it is cut short`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let error = #expect(throws: PostgresError.self) {
      try connection.query(named: "q", "select $1", [.text("secret\0tail")])
    }
    #expect(
      error == .unsendable(statement: "q", parameter: "$1", reason: "text with a NUL character"))
  }

  @Test func `a violated key tells detail without the values`() throws {
    let connection = try Connection(TestDatabase.make())
    try connection.execute(named: "t", "create table t (a text primary key, b int check (b > 0))")
    let insert = "insert into t values ($1, $2)"
    try connection.execute(named: "insert", insert, ["secret-1", 1])
    let duplicate = #expect(throws: PostgresError.self) {
      try connection.execute(named: "insert", insert, ["secret-1", 1])
    }
    #expect(duplicate?.sqlState == "23505")
    #expect(duplicate?.description.contains("Key (a)=(…) already exists.") == true)
    #expect(duplicate?.description.contains("secret") == false)
    let check = #expect(throws: PostgresError.self) {
      try connection.execute(named: "insert", insert, ["secret-2", 0])
    }
    #expect(check?.sqlState == "23514")
    #expect(check?.description.contains("secret") == false)
    let cast = #expect(throws: PostgresError.self) {
      try connection.query(named: "cast", "select $1::int", ["secret-3"])
    }
    #expect(cast?.sqlState == "22P02")
    #expect(cast?.description.contains("secret") == false)
  }

  @Test func `the server's hint and detail are kept`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let error = #expect(throws: PostgresError.self) {
      try connection.execute(
        named: "raise",
        "do $$ begin raise exception 'no' using detail = 'because', hint = 'try less'; end $$")
    }
    guard case .refused("raise", let message, nil)? = error else {
      Issue.record("unexpected \(String(describing: error))")
      return
    }
    #expect(message.detail == "because")
    #expect(message.hint == "try less")
    #expect(message.sqlState == "P0001")
  }

  @Test func `a statement ends at its time-out`() throws {
    var options = ConnectionOptions()
    options.statementTimeout = .milliseconds(50)
    let connection = try Connection(TestDatabase.server.get().target, options: options)
    let error = #expect(throws: PostgresError.self) {
      try connection.query(named: "sleep", "select pg_sleep(60)")
    }
    #expect(error?.isCancellation == true)
    #expect(try connection.query(named: "after", "select 1 as one").only().int64("one") == 1)
  }

  @Test func `another thread cancels a running statement`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let canceller = connection.canceller
    let thread = Thread {
      // The request may come before the statement starts, and then does nothing.
      for _ in 0..<200 {
        canceller.cancel()
        usleep(20_000)
        if Thread.current.isCancelled { return }
      }
    }
    thread.start()
    let error = #expect(throws: PostgresError.self) {
      try connection.query(named: "sleep", "select pg_sleep(60)")
    }
    thread.cancel()
    #expect(error?.isCancellation == true)
  }

  @Test func `a role is taken on from the start`() throws {
    let target = try TestDatabase.make()
    let owner = try Connection(target)
    let role = "reader_\(getpid())"
    try owner.execute(named: "role", "create role \(role)")
    var options = ConnectionOptions()
    options.role = role
    let connection = try Connection(target, options: options)
    #expect(
      try connection.query(named: "who", "select current_user::text as u").only().string("u")
        == role)
    options.role = "no such \" role"
    #expect(throws: PostgresError.self) { try Connection(target, options: options) }
  }

  @Test func `notices are collected`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    try connection.execute(named: "notice", "do $$ begin raise warning 'look'; end $$")
    let notices = connection.takeNotices()
    #expect(notices.map(\.message) == ["look"])
    #expect(notices.first?.severity == "WARNING")
    #expect(connection.takeNotices().isEmpty)
  }

  @Test func `a refused connection says where, why and what to do`() throws {
    let target = try TestDatabase.server.get().target.withDatabase("no_such_database")
    let error = #expect(throws: PostgresError.self) { try Connection(target) }
    #expect(error?.sqlState == "3D000")
    #expect(error?.summary.contains("no_such_database") == true)
    #expect(error?.remedy == "create the database, or correct its name in the address")
  }

  @Test func `execute counts the rows touched`() throws {
    let connection = try Connection(TestDatabase.make())
    #expect(try connection.execute(named: "t", "create table t (a bigint)") == 0)
    #expect(
      try connection.execute(
        named: "fill", "insert into t select unnest($1::bigint[])", [.int64Array([1, 2, 3])]) == 3)
    #expect(try connection.execute(named: "drop some", "delete from t where a > $1", [1]) == 2)
  }
}

@Suite(.enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"))
struct TransactionTests {
  private struct Stop: Error {}

  private func makeTable() throws -> Connection {
    let connection = try Connection(TestDatabase.make())
    try connection.execute(named: "t", "create table t (a bigint)")
    return connection
  }

  private func count(_ connection: Connection) throws -> Int64 {
    try connection.query(named: "count", "select count(*) as n from t").only().int64("n")
  }

  @Test func `a transaction commits what it did`() throws {
    let connection = try makeTable()
    try connection.transaction { try connection.execute(named: "i", "insert into t values (1)") }
    #expect(try count(connection) == 1)
  }

  @Test func `a thrown error rolls back`() throws {
    let connection = try makeTable()
    #expect(throws: Stop.self) {
      try connection.transaction {
        try connection.execute(named: "i", "insert into t values (1)")
        throw Stop()
      }
    }
    #expect(try count(connection) == 0)
  }

  @Test func `an inner transaction is a savepoint`() throws {
    let connection = try makeTable()
    try connection.transaction {
      try connection.execute(named: "i", "insert into t values (1)")
      #expect(throws: PostgresError.self) {
        try connection.transaction {
          try connection.execute(named: "i", "insert into t values (2)")
          try connection.execute(named: "bad", "select 1 / 0")
        }
      }
      try connection.transaction { try connection.execute(named: "i", "insert into t values (3)") }
    }
    #expect(try count(connection) == 2)
  }

  @Test func `a swallowed error does not pass for a commit`() throws {
    let connection = try makeTable()
    #expect(throws: PostgresError.transactionAborted(target: connection.target.description)) {
      try connection.transaction {
        try connection.execute(named: "i", "insert into t values (1)")
        _ = try? connection.execute(named: "bad", "select 1 / 0")
      }
    }
    #expect(try count(connection) == 0)
  }

  @Test func `a read-only transaction refuses writes`() throws {
    let connection = try makeTable()
    let error = #expect(throws: PostgresError.self) {
      try connection.transaction(isolation: .repeatableRead, readOnly: true) {
        try connection.execute(named: "i", "insert into t values (1)")
      }
    }
    #expect(error?.sqlState == "25006")
  }
}
