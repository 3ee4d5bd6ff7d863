import DaybreakCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How many files a call wrote, and how many it left alone as they had the same bytes already.
package struct WriteSummary: Hashable, Sendable {
  package var written = 0
  package var unchanged = 0

  package init() {}

  package static func += (left: inout WriteSummary, right: WriteSummary) {
    left.written += right.written
    left.unchanged += right.unchanged
  }
}

/// A folder of pages in which every file is either the old one or the new one, whole.
struct ReportTree: Sendable {
  /// The folder's path, without a slash at its end.
  let root: String

  init(root: String) {
    self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
  }

  /// Puts bytes at a path below the root: a temporary file beside it, fsync, rename.
  ///
  /// A file that has these bytes already is not touched.
  /// The temporary file has a fixed name, so that what a killed run left behind is taken over and not
  /// left for ever; a lock on it keeps two writers apart.
  ///
  /// - Parameters:
  ///   - bytes: the whole content.
  ///   - path: relative, with `/` between its parts.
  /// - Returns: whether the file was written.
  /// - Throws: `RenderingError.unwritable`.
  func put(_ bytes: [UInt8], at path: String) throws(RenderingError) -> Bool {
    let target = root + "/" + path
    let parts = target.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    let temporary = folder + "/." + (parts.last.map(String.init) ?? "") + ".tmp"
    if holds(bytes, at: target) {
      removeAbandoned(temporary)
      return false
    }
    try makeFolders(folder)
    let descriptor = try openLocked(temporary)
    defer { close(descriptor) }
    try write(bytes, to: descriptor, temporary)
    guard rename(temporary, target) == 0 else { throw failure(target) }
    return true
  }

  /// Whether there is a folder at a path below the root.
  func hasFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(root + "/" + path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a file has exactly these bytes.
  private func holds(_ bytes: [UInt8], at path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size == off_t(bytes.count) else {
      return false
    }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var offset = 0
    while offset < bytes.count {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0, offset + count <= bytes.count,
        buffer[..<count].elementsEqual(bytes[offset..<offset + count])
      else { return false }
      offset += count
    }
    return true
  }

  private func makeFolders(_ path: String) throws(RenderingError) {
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      throw failure(path)
    }
    try makeFolders(String(path[..<slash]))
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure(path) }
  }

  /// Opens the temporary file for one writer.
  ///
  /// Whoever waited for the lock may hold a file that has
  /// been renamed meanwhile, and then opens the next one.
  private func openLocked(_ path: String) throws(RenderingError) -> Int32 {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
      guard descriptor >= 0 else { throw failure(path) }
      while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
      var held = stat()
      var named = stat()
      if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino {
        return descriptor
      }
      close(descriptor)
    }
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(RenderingError)
  {
    guard ftruncate(descriptor, 0) == 0 else { throw failure(path) }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure(path) }
      offset += count
    }
    guard fsync(descriptor) == 0 else { throw failure(path) }
  }

  /// Removes a temporary file that a killed run left, unless somebody is writing it now.
  private func removeAbandoned(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
  }

  private func failure(_ path: String) -> RenderingError {
    .unwritable(path: path, reason: ErrorNumber().description)
  }
}
