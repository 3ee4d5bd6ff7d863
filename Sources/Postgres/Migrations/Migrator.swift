import DaybreakCore

/// Brings the schema of one catalog from version to version.
///
/// Each file runs in one transaction, which also writes the version: a failed one leaves nothing
/// behind, and there is no dirty state. Version table and advisory lock are golang-migrate's, so that
/// its tools can read and continue what Daybreak did, and the other way round.
///
/// Files run with `search_path` set to the catalog's schema and `public`.
package struct Migrator: Sendable {
  /// The catalog's name, for messages.
  package let catalog: String
  /// The schema that holds the version tables; made where it is missing.
  package let schema: String
  /// All migrations known, by version.
  package let migrations: [Migration]
  /// How long to wait for another migration of the same schema to end.
  package var lockTimeout: Duration = .seconds(60)

  /// Reads the files of a catalog.
  ///
  /// - Parameters:
  ///   - catalog: its name.
  ///   - schema: where its version tables live.
  ///   - files: `migrations/<catalog>/NNNNNN_title.{up,down}.sql`, in any order.
  /// - Throws: `PostgresError.migration` when they do not add up.
  package init(catalog: String, schema: String, files: [MigrationFile]) throws(PostgresError) {
    self.catalog = catalog
    self.schema = schema
    migrations = try Migration.read(files)
  }

  /// Where the schema stands; changes nothing, not even the version table.
  ///
  /// - Throws: `PostgresError` when the database cannot be asked.
  package func status(on connection: Connection) throws(PostgresError) -> MigrationStatus {
    try MigrationStatus(of: self, on: connection)
  }

  /// What `up` or `down` to a version would run; runs nothing.
  ///
  /// - Parameters:
  ///   - connection: to ask where the schema stands.
  ///   - target: the version to end at; nil for the newest.
  /// - Returns: the files in order; empty when nothing is to do.
  /// - Throws: `PostgresError.migration` as `up` and `down` would.
  package func plan(
    on connection: Connection, to target: Int64? = nil
  ) throws(PostgresError) -> MigrationPlan {
    try plan(from: try status(on: connection), to: target)
  }

  /// Applies what is pending, up to a version.
  ///
  /// - Parameters:
  ///   - connection: outside a transaction.
  ///   - target: the last version to apply; nil for the newest.
  /// - Returns: the versions applied.
  /// - Throws: `PostgresError.migration` when files and database do not agree or another migration
  ///   holds the lock; `refused` with file, line and column. What was applied before stays.
  @discardableResult
  package func up(on connection: Connection, to target: Int64? = nil) throws(PostgresError)
    -> [Int64]
  {
    try locked(on: connection) { () throws(PostgresError) in
      let plan = try plan(from: try status(on: connection), to: target)
      guard plan.direction == .up else {
        throw .migration(
          reason: "\(catalog) is beyond version \(target ?? 0) already", location: nil,
          remedy: "use down to take migrations back")
      }
      return try run(plan, on: connection)
    }
  }

  /// Takes back everything after a version; 0 takes back all.
  ///
  /// - Returns: the versions taken back, the newest first.
  /// - Throws: as `up`; `PostgresError.migration` for a step without a down file, before any runs.
  @discardableResult
  package func down(on connection: Connection, to target: Int64) throws(PostgresError) -> [Int64] {
    try locked(on: connection) { () throws(PostgresError) in
      try down(on: connection, from: try status(on: connection), to: target)
    }
  }

  /// Takes back the newest migrations.
  ///
  /// - Parameters:
  ///   - connection: outside a transaction.
  ///   - steps: how many.
  /// - Returns: the versions taken back, the newest first.
  /// - Throws: as `down(on:to:)`.
  @discardableResult
  package func down(on connection: Connection, steps: Int) throws(PostgresError) -> [Int64] {
    try locked(on: connection) { () throws(PostgresError) in
      let status = try status(on: connection)
      let applied = migrations.map(\.version).filter { $0 <= status.currentVersion }
      return try down(
        on: connection, from: status, to: applied.dropLast(max(0, steps)).last ?? 0)
    }
  }

  private func down(
    on connection: Connection, from status: MigrationStatus, to target: Int64
  ) throws(PostgresError) -> [Int64] {
    let plan = try plan(from: status, to: target)
    guard plan.direction == .down || plan.steps.isEmpty else {
      throw .migration(
        reason: "\(catalog) is at version \(status.currentVersion), before \(target)",
        location: nil, remedy: "use up to apply migrations")
    }
    return try run(plan, on: connection)
  }

  private func run(
    _ plan: MigrationPlan, on connection: Connection
  ) throws(PostgresError) -> [Int64] {
    if !plan.steps.isEmpty { try connection.script(named: "version tables", tablesSQL) }
    var versions: [Int64] = []
    for step in plan.steps {
      try run(step, plan.direction, on: connection)
      versions.append(step.version)
    }
    return versions
  }

  /// Runs one file and writes the version, all or nothing.
  private func run(
    _ step: MigrationPlan.Step, _ direction: MigrationPlan.Direction, on connection: Connection
  ) throws(PostgresError) {
    do {
      try connection.transaction {
        try connection.command(searchPathSQL)
        for statement in try SQLScript.statements(of: step.file.text, file: step.file.path) {
          try connection.run(statement, of: step.file.path)
        }
        try recordVersion(after: step, direction, on: connection)
      }
    } catch let error as PostgresError {
      throw error
    } catch {
      throw .migration(reason: "\(step.file.path): \(error)", location: nil, remedy: nil)
    }
  }

  private func recordVersion(
    after step: MigrationPlan.Step, _ direction: MigrationPlan.Direction, on connection: Connection
  ) throws(PostgresError) {
    try connection.command("truncate \(versionTable)")
    if step.versionAfter > 0 {
      try connection.execute(
        named: "write version", "insert into \(versionTable) (version, dirty) values ($1, false)",
        [.int64(step.versionAfter)])
    }
    try connection.execute(
      named: "forget migration", "delete from \(historyTable) where version = $1",
      [.int64(step.version)])
    guard direction == .up else { return }
    try connection.execute(
      named: "record migration",
      "insert into \(historyTable) (version, title, checksum) values ($1, $2, $3)",
      [.int64(step.version), .text(step.title), .text(step.checksum)])
  }
}

// Names and SQL of the version tables.
extension Migrator {
  /// golang-migrate's table: one row, or none before the first migration.
  var versionTable: String { quotedIdentifier(schema: schema, "schema_migrations") }
  /// Ours: one row for each migration that is applied.
  var historyTable: String { quotedIdentifier(schema: schema, "schema_migrations_history") }

  /// What each file runs with.
  var searchPathSQL: String { "set local search_path to \(quotedIdentifier(schema)), public" }

  var tablesSQL: String {
    """
    create schema if not exists \(quotedIdentifier(schema));
    create table if not exists \(versionTable) (
      version bigint not null primary key, dirty boolean not null);
    create table if not exists \(historyTable) (
      version bigint primary key, title text not null, checksum text not null,
      applied_at timestamptz not null default now(), applied_by text not null default current_user);
    """
  }
}
