import Foundation
import Synchronization
import TestSupport

/// Runs the built `daybreak` binary as a user would.
struct DaybreakProcess {
  /// How a run ended and what it printed.
  struct Outcome {
    let status: Int32
    /// Whether a signal ended it.
    let wasKilled: Bool
    let output: String
    let errors: String
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

  private let process = Process()
  private let outputFile: URL
  private let errorFile: URL

  /// Prepares a run; nothing starts yet.
  ///
  /// - Parameters:
  ///   - arguments: the command line behind `daybreak`.
  ///   - directory: the working directory.
  ///   - environment: variables on top of PATH and HOME.
  /// - Throws: when the files for its output cannot be made.
  init(_ arguments: [String], in directory: URL, environment: [String: String] = [:]) throws {
    let names = directory.appending(path: ".process-\(UUID().uuidString)")
    outputFile = names.appendingPathExtension("out")
    errorFile = names.appendingPathExtension("err")
    for file in [outputFile, errorFile] {
      try Data().write(to: file)
    }
    process.executableURL = Self.binary
    process.arguments = arguments
    process.currentDirectoryURL = directory
    let inherited = ProcessInfo.processInfo.environment
    var variables = inherited.filter { ["PATH", "HOME", "LANG", "TMPDIR"].contains($0.key) }
    variables.merge(environment) { _, new in new }
    process.environment = variables
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: errorFile)
    process.standardInput = FileHandle.nullDevice
  }

  /// Starts it and returns at once.
  func start() throws { try process.run() }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Whether it still runs.
  var isRunning: Bool { process.isRunning }

  /// Waits for its end.
  func wait() throws -> Outcome {
    process.waitUntilExit()
    defer {
      for file in [outputFile, errorFile] { try? FileManager.default.removeItem(at: file) }
    }
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      output: try String(contentsOf: outputFile, encoding: .utf8),
      errors: try String(contentsOf: errorFile, encoding: .utf8))
  }

  /// Runs to the end.
  static func run(
    _ arguments: [String], in directory: URL, environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = try DaybreakProcess(arguments, in: directory, environment: environment)
    try process.start()
    return try process.wait()
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
