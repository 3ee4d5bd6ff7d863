package import Postgres

/// What making a catalog in a database needs, and what of it is missing; found out before anything is
/// changed.
package struct Installation: Sendable {
  /// What becomes of an extension that the schema would use.
  package enum ExtensionUse: Hashable, Sendable {
    /// It is in the database already; its version.
    case present(version: String)
    /// The migrations add it.
    case added
    /// The server does not have it.
    case unavailable
    /// The setting `daybreak.without_extensions` says to do without it.
    case leftAlone
    /// It is installed, and TimescaleDB is not loaded at the server's start.
    case notPreloaded
    /// It is there, and this login may not add it.
    case notAllowed
  }

  package struct Extension: Hashable, Sendable {
    package let name: String
    package let use: ExtensionUse
    /// What stands in for it.
    package let substitute: String
  }

  /// Something that this login lacks, and what an administrator runs to mend it.
  package struct Shortfall: Hashable, Sendable {
    package let problem: String
    package let command: String
  }

  package let serverVersion: String
  package let extensions: [Extension]
  package let shortfalls: [Shortfall]

  /// The oldest server on which the schemas work: views can be bound by row-level security from there.
  package static let oldestServer = 150_000

  /// Looks at server, roles, rights and extensions; changes nothing.
  ///
  /// - Parameters:
  ///   - catalog: what is to be made.
  ///   - connection: the login that is to make it.
  ///   - oldest: the oldest server that will do, as 150000 for 15.0.
  /// - Throws: `PostgresError`; `CatalogError.serverTooOld`, `readOnlyServer`.
  package init(
    of catalog: Catalog, on connection: Connection, oldest: Int = oldestServer
  ) throws {
    let facts = try connection.query(
      named: "server and login",
      """
      select current_setting('server_version') as version, current_user::text as login,
        current_database()::text as database, r.rolsuper as is_superuser, r.rolcreaterole as may_make_roles,
        has_database_privilege(current_database(), 'CREATE') as may_create,
        pg_is_in_recovery() as is_replica
      from pg_roles r where r.rolname = current_user
      """
    ).only()
    serverVersion = try facts.string("version")
    try Self.requireServer(connection.serverVersion, named: serverVersion, oldest: oldest)
    if try facts.bool("is_replica") {
      throw CatalogError.readOnlyServer(database: try facts.string("database"))
    }
    let login = quotedIdentifier(try facts.string("login"))
    let database = quotedIdentifier(try facts.string("database"))
    var shortfalls: [Shortfall] = []
    if try !facts.bool("may_create") {
      shortfalls.append(
        Shortfall(
          problem: "\(login) may not make a schema in database \(database)",
          command: "GRANT CREATE ON DATABASE \(database) TO \(login);"))
    }
    shortfalls += try Self.missingRoles(
      catalog, login: login, mayMakeRoles: try facts.bool("may_make_roles"),
      isSuperuser: try facts.bool("is_superuser"), connection)
    extensions = try Self.extensions(
      catalog, isSuperuser: try facts.bool("is_superuser"),
      mayCreate: try facts.bool("may_create"), connection)
    for wanted in extensions where wanted.use == .notAllowed {
      shortfalls.append(
        Shortfall(
          problem: "\(login) may not add the extension \(wanted.name), which the server has",
          command: "CREATE EXTENSION \(quotedIdentifier(wanted.name));  -- as a superuser in "
            + "\(database); or do without it: ALTER DATABASE \(database) SET daybreak.without_extensions = "
            + "'\(wanted.name)';"))
    }
    self.shortfalls = shortfalls
  }

  /// Refuses a server that is too old.
  ///
  /// - Parameters:
  ///   - version: as 140012 for 14.12.
  ///   - name: as people write it.
  ///   - oldest: the oldest that will do.
  /// - Throws: `CatalogError.serverTooOld`.
  package static func requireServer(
    _ version: Int, named name: String, oldest: Int = oldestServer
  ) throws(CatalogError) {
    guard version >= oldest else { throw .serverTooOld(version: name) }
  }

  private static func missingRoles(
    _ catalog: Catalog, login: String, mayMakeRoles: Bool, isSuperuser: Bool,
    _ connection: Connection
  ) throws(PostgresError) -> [Shortfall] {
    let roles = catalog.definition.roles
    let names = [roles.owner, roles.service, roles.reader]
    let present = try connection.query(
      named: "roles", "select rolname::text as name from pg_roles where rolname = any ($1)",
      [.textArray(names)]
    ).map { row throws(PostgresError) in try row.string("name") }
    let missing = names.filter { !present.contains($0) }
    var shortfalls: [Shortfall] = []
    if !missing.isEmpty, !mayMakeRoles, !isSuperuser {
      shortfalls.append(
        Shortfall(
          problem:
            "\(missing.count == 1 ? "the role" : "the roles") \(missing.joined(separator: ", "))"
            + " \(missing.count == 1 ? "is" : "are") missing and \(login) may not make roles",
          command: missing.map { "CREATE ROLE \(quotedIdentifier($0));" }.joined(separator: " ")))
    }
    let owner = quotedIdentifier(roles.owner)
    guard present.contains(roles.owner) else {
      if !mayMakeRoles, !isSuperuser {
        shortfalls.append(
          Shortfall(
            problem: "\(login) is no member of \(owner)", command: "GRANT \(owner) TO \(login);"))
      }
      return shortfalls
    }
    let membership = try connection.query(
      named: "membership of the owner",
      """
      select pg_has_role(current_user, $1,
        case when current_setting('server_version_num')::integer < 160000 then 'MEMBER' else 'SET' end) as is_member,
        current_setting('server_version_num')::integer >= 160000 as needs_admin,
        pg_has_role(current_user, $1, 'MEMBER WITH ADMIN OPTION') as is_admin
      """, [.text(roles.owner)]
    ).only()
    let mayJoin =
      try membership.bool("needs_admin") ? try membership.bool("is_admin") : mayMakeRoles
    if try !membership.bool("is_member"), !mayJoin, !isSuperuser {
      shortfalls.append(
        Shortfall(
          problem: "\(login) is no member of \(owner)", command: "GRANT \(owner) TO \(login);"))
    }
    return shortfalls
  }

  private static func extensions(
    _ catalog: Catalog, isSuperuser: Bool, mayCreate: Bool, _ connection: Connection
  ) throws(PostgresError) -> [Extension] {
    let without = try connection.query(
      named: "extensions to do without",
      """
      select string_to_array(replace(coalesce(current_setting('daybreak.without_extensions', true), ''),
        ' ', ''), ',') as names, current_setting('daybreak.partitions', true) = 'native' as is_native
      """
    ).only()
    let leftAlone = try without.textArray("names")
    let isNative = try without.optionalBool("is_native") ?? false
    var found: [Extension] = []
    for wanted in catalog.definition.extensions {
      let row = try connection.query(
        named: "extension \(wanted.name)",
        """
        select e.extversion as version, a.name is not null as is_available,
          coalesce((select bool_or(v.trusted) from pg_available_extension_versions v
            where v.name = $1 and v.version = a.default_version), false) as is_trusted,
          exists (select from pg_settings where name = 'shared_preload_libraries'
            and setting like '%timescaledb%') as is_preloaded
        from (select $1 as name) w left join pg_extension e on e.extname = w.name
        left join pg_available_extensions a on a.name = w.name
        """, [.text(wanted.name)]
      ).only()
      let use: ExtensionUse
      if leftAlone.contains(wanted.name) || wanted.name == "timescaledb" && isNative {
        use = .leftAlone
      } else if let version = try row.optionalString("version") {
        use = .present(version: version)
      } else if try !row.bool("is_available") {
        use = .unavailable
      } else if wanted.name == "timescaledb", try !row.bool("is_preloaded") {
        use = .notPreloaded
      } else {
        let isTrusted = try row.bool("is_trusted") && mayCreate
        use = isSuperuser || isTrusted ? .added : .notAllowed
      }
      found.append(Extension(name: wanted.name, use: use, substitute: wanted.substitute))
    }
    return found
  }
}

extension Installation.Extension {
  /// What becomes of it, in words.
  package var summary: String {
    switch use {
    case .present(let version): "\(name) \(version): used"
    case .added: "\(name): added to the database"
    case .unavailable: "\(name): the server does not have it; instead \(substitute)"
    case .leftAlone:
      "\(name): left alone, as daybreak.without_extensions says; instead \(substitute)"
    case .notPreloaded:
      "\(name): installed but not in shared_preload_libraries; instead \(substitute)"
    case .notAllowed: "\(name): this login may not add it"
    }
  }
}

extension Catalog {
  /// Makes the catalog, or brings it up to date, with parts for the days ahead.
  ///
  /// Done again it changes nothing.
  ///
  /// - Parameters:
  ///   - connection: a login that may do so, outside a transaction.
  ///   - lockTimeout: how long to wait for another migration of the same schema.
  ///   - oldest: the oldest server that will do, as 150000 for 15.0.
  /// - Returns: what was found before, the versions applied now, and how many parts were made by table.
  /// - Throws: `CatalogError` before anything is changed; `PostgresError` with file, line and column, and
  ///   then what was applied before that file stays.
  package func install(
    on connection: Connection, lockTimeout: Duration = .seconds(60),
    oldest: Int = Installation.oldestServer
  ) throws -> (found: Installation, versions: [Int64], parts: [String: Int]) {
    let found = try Installation(of: self, on: connection, oldest: oldest)
    try requireOurs(try CatalogState(of: self, on: connection), absentIsFine: true)
    guard found.shortfalls.isEmpty else {
      throw CatalogError.lacking(
        catalog: name, problems: found.shortfalls.map(\.problem),
        commands: found.shortfalls.map(\.command))
    }
    var migrator = try migrator()
    migrator.lockTimeout = lockTimeout
    let versions = try migrator.up(on: connection)
    return (found, versions, try makeParts(on: connection))
  }

  /// Makes the parts of the days ahead, as the owner.
  package func makeParts(on connection: Connection) throws -> [String: Int] {
    var made: [String: Int] = [:]
    for table in definition.partitions {
      try connection.transaction {
        try connection.execute(
          named: "role", "set local role \(quotedIdentifier(definition.roles.owner))")
        made[table.table] = try connection.query(
          named: "parts of \(table.table)",
          "select \(table.prepare)(now(), now() + make_interval(days => $1::integer)) as made",
          [.int64(Int64(table.daysAhead))]
        ).only().int("made")
      }
    }
    return made
  }

  /// Refuses what Daybreak did not make.
  ///
  /// - Throws: `CatalogError.original`, `foreign`, `notInstalled`.
  package func requireOurs(_ state: CatalogState, absentIsFine: Bool = false) throws(CatalogError) {
    switch state {
    case .ours: return
    case .absent:
      if absentIsFine { return }
      throw .notInstalled(catalog: name)
    case .original(let original):
      throw .original(
        catalog: name, schema: original.schema, tables: original.tables.keys.sorted(),
        differences: original.differences.map(\.description))
    case .foreign(let schema, let tables):
      throw .foreign(catalog: name, schema: schema, tables: tables)
    }
  }
}
