import DaybreakCore
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct ReplicaTests {
  let acme: TenantName

  init() throws { acme = try #require(TenantName("acme")) }

  func isOnStandby(_ store: Store) throws -> Bool {
    try store.withTenant(acme, readOnly: true) { session throws in
      let connection = session.connection
      return try connection.query(named: "where", "SELECT pg_is_in_recovery() AS it").only()
        .bool("it")
    }
  }

  @Test func `reading goes to the standby while it has everything, and else to the primary`() throws
  {
    let servers = try PrimaryAndStandby()
    try Store.migrate(administrator: servers.primary)
    var options = StoreOptions()
    options.replica = servers.standby
    let store = try Store(servers.primary, options: options)
    try store.withTenant(acme) { try $0.ensureTenant() }
    try servers.settle()
    #expect(try isOnStandby(store))
    try servers.pause(true)
    try store.withTenant(acme) { try $0.ensureTenant(lokiOrgID: "other") }
    #expect(try !isOnStandby(store))
    #expect(try store.withTenant(acme, readOnly: true) { try $0.lokiOrgID() } == "other")
    try servers.pause(false)
    try servers.settle()
    #expect(try isOnStandby(store))
  }

  @Test(arguments: ["/nowhere", nil])
  func `a standby that cannot be used costs nothing but the primary's time`(host: String?) throws {
    let scratch = try ScratchStore()
    var options = StoreOptions()
    // Out of reach, or no standby at all.
    options.replica =
      host.map { ConnectionTarget(parameters: ["host": $0, "user": "x", "dbname": "x"]) }
      ?? scratch.administrator
    let store = try Store(scratch.administrator, options: options)
    try store.withTenant(acme) { try $0.ensureTenant() }
    #expect(try !isOnStandby(store))
    #expect(try store.withTenant(acme, readOnly: true) { try $0.lokiOrgID() } == "acme")
  }

  @Test func `slow statements are told by name, and their values are not`() throws {
    let scratch = try ScratchStore()
    let heard = Mutex<[String]>([])
    var options = StoreOptions()
    options.slowStatements = SlowStatements(over: .milliseconds(40)) { name, duration in
      heard.withLock { $0.append("\(name) \(duration >= .milliseconds(40))") }
    }
    let store = try Store(scratch.administrator, options: options)
    try store.withTenant(acme) { session throws in
      let connection = session.connection
      _ = try connection.query(named: "quick", "SELECT 1")
      _ = try connection.query(
        named: "slow one", "SELECT pg_sleep(0.05), $1::text", [.text("secret")])
    }
    // A failed statement ends its transaction, so it has one of its own.
    let failing = Result {
      try store.withTenant(acme) { session throws in
        _ = try session.connection.query(
          named: "failing one", "SELECT $1 / length(pg_sleep(0.05)::text)", [.int64(1)])
      }
    }
    #expect(throws: PostgresError.self) { try failing.get() }
    #expect(heard.withLock { $0.prefix(2) } == ["slow one true", "failing one true"])
  }
}
