import DaybreakCore
import Foundation

/// The files of one embedded server: data, log, locks and the socket's place.
struct ServerDirectory {
  /// The absolute path, symbolic links resolved.
  let path: String
  let user: ServerUser

  var data: String { path + "/data" }
  var log: String { path + "/server.log" }
  var users: String { path + "/users.lock" }
  var startLock: String { path + "/start.lock" }
  private var socketRecord: String { path + "/socket-directory" }

  /// The longest path of a socket: `sun_path` has 108 bytes, the last of them NUL (unix(7)).
  private static let socketPathLimit = 107
  /// The socket's name for the port that the server believes to listen on.
  private static let socketName = ".s.PGSQL.5432"

  /// Makes the directory where it is missing, closed to others, and finds out who runs the server.
  ///
  /// - Throws: `PostgresError.embeddedServer` when it cannot be made, belongs to somebody else, or
  ///   lies where the server's user cannot reach it.
  init(_ requested: String) throws(PostgresError) {
    func problem(_ reason: String, _ remedy: String?) -> PostgresError {
      .embeddedServer(directory: requested, reason: reason, remedy: remedy)
    }
    let manager = FileManager.default
    var owner = ServerDirectory.owner(of: requested)
    let isNew = owner == nil
    if isNew {
      do {
        try manager.createDirectory(atPath: requested, withIntermediateDirectories: true)
      } catch {
        throw problem(
          "it cannot be made: \(ErrorNumber())", "set DAYBREAK_HOME to a directory you may write")
      }
      owner = nil
    }
    guard let user = ServerUser.choose(directoryOwner: owner) else {
      throw problem(
        "root may not run a PostgreSQL server, and there is no user postgres to run it as",
        "apt-get install postgresql, or useradd --system postgres")
    }
    if let owner, owner != 0, owner != user.uid {
      throw problem(
        "it belongs to \(ServerUser.name(of: owner)), and you are \(user.name)",
        "run as \(ServerUser.name(of: owner)), or set DAYBREAK_HOME to a directory of your own")
    }
    guard let resolved = realpath(requested, nil) else {
      throw problem("it cannot be resolved: \(ErrorNumber())", nil)
    }
    defer { free(resolved) }
    path = String(cString: resolved)
    self.user = user
    if let blocked = user.blockedParent(of: path) {
      if isNew { rmdir(path) }
      throw problem(
        "the server runs as \(user.name), who may not pass through \(blocked)",
        "chmod o+x \(blocked), or set DAYBREAK_HOME to a directory such as /var/lib/daybreak")
    }
    guard chmod(path, 0o700) == 0, chown(path, user.uid, user.gid) == 0 else {
      throw problem("its owner and mode cannot be set: \(ErrorNumber())", nil)
    }
  }

  /// The owner of a path; nil when there is nothing.
  static func owner(of path: String) -> uid_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_uid : nil
  }

  /// The directory that the server puts its socket in.
  ///
  /// Where ours is too deep for a socket's path, or has a comma (which separates hosts for libpq) or
  /// quotes (which the server's list of directories cannot all hold), a private one under `/tmp` serves, and `socket-directory` records it for other processes.
  func socketDirectory() throws(PostgresError) -> String {
    let own = path + "/run"
    if own.utf8.count + 1 + ServerDirectory.socketName.utf8.count
      <= ServerDirectory.socketPathLimit, !own.contains(where: { ",\"'\\".contains($0) })
    {
      return try makePrivate(own)
    }
    if let recorded = recordedSocketDirectory, isPrivate(recorded) { return recorded }
    var template = Array("/tmp/daybreak-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw problem("no private directory for its socket can be made in /tmp: \(ErrorNumber())")
    }
    let directory = String(cString: made)
    guard chown(directory, user.uid, user.gid) == 0 else {
      throw problem("\(directory) cannot be given to \(user.name): \(ErrorNumber())")
    }
    try write(directory + "\n", to: socketRecord)
    return directory
  }

  /// The socket directory that an earlier start recorded.
  var recordedSocketDirectory: String? {
    guard let text = try? String(contentsOfFile: socketRecord, encoding: .utf8) else { return nil }
    let directory = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return directory.hasPrefix("/tmp/daybreak-") ? directory : nil
  }

  /// Removes a socket and its lock file that a dead server left.
  func removeStaleSocket(in directory: String) {
    unlink("\(directory)/\(ServerDirectory.socketName)")
    unlink("\(directory)/\(ServerDirectory.socketName).lock")
  }

  /// Writes a file of the server's user by way of a temporary one.
  func write(_ text: String, to file: String) throws(PostgresError) {
    let temporary = file + ".new"
    let descriptor = open(
      temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw problem("cannot write \(file): \(ErrorNumber())") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Foundation.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
      fchown(descriptor, user.uid, user.gid) == 0, rename(temporary, file) == 0
    else { throw problem("cannot write \(file): \(ErrorNumber())") }
  }

  /// An error about this directory.
  func problem(_ reason: String, remedy: String? = nil) -> PostgresError {
    .embeddedServer(directory: path, reason: reason, remedy: remedy)
  }

  private func makePrivate(_ directory: String) throws(PostgresError) -> String {
    if mkdir(directory, 0o700) == 0 {
      guard chown(directory, user.uid, user.gid) == 0 else {
        throw problem("\(directory) cannot be given to \(user.name): \(ErrorNumber())")
      }
    }
    guard isPrivate(directory) else {
      throw problem(
        "\(directory) is open to other users", remedy: "chmod 700 \(directory)")
    }
    return directory
  }

  /// Whether a path is a directory (not a link) that only the server's user may enter: what
  /// strangers may have put in its place is not used.
  private func isPrivate(_ directory: String) -> Bool {
    var status = stat()
    return lstat(directory, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      && status.st_mode & 0o077 == 0 && status.st_uid == user.uid
  }
}
