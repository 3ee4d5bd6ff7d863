package import DaybreakCore
internal import Foundation
internal import Synchronization

/// Tells on standard error what a run does: one line an event, for people on a terminal and as logfmt
/// otherwise.
package final class EventLog: Sendable {
  private let isTerminal: Bool
  private let now: @Sendable () -> Timestamp
  /// Guards standard error, and the knowledge that a progress line stands there unfinished.
  private let line = Mutex<String>("")

  /// Makes a log.
  ///
  /// - Parameters:
  ///   - isTerminal: whether a person watches.
  ///   - now: the clock.
  package init(isTerminal: Bool, now: @escaping @Sendable () -> Timestamp) {
    self.isTerminal = isTerminal
    self.now = now
  }

  /// Writes one event.
  ///
  /// - Parameters:
  ///   - event: what happened, in a word or two.
  ///   - fields: details; values are made safe for a terminal. Never a secret or a log line.
  package func note(_ event: String, _ fields: KeyValuePairs<String, String> = [:]) {
    let text: String
    if isTerminal {
      let details = fields.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      text = details.isEmpty ? event : "\(event): \(details)"
    } else {
      var pairs = [("ts", now().rfc3339), ("event", event)]
      pairs += fields.map { ($0.key, $0.value) }
      text = pairs.map { "\($0.0)=\(Self.logfmt($0.1))" }.joined(separator: " ")
    }
    line.withLock { unfinished in
      let erase = unfinished.isEmpty ? "" : "\r\u{1b}[2K"
      write(erase + displayText(text).replacing("\n", with: " ") + "\n")
      unfinished = ""
    }
  }

  /// Writes an event that a person need not keep: on a terminal the next one takes its place.
  ///
  /// - Parameters:
  ///   - event: what happened, in a word or two.
  ///   - fields: as for `note`.
  package func step(_ event: String, _ fields: KeyValuePairs<String, String> = [:]) {
    guard isTerminal else { return note(event, fields) }
    let details = fields.map(\.value).joined(separator: " ")
    showProgress(displayText("\(event): \(details)").replacing("\n", with: " "))
  }

  /// Shows a line that the next one replaces; does nothing where nobody watches.
  package func showProgress(_ text: String) {
    guard isTerminal else { return }
    line.withLock { unfinished in
      guard text != unfinished else { return }
      write("\r\u{1b}[2K" + text)
      unfinished = text
    }
  }

  /// Takes the progress line away.
  package func clearProgress() {
    line.withLock { unfinished in
      if !unfinished.isEmpty { write("\r\u{1b}[2K") }
      unfinished = ""
    }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  /// A logfmt value, quoted where it must be.
  private static func logfmt(_ value: String) -> String {
    let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D }
    guard !isPlain else { return value }
    return "\""
      + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
        "\n", with: "\\n")
      + "\""
  }
}
