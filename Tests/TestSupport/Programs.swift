package import Foundation
internal import Spawning

/// A program that a test needs has failed.
package struct ProgramFailed: Error, CustomStringConvertible {
  package let description: String

  package init(description: String) { self.description = description }
}

/// Runs a program of this machine to its end, with our environment and without input.
///
/// - Parameters:
///   - program: its absolute path.
///   - arguments: as it takes them.
///   - limit: how long it may run.
/// - Returns: what it printed.
/// - Throws: `ProgramFailed`, with its last words, when it cannot run, does not end or fails.
package func output(
  of program: String, _ arguments: [String], limit: Duration = .seconds(120)
) throws -> Data {
  let command = ChildCommand(
    [program] + arguments, environment: ProcessInfo.processInfo.environment)
  let outcome = try ChildProcess.run(command, limit: limit)
  guard outcome.ending == .exited(0) else {
    let words = String(decoding: outcome.errors.suffix(2000), as: UTF8.self)
    throw ProgramFailed(description: "\(program): \(outcome.ending) \(words)")
  }
  return Data(outcome.output)
}

/// The same with its arguments in a row.
package func output(of program: String, _ arguments: String...) throws -> Data {
  try output(of: program, arguments)
}
