import Foundation

/// A condition variable with a count of its signals, so that none is missed between looking and
/// waiting.
///
/// `@unchecked Sendable`: `count` is read and written under `condition`'s own lock.
final class Condition: @unchecked Sendable {
  private let condition = NSCondition()
  private var count: UInt64 = 0

  /// The number of signals so far; take it before looking at what the signal is about.
  var ticket: UInt64 { condition.withLock { count } }

  /// Wakes every waiter.
  func broadcast() {
    condition.withLock {
      count &+= 1
      condition.broadcast()
    }
  }

  /// Waits for a signal after `ticket`; false when none came before the deadline.
  func wait(since ticket: UInt64, until deadline: ContinuousClock.Instant) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while count == ticket {
      let remaining = deadline - .now
      guard remaining > .zero else { return false }
      let seconds =
        Double(remaining.components.seconds) + Double(remaining.components.attoseconds) / 1e18
      // NSCondition counts by the wall clock; short waits keep a clock step from mattering.
      _ = condition.wait(until: Date(timeIntervalSinceNow: min(seconds, 1)))
    }
    return true
  }
}
