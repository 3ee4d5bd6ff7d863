internal import Glibc

/// A file's bytes, mapped into memory to be read.
///
/// Sendable because nobody writes to the bytes; a program that truncates the file meanwhile ends this
/// one, so files must be replaced by renaming.
final class MappedFile: @unchecked Sendable {
  let path: String
  let bytes: UnsafeRawBufferPointer

  /// Maps a whole file.
  ///
  /// - Parameter path: the file.
  /// - Throws: `EmbeddingError.unreadable`.
  init(path: String) throws(EmbeddingError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MappedFile.failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw MappedFile.failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
      throw .unreadable(file: path, reason: "it is empty or no regular file")
    }
    let size = Int(status.st_size)
    let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw MappedFile.failure(path) }
    self.path = path
    bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  /// Lets the system take back the memory of bytes that are not needed again soon.
  func release(_ range: Range<Int>) {
    let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = (range.lowerBound + pageSize - 1) / pageSize * pageSize
    let end = range.upperBound / pageSize * pageSize
    guard start < end, let base = bytes.baseAddress else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
  }

  private static func failure(_ path: String) -> EmbeddingError {
    .unreadable(file: path, reason: String(cString: strerror(errno)))
  }
}
