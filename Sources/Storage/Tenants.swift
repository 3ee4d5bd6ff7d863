import DaybreakCore
import Postgres

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
  }

  /// The tenant's Loki organisation; nil when the tenant is not in the store.
  package func lokiOrgID() throws -> String? {
    try connection.query(
      named: "Loki organisation of the tenant",
      "SELECT loki_org_id FROM daybreak.tenants WHERE id = $1", [tenantID]
    ).first.map { try $0.string("loki_org_id") }
  }
}
