internal import DaybreakCore
internal import Foundation
package import Postgres

/// Puts a backup into a database, and proves that it is what was dumped.
///
/// Nothing is dropped, ever: into an empty database everything goes in one transaction; in place of one that
/// is used, a new database is filled and compared first, and then takes the name, and the former one stays
/// under another.
package struct Restore {
  /// What was done.
  package struct Outcome: Codable, Sendable, Equatable {
    package var backup: String
    package var database: String
    /// The name of the database that was there before; nil when there was none.
    package var formerDatabase: String?
    package var tables: Int
    package var rows: Int
  }

  private let path: String
  private let variables: [String: String]
  private let jobs: Int
  private let check: () throws -> Void
  private let progress: (String) -> Void

  /// Makes a restore to be.
  ///
  /// - Parameters:
  ///   - path: the backup's folder.
  ///   - jobs: how many workers restore into a new database.
  ///   - variables: the environment: `PATH`, and what libpq takes.
  ///   - check: is asked while it goes on, and throws to stop.
  ///   - progress: is told what goes on.
  package init(
    _ path: String, jobs: Int = 2, variables: [String: String],
    check: @escaping () throws -> Void = {}, progress: @escaping (String) -> Void = { _ in }
  ) {
    self.path = path
    self.jobs = jobs
    self.variables = variables
    self.check = check
    self.progress = progress
  }

  // MARK: Proof

  /// Restores into a server made for it and thrown away afterwards.
  ///
  /// - Parameter directory: a folder that is not there yet, reachable for the server's user.
  /// - Returns: what came out.
  /// - Throws: `UpkeepError.damagedBackup`, `different`, `programFailed`; `PostgresError`.
  @discardableResult
  package func verify(scratch directory: String) throws -> Outcome {
    progress("checking files")
    let manifest = try BackupCheck(variables: variables).run(path, check: check)
    progress("starting a server")
    var options = EmbeddedPostgresOptions()
    options.isDurable = false
    options.searchPath = (variables["PATH"] ?? "").split(separator: ":").map(String.init)
    let server = try EmbeddedPostgres(in: directory, options: options)
    defer {
      server.close()
      EmbeddedPostgres.remove(directory: directory)
    }
    let target = try server.database(named: "verified")
    let administrator = try Connection(server.target)
    try requireExtensions(manifest, administrator)
    for role in manifest.roles {
      let found = try administrator.query(
        named: "look for a role", "SELECT FROM pg_catalog.pg_roles WHERE rolname = $1",
        [.text(role)])
      guard found.isEmpty else { continue }
      try administrator.execute(named: "a role", "CREATE ROLE \(quotedIdentifier(role)) NOLOGIN")
    }
    try fill(target, manifest, isAtomic: false)
    return try compare(target, manifest)
  }

  // MARK: In earnest

  /// Restores into a database.
  ///
  /// - Parameters:
  ///   - target: the database; it is made when it is missing.
  ///   - catalog: what the backup is of.
  ///   - replacing: whether it may take the place of one that is used.
  ///   - stamp: a word for the names of databases, such as the time.
  /// - Returns: what was done.
  /// - Throws: `UpkeepError`, `PostgresError`; the database that was there is then as it was.
  package func run(
    into target: ConnectionTarget, catalog: Catalog, replacing: Bool, stamp: String
  ) throws -> Outcome {
    progress("checking files")
    let manifest = try BackupCheck(variables: variables).run(path, check: check)
    guard manifest.catalog == catalog.name else {
      throw UpkeepError.damagedBackup(
        path: path, reason: "it is of \(manifest.catalog), not of \(catalog.name)")
    }
    let administrator = try Connection(target.withDatabase("postgres"))
    try Catalog.requireWritable(administrator)
    try requireExtensions(manifest, administrator)
    try prepareRoles(manifest, administrator)
    let found = try administrator.query(
      named: "look for the database", "SELECT FROM pg_catalog.pg_database WHERE datname = $1",
      [.text(target.databaseName)])
    let isNew = found.isEmpty
    let isUsed = try !isNew && holds(catalog, target)
    guard !isUsed || replacing else {
      throw UpkeepError.occupied(target: target.description, schema: catalog.schema)
    }
    if isUsed { return try replace(target, manifest, administrator, stamp) }
    if isNew { try make(target.databaseName, administrator) }
    do {
      try fill(target, manifest, isAtomic: true)
      return try compare(target, manifest)
    } catch {
      if isNew { drop(target.databaseName, administrator) }
      throw error
    }
  }

  /// Fills a new database, and exchanges the names once it has proved right.
  private func replace(
    _ target: ConnectionTarget, _ manifest: BackupManifest, _ administrator: Connection,
    _ stamp: String
  ) throws -> Outcome {
    let name = target.databaseName
    let fresh = "\(name)_restored_\(stamp)"
    let former = "\(name)_before_\(stamp)"
    try make(fresh, administrator)
    do {
      try fill(target.withDatabase(fresh), manifest, isAtomic: false)
      var outcome = try compare(target.withDatabase(fresh), manifest)
      progress("exchanging names")
      // Both or neither; PostgreSQL refuses while somebody is connected.
      try administrator.transaction {
        try administrator.execute(
          named: "rename the former database",
          "ALTER DATABASE \(quotedIdentifier(name)) RENAME TO \(quotedIdentifier(former))")
        try administrator.execute(
          named: "rename the restored database",
          "ALTER DATABASE \(quotedIdentifier(fresh)) RENAME TO \(quotedIdentifier(name))")
      }
      outcome.database = name
      outcome.formerDatabase = former
      return outcome
    } catch {
      drop(fresh, administrator)
      throw error
    }
  }

  /// Refuses a server that lacks an extension of the backup's, before anything is made.
  ///
  /// TimescaleDB has to be there in the very version, since a dump holds the inside of its catalogs.
  private func requireExtensions(
    _ manifest: BackupManifest, _ administrator: Connection
  ) throws {
    let names = manifest.extensions.keys.sorted()
    let lacking = try administrator.query(
      named: "extensions of the backup",
      """
      SELECT wanted.name FROM unnest($1::text[], $2::text[]) AS wanted (name, version)
      WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_available_extension_versions AS v
        WHERE v.name = wanted.name AND (v.version = wanted.version OR wanted.name <> 'timescaledb'))
      ORDER BY 1
      """,
      [.textArray(names), .textArray(names.map { manifest.extensions[$0] ?? "" })]
    ).map { try $0.string("name") }
    guard !lacking.isEmpty else { return }
    let major = administrator.serverVersion / 10_000
    let suffixes = ["vector": "-pgvector", "timescaledb": "-timescaledb"]
    throw UpkeepError.lackingExtensions(
      target: administrator.target.description,
      names: lacking.map { "\($0) \(manifest.extensions[$0] ?? "")" },
      packages: Set(lacking.map { "postgresql-\(major)\(suffixes[$0] ?? "")" }).sorted())
  }

  /// Makes the roles that the migrations would make, and asks for the others.
  private func prepareRoles(_ manifest: BackupManifest, _ administrator: Connection) throws {
    var missing: [String] = []
    for role in manifest.roles {
      let found = try administrator.query(
        named: "look for a role", "SELECT FROM pg_catalog.pg_roles WHERE rolname = $1",
        [.text(role)])
      if found.isEmpty { missing.append(role) }
    }
    let ours = ["daybreak_owner", "daybreak_service", "daybreak_reader"]
    let others = missing.filter { !ours.contains($0) }
    guard others.isEmpty else {
      let statements = others.map { "CREATE ROLE \(quotedIdentifier($0)) NOLOGIN;" }
      throw PostgresError.migration(
        reason: "the backup gives things to roles that this server does not have: "
          + others.joined(separator: ", "), location: nil,
        remedy: "as an administrator: \(statements.joined(separator: " "))")
    }
    for role in missing {
      try administrator.execute(
        named: "make \(role)",
        "CREATE ROLE \(quotedIdentifier(role)) NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
      )
    }
  }

  private func holds(_ catalog: Catalog, _ target: ConnectionTarget) throws -> Bool {
    let connection = try Connection(target)
    return try connection.query(
      named: "look for the catalog",
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1)) AS is_there",
      [.textArray([catalog.schema, "daybreak_upkeep"] + catalog.definition.otherSchemas)]
    ).only().bool("is_there")
  }

  private func make(_ name: String, _ administrator: Connection) throws {
    try administrator.execute(
      named: "make the database \(name)",
      "CREATE DATABASE \(quotedIdentifier(name)) TEMPLATE template0 ENCODING 'UTF8'")
  }

  /// Drops a database that this restore has made.
  private func drop(_ name: String, _ administrator: Connection) {
    _ = try? administrator.execute(
      named: "drop the new database",
      "DROP DATABASE IF EXISTS \(quotedIdentifier(name)) WITH (FORCE)")
  }

  // MARK: Work

  /// Runs `pg_restore`; TimescaleDB wants to be told before and after, and one worker.
  private func fill(_ target: ConnectionTarget, _ manifest: BackupManifest, isAtomic: Bool) throws {
    progress("restoring")
    let connection = try Connection(target)
    let major = max(
      connection.serverVersion / 10_000, Int(manifest.dumpProgram.prefix { $0.isNumber }) ?? 15)
    let programs = try ClientPrograms(major: major, variables: variables)
    var arguments = ["--exit-on-error", path + "/dump"]
    let timescale = manifest.extensions["timescaledb"]
    if isAtomic {
      arguments.append("--single-transaction")
    } else if timescale == nil, jobs > 1 {
      arguments.append("--jobs=\(jobs)")
    }
    if let timescale {
      try connection.execute(
        named: "TimescaleDB \(timescale)",
        "CREATE EXTENSION IF NOT EXISTS timescaledb VERSION '\(timescale.filter { $0 != "'" })'")
      _ = try connection.query(named: "before a restore", "SELECT timescaledb_pre_restore()")
    }
    do {
      try programs.run("pg_restore", arguments, target: target, wait: check)
    } catch {
      if timescale != nil {
        _ = try? connection.query(named: "after a restore", "SELECT timescaledb_post_restore()")
        _ = try? connection.execute(named: "take it back", "DROP EXTENSION timescaledb")
      }
      throw error
    }
    if timescale != nil {
      // A session that began before the restore holds what the extension knew then.
      _ = try Connection(target).query(
        named: "after a restore", "SELECT timescaledb_post_restore()")
    }
  }

  private func compare(_ target: ConnectionTarget, _ manifest: BackupManifest) throws -> Outcome {
    progress("comparing")
    let connection = try Connection(target)
    let contents = try DatabaseContents(connection, check: check)
    let differences = contents.differences(from: manifest)
    guard differences.isEmpty else {
      throw UpkeepError.different(path: path, differences: differences)
    }
    try connection.execute(named: "analyze", "ANALYZE")
    return Outcome(
      backup: path, database: target.databaseName, formerDatabase: nil,
      tables: contents.tables.count,
      rows: contents.tables.reduce(0) { $0 + $1.rows })
  }
}
