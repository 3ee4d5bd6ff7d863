internal import DaybreakCore
@preconcurrency internal import Dispatch
package import Extraction

/// Shows on a terminal how far reading has come: rate, share and time left.
package final class ProgressDisplay: Sendable {
  private let stage: String
  private let subject: String
  private let progress: ReadProgress
  private let surroundings: Surroundings
  private let startTime: Timestamp
  // Only started and cancelled, each once; its handler reads Sendable values alone.
  nonisolated(unsafe) private let timer: any DispatchSourceTimer

  /// Makes a display that shows nothing yet.
  ///
  /// - Parameters:
  ///   - stage: what is done.
  ///   - subject: to what.
  ///   - progress: how far it has come.
  ///   - surroundings: clock and terminal.
  package init(stage: String, subject: String, progress: ReadProgress, surroundings: Surroundings) {
    self.stage = stage
    self.subject = subject
    self.progress = progress
    self.surroundings = surroundings
    startTime = surroundings.now()
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "daybreak.progress"))
  }

  /// Begins to show, four times a second; does nothing where nobody watches.
  package func start() {
    timer.schedule(deadline: .now() + 0.25, repeating: 0.25)
    timer.setEventHandler { [weak self] in self?.show() }
    timer.activate()
  }

  /// Ends, and takes the line away.
  package func stop() {
    timer.cancel()
    surroundings.log.clearProgress()
  }

  private func show() {
    let elapsed =
      Double(surroundings.now().nanoseconds - startTime.nanoseconds) / 1_000_000_000
    surroundings.log.showProgress(
      Self.line(
        stage: stage, subject: subject, lines: progress.lines, bytes: progress.bytesRead,
        totalBytes: progress.bytesTotal, elapsedSeconds: elapsed))
  }

  /// The text of the progress line.
  ///
  /// - Parameters:
  ///   - stage: what is done.
  ///   - subject: to what.
  ///   - lines: lines so far.
  ///   - bytes: bytes so far.
  ///   - totalBytes: bytes in all; 0 where nobody knows.
  ///   - elapsedSeconds: since the start.
  /// - Returns: such as `extract acme 2026-03-12  1.2 M lines  83 MB/s  45 %  0:12 left`.
  static func line(
    stage: String, subject: String, lines: Int64, bytes: Int64, totalBytes: Int64,
    elapsedSeconds: Double
  ) -> String {
    let count = shortened(Double(lines))
    var text = "\(stage) \(subject)  \(count)\(count.hasSuffix(" ") ? "" : " ")lines"
    guard elapsedSeconds > 0, bytes > 0 else { return text }
    let rate = Double(bytes) / elapsedSeconds
    text += "  \(shortened(rate))B/s"
    if totalBytes >= bytes {
      let left = Int(Double(totalBytes - bytes) / rate)
      text += "  \(bytes * 100 / max(1, totalBytes)) %  \(left / 60):\(twoDigits(left % 60)) left"
    }
    return text
  }

  /// A number with three digits at most and its SI prefix: `1.2 M`.
  private static func shortened(_ value: Double) -> String {
    var scaled = value
    for prefix in ["", "k", "M", "G", "T"] {
      if scaled < 999.5 || prefix == "T" {
        let rounded =
          scaled < 9.95 && !prefix.isEmpty
          ? String((scaled * 10).rounded() / 10) : String(Int(scaled.rounded()))
        return "\(rounded) \(prefix)"
      }
      scaled /= 1000
    }
    return ""
  }
}
