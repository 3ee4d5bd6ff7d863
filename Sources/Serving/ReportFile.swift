internal import CHTTPServer
internal import DaybreakCore
internal import Glibc

/// An open file or folder of the report tree: the owner of its descriptor.
///
/// A class: a reply holds it or bytes, and switching over such a choice by borrowing is beyond the
/// compiler (6.3.1) when it cannot be copied.
final class ReportFile {
  /// Why nothing was opened.
  enum Failure: Error { case notFound, busy }

  let descriptor: Int32
  let isDirectory: Bool
  let byteCount: Int
  let modified: Timestamp
  private let inode: UInt64

  /// Opens a path beneath a folder, wherever symbolic links on the way point: one that leaves the
  /// folder is not found.
  ///
  /// - Parameters:
  ///   - path: relative, checked by `RequestPath`.
  ///   - root: the folder's descriptor.
  /// - Throws: `Failure`.
  init(_ path: String, beneath root: Int32) throws(Failure) {
    var result = dbk_open_beneath(root, path)
    // EAGAIN: something on the way was renamed meanwhile (openat2(2)).
    for _ in 0..<8 where result == -EAGAIN { result = dbk_open_beneath(root, path) }
    // Kernels before 5.6 and some containers have no openat2.
    if result == -ENOSYS || result == -EPERM { result = openStepwise(path, beneath: root) }
    guard result >= 0 else {
      throw [-EMFILE, -ENFILE, -ENOMEM, -EAGAIN].contains(result) ? .busy : .notFound
    }
    var facts = stat()
    guard fstat(result, &facts) == 0,
      facts.st_mode & S_IFMT == S_IFREG || facts.st_mode & S_IFMT == S_IFDIR
    else {
      close(result)
      throw .notFound
    }
    descriptor = result
    isDirectory = facts.st_mode & S_IFMT == S_IFDIR
    byteCount = Int(facts.st_size)
    inode = UInt64(facts.st_ino)
    modified = Timestamp(
      nanoseconds: Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec))
  }

  deinit { close(descriptor) }

  /// A strong entity tag of inode, size and time of change in nanoseconds.
  ///
  /// Reports are replaced by rename, so new bytes are a new inode with a new time.
  ///
  /// - Parameter suffix: tells encodings of the same content apart.
  /// - Returns: the tag in its quotes.
  func entityTag(suffix: String = "") -> String {
    let parts = [inode, UInt64(byteCount), UInt64(bitPattern: modified.nanoseconds)]
    return "\"" + parts.map { String($0, radix: 16) }.joined(separator: "-") + suffix + "\""
  }

  /// A second descriptor of the same file, for whom closes it himself.
  func duplicate() -> Int32? {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    return copy >= 0 ? copy : nil
  }
}

/// Opens name by name and follows no symbolic link at all.
///
/// - Returns: the descriptor or a negated errno.
func openStepwise(_ path: String, beneath root: Int32) -> Int32 {
  var current = fcntl(root, F_DUPFD_CLOEXEC, 0)
  let names = path.split(separator: "/")
  for (index, name) in names.enumerated() {
    guard current >= 0 else { break }
    // O_PATH needs no right to list a folder on the way.
    let kind =
      index < names.count - 1
      ? dbk_open_path_flag() | O_DIRECTORY : O_RDONLY | O_NONBLOCK | O_NOCTTY
    let next = openat(current, String(name), kind | O_CLOEXEC | O_NOFOLLOW)
    let reason = errno
    close(current)
    guard next >= 0 else { return -reason }
    current = next
  }
  return current >= 0 ? current : -errno
}
