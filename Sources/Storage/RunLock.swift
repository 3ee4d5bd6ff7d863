package import DaybreakCore
package import Postgres

/// Who holds the lock of a run.
package struct RunLockHolder: Hashable, Sendable, CustomStringConvertible {
  /// The process that runs, as it named itself: `daybreak 1234 on host`.
  package var process: String
  /// The server's process that serves it, as in `pg_stat_activity.pid`.
  package var serverProcessID: Int64
  /// Since when.
  package var since: Timestamp?

  package var description: String {
    let since = since.map { " since \($0)" } ?? ""
    return displayText("\(process), server process \(serverProcessID)\(since)")
  }
}

/// The right to run one job of one tenant over one window, for as long as the value lives.
///
/// A session-level advisory lock on a connection of its own: the server lets go of it when the process
/// dies in whatever way.
package struct RunLock: ~Copyable {
  private let connection: Connection

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - key: job, tenant and window.
  ///   - target: the store's database.
  ///   - processName: who asks, shown to whoever is refused; 63 bytes of it are kept.
  ///   - patience: how long to wait, since the server needs a moment to notice that a process died.
  /// - Throws: `StorageError.alreadyRunning` with the holder, `PostgresError`.
  package init(
    _ key: RunKey, on target: ConnectionTarget, processName: String,
    patience: Duration = .seconds(1)
  ) throws {
    connection = try RunLock.take(key, on: target, processName: processName, patience: patience)
  }

  /// Whether the connection that holds the lock is known to be dead; the lock is lost then.
  package var isLost: Bool { connection.isBroken }

  /// Opens a connection and takes the lock on it.
  private static func take(
    _ key: RunKey, on target: ConnectionTarget, processName: String, patience: Duration
  ) throws -> Connection {
    var options = ConnectionOptions()
    options.applicationName = processName
    // The login's own role, which may see what its other sessions call themselves; this connection
    // runs no statements but those below.
    let connection = try Connection(target, options: options)
    let number = number(of: key)
    let deadline = ContinuousClock.now + patience
    while true {
      let row = try connection.query(
        named: "lock a run", "SELECT pg_try_advisory_lock($1) AS taken", [.int64(number)]
      ).only()
      if try row.bool("taken") { return connection }
      guard ContinuousClock.now < deadline else { break }
      _ = try connection.query(named: "wait for a lock", "SELECT pg_sleep(0.05)")
    }
    throw StorageError.alreadyRunning(
      job: key.job, tenant: key.tenant, window: key.window,
      holder: try holder(of: number, connection))
  }

  /// The lock's 64-bit number: the start of a digest of the run's id.
  private static func number(of key: RunKey) -> Int64 {
    sha256(Array("daybreak run \(key.id.uuidString)".utf8)).prefix(8)
      .reduce(Int64(0)) { $0 << 8 | Int64($1) }
  }

  private static func holder(of number: Int64, _ connection: Connection) throws -> RunLockHolder? {
    // pg_locks shows the number's halves as two unsigned numbers (PostgreSQL 15 manual, §54.12).
    try connection.query(
      named: "holder of a run's lock",
      """
      SELECT l.pid, a.application_name, a.backend_start
      FROM pg_catalog.pg_locks AS l LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.classid::bigint = ($1::bigint >> 32) & 4294967295
        AND l.objid::bigint = $1::bigint & 4294967295
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      """,
      [.int64(number)]
    ).first.map { row in
      RunLockHolder(
        process: try row.optionalString("application_name") ?? "unknown",
        serverProcessID: try row.int64("pid"),
        since: try row.optionalTimestamp("backend_start"))
    }
  }
}
