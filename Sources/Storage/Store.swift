package import DaybreakCore
package import Postgres

/// How a store is opened.
package struct StoreOptions: Sendable {
  /// How many connections are kept open.
  package var connectionLimit = 4
  /// How many may be open beyond those while they are needed.
  package var connectionOverflow = 0
  /// How long to wait for a free connection.
  package var acquireTimeout: Duration = .seconds(30)
  /// The age at which a connection is replaced.
  package var recycleAge: Duration = .seconds(1800)
  /// A connection that lay idle for longer is tried before it is lent; nil for none.
  package var idleBeforeCheck: Duration? = .seconds(5)
  /// A standby that work which only reads goes to while it has everything; nil for none.
  package var replica: ConnectionTarget?
  /// Who hears of slow statements.
  package var slowStatements: SlowStatements?
  /// How long one statement may run; nil leaves the server's setting.
  package var statementTimeout: Duration?
  /// How long connecting may take, for each address of the host.
  package var connectTimeout: Duration = .seconds(10)
  /// The role that statements run as, whoever logs in.
  package var role = "daybreak_service"

  package init() {}
}

/// Daybreak's own tables: counts, templates, a few redacted samples, baselines, anomalies, analyses
/// and the ledger.
///
/// Raw lines are never stored. Every connection acts as `daybreak_service`, which row-level security binds; every query of a
/// tenant's rows happens in a transaction that has set the tenant. Safe to share between threads.
package final class Store: Sendable {
  /// The database.
  package let target: ConnectionTarget
  let pool: Pool
  private let replica: ReplicaRoute?

  /// Opens the store.
  ///
  /// - Parameters:
  ///   - target: a database that `Store.migrate` has prepared; the login must be a member of
  ///     `daybreak_service` (`GRANT daybreak_service TO login`) or a superuser.
  ///   - options: limits.
  /// - Throws: `StorageError.unsafeRole` or `unprotected` when row-level security would not hold,
  ///   `PostgresError` when there is no such database or role.
  package init(_ target: ConnectionTarget, options: StoreOptions = StoreOptions()) throws {
    self.target = target
    var poolOptions = PoolOptions()
    poolOptions.limit = options.connectionLimit
    poolOptions.overflow = options.connectionOverflow
    poolOptions.acquireTimeout = options.acquireTimeout
    poolOptions.recycleAge = options.recycleAge
    poolOptions.idleBeforeCheck = options.idleBeforeCheck
    poolOptions.connection.slowStatements = options.slowStatements
    poolOptions.connection.role = options.role
    poolOptions.connection.statementTimeout = options.statementTimeout
    poolOptions.connection.connectTimeout = options.connectTimeout
    let pool = Pool(target, options: poolOptions)
    self.pool = pool
    replica = try options.replica.map {
      try ReplicaRoute(Pool($0, options: poolOptions), primary: pool)
    }
    try pool.withConnection { connection in
      try Store.requireBoundRole(connection)
      try Store.requireProtectedTables(connection, target)
    }
  }

  deinit { pool.close() }

  /// Runs `body` in one transaction that belongs to one tenant: committed when it returns, rolled
  /// back when it throws.
  ///
  /// - Parameters:
  ///   - tenant: whose rows are seen and written.
  ///   - readOnly: whether the server refuses writes; such a transaction reads from one snapshot, of a
  ///     standby where there is one, and may be run again on the primary.
  ///   - body: must not keep the session.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `PostgresError` when the transaction cannot begin or commit.
  package func withTenant<Result>(
    _ tenant: TenantName, readOnly: Bool = false,
    _ body: (borrowing TenantSession) throws -> Result
  ) throws -> Result {
    if readOnly, let replica,
      let result = try replica.read({ try transaction(tenant, $0, readOnly: true, body) })
    {
      return result
    }
    return try pool.withConnection { connection in
      let result = try transaction(tenant, connection, readOnly: readOnly, body)
      if !readOnly, let replica { try replica.note(writesOn: connection) }
      return result
    }
  }

  private func transaction<Result>(
    _ tenant: TenantName, _ connection: Connection, readOnly: Bool,
    _ body: (borrowing TenantSession) throws -> Result
  ) throws -> Result {
    try connection.transaction(
      isolation: readOnly ? .repeatableRead : .readCommitted, readOnly: readOnly
    ) {
      try body(TenantSession(tenant: tenant, connection: connection))
    }
  }

  /// The names of all tenants that are not deleted, sorted: names alone, by a function made for that.
  package func tenantNames() throws -> [TenantName] {
    try names("names of tenants", "daybreak.tenant_names()")
  }

  /// What a function of names gives, sorted.
  func names(_ what: String, _ function: String) throws -> [TenantName] {
    let names = try pool.withConnection { connection in
      try connection.query(
        named: what, "SELECT name FROM \(function) AS name"
      ).map { try $0.string("name") }
    }
    return try names.map { name in
      guard let tenant = TenantName(name) else {
        throw StorageError.unreadable(table: "tenants", column: "name")
      }
      return tenant
    }.sorted()
  }

  /// Makes the partitions of service_minutes for a window and three days ahead, in a short
  /// transaction of its own; call it before `TenantSession.writeNight`, which else makes those of its
  /// window itself and keeps others from making theirs until it commits.
  package func prepare(for window: TimeWindow) throws {
    try pool.withConnection { connection in
      _ = try connection.query(
        named: "make partitions ahead", "SELECT daybreak.prepare_service_minutes($1, $2)",
        [.timestamp(window.start), .timestamp(window.end.advanced(bySeconds: 3 * 86_400))])
    }
  }

  /// Takes the right to run a job over a window; see `RunLock`.
  package func lock(_ key: RunKey, processName: String) throws -> RunLock {
    try RunLock(key, on: target, processName: processName)
  }

  /// Closes the connections.
  package func close() {
    pool.close()
    replica?.close()
  }
}

// What must hold before the first query.
extension Store {
  /// Refuses a role that row-level security does not bind, or that could lift it.
  private static func requireBoundRole(_ connection: Connection) throws {
    let row = try connection.query(
      named: "rights of the role",
      """
      SELECT r.rolname, r.rolsuper, r.rolbypassrls,
        EXISTS (
          SELECT FROM pg_catalog.pg_class AS c
          WHERE c.relnamespace = to_regnamespace('daybreak') AND c.relkind IN ('r', 'p', 'm')
            AND pg_has_role(r.oid, c.relowner, 'MEMBER')
        ) AS owns
      FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user
      """
    ).only()
    let role = try row.string("rolname")
    if try row.bool("rolsuper") {
      throw StorageError.unsafeRole(role: role, reason: "it is a superuser")
    }
    if try row.bool("rolbypassrls") {
      throw StorageError.unsafeRole(role: role, reason: "it bypasses row-level security")
    }
    if try row.bool("owns") {
      throw StorageError.unsafeRole(
        role: role, reason: "it owns the tables, or may become their owner")
    }
  }

  /// Refuses a schema in which a table of tenants is open, or that is not there.
  private static func requireProtectedTables(
    _ connection: Connection, _ target: ConnectionTarget
  ) throws {
    let row = try connection.query(
      named: "protection of tables",
      """
      SELECT count(*) AS tables,
        string_agg(c.relname, ', ' ORDER BY c.relname)
          FILTER (WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)) AS open
      FROM pg_catalog.pg_class AS c
      WHERE c.relnamespace = to_regnamespace('daybreak') AND c.relkind IN ('r', 'p')
        AND has_table_privilege(c.oid, 'SELECT')
      """
    ).only()
    if try row.int("tables") == 0 {
      throw StorageError.unprotected(
        target: target.description, reason: "there are no tables of Daybreak")
    }
    if let open = try row.optionalString("open") {
      throw StorageError.unprotected(
        target: target.description, reason: "row-level security is not enforced on \(open)")
    }
  }
}
