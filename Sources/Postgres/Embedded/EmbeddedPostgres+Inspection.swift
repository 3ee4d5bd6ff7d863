import Foundation

/// What can be said of an embedded server without starting it.
package struct EmbeddedServerState: Hashable, Sendable {
  /// As it was asked for.
  package var directory: String
  /// The major version that wrote the data; nil when there are none yet.
  package var majorVersion: Int?
  /// The server's process; nil when none runs.
  package var processID: Int32?
  /// How many bytes the directory takes on disk, as far as it can be read.
  package var byteCount: Int
  /// The login name the server runs under; nil for root without a user `postgres`.
  package var serverUser: String?
  /// The directory's owner where that is somebody who is neither root nor `serverUser`.
  package var foreignOwner: String?
  /// The first directory on the way that `serverUser` may not pass; nil when all are open.
  package var blockedParent: String?

  package init(
    directory: String, majorVersion: Int? = nil, processID: Int32? = nil, byteCount: Int = 0,
    serverUser: String? = nil, foreignOwner: String? = nil, blockedParent: String? = nil
  ) {
    self.directory = directory
    self.majorVersion = majorVersion
    self.processID = processID
    self.byteCount = byteCount
    self.serverUser = serverUser
    self.foreignOwner = foreignOwner
    self.blockedParent = blockedParent
  }
}

extension EmbeddedPostgres {
  /// Looks at a directory that holds, or is to hold, an embedded server; changes nothing.
  ///
  /// - Parameter directory: an absolute path.
  /// - Returns: what there is, with nil for what is not.
  package static func inspect(directory: String) -> EmbeddedServerState {
    let owner = ServerDirectory.owner(of: directory)
    let user = ServerUser.choose(directoryOwner: owner)
    let version = (try? String(contentsOfFile: directory + "/data/PG_VERSION", encoding: .utf8))
      .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    let isForeign = owner.map { $0 != 0 && $0 != user?.uid } ?? false
    return EmbeddedServerState(
      directory: directory, majorVersion: version,
      processID: ServerControl.postmaster(of: resolved(directory) + "/data"),
      byteCount: diskUse(of: directory), serverUser: user?.name,
      foreignOwner: isForeign ? owner.map(ServerUser.name) : nil,
      blockedParent: user?.blockedParent(of: resolved(directory)))
  }

  /// The path without symbolic links, as the server was started with; itself where nothing is there.
  private static func resolved(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The bytes that the files below a directory take, links not followed.
  private static func diskUse(of directory: String) -> Int {
    guard let names = FileManager.default.enumerator(atPath: directory) else { return 0 }
    var total = 0
    while let name = names.nextObject() as? String {
      var status = stat()
      // st_blocks counts 512-byte units whatever the file system's block size (stat(2)).
      if lstat("\(directory)/\(name)", &status) == 0 { total += Int(status.st_blocks) * 512 }
    }
    return total
  }
}
