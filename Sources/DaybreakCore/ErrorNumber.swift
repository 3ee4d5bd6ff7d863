import Glibc

/// An error number of the C library, described in its words.
package struct ErrorNumber: Error, Equatable, Sendable, CustomStringConvertible {
  /// As `errno` holds it.
  package let code: Int32

  /// Takes a number, by default that of the last call that failed on this thread.
  package init(_ code: Int32 = errno) { self.code = code }

  package var description: String { String(cString: strerror(code)) }
}
