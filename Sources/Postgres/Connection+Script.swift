import CPostgres

extension Connection {
  /// Runs the statements of a script one after the other, by the simple protocol and without values.
  ///
  /// Each stands for itself: wrap the call in `transaction` to make them all or none.
  ///
  /// - Parameters:
  ///   - name: what the script does, for messages; its file where it has one.
  ///   - sql: statements, separated by semicolons.
  /// - Throws: `PostgresError.refused` with file, line and column of the statement that failed (of the
  ///   very word, where the server names it); `migration` when the script cannot be cut.
  package func script(named name: String, _ sql: String) throws(PostgresError) {
    for statement in try SQLScript.statements(of: sql, file: name) {
      try run(statement, of: name)
    }
  }

  /// Runs one statement of a script.
  func run(_ statement: SQLStatement, of file: String) throws(PostgresError) {
    do throws(PostgresError) {
      let name = statement.words.joined(separator: " ")
      let answer = SlowStatements.timing(name, for: slowStatements) {
        PQexec(handle, statement.text)
      }
      let result = try checked(answer, name: name, hidingValues: false)
      let status = PQresultStatus(result.handle)
      guard status != PGRES_COPY_IN, status != PGRES_COPY_OUT else {
        // COPY over the connection has nobody at the other end here.
        endCopyOfScript(status)
        throw .migration(
          reason: "COPY from or to the client cannot run in a script",
          location: statement.location(in: file, position: nil), remedy: "use INSERT")
      }
    } catch {
      guard case .refused(_, let message, _) = error else { throw error }
      throw error.located(at: statement.location(in: file, position: message.position))
    }
  }

  private func endCopyOfScript(_ status: ExecStatusType) {
    if status == PGRES_COPY_IN {
      PQputCopyEnd(handle, "not supported here")
    } else {
      canceller.cancel()
      var buffer: UnsafeMutablePointer<CChar>?
      while PQgetCopyData(handle, &buffer, 0) > 0 { PQfreemem(buffer) }
    }
    while let result = PQgetResult(handle) { PQclear(result) }
  }
}
