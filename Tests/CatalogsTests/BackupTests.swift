import Catalogs
import Foundation
import Glibc
import Postgres
import Spawning
import TestSupport
import Testing

/// Dumps, and what comes back out of them.
@Suite(.enabled(if: TestDatabase.isAvailable), .serialized) struct BackupTests {
  private let root = "/tmp/daybreak-backup-\(UUID().uuidString)"
  private let variables = ProcessInfo.processInfo.environment

  private func back(up seeded: SeededCatalog, to root: String? = nil) throws -> Backup.Outcome {
    var options = Backup.Options(root: root ?? self.root)
    options.variables = variables
    return try Backup(seeded.catalog, of: seeded.target, options: options).run()
  }

  @Test(arguments: Catalog.names, [true, false])
  func `a dump restored into a scratch server is what it was, row by row`(
    name: String, usesExtensions: Bool
  ) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seeded = try SeededCatalog(name, usesExtensions: usesExtensions)
    let outcome = try back(up: seeded)
    #expect(outcome.entry.manifest.tables.contains { $0.rows > 0 })
    #expect(outcome.entry.manifest.roles.contains("daybreak_owner"))
    let restored = try Restore(outcome.entry.path, variables: variables)
      .verify(scratch: "/tmp/dbk-verify-\(UUID().uuidString.prefix(8))")
    #expect(restored.rows == outcome.entry.manifest.tables.reduce(0) { $0 + $1.rows })
    #expect(restored.tables == outcome.entry.manifest.tables.count)
  }

  @Test func `a damaged dump is refused before anything is touched`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seeded = try SeededCatalog("anzx")
    let entry = try back(up: seeded).entry
    let rows = try seeded.number("SELECT count(*) FROM anzx.messages")
    let file =
      entry.path + "/dump/" + (try #require(entry.manifest.files.max { $0.bytes < $1.bytes }).name)
    var bytes = Array(try #require(FileManager.default.contents(atPath: file)))
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: URL(filePath: file))
    let error = #expect(throws: UpkeepError.self) {
      _ = try Restore(entry.path, variables: variables)
        .run(into: seeded.target, catalog: seeded.catalog, replacing: true, stamp: "x")
    }
    #expect(error?.summary.contains("was changed") == true)
    #expect(try seeded.number("SELECT count(*) FROM anzx.messages") == rows)
    try FileManager.default.removeItem(atPath: file)
    #expect(throws: UpkeepError.self) { try BackupCheck(variables: variables).run(entry.path) }
    try FileManager.default.removeItem(atPath: entry.path + "/manifest.json")
    #expect(BackupFolder(root: root, catalog: "anzx").entries().isEmpty)
    #expect(BackupFolder(root: root, catalog: "anzx").damaged() == [entry.name])
  }

  @Test func `a used database is not touched, and with leave keeps its old self beside the new`()
    throws
  {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seeded = try SeededCatalog("netra", scale: 0.1)
    let entry = try back(up: seeded).entry
    let messages = "SELECT count(*) FROM netra.messages"
    let rows = try seeded.number(messages)
    try seeded.connect().execute(named: "lose", "DELETE FROM netra.messages")
    let restore = Restore(entry.path, variables: variables)
    let error = #expect(throws: UpkeepError.self) {
      _ = try restore.run(
        into: seeded.target, catalog: seeded.catalog, replacing: false, stamp: "a")
    }
    #expect(error?.remedy?.contains("--replace") == true)
    let holder = try seeded.connect()
    #expect(throws: PostgresError.self) {
      _ = try restore.run(into: seeded.target, catalog: seeded.catalog, replacing: true, stamp: "b")
    }
    #expect(try seeded.number(messages) == 0)
    _ = consume holder
    let outcome = try restore.run(
      into: seeded.target, catalog: seeded.catalog, replacing: true, stamp: "c")
    #expect(try seeded.number(messages) == rows)
    let former = try #require(outcome.formerDatabase)
    let old = try Connection(seeded.target.withDatabase(former))
    #expect(try old.query(named: "old", messages).only().int("count") == 0)
    let empty = try TestDatabase.make()
    #expect(
      try restore.run(into: empty, catalog: seeded.catalog, replacing: false, stamp: "d").rows
        == outcome.rows)
  }

  @Test func `a role that row-level security binds is refused, with what to do`() throws {
    let seeded = try SeededCatalog("loghunter", scale: nil)
    let connection = try seeded.connect()
    let name = "dumper_\(UUID().uuidString.prefix(8).lowercased())"
    try connection.execute(named: "a login", "CREATE ROLE \(name) LOGIN")
    try connection.execute(named: "rights", "GRANT pg_read_all_data TO \(name)")
    defer { _ = try? connection.execute(named: "gone", "DROP ROLE \(name)") }
    let error = #expect(throws: UpkeepError.self) {
      _ = try Backup(seeded.catalog, of: seeded.target.withUser(name), options: .init(root: root))
        .run()
    }
    #expect(error == .boundByRowSecurity(user: name))
    #expect(error?.remedy?.contains("BYPASSRLS") == true)
    try connection.execute(named: "sight", "ALTER ROLE \(name) BYPASSRLS")
    defer { try? FileManager.default.removeItem(atPath: root) }
    var options = Backup.Options(root: root)
    options.variables = variables
    let outcome = try Backup(seeded.catalog, of: seeded.target.withUser(name), options: options)
      .run()
    #expect(!outcome.entry.manifest.files.isEmpty)
  }

  @Test func `what is stopped half-way leaves nothing that looks whole`() throws {
    struct Stopped: Error {}
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seeded = try SeededCatalog("xray", scale: 0.1)
    var options = Backup.Options(root: root)
    options.variables = variables
    for turn in 1...12 {
      var turns = 0
      do {
        _ = try Backup(
          seeded.catalog, of: seeded.target, options: options,
          check: {
            turns += 1
            if turns == turn * 3 { throw Stopped() }
          }
        ).run()
      } catch is Stopped {
        let names = try FileManager.default.contentsOfDirectory(atPath: root + "/xray")
        #expect(names.filter { !$0.hasPrefix(".") && $0 != "history.jsonl" }.isEmpty)
        continue
      }
      break
    }
    try? FileManager.default.createDirectory(
      atPath: root + "/xray/.partial-20200101T000000Z/dump", withIntermediateDirectories: true)
    sleep(1)
    _ = try back(up: seeded)
    let names = try FileManager.default.contentsOfDirectory(atPath: root + "/xray")
    #expect(!names.contains { $0.hasPrefix(".partial-") })
  }

  @Test func `old ones go, and the newest never`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seeded = try SeededCatalog("anzx", scale: nil)
    var options = Backup.Options(root: root)
    options.variables = variables
    for day in [0.0, 20, 40] {
      let moment = Date(timeIntervalSince1970: 1_773_360_000 + day * 86_400)
      let outcome = try Backup(seeded.catalog, of: seeded.target, options: options, now: { moment })
        .run()
      #expect(outcome.removed.count == (day == 40 ? 1 : 0))
    }
    let folder = BackupFolder(root: root, catalog: "anzx")
    #expect(folder.entries().map(\.name) == ["20260422T000000Z", "20260402T000000Z"])
  }

  @Test(
    .enabled(if: SmallFileSystem.isAvailable, "a small file system needs the right to mount"))
  func `a full disk is told of and leaves no backup, and with room again there is one`() throws {
    let disk = try SmallFileSystem("200k")
    let seeded = try SeededCatalog("loglytics", scale: 1)
    let error = #expect(throws: UpkeepError.self) { _ = try back(up: seeded, to: disk.path) }
    #expect(error?.remedy?.contains("free space") == true)
    let names = try FileManager.default.contentsOfDirectory(atPath: disk.path + "/loglytics")
    #expect(names == [".lock"])
    try disk.enlarge(to: "100m")
    #expect(try back(up: seeded, to: disk.path).entry.manifest.bytes > 200_000)
  }

  @Test func `a secret of the address is on no command line, and in no file that stays or is open`()
    throws
  {
    let seeded = try SeededCatalog("xray", scale: nil)
    // Keeps pg_dump waiting until it has been seen.
    let holder = try seeded.connect()
    try holder.execute(named: "begin", "BEGIN")
    try holder.execute(named: "hold", "ALTER TABLE xray.users_id_seq RENAME TO renamed")
    var target = seeded.target
    target["password"] = "very-secret"
    target["sslpassword"] = "more=secret still"
    let folder = "/tmp/daybreak-service-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer {
      try? FileManager.default.removeItem(atPath: root)
      try? FileManager.default.removeItem(atPath: folder)
    }
    var options = Backup.Options(root: root)
    options.variables = variables
    options.variables["TMPDIR"] = folder
    var lines: [String] = []
    var files: Set<String> = []
    _ = try Backup(
      seeded.catalog, of: target, options: options,
      check: {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
          if let process = Int32(name) {
            lines.append(ProcessTable.arguments(of: process).joined(separator: " "))
          }
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
          var status = stat()
          #expect(stat("\(folder)/\(name)", &status) == 0)
          #expect(status.st_mode & 0o777 == 0o600)
          files.insert(try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
        }
        if lines.contains(where: { $0.contains("pg_dump ") && $0.contains(root) }) {
          try holder.execute(named: "let go", "ROLLBACK")
        }
      }
    ).run()
    #expect(lines.contains { $0.contains("pg_dump ") && $0.contains("service='daybreak'") })
    #expect(!lines.contains { $0.contains("secret") })
    #expect(files == ["[daybreak]\nsslpassword=more=secret still\n"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }
}

/// What of an address goes where.
@Suite struct ClientAddressTests {
  private func address(_ text: String, _ variables: [String: String] = [:]) throws -> ClientAddress
  {
    try ClientAddress(try ConnectionTarget(text), variables: variables)
  }

  @Test func `only what is known to be harmless is an argument`() throws {
    let found = try address(
      "postgres://reader:one@db.example:5433/netra?sslmode=require&sslpassword=two&options=-c%20a.b%3Dthree"
    )
    let line = found.arguments.joined(separator: " ")
    for secret in ["one", "two", "three"] { #expect(!line.contains(secret)) }
    for word in ["host='db.example'", "port='5433'", "user='reader'", "sslmode='require'"] {
      #expect(line.contains(word))
    }
    #expect(found.environment == ["PGPASSWORD": "one", "PGOPTIONS": "-c a.b=three"])
    #expect(found.hidden == ["sslpassword": "two"])
    let plain = try address("postgres://reader@db.example/netra")
    #expect(plain.hidden.isEmpty && plain.environment.isEmpty)
    #expect(!plain.arguments.joined().contains("service"))
  }

  @Test func `what no file can hold, and a service beside ours, are refused`() throws {
    let named = #expect(throws: UpkeepError.self) { _ = try address("service=own sslpassword=two") }
    #expect(named?.remedy?.contains("service file") == true)
    #expect(throws: UpkeepError.self) { _ = try address("sslpassword=two", ["PGSERVICE": "own"]) }
    #expect(try address("service=own password=one").environment == ["PGPASSWORD": "one"])
    for value in ["two ", "two\nport=1"] {
      #expect(throws: UpkeepError.self) { _ = try address("sslpassword='\(value)'") }
    }
  }
}
