import DaybreakCore

/// A place in a file of SQL, counted from 1.
package struct ScriptLocation: Hashable, Sendable, CustomStringConvertible {
  package var file: String
  package var line: Int
  /// In characters.
  package var column: Int

  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`, as compilers write it.
  package var description: String { "\(file):\(line):\(column)" }
}

/// What can go wrong between Daybreak and PostgreSQL.
///
/// Never holds a password or a bound value.
package enum PostgresError: DiagnosedError, Equatable {
  /// The address cannot be read.
  case invalidTarget(reason: String)
  /// No connection could be made; `sqlState` where a server answered.
  case unreachable(target: String, reason: String, sqlState: String?)
  /// The connection broke while a statement ran; its effect is unknown.
  case connectionLost(target: String, statement: String, reason: String)
  /// The server refused a statement.
  case refused(statement: String, message: ServerMessage, location: ScriptLocation?)
  /// A column is missing, NULL or of another type than the code that reads it expects.
  case unexpectedColumn(statement: String, column: String, reason: String)
  /// A value cannot be sent.
  case unsendable(statement: String, parameter: String, reason: String)
  /// The stream or the answer is not what the protocol says.
  case protocolViolation(statement: String, reason: String)
  /// COMMIT answered ROLLBACK: a statement had failed and its error was swallowed.
  case transactionAborted(target: String)
  /// All connections of a pool stayed busy.
  case poolExhausted(target: String, limit: Int, waited: Duration)
  /// The pool was closed.
  case poolClosed(target: String)
  /// The private server could not be found, made, started or stopped.
  case embeddedServer(directory: String, reason: String, remedy: String?)
  /// The migration files, or what the database says of them, do not add up.
  case migration(reason: String, location: ScriptLocation?, remedy: String?)

  package var summary: String {
    switch self {
    case .invalidTarget(let reason): "cannot read the database address: \(reason)"
    case .unreachable(let target, let reason, _): "cannot connect to \(target): \(reason)"
    case .connectionLost(let target, let statement, let reason):
      "lost the connection to \(target) during \(statement): \(reason)"
    case .refused(let statement, let message, let location):
      (location.map { "\($0): " } ?? "") + "PostgreSQL refused \(statement): \(message)"
    case .unexpectedColumn(let statement, let column, let reason):
      "\(statement): column \(column) \(reason)"
    case .unsendable(let statement, let parameter, let reason):
      "\(statement): \(parameter) cannot be sent: \(reason)"
    case .protocolViolation(let statement, let reason):
      "\(statement): unexpected answer of the server: \(reason)"
    case .transactionAborted(let target):
      "a transaction on \(target) was rolled back because a statement in it had failed"
    case .poolExhausted(let target, let limit, let waited):
      "all \(limit) connections to \(target) stayed busy for \(waited)"
    case .poolClosed(let target): "the connection pool of \(target) is closed"
    case .embeddedServer(let directory, let reason, _):
      "embedded PostgreSQL in \(directory): \(reason)"
    case .migration(let reason, let location, _):
      (location.map { "\($0): " } ?? "") + reason
    }
  }

  package var remedy: String? {
    switch self {
    case .invalidTarget:
      "write postgres://user@host:5432/database, special characters percent-encoded"
    case .unreachable(_, _, let sqlState): unreachableRemedy(sqlState)
    case .connectionLost: "see the server's log; run again when the server is back"
    case .refused(_, let message, _): refusalRemedy(message)
    case .poolExhausted: "run fewer jobs at once, or raise the pool's limit"
    case .embeddedServer(_, _, let remedy), .migration(_, _, let remedy): remedy
    case .unexpectedColumn, .unsendable, .protocolViolation, .transactionAborted, .poolClosed: nil
    }
  }

  /// The server's five-character code; nil where no server spoke.
  package var sqlState: String? {
    switch self {
    case .refused(_, let message, _): message.sqlState
    case .unreachable(_, _, let sqlState): sqlState
    default: nil
    }
  }

  /// Whether the statement was stopped by a cancel request or by the statement time-out (57014).
  package var isCancellation: Bool { sqlState == "57014" }

  /// Whether the connection, not the statement, is what failed: a retry needs a new connection.
  package var isConnectionFailure: Bool {
    switch self {
    case .unreachable, .connectionLost: true
    case .refused(_, let message, _):
      // Class 08 and the shutdown codes of class 57.
      message.sqlState.hasPrefix("08") || message.sqlState.hasPrefix("57P")
    default: false
    }
  }

  /// Returns the error with a statement's place in its file.
  func located(at location: ScriptLocation) -> PostgresError {
    guard case .refused(let statement, let message, nil) = self else { return self }
    return .refused(statement: statement, message: message, location: location)
  }
}

/// What to try when no connection can be made.
private func unreachableRemedy(_ sqlState: String?) -> String {
  switch sqlState {
  case "28P01", "28000": "check the user's name, the password and pg_hba.conf"
  case "3D000": "create the database, or correct its name in the address"
  case "53300": "wait for connections to end, or raise max_connections"
  default: "check that the server runs and that the address is right"
  }
}

/// What to try when a statement was refused; nil where the message says it all.
private func refusalRemedy(_ message: ServerMessage) -> String? {
  switch message.sqlState {
  case "42P01", "42703", "3F000": "bring the schema up to date: daybreak db migrate"
  case "42501": "grant the right to the role that connects, or connect as another"
  case "57014": "the statement was cancelled or took longer than its time-out"
  case "55P03": "another session holds the lock: try again when it has ended"
  case "40001", "40P01": "another transaction was in the way: run again"
  case "53100": "free disk space on the database server; VACUUM gives back what was rolled back"
  case let state where state.hasPrefix("57P") || state.hasPrefix("08"):
    "see the server's log; run again when the server is back"
  case "25006": "the server is a read-only replica: name the primary"
  case "0A000" where message.message.contains("during recovery"):
    "the server is a read-only replica: name the primary"
  case "25001": "this statement cannot run inside a transaction: run it by hand, outside migrations"
  default: nil
  }
}
