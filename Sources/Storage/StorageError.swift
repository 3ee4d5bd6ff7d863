package import DaybreakCore

/// What can go wrong in the store, beyond what PostgreSQL itself says (`PostgresError`).
package enum StorageError: DiagnosedError, Equatable {
  /// The role that statements would run as is not bound by row-level security.
  case unsafeRole(role: String, reason: String)
  /// Tables without enabled and forced row-level security, or no tables at all.
  case unprotected(target: String, reason: String)
  /// A stored value that this version does not know.
  case unreadable(table: String, column: String)
  /// The night's observations were archived by retention: writing it would count it twice.
  case nightArchived(tenant: TenantName, window: TimeWindow, archivedUntil: Timestamp)
  /// Another process runs the same job over the same window.
  case alreadyRunning(job: String, tenant: TenantName, window: TimeWindow, holder: RunLockHolder?)
  /// The tenant is marked as deleted.
  case tenantDeleted(TenantName)
  /// There is no row where one was expected.
  case notFound(what: String)
  /// A run key of one tenant was used in the session of another.
  case wrongTenant(expected: TenantName, found: TenantName)
  /// Counts that do not fit their window.
  case misshapen(what: String, reason: String)

  package var summary: String {
    switch self {
    case .unsafeRole(let role, let reason):
      "refusing to work as database role \(role): \(reason)"
    case .unprotected(let target, let reason):
      "the store in \(target) is not safe to use: \(reason)"
    case .unreadable(let table, let column):
      "\(table).\(column) holds a value that this version of Daybreak does not know"
    case .nightArchived(let tenant, let window, let archivedUntil):
      "cannot write the night from \(window.start) of tenant \(tenant): retention has archived "
        + "observations up to \(archivedUntil)"
    case .alreadyRunning(let job, let tenant, let window, let holder):
      "job \(job) of tenant \(tenant) already runs over the window from \(window.start)"
        + (holder.map { " (\($0))" } ?? "")
    case .tenantDeleted(let tenant): "tenant \(tenant) is marked as deleted"
    case .notFound(let what): "the store has no \(what)"
    case .wrongTenant(let expected, let found):
      "a run of tenant \(found) was used in a session of tenant \(expected)"
    case .misshapen(let what, let reason): "\(what): \(reason)"
    }
  }

  package var remedy: String? {
    switch self {
    case .unsafeRole:
      "make daybreak_service a plain role again: ALTER ROLE daybreak_service NOSUPERUSER NOBYPASSRLS; "
        + "REVOKE daybreak_owner FROM daybreak_service"
    case .unprotected: "bring the schema up to date: daybreak db migrate"
    case .unreadable: "run the newest version of Daybreak that has used this store"
    case .nightArchived: "choose a later night, or keep observations for longer (retention:)"
    case .alreadyRunning: "wait for it to end, or stop that process"
    case .tenantDeleted(let tenant): "take it back: daybreak tenants restore \(tenant)"
    case .notFound, .wrongTenant, .misshapen: nil
    }
  }
}
