internal import DaybreakCore

/// What stops a look at log files.
package enum InspectionError: DiagnosedError, Equatable {
  /// No operand matches a file, or a file cannot be read to its end.
  case unreadable(reason: String)
  /// The second pass over the input met other lines than the first.
  case changedWhileRead
  /// A part file cannot be used.
  case badPart(path: String, reason: String, remedy: String?)
  /// A file cannot be written.
  case unwritable(path: String, reason: String)
  /// Somebody asked the command to stop.
  case stopped
  /// Who reads standard output went away: no failure of ours.
  case outputClosed

  package var summary: String {
    switch self {
    case .unreadable(let reason): reason
    case .changedWhileRead: "the input changed while it was read"
    case .badPart(let path, let reason, _): "\(displayText(path)): \(reason)"
    case .unwritable(let path, let reason): "cannot write \(displayText(path)): \(reason)"
    case .stopped: "stopped on request"
    case .outputClosed: "standard output was closed"
    }
  }

  package var remedy: String? {
    switch self {
    case .unreadable: "check the names, and that you may read the files"
    case .changedWhileRead: "take a copy of the files that are still written to, and read that"
    case .badPart(_, _, let remedy): remedy
    case .unwritable: "check that the folder exists, is writable and has room"
    case .stopped, .outputClosed: nil
    }
  }
}
