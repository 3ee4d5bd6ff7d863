import DaybreakCore
import Glibc
import Pipeline

/// Reads lines of text from a descriptor as they come.
struct LineInput {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var hasLine = false
  private var isAtEnd = false

  /// Reads from an open descriptor, which stays open.
  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Waits for lines and takes those that are there.
  ///
  /// - Parameter byteCount: about how many bytes to take at once.
  /// - Returns: at least one line, without line ends, bytes that are no UTF-8 replaced; nil at the end.
  ///   What follows the last line end is a line.
  /// - Throws: `LineInputError` when reading fails, `RunCancelled` when somebody asks to stop.
  mutating func next(byteCount: Int) throws -> [String]? {
    while !isAtEnd {
      if hasLine, buffer.count >= byteCount || !isReadable(within: 0) { break }
      // A signal does not end a read that waits; so nothing waits in one.
      while !isReadable(within: 200) { try Cancellation.check() }
      try read(byteCount)
    }
    guard !buffer.isEmpty else { return nil }
    let end = isAtEnd ? buffer.count : buffer.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    var whole = buffer[..<end]
    if whole.last == UInt8(ascii: "\n") { whole.removeLast() }
    let lines = whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    buffer.removeFirst(end)
    hasLine = false
    return lines
  }

  /// Whether a read would not wait, now or after so many milliseconds.
  private func isReadable(within milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, milliseconds) > 0
  }

  private mutating func read(_ byteCount: Int) throws(LineInputError) {
    var failure: Int32 = 0
    let piece = [UInt8](unsafeUninitializedCapacity: byteCount) { space, count in
      let received = Glibc.read(descriptor, space.baseAddress, byteCount)
      if received < 0 { failure = errno }
      count = max(0, received)
    }
    if failure == EINTR { return }
    guard failure == 0 else { throw LineInputError(reason: String(cString: strerror(failure))) }
    if piece.isEmpty { isAtEnd = true }
    if piece.contains(UInt8(ascii: "\n")) { hasLine = true }
    buffer += piece
  }
}

/// Standard input cannot be read.
struct LineInputError: DiagnosedError {
  let reason: String

  var summary: String { "cannot read standard input: \(reason)" }
  var remedy: String? { nil }
}
