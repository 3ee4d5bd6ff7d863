import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Postgres

@Suite(.enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"))
struct MigratorTests {
  private static let first = MigrationFile(
    path: "migrations/shop/000001_orders.up.sql",
    text: "create table orders (id bigint primary key);\n")
  private static let firstDown = MigrationFile(
    path: "migrations/shop/000001_orders.down.sql", text: "drop table orders;")
  private static let second = MigrationFile(
    path: "migrations/shop/000002_items.up.sql",
    text: "create table items (id bigint);\ninsert into items values (1)")
  private static let secondDown = MigrationFile(
    path: "migrations/shop/000002_items.down.sql", text: "drop table items;")
  private static let all = [second, firstDown, first, secondDown]

  private func migrator(_ files: [MigrationFile] = all) throws -> Migrator {
    try Migrator(catalog: "shop", schema: "shop", files: files)
  }

  private func tables(_ connection: Connection) throws -> [String] {
    try connection.query(
      named: "tables",
      "select tablename::text as name from pg_tables where schemaname = 'shop' order by 1"
    ).map { row in try row.string("name") }
  }

  @Test func `up applies all files and records them`() throws {
    let connection = try Connection(TestDatabase.make())
    #expect(try migrator().up(on: connection) == [1, 2])
    #expect(
      try tables(connection) == [
        "items", "orders", "schema_migrations", "schema_migrations_history",
      ])
    let row = try connection.query(
      named: "version", "select version, dirty from shop.schema_migrations"
    ).only()
    #expect(try row.int64("version") == 2)
    #expect(try row.bool("dirty") == false)
    let status = try migrator().status(on: connection)
    #expect(status.currentVersion == 2)
    #expect(status.pending.isEmpty)
    #expect(try migrator().up(on: connection) == [])
  }

  @Test func `up and down stop where they are told`() throws {
    let connection = try Connection(TestDatabase.make())
    #expect(try migrator().up(on: connection, to: 1) == [1])
    #expect(try migrator().up(on: connection) == [2])
    #expect(try migrator().down(on: connection, steps: 1) == [2])
    #expect(try tables(connection).first == "orders")
    #expect(try migrator().status(on: connection).currentVersion == 1)
    #expect(try migrator().up(on: connection) == [2])
    #expect(try migrator().down(on: connection, to: 0) == [2, 1])
    #expect(try migrator().status(on: connection).currentVersion == 0)
    #expect(try tables(connection) == ["schema_migrations", "schema_migrations_history"])
  }

  @Test func `status and plan change nothing`() throws {
    let connection = try Connection(TestDatabase.make())
    let plan = try migrator().plan(on: connection)
    #expect(plan.direction == .up)
    #expect(plan.steps.map(\.version) == [1, 2])
    #expect(try migrator().status(on: connection).pending.map(\.version) == [1, 2])
    #expect(
      try connection.query(named: "s", "select 1 from pg_namespace where nspname = 'shop'").isEmpty)
  }

  @Test func `the planned SQL does what up does`() throws {
    let connection = try Connection(TestDatabase.make())
    let plan = try migrator().plan(on: connection)
    try connection.script(named: "plan", plan.sql)
    let status = try migrator().status(on: connection)
    #expect(status.currentVersion == 2)
    #expect(status.pending.isEmpty)
    let down = try migrator().plan(on: connection, to: 0)
    #expect(down.steps.map(\.version) == [2, 1])
    try connection.script(named: "plan", down.sql)
    #expect(try migrator().status(on: connection).currentVersion == 0)
  }

  @Test func `a failing file names its line and leaves nothing, not even dirt`() throws {
    let connection = try Connection(TestDatabase.make())
    let broken = MigrationFile(
      path: "migrations/shop/000002_items.up.sql",
      text: "create table items (id bigint);\n\nalter table items\n  add column x nosuchtype;")
    let error = #expect(throws: PostgresError.self) {
      try migrator([MigratorTests.first, broken]).up(on: connection)
    }
    #expect(error?.summary.hasPrefix("migrations/shop/000002_items.up.sql:4:16: ") == true)
    #expect(error?.summary.contains("type \"nosuchtype\" does not exist") == true)
    let status = try migrator().status(on: connection)
    #expect(status.currentVersion == 1)
    #expect(!status.isDirty)
    #expect(try !tables(connection).contains("items"))
    #expect(try migrator().up(on: connection) == [2])
  }

  @Test func `an edited file is named and stops everything`() throws {
    let connection = try Connection(TestDatabase.make())
    try migrator().up(on: connection, to: 1)
    let edited = MigrationFile(
      path: MigratorTests.first.path, text: "create table orders (id int);")
    let changed = try migrator([edited, MigratorTests.second])
    let error = #expect(throws: PostgresError.self) { try changed.up(on: connection) }
    #expect(error?.summary.contains("000001_orders.up.sql was edited") == true)
    guard case .edited? = try changed.status(on: connection).entries.first?.state else {
      Issue.record("the status does not tell")
      return
    }
  }

  @Test func `a schema newer than the program is left alone`() throws {
    let connection = try Connection(TestDatabase.make())
    try migrator().up(on: connection)
    let old = try migrator([MigratorTests.first, MigratorTests.firstDown])
    let error = #expect(throws: PostgresError.self) { try old.up(on: connection) }
    #expect(error?.summary.contains("version 2, which this program does not know") == true)
    #expect(throws: PostgresError.self) { try old.down(on: connection, to: 0) }
  }

  @Test func `what golang-migrate applied is taken over`() throws {
    let connection = try Connection(TestDatabase.make())
    try connection.script(
      named: "golang-migrate",
      """
      create schema shop; create table shop.orders (id bigint primary key);
      create table shop.schema_migrations (version bigint not null primary key, dirty boolean not null);
      insert into shop.schema_migrations values (1, false);
      """)
    #expect(try migrator().status(on: connection).entries.first?.state == .appliedElsewhere)
    #expect(try migrator().up(on: connection) == [2])
  }

  @Test func `the dirty mark of golang-migrate is explained`() throws {
    let connection = try Connection(TestDatabase.make())
    try connection.script(
      named: "golang-migrate",
      """
      create schema shop;
      create table shop.schema_migrations (version bigint not null primary key, dirty boolean not null);
      insert into shop.schema_migrations values (1, true);
      """)
    let error = #expect(throws: PostgresError.self) { try migrator().up(on: connection) }
    #expect(error?.summary.contains("marked dirty at version 1") == true)
    #expect(error?.remedy?.contains("set dirty = false") == true)
  }

  @Test func `a step without a down file cannot be taken back`() throws {
    let connection = try Connection(TestDatabase.make())
    let oneWay = try migrator([MigratorTests.first, MigratorTests.second, MigratorTests.secondDown])
    try oneWay.up(on: connection)
    #expect(throws: PostgresError.self) { try oneWay.down(on: connection, to: 0) }
    #expect(try oneWay.status(on: connection).currentVersion == 2)
  }

  @Test func `a held lock ends in a message that names the holder`() throws {
    let target = try TestDatabase.make()
    let holder = try Connection(target)
    var impatient = try migrator()
    impatient.lockTimeout = .milliseconds(150)
    let key = Migrator.lockKey(database: target.databaseName, schema: "shop")
    try holder.execute(named: "lock", "select pg_advisory_lock($1)", [.int64(key)])
    let error = #expect(throws: PostgresError.self) { try impatient.up(on: Connection(target)) }
    #expect(error?.summary.contains("process \(holder.serverProcessID) (daybreak)") == true)
  }

  @Test func `two migrators at once do the work once`() throws {
    let target = try TestDatabase.make()
    let migrator = try migrator()
    let applied = Mutex<[[Int64]]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      let versions = try? migrator.up(on: Connection(target))
      applied.withLock { $0.append(versions ?? [-1]) }
    }
    #expect(applied.withLock { $0.sorted { $0.count < $1.count } } == [[], [], [], [1, 2]])
  }
}

@Suite struct MigrationFileTests {
  @Test func `the lock is golang-migrate's`() {
    // CRC-32 of the check string of the standard, and the key of golang-migrate's own rule.
    #expect(Migrator.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    let sum = Migrator.crc32(Array("public\0schema_migrations\0shop".utf8))
    #expect(
      Migrator.lockKey(database: "shop", schema: "public")
        == Int64((UInt64(sum) * 1_486_364_155) & 0xFFFF_FFFF))
  }

  @Test(arguments: [
    ("000001_a_b.up.sql", 1, "a_b", true),
    ("20240102030405_x.down.sql", 20_240_102_030_405, "x", false),
    ("7_.up.sql", 7, "", true), ("1_a.b.up.down.sql", 1, "a.b.up", false),
    ("3_x.up.tar.gz", 3, "x", true),
  ])
  func `names are read as golang-migrate reads them`(
    name: String, version: Int64, title: String, isUp: Bool
  ) throws {
    let read = try #require(MigrationFile(path: "d/" + name, text: "").name)
    #expect(read.version == version)
    #expect(read.title == title)
    #expect(read.isUp == isUp)
  }

  @Test(arguments: ["README.md", "x_1.up.sql", "1_x.sql", "_x.up.sql", "1_up.sql", "-1_x.up.sql"])
  func `other names are no migrations`(name: String) {
    #expect(MigrationFile(path: name, text: "").name == nil)
  }

  @Test(arguments: [
    (["1_a.up.sql", "3_c.up.sql"], "version 2 is missing before 3_c.up.sql"),
    (["2_b.up.sql"], "version 1 is missing before 2_b.up.sql"),
    (["1_a.up.sql", "01_b.up.sql"], "version 1 is there twice: 1_a.up.sql and 01_b.up.sql"),
    (["1_a.up.sql", "2_b.down.sql"], "2_b.down.sql has no up file beside it"),
  ])
  func `files that do not add up are refused`(names: [String], summary: String) {
    let error = #expect(throws: PostgresError.self) {
      try Migrator(
        catalog: "c", schema: "s", files: names.map { MigrationFile(path: $0, text: "select 1") })
    }
    #expect(error?.summary == summary)
  }

  @Test func `dates as versions may have gaps`() throws {
    let files = ["20240101_a.up.sql", "20240301_b.up.sql"].map {
      MigrationFile(path: $0, text: "select 1")
    }
    #expect(try Migrator(catalog: "c", schema: "s", files: files).migrations.count == 2)
  }

  @Test(arguments: [
    "begin", "BEGIN TRANSACTION", "start transaction", "commit", "end", "rollback to x",
    "savepoint a", "prepare transaction 'x'",
  ])
  func `a file may not end our transaction`(statement: String) {
    let error = #expect(throws: PostgresError.self) {
      try Migrator(
        catalog: "c", schema: "s",
        files: [MigrationFile(path: "1_a.up.sql", text: "select 1;\n \(statement);")])
    }
    #expect(error?.summary.hasPrefix("1_a.up.sql:2:2: ") == true)
  }
}
