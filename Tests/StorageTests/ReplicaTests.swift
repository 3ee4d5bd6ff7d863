import DaybreakCore
import Foundation
import Postgres
import Spawning
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// A primary and its standby, on two sockets below one folder.
final class PrimaryAndStandby: Sendable {
  let primary: ConnectionTarget
  let standby: ConnectionTarget
  private let folder: String

  init() throws {
    folder = "/tmp/dbk-replica-\(getpid())-\(UUID().uuidString.prefix(8))"
    primary = ConnectionTarget(parameters: [
      "host": folder + "/primary", "user": "postgres", "dbname": "postgres",
    ])
    standby = ConnectionTarget(parameters: [
      "host": folder + "/standby", "user": "postgres", "dbname": "postgres",
    ])
    try Self.run(start, folder)
  }

  deinit { try? Self.run("stop standby; stop primary; rm -rf \"$1\"", folder) }

  /// Runs shell lines as a user that the server accepts.
  static func run(_ lines: String, _ folder: String) throws {
    let binaries = try #require(ServerBinaries.find(searchPath: []).first).directory
    let script = """
      set -eu
      as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
        else "$@"; fi; }
      begin() { as "\(binaries)/pg_ctl" -D "$folder/$1/data" -l "$folder/$1/log" -w -s start >/dev/null; }
      stop() { as "\(binaries)/pg_ctl" -D "$folder/$1/data" -m immediate -s stop || true; }
      folder=$1
      cd /tmp
      \(lines)
      """
    let command = ChildCommand(
      ["/bin/bash", "-c", script, "replica", folder], environment: ["PATH": "/usr/bin:/bin"])
    let ending = try ChildProcess(command).wait()
    guard ending == .exited(0) else { throw CocoaError(.executableLoad) }
  }

  private var start: String {
    let binaries = ServerBinaries.find(searchPath: []).first?.directory ?? ""
    return """
      mkdir "$folder"; if [ "$(id -u)" = 0 ]; then chown postgres: "$folder"; fi
      as mkdir "$folder/primary" "$folder/standby"
      as "\(binaries)/initdb" -D "$folder/primary/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
      printf "listen_addresses = ''\\nfsync = off\\nunix_socket_directories = '%s'\\n" "$folder/primary" |
        as tee -a "$folder/primary/data/postgresql.conf" >/dev/null
      begin primary
      as "\(binaries)/pg_basebackup" -h "$folder/primary" -U postgres -D "$folder/standby/data" -R -c fast
      printf "unix_socket_directories = '%s'\\n" "$folder/standby" |
        as tee -a "$folder/standby/data/postgresql.conf" >/dev/null
      begin standby
      """
  }

  /// Keeps the standby from replaying what comes, or lets it go on.
  func pause(_ isPaused: Bool) throws {
    _ = try Connection(standby).query(
      named: "pause",
      isPaused ? "SELECT pg_wal_replay_pause()::text" : "SELECT pg_wal_replay_resume()::text")
  }

  /// Waits until the standby has everything.
  func settle() throws {
    let place = try Connection(primary).query(
      named: "place", "SELECT pg_current_wal_insert_lsn()::text AS place"
    ).only().string("place")
    let connection = try Connection(standby)
    for _ in 0..<500 {
      let isThere = try connection.query(
        named: "replayed", "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS is_there",
        [.text(place)]
      ).only().bool("is_there")
      if isThere { return }
      Thread.sleep(forTimeInterval: 0.02)
    }
  }
}

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
