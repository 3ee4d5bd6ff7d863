import DaybreakCore
import Foundation

/// Where something goes that only one person is to see: standard output, or a new file of mode 0600.
struct PrivateOutput {
  /// Nil: standard output.
  let path: String?

  /// Writes text, all of it or with an error.
  ///
  /// - Throws: `UsageError` when the file is there already, or cannot be written.
  func write(_ text: String) throws(UsageError) {
    guard let path else { return try write(text, to: STDOUT_FILENO, named: "standard output") }
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else {
      throw failure(path, remedy: errno == EEXIST ? "name a new file by --out" : nil)
    }
    defer { close(file) }
    do throws(UsageError) {
      try write(text, to: file, named: path)
      guard fsync(file) == 0 else { throw failure(path, remedy: nil) }
    } catch {
      unlink(path)
      throw error
    }
  }

  /// Takes a file back that `write` has made, because what it holds came to nothing.
  func takeBack() { if let path { unlink(path) } }

  private func write(_ text: String, to file: Int32, named name: String) throws(UsageError) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(name, remedy: nil) }
      bytes = bytes.dropFirst(count)
    }
  }

  private func failure(_ name: String, remedy: String?) -> UsageError {
    UsageError(
      summary: "\(displayText(name)): \(String(cString: strerror(errno)))", remedy: remedy)
  }
}

/// Reads something that may stand in no argument, where every account of the machine would see it.
enum PrivateInput {
  /// Reads all of standard input, or one line of a terminal without showing it.
  ///
  /// - Parameters:
  ///   - prompt: what to ask for on a terminal.
  ///   - byteLimit: how much to take at most.
  /// - Returns: the text without its last newline.
  /// - Throws: `UsageError` for more than that, or none.
  static func read(_ prompt: String, byteLimit: Int) throws(UsageError) -> String {
    let text: String
    if isatty(STDIN_FILENO) == 1 {
      FileHandle.standardError.write(Data("\(prompt): ".utf8))
      text = withoutEcho { readLine(strippingNewline: true) } ?? ""
      FileHandle.standardError.write(Data("\n".utf8))
    } else {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while bytes.count <= byteLimit {
        let count = Foundation.read(STDIN_FILENO, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        bytes += buffer.prefix(count)
      }
      guard bytes.count <= byteLimit else {
        throw UsageError(
          summary: "standard input holds more than \(byteLimit) bytes", remedy: nil)
      }
      text = String(decoding: bytes, as: UTF8.self)
    }
    let trimmed = text.trimmingCharacters(in: .newlines)
    guard !trimmed.isEmpty else {
      throw UsageError(summary: "nothing came by standard input", remedy: "pipe the \(prompt) in")
    }
    return trimmed
  }

  private static func withoutEcho<Result>(_ body: () -> Result) -> Result {
    var settings = termios()
    guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return body() }
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
    defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
    return body()
  }
}
