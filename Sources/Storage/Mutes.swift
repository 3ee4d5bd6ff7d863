package import DaybreakCore
import Foundation
import Postgres

/// Somebody's wish not to be told of a cluster.
package struct ClusterMute: Hashable, Sendable {
  package var fingerprint: Fingerprint
  package var reason: String
  package var author: String
  package var mutedAt: Timestamp
  /// When it ends by itself; nil until somebody lifts it.
  package var expiresAt: Timestamp?

  package init(
    fingerprint: Fingerprint, reason: String, author: String, mutedAt: Timestamp,
    expiresAt: Timestamp? = nil
  ) {
    self.fingerprint = fingerprint
    self.reason = reason
    self.author = author
    self.mutedAt = mutedAt
    self.expiresAt = expiresAt
  }

  /// Whether it holds at a moment.
  package func holds(at moment: Timestamp) -> Bool {
    mutedAt <= moment && expiresAt.map { moment < $0 } ?? true
  }
}

// Queries of daybreak.cluster_mutes.
extension TenantSession {
  /// Mutes a cluster in every service, or changes its mute.
  package func mute(_ mute: ClusterMute) throws {
    try connection.execute(
      named: "mute a cluster",
      """
      INSERT INTO daybreak.cluster_mutes
        (id, tenant_id, fingerprint, reason, author, muted_at, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (tenant_id, fingerprint) DO UPDATE
      SET reason = excluded.reason, author = excluded.author, muted_at = excluded.muted_at,
        expires_at = excluded.expires_at
      """,
      [
        .uuid(naturalID("mute", tenant.description, mute.fingerprint.description)), tenantID,
        .text(mute.fingerprint.description), .text(storedText(mute.reason)),
        .text(storedText(mute.author)), .timestamp(mute.mutedAt),
        .optional(mute.expiresAt, Value.timestamp),
      ])
  }

  /// Lifts a mute.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  package func unmute(_ fingerprint: Fingerprint) throws -> Bool {
    try connection.execute(
      named: "lift a mute", "DELETE FROM daybreak.cluster_mutes WHERE fingerprint = $1",
      [.text(fingerprint.description)]) == 1
  }

  /// Every mute, those that have ended included, by fingerprint; ask each whether it `holds(at:)`.
  package func mutes() throws -> [ClusterMute] {
    try connection.query(
      named: "mutes", "SELECT * FROM daybreak.cluster_mutes ORDER BY fingerprint COLLATE \"C\""
    ).map { row in
      guard let fingerprint = Fingerprint(hex: try row.string("fingerprint")) else {
        throw StorageError.unreadable(table: "cluster_mutes", column: "fingerprint")
      }
      return ClusterMute(
        fingerprint: fingerprint, reason: try row.string("reason"),
        author: try row.string("author"), mutedAt: try row.timestamp("muted_at"),
        expiresAt: try row.optionalTimestamp("expires_at"))
    }
  }
}
