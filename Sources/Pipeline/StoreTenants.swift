package import DaybreakCore
package import Storage

/// The tenants of the store, for whoever keeps it.
package final class StoreTenants {
  private let access: StoreAccess

  /// Opens the store, and brings its schema up to date.
  ///
  /// - Parameters:
  ///   - url: its database; nil for `DAYBREAK_DATABASE_URL` or the embedded server.
  ///   - surroundings: environment and home.
  /// - Throws: `PostgresError`, `StorageError`.
  package init(url: String?, surroundings: Surroundings) throws {
    access = try StoreAccess(StoreSettings(url: url), surroundings: surroundings)
  }

  /// Every tenant, deleted ones too, sorted by name.
  package func list() throws -> [StoredTenant] { try access.store.tenants() }

  /// Enters a tenant; one that is there gets the organization, where one is named.
  ///
  /// - Throws: `StorageError.tenantDeleted`.
  package func create(_ name: TenantName, lokiOrgID: String?) throws {
    try access.store.withTenant(name) { try $0.ensureTenant(lokiOrgID: lokiOrgID) }
  }

  /// Marks a tenant as deleted.
  ///
  /// - Throws: `StorageError.notFound`.
  package func delete(_ name: TenantName) throws {
    try access.store.withTenant(name) { try $0.markDeleted(true) }
  }

  /// Takes a deletion back.
  ///
  /// - Throws: `StorageError.notFound`.
  package func restore(_ name: TenantName) throws {
    try access.store.withTenant(name) { try $0.markDeleted(false) }
  }

  /// Closes the store.
  package func close() { access.close() }
}
