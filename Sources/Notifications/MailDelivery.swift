package import DaybreakCore
package import HTTPClient

/// What carries mail; `SMTPTransport` outside tests.
package protocol MailTransport {
  /// Sends one mail once; see `SMTPTransport.send`.
  ///
  /// - Parameters:
  ///   - content: the whole message.
  ///   - sender: the envelope's sender.
  ///   - recipients: the envelope's recipients.
  ///   - isCancelled: asked while waiting.
  /// - Returns: who was served and who was refused.
  /// - Throws: `SMTPError`.
  func send(
    _ content: [UInt8], from sender: String, to recipients: [String],
    isCancelled: @escaping CancellationCheck
  ) throws(SMTPError) -> SMTPReceipt
}

extension SMTPTransport: MailTransport {}

/// How hard one run tries.
package struct DeliveryPolicy: Sendable, Equatable {
  /// Waits between attempts, and how many attempts a run makes.
  package var retries: RetryPolicy
  /// How long a claim keeps others away: longer than an attempt can take.
  package var lease: Duration
  /// How long a run waits for a message that is not due or held by another process.
  package var longestWait: Duration

  package init(
    retries: RetryPolicy = RetryPolicy(
      attempts: 4, firstDelay: .seconds(30), longestDelay: .seconds(120)),
    lease: Duration = .seconds(75), longestWait: Duration = .seconds(120)
  ) {
    self.retries = retries
    self.lease = lease
    self.longestWait = longestWait
  }
}

/// What became of a message in this run.
package enum DeliveryOutcome: Sendable, Equatable {
  /// Taken by the server; the note names recipients refused for good.
  case sent(note: String?)
  /// An earlier run has settled it: nothing was sent.
  case alreadySettled(OutboxState)
  /// Stays in the outbox for the next run.
  case leftPending(reason: String)
  /// Refused for good.
  case failed(reason: String)
  /// The outbox has no such message.
  case absent
}

/// Sends a message of the outbox, once per run of a job.
///
/// The order is what makes it once: the claim is committed before the first byte is sent, the outcome
/// after the last. Whoever dies in between leaves `sending`, and it is unknown whether the mail went;
/// after the lease the next run sends the same bytes with the same `Message-ID`, which mail systems
/// show once. So it is with a server that hangs up after the final dot.
package struct MailDelivery<Transport: MailTransport> {
  private let transport: Transport
  private let outbox: any NotificationOutbox
  private let policy: DeliveryPolicy
  private let environment: ClientEnvironment

  package init(
    transport: Transport, outbox: any NotificationOutbox,
    policy: DeliveryPolicy = DeliveryPolicy(), environment: ClientEnvironment = .live
  ) {
    self.transport = transport
    self.outbox = outbox
    self.policy = policy
    self.environment = environment
  }

  /// Sends a message unless it is settled; tries again within the run while that may help.
  ///
  /// - Parameters:
  ///   - key: which message; it must have been put into the outbox.
  ///   - isCancelled: asked while waiting, at least once a second.
  /// - Returns: what became of it; a failure to send is no error.
  /// - Throws: what the outbox throws.
  package func deliver(
    _ key: OutboxKey, isCancelled: @escaping CancellationCheck = { false }
  ) throws -> DeliveryOutcome {
    var progress = Progress()
    while true {
      let now = environment.now()
      let claim = try outbox.claim(key, now: now, leaseEnd: now.advanced(by: policy.lease))
      switch claim {
      case .absent: return .absent
      case .settled(let state): return .alreadySettled(state)
      case .waiting(let until):
        let wait = Duration.nanoseconds(until.nanoseconds - now.nanoseconds)
        progress.waited += wait
        guard progress.waited <= policy.longestWait, !isCancelled() else {
          return .leftPending(reason: "not to be sent before \(until)")
        }
        environment.pause(wait, isCancelled)
      case .claimed(let message):
        progress.attempts += 1
        if let outcome = try attempt(message, &progress, isCancelled) { return outcome }
      }
    }
  }

  /// What one run remembers between attempts.
  private struct Progress {
    var attempts = 0
    var waited = Duration.zero
    var wasAccepted = false
    var refused: [SMTPRefusal] = []

    var note: String? {
      refused.isEmpty
        ? nil
        : "refused for good: "
          + refused.map { "\($0.recipient): \($0.text)" }.joined(separator: "; ")
    }
  }

  /// Sends a claimed message and records how it went.
  ///
  /// - Returns: the outcome; nil to try again.
  private func attempt(
    _ message: OutboxMessage, _ progress: inout Progress, _ isCancelled: @escaping CancellationCheck
  ) throws -> DeliveryOutcome? {
    let receipt: SMTPReceipt
    do throws(SMTPError) {
      receipt = try transport.send(
        message.content, from: message.sender, to: message.recipients, isCancelled: isCancelled)
    } catch {
      switch error {
      case .permanent:
        try outbox.markFailed(message.key, at: environment.now(), reason: error.summary)
        return .failed(reason: error.summary)
      case .misconfigured, .cancelled:
        return try leave(message.key, message.recipients, error.summary)
      case .transient, .unclear:
        return try postpone(
          message.key, message.recipients, error.summary, progress, isCancelled)
      }
    }
    return try record(receipt, message, &progress, isCancelled)
  }

  /// Records what the server said of each recipient.
  private func record(
    _ receipt: SMTPReceipt, _ message: OutboxMessage, _ progress: inout Progress,
    _ isCancelled: @escaping CancellationCheck
  ) throws -> DeliveryOutcome? {
    progress.refused += receipt.refused.filter { !$0.mayPass }
    progress.wasAccepted = progress.wasAccepted || !receipt.accepted.isEmpty
    let delayed = receipt.refused.filter(\.mayPass)
    if let first = delayed.first {
      let reason = "\(delayed.count) recipients delayed, the first with: \(first.text)"
      return try postpone(
        message.key, delayed.map(\.recipient), reason, progress, isCancelled)
    }
    guard progress.wasAccepted else {
      let reason = progress.note ?? "no recipient was accepted"
      try outbox.markFailed(message.key, at: environment.now(), reason: reason)
      return .failed(reason: reason)
    }
    try outbox.markSent(message.key, at: environment.now(), note: progress.note)
    return .sent(note: progress.note)
  }

  /// Waits for the next attempt of this run, or leaves the message to the next run.
  private func postpone(
    _ key: OutboxKey, _ recipients: [String], _ reason: String, _ progress: Progress,
    _ isCancelled: @escaping CancellationCheck
  ) throws -> DeliveryOutcome? {
    guard progress.attempts < policy.retries.attempts, !isCancelled() else {
      return try leave(key, recipients, reason)
    }
    let delay = policy.retries.delay(after: progress.attempts, jitter: environment.jitter())
    let next = environment.now().advanced(by: delay)
    try outbox.markPending(key, recipients: recipients, nextAttempt: next, reason: reason)
    environment.pause(delay, isCancelled)
    return isCancelled() ? .leftPending(reason: reason) : nil
  }

  /// Leaves the message to the next run, due at once.
  private func leave(
    _ key: OutboxKey, _ recipients: [String], _ reason: String
  ) throws -> DeliveryOutcome {
    try outbox.markPending(
      key, recipients: recipients, nextAttempt: environment.now(), reason: reason)
    return .leftPending(reason: reason)
  }
}

extension Timestamp {
  /// The moment a duration later.
  fileprivate func advanced(by duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    return Timestamp(
      nanoseconds: nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
