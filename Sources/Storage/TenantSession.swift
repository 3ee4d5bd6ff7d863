package import DaybreakCore
import Foundation
import Postgres

/// One transaction that belongs to one tenant: the only way to query the store's tables.
///
/// Row-level security shows it the tenant's rows and nothing else, whatever a query says. It cannot be
/// copied or kept: `Store.withTenant` lends it, and its tenant is forgotten with the transaction's end.
package struct TenantSession: ~Copyable {
  /// Whose rows are seen and written.
  package let tenant: TenantName
  let connection: Connection

  init(tenant: TenantName, connection: Connection) throws(PostgresError) {
    self.tenant = tenant
    self.connection = connection
    // `true`: for this transaction alone. A pooled connection starts its next one without a tenant.
    try connection.execute(
      named: "set the tenant", "SELECT set_config('daybreak.tenant_id', $1, true)",
      [.text(tenant.id.uuidString.lowercased())])
  }

  /// The tenant's row id as a bound value.
  var tenantID: Value { .uuid(tenant.id) }

  /// Makes other writers of this tenant's nights wait until this transaction ends.
  ///
  /// A cluster's totals are set from the observations of all nights; two nights written at once would
  /// each miss the other's.
  func lockNights() throws(PostgresError) {
    try connection.execute(
      named: "lock the nights of the tenant",
      "SELECT pg_advisory_xact_lock(hashtextextended('daybreak nights ' || $1, 0))",
      [.text(tenant.id.uuidString.lowercased())])
  }

  /// Checks that a run belongs to the session's tenant.
  func require(_ key: RunKey) throws(StorageError) {
    guard key.tenant == tenant else {
      throw .wrongTenant(expected: tenant, found: key.tenant)
    }
  }
}
