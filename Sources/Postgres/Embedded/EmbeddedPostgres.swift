import CPostgres
import DaybreakCore
import Foundation
import Synchronization

/// How an embedded server is made and started.
package struct EmbeddedPostgresOptions: Hashable, Sendable {
  /// Whether commits survive a crash; false only for tests.
  package var isDurable = true
  /// How many connections the server takes.
  package var maximumConnections = 40
  /// How long a start may take, crash recovery included.
  package var startTimeout: Duration = .seconds(300)
  /// Directories to look for the server's programs in, before the packages' own: those of `PATH`.
  package var searchPath: [String] = []

  package init() {}
}

/// A private PostgreSQL server in a directory of ours: unix socket only, made and started on demand,
/// shared by the processes that use the directory, stopped by the last of them.
///
/// Every user holds a shared `flock` on `users.lock`; starting and stopping happen under `start.lock`.
/// A process that is killed loses its locks, so that nothing needs to be cleaned up after it; its
/// server goes on and serves, and is stopped by, the next user.
package final class EmbeddedPostgres: Sendable {
  /// The database `daybreak`, as the server's superuser.
  package let target: ConnectionTarget
  /// The directory that holds data, log and locks.
  package let directory: String
  /// The programs in use.
  package let binaries: ServerBinaries
  private let server: ServerControl
  private let usersLock: Mutex<FileLock?>

  /// The superuser and the database of every embedded server.
  private static let name = "daybreak"

  /// Makes sure that a server runs in a directory.
  ///
  /// - Parameters:
  ///   - directory: an absolute path; made where it is missing, mode 0700.
  ///   - options: how it is made and started.
  /// - Throws: `PostgresError.embeddedServer` with what to do.
  package init(
    in directory: String, options: EmbeddedPostgresOptions = EmbeddedPostgresOptions()
  ) throws(PostgresError) {
    let place = try ServerDirectory(directory)
    let deadline = ContinuousClock.now + options.startTimeout
    let startLock = try place.lock(place.startLock)
    guard startLock.lockExclusively(until: deadline) else {
      throw place.problem("another process has been starting or stopping it for too long")
    }
    let users = try place.lock(place.users)
    guard users.lockShared() else {
      throw place.problem("cannot lock users.lock: \(ErrorNumber())")
    }
    binaries = try place.chooseBinaries(options)
    let socketDirectory = try place.socketDirectory()
    server = ServerControl(
      directory: place, binaries: binaries, socketDirectory: socketDirectory, options: options)
    self.directory = place.path
    target = ConnectionTarget(parameters: [
      "host": socketDirectory, "port": "5432", "user": EmbeddedPostgres.name,
      "dbname": EmbeddedPostgres.name,
    ])
    usersLock = Mutex(users)
    do {
      try server.ensureInitialised(superuser: EmbeddedPostgres.name)
      try server.ensureRunning(until: deadline, target: target.withDatabase("postgres"))
      try createDatabase(EmbeddedPostgres.name)
    } catch {
      stopWhenAlone()
      throw error
    }
    withExtendedLifetime(startLock) {}
  }

  deinit { close() }

  /// Starts the server again if it has died since, and waits for its recovery.
  ///
  /// - Throws: `PostgresError.embeddedServer`.
  package func ensureRunning() throws(PostgresError) {
    let deadline = ContinuousClock.now + server.options.startTimeout
    let startLock = try server.directory.lock(server.directory.startLock)
    guard startLock.lockExclusively(until: deadline) else {
      throw server.directory.problem("another process has been starting it for too long")
    }
    try server.ensureRunning(until: deadline, target: target.withDatabase("postgres"))
    withExtendedLifetime(startLock) {}
  }

  /// A further database on this server, made where it is missing.
  ///
  /// - Parameter name: any name.
  /// - Returns: the database, as the server's superuser.
  /// - Throws: `PostgresError`.
  package func database(named name: String) throws(PostgresError) -> ConnectionTarget {
    let startLock = try server.directory.lock(server.directory.startLock)
    guard startLock.lockExclusively(until: .now + .seconds(60)) else {
      throw server.directory.problem("another process has been starting it for too long")
    }
    try createDatabase(name)
    withExtendedLifetime(startLock) {}
    return target.withDatabase(name)
  }

  /// Ends this use; the last user of the directory stops the server.
  ///
  /// Connections must be closed by then, or they break. Further calls do nothing.
  package func close() {
    guard let startLock = try? server.directory.lock(server.directory.startLock),
      startLock.lockExclusively(until: .now + .seconds(60))
    else { return usersLock.withLock { $0 = nil } }
    stopWhenAlone()
    withExtendedLifetime(startLock) {}
  }

  /// Removes a directory with its server, unless somebody uses it.
  ///
  /// - Returns: whether it is gone.
  @discardableResult
  package static func remove(directory: String) -> Bool {
    guard ServerDirectory.owner(of: directory) != nil,
      let place = try? ServerDirectory(directory), let startLock = try? place.lock(place.startLock),
      startLock.tryLockExclusively(), let users = try? place.lock(place.users),
      users.tryLockExclusively()
    else { return false }
    ServerControl.stop(dataDirectory: place.data, signal: SIGQUIT)
    if let socketDirectory = place.recordedSocketDirectory {
      try? FileManager.default.removeItem(atPath: socketDirectory)
    }
    return (try? FileManager.default.removeItem(atPath: place.path)) != nil
  }

  /// Gives up the shared lock, and stops the server when nobody else holds one; call it under the
  /// start lock.
  private func stopWhenAlone() {
    usersLock.withLock { lock in
      guard let users = lock.take() else { return }
      if users.tryLockExclusively() {
        ServerControl.stop(dataDirectory: server.directory.data, signal: SIGINT)
      }
    }
  }

  /// Makes a database where it is missing; call it under the start lock.
  private func createDatabase(_ name: String) throws(PostgresError) {
    let connection = try Connection(target.withDatabase("postgres"))
    let found = try connection.query(
      named: "look for a database", "select 1 from pg_database where datname = $1", [.text(name)])
    guard found.isEmpty else { return }
    try connection.command("create database \(quotedIdentifier(name))")
  }
}

extension ServerDirectory {
  /// Opens a lock file that root and the server's user both can use.
  func lock(_ file: String) throws(PostgresError) -> FileLock {
    guard let lock = FileLock(path: file) else {
      throw problem("cannot open \(file): \(ErrorNumber())")
    }
    if user.isDropped { chown(file, user.uid, user.gid) }
    return lock
  }

  /// The newest programs, or for existing data those of its major version.
  ///
  /// - Throws: `PostgresError.embeddedServer` with the command that installs what is missing.
  func chooseBinaries(_ options: EmbeddedPostgresOptions) throws(PostgresError) -> ServerBinaries {
    try chooseBinaries(among: ServerBinaries.find(searchPath: options.searchPath))
  }

  /// Chooses among installations, the newest of which comes first.
  func chooseBinaries(among found: [ServerBinaries]) throws(PostgresError) -> ServerBinaries {
    guard let newest = found.first else {
      throw problem(
        "no PostgreSQL server is installed (looked in PATH and /usr/lib/postgresql/*/bin)",
        remedy: "apt-get install postgresql, or name a server in DAYBREAK_DATABASE_URL")
    }
    guard let text = try? String(contentsOfFile: data + "/PG_VERSION", encoding: .utf8) else {
      return newest
    }
    let version = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if let matching = found.first(where: { String($0.major) == version }) { return matching }
    let installed = found.map(\.version).joined(separator: ", ")
    throw problem(
      "its data were written by PostgreSQL \(version), and installed is \(installed)",
      remedy: """
        apt-get install postgresql-\(version); or, to begin anew without the data: \
        mv '\(data)' '\(data)-\(version)'
        """)
  }
}
