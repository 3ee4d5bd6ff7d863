package import DaybreakCore
import Postgres

/// The outbox in `daybreak.notifications`: each call is one transaction of its own.
package struct StoreOutbox: NotificationOutbox {
  private let store: Store
  /// The run that messages belong to; the ledger must know it.
  private let run: RunKey

  package init(store: Store, run: RunKey) {
    self.store = store
    self.run = run
  }

  package func enqueue(_ message: OutboxMessage) throws -> Bool {
    try require(message.key)
    return try store.withTenant(run.tenant) { session in
      try session.connection.execute(
        named: "put a message into the outbox",
        """
        INSERT INTO daybreak.notifications
          (id, tenant_id, run_id, channel, state, message_id, sender, recipients, content)
        VALUES ($1, $2, $3, $4, 'pending', $5, $6, $7, $8)
        ON CONFLICT (tenant_id, run_id, channel) DO NOTHING
        """,
        [
          .uuid(naturalID("notification", run.id.uuidString, message.key.channel)),
          session.tenantID, .uuid(run.id), .text(message.key.channel), .text(message.messageID),
          .text(message.sender), .textArray(message.recipients), .bytes(message.content),
        ]) == 1
    }
  }

  package func claim(
    _ key: OutboxKey, now: Timestamp, leaseEnd: Timestamp
  ) throws -> OutboxClaim {
    try require(key)
    return try store.withTenant(run.tenant) { session in
      let found = try session.connection.query(
        named: "look for a message",
        """
        SELECT * FROM daybreak.notifications WHERE run_id = $1 AND channel = $2 FOR UPDATE
        """,
        [.uuid(run.id), .text(key.channel)])
      guard let row = found.first else { return .absent }
      let state = try enumeration(
        OutboxState.self, row.string("state"), table: "notifications", column: "state")
      if state == .sent || state == .failed { return .settled(state) }
      if let due = try row.optionalTimestamp("due_at"), due > now { return .waiting(until: due) }
      try session.connection.execute(
        named: "claim a message",
        """
        UPDATE daybreak.notifications
        SET state = 'sending', attempts = attempts + 1, due_at = $3
        WHERE run_id = $1 AND channel = $2
        """,
        [.uuid(run.id), .text(key.channel), .timestamp(leaseEnd)])
      return .claimed(
        OutboxMessage(
          key: key, messageID: try row.string("message_id"), sender: try row.string("sender"),
          recipients: try row.textArray("recipients"), content: try row.bytes("content"),
          attempts: try row.int("attempts") + 1))
    }
  }

  package func markSent(_ key: OutboxKey, at moment: Timestamp, note: String?) throws {
    try require(key)
    try store.withTenant(run.tenant) { session in
      try settle(key, .sent, at: moment, note: note, session)
      try session.connection.execute(
        named: "record that anomalies were told",
        "UPDATE daybreak.anomaly_events SET notified = true WHERE run_id = $1 AND NOT notified",
        [.uuid(run.id)])
    }
  }

  package func markFailed(_ key: OutboxKey, at moment: Timestamp, reason: String) throws {
    try require(key)
    try store.withTenant(run.tenant) { try settle(key, .failed, at: moment, note: reason, $0) }
  }

  package func markPending(
    _ key: OutboxKey, recipients: [String], nextAttempt: Timestamp, reason: String
  ) throws {
    try require(key)
    try store.withTenant(run.tenant) { session in
      let touched = try session.connection.execute(
        named: "leave a message for later",
        """
        UPDATE daybreak.notifications
        SET state = 'pending', recipients = $3, due_at = $4, note = $5
        WHERE run_id = $1 AND channel = $2 AND state = 'sending'
        """,
        [
          .uuid(run.id), .text(key.channel), .textArray(recipients), .timestamp(nextAttempt),
          .text(storedText(reason)),
        ])
      try requireOne(touched, key)
    }
  }

  private func settle(
    _ key: OutboxKey, _ state: OutboxState, at moment: Timestamp, note: String?,
    _ session: borrowing TenantSession
  ) throws {
    let touched = try session.connection.execute(
      named: "settle a message",
      """
      UPDATE daybreak.notifications
      SET state = $3, settled_at = $4, note = $5, due_at = NULL
      WHERE run_id = $1 AND channel = $2 AND state = 'sending'
      """,
      [
        .uuid(run.id), .text(key.channel), .text(state.rawValue), .timestamp(moment),
        .optional(note.map(storedText), Value.text),
      ])
    try requireOne(touched, key)
  }

  /// Checks that a message belongs to this outbox's run.
  private func require(_ key: OutboxKey) throws(StorageError) {
    guard key.tenant == run.tenant else {
      throw .wrongTenant(expected: run.tenant, found: key.tenant)
    }
    guard key.job == run.job, key.window == run.window else {
      throw .notFound(what: "message of job \(key.job) in the outbox of job \(run.job)")
    }
  }

  private func requireOne(_ touched: Int, _ key: OutboxKey) throws {
    guard touched == 1 else {
      throw StorageError.notFound(what: "message being sent on channel \(key.channel)")
    }
  }
}
