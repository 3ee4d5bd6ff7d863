/// An error that says what failed, on which thing, and what to try.
///
/// No message may hold a log line, a password or a bound value.
package protocol DiagnosedError: Error, Sendable, CustomStringConvertible {
  /// One line that names what failed and the things involved.
  var summary: String { get }

  /// What to try, as a sentence or an exact command; nil when nothing is known to help.
  var remedy: String? { get }
}

extension DiagnosedError {
  package var description: String {
    guard let remedy else { return summary }
    return "\(summary)\n  remedy: \(remedy)"
  }
}
