internal import DaybreakCore
package import Foundation
package import Postgres
internal import Synchronization

/// Dumps a catalog's database: whole or not at all.
///
/// `pg_dump` writes its directory format with several workers into a hidden folder; rows and schema are
/// read in the same snapshot; every file is on the disk and has its digest in the manifest before one
/// rename makes a backup of the folder. A process killed at any moment leaves a hidden folder, which the
/// next backup removes.
package struct Backup {
  /// How to go about it.
  package struct Options: Sendable {
    /// Where all catalogs' backups are.
    package var root: String
    /// How many workers dump.
    package var jobs = 2
    /// The environment: `PATH`, and what libpq takes.
    package var variables: [String: String] = [:]
    /// How long to wait for a table's lock.
    package var lockTimeout = Duration.seconds(30)
    /// How to connect; a statement may run as long as it takes, since large tables are counted.
    package var connection = ConnectionOptions()

    package init(root: String) { self.root = root }
  }

  /// What was done.
  package struct Outcome: Sendable {
    package let entry: BackupFolder.Entry
    /// Backups that were older than the catalog keeps them.
    package let removed: [String]
  }

  private let catalog: Catalog
  private let target: ConnectionTarget
  private let options: Options
  private let now: @Sendable () -> Date
  private let check: () throws -> Void
  private let progress: (String) -> Void

  /// Makes a backup to be.
  ///
  /// - Parameters:
  ///   - catalog: what is in the database.
  ///   - target: the database, as a role that row-level security does not bind.
  ///   - options: where and how.
  ///   - now: the clock.
  ///   - check: is asked while it goes on, and throws to stop.
  ///   - progress: is told what goes on.
  package init(
    _ catalog: Catalog, of target: ConnectionTarget, options: Options,
    now: @escaping @Sendable () -> Date = { Date() }, check: @escaping () throws -> Void = {},
    progress: @escaping (String) -> Void = { _ in }
  ) {
    self.catalog = catalog
    self.target = target
    self.options = options
    self.now = now
    self.check = check
    self.progress = progress
  }

  /// Dumps, and removes backups that are too old.
  ///
  /// - Returns: the backup.
  /// - Throws: `UpkeepError`, `PostgresError`, what `check` throws; then there is no new backup.
  package func run() throws -> Outcome {
    let folder = BackupFolder(root: options.root, catalog: catalog.name)
    var settings = options.connection
    settings.statementTimeout = nil
    settings.lockTimeout = options.lockTimeout
    let connection = try Connection(target, options: settings)
    try Self.requireSight(connection, catalog: catalog)
    let programs = try ClientPrograms(
      major: connection.serverVersion / 10_000, variables: options.variables)
    let lock = try folder.lock(catalog: catalog.name)
    defer { withExtendedLifetime(lock) {} }
    let start = now()
    let name = Self.name(of: start)
    let partial = "\(folder.path)/.partial-\(name)"
    guard !FileManager.default.fileExists(atPath: "\(folder.path)/\(name)") else {
      throw UpkeepError.busy(work: "backup", catalog: catalog.name)
    }
    do {
      try BackupFiles.makeFolder(partial)
      let contents = try dump(into: partial + "/dump", connection, programs)
      progress("waiting for the disk")
      let manifest = try seal(partial, contents, connection, programs, start)
      try publish(partial, as: name, in: folder)
      let removed = try folder.removeOlder(than: oldest)
      return Outcome(
        entry: .init(name: name, path: "\(folder.path)/\(name)", manifest: manifest),
        removed: removed)
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      throw error
    }
  }

  /// Refuses a role that sees only some of the rows.
  ///
  /// Row-level security does not bind superusers and roles with BYPASSRLS alone. `pg_dump` of any other
  /// role fails on the first table that has it, on purpose; a role that is only the owner is bound by FORCE.
  static func requireSight(_ connection: Connection, catalog: Catalog) throws {
    let row = try connection.query(
      named: "who dumps",
      """
      SELECT current_user::text AS user_name,
        (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user) AS sees_all,
        EXISTS (SELECT FROM pg_catalog.pg_class WHERE relrowsecurity) AS has_policies,
        EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS is_there
      """, [.text(catalog.schema)]
    ).only()
    guard try row.bool("is_there") else {
      throw UpkeepError.notInstalled(
        catalog: catalog.name, target: connection.target.description, schema: catalog.schema)
    }
    if try row.bool("has_policies"), try !row.bool("sees_all") {
      throw UpkeepError.boundByRowSecurity(user: try row.string("user_name"))
    }
  }

  /// Runs `pg_dump` in a snapshot, and reads in the same snapshot what it must contain.
  private func dump(
    into path: String, _ connection: Connection, _ programs: ClientPrograms
  ) throws -> DatabaseContents {
    try connection.transaction(isolation: .repeatableRead, readOnly: true) {
      let snapshot = try connection.query(
        named: "export a snapshot", "SELECT pg_catalog.pg_export_snapshot() AS name"
      ).only().string("name")
      progress("counting rows")
      let contents = try DatabaseContents(connection, check: check)
      progress("dumping")
      try programs.run(
        "pg_dump",
        [
          "--format=directory", "--jobs=\(options.jobs)", "--compress=6", "--file=\(path)",
          "--snapshot=\(snapshot)",
          "--lock-wait-timeout=\(options.lockTimeout / .milliseconds(1))",
        ], target: target, wait: check)
      return contents
    }
  }

  /// Puts all files on the disk, and last the manifest.
  private func seal(
    _ partial: String, _ contents: DatabaseContents, _ connection: Connection,
    _ programs: ClientPrograms, _ start: Date
  ) throws -> BackupManifest {
    let dump = partial + "/dump"
    var files: [BackupManifest.File] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: dump).sorted() {
      try check()
      let path = "\(dump)/\(name)"
      try BackupFiles.synchronise(path)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      files.append(
        BackupManifest.File(name: name, bytes: size ?? 0, sha256: try BackupFiles.digest(of: path)))
    }
    let server = try connection.query(
      named: "the server's version", "SELECT current_setting('server_version') AS version"
    ).only().string("version")
    let manifest = BackupManifest(
      format: 1, catalog: catalog.name, database: target.databaseName, serverVersion: server,
      dumpProgram: programs.version, startedAt: start, finishedAt: now(),
      extensions: contents.extensions, roles: contents.roles, tables: contents.tables,
      schema: contents.schema, files: files)
    let data = try BackupManifest.encoder().encode(manifest)
    try BackupFiles.write(Array(data), to: partial + "/manifest.json")
    let digest = hex(sha256(Array(data))) + "  manifest.json\n"
    try BackupFiles.write(Array(digest.utf8), to: partial + "/manifest.sha256")
    try BackupFiles.synchronise(dump)
    try BackupFiles.synchronise(partial)
    return manifest
  }

  private func publish(_ partial: String, as name: String, in folder: BackupFolder) throws {
    guard rename(partial, "\(folder.path)/\(name)") == 0 else {
      throw BackupFiles.unwritable(folder.path)
    }
    try BackupFiles.synchronise(folder.path)
    try folder.note("made", name, at: now())
  }

  /// Backups that ended before this are too old.
  private var oldest: Date {
    let age = catalog.definition.backupAge
    let days: [Age.Unit: Double] = [.hour: 1.0 / 24, .day: 1, .month: 31, .year: 366]
    return now().addingTimeInterval(-86_400 * Double(age.count) * (days[age.unit] ?? 1))
  }

  /// `20260312T023000Z`.
  static func name(of moment: Date) -> String {
    let text: String = moment.formatted(.iso8601)
    return text.replacing("-", with: "").replacing(":", with: "")
  }
}
