import CPostgres
import DaybreakCore
import Foundation
import Spawning

/// Makes, starts and stops the server of one directory; every call happens under its start lock.
struct ServerControl {
  let directory: ServerDirectory
  let binaries: ServerBinaries
  let socketDirectory: String
  let options: EmbeddedPostgresOptions

  /// Programs of the server see none of our environment: `PGPORT`, `LC_ALL` and others would matter.
  private static let environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"]
  /// A process number that Linux never gives (its limit is 4 194 304).
  private static let impossibleProcess = 4_194_305

  // MARK: Making

  /// Makes the data directory: in a temporary place first, so that a killed `initdb` leaves nothing
  /// that looks complete.
  func ensureInitialised(superuser: String) throws(PostgresError) {
    let manager = FileManager.default
    let unfinished = directory.data + ".new"
    try? manager.removeItem(atPath: unfinished)
    guard !manager.fileExists(atPath: directory.data + "/PG_VERSION") else { return }
    guard !manager.fileExists(atPath: directory.data) else {
      throw directory.problem(
        "\(directory.data) is no PostgreSQL data directory",
        remedy: "move it away: mv '\(directory.data)' '\(directory.data)-old'")
    }
    var arguments = [
      binaries.directory + "/initdb", "--pgdata=\(unfinished)", "--data-checksums",
      "--encoding=UTF8", "--locale=C.UTF-8", "--username=\(superuser)", "--auth-local=trust",
      "--auth-host=reject",
    ]
    if !options.isDurable { arguments.append("--no-sync") }
    let log = directory.path + "/initdb.log"
    guard try start(arguments, output: log).wait() == .exited(0) else {
      throw directory.problem("initdb failed: \(tail(of: log, from: 0))", remedy: "see \(log)")
    }
    guard rename(unfinished, directory.data) == 0 else {
      throw directory.problem("cannot name \(directory.data): \(ErrorNumber())")
    }
  }

  // MARK: Starting

  /// Waits until the server answers, starting it where it does not run.
  ///
  /// Three things can be in the way for a while: a server still recovering, one still stopping, and
  /// the orphans of a killed one, which hold its shared memory.
  func ensureRunning(
    until deadline: ContinuousClock.Instant, target: ConnectionTarget
  ) throws(PostgresError) {
    var child: (process: ChildProcess, logStart: Int)?
    while true {
      if ServerControl.postmaster(of: directory.data) != nil {
        if PQping(target.conninfo) == PQPING_OK { return }
      } else if let started = child, !started.process.isRunning {
        let reason = tail(of: directory.log, from: started.logStart)
        guard reason.contains("pre-existing shared memory block") else {
          throw directory.problem(
            "the server did not start: \(reason)", remedy: "see \(directory.log)")
        }
        child = nil
      } else if child == nil {
        child = try startServer()
      }
      guard .now < deadline else {
        throw directory.problem(
          "the server did not answer within \(options.startTimeout): "
            + tail(of: directory.log, from: child?.logStart ?? 0),
          remedy: "see \(directory.log)")
      }
      usleep(30_000)
    }
  }

  private func startServer() throws(PostgresError) -> (process: ChildProcess, logStart: Int) {
    forgetDeadPostmaster()
    directory.removeStaleSocket(in: socketDirectory)
    let libraries = ["timescaledb", "pg_stat_statements"].filter(binaries.hasLibrary)
    let configuration = ServerConfiguration(
      socketDirectory: socketDirectory, options: options, preloadLibraries: libraries)
    try directory.write(configuration.text, to: directory.data + "/postgresql.conf")
    var logStart = size(of: directory.log)
    if logStart > 10 << 20 {
      rename(directory.log, directory.log + ".1")
      logStart = 0
    }
    let process = try start(
      [binaries.directory + "/postgres", "-D", directory.data], output: directory.log)
    return (process, logStart)
  }

  /// Makes the server see that the process in a left-over `postmaster.pid` is dead.
  ///
  /// Its number may belong to another process by now, or to a zombie that nobody reaps, and the server
  /// would then refuse to start. The file stays otherwise as it is: its shared memory key is how the
  /// server notices orphans of the dead one.
  private func forgetDeadPostmaster() {
    let file = directory.data + "/postmaster.pid"
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // A file cut short by a crash holds nothing to keep.
    guard lines.count > 1, let pid = pid_t(lines[0]), pid > 0 else {
      unlink(file)
      return
    }
    guard kill(pid, 0) == 0 || errno == EPERM else { return }
    lines[0] = String(ServerControl.impossibleProcess)
    try? directory.write(lines.joined(separator: "\n"), to: file)
  }

  // MARK: Stopping

  /// Stops the server of a data directory, if one runs, and waits until it is gone.
  ///
  /// - Parameters:
  ///   - dataDirectory: as the server was started with.
  ///   - signal: SIGINT for a clean ("fast") shutdown, SIGQUIT for an immediate one.
  static func stop(dataDirectory: String, signal: Int32) {
    guard let pid = postmaster(of: dataDirectory) else { return }
    kill(pid, signal)
    let patience = ContinuousClock.now + .seconds(60)
    while ProcessTable.isRunning(pid) {
      if .now > patience { kill(pid, SIGQUIT) }
      if .now > patience + .seconds(10) { return }
      usleep(10_000)
    }
  }

  /// The process that serves a data directory: named in `postmaster.pid`, alive, and started for it.
  static func postmaster(of dataDirectory: String) -> pid_t? {
    guard
      let text = try? String(contentsOfFile: dataDirectory + "/postmaster.pid", encoding: .utf8),
      let first = text.split(separator: "\n").first, let pid = pid_t(first), pid > 0,
      ProcessTable.isRunning(pid), ProcessTable.arguments(of: pid).contains(dataDirectory)
    else { return nil }
    return pid
  }

  // MARK: Programs and their logs

  /// Starts a program as the server's user, its output appended to a file.
  private func start(
    _ arguments: [String], output: String
  ) throws(PostgresError) -> ChildProcess {
    guard let arguments = directory.user.command(arguments) else {
      throw directory.problem(
        "root may not run a PostgreSQL server, and neither setpriv nor runuser is installed",
        remedy: "apt-get install util-linux")
    }
    let descriptor = open(
      output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw directory.problem("cannot write \(output): \(ErrorNumber())")
    }
    defer { close(descriptor) }
    fchown(descriptor, directory.user.uid, directory.user.gid)
    var command = ChildCommand(arguments, environment: ServerControl.environment)
    command.output = .descriptor(descriptor)
    command.errors = .descriptor(descriptor)
    // A Ctrl-C that ends Daybreak must not reach a server that others use too.
    command.startsSession = true
    do {
      return try ChildProcess(command)
    } catch {
      throw directory.problem(error.summary)
    }
  }

  private func size(of file: String) -> Int {
    var status = stat()
    return stat(file, &status) == 0 ? Int(status.st_size) : 0
  }

  /// What a program logged last: its FATAL lines, or else its last lines.
  private func tail(of file: String, from offset: Int) -> String {
    guard let bytes = FileManager.default.contents(atPath: file), bytes.count > offset else {
      return "it printed nothing"
    }
    let recent = String(decoding: bytes.dropFirst(offset).suffix(8192), as: UTF8.self)
    let lines = recent.split(separator: "\n")
    let fatal = lines.filter { $0.contains("FATAL:") || $0.contains("PANIC:") }
    return (fatal.isEmpty ? lines.suffix(3) : fatal.suffix(3)).joined(separator: "; ")
  }
}
