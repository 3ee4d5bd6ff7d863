package import DaybreakCore
import Postgres

/// A tenant of the store.
package struct StoredTenant: Hashable, Sendable {
  package var name: TenantName
  /// The value of Loki's `X-Scope-OrgID`.
  package var lokiOrgID: String
  package var createdAt: Timestamp
  /// Nil: not deleted.
  package var deletedAt: Timestamp?
}

extension Store {
  /// Every tenant, those marked as deleted too, sorted by name.
  package func tenants() throws -> [StoredTenant] {
    let deleted = try names("names of deleted tenants", "daybreak.deleted_tenant_names()")
    return try (tenantNames() + deleted).sorted().compactMap { tenant in
      try withTenant(tenant, readOnly: true) { try $0.record() }
    }
  }
}

// Queries of daybreak.tenants.
extension TenantSession {
  /// Enters the session's tenant, or changes its Loki organisation.
  ///
  /// - Parameter lokiOrgID: the value of Loki's `X-Scope-OrgID`; nil keeps what is stored, or
  ///   takes the tenant's name for a new one.
  /// - Throws: `PostgresError`, `StorageError`.
  package func ensureTenant(lokiOrgID: String? = nil) throws {
    try connection.execute(
      named: "enter a tenant",
      """
      INSERT INTO daybreak.tenants (id, name, loki_org_id) VALUES ($1, $2, coalesce($3, $2))
      ON CONFLICT (id) DO UPDATE SET loki_org_id = $3
      WHERE $3 IS NOT NULL AND tenants.loki_org_id <> $3
      """,
      [
        tenantID, .text(tenant.description), .optional(lokiOrgID.map(storedText), Value.text),
      ])
    guard try !isMarkedDeleted() else { throw StorageError.tenantDeleted(tenant) }
  }

  /// Marks the tenant as deleted, or takes that back: its rows stay either way.
  ///
  /// - Throws: `StorageError.notFound` when there is no such tenant that is not so already.
  package func markDeleted(_ isDeleted: Bool) throws {
    let count = try connection.execute(
      named: "mark a tenant as deleted",
      """
      UPDATE daybreak.tenants SET deleted_at = CASE WHEN $2 THEN now() END
      WHERE id = $1 AND (deleted_at IS NULL) = $2
      """, [tenantID, .bool(isDeleted)])
    guard count == 1 else {
      throw StorageError.notFound(
        what: "tenant \(tenant) that is \(isDeleted ? "not deleted" : "deleted")")
    }
  }

  /// Whether the tenant is marked as deleted.
  private func isMarkedDeleted() throws -> Bool {
    try connection.query(
      named: "mark of the tenant",
      "SELECT deleted_at IS NOT NULL AS is_deleted FROM daybreak.tenants WHERE id = $1", [tenantID]
    ).first.map { try $0.bool("is_deleted") } ?? false
  }

  /// The tenant's row; nil when it is not in the store.
  func record() throws -> StoredTenant? {
    try connection.query(
      named: "row of the tenant",
      "SELECT loki_org_id, created_at, deleted_at FROM daybreak.tenants WHERE id = $1", [tenantID]
    ).first.map { row in
      StoredTenant(
        name: tenant, lokiOrgID: try row.string("loki_org_id"),
        createdAt: try row.timestamp("created_at"),
        deletedAt: try row.optionalTimestamp("deleted_at"))
    }
  }

  /// The tenant's Loki organisation; nil when the tenant is not in the store.
  package func lokiOrgID() throws -> String? {
    try connection.query(
      named: "Loki organisation of the tenant",
      "SELECT loki_org_id FROM daybreak.tenants WHERE id = $1", [tenantID]
    ).first.map { try $0.string("loki_org_id") }
  }
}
