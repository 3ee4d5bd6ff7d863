package import DaybreakCore
internal import Foundation

/// Tells, when asked, whether the caller has given up; called from whatever thread does the work.
package typealias CancellationCheck = @Sendable () -> Bool

/// When and how long after a failure to try again.
///
/// Exponential back-off with full jitter: the wait before attempt *n* + 1 is uniform in
/// [0, min(`longestDelay`, `firstDelay` · 2ⁿ⁻¹)). Source: M. Brooker, "Exponential Backoff And Jitter",
/// AWS Architecture Blog, 2015.
package struct RetryPolicy: Sendable, Equatable {
  /// Attempts in all; 1 never repeats.
  package var attempts: Int
  package var firstDelay: Duration
  package var longestDelay: Duration
  /// A server that asks (`Retry-After`) for a longer wait gets no second attempt.
  package var longestRetryAfter: Duration

  package init(
    attempts: Int = 4, firstDelay: Duration = .milliseconds(500),
    longestDelay: Duration = .seconds(30), longestRetryAfter: Duration = .seconds(120)
  ) {
    self.attempts = attempts
    self.firstDelay = firstDelay
    self.longestDelay = longestDelay
    self.longestRetryAfter = longestRetryAfter
  }

  /// Never tries again.
  package static let never = RetryPolicy(attempts: 1)

  /// The wait after an attempt that failed.
  ///
  /// - Parameters:
  ///   - attempt: its number, from 1.
  ///   - jitter: in [0, 1), where in the range to wait.
  /// - Returns: how long to wait.
  package func delay(after attempt: Int, jitter: Double) -> Duration {
    // 2^40 times any sensible first delay is beyond every limit; larger powers would overflow.
    let doubled = firstDelay * (1 << min(40, max(0, attempt - 1)))
    return min(doubled, longestDelay) * min(max(jitter, 0), 1)
  }

  /// Statuses that another attempt may mend: the server was busy, restarting or behind a proxy that
  /// found it so.
  ///
  /// 529 is in no RFC: Anthropic's interface says "overloaded" with it.
  static let passingStatuses: Set<Int> = [408, 429, 500, 502, 503, 504, 529]
}

/// What the client takes from the world besides the network; tests give their own.
package struct ClientEnvironment: Sendable {
  /// Uniform in [0, 1).
  package var jitter: @Sendable () -> Double
  /// Waits, or returns early when the check says so.
  package var pause: @Sendable (Duration, CancellationCheck) -> Void
  /// The present moment; only a `Retry-After` that names a date needs it.
  package var now: @Sendable () -> Timestamp

  package init(
    jitter: @escaping @Sendable () -> Double,
    pause: @escaping @Sendable (Duration, CancellationCheck) -> Void,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.jitter = jitter
    self.pause = pause
    self.now = now
  }

  /// The system's random numbers, sleep and clock.
  package static let live = ClientEnvironment(
    jitter: { Double.random(in: 0..<1) },
    pause: { duration, isCancelled in
      let clock = ContinuousClock()
      let end = clock.now + duration
      while clock.now < end, !isCancelled() {
        // Slices, so that a cancelled run ends within a twentieth of a second.
        let rest = min(end - clock.now, .milliseconds(50))
        Thread.sleep(forTimeInterval: max(0, rest / .seconds(1)))
      }
    },
    now: {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    })
}

/// Reads `Retry-After` (RFC 9110 §10.2.3): seconds or a date.
///
/// - Parameters:
///   - value: the field's value.
///   - now: the present moment.
/// - Returns: how long to wait, never negative; nil when the value is neither.
func retryAfter(_ value: String, now: Timestamp) -> Duration? {
  let text = value.filter { $0 != " " && $0 != "\t" || value.contains(",") }
  if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
    return .seconds(min(Int(text) ?? .max, 1_000_000_000))
  }
  guard let date = HTTPDate.moment(value) else { return nil }
  return .nanoseconds(max(0, date.nanoseconds - now.nanoseconds))
}
