import CPostgres
import DaybreakCore
import Synchronization

/// How to open a connection.
package struct ConnectionOptions: Hashable, Sendable {
  /// The name shown in `pg_stat_activity`.
  package var applicationName = "daybreak"
  /// How long connecting may take, for each address of the host; whole seconds.
  package var connectTimeout: Duration = .seconds(10)
  /// How long one statement may run; nil leaves the server's setting.
  package var statementTimeout: Duration?
  /// How long one statement may wait for a lock; nil leaves the server's setting.
  package var lockTimeout: Duration?
  /// A role to act as from the start (`SET ROLE`).
  package var role: String?
  /// Who hears of slow statements; nil for nobody.
  package var slowStatements: SlowStatements?

  package init() {}
}

/// One connection to a PostgreSQL server: UTF-8, UTC, values always bound.
///
/// `@unchecked Sendable`: libpq wants one thread at a time on a connection. A `Pool` lends each to one
/// borrower; whoever opens one directly keeps to one thread. Only `canceller` is for other threads.
package final class Connection: @unchecked Sendable {
  /// Where it is connected to.
  package let target: ConnectionTarget
  /// Stops the running statement from another thread.
  package let canceller: Canceller
  let handle: OpaquePointer
  private let noticeBox: NoticeBox
  let slowStatements: SlowStatements?
  /// How many transactions and savepoints are open.
  var transactionDepth = 0

  /// Connects, and sets client encoding, time zone, time-outs and role.
  ///
  /// - Throws: `PostgresError.unreachable`; `refused` when a setting is refused, such as the role.
  package init(
    _ target: ConnectionTarget, options: ConnectionOptions = ConnectionOptions()
  ) throws(PostgresError) {
    self.target = target
    noticeBox = NoticeBox()
    slowStatements = options.slowStatements
    handle = try Connection.open(target, options)
    guard let cancel = PQgetCancel(handle) else {
      PQfinish(handle)
      throw .unreachable(target: target.description, reason: "out of memory", sqlState: nil)
    }
    canceller = Canceller(cancel)
    PQsetNoticeReceiver(handle, receiveNotice, Unmanaged.passUnretained(noticeBox).toOpaque())
    try prepareSession(options)
  }

  deinit { PQfinish(handle) }

  /// Whether the connection is known to be dead; a live-looking one may still fail on its next use.
  package var isBroken: Bool { PQstatus(handle) != CONNECTION_OK }

  /// Whether no transaction is open on the server's side.
  var isOutsideTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

  /// The server's version, as 150020 for 15.20.
  package var serverVersion: Int { Int(PQserverVersion(handle)) }

  /// The process that serves this connection, as in `pg_stat_activity.pid`.
  package var serverProcessID: Int32 { PQbackendPID(handle) }

  /// Takes the notices and warnings that the server has sent since the last call, oldest first; of
  /// more than 1000 the first 1000.
  package func takeNotices() -> [ServerMessage] { noticeBox.take() }

  /// Runs one query and returns all its rows.
  ///
  /// - Parameters:
  ///   - name: what the query does, for messages: `clusters of a night`.
  ///   - sql: one statement with `$1`, `$2`, … where values belong.
  ///   - values: the values, in order.
  /// - Returns: the rows.
  /// - Throws: `PostgresError.refused`, `connectionLost` or `unsendable`.
  package func query(
    named name: String, _ sql: String, _ values: [Value] = []
  ) throws(PostgresError) -> Rows {
    Rows(try run(name, sql, values), statement: name)
  }

  /// Runs one statement for its effect.
  ///
  /// - Returns: how many rows it touched; 0 for statements that touch none.
  /// - Throws: as `query(named:_:_:)`.
  @discardableResult
  package func execute(
    named name: String, _ sql: String, _ values: [Value] = []
  ) throws(PostgresError) -> Int {
    let result = try run(name, sql, values)
    return Int(String(cString: PQcmdTuples(result.handle))) ?? 0
  }

  /// Names and types of what a query would give, without running it.
  ///
  /// - Throws: `PostgresError.refused` when the server cannot plan it.
  package func describe(named name: String, _ sql: String) throws(PostgresError) -> [Column] {
    _ = try checked(PQprepare(handle, "", sql, 0, nil), name: name, hidingValues: false)
    let description = try checked(PQdescribePrepared(handle, ""), name: name, hidingValues: false)
    return Rows.columns(of: description.handle)
  }
}

extension Connection {
  /// Opens the connection, or says why not.
  private static func open(
    _ target: ConnectionTarget, _ options: ConnectionOptions
  ) throws(PostgresError) -> OpaquePointer {
    let parameters = target.parameters(defaults: [
      "connect_timeout": String(max(1, wholeSeconds(options.connectTimeout))),
      "application_name": options.applicationName, "client_encoding": "UTF8",
      // A peer that vanishes without a word is noticed within about a minute.
      "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
    ])
    let connection = withCStrings(parameters.map(\.keyword)) { keywords in
      withCStrings(parameters.map(\.value)) { values in PQconnectdbParams(keywords, values, 0) }
    }
    guard let connection else {
      throw .unreachable(target: target.description, reason: "out of memory", sqlState: nil)
    }
    guard PQstatus(connection) == CONNECTION_OK else {
      let text = String(cString: PQerrorMessage(connection))
      PQfinish(connection)
      let reason = text.split(separator: "\n").joined(separator: "; ")
      throw .unreachable(
        target: target.description, reason: reason, sqlState: stateOfRefusal(in: text))
    }
    return connection
  }

  /// Sets what every session of ours has.
  private func prepareSession(_ options: ConnectionOptions) throws(PostgresError) {
    var settings = [
      "set client_encoding to 'UTF8'", "set time zone 'UTC'", "set datestyle to 'ISO'",
    ]
    if let timeout = options.statementTimeout {
      settings.append("set statement_timeout to \(wholeMilliseconds(timeout))")
    }
    if let timeout = options.lockTimeout {
      settings.append("set lock_timeout to \(wholeMilliseconds(timeout))")
    }
    if let role = options.role { settings.append("set role \(quotedIdentifier(role))") }
    _ = try checked(
      PQexec(handle, settings.joined(separator: "; ")), name: "session settings",
      hidingValues: false)
  }

  /// Runs a statement with bound values, all results in binary form.
  func run(
    _ name: String, _ sql: String, _ values: [Value]
  ) throws(PostgresError) -> ResultOwner {
    let bound = try BoundValues(values, statement: name)
    let result = SlowStatements.timing(name, for: slowStatements) {
      bound.withPointers { types, pointers, lengths, formats in
        PQexecParams(handle, sql, Int32(values.count), types, pointers, lengths, formats, 1)
      }
    }
    return try checked(result, name: name, hidingValues: !values.isEmpty)
  }

  /// Takes ownership of a result and throws what it says went wrong.
  func checked(
    _ result: OpaquePointer?, name: String, hidingValues: Bool
  ) throws(PostgresError) -> ResultOwner {
    guard let result else {
      throw .connectionLost(target: target.description, statement: name, reason: lastMessage)
    }
    let owner = ResultOwner(result)
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_COPY_IN, PGRES_COPY_OUT:
      return owner
    default:
      throw failure(result, name: name, hidingValues: hidingValues)
    }
  }

  /// The error of a failed result.
  func failure(_ result: OpaquePointer, name: String, hidingValues: Bool) -> PostgresError {
    if let message = ServerMessage(result, hidingValues: hidingValues) {
      return .refused(statement: name, message: message, location: nil)
    }
    let reason = firstLine(String(cString: PQresultErrorMessage(result)))
    return PQstatus(handle) == CONNECTION_OK
      ? .protocolViolation(statement: name, reason: reason)
      : .connectionLost(target: target.description, statement: name, reason: reason)
  }

  /// What libpq last complained of, one line.
  var lastMessage: String { firstLine(String(cString: PQerrorMessage(handle))) }
}

/// Stops the running statement of a connection from another thread or a signal's handler thread.
///
/// `@unchecked Sendable`: `PQcancel` reads an immutable copy of the connection's address and key.
package final class Canceller: @unchecked Sendable {
  private let handle: OpaquePointer

  fileprivate init(_ handle: OpaquePointer) { self.handle = handle }

  deinit { PQfreeCancel(handle) }

  /// Asks the server to stop what the connection runs; the statement then fails with 57014.
  ///
  /// Does nothing when nothing runs.
  ///
  /// - Returns: whether the request was delivered.
  @discardableResult
  package func cancel() -> Bool {
    var message = [CChar](repeating: 0, count: 256)
    return PQcancel(handle, &message, 256) == 1
  }
}

/// Keeps notices until they are taken.
private final class NoticeBox: Sendable {
  private let messages = Mutex<[ServerMessage]>([])

  func add(_ message: ServerMessage) {
    messages.withLock { if $0.count < 1000 { $0.append(message) } }
  }

  func take() -> [ServerMessage] {
    messages.withLock { kept in
      defer { kept = [] }
      return kept
    }
  }
}

/// libpq's notice receiver: the context is the connection's `NoticeBox`.
private func receiveNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
  guard let context, let result, let message = ServerMessage(result, hidingValues: true) else {
    return
  }
  Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue().add(message)
}

/// The code behind a refused connection; libpq gives its text alone.
private func stateOfRefusal(in text: String) -> String? {
  if text.contains("password authentication failed") { return "28P01" }
  if text.contains("too many clients") || text.contains("connection slots") { return "53300" }
  if text.contains("database \""), text.contains("does not exist") { return "3D000" }
  if text.contains("no pg_hba.conf entry") || text.contains("role \"") { return "28000" }
  if text.contains("starting up") { return "57P03" }
  return nil
}

/// Whole seconds, a started one counted.
func wholeSeconds(_ duration: Duration) -> Int64 {
  duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0)
}

/// Whole milliseconds, a started one counted.
func wholeMilliseconds(_ duration: Duration) -> Int64 {
  let (seconds, attoseconds) = duration.components
  return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
}

/// Lends a null-terminated array of C strings.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
  var bytes: [CChar] = []
  let offsets = strings.map { string in
    defer { bytes += string.utf8CString }
    return bytes.count
  }
  return bytes.withUnsafeBufferPointer { block in
    let pointers = offsets.map { offset in block.baseAddress.map { $0 + offset } } + [nil]
    return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
