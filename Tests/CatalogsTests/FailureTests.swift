import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// What goes wrong while a catalog is made, migrated or filled: a clear message with a remedy, and a database
/// that is as it was.
@Suite(.enabled(if: TestDatabase.isAvailable), .serialized) struct FailureTests {
  private let end = CivilDate(year: 2026, month: 3, day: 13)

  /// A catalog with one migration more than it has.
  private func extended(_ name: String, _ sql: String) throws -> (Catalog, URL) {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "daybreak-test-\(UUID().uuidString)")
    let own = folder.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Fixtures.root.appending(path: "migrations/\(name)"), to: own)
    let made = try NewMigration(title: "one more", directory: own, schema: name)
    try Data(sql.utf8).write(to: made.up)
    return (try Catalog(named: name, migrations: folder), folder)
  }

  @Test func `a migration that fails names file, line and column, and leaves nothing`() throws {
    let (_, connection) = try Scratch.installed("xray")
    let (catalog, folder) = try extended(
      "xray",
      "CREATE TABLE xray.extra (id integer);\nALTER TABLE xray.users ADD COLUMN email text;\n")
    defer { try? FileManager.default.removeItem(at: folder) }
    let before = try Scratch.fingerprint(connection)
    do {
      try catalog.migrator().up(on: connection)
      Issue.record("it ran")
    } catch {
      #expect(error.sqlState == "42701")
      #expect(error.description.contains("000006_one_more.up.sql:2:1"))
    }
    #expect(try Scratch.fingerprint(connection) == before)
    #expect(try catalog.migrator().status(on: connection).pending.map(\.version) == [6])
  }

  @Test func `a lock that another session holds ends the wait, and nothing has changed`() throws {
    let (_, connection) = try Scratch.installed("xray")
    let (catalog, folder) = try extended(
      "xray",
      "SET LOCAL lock_timeout = '200ms';\nCREATE TABLE xray.extra (id integer);\nALTER TABLE xray.users ADD COLUMN note text;\n"
    )
    defer { try? FileManager.default.removeItem(at: folder) }
    let reader = try Connection(connection.target)
    let before = try Scratch.fingerprint(connection)
    try reader.transaction {
      try reader.execute(named: "read", "select count(*) from xray.users")
      do {
        try catalog.migrator().up(on: connection)
        Issue.record("it ran")
      } catch let error as PostgresError {
        #expect(error.sqlState == "55P03")
        #expect(error.remedy?.contains("another session holds the lock") == true)
      }
    }
    #expect(try Scratch.fingerprint(connection) == before)
    #expect(try catalog.migrator().up(on: connection) == [6])
  }

  @Test func `a server process that dies in the middle leaves no half of a migration`() throws {
    let (_, connection) = try Scratch.installed("xray")
    let (catalog, folder) = try extended(
      "xray",
      "CREATE TABLE xray.extra (id integer);\nSELECT pg_terminate_backend(pg_backend_pid());\n")
    defer { try? FileManager.default.removeItem(at: folder) }
    let target = connection.target
    do {
      try catalog.migrator().up(on: connection)
      Issue.record("it ran")
    } catch {
      #expect(error.isConnectionFailure)
      #expect(error.remedy != nil)
    }
    let later = try Connection(target)
    #expect(try catalog.migrator().status(on: later).pending.map(\.version) == [6])
    let isThere = try later.query(
      named: "extra", "select to_regclass('xray.extra') is not null as found"
    ).only().bool("found")
    #expect(!isThere)
  }

  @Test func `seeding that is stopped leaves an empty catalog`() throws {
    let (catalog, connection) = try Scratch.installed("loghunter")
    let end = try #require(end)
    let canceller = connection.canceller
    let stop = Thread { while !Thread.current.isCancelled { usleep(150_000); canceller.cancel() } }
    stop.start()
    defer { stop.cancel() }
    do {
      _ = try catalog.seed(scale: 200, end: end, on: connection)
      Issue.record("it ran")
    } catch let error as PostgresError {
      #expect(error.isCancellation)
    }
    stop.cancel()
    usleep(400_000)
    let later = try Connection(connection.target)
    #expect(try catalog.rows(on: later).total == 0)
    #expect(try SchemaComparison(of: catalog, on: later).drifts == [])
  }

  @Test func `a catalog that holds rows is not seeded again`() throws {
    let (catalog, connection) = try Scratch.installed("loghunter")
    let end = try #require(end)
    let rows = try catalog.seed(scale: 1, end: end, on: connection).total
    do {
      _ = try catalog.seed(scale: 1, end: end, on: connection)
      Issue.record("it ran")
    } catch let CatalogError.holdsRows(_, count, remedy) {
      #expect(count == rows)
      #expect(remedy.contains("daybreak db reset --catalog loghunter"))
    }
  }

  @Test func `a server that is too old is named with its version, and nothing is made in it`()
    throws
  {
    let connection = try Connection(try TestDatabase.make())
    let before = try Scratch.fingerprint(connection)
    let version = try connection.query(
      named: "version", "select current_setting('server_version') as version"
    ).only().string("version")
    let next = (connection.serverVersion / 10_000 + 1) * 10_000
    let catalog = try Catalog(named: "loghunter")
    let error = #expect(throws: CatalogError.self) {
      _ = try catalog.install(on: connection, oldest: next)
    }
    #expect(error == .serverTooOld(version: version))
    #expect(error?.remedy == "use PostgreSQL 15 or newer")
    #expect(try Scratch.fingerprint(connection) == before)
    _ = try catalog.install(on: connection)
    let made = try Scratch.fingerprint(connection)
    let upkeep = #expect(throws: UpkeepError.self) {
      _ = try UpkeepSession(catalog, in: connection.target, oldest: next)
    }
    #expect(
      upkeep
        == .oldServer(target: connection.target.description, version: connection.serverVersion))
    #expect(try Scratch.fingerprint(connection) == made)
  }

  @Test(
    .enabled(if: SmallFileSystem.isAvailable, "a small file system needs the right to mount"))
  func `a full disk is said to be one, and with room again the same seed succeeds`() throws {
    let disk = try SmallFileSystem("40m")
    let administrator = try Connection(try TestDatabase.make())
    let data = try administrator.query(
      named: "data", "select current_setting('data_directory') as folder"
    ).only().string("folder")
    var status = stat()
    #expect(stat(data, &status) == 0)
    try disk.give(to: status.st_uid, status.st_gid)
    let name = "full_\(getpid())"
    try administrator.execute(
      named: "space", "create tablespace \(name) location '\(disk.path)'")
    try administrator.execute(named: "database", "create database \(name) tablespace \(name)")
    defer {
      _ = try? administrator.execute(named: "drop", "drop database \(name) with (force)")
      _ = try? administrator.execute(named: "drop", "drop tablespace \(name)")
    }
    let connection = try Connection(administrator.target.withDatabase(name))
    let catalog = try Catalog(named: "xray")
    _ = try catalog.install(on: connection)
    let end = try #require(end)
    let error = #expect(throws: PostgresError.self) {
      _ = try catalog.seed(scale: 5, end: end, on: connection)
    }
    #expect(error?.sqlState == "53100")
    #expect(error?.remedy?.hasPrefix("free disk space on the database server") == true)
    #expect(try catalog.rows(on: connection).total == 0)
    #expect(try SchemaComparison(of: catalog, on: connection).drifts == [])
    // What was rolled back takes room until VACUUM gives it back.
    try connection.execute(named: "vacuum", "vacuum")
    #expect(try catalog.seed(scale: 0.1, end: end, on: connection).total > 0)
    try catalog.remove(on: connection)
    _ = try catalog.install(on: connection)
    try disk.enlarge(to: "400m")
    #expect(try catalog.seed(scale: 5, end: end, on: connection).total > 0)
    #expect(try SchemaComparison(of: catalog, on: connection).drifts == [])
  }
}

/// The next pair of files.
@Suite struct NewMigrationTests {
  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "daybreak-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test func `numbers follow on, and titles become names`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try NewMigration(title: "Add index: plans!", directory: folder, schema: "anzx")
    let second = try NewMigration(title: "and more", directory: folder, schema: "anzx")
    #expect(first.up.lastPathComponent == "000001_add_index_plans.up.sql")
    #expect(second.down.lastPathComponent == "000002_and_more.down.sql")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
      MigrationFile(
        path: $0, text: try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
    }
    let migrator = try Migrator(catalog: "anzx", schema: "anzx", files: files)
    #expect(migrator.migrations.map(\.title) == ["add_index_plans", "and_more"])
  }

  @Test(arguments: ["", "…", "-- ;"])
  func `a title without a word is refused`(title: String) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: CatalogError.badTitle(title)) {
      _ = try NewMigration(title: title, directory: folder, schema: "anzx")
    }
  }
}
