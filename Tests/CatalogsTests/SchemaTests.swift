import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// Catalogs on a real server.
enum Scratch {
  /// A database with a catalog in it, and a superuser's connection to it.
  static func installed(_ name: String, without: [String] = []) throws -> (Catalog, Connection) {
    let catalog = try Catalog(named: name)
    let target = try TestDatabase.make()
    if !without.isEmpty { try doWithout(without, on: Connection(target)) }
    let connection = try Connection(target)
    _ = try catalog.install(on: connection)
    return (catalog, connection)
  }

  /// Has migrations do without extensions in a database; sessions that begin later do.
  static func doWithout(_ names: [String], on connection: Connection) throws {
    let database = quotedIdentifier(connection.target.databaseName)
    try connection.execute(
      named: "extensions to do without",
      "alter database \(database) set daybreak.without_extensions = '\(names.joined(separator: ","))'"
    )
    if names.contains("timescaledb") {
      // What the store's fifth migration asks.
      try connection.execute(
        named: "native partitions", "alter database \(database) set daybreak.partitions = 'native'")
    }
  }

  /// A database that the system's own program made, as the pgTAP tests rebuild it, in schema `public`.
  static func original(_ name: String) throws -> Connection {
    let folder = Fixtures.root.appending(path: "Tests/CatalogsTests/pgtap/\(name)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let file = try #require(
      files.first { $0 == "original.psql" } ?? files.first { $0.hasSuffix("_existing.sql") })
    let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    let connection = try Connection(try TestDatabase.make())
    try connection.script(
      named: "vector",
      "do $$ begin if exists (select from pg_available_extensions where name = 'vector') then create extension vector; end if; end $$"
    )
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).drop {
      !$0.hasPrefix("CREATE SCHEMA")
    }.dropFirst(2).prefix { line in
      !["CREATE FUNCTION", "CREATE ROLE", "INSERT", "SELECT pg_temp", "SELECT *"].contains {
        line.hasPrefix($0)
      }
    }
    let hasVector = try connection.query(
      named: "vector", "select to_regtype('vector') is not null as found"
    ).only().bool("found")
    let sql = lines.filter { !$0.hasPrefix("\\") && !$0.hasPrefix("SELECT CASE") }
      .joined(separator: "\n")
      .replacing(
        ":embedding_type",
        with: hasVector ? (name == "anzx" ? "vector(768)" : "vector(384)") : "real[]")
    try connection.transaction {
      try connection.execute(
        named: "server", "set local daybreak.test_server = '\(hasVector ? "full" : "bare")'")
      try connection.script(named: file, sql)
    }
    return connection
  }

  /// Everything in the database, as `pg_dump` would tell it apart: for before and after.
  static func fingerprint(_ connection: Connection) throws -> [String] {
    try connection.query(
      named: "fingerprint",
      """
      select format('%s %s %s %s', c.oid, c.relname, c.relkind, c.relacl) as line from pg_class c
      join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^(pg_|_timescaledb|timescaledb)'
        and n.nspname <> 'information_schema'
      union all select format('schema %s %s', nspname, nspacl) from pg_namespace where nspname !~ '^pg_t'
      union all select format('function %s', p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname !~ '^(pg_|_timescaledb|timescaledb)' and n.nspname <> 'information_schema'
      order by 1
      """
    ).map { try $0.string("line") }
  }

  /// A login of its own that is no superuser, and a connection of it to the same database.
  static func login(_ attributes: String, to connection: Connection) throws -> Connection {
    let name = "login_\(UUID().uuidString.prefix(8).lowercased())"
    try connection.execute(named: "login", "create role \(name) login \(attributes)")
    return try Connection(connection.target.withUser(name))
  }
}

@Suite(.enabled(if: TestDatabase.isAvailable)) struct InstallationTests {
  @Test(arguments: Catalog.names)
  func `a catalog is made, and made again without a change`(name: String) throws {
    let (catalog, connection) = try Scratch.installed(name)
    let before = try Scratch.fingerprint(connection)
    let again = try catalog.install(on: connection)
    #expect(again.versions == [])
    #expect(again.parts.values.allSatisfy { $0 == 0 })
    #expect(try Scratch.fingerprint(connection) == before)
  }

  @Test func `parts are ready for the days ahead`() throws {
    let (_, connection) = try Scratch.installed("xray")
    let days = try connection.query(
      named: "days", "select xray.days_ahead(now()) as days"
    ).only().int("days")
    #expect(days >= 6)
  }

  @Test(arguments: Catalog.names)
  func `up, seed, down and up again gives the same catalog`(name: String) throws {
    let (catalog, connection) = try Scratch.installed(name)
    let first = try SchemaInventory(of: catalog, on: connection).facts
    let end = try #require(CivilDate(year: 2026, month: 3, day: 13))
    let seeded = try catalog.seed(scale: 1, end: end, on: connection)
    #expect(seeded.total > 100)
    #expect(try catalog.remove(on: connection).count == catalog.migrator().migrations.count)
    #expect(try CatalogState(of: catalog, on: connection) == .absent)
    _ = try catalog.install(on: connection)
    #expect(try SchemaInventory(of: catalog, on: connection).facts == first)
    #expect(try catalog.seed(scale: 1, end: end, on: connection).tables == seeded.tables)
  }

  @Test(arguments: Catalog.names)
  func `a login without rights is told every statement that helps, and nothing changes`(
    name: String
  ) throws {
    let catalog = try Catalog(named: name)
    let administrator = try Connection(try TestDatabase.make())
    let weak = try Scratch.login("", to: administrator)
    let before = try Scratch.fingerprint(administrator)
    let login = weak.target.user
    do {
      _ = try catalog.install(on: weak)
      Issue.record("it was made")
    } catch let CatalogError.lacking(_, problems, commands) {
      #expect(problems.contains { $0.contains("may not make a schema") })
      #expect(
        commands.contains(
          "GRANT CREATE ON DATABASE \"\(administrator.target.databaseName)\" TO \"\(login)\";"))
      #expect(commands.contains("GRANT \"daybreak_owner\" TO \"\(login)\";"))
      let hasVector = try administrator.query(
        named: "pgvector",
        "select exists (select from pg_available_extensions where name = 'vector') as found"
      ).only().bool("found")
      if hasVector, catalog.definition.extensions.contains(where: { $0.name == "vector" }) {
        #expect(commands.contains { $0.hasPrefix("CREATE EXTENSION \"vector\";") })
      }
      // What it is told to run is enough.
      for command in commands {
        try administrator.script(named: "as told", command)
      }
    }
    #expect(try Scratch.fingerprint(administrator).filter { before.contains($0) } == before)
    let found = try Installation(of: catalog, on: weak)
    if found.shortfalls.isEmpty { #expect(try !catalog.install(on: weak).versions.isEmpty) }
  }

  @Test(arguments: [("14.12", 140_012), ("9.6.24", 90_624)])
  func `an old server is refused`(name: String, version: Int) {
    // Only one major version is installed here, so the comparison is what is tested.
    #expect(throws: CatalogError.serverTooOld(version: name)) {
      try Installation.requireServer(version, named: name)
    }
    #expect(CatalogError.serverTooOld(version: name).remedy == "use PostgreSQL 15 or newer")
  }

  @Test func `a server new enough is taken`() throws {
    try Installation.requireServer(150_000, named: "15.0")
    try Installation.requireServer(180_001, named: "18.1")
  }

  @Test func `a database that is not there says so`() throws {
    let target = try TestDatabase.make().withDatabase("nowhere")
    do {
      _ = try Connection(target)
      Issue.record("it connected")
    } catch {
      #expect(error.remedy?.contains("create the database") == true)
    }
  }

  @Test func `without the extensions the substitutes are named`() throws {
    let (catalog, connection) = try Scratch.installed(
      "loglytics", without: ["vector", "timescaledb", "pg_trgm"])
    let found = try Installation(of: catalog, on: connection)
    #expect(found.extensions.map(\.use) == [.leftAlone, .leftAlone, .leftAlone])
    #expect(found.extensions.allSatisfy { $0.summary.contains("instead \($0.substitute)") })
  }
}

@Suite(.enabled(if: TestDatabase.isAvailable)) struct CatalogStateTests {
  @Test(arguments: Catalog.names)
  func `an original is recognised, and never touched`(name: String) throws {
    let connection = try Scratch.original(name)
    let catalog = try Catalog(named: name)
    let before = try Scratch.fingerprint(connection)
    guard case .original(let original) = try CatalogState(of: catalog, on: connection) else {
      Issue.record("not recognised")
      return
    }
    #expect(original.schema == "public")
    #expect(original.missingTables == [])
    #expect(original.differences.filter { $0.foundType != "real[]" } == [])
    if name == "xray" {
      #expect(original.tables["logs"] == .partitioned(by: "RANGE (\"timestamp\")", parts: 3))
    }
    #expect(throws: CatalogError.self) { _ = try catalog.install(on: connection) }
    #expect(throws: CatalogError.self) { _ = try catalog.remove(on: connection) }
    let end = try #require(CivilDate(year: 2026, month: 3, day: 13))
    #expect(throws: CatalogError.self) {
      _ = try catalog.seed(scale: 1, end: end, on: connection)
    }
    #expect(try Scratch.fingerprint(connection) == before)
  }

  @Test func `what differs from the original is named`() throws {
    let connection = try Scratch.original("xray")
    try connection.script(
      named: "changes",
      """
      alter table logs add column node text; alter table users alter column email type text;
      alter table logs drop column action
      """)
    guard case .original(let found) = try CatalogState(of: Catalog(named: "xray"), on: connection)
    else {
      Issue.record("not recognised")
      return
    }
    #expect(
      found.differences.map(\.description) == [
        "logs.action is missing (character varying(50))", "logs.node is more than expected (text)",
        "users.email is text where character varying(255) was expected",
      ])
  }

  @Test func `tables of nobody in the catalog's schema are left alone`() throws {
    let connection = try Connection(try TestDatabase.make())
    try connection.script(
      named: "others", "create schema netra; create table netra.shopping (id integer)")
    let catalog = try Catalog(named: "netra")
    #expect(
      try CatalogState(of: catalog, on: connection)
        == .foreign(schema: "netra", tables: ["shopping"]))
    #expect(
      throws: CatalogError.foreign(catalog: "netra", schema: "netra", tables: ["shopping"])
    ) { _ = try catalog.install(on: connection) }
  }

  @Test func `one database holds all five`() throws {
    let connection = try Connection(try TestDatabase.make())
    for catalog in try Catalog.all() { _ = try catalog.install(on: connection) }
    for catalog in try Catalog.all() {
      #expect(try SchemaComparison(of: catalog, on: connection).drifts == [])
    }
  }

  @Test func `a reset leaves what others made, and stops at it`() throws {
    let (catalog, connection) = try Scratch.installed("loghunter")
    try connection.script(
      named: "others",
      "create table public.mine (id integer); create view loghunter.theirs as select * from loghunter.tenants"
    )
    #expect(try catalog.strangers(on: connection) == ["loghunter.theirs"])
    #expect(throws: (any Error).self) { _ = try catalog.remove(on: connection) }
    #expect(try SchemaComparison(of: catalog, on: connection).drifts.count == 1)
    try connection.script(named: "drop", "drop view loghunter.theirs")
    try catalog.remove(on: connection)
    let left = try connection.query(
      named: "left",
      "select to_regclass('public.mine') is not null as mine, to_regnamespace('loghunter') is null as is_gone"
    ).only()
    #expect(try left.bool("mine"))
    #expect(try left.bool("is_gone"))
  }
}
