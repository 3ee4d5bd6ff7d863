import Foundation
import Postgres
import Spawning
import TestSupport
import Testing

@testable import Storage

/// A dump of the store is worth something when it can be restored.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct RestoreTests {
  private func run(_ program: String, _ arguments: [String]) throws {
    let folder = try TestDatabase.server.get().binaries.directory
    let outcome = try ChildProcess.run(
      ChildCommand([folder + "/" + program] + arguments, environment: ["PATH": "/usr/bin:/bin"]))
    #expect(outcome.ending == .exited(0), "\(program) failed")
  }

  @Test func `a dump restores with nothing special, views filled`() throws {
    let scratch = try ScratchStore()
    let file = FileManager.default.temporaryDirectory.appending(
      path: "daybreak-test-\(UUID().uuidString).dump"
    ).path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try run("pg_dump", ["-Fc", "-f", file, "-d", scratch.administrator.conninfo])
    let target = try TestDatabase.make()
    try run("pg_restore", ["--exit-on-error", "-d", target.conninfo, file])
    let restored = try Connection(target)
    #expect(try Store.migrator().status(on: restored).pending.isEmpty)
    let filled = try restored.query(
      named: "views",
      """
      select count(*) as n from pg_class where relnamespace = 'daybreak'::regnamespace and relkind = 'm'
        and relispopulated
      """
    ).only().int("n")
    #expect(filled == 3)
  }

  @Test func `without the migration that mends it, a restore fails`() throws {
    let source = try ScratchStore.database(.native)
    try Store.migrator().up(on: Connection(source), to: 11)
    let file = FileManager.default.temporaryDirectory.appending(
      path: "daybreak-test-\(UUID().uuidString).dump"
    ).path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try run("pg_dump", ["-Fc", "-f", file, "-d", source.conninfo])
    let target = try TestDatabase.make()
    let folder = try TestDatabase.server.get().binaries.directory
    let outcome = try ChildProcess.run(
      ChildCommand(
        [folder + "/pg_restore", "--exit-on-error", "-d", target.conninfo, file],
        environment: ["PATH": "/usr/bin:/bin"]))
    #expect(outcome.ending == .exited(1))
  }
}
