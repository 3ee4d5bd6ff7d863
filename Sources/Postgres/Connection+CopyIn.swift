import CPostgres
import DaybreakCore

extension Connection {
  /// Loads rows into a table by `COPY … FROM STDIN (FORMAT binary)`: all of them or, when anything
  /// fails, none.
  ///
  /// - Parameters:
  ///   - name: what the load does, for messages.
  ///   - table: the table as SQL writes it, quoted where needed (`quotedIdentifier`).
  ///   - columns: the columns to fill, unquoted.
  ///   - body: writes the rows.
  /// - Returns: how many rows the server took.
  /// - Throws: what `body` throws; `PostgresError`.
  @discardableResult
  package func copyIn(
    named name: String, into table: String, columns: [String],
    _ body: (CopyWriter) throws -> Void
  ) throws -> Int {
    let list = columns.map { quotedIdentifier($0) }.joined(separator: ", ")
    let described = try describe(named: name, "select \(list) from \(table)")
    let formats = try columnFormats(named: name, described)
    let started = try checked(
      PQexec(handle, "copy \(table) (\(list)) from stdin (format binary)"), name: name,
      hidingValues: true)
    guard PQresultStatus(started.handle) == PGRES_COPY_IN else {
      throw PostgresError.protocolViolation(statement: name, reason: "no COPY stream began")
    }
    let writer = CopyWriter(connection: self, statement: name, columns: formats)
    do {
      try body(writer)
      try writer.finish()
    } catch {
      // The server answers with our own words as an error; what went wrong is known already.
      PQputCopyEnd(handle, "given up by Daybreak")
      _ = try? finishCopy(name)
      throw error
    }
    guard PQputCopyEnd(handle, nil) == 1 else {
      throw PostgresError.connectionLost(
        target: target.description, statement: name, reason: lastMessage)
    }
    return try finishCopy(name)
  }

  /// How each column is written; types of extensions are looked up by name.
  private func columnFormats(
    named name: String, _ columns: [Column]
  ) throws(PostgresError) -> [CopyWriter.ColumnFormat] {
    let unknown = columns.map(\.type).filter(\.isUserDefined).map { Int64($0.rawValue) }
    var names: [TypeOID: String] = [:]
    var enums: Set<TypeOID> = []
    if !unknown.isEmpty {
      let rows = try query(
        named: "types of \(name)",
        "select oid::bigint as oid, typname::text as name, typtype = 'e' as is_enum "
          + "from pg_type where oid = any($1::bigint[])", [.int64Array(unknown)])
      for row in rows {
        let type = TypeOID(rawValue: UInt32(truncatingIfNeeded: try row.int64("oid")))
        names[type] = try row.string("name")
        if try row.bool("is_enum") { enums.insert(type) }
      }
    }
    return columns.map { column in
      let typeName = names[column.type] ?? column.type.description
      let kind: CopyWriter.Kind =
        !column.type.isUserDefined
        ? .builtIn
        : enums.contains(column.type) || typeName == "citext"
          ? .text : typeName == "vector" ? .vector : .unsupported
      return CopyWriter.ColumnFormat(
        name: column.name, type: column.type, typeName: typeName, kind: kind)
    }
  }
}

/// Writes the rows of one COPY in the binary form of each column's type.
package final class CopyWriter {
  enum Kind { case builtIn, text, vector, unsupported }

  struct ColumnFormat {
    let name: String
    let type: TypeOID
    let typeName: String
    let kind: Kind
  }

  /// Bytes are handed to libpq in blocks of about this size.
  private static let blockSize = 1 << 16

  private let connection: Connection
  private let statement: String
  private let columns: [ColumnFormat]
  private var buffer: [UInt8]

  init(connection: Connection, statement: String, columns: [ColumnFormat]) {
    self.connection = connection
    self.statement = statement
    self.columns = columns
    buffer = [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00]
    buffer += [UInt8](repeating: 0, count: 8)
    buffer.reserveCapacity(CopyWriter.blockSize * 2)
  }

  /// Writes one row: a value for each column, integers narrowed to the column's width.
  ///
  /// - Throws: `PostgresError.unsendable` naming the column when a value does not fit its type.
  package func write(_ values: [Value]) throws(PostgresError) {
    precondition(values.count == columns.count, "a row has a value for each column")
    let start = buffer.count
    BinaryFormat.append(Int16(values.count), to: &buffer)
    for (value, column) in zip(values, columns) where try !append(value, column) {
      buffer.removeLast(buffer.count - start)
      throw .unsendable(
        statement: statement, parameter: "column \(column.name)",
        reason: "\(value.kindName) does not fit type \(column.typeName)")
    }
    if buffer.count >= CopyWriter.blockSize { try flush() }
  }

  /// Writes the end mark and hands the rest to libpq.
  fileprivate func finish() throws(PostgresError) {
    BinaryFormat.append(Int16(-1), to: &buffer)
    try flush()
  }

  private func append(_ value: Value, _ column: ColumnFormat) throws(PostgresError) -> Bool {
    if let reason = value.refusal {
      throw .unsendable(statement: statement, parameter: "column \(column.name)", reason: reason)
    }
    guard value != .null else {
      BinaryFormat.append(Int32(-1), to: &buffer)
      return true
    }
    var isWritten = false
    BinaryFormat.appendSized(to: &buffer) { bytes in
      switch (column.kind, value) {
      case (.builtIn, _): isWritten = BinaryFormat.append(value, as: column.type, to: &bytes)
      case (.text, .text): isWritten = BinaryFormat.append(value, as: .text, to: &bytes)
      case (.vector, .doubleArray(let numbers)):
        isWritten = CopyWriter.appendVector(numbers, to: &bytes)
      default: break
      }
    }
    return isWritten
  }

  /// Appends pgvector's `vector`: dimensions, a reserved zero, then each element as `real`
  /// (pgvector 0.8.0, `vector_recv`).
  private static func appendVector(_ numbers: [Double], to bytes: inout [UInt8]) -> Bool {
    guard (1...16_000).contains(numbers.count) else { return false }
    BinaryFormat.append(Int16(numbers.count), to: &bytes)
    BinaryFormat.append(Int16(0), to: &bytes)
    for number in numbers { BinaryFormat.append(Float(number).bitPattern, to: &bytes) }
    return true
  }

  private func flush() throws(PostgresError) {
    let sent = buffer.withUnsafeBytes { bytes in
      PQputCopyData(
        connection.handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
        Int32(bytes.count))
    }
    guard sent == 1 else {
      throw .connectionLost(
        target: connection.target.description, statement: statement, reason: connection.lastMessage)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

extension Value {
  /// The kind of value without the value, for messages.
  var kindName: String {
    switch self {
    case .null: "NULL"
    case .json: "JSON"
    case .int64: "the integer"
    case .text: "the text"
    default: "a value of type \(type)"
    }
  }
}
