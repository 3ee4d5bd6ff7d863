import Foundation
import Spawning
import TestSupport

/// Runs the built `daybreak` binary as a user would.
struct DaybreakProcess {
  /// How a run ended and what it printed.
  struct Outcome {
    let ending: ChildEnding
    let output: String
    let errors: String

    /// Its exit status; nil when a signal ended it.
    var status: Int32? {
      guard case .exited(let status) = ending else { return nil }
      return status
    }
  }

  /// The binary beside the test bundle.
  static let binary: URL = {
    let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let candidates = [
      products, products.deletingLastPathComponent(),
      Fixtures.root.appending(path: ".build/debug"),
    ]
    return candidates.map { $0.appending(path: "daybreak") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
      ?? Fixtures.root.appending(path: ".build/debug/daybreak")
  }()

  private let process: ChildProcess

  /// Starts a run and returns at once.
  ///
  /// - Parameters:
  ///   - arguments: the command line behind `daybreak`.
  ///   - directory: the working directory.
  ///   - environment: variables on top of PATH and HOME.
  ///   - binary: the program; by default the built one.
  /// - Throws: `SpawningError` when the binary cannot be run.
  init(
    _ arguments: [String], in directory: URL, environment: [String: String] = [:],
    binary: URL = DaybreakProcess.binary
  ) throws {
    let inherited = ProcessInfo.processInfo.environment
    var variables = inherited.filter { ["PATH", "HOME", "LANG", "TMPDIR"].contains($0.key) }
    variables.merge(environment) { _, new in new }
    var command = ChildCommand([binary.path] + arguments, environment: variables)
    command.directory = directory.path
    command.output = .captured
    command.errors = .captured
    process = try ChildProcess(command)
  }

  /// Sends a signal.
  func send(_ signal: Int32) { process.send(signal) }

  /// Whether it still runs.
  var isRunning: Bool { process.isRunning }

  /// Waits for its end.
  func wait() -> Outcome {
    Outcome(
      ending: process.wait(),
      output: String(decoding: process.capturedOutput, as: UTF8.self),
      errors: String(decoding: process.capturedErrors, as: UTF8.self))
  }

  /// Runs to the end.
  static func run(
    _ arguments: [String], in directory: URL, environment: [String: String] = [:],
    binary: URL = DaybreakProcess.binary
  ) throws -> Outcome {
    try DaybreakProcess(arguments, in: directory, environment: environment, binary: binary).wait()
  }
}

/// A folder that goes away with the test.
final class ScratchDirectory {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: "daybreak-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    // The embedded server runs as another user when the tests run as root.
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file below the folder.
  func write(_ text: String, to name: String) throws {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// Every file below a folder with its bytes, by path relative to it.
  func tree(_ name: String, leavingOut excluded: Set<String> = []) throws -> [String: Data] {
    let base = url.appending(path: name)
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: base.path) {
      let file = base.appending(path: path)
      let isFile = try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
      guard isFile, !excluded.contains(file.lastPathComponent) else { continue }
      files[path] = try Data(contentsOf: file)
    }
    return files
  }
}
