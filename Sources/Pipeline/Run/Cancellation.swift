internal import Foundation
internal import Synchronization

/// Raised by Ctrl-C or SIGTERM; long work asks it between batches and stages.
package enum Cancellation {
  private static let requested = Atomic<Bool>(false)

  /// Whether somebody asked this process to stop.
  package static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Makes SIGINT and SIGTERM ask for an orderly stop; a second signal ends the process at once.
  package static func listenToSignals() {
    for number in [SIGINT, SIGTERM] { signal(number, noteSignal) }
    // A reader that goes away is an error of that write, never the end of the process.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Throws when somebody asked to stop.
  ///
  /// - Throws: `RunCancelled`.
  package static func check() throws(RunCancelled) {
    if isRequested { throw RunCancelled() }
  }

  /// Sets the flag; async-signal-safe.
  fileprivate static func request(_ number: Int32) {
    requested.store(true, ordering: .relaxed)
    signal(number, SIG_DFL)
  }
}

/// The run was stopped on request; what was finished stays, and the same command goes on from there.
package struct RunCancelled: Error {}

private func noteSignal(_ number: Int32) { Cancellation.request(number) }
