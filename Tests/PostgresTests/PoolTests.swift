import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite(.enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"))
struct PoolTests {
  private func makePool(_ change: (inout PoolOptions) -> Void = { _ in }) throws -> Pool {
    var options = PoolOptions()
    options.limit = 2
    options.acquireTimeout = .milliseconds(50)
    change(&options)
    return Pool(try TestDatabase.server.get().target, options: options)
  }

  @Test func `a returned connection is lent again`() throws {
    let pool = try makePool()
    let first = try pool.withConnection(\.serverProcessID)
    #expect(try pool.withConnection(\.serverProcessID) == first)
    #expect(pool.openConnectionCount == 1)
  }

  @Test func `a pool at its limit gives up after the time-out`() throws {
    let pool = try makePool()
    try pool.withConnection { _ in
      try pool.withConnection { _ in
        let error = #expect(throws: PostgresError.self) { try pool.withConnection { _ in } }
        #expect(
          error
            == .poolExhausted(
              target: pool.target.description, limit: 2, waited: .milliseconds(50)))
      }
    }
    try pool.withConnection { _ in }
  }

  @Test func `connections beyond the limit are lent, and closed when they come back`() throws {
    let pool = try makePool { $0.overflow = 1 }
    try pool.withConnection { _ in
      try pool.withConnection { _ in
        try pool.withConnection { _ in
          #expect(pool.openConnectionCount == 3)
          #expect(throws: PostgresError.self) { try pool.withConnection { _ in } }
        }
        #expect(pool.openConnectionCount == 2)
      }
    }
    #expect(pool.openConnectionCount == 2)
  }

  @Test(arguments: [Duration.zero, nil])
  func `a dead connection is found before it is lent, where that is asked for`(
    idle: Duration?
  ) throws {
    let pool = try makePool {
      $0.limit = 1
      $0.idleBeforeCheck = idle
    }
    let pid = try pool.withConnection(\.serverProcessID)
    _ = try Connection(pool.target).query(
      named: "end it", "SELECT pg_terminate_backend($1::integer, 5000)", [.int64(Int64(pid))])
    let use = { try pool.withConnection { try $0.query(named: "use", "SELECT 1") } }
    if idle == nil { #expect(throws: PostgresError.self) { _ = try use() } } else { _ = try use() }
  }

  @Test func `a waiter gets the connection that comes back`() throws {
    let pool = try makePool {
      $0.limit = 1
      $0.acquireTimeout = .seconds(60)
    }
    let done = DispatchSemaphore(value: 0)
    let seen = Mutex<Int32>(0)
    let held = try pool.withConnection { connection in
      Thread.detachNewThread {
        let process = try? pool.withConnection(\.serverProcessID)
        seen.withLock { $0 = process ?? -1 }
        done.signal()
      }
      usleep(50_000)
      return connection.serverProcessID
    }
    done.wait()
    #expect(seen.withLock { $0 } == held)
  }

  @Test func `many threads share few connections`() throws {
    let pool = try makePool { $0.acquireTimeout = .seconds(60) }
    let sum = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 64) { _ in
      let one = try? pool.withConnection { connection in
        try connection.query(named: "one", "select 1 as one").only().int("one")
      }
      sum.add(one ?? 0, ordering: .relaxed)
    }
    #expect(sum.load(ordering: .relaxed) == 64)
    #expect(pool.openConnectionCount <= 2)
  }

  @Test func `a connection killed while idle is replaced before it is lent`() throws {
    let pool = try makePool { $0.idleBeforeCheck = .zero }
    let first = try pool.withConnection(\.serverProcessID)
    let killer = try Connection(pool.target)
    try killer.execute(
      named: "kill", "select pg_terminate_backend($1::bigint::int, 5000)", [.int64(Int64(first))])
    let second = try pool.withConnection { connection in
      try connection.query(named: "alive", "select pg_backend_pid() as pid").only().int64("pid")
    }
    #expect(second != Int64(first))
    #expect(pool.openConnectionCount == 1)
  }

  @Test func `a connection that breaks in use is closed`() throws {
    let pool = try makePool()
    let error = #expect(throws: PostgresError.self) {
      try pool.withConnection { connection in
        try connection.execute(named: "kill", "select pg_terminate_backend(pg_backend_pid())")
      }
    }
    #expect(error?.isConnectionFailure == true)
    #expect(pool.openConnectionCount == 0)
  }

  @Test func `a connection left in a transaction is closed`() throws {
    let pool = try makePool()
    try pool.withConnection { try $0.script(named: "forgotten", "begin") }
    #expect(pool.openConnectionCount == 0)
  }

  @Test func `an old connection is not kept`() throws {
    let pool = try makePool { $0.recycleAge = .zero }
    try pool.withConnection { _ in }
    #expect(pool.openConnectionCount == 0)
  }

  @Test func `a closed pool lends nothing`() throws {
    let pool = try makePool()
    try pool.withConnection { _ in pool.close() }
    #expect(pool.openConnectionCount == 0)
    #expect(throws: PostgresError.poolClosed(target: pool.target.description)) {
      try pool.withConnection { _ in }
    }
  }

  @Test func `a server that is not there is reported and takes no place`() throws {
    let pool = Pool(ConnectionTarget(parameters: ["host": "/nowhere", "dbname": "x", "user": "y"]))
    let error = #expect(throws: PostgresError.self) { try pool.withConnection { _ in } }
    #expect(error?.isConnectionFailure == true)
    #expect(pool.openConnectionCount == 0)
  }
}
