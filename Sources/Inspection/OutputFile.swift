internal import DaybreakCore
internal import Glibc

/// Writes bytes to a file or to standard output, gathered into large pieces.
///
/// A regular file appears under its name when `close` was called, whole and synced, or not at all.
package final class OutputFile {
  private let path: String
  /// Where the bytes go until they are all there; nil where they go straight to their place.
  private let temporaryPath: String?
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private static let pieceSize = 256 << 10
  private var isOpen = true

  /// Opens a file to write; `-` is standard output.
  ///
  /// - Throws: `unwritable`.
  package init(path: String) throws(InspectionError) {
    self.path = path
    var status = stat()
    if path == "-" {
      temporaryPath = nil
      descriptor = dup(STDOUT_FILENO)
    } else if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      // A pipe or a device takes the bytes as they come.
      temporaryPath = nil
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
    } else {
      let temporary = "\(path).\(getpid()).part"
      temporaryPath = temporary
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else {
      throw .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
    buffer.reserveCapacity(OutputFile.pieceSize + 4096)
  }

  deinit {
    guard isOpen else { return }
    Glibc.close(descriptor)
    if let temporaryPath { unlink(temporaryPath) }
  }

  /// Adds bytes.
  ///
  /// - Throws: `unwritable`, `outputClosed`.
  package func write(_ bytes: some Collection<UInt8>) throws(InspectionError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= OutputFile.pieceSize { try flush() }
  }

  /// Adds text.
  ///
  /// - Throws: `unwritable`, `outputClosed`.
  package func write(_ text: String) throws(InspectionError) { try write(text.utf8) }

  /// Writes what is gathered and gives the file its name.
  ///
  /// - Throws: `unwritable`, `outputClosed`.
  package func close() throws(InspectionError) {
    try flush()
    if temporaryPath != nil, fsync(descriptor) != 0 { throw failure() }
    isOpen = false
    let isClosed = Glibc.close(descriptor) == 0
    guard let temporaryPath else { return }
    guard isClosed, rename(temporaryPath, path) == 0 else {
      let failure = failure()
      unlink(temporaryPath)
      throw failure
    }
  }

  private func flush() throws(InspectionError) {
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure()
      }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func failure() -> InspectionError {
    errno == EPIPE
      ? .outputClosed : .unwritable(path: path, reason: String(cString: strerror(errno)))
  }
}
