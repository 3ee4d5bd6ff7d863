import Foundation
import Glibc

/// A file system in memory that is soon full, for as long as somebody holds this.
package final class SmallFileSystem {
  /// Whether this process may mount: as root, outside most containers.
  package static let isAvailable = (try? SmallFileSystem("1m")) != nil

  /// Where it is mounted; only its owner may enter.
  package let path: String

  /// Mounts one below `/tmp`.
  ///
  /// - Parameter size: as tmpfs reads it: `40m`.
  /// - Throws: an error when this process may not.
  package init(_ size: String) throws {
    path = "/tmp/daybreak-small-\(getpid())-\(UUID().uuidString.prefix(8))"
    guard mkdir(path, 0o700) == 0 else { throw CocoaError(.fileWriteNoPermission) }
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(size),mode=700") == 0 else {
      rmdir(path)
      throw CocoaError(.fileWriteNoPermission)
    }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  /// Makes room.
  package func enlarge(to size: String) throws {
    guard mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), "size=\(size),mode=700") == 0 else {
      throw CocoaError(.fileWriteNoPermission)
    }
  }

  /// Gives it to another user.
  package func give(to user: UInt32, _ group: UInt32) throws {
    guard chown(path, user, group) == 0 else { throw CocoaError(.fileWriteNoPermission) }
  }
}
