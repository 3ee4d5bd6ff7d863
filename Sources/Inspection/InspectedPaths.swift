internal import DaybreakCore
internal import Extraction
internal import Glibc

/// Names of files on a command line.
package enum InspectedPaths {
  /// The files that names and patterns stand for, sorted.
  ///
  /// - Throws: `unreadable` where one stands for none.
  package static func expanded(_ patterns: [String]) throws(InspectionError) -> [String] {
    let listing = FileListing(patterns: patterns, baseDirectory: nil)
    if let failure = listing.failures.first { throw .unreadable(reason: failure) }
    return listing.files.map(\.path)
  }

  /// All bytes of a file; `-` is standard input.
  ///
  /// - Throws: `unreadable`.
  package static func bytes(of path: String) throws(InspectionError) -> [UInt8] {
    let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(path)
      }
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }

  private static func failure(_ path: String) -> InspectionError {
    .unreadable(reason: "cannot read \(displayText(path)): \(String(cString: strerror(errno)))")
  }
}

/// Standard input kept in a file without a name, so that it can be read twice.
package final class SpooledInput {
  private let descriptor: Int32
  /// What the copy is opened by; read from its start however often.
  private var path: String { "/proc/self/fd/\(descriptor)" }

  /// Copies standard input, where it is among the paths of an input, and puts the copy in its place.
  ///
  /// - Parameters:
  ///   - input: the input; unchanged where all of it are files.
  ///   - check: called between pieces; throws to stop.
  /// - Throws: `InspectionError`, or what `check` throws.
  package init?(_ input: inout LogInput, check: () throws -> Void) throws {
    guard let place = input.paths.firstIndex(of: "-") else { return nil }
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(folder)/daybreak-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    guard descriptor >= 0 else {
      throw InspectionError.unwritable(path: folder, reason: String(cString: strerror(errno)))
    }
    unlink(name)
    do {
      try copy(folder: folder, check: check)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
    input.paths[place] = path
  }

  /// The counts with the name of standard input in place of the copy's.
  package func renamed(_ counted: CountedInput) -> CountedInput {
    var counted = counted
    let name = "standard input"
    for index in counted.coverage.inputs.indices
    where counted.coverage.inputs[index].name == path {
      counted.coverage.inputs[index].name = name
    }
    for index in counted.coverage.quarantine.indices
    where counted.coverage.quarantine[index].file == path {
      counted.coverage.quarantine[index].file = name
    }
    return counted
  }

  /// Gives the copy's room back.
  package func close() { Glibc.close(descriptor) }

  private func copy(folder: String, check: () throws -> Void) throws {
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      try check()
      let count = read(STDIN_FILENO, &piece, piece.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw InspectionError.unreadable(
          reason: "cannot read standard input: \(String(cString: strerror(errno)))")
      }
      guard count > 0 else { return }
      var written = 0
      while written < count {
        let step = piece.withUnsafeBytes {
          write(descriptor, $0.baseAddress.map { $0 + written }, count - written)
        }
        guard step > 0 || errno == EINTR else {
          throw InspectionError.unwritable(path: folder, reason: String(cString: strerror(errno)))
        }
        written += max(0, step)
      }
    }
  }
}
