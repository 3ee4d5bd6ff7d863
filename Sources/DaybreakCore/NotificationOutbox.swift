/// Which message of which run: at most one message exists for a key.
package struct OutboxKey: Hashable, Sendable {
  package var job: String
  package var tenant: TenantName
  package var window: TimeWindow
  /// The channel's name in the job file, as `email`.
  package var channel: String

  package init(job: String, tenant: TenantName, window: TimeWindow, channel: String) {
    self.job = job
    self.tenant = tenant
    self.window = window
    self.channel = channel
  }
}

/// Where a message of the outbox stands.
///
/// ```
///              enqueue            claim               markSent
///   (absent) ─────────▶ pending ─────────▶ sending ─────────────▶ sent
///                         ▲                  │  │    markFailed
///                         │   markPending    │  └───────────────▶ failed
///                         └──────────────────┘
///                           claim again, once the lease of a dead process has run out
/// ```
package enum OutboxState: String, Sendable, Codable, CaseIterable {
  /// Waits for its next attempt.
  case pending
  /// Claimed: a process is sending it, or died while doing so.
  case sending
  /// Accepted by the server for every recipient that it did not refuse for good.
  case sent
  /// Refused for good.
  case failed
}

/// A message as it lies in the outbox: its bytes are fixed when it is written, so that every attempt
/// sends the same mail.
package struct OutboxMessage: Hashable, Sendable {
  package var key: OutboxKey
  /// The `Message-ID` with its angle brackets.
  package var messageID: String
  /// The envelope's sender, an address without a name.
  package var sender: String
  /// The envelope's recipients that are still to be served.
  package var recipients: [String]
  /// The whole message, headers and body, lines ended by CRLF.
  package var content: [UInt8]
  /// How often it was claimed, this claim included.
  package var attempts: Int

  package init(
    key: OutboxKey, messageID: String, sender: String, recipients: [String], content: [UInt8],
    attempts: Int = 0
  ) {
    self.key = key
    self.messageID = messageID
    self.sender = sender
    self.recipients = recipients
    self.content = content
    self.attempts = attempts
  }
}

/// What came of an attempt to claim a message.
package enum OutboxClaim: Hashable, Sendable {
  /// The caller holds the message until its lease ends, and must say how it went.
  case claimed(OutboxMessage)
  /// Not due before a moment: its next attempt lies later, or another process holds it until then.
  case waiting(until: Timestamp)
  /// Nothing to do: `sent` or `failed`.
  case settled(OutboxState)
  /// No such message.
  case absent
}

/// The store of messages to be sent, each exactly once.
///
/// Every call is one transaction of its own, committed when it returns: what is on disk is at every
/// moment at least as careful as what has happened on the network.
package protocol NotificationOutbox {
  /// Writes a message as `pending`, due at once, unless its key is known.
  ///
  /// - Parameter message: what to send.
  /// - Returns: whether it was written; false when a message with this key exists, in whatever state.
  /// - Throws: what the store throws.
  func enqueue(_ message: OutboxMessage) throws -> Bool

  /// Claims the message for sending when it is `pending` and due, or `sending` with a lease that has
  /// run out (its process died): locks the row, sets `sending`, counts the attempt.
  ///
  /// - Parameters:
  ///   - key: which message.
  ///   - now: the present moment.
  ///   - leaseEnd: until when no other process may claim it.
  /// - Returns: the message, or why there is none to send.
  /// - Throws: what the store throws.
  func claim(_ key: OutboxKey, now: Timestamp, leaseEnd: Timestamp) throws -> OutboxClaim

  /// Records `sent`.
  ///
  /// - Parameters:
  ///   - key: which message; it must be `sending`.
  ///   - at: when the server took it.
  ///   - note: what to remember: recipients refused for good; nil when all took it.
  /// - Throws: what the store throws.
  func markSent(_ key: OutboxKey, at: Timestamp, note: String?) throws

  /// Records `pending` again after a failure that may pass.
  ///
  /// - Parameters:
  ///   - key: which message; it must be `sending`.
  ///   - recipients: who is still to be served.
  ///   - nextAttempt: before when it must not be claimed.
  ///   - reason: what went wrong.
  /// - Throws: what the store throws.
  func markPending(
    _ key: OutboxKey, recipients: [String], nextAttempt: Timestamp, reason: String) throws

  /// Records `failed`: refused for good.
  ///
  /// - Parameters:
  ///   - key: which message; it must be `sending`.
  ///   - at: when it was refused.
  ///   - reason: the server's reply.
  /// - Throws: what the store throws.
  func markFailed(_ key: OutboxKey, at: Timestamp, reason: String) throws
}
