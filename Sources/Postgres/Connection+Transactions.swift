import CPostgres

/// What a transaction sees of others (PostgreSQL 15 manual, §13.2).
package enum IsolationLevel: String, Sendable {
  case readCommitted = "read committed"
  case repeatableRead = "repeatable read"
  case serializable
}

extension Connection {
  /// Runs `body` inside a transaction: committed when it returns, rolled back when it throws.
  ///
  /// Inside another transaction it becomes a savepoint, and then `isolation` and `readOnly` are the
  /// outer one's.
  ///
  /// - Parameters:
  ///   - isolation: what the transaction sees of others.
  ///   - readOnly: whether the server refuses writes.
  ///   - body: the work.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `PostgresError` when the server refuses to begin or commit.
  @discardableResult
  package func transaction<Result>(
    isolation: IsolationLevel = .readCommitted, readOnly: Bool = false,
    _ body: () throws -> Result
  ) throws -> Result {
    let depth = transactionDepth
    try begin(isolation: isolation, readOnly: readOnly)
    transactionDepth = depth + 1
    defer { transactionDepth = depth }
    let result: Result
    do {
      result = try body()
    } catch {
      rollBack(depth: depth)
      throw error
    }
    do {
      try commit(depth: depth)
    } catch {
      rollBack(depth: depth)
      throw error
    }
    return result
  }

  private func begin(isolation: IsolationLevel, readOnly: Bool) throws(PostgresError) {
    guard transactionDepth == 0 else {
      return try command("savepoint daybreak_\(transactionDepth)")
    }
    let access = readOnly ? "read only" : "read write"
    try command("begin transaction isolation level \(isolation.rawValue) \(access)")
  }

  private func commit(depth: Int) throws(PostgresError) {
    guard depth == 0 else { return try command("release savepoint daybreak_\(depth)") }
    let result = try checked(PQexec(handle, "commit"), name: "commit", hidingValues: true)
    // A failed transaction answers COMMIT with ROLLBACK, and without an error.
    guard String(cString: PQcmdStatus(result.handle)) == "COMMIT" else {
      throw .transactionAborted(target: target.description)
    }
  }

  /// Rolls back; a failure here is the connection's, which the error that led here tells already.
  private func rollBack(depth: Int) {
    let sql =
      depth == 0
      ? "rollback"
      : "rollback to savepoint daybreak_\(depth); release savepoint daybreak_\(depth)"
    PQclear(PQexec(handle, sql))
  }

  /// Runs a statement of our own that takes no values.
  func command(_ sql: String) throws(PostgresError) {
    _ = try checked(PQexec(handle, sql), name: sql, hidingValues: true)
  }
}
