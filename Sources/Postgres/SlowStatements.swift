/// Hears of statements that took longer than a threshold: their names and how long they took, never a value.
///
/// Two are equal when they are the same.
package final class SlowStatements: Hashable, Sendable {
  private let threshold: Duration
  private let hear: @Sendable (_ statement: String, _ duration: Duration) -> Void

  /// Makes a listener.
  ///
  /// - Parameters:
  ///   - threshold: statements that take less are not heard of.
  ///   - hear: called on the connection's thread, also for a statement that failed.
  package init(
    over threshold: Duration,
    hear: @escaping @Sendable (_ statement: String, _ duration: Duration) -> Void
  ) {
    self.threshold = threshold
    self.hear = hear
  }

  /// Runs one statement and tells of it when it was slow.
  static func timing<Result>(
    _ name: String, for listener: SlowStatements?, _ statement: () -> Result
  ) -> Result {
    guard let listener else { return statement() }
    let start = ContinuousClock.now
    defer {
      let duration = ContinuousClock.now - start
      if duration >= listener.threshold { listener.hear(name, duration) }
    }
    return statement()
  }

  package static func == (left: SlowStatements, right: SlowStatements) -> Bool { left === right }

  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
