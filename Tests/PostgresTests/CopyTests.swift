import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"))
struct CopyTests {
  private struct Stop: Error {}

  @Test func `every type goes in and comes out as it was`() throws {
    let connection = try Connection(TestDatabase.make())
    try connection.script(
      named: "types",
      """
      create type mood as enum ('good', 'bad');
      create table t (
        a text, b varchar(20), c bigint, d integer, e smallint, f double precision, g real,
        h numeric, i boolean, j bytea, k uuid, l timestamptz, m timestamp, n date, o json, p jsonb,
        q inet, r text[], s bigint[], u integer[], v double precision[], w real[], x uuid[],
        y timestamptz[], z mood, aa char(3), ab numeric);
      """)
    let id = UUID()
    let moment = Timestamp(nanoseconds: -62_135_596_800_123 * 1000)
    let date = try #require(CivilDate("2024-02-29"))
    let columns = [
      "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s",
      "u", "v", "w", "x", "y", "z", "aa", "ab",
    ]
    let values: [Value] = [
      "Zeile\n\t\\", "wörter", .int64(.max), .int64(-5), .int64(Int64(Int16.min)), .double(1e300),
      .double(0.5), .text("-12345678.000900"), true, .bytes([0, 1, 255]), .uuid(id),
      .timestamp(moment), .timestamp(moment), .date(date), .json(#"{"a":1}"#), .json(#"{"b": 2}"#),
      "2001:db8::/32", .textArray(["x", "", "NULL"]), .int64Array([1, -1]), .int64Array([7]),
      .doubleArray([0.1]), .doubleArray([0.25]), .uuidArray([id]), .timestampArray([moment]), "bad",
      "abc", .int64(10_000),
    ]
    let count = try connection.copyIn(named: "load", into: "t", columns: columns) { writer in
      try writer.write(values)
      try writer.write([Value](repeating: .null, count: values.count))
    }
    #expect(count == 2)
    let row = try connection.query(
      named: "read", "select *, h::text as ht, z::text as zt from t where a is not null"
    ).only()
    #expect(try row.string("a") == "Zeile\n\t\\")
    #expect(try row.string("b") == "wörter")
    #expect(try row.int64("c") == .max)
    #expect(try row.int64("d") == -5)
    #expect(try row.int64("e") == Int64(Int16.min))
    #expect(try row.double("f") == 1e300)
    #expect(try row.double("g") == 0.5)
    #expect(try row.string("ht") == "-12345678.000900")
    #expect(try row.double("h") == -12345678.0009)
    #expect(try row.bool("i"))
    #expect(try row.bytes("j") == [0, 1, 255])
    #expect(try row.uuid("k") == id)
    #expect(try row.timestamp("l") == moment)
    #expect(try row.timestamp("m") == moment)
    #expect(try row.date("n") == date)
    #expect(try row.string("o") == #"{"a":1}"#)
    #expect(try row.string("p") == #"{"b": 2}"#)
    #expect(try row.string("q") == "2001:db8::/32")
    #expect(try row.textArray("r") == ["x", "", "NULL"])
    #expect(try row.int64Array("s") == [1, -1])
    #expect(try row.int64Array("u") == [7])
    #expect(try row.doubleArray("v") == [0.1])
    #expect(try row.doubleArray("w") == [0.25])
    #expect(try row.uuidArray("x") == [id])
    #expect(try row.string("zt") == "bad")
    #expect(try row.string("aa") == "abc")
    #expect(try row.int64("ab") == 10_000)
  }

  @Test func `rows stream out with their bytes`() throws {
    let connection = try Connection(TestDatabase.make())
    var sum: Int64 = 0
    var nulls = 0
    var last = ""
    let count = try connection.copyOut(
      named: "series",
      query: """
        select i, case when i % 10 = 0 then null else repeat('x', i % 100) end,
          timestamptz '2026-03-12 02:11:09.5+00' + i * interval '1 second'
        from generate_series(1, 100000) i
        """
    ) { row in
      sum += row[0].flatMap { BinaryFormat.int64($0) } ?? 0
      if row[1] == nil { nulls += 1 }
      if row.ordinal == 3 { last = row[2].flatMap(BinaryFormat.timestamp)?.description ?? "" }
    }
    #expect(count == 100_000)
    #expect(sum == 5_000_050_000)
    #expect(nulls == 10_000)
    #expect(last == "2026-03-12T02:11:12.5Z")
  }

  @Test func `an empty result is an empty stream`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    let count = try connection.copyOut(named: "none", query: "select 1 where false") { _ in }
    #expect(count == 0)
  }

  @Test func `bound settings reach a streamed query`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    var found: [Int64] = []
    try connection.transaction(isolation: .repeatableRead, readOnly: true) {
      try connection.setLocal("daybreak.word", "it's; drop table x")
      try connection.copyOut(
        named: "lengths", query: "select length(current_setting('daybreak.word'))::bigint"
      ) { row in found.append(row[0].flatMap { BinaryFormat.int64($0) } ?? -1) }
    }
    #expect(found == [18])
  }

  @Test func `a reader that stops leaves the connection usable`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    #expect(throws: Stop.self) {
      try connection.copyOut(
        named: "long", query: "select repeat('x', 1000) from generate_series(1, 10000000)"
      ) { row in if row.ordinal == 10 { throw Stop() } }
    }
    #expect(try connection.query(named: "after", "select 1 as one").only().int64("one") == 1)
  }

  @Test func `an error in the middle of a stream is thrown`() throws {
    let connection = try Connection(TestDatabase.server.get().target)
    var rows: Int64 = 0
    let error = #expect(throws: PostgresError.self) {
      try connection.copyOut(
        named: "divide", query: "select 1 / (5000 - i) from generate_series(1, 10000) i"
      ) { row in rows = row.ordinal }
    }
    #expect(error?.sqlState == "22012")
    #expect(rows == 4999)
  }

  @Test func `a load that fails loads nothing`() throws {
    let connection = try Connection(TestDatabase.make())
    try connection.execute(named: "t", "create table t (a bigint primary key, b text)")
    #expect(throws: Stop.self) {
      try connection.copyIn(named: "load", into: "t", columns: ["a", "b"]) { writer in
        for number in 0..<50_000 { try writer.write([.int64(Int64(number)), "x"]) }
        throw Stop()
      }
    }
    let duplicate = #expect(throws: PostgresError.self) {
      try connection.copyIn(named: "load", into: "t", columns: ["a", "b"]) { writer in
        try writer.write([1, "secret"])
        try writer.write([1, "secret"])
      }
    }
    #expect(duplicate?.sqlState == "23505")
    #expect(duplicate?.description.contains("secret") == false)
    let count = try connection.query(named: "n", "select count(*) as n from t").only().int64("n")
    #expect(count == 0)
  }

  @Test func `a value of the wrong type names the column`() throws {
    let connection = try Connection(TestDatabase.make())
    try connection.execute(named: "t", "create table t (a smallint, b text)")
    let error = #expect(throws: PostgresError.self) {
      try connection.copyIn(named: "load", into: "t", columns: ["b", "a"]) { writer in
        try writer.write(["x", 40_000])
      }
    }
    #expect(
      error?.summary == "load: column a cannot be sent: the integer does not fit type smallint")
    #expect(try connection.query(named: "after", "select 1 as one").only().int64("one") == 1)
  }
}

/// The stream format itself, cut at every byte.
@Suite struct CopyStreamTests {
  @Test func `decoders refuse bytes of another length`() {
    let bytes: [UInt8] = [1, 2, 3]
    bytes.withUnsafeBytes { bytes in
      #expect(BinaryFormat.int64(bytes) == nil)
      #expect(BinaryFormat.double(bytes) == nil)
      #expect(BinaryFormat.bool(bytes) == nil)
      #expect(BinaryFormat.uuid(bytes) == nil)
      #expect(BinaryFormat.timestamp(bytes) == nil)
      #expect(BinaryFormat.date(bytes) == nil)
      #expect(BinaryFormat.inet(bytes) == nil)
      #expect(BinaryFormat.forEachElement(bytes) { _, _ in true } == nil)
      #expect(BinaryFormat.forEachPair(hstore: bytes) { _, _ in } == false)
    }
  }

  @Test func `an array that promises more than it has is refused`() {
    // One dimension, no nulls, int8, 1000 elements, lower bound 1, and no element.
    let bytes: [UInt8] = [
      0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 3, 232, 0, 0, 0, 1,
    ]
    #expect(bytes.withUnsafeBytes { BinaryFormat.forEachElement($0) { _, _ in true } } == nil)
  }
}
