import CPostgres

extension Connection {
  /// Streams the rows of a query by `COPY … TO STDOUT (FORMAT binary)`; memory does not grow with them.
  ///
  /// COPY takes no bound values: set them with `setLocal` before, inside the same transaction, and read
  /// them in the query as `current_setting('daybreak.start')::timestamptz`.
  ///
  /// - Parameters:
  ///   - name: what the query does, for messages.
  ///   - query: a SELECT without parameters.
  ///   - body: takes each row, whose bytes are lent until it returns; to stop the stream, it throws.
  /// - Returns: how many rows came.
  /// - Throws: what `body` throws, after the stream was cancelled; `PostgresError` when the stream broke,
  ///   and then the rows handed out are not all.
  @discardableResult
  package func copyOut(
    named name: String, query: String, _ body: (CopyRow) throws -> Void
  ) throws -> Int64 {
    let started = try checked(
      PQexec(handle, "copy (\(query)) to stdout (format binary)"), name: name, hidingValues: true)
    guard PQresultStatus(started.handle) == PGRES_COPY_OUT else {
      throw PostgresError.protocolViolation(statement: name, reason: "no COPY stream began")
    }
    var parser = CopyStreamParser()
    do {
      try receiveRows(name, &parser, body)
    } catch {
      abandonCopyOut()
      throw error
    }
    try finishCopy(name)
    guard parser.isComplete else {
      throw PostgresError.protocolViolation(statement: name, reason: "the stream has no end mark")
    }
    return parser.rowCount
  }

  /// Sets a value for the rest of the transaction, to be read by `current_setting`.
  ///
  /// - Parameters:
  ///   - setting: a name with a dot, as `daybreak.start`.
  ///   - value: bound, never part of the SQL.
  /// - Throws: `PostgresError`.
  package func setLocal(_ setting: String, _ value: String) throws(PostgresError) {
    try execute(
      named: "set \(setting)", "select set_config($1, $2, true)", [.text(setting), .text(value)])
  }

  private func receiveRows(
    _ name: String, _ parser: inout CopyStreamParser, _ body: (CopyRow) throws -> Void
  ) throws {
    while true {
      var buffer: UnsafeMutablePointer<CChar>?
      let length = PQgetCopyData(handle, &buffer, 0)
      // -1: the stream ended, well or not; -2: it broke. `finishCopy` tells which.
      guard length > 0, let buffer else { return }
      defer { PQfreemem(buffer) }
      let isValid = try parser.consume(
        UnsafeRawBufferPointer(start: buffer, count: Int(length)), body)
      guard isValid else {
        throw PostgresError.protocolViolation(statement: name, reason: "no COPY BINARY stream")
      }
    }
  }

  /// Takes the results after a stream, so that the connection is free for the next statement.
  ///
  /// - Returns: how many rows the server counted.
  @discardableResult
  func finishCopy(_ name: String) throws(PostgresError) -> Int {
    var firstError: PostgresError?
    var count = 0
    while let result = PQgetResult(handle) {
      do {
        let owner = try checked(result, name: name, hidingValues: true)
        count = Int(String(cString: PQcmdTuples(owner.handle))) ?? count
      } catch {
        firstError = firstError ?? error
      }
      // A broken connection gives the same error for ever.
      if PQstatus(handle) != CONNECTION_OK { break }
    }
    if let firstError { throw firstError }
    guard PQstatus(handle) == CONNECTION_OK else {
      throw .connectionLost(target: target.description, statement: name, reason: lastMessage)
    }
    return count
  }

  /// Stops a stream that nobody reads on.
  private func abandonCopyOut() {
    canceller.cancel()
    var buffer: UnsafeMutablePointer<CChar>?
    while PQgetCopyData(handle, &buffer, 0) > 0 { PQfreemem(buffer) }
    _ = try? finishCopy("cancelled stream")
  }
}
