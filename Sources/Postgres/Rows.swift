import CPostgres
package import DaybreakCore
package import Foundation

/// A column of a result: its name and type.
package struct Column: Hashable, Sendable {
  package let name: String
  package let type: TypeOID
}

/// Owns one libpq result, which nothing changes once it is complete.
///
/// `@unchecked Sendable`: libpq's manual (§34.20) allows reading one result from many threads.
final class ResultOwner: @unchecked Sendable {
  let handle: OpaquePointer

  init(_ handle: OpaquePointer) { self.handle = handle }

  deinit { PQclear(handle) }
}

/// The answer to a query: all its rows, in the order the server sent them.
package struct Rows: RandomAccessCollection, Sendable {
  /// The name the query was given, for messages.
  package let statement: String
  /// The columns, in order.
  package let columns: [Column]
  private let owner: ResultOwner
  private let columnIndices: [String: Int]

  init(_ owner: ResultOwner, statement: String) {
    self.owner = owner
    self.statement = statement
    columns = Rows.columns(of: owner.handle)
    columnIndices = Dictionary(
      columns.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { Int(PQntuples(owner.handle)) }
  package subscript(position: Int) -> Row {
    precondition(position >= 0 && position < endIndex, "row index out of range")
    return Row(rows: self, index: position)
  }

  /// The one row that the query must give.
  ///
  /// - Throws: `PostgresError.protocolViolation` when there are none or several.
  package func only() throws(PostgresError) -> Row {
    guard count == 1 else {
      throw .protocolViolation(statement: statement, reason: "\(count) rows where one was expected")
    }
    return self[0]
  }

  /// The columns of a result or of a statement's description.
  static func columns(of handle: OpaquePointer) -> [Column] {
    (0..<PQnfields(handle)).map { index in
      Column(
        name: PQfname(handle, index).map { String(cString: $0) } ?? "",
        type: TypeOID(rawValue: PQftype(handle, index)))
    }
  }

  fileprivate func index(of column: String) -> Int? { columnIndices[column] }

  /// Lends the bytes of one cell; nil for NULL.
  fileprivate func withCell<Result>(
    row: Int, column: Int, _ body: (UnsafeRawBufferPointer?) -> Result
  ) -> Result {
    withExtendedLifetime(owner) {
      guard PQgetisnull(owner.handle, Int32(row), Int32(column)) == 0 else { return body(nil) }
      return body(
        UnsafeRawBufferPointer(
          start: PQgetvalue(owner.handle, Int32(row), Int32(column)),
          count: Int(PQgetlength(owner.handle, Int32(row), Int32(column)))))
    }
  }
}

/// One row; a cell is read by its column's name and as one type, with a clear error when the query
/// and the code that reads it disagree.
package struct Row: Sendable {
  fileprivate let rows: Rows
  fileprivate let index: Int

  /// Tells whether a cell is NULL.
  package func isNull(_ column: String) throws(PostgresError) -> Bool {
    let (position, _) = try locate(column)
    return rows.withCell(row: index, column: position) { $0 == nil }
  }

  /// Reads text of any textual type (enums, JSON and `inet` included).
  package func string(_ column: String) throws(PostgresError) -> String {
    try required(column, .text)
  }

  /// Reads text; NULL is nil.
  package func optionalString(_ column: String) throws(PostgresError) -> String? {
    try optional(column, .text)
  }

  /// Reads an integer of any width, or a `numeric` without a fraction.
  package func int64(_ column: String) throws(PostgresError) -> Int64 {
    try required(column, .integer)
  }

  /// Reads an integer; NULL is nil.
  package func optionalInt64(_ column: String) throws(PostgresError) -> Int64? {
    try optional(column, .integer)
  }

  /// Reads an integer as `Int`.
  package func int(_ column: String) throws(PostgresError) -> Int { Int(try int64(column)) }

  /// Reads any number, the nearest double where it is no double.
  package func double(_ column: String) throws(PostgresError) -> Double {
    try required(column, .number)
  }

  /// Reads any number; NULL is nil.
  package func optionalDouble(_ column: String) throws(PostgresError) -> Double? {
    try optional(column, .number)
  }

  /// Reads a boolean.
  package func bool(_ column: String) throws(PostgresError) -> Bool {
    try required(column, .boolean)
  }

  /// Reads a boolean; NULL is nil.
  package func optionalBool(_ column: String) throws(PostgresError) -> Bool? {
    try optional(column, .boolean)
  }

  /// Reads `bytea`.
  package func bytes(_ column: String) throws(PostgresError) -> [UInt8] {
    try required(column, .bytes)
  }

  /// Reads `bytea`; NULL is nil.
  package func optionalBytes(_ column: String) throws(PostgresError) -> [UInt8]? {
    try optional(column, .bytes)
  }

  /// Reads `uuid`.
  package func uuid(_ column: String) throws(PostgresError) -> UUID {
    try required(column, .uuid)
  }

  /// Reads `uuid`; NULL is nil.
  package func optionalUUID(_ column: String) throws(PostgresError) -> UUID? {
    try optional(column, .uuid)
  }

  /// Reads `timestamptz`, or `timestamp` taken as UTC.
  package func timestamp(_ column: String) throws(PostgresError) -> Timestamp {
    try required(column, .timestamp)
  }

  /// Reads a timestamp; NULL is nil.
  package func optionalTimestamp(_ column: String) throws(PostgresError) -> Timestamp? {
    try optional(column, .timestamp)
  }

  /// Reads `date`.
  package func date(_ column: String) throws(PostgresError) -> CivilDate {
    try required(column, .date)
  }

  /// Reads `date`; NULL is nil.
  package func optionalDate(_ column: String) throws(PostgresError) -> CivilDate? {
    try optional(column, .date)
  }

  /// Reads an array of text without NULLs.
  package func textArray(_ column: String) throws(PostgresError) -> [String] {
    try required(column, .texts)
  }

  /// Reads an array of text; NULL is nil.
  package func optionalTextArray(_ column: String) throws(PostgresError) -> [String]? {
    try optional(column, .texts)
  }

  /// Reads an array of integers without NULLs.
  package func int64Array(_ column: String) throws(PostgresError) -> [Int64] {
    try required(column, .integers)
  }

  /// Reads an array of integers; NULL is nil.
  package func optionalInt64Array(_ column: String) throws(PostgresError) -> [Int64]? {
    try optional(column, .integers)
  }

  /// Reads an array of numbers without NULLs.
  package func doubleArray(_ column: String) throws(PostgresError) -> [Double] {
    try required(column, .numbers)
  }

  /// Reads an array of numbers; NULL is nil.
  package func optionalDoubleArray(_ column: String) throws(PostgresError) -> [Double]? {
    try optional(column, .numbers)
  }

  /// Reads an array of `uuid` without NULLs.
  package func uuidArray(_ column: String) throws(PostgresError) -> [UUID] {
    try required(column, .uuids)
  }

  private func locate(_ column: String) throws(PostgresError) -> (index: Int, type: TypeOID) {
    guard let position = rows.index(of: column) else {
      let names = rows.columns.map(\.name).joined(separator: ", ")
      throw .unexpectedColumn(
        statement: rows.statement, column: column, reason: "is not in the result (\(names))")
    }
    return (position, rows.columns[position].type)
  }

  private func optional<Value>(
    _ column: String, _ kind: CellKind<Value>
  ) throws(PostgresError) -> Value? {
    let (position, type) = try locate(column)
    let (isNull, value) = rows.withCell(row: index, column: position) { bytes in
      bytes.map { (false, kind.decode($0, type)) } ?? (true, nil)
    }
    if isNull { return nil }
    guard let value else {
      throw .unexpectedColumn(
        statement: rows.statement, column: column,
        reason: "is of type \(type) and holds a value that is not \(kind.name)")
    }
    return value
  }

  private func required<Value>(
    _ column: String, _ kind: CellKind<Value>
  ) throws(PostgresError) -> Value {
    guard let value = try optional(column, kind) else {
      throw .unexpectedColumn(
        statement: rows.statement, column: column, reason: "is NULL where \(kind.name) was expected"
      )
    }
    return value
  }
}
