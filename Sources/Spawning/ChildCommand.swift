package import DaybreakCore

/// What to start: a program, its arguments, its surroundings, and what its streams are connected to.
///
/// A child gets nothing that is not named here: no other descriptor of ours, no variable, and no signal
/// that we ignore or block.
package struct ChildCommand: Sendable {
  /// Where a child's standard input comes from.
  package enum Input: Sendable {
    /// `/dev/null`.
    case nothing
    /// A pipe that ends with `closeInput()` or with its owner.
    case pipe
  }

  /// Where a child's output goes.
  package enum Output: Sendable {
    /// `/dev/null`.
    case nothing
    /// A file in memory, to be read after the end. Children of the child may hold it open without
    /// anybody waiting for them.
    case captured
    /// A pipe, to be read by lines while the child runs.
    case pipe
    /// An open file of the caller's, which stays the caller's.
    case descriptor(Int32)
  }

  /// The program's absolute path, then its arguments.
  package var arguments: [String]
  /// All of its environment.
  package var environment: [String: String]
  /// Its working directory; nil for ours.
  package var directory: String?
  package var input = Input.nothing
  package var output = Output.nothing
  package var errors = Output.nothing
  /// Whether it leads a session of its own, which a terminal's Ctrl-C does not reach.
  package var startsSession = false

  /// Describes a child without input and output.
  package init(_ arguments: [String], environment: [String: String]) {
    self.arguments = arguments
    self.environment = environment
  }
}

/// How a child ended.
package enum ChildEnding: Equatable, Sendable {
  /// With an exit status.
  case exited(Int32)
  /// By a signal.
  case signalled(Int32)
  /// Nobody knows: somebody else has waited for it, or this process ignores SIGCHLD.
  case unknown
}

/// Why no child was started.
package enum SpawningError: DiagnosedError, Equatable {
  /// The program is missing, may not be run, or the machine has no room for it.
  case notStarted(program: String, reason: ErrorNumber)

  package var summary: String {
    switch self {
    case .notStarted(let program, let reason): "cannot run \(program): \(reason)"
    }
  }

  package var remedy: String? { nil }
}
