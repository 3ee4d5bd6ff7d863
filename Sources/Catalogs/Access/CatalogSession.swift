import DaybreakCore
package import Postgres

/// A connection to a catalog's database on which every transaction says as whom and for whom it works.
///
/// Nothing is done with the rights of the login itself: a superuser's login is bound by row-level security
/// as any other. Belongs to one thread.
package final class CatalogSession {
  package let catalog: Catalog
  package let connection: Connection

  /// Connects and looks whether the catalog is there.
  ///
  /// - Parameters:
  ///   - catalog: which system.
  ///   - target: its database.
  ///   - options: time-outs; where none is named, locks are waited for ten seconds.
  /// - Throws: `PostgresError`; `AccessError.schemaMissing`.
  package init(
    _ catalog: Catalog, on target: ConnectionTarget,
    options: ConnectionOptions = ConnectionOptions()
  ) throws {
    var options = options
    options.lockTimeout = options.lockTimeout ?? .seconds(10)
    self.catalog = catalog
    connection = try Connection(target, options: options)
    let isThere = try connection.query(
      named: "schema of the catalog", "SELECT to_regnamespace($1) IS NOT NULL AS is_there",
      [.text(quotedIdentifier(catalog.schema))]
    ).only().bool("is_there")
    guard isThere else {
      throw AccessError.schemaMissing(
        catalog: catalog.name, target: target.description,
        isOriginal: try OriginalKeys(catalog, connection) != nil)
    }
  }

  /// Runs `body` in one transaction as a role of the catalog, for nobody.
  ///
  /// - Throws: what `body` throws; `AccessError.roleDenied` with the GRANT to run, `roleUnbound`.
  package func transaction<Result>(
    as role: String, readOnly: Bool = false, _ body: (Connection) throws -> Result
  ) throws -> Result {
    try connection.transaction(
      isolation: readOnly ? .repeatableRead : .readCommitted, readOnly: readOnly
    ) {
      try require(role)
      try connection.execute(
        named: "act as a role", "SELECT set_config('role', $1, true)", [.text(role)])
      return try body(connection)
    }
  }

  /// Runs `body` in one transaction as the service, for one tenant.
  ///
  /// - Parameters:
  ///   - tenant: the tenant's id as text.
  ///   - readOnly: whether the server refuses writes; such a transaction reads from one snapshot.
  ///   - body: the work.
  /// - Returns: what `body` returns.
  /// - Throws: as `transaction(as:readOnly:_:)`.
  package func withTenant<Result>(
    _ tenant: String, readOnly: Bool = false, _ body: (Connection) throws -> Result
  ) throws -> Result {
    let tenancy = try requiredTenancy
    return try transaction(as: catalog.definition.roles.service, readOnly: readOnly) { connection in
      try connection.execute(
        named: "set the tenant", "SELECT set_config($1, $2, true)",
        [.text(tenancy.setting), .text(tenant)])
      return try body(connection)
    }
  }

  /// The catalog's tenancy.
  ///
  /// - Throws: `AccessError.notOffered`.
  package var requiredTenancy: CatalogDefinition.Tenancy {
    get throws {
      guard let tenancy = catalog.definition.tenancy else {
        throw AccessError.notOffered(catalog: catalog.name, what: "tenants: one operator owns it")
      }
      return tenancy
    }
  }

  /// Refuses a role that the login may not take on, or that sees everybody's rows.
  private func require(_ role: String) throws {
    let answer = try connection.query(
      named: "rights of the login",
      """
      SELECT session_user::text AS login, r.rolsuper OR r.rolbypassrls AS is_unbound,
        pg_has_role(session_user, r.oid, CASE
          WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END)
          AS is_allowed
      FROM (SELECT) AS one LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = $1
      """, [.text(role)]
    ).only()
    let login = try answer.string("login")
    guard let isAllowed = try answer.optionalBool("is_allowed") else {
      throw AccessError.roleDenied(role: role, login: login, isMissing: true)
    }
    guard isAllowed else {
      throw AccessError.roleDenied(role: role, login: login, isMissing: false)
    }
    guard try !answer.bool("is_unbound") else { throw AccessError.roleUnbound(role: role) }
  }
}
