internal import DaybreakCore
internal import Glibc

/// Why a secret could not be read; says nothing of the file's content.
package struct SecretFileError: Error, Equatable {
  package let reason: String
}

/// Reads a secret of at most 4 KiB from a regular file of mode 0600 or tighter.
///
/// - Parameter path: the file.
/// - Returns: its text; one newline at its end is not part of it.
/// - Throws: `SecretFileError` when it is missing, empty, no text, or open to others.
package func readSecret(file path: String) throws(SecretFileError) -> String {
  func refused(_ reason: String) -> SecretFileError { SecretFileError(reason: reason) }
  // Without O_NONBLOCK a FIFO would hold the run for ever.
  let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else { throw refused(ErrorNumber().description) }
  defer { close(file) }
  var facts = stat()
  guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
    throw refused("not a regular file")
  }
  guard facts.st_mode & 0o077 == 0 else {
    throw refused("others can read it; run `chmod 600` on it")
  }
  var bytes = [UInt8](repeating: 0, count: 4097)
  let count = read(file, &bytes, bytes.count)
  guard (1...4096).contains(count) else { throw refused("empty, or longer than 4096 bytes") }
  var content = bytes[..<count]
  if content.last == 0x0A { content.removeLast() }
  if content.last == 0x0D { content.removeLast() }
  guard !content.isEmpty, let text = String(validating: content, as: UTF8.self) else {
    throw refused("empty, or not UTF-8")
  }
  return text
}
