package import DaybreakCore
import Foundation
import Postgres

/// How far a notification is.
package enum NotificationState: String, Sendable, Codable, CaseIterable {
  /// To be sent, or being sent.
  case pending
  case sent
  /// Given up.
  case failed
}

/// One entry of the outbox.
package struct OutboxEntry: Hashable, Sendable {
  package var runKey: RunKey
  /// Where it goes, as `email` or `webhook ops`: one entry a run and channel.
  package var channel: String
  package var state: NotificationState
  /// The Message-ID: the same for every attempt, so that a mail sent twice is one mail.
  package var messageID: String
  /// How often sending began.
  ///
  /// A pending entry with attempts may have gone out: the process died, or
  /// the server's answer was lost.
  package var attempts: Int
  package var lastError: String?
}

// Queries of daybreak.notifications.
extension TenantSession {
  /// Puts a notification into the outbox, or finds it there.
  ///
  /// - Parameters:
  ///   - key: the run that it tells of.
  ///   - channel: where it goes.
  ///   - messageID: used when the entry is new.
  /// - Returns: the entry as it is now; a sent one must not be sent again.
  /// - Throws: `PostgresError`, `StorageError`.
  package func enqueueNotification(
    of key: RunKey, channel: String, messageID: String
  ) throws -> OutboxEntry {
    try require(key)
    try connection.execute(
      named: "put a notification into the outbox",
      """
      INSERT INTO daybreak.notifications (id, tenant_id, run_id, channel, state, message_id)
      VALUES ($1, $2, $3, $4, 'pending', $5)
      ON CONFLICT (tenant_id, run_id, channel) DO NOTHING
      """,
      [
        .uuid(naturalID("notification", key.id.uuidString, channel)), tenantID, .uuid(key.id),
        .text(channel), .text(messageID),
      ])
    guard let entry = try outbox(of: key).first(where: { $0.channel == channel }) else {
      throw StorageError.notFound(what: "notification of channel \(channel)")
    }
    return entry
  }

  /// Records that sending begins; commit before the first byte leaves.
  ///
  /// - Returns: whether it may be sent: false when it was sent before.
  package func beginAttempt(
    of key: RunKey, channel: String, at moment: Timestamp
  ) throws -> Bool {
    try require(key)
    return try connection.execute(
      named: "begin to send a notification",
      """
      UPDATE daybreak.notifications
      SET state = 'pending', attempts = attempts + 1, attempted_at = $3
      WHERE run_id = $1 AND channel = $2 AND state <> 'sent'
      """,
      [.uuid(key.id), .text(channel), .timestamp(moment)]) == 1
  }

  /// Records that a notification is out, and that the anomalies of its run were told.
  package func markSent(of key: RunKey, channel: String, at moment: Timestamp) throws {
    try require(key)
    let touched = try connection.execute(
      named: "record that a notification is sent",
      """
      UPDATE daybreak.notifications SET state = 'sent', sent_at = $3, last_error = NULL
      WHERE run_id = $1 AND channel = $2
      """,
      [.uuid(key.id), .text(channel), .timestamp(moment)])
    guard touched == 1 else {
      throw StorageError.notFound(what: "notification of channel \(channel)")
    }
    try connection.execute(
      named: "record that anomalies were told",
      "UPDATE daybreak.anomaly_events SET notified = true WHERE run_id = $1 AND NOT notified",
      [.uuid(key.id)])
  }

  /// Records that an attempt failed.
  ///
  /// - Parameters:
  ///   - key: the run.
  ///   - channel: where it was to go.
  ///   - error: what failed, without secrets.
  ///   - isFinal: whether it is given up; else it stays pending for the next attempt.
  /// - Throws: `PostgresError`, `StorageError`.
  package func markFailed(
    of key: RunKey, channel: String, error: String, isFinal: Bool
  ) throws {
    try require(key)
    let touched = try connection.execute(
      named: "record that a notification failed",
      """
      UPDATE daybreak.notifications SET state = $3, last_error = $4
      WHERE run_id = $1 AND channel = $2 AND state <> 'sent'
      """,
      [
        .uuid(key.id), .text(channel), .text(isFinal ? "failed" : "pending"),
        .text(storedText(error)),
      ])
    guard touched == 1 else {
      throw StorageError.notFound(what: "unsent notification of channel \(channel)")
    }
  }

  /// The outbox entries of a run, by channel.
  package func outbox(of key: RunKey) throws -> [OutboxEntry] {
    try require(key)
    return try connection.query(
      named: "outbox of a run",
      "SELECT * FROM daybreak.notifications WHERE run_id = $1 ORDER BY channel COLLATE \"C\"",
      [.uuid(key.id)]
    ).map { row in
      OutboxEntry(
        runKey: key, channel: try row.string("channel"),
        state: try enumeration(
          NotificationState.self, row.string("state"), table: "notifications", column: "state"),
        messageID: try row.string("message_id"), attempts: try row.int("attempts"),
        lastError: try row.optionalString("last_error"))
    }
  }
}
