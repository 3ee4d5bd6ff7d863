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
    try required(column, "text", Row.string)
  }

  /// Reads text; NULL is nil.
  package func optionalString(_ column: String) throws(PostgresError) -> String? {
    try optional(column, "text", Row.string)
  }

  /// Reads an integer of any width, or a `numeric` without a fraction.
  package func int64(_ column: String) throws(PostgresError) -> Int64 {
    try required(column, "an integer", Row.int64)
  }

  /// Reads an integer; NULL is nil.
  package func optionalInt64(_ column: String) throws(PostgresError) -> Int64? {
    try optional(column, "an integer", Row.int64)
  }

  /// Reads an integer as `Int`.
  package func int(_ column: String) throws(PostgresError) -> Int { Int(try int64(column)) }

  /// Reads any number, the nearest double where it is no double.
  package func double(_ column: String) throws(PostgresError) -> Double {
    try required(column, "a number", Row.double)
  }

  /// Reads any number; NULL is nil.
  package func optionalDouble(_ column: String) throws(PostgresError) -> Double? {
    try optional(column, "a number", Row.double)
  }

  /// Reads a boolean.
  package func bool(_ column: String) throws(PostgresError) -> Bool {
    try required(column, "boolean") { $1 == .bool ? BinaryFormat.bool($0) : nil }
  }

  /// Reads a boolean; NULL is nil.
  package func optionalBool(_ column: String) throws(PostgresError) -> Bool? {
    try optional(column, "boolean") { $1 == .bool ? BinaryFormat.bool($0) : nil }
  }

  /// Reads `bytea`.
  package func bytes(_ column: String) throws(PostgresError) -> [UInt8] {
    try required(column, "bytea") { $1 == .bytea ? [UInt8]($0) : nil }
  }

  /// Reads `bytea`; NULL is nil.
  package func optionalBytes(_ column: String) throws(PostgresError) -> [UInt8]? {
    try optional(column, "bytea") { $1 == .bytea ? [UInt8]($0) : nil }
  }

  /// Reads `uuid`.
  package func uuid(_ column: String) throws(PostgresError) -> UUID {
    try required(column, "uuid") { $1 == .uuid ? BinaryFormat.uuid($0) : nil }
  }

  /// Reads `uuid`; NULL is nil.
  package func optionalUUID(_ column: String) throws(PostgresError) -> UUID? {
    try optional(column, "uuid") { $1 == .uuid ? BinaryFormat.uuid($0) : nil }
  }

  /// Reads `timestamptz`, or `timestamp` taken as UTC.
  package func timestamp(_ column: String) throws(PostgresError) -> Timestamp {
    try required(column, "a timestamp between 1677 and 2262", Row.timestamp)
  }

  /// Reads a timestamp; NULL is nil.
  package func optionalTimestamp(_ column: String) throws(PostgresError) -> Timestamp? {
    try optional(column, "a timestamp between 1677 and 2262", Row.timestamp)
  }

  /// Reads `date`.
  package func date(_ column: String) throws(PostgresError) -> CivilDate {
    try required(column, "a finite date") { $1 == .date ? BinaryFormat.date($0) : nil }
  }

  /// Reads `date`; NULL is nil.
  package func optionalDate(_ column: String) throws(PostgresError) -> CivilDate? {
    try optional(column, "a finite date") { $1 == .date ? BinaryFormat.date($0) : nil }
  }

  /// Reads an array of text without NULLs.
  package func textArray(_ column: String) throws(PostgresError) -> [String] {
    try required(column, "text[] without NULLs") { bytes, _ in Row.array(bytes, Row.string) }
  }

  /// Reads an array of integers without NULLs.
  package func int64Array(_ column: String) throws(PostgresError) -> [Int64] {
    try required(column, "an array of integers without NULLs") { bytes, type in
      type.element == nil ? nil : Row.array(bytes, Row.int64)
    }
  }

  /// Reads an array of numbers without NULLs.
  package func doubleArray(_ column: String) throws(PostgresError) -> [Double] {
    try required(column, "an array of numbers without NULLs") { bytes, type in
      type.element == nil ? nil : Row.array(bytes, Row.double)
    }
  }

  /// Reads an array of `uuid` without NULLs.
  package func uuidArray(_ column: String) throws(PostgresError) -> [UUID] {
    try required(column, "uuid[] without NULLs") { bytes, type in
      type == .uuidArray ? Row.array(bytes) { $1 == .uuid ? BinaryFormat.uuid($0) : nil } : nil
    }
  }

  /// Reads an array of text; NULL is nil.
  package func optionalTextArray(_ column: String) throws(PostgresError) -> [String]? {
    try isNull(column) ? nil : try textArray(column)
  }

  /// Reads an array of integers; NULL is nil.
  package func optionalInt64Array(_ column: String) throws(PostgresError) -> [Int64]? {
    try isNull(column) ? nil : try int64Array(column)
  }

  /// Reads an array of numbers; NULL is nil.
  package func optionalDoubleArray(_ column: String) throws(PostgresError) -> [Double]? {
    try isNull(column) ? nil : try doubleArray(column)
  }
}

// How cells of each kind are read.
extension Row {
  private typealias Decoder<Result> = (UnsafeRawBufferPointer, TypeOID) -> Result?

  private static func string(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID) -> String? {
    switch type {
    case .inet, .cidr: BinaryFormat.inet(bytes)
    default: BinaryFormat.string(bytes, type: type)
    }
  }

  private static func int64(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID) -> Int64? {
    switch type {
    case .int2, .int4, .int8: BinaryFormat.int64(bytes)
    case .oid: BinaryFormat.int64(bytes, unsigned: true)
    case .numeric: Numeric(bytes)?.int64
    default: nil
    }
  }

  private static func double(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID) -> Double? {
    switch type {
    case .float4, .float8: BinaryFormat.double(bytes)
    case .numeric: Numeric(bytes)?.double
    default: int64(bytes, type).map(Double.init)
    }
  }

  private static func timestamp(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID) -> Timestamp? {
    type == .timestamptz || type == .timestamp ? BinaryFormat.timestamp(bytes) : nil
  }

  private static func array<Element>(
    _ bytes: UnsafeRawBufferPointer, _ decode: Decoder<Element>
  ) -> [Element]? {
    var elements: [Element] = []
    let type = BinaryFormat.forEachElement(bytes) { element, type in
      guard let element, let decoded = decode(element, type) else { return false }
      elements.append(decoded)
      return true
    }
    return type == nil ? nil : elements
  }

  private func locate(_ column: String) throws(PostgresError) -> (index: Int, type: TypeOID) {
    guard let position = rows.index(of: column) else {
      let names = rows.columns.map(\.name).joined(separator: ", ")
      throw .unexpectedColumn(
        statement: rows.statement, column: column, reason: "is not in the result (\(names))")
    }
    return (position, rows.columns[position].type)
  }

  private func optional<Result>(
    _ column: String, _ expected: String, _ decode: Decoder<Result>
  ) throws(PostgresError) -> Result? {
    let (position, type) = try locate(column)
    let (isNull, value) = rows.withCell(row: index, column: position) { bytes in
      bytes.map { (false, decode($0, type)) } ?? (true, nil)
    }
    if isNull { return nil }
    guard let value else {
      throw .unexpectedColumn(
        statement: rows.statement, column: column,
        reason: "is of type \(type) and holds a value that is not \(expected)")
    }
    return value
  }

  private func required<Result>(
    _ column: String, _ expected: String, _ decode: Decoder<Result>
  ) throws(PostgresError) -> Result {
    guard let value = try optional(column, expected, decode) else {
      throw .unexpectedColumn(
        statement: rows.statement, column: column, reason: "is NULL where \(expected) was expected")
    }
    return value
  }
}
