import Foundation

/// The operating system's user that the server runs as; PostgreSQL refuses to run as root.
struct ServerUser: Equatable {
  let uid: uid_t
  let gid: gid_t
  let name: String
  /// Whether we are root and must change to the user to start programs.
  let isDropped: Bool

  /// The user for a directory: ourselves, or for root the owner of the directory if that is another
  /// user, and else `postgres`.
  ///
  /// - Parameter owner: the owner of an existing directory.
  /// - Returns: nil when we are root and there is no user `postgres`.
  static func choose(directoryOwner owner: uid_t?) -> ServerUser? {
    let own = geteuid()
    guard own == 0 else {
      return ServerUser(uid: own, gid: getegid(), name: name(of: own), isDropped: false)
    }
    if let owner, owner != 0, let entry = getpwuid(owner) {
      return ServerUser(
        uid: owner, gid: entry.pointee.pw_gid, name: name(of: owner), isDropped: true)
    }
    guard let entry = getpwnam("postgres"), entry.pointee.pw_uid != 0 else { return nil }
    return ServerUser(
      uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid, name: "postgres", isDropped: true)
  }

  /// The login name of a user, or its number.
  static func name(of uid: uid_t) -> String {
    getpwuid(uid).map { String(cString: $0.pointee.pw_name) } ?? String(uid)
  }

  /// The command that runs a program as this user; nil when no tool for it is installed.
  func command(_ arguments: [String]) -> [String]? {
    guard isDropped else { return arguments }
    for tool in ["/usr/bin/setpriv", "/bin/setpriv"] where access(tool, X_OK) == 0 {
      return [tool, "--reuid=\(uid)", "--regid=\(gid)", "--clear-groups", "--"] + arguments
    }
    for tool in ["/usr/sbin/runuser", "/sbin/runuser", "/usr/bin/runuser"]
    where access(tool, X_OK) == 0 {
      return [tool, "-u", name, "--"] + arguments
    }
    return nil
  }

  /// The first directory on the way to `path` that the user may not pass; nil when all are open.
  func blockedParent(of path: String) -> String? {
    guard isDropped else { return nil }
    var prefix = ""
    for part in path.split(separator: "/").dropLast() {
      prefix += "/" + part
      var status = stat()
      guard stat(prefix, &status) == 0 else { return nil }
      let bit =
        status.st_uid == uid ? S_IXUSR : status.st_gid == gid ? S_IXGRP : S_IXOTH
      if status.st_mode & mode_t(bit) == 0 { return prefix }
    }
    return nil
  }
}
