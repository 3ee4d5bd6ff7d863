import Catalogs
import DaybreakCore
import Foundation
import Postgres
import Spawning
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

  @Test func `a server that only reads is answered by naming the primary`() {
    #expect(CatalogError.readOnlyServer(database: "x").remedy == "name the primary")
  }

  /// Whether this process may mount: as root, outside most containers.
  private static let mountPoint: String? = {
    let path = "/tmp/daybreak-test-full-\(getpid())"
    guard geteuid() == 0, mkdir(path, 0o700) == 0 else { return nil }
    let ended = try? ChildProcess.run(
      ChildCommand(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=40m,mode=700", "tmpfs", path], environment: [:]))
    guard ended?.ending == .exited(0) else {
      rmdir(path)
      return nil
    }
    return path
  }()

  @Test(.enabled(if: mountPoint != nil, "a small file system needs the right to mount"))
  func `a full disk is said to be one, and nothing is left on it`() throws {
    let path = try #require(Self.mountPoint)
    defer {
      _ = try? ChildProcess.run(ChildCommand(["/bin/umount", "-l", path], environment: [:]))
      rmdir(path)
    }
    let administrator = try Connection(try TestDatabase.make())
    let owner = try administrator.query(
      named: "data", "select current_setting('data_directory') as folder"
    ).only().string("folder")
    var status = stat()
    #expect(stat(owner, &status) == 0)
    #expect(chown(path, status.st_uid, status.st_gid) == 0)
    let name = "full_\(getpid())"
    try administrator.execute(named: "space", "create tablespace \(name) location '\(path)'")
    try administrator.execute(named: "database", "create database \(name) tablespace \(name)")
    defer {
      _ = try? administrator.execute(named: "drop", "drop database \(name) with (force)")
      _ = try? administrator.execute(named: "drop", "drop tablespace \(name)")
    }
    let target = administrator.target.withDatabase(name)
    do {
      let connection = try Connection(target)
      let catalog = try Catalog(named: "xray")
      _ = try catalog.install(on: connection)
      let end = try #require(end)
      do {
        _ = try catalog.seed(scale: 50, end: end, on: connection)
        Issue.record("it found room")
      } catch let error as PostgresError {
        #expect(error.sqlState == "53100")
        #expect(error.remedy == "free disk space on the database server")
      }
      #expect(try catalog.rows(on: connection).total == 0)
      #expect(try SchemaComparison(of: catalog, on: connection).drifts == [])
    }
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
