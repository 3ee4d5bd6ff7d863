import DaybreakCore
import Synchronization

/// How a pool behaves.
package struct PoolOptions: Sendable {
  /// How many connections are kept open.
  package var limit = 8
  /// How many may be open beyond those while they are needed; each is closed when it comes back.
  package var overflow = 0
  /// How long a borrower waits for a free connection.
  package var acquireTimeout: Duration = .seconds(30)
  /// A connection older than this is replaced when it comes back.
  package var recycleAge: Duration = .seconds(1800)
  /// A connection that lay idle for longer than this is tried before it is lent; zero for each, nil for none.
  package var idleBeforeCheck: Duration? = .seconds(5)
  /// How each connection is opened.
  package var connection = ConnectionOptions()

  package init() {}
}

/// Connections to one database, lent one borrower at a time and kept open between uses.
package final class Pool: Sendable {
  package let target: ConnectionTarget
  private let options: PoolOptions
  private let state = Mutex(State())
  private let freed = Condition()

  private struct Idle {
    let connection: Connection
    let opened: ContinuousClock.Instant
    let returned: ContinuousClock.Instant
  }

  private struct State {
    var idle: [Idle] = []
    var openCount = 0
    var isClosed = false
  }

  /// Makes a pool; no connection is opened before it is needed.
  package init(_ target: ConnectionTarget, options: PoolOptions = PoolOptions()) {
    precondition(
      options.limit > 0 && options.overflow >= 0, "a pool needs room for one connection")
    self.target = target
    self.options = options
  }

  /// Lends a connection to `body` and takes it back after; a broken one, or one left inside a
  /// transaction, is closed instead.
  ///
  /// - Parameter body: must not keep the connection.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `PostgresError.poolExhausted` when none came free in time,
  ///   `poolClosed`, `unreachable`.
  @discardableResult
  package func withConnection<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    let (connection, opened) = try acquire()
    defer { release(connection, opened: opened) }
    return try body(connection)
  }

  /// How many connections are open, lent ones included.
  package var openConnectionCount: Int { state.withLock { $0.openCount } }

  /// Closes idle connections, and lent ones as they come back; later borrowers get `poolClosed`.
  package func close() {
    let closing = state.withLock { state in
      state.isClosed = true
      defer { state.idle = [] }
      state.openCount -= state.idle.count
      return state.idle
    }
    freed.broadcast()
    withExtendedLifetime(closing) {}
  }

  private enum Step {
    case use(Idle)
    case open
    case wait
    case refuse
  }

  private func acquire() throws(PostgresError) -> (Connection, ContinuousClock.Instant) {
    let start = ContinuousClock.now
    let deadline = start + options.acquireTimeout
    while true {
      let ticket = freed.ticket
      switch state.withLock({ nextStep(&$0) }) {
      case .use(let idle):
        if isUsable(idle) { return (idle.connection, idle.opened) }
        forgetOne()
      case .open:
        do {
          return (try Connection(target, options: options.connection), .now)
        } catch {
          forgetOne()
          throw error
        }
      case .wait:
        guard freed.wait(since: ticket, until: deadline) else {
          throw .poolExhausted(
            target: target.description, limit: options.limit + options.overflow,
            waited: options.acquireTimeout)
        }
      case .refuse: throw .poolClosed(target: target.description)
      }
    }
  }

  private func nextStep(_ state: inout State) -> Step {
    if state.isClosed { return .refuse }
    // The most recently used one is the most likely to be alive.
    if let idle = state.idle.popLast() { return .use(idle) }
    guard state.openCount < options.limit + options.overflow else { return .wait }
    state.openCount += 1
    return .open
  }

  /// Tells whether an idle connection still answers.
  private func isUsable(_ idle: Idle) -> Bool {
    guard !idle.connection.isBroken else { return false }
    guard let limit = options.idleBeforeCheck, .now - idle.returned > limit else { return true }
    return (try? idle.connection.command("select 1")) != nil
  }

  private func release(_ connection: Connection, opened: ContinuousClock.Instant) {
    let isKept =
      !connection.isBroken && connection.isOutsideTransaction && .now - opened < options.recycleAge
    state.withLock { state in
      if isKept, !state.isClosed, state.openCount <= options.limit {
        state.idle.append(Idle(connection: connection, opened: opened, returned: .now))
      } else {
        state.openCount -= 1
      }
    }
    freed.broadcast()
  }

  private func forgetOne() {
    state.withLock { $0.openCount -= 1 }
    freed.broadcast()
  }
}
