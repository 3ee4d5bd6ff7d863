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

  static func failure(_ path: String) -> InspectionError {
    .unreadable(reason: "cannot read \(displayText(path)): \(String(cString: strerror(errno)))")
  }
}

/// Standard input and pipes kept in files without names, so that they can be read twice.
package final class SpooledInput {
  /// The copies by what they are opened with, which reads them from their start however often, and
  /// what they are copies of.
  private var copies: [String: (descriptor: Int32, name: String)] = [:]

  /// Copies whatever among the paths of an input can be read once only, and puts the copies in place.
  ///
  /// - Parameters:
  ///   - input: the input; unchanged where all of it are files.
  ///   - check: called between pieces; throws to stop.
  /// - Throws: `InspectionError`, or what `check` throws.
  package init(_ input: inout LogInput, check: () throws -> Void) throws {
    for place in input.paths.indices where SpooledInput.isPipe(input.paths[place]) {
      let path = input.paths[place]
      let descriptor = try SpooledInput.unnamedFile()
      let copy = "/proc/self/fd/\(descriptor)"
      copies[copy] = (descriptor, path == "-" ? "standard input" : path)
      try SpooledInput.copy(path, to: descriptor, check: check)
      input.paths[place] = copy
    }
  }

  deinit { for copy in copies.values { Glibc.close(copy.descriptor) } }

  /// The counts with the names of what was copied.
  package func renamed(_ counted: CountedInput) -> CountedInput {
    var counted = counted
    for index in counted.coverage.inputs.indices {
      guard let copy = copies[counted.coverage.inputs[index].name] else { continue }
      counted.coverage.inputs[index].name = copy.name
    }
    for index in counted.coverage.quarantine.indices {
      guard let copy = copies[counted.coverage.quarantine[index].file] else { continue }
      counted.coverage.quarantine[index].file = copy.name
    }
    return counted
  }

  private static func isPipe(_ path: String) -> Bool {
    var status = stat()
    return path == "-" || stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  private static var folder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

  private static func unnamedFile() throws(InspectionError) -> Int32 {
    var name = Array("\(folder)/daybreak-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else {
      throw .unwritable(path: folder, reason: String(cString: strerror(errno)))
    }
    unlink(name)
    return descriptor
  }

  private static func copy(
    _ path: String, to descriptor: Int32, check: () throws -> Void
  ) throws {
    let source = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw InspectedPaths.failure(path) }
    defer { Glibc.close(source) }
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      try check()
      let count = read(source, &piece, piece.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw InspectedPaths.failure(path)
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
