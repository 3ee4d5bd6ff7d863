import Foundation
import Spawning
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// A directory for one embedded server; the server and the directory go with it.
private final class Scratch {
  private let root: String
  let path: String

  init(suffix: String = "") {
    root = "/tmp/daybreak-embedded-\(UUID().uuidString.prefix(8))"
    path = root + suffix
  }

  deinit {
    ServerControl.stop(dataDirectory: path + "/data", signal: SIGQUIT)
    try? FileManager.default.removeItem(atPath: root)
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// Starts a server that need not be safe.
private func start(_ path: String) throws -> EmbeddedPostgres {
  var options = EmbeddedPostgresOptions()
  options.isDurable = false
  return try EmbeddedPostgres(in: path, options: options)
}

private func serverProcess(_ path: String) -> pid_t? {
  ServerControl.postmaster(of: path + "/data")
}

private func mode(_ path: String) -> mode_t {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

@Suite(.enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"))
struct EmbeddedPostgresTests {
  @Test func `a fresh directory becomes a private server as promised`() throws {
    let scratch = Scratch()
    let server = try EmbeddedPostgres(in: scratch.path)
    defer { server.close() }
    let connection = try Connection(server.target)
    let row = try connection.query(
      named: "settings",
      """
      select current_setting('data_checksums') as sums, current_setting('listen_addresses') as tcp,
        current_setting('TimeZone') as zone, current_setting('server_encoding') as encoding,
        current_setting('fsync') as fsync, current_database()::text as name,
        (select datcollate::text from pg_database where datname = current_database()) as locale
      """
    ).only()
    #expect(try row.string("sums") == "on")
    #expect(try row.string("tcp") == "")
    #expect(try row.string("zone") == "UTC")
    #expect(try row.string("encoding") == "UTF8")
    #expect(try row.string("fsync") == "on")
    #expect(try row.string("name") == "daybreak")
    #expect(try row.string("locale") == "C.UTF-8")
    #expect(mode(scratch.path) == 0o700)
    #expect(mode(scratch.path + "/run") == 0o700)
  }

  @Test func `closing stops the server and the data stay`() throws {
    let scratch = Scratch()
    do {
      let server = try start(scratch.path)
      try Connection(server.target).script(named: "t", "create table kept (a int)")
      server.close()
    }
    #expect(serverProcess(scratch.path) == nil)
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/data/postmaster.pid"))
    let again = try start(scratch.path)
    defer { again.close() }
    #expect(try Connection(again.target).query(named: "t", "select * from kept").isEmpty)
  }

  @Test func `the last user stops the server`() throws {
    let scratch = Scratch()
    let first = try start(scratch.path)
    let second = try start(scratch.path)
    #expect(first.target == second.target)
    first.close()
    #expect(serverProcess(scratch.path) != nil)
    #expect(!EmbeddedPostgres.remove(directory: scratch.path))
    second.close()
    #expect(serverProcess(scratch.path) == nil)
    #expect(EmbeddedPostgres.remove(directory: scratch.path))
    #expect(!FileManager.default.fileExists(atPath: scratch.path))
  }

  @Test func `many starts at once make one server`() throws {
    let scratch = Scratch()
    let path: String = scratch.path
    let servers = Mutex<[EmbeddedPostgres]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      if let server = try? start(path) { servers.withLock { $0.append(server) } }
    }
    let all = servers.withLock { $0 }
    #expect(all.count == 4)
    for server in all { #expect(throws: Never.self) { try Connection(server.target) } }
    for server in all { server.close() }
    #expect(serverProcess(path) == nil)
  }

  @Test func `two processes share one server`() async throws {
    let scratch = Scratch()
    let server = try start(scratch.path)
    let pid = try #require(serverProcess(scratch.path))
    let path = scratch.path
    await #expect(processExitsWith: .success) { [path = path as String, pid = pid as pid_t] in
      let server = try start(path)
      try Connection(server.target).script(named: "t", "create table from_other_process (a int)")
      guard serverProcess(path) == pid else { exit(3) }
      server.close()
    }
    #expect(serverProcess(scratch.path) == pid)
    #expect(
      try Connection(server.target).query(named: "t", "select * from from_other_process").isEmpty)
    server.close()
    #expect(serverProcess(scratch.path) == nil)
  }

  @Test func `a killed process leaves a server that the next one uses and stops`() async throws {
    let scratch = Scratch()
    let path = scratch.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let server = try start(path)
      try Connection(server.target).script(named: "t", "create table kept (a int)")
      kill(getpid(), SIGKILL)
    }
    let pid = try #require(serverProcess(path))
    let server = try start(path)
    #expect(serverProcess(path) == pid)
    #expect(try Connection(server.target).query(named: "t", "select * from kept").isEmpty)
    server.close()
    #expect(serverProcess(path) == nil)
  }

  @Test func `a killed server is started again and recovers what was committed`() throws {
    let scratch = Scratch()
    // Durable: what was committed must be there after the crash.
    let server = try EmbeddedPostgres(in: scratch.path)
    defer { server.close() }
    let connection = try Connection(server.target)
    try connection.script(
      named: "t", "create table kept (a int); insert into kept select generate_series(1, 1000)")
    let pid = try #require(serverProcess(scratch.path))
    kill(pid, SIGKILL)
    let error = #expect(throws: PostgresError.self) {
      for _ in 0..<1000 {
        try connection.execute(named: "q", "select 1")
        usleep(10_000)
      }
    }
    #expect(error?.isConnectionFailure == true)
    try server.ensureRunning()
    #expect(serverProcess(scratch.path) != pid)
    let row = try Connection(server.target).query(
      named: "t", "select count(*) as n from kept"
    ).only()
    #expect(try row.int64("n") == 1000)
  }

  @Test func `server and process killed together come back`() async throws {
    let scratch = Scratch()
    let path = scratch.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let server = try start(path)
      if let pid = serverProcess(path) { kill(pid, SIGKILL) }
      kill(getpid(), SIGKILL)
      server.close()
    }
    #expect(FileManager.default.fileExists(atPath: path + "/data/postmaster.pid"))
    let server = try start(path)
    defer { server.close() }
    #expect(throws: Never.self) { try Connection(server.target) }
  }

  @Test func `a stale process number that now belongs to another server does not block`() throws {
    let scratch = Scratch()
    let stranger = try #require(
      serverProcess(try TestDatabase.server.get().directory), "the tests' own server runs")
    var server = try start(scratch.path)
    let pid = try #require(serverProcess(scratch.path))
    kill(pid, SIGKILL)
    while ProcessTable.isRunning(pid) { usleep(1000) }
    let file = scratch.path + "/data/postmaster.pid"
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(
      separator: "\n", maxSplits: 1)
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data("\(stranger)\n\(lines[1])".utf8))
    try handle.close()
    server = try start(scratch.path)
    defer { server.close() }
    #expect(throws: Never.self) { try Connection(server.target) }
    #expect(ProcessTable.isRunning(stranger))
  }

  @Test func `data of another major version are refused with the remedy`() throws {
    let scratch = Scratch()
    try start(scratch.path).close()
    let file = scratch.path + "/data/PG_VERSION"
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data("99\n".utf8))
    try handle.close()
    let error = #expect(throws: PostgresError.self) { try start(scratch.path) }
    #expect(error?.summary.contains("were written by PostgreSQL 99, and installed is") == true)
    #expect(error?.remedy?.hasPrefix("apt-get install postgresql-99;") == true)
  }

  @Test func `an interrupted initdb is begun anew`() throws {
    let scratch = Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/data.new/base", withIntermediateDirectories: true)
    let server = try start(scratch.path)
    defer { server.close() }
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/data.new"))
  }

  @Test func `something else in place of the data is not touched`() throws {
    let scratch = Scratch()
    let file = scratch.path + "/data/precious.txt"
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/data", withIntermediateDirectories: true)
    try Data("keep".utf8).write(to: URL(filePath: file))
    let error = #expect(throws: PostgresError.self) { try start(scratch.path) }
    #expect(error?.summary.contains("is no PostgreSQL data directory") == true)
    #expect(FileManager.default.fileExists(atPath: file))
  }

  @Test(arguments: [
    "/" + String(repeating: "deep/", count: 25) + "end", "/a,comma", "/it's \"odd\" $HOME `x` \\",
  ])
  func `long and odd paths work`(suffix: String) throws {
    let scratch = Scratch(suffix: suffix)
    let first = try start(scratch.path)
    let second = try start(scratch.path)
    #expect(first.target == second.target)
    #expect(throws: Never.self) { try Connection(second.target) }
    second.close()
    first.close()
    #expect(serverProcess(scratch.path) == nil)
    #expect(EmbeddedPostgres.remove(directory: scratch.path))
  }

  @Test func `a machine without a server gets the command that installs one`() throws {
    let scratch = Scratch()
    let place = try ServerDirectory(scratch.path)
    let error = #expect(throws: PostgresError.self) { try place.chooseBinaries(among: []) }
    #expect(error?.remedy?.hasPrefix("apt-get install postgresql") == true)
  }
}

@Suite(
  .enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"),
  .enabled(if: geteuid() == 0, "needs root"))
struct EmbeddedPostgresAsRootTests {
  @Test func `the server runs as postgres and owns its directory`() throws {
    let scratch = Scratch()
    let server = try start(scratch.path)
    defer { server.close() }
    let pid = try #require(serverProcess(scratch.path))
    let postgres = try #require(getpwnam("postgres")).pointee.pw_uid
    #expect(ServerDirectory.owner(of: "/proc/\(pid)") == postgres)
    #expect(ServerDirectory.owner(of: scratch.path) == postgres)
    #expect(ServerDirectory.owner(of: scratch.path + "/data") == postgres)
  }

  @Test func `a directory that postgres cannot reach is refused with the command`() throws {
    let scratch = Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path, withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
    let error = #expect(throws: PostgresError.self) { try start(scratch.path + "/inner") }
    #expect(
      error?.summary.hasSuffix("who may not pass through \(scratch.path)") == true)
    #expect(error?.remedy?.hasPrefix("chmod o+x \(scratch.path),") == true)
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/inner"))
  }

  @Test func `a directory of another user is served as that user`() throws {
    let scratch = Scratch()
    let nobody = try #require(getpwnam("nobody")).pointee
    try FileManager.default.createDirectory(
      atPath: scratch.path, withIntermediateDirectories: false)
    chown(scratch.path, nobody.pw_uid, nobody.pw_gid)
    let server = try start(scratch.path)
    defer { server.close() }
    let pid = try #require(serverProcess(scratch.path))
    #expect(ServerDirectory.owner(of: "/proc/\(pid)") == nobody.pw_uid)
  }
}
