internal import Configuration
internal import DaybreakCore
package import Postgres
internal import Storage

/// Where results are kept, and how connections to it behave: a job's `store`, then the environment.
package struct StoreSettings: Hashable, Sendable {
  /// Nil: the embedded server.
  package var url: String?
  /// A standby for work that only reads; nil for none.
  package var replicaURL: String?
  /// Statements that take longer are logged by name; nil: none are.
  package var slowStatementMilliseconds: Int?
  /// Connections that are kept open; nil for the store's own choice, as below.
  package var poolSize: Int?
  /// Connections beyond those, closed after use.
  package var poolOverflow: Int?
  /// How long to wait for a free connection.
  package var poolTimeoutSeconds: Int?
  /// The age at which a connection is replaced.
  package var poolRecycleSeconds: Int?
  /// Whether a connection is tried before each use; nil: after five idle seconds.
  package var prePing: Bool?
  /// How long connecting may take, for each address; of the environment alone.
  package var connectTimeoutSeconds: Int?
  /// How long one statement may run; of the environment alone; nil leaves the server's setting.
  package var statementTimeoutMilliseconds: Int?

  /// Makes settings that leave all but the database open.
  package init(url: String? = nil) { self.url = url }

  /// Fills in what the job leaves open.
  ///
  /// - Parameter variables: `DAYBREAK_DATABASE_URL`, `DAYBREAK_DATABASE_REPLICA_URL`, `DAYBREAK_POOL_SIZE`,
  ///   `…_OVERFLOW`, `…_TIMEOUT`, `…_RECYCLE`, `…_PRE_PING`, `DAYBREAK_SLOW_STATEMENT`,
  ///   `DAYBREAK_CONNECT_TIMEOUT`, `DAYBREAK_STATEMENT_TIMEOUT`.
  /// - Returns: the settings; a replica of the environment only beside the database of the environment.
  /// - Throws: `ConfigurationError` for a variable that cannot be read.
  package func completed(from variables: [String: String]) throws -> StoreSettings {
    func value(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
    var all = self
    if url == nil {
      all.url = value("DAYBREAK_DATABASE_URL")
      all.replicaURL = replicaURL ?? value("DAYBREAK_DATABASE_REPLICA_URL")
    }
    func number(_ name: String, _ bounds: ClosedRange<Int>) throws -> Int? {
      guard let text = value(name) else { return nil }
      guard let number = Int(text), bounds.contains(number) else {
        throw Self.fault(name, "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
      }
      return number
    }
    func milliseconds(_ name: String) throws -> Int? {
      guard let text = value(name) else { return nil }
      guard let span = Self.milliseconds(text) else {
        throw Self.fault(name, "a span of time such as 500ms, 30s or 5m")
      }
      return span
    }
    all.poolSize = try poolSize ?? number("DAYBREAK_POOL_SIZE", 1...1000)
    all.poolOverflow = try poolOverflow ?? number("DAYBREAK_POOL_OVERFLOW", 0...1000)
    all.poolTimeoutSeconds =
      try poolTimeoutSeconds ?? milliseconds("DAYBREAK_POOL_TIMEOUT").map { max(1, $0 / 1000) }
    all.poolRecycleSeconds =
      try poolRecycleSeconds ?? milliseconds("DAYBREAK_POOL_RECYCLE").map { max(1, $0 / 1000) }
    all.slowStatementMilliseconds =
      try slowStatementMilliseconds ?? milliseconds("DAYBREAK_SLOW_STATEMENT")
    all.connectTimeoutSeconds =
      try milliseconds("DAYBREAK_CONNECT_TIMEOUT").map { max(1, $0 / 1000) }
    all.statementTimeoutMilliseconds = try milliseconds("DAYBREAK_STATEMENT_TIMEOUT")
    if prePing == nil, let text = value("DAYBREAK_POOL_PRE_PING") {
      guard text == "true" || text == "false" else {
        throw Self.fault("DAYBREAK_POOL_PRE_PING", "true or false")
      }
      all.prePing = text == "true"
    }
    return all
  }

  /// A span such as `500ms`, `30s`, `5m`; nil for anything else.
  static func milliseconds(_ text: String) -> Int? {
    guard let match = text.wholeMatch(of: /(\d{1,6})(ms|s|m|h)/), let count = Int(match.1),
      count > 0
    else { return nil }
    let units = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000]
    return count * (units[String(match.2)] ?? 1)
  }

  private static func fault(_ name: String, _ kind: String) -> ConfigurationError {
    ConfigurationError(
      file: "environment", position: nil, problem: "\(name) must be \(kind)", remedy: nil)
  }

  /// The options of a store.
  ///
  /// - Parameter log: hears of slow statements.
  /// - Returns: the options.
  /// - Throws: `PostgresError.invalidTarget` for a replica's address that cannot be read.
  func options(log: EventLog) throws -> StoreOptions {
    var options = StoreOptions()
    options.connectionLimit = poolSize ?? options.connectionLimit
    options.connectionOverflow = poolOverflow ?? options.connectionOverflow
    if let seconds = poolTimeoutSeconds { options.acquireTimeout = .seconds(seconds) }
    if let seconds = poolRecycleSeconds { options.recycleAge = .seconds(seconds) }
    if let prePing { options.idleBeforeCheck = prePing ? .zero : nil }
    options.replica = try replicaURL.map { try ConnectionTarget($0) }
    let single = connectionOptions(log: log)
    options.slowStatements = single.slowStatements
    options.connectTimeout = single.connectTimeout
    options.statementTimeout = single.statementTimeout
    return options
  }

  /// How a connection is opened that belongs to no pool.
  ///
  /// - Parameter log: hears of slow statements: their names and how long they took, never a value.
  /// - Returns: the options.
  package func connectionOptions(log: EventLog) -> ConnectionOptions {
    var options = ConnectionOptions()
    if let seconds = connectTimeoutSeconds { options.connectTimeout = .seconds(seconds) }
    options.statementTimeout = statementTimeoutMilliseconds.map { .milliseconds($0) }
    if let threshold = slowStatementMilliseconds {
      options.slowStatements = SlowStatements(over: .milliseconds(threshold)) { name, duration in
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        log.note("slow statement", ["statement": name, "milliseconds": "\(milliseconds)"])
      }
    }
    return options
  }
}

extension StoreSettings {
  /// Reads a job's `store`: the URL alone, or a mapping.
  init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    self.init()
    if case .scalar = keys.node("store") {
      url = try keys.string("store")
      return
    }
    guard let store = try keys.mapping("store") else { return }
    url = try store.requiredString("url")
    replicaURL = try store.string("replica_url")
    if let text = try store.string("slow_statement") {
      guard let span = Self.milliseconds(text) else {
        throw ConfigurationError(
          file: store.file, position: store.node("slow_statement")?.position,
          problem: "`store.slow_statement` must be a span of time such as 500ms or 2s", remedy: nil)
      }
      slowStatementMilliseconds = span
    }
    if let pool = try store.mapping("pool") {
      poolSize = try pool.integer("size", in: 1...1000)
      poolOverflow = try pool.integer("overflow", in: 0...1000)
      poolTimeoutSeconds = try pool.seconds("timeout")
      poolRecycleSeconds = try pool.seconds("recycle")
      prePing = try pool.boolean("pre_ping")
      try pool.finish()
    }
    try store.finish()
  }
}
