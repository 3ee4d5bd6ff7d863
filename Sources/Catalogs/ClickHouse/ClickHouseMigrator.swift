internal import DaybreakCore
internal import Foundation
package import Postgres

/// Takes a ClickHouse database from one version of its schema to another.
///
/// The version table is that of golang-migrate's driver (`schema_migrations` with `version`, `dirty` and
/// `sequence`, the last row counts), so that either tool goes on where the other stopped. ClickHouse has
/// no transactions over DDL and no advisory locks: every file of ours has one statement that matters, a
/// version is marked dirty while its file runs, and a run that finds the mark finishes that file, taking
/// "exists already" for done. Run one at a time.
package struct ClickHouseMigrator: Sendable {
  /// Where the database stands.
  package struct Status: Codable, Hashable, Sendable {
    package struct Entry: Codable, Hashable, Sendable {
      package let version: Int64
      package let title: String
      package let isApplied: Bool
    }

    /// 0 before the first migration.
    package let version: Int64
    /// Whether a migration was stopped half-way; the next run finishes it.
    package let isDirty: Bool
    package let entries: [Entry]

    package var pending: [Entry] { entries.filter { !$0.isApplied } }
  }

  package let database: String
  package let migrations: [Migration]
  private let now: @Sendable () -> Int64

  /// Makes a migrator of a catalog's ClickHouse part.
  ///
  /// - Parameters:
  ///   - catalog: a catalog that has one.
  ///   - now: nanoseconds since 1970, which order the rows of the version table.
  /// - Throws: `CatalogError.damaged` when it has none; `PostgresError.migration` when the files do not
  ///   add up.
  package init(
    _ catalog: Catalog,
    now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1e9) }
  ) throws {
    guard let part = catalog.definition.clickHouse else {
      throw CatalogError.damaged(
        file: "catalogs/\(catalog.name)/maintenance.yaml", reason: "it has no ClickHouse part")
    }
    database = part.database
    migrations = try Migrator(
      catalog: catalog.name, schema: part.database,
      files: catalog.migrationFiles(of: part.migrations)
    ).migrations
    self.now = now
  }

  /// Where a database stands; changes nothing.
  package func status(of client: ClickHouseClient) throws(ClickHouseError) -> Status {
    let (version, isDirty) = try readVersion(client)
    return Status(
      version: version, isDirty: isDirty,
      entries: migrations.map { migration in
        let isApplied = migration.version < version || (migration.version == version && !isDirty)
        return Status.Entry(
          version: migration.version, title: migration.title, isApplied: isApplied)
      })
  }

  /// Makes the database where it is missing and applies what is pending, up to a version.
  ///
  /// - Parameters:
  ///   - client: connected to the server; its database does not matter.
  ///   - version: the last to apply; nil for all.
  ///   - progress: is told of each file before it runs.
  /// - Returns: the versions that were applied.
  /// - Throws: `ClickHouseError`; what was applied stays applied.
  @discardableResult
  package func migrate(
    _ client: ClickHouseClient, to version: Int64? = nil,
    progress: (Migration) -> Void = { _ in }
  ) throws(ClickHouseError) -> [Int64] {
    try prepare(client)
    let (current, isDirty) = try readVersion(client)
    try requireKnown(current)
    var applied: [Int64] = []
    for migration in migrations
    where migration.version <= version ?? .max
      && (migration.version > current || (isDirty && migration.version == current))
    {
      progress(migration)
      let isResumed = isDirty && migration.version == current
      if !isResumed { try write(migration.version, isDirty: true, client) }
      try run(migration.up, client, tolerating: isResumed ? [57] : []) {
        () throws(ClickHouseError) in
        try write(applied.last ?? current, isDirty: false, client)
      }
      try write(migration.version, isDirty: false, client)
      applied.append(migration.version)
    }
    return applied
  }

  /// Takes the newest migrations back, the newest first; their data go with them.
  ///
  /// - Parameters:
  ///   - client: connected to the server.
  ///   - version: the version to end at.
  ///   - progress: is told of each file before it runs.
  /// - Returns: the versions that were taken back.
  /// - Throws: `ClickHouseError`.
  @discardableResult
  package func rollback(
    _ client: ClickHouseClient, to version: Int64, progress: (Migration) -> Void = { _ in }
  ) throws(ClickHouseError) -> [Int64] {
    let (current, isDirty) = try readVersion(client)
    try requireKnown(current)
    var undone: [Int64] = []
    for migration in migrations.reversed()
    where migration.version <= current && migration.version > version {
      guard let down = migration.down else {
        throw .migration(
          file: migration.up.path, reason: "it has no down file", remedy: "write one beside it")
      }
      progress(migration)
      let isResumed = isDirty && migration.version == current
      try write(migration.version, isDirty: true, client)
      try run(down, client, tolerating: isResumed ? [60] : []) { () throws(ClickHouseError) in
        try write(migration.version, isDirty: false, client)
      }
      // golang-migrate writes -1 for "none".
      try write(migration.version == 1 ? -1 : migration.version - 1, isDirty: false, client)
      undone.append(migration.version)
    }
    return undone
  }

  // MARK: Statements

  /// Runs a file; when its first real statement is refused, nothing has happened and `restore` says so.
  private func run(
    _ file: MigrationFile, _ client: ClickHouseClient, tolerating codes: Set<Int>,
    restore: () throws(ClickHouseError) -> Void
  ) throws(ClickHouseError) {
    for statement in ClickHouseScript.statements(of: file.text) {
      let name =
        "\(file.path): " + statement.split { $0.isWhitespace }.prefix(3).joined(separator: " ")
      do throws(ClickHouseError) {
        try client.withDatabase(nil).execute(named: name, statement)
      } catch {
        if let code = error.code {
          if codes.contains(code) { continue }
          try restore()
        }
        throw error
      }
    }
  }

  private func requireKnown(_ version: Int64) throws(ClickHouseError) {
    guard version == 0 || migrations.contains(where: { $0.version == version }) else {
      throw .migration(
        file: "\(database).schema_migrations",
        reason: "it is at version \(version), which this program does not know",
        remedy: "use the newer program that migrated it")
    }
  }

  private var table: String { clickHouseIdentifier(database) + ".schema_migrations" }

  private func prepare(_ client: ClickHouseClient) throws(ClickHouseError) {
    let server = client.withDatabase(nil)
    try server.execute(
      named: "make the database",
      "CREATE DATABASE IF NOT EXISTS \(clickHouseIdentifier(database))", mayRepeat: true)
    try server.execute(
      named: "make the version table",
      "CREATE TABLE IF NOT EXISTS \(table) (version Int64, dirty UInt8, sequence UInt64) "
        + "ENGINE = TinyLog", mayRepeat: true)
  }

  private func readVersion(
    _ client: ClickHouseClient
  ) throws(ClickHouseError) -> (version: Int64, isDirty: Bool) {
    let server = client.withDatabase(nil)
    let found = try server.rows(
      named: "look for the version table",
      "SELECT count() FROM system.tables WHERE database = {database:String} "
        + "AND name = 'schema_migrations'", parameters: ["database": database])
    guard found.rows.first?.first != "0" else { return (0, false) }
    let last = try server.rows(
      named: "read the version",
      "SELECT version, dirty FROM \(table) ORDER BY sequence DESC LIMIT 1")
    guard let row = last.rows.first, row.count == 2, let version = row[0].flatMap({ Int64($0) })
    else { return (0, false) }
    return (max(0, version), row[1] == "1")
  }

  private func write(
    _ version: Int64, isDirty: Bool, _ client: ClickHouseClient
  ) throws(ClickHouseError) {
    try client.withDatabase(nil).execute(
      named: "record the version",
      "INSERT INTO \(table) (version, dirty, sequence) "
        + "SELECT {version:Int64}, {dirty:UInt8}, {sequence:UInt64}",
      parameters: [
        "version": String(version == 0 ? -1 : version), "dirty": isDirty ? "1" : "0",
        "sequence": String(now()),
      ])
  }
}

extension Catalog {
  /// Runs the statements of its example data in ClickHouse, into empty tables.
  ///
  /// - Parameters:
  ///   - client: connected to the server.
  ///   - scale: 1 is about 1,500 events a day.
  ///   - end: the day after the last one, as `2026-03-12`.
  /// - Throws: `CatalogError`, `ClickHouseError`.
  package func seedClickHouse(_ client: ClickHouseClient, scale: Double, end: String) throws {
    guard let part = definition.clickHouse else { return }
    for statement in ClickHouseScript.statements(of: try text(of: part.seedFile)) {
      try client.execute(
        named: "\(part.seedFile): "
          + statement.split { $0.isWhitespace }.prefix(3).joined(separator: " "),
        statement, parameters: ["scale": String(scale), "end": end], settings: part.insertSettings)
    }
  }
}
