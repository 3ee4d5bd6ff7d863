import DaybreakCore

/// What can go wrong between Daybreak and ClickHouse.
///
/// Never holds a password or a bound value.
package enum ClickHouseError: DiagnosedError, Equatable {
  /// The address cannot be read.
  case invalidTarget(reason: String)
  /// No answer came.
  case unreachable(target: String, reason: String)
  /// The server refused a statement: its own number, name and words.
  case refused(statement: String, code: Int, name: String, reason: String)
  /// The answer is not what was asked for.
  case unexpectedAnswer(statement: String, reason: String)
  /// The migration files, or what the database says of them, do not add up.
  case migration(file: String, reason: String, remedy: String?)

  package var summary: String {
    switch self {
    case .invalidTarget(let reason): "cannot read the ClickHouse address: \(reason)"
    case .unreachable(let target, let reason): "cannot reach ClickHouse at \(target): \(reason)"
    case .refused(let statement, let code, let name, let reason):
      "ClickHouse refused \(statement): \(reason) (code \(code)\(name.isEmpty ? "" : ", \(name)"))"
    case .unexpectedAnswer(let statement, let reason):
      "\(statement): unexpected answer of ClickHouse: \(reason)"
    case .migration(let file, let reason, _): "\(file): \(reason)"
    }
  }

  package var remedy: String? {
    switch self {
    case .invalidTarget: "write http://user@host:8123/database, special characters percent-encoded"
    case .unreachable: "check the address, and that the server's HTTP port is open"
    case .refused(_, let code, _, _): Self.remedies[code]
    case .unexpectedAnswer: "check that the address is ClickHouse's HTTP interface"
    case .migration(_, _, let remedy): remedy
    }
  }

  /// The server's number of a refusal; nil for other errors.
  package var code: Int? {
    if case .refused(_, let code, _, _) = self { code } else { nil }
  }

  /// Whether another attempt may succeed: nobody answered, or the server was busy.
  var mayPass: Bool {
    switch self {
    case .unreachable: true
    case .refused(_, let code, _, _): [202, 209, 210, 252].contains(code)
    default: false
    }
  }

  /// By the numbers of ClickHouse's `src/Common/ErrorCodes.cpp`.
  private static let remedies: [Int: String] = [
    60: "bring the schema up to date: daybreak db migrate",
    81: "make the database: daybreak db init",
    115: "use a newer ClickHouse server: this one does not know the setting",
    164: "the user may only read: name one who may write",
    193: "check the password", 194: "name a password",
    241: "raise max_memory_usage, or free memory on the server",
    243: "free disk space on the server",
    252: "insert less often: parts are made faster than they are merged",
    497: "grant the right to the user that connects, or connect as another",
    516: "check the user's name and password",
    598: "declare the backup disk in the server's configuration",
  ]
}
