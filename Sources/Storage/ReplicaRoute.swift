import Postgres
import Synchronization

/// Sends work that only reads to a standby, while the standby answers and has everything that this store has
/// written.
///
/// What other processes write may arrive there later.
final class ReplicaRoute: Sendable {
  private let pool: Pool
  private let state: Mutex<State>
  /// How long the standby is left alone after it could not be used.
  private let rest: Duration

  private struct State {
    /// The place in the primary's log up to which the standby must have come.
    var written: String
    var restsUntil: ContinuousClock.Instant?
  }

  /// Makes a route.
  ///
  /// - Parameters:
  ///   - pool: connections to the standby.
  ///   - primary: tells from where on the standby has to have everything: what was written before, too.
  ///   - rest: how long to leave a standby alone that failed.
  /// - Throws: `PostgresError` when the primary does not tell.
  init(_ pool: Pool, primary: Pool, rest: Duration = .seconds(30)) throws {
    self.pool = pool
    self.rest = rest
    let written = try primary.withConnection(Self.place)
    state = Mutex(State(written: written, restsUntil: nil))
  }

  deinit { pool.close() }

  /// Closes its connections.
  func close() { pool.close() }

  /// Notes that the primary has written, once that is committed.
  func note(writesOn connection: Connection) throws {
    let place = try Self.place(connection)
    state.withLock { $0.written = place }
  }

  /// Runs `body` on the standby; nil when the primary has to.
  ///
  /// - Parameter body: reads only, and may be run again on the primary.
  /// - Returns: what `body` returns; nil when it has to be run on the primary.
  /// - Throws: what `body` throws, but not that the standby failed or had to give way to its own replay.
  func read<Result>(_ body: (Connection) throws -> Result) throws -> Result? {
    let (written, restsUntil) = state.withLock { ($0.written, $0.restsUntil) }
    if let restsUntil, .now < restsUntil { return nil }
    do {
      return try pool.withConnection { connection in
        guard try Self.isCurrent(connection, written) else { return nil }
        return try body(connection)
      }
    } catch let error as PostgresError where Self.isOfStandby(error) {
      state.withLock { $0.restsUntil = .now + rest }
      return nil
    }
  }

  private static func place(_ connection: Connection) throws -> String {
    try connection.query(
      named: "place in the log", "SELECT pg_current_wal_insert_lsn()::text AS place"
    ).only().string("place")
  }

  /// Whether the server is a standby that has replayed the log up to a place.
  private static func isCurrent(_ connection: Connection, _ written: String) throws -> Bool {
    try connection.query(
      named: "place of the standby",
      """
      SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() >= $1::pg_lsn ELSE false END
        AS is_current
      """, [.text(written)]
    ).only().bool("is_current")
  }

  private static func isOfStandby(_ error: PostgresError) -> Bool {
    switch error {
    case .poolExhausted: true
    // 40001: the standby's replay needed what was being read.
    default: error.isConnectionFailure || error.sqlState == "40001"
    }
  }
}
