package import DaybreakCore

/// Where a schema stands against the files.
package struct MigrationStatus: Hashable, Sendable {
  /// What became of one migration.
  package enum State: Hashable, Sendable {
    case pending
    /// Applied by Daybreak, from the file as it is now.
    case applied(at: Timestamp)
    /// Applied by Daybreak, from a file that has been edited since.
    case edited(appliedAt: Timestamp)
    /// Applied by another tool, which keeps no checksums.
    case appliedElsewhere
  }

  /// One migration and what became of it.
  package struct Entry: Hashable, Sendable {
    package let version: Int64
    package let title: String
    /// The up file.
    package let path: String
    package let state: State
  }

  /// The version in the database; 0 before the first migration.
  package let currentVersion: Int64
  /// Whether golang-migrate left its mark of a half-applied migration.
  package let isDirty: Bool
  /// All migrations that the files or the database know, by version.
  package let entries: [Entry]
  /// Versions that the database knows and the files do not.
  package let unknownVersions: [Int64]

  /// What is still to be applied.
  package var pending: [Entry] { entries.filter { $0.state == .pending } }

  private struct Record {
    let title: String
    let checksum: String
    let appliedAt: Timestamp
  }

  init(of migrator: Migrator, on connection: Connection) throws(PostgresError) {
    let version = try MigrationStatus.readVersion(migrator, connection)
    let records = try MigrationStatus.readHistory(migrator, connection)
    currentVersion = version.number
    isDirty = version.isDirty
    entries = migrator.migrations.map { migration in
      let state: State
      if let record = records[migration.version] {
        state =
          record.checksum == migration.checksum
          ? .applied(at: record.appliedAt) : .edited(appliedAt: record.appliedAt)
      } else {
        // Another tool's versions lie before our first record; a gap behind it is a file that came late.
        let isElsewhere =
          migration.version <= version.number
          && !records.keys.contains { $0 < migration.version }
        state = isElsewhere ? .appliedElsewhere : .pending
      }
      return Entry(
        version: migration.version, title: migration.title, path: migration.up.path, state: state)
    }
    let known = Set(migrator.migrations.map(\.version))
    let inDatabase = Set(records.keys).union(version.number > 0 ? [version.number] : [])
    unknownVersions = inDatabase.subtracting(known).sorted()
  }

  /// Checks that files and database agree, so that a migration may run.
  ///
  /// - Throws: `PostgresError.migration` naming the file or version at odds.
  func requireAgreement(catalog: String) throws(PostgresError) {
    if isDirty {
      throw .migration(
        reason:
          "\(catalog) is marked dirty at version \(currentVersion): another tool failed half-way",
        location: nil,
        remedy: "look at what that migration left, mend it, then: "
          + "update schema_migrations set dirty = false")
    }
    if let version = unknownVersions.last {
      throw .migration(
        reason: "\(catalog) is at version \(version), which this program does not know",
        location: nil, remedy: "use the newer program that migrated it")
    }
    for entry in entries {
      switch entry.state {
      case .edited:
        throw .migration(
          reason: "\(entry.path) was edited after it had been applied", location: nil,
          remedy: "restore the file as it was, and put the change into a new migration")
      case .pending where entry.version < currentVersion:
        throw .migration(
          reason: "\(entry.path) is new, but version \(currentVersion) is applied already",
          location: nil, remedy: "give it the next free version")
      default: break
      }
    }
  }

  private static func readVersion(
    _ migrator: Migrator, _ connection: Connection
  ) throws(PostgresError) -> (number: Int64, isDirty: Bool) {
    guard try exists(migrator.versionTable, connection) else { return (0, false) }
    let rows = try connection.query(
      named: "schema version",
      "select version, dirty from \(migrator.versionTable) order by version desc")
    guard let row = rows.first else { return (0, false) }
    return (try row.int64("version"), try row.bool("dirty"))
  }

  private static func readHistory(
    _ migrator: Migrator, _ connection: Connection
  ) throws(PostgresError) -> [Int64: Record] {
    guard try exists(migrator.historyTable, connection) else { return [:] }
    var records: [Int64: Record] = [:]
    let rows = try connection.query(
      named: "schema history",
      "select version, title, checksum, applied_at from \(migrator.historyTable)")
    for row in rows {
      records[try row.int64("version")] = Record(
        title: try row.string("title"), checksum: try row.string("checksum"),
        appliedAt: try row.timestamp("applied_at"))
    }
    return records
  }

  private static func exists(_ table: String, _ connection: Connection) throws(PostgresError)
    -> Bool
  {
    try connection.query(
      named: "look for \(table)", "select to_regclass($1) is not null as found", [.text(table)]
    ).only().bool("found")
  }
}
