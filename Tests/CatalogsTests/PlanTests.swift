import Catalogs
import Foundation
import Postgres
import TestSupport
import Testing

/// What `daybreak db plan` says of locks.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct PlanTests {
  private struct Undo: Error {}

  /// A migration of one statement on a table that is there, read by the planner.
  private func advice(
    _ sql: String, after preparation: String = "create table shop.t (id integer, n integer)"
  ) throws -> MigrationAdvice.Statement {
    let connection = try Connection(try TestDatabase.make())
    try connection.script(named: "preparation", "create schema shop; \(preparation)")
    let migrator = try Migrator(
      catalog: "shop", schema: "shop",
      files: [
        MigrationFile(
          path: "migrations/shop/000001_x.up.sql", text: "SET LOCAL lock_timeout = '1s';\n\(sql)")
      ])
    let plan = try migrator.plan(on: connection)
    let advice = try MigrationAdvice(
      plan, schema: "shop", functions: migrator.functionBodies(), on: connection)
    return try #require(advice.steps.first?.statements.last)
  }

  @Test(arguments: [
    ("ALTER TABLE shop.t ADD COLUMN a text", "ACCESS EXCLUSIVE", ""),
    ("ALTER TABLE t ADD COLUMN a text NOT NULL", "ACCESS EXCLUSIVE", "adding-required-field"),
    (
      "ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()", "ACCESS EXCLUSIVE",
      "adding-field-with-default"
    ),
    ("ALTER TABLE t ALTER COLUMN n SET NOT NULL", "ACCESS EXCLUSIVE", "adding-not-nullable-field"),
    ("ALTER TABLE t ALTER n TYPE bigint", "ACCESS EXCLUSIVE", "changing-column-type"),
    (
      "ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0)", "ACCESS EXCLUSIVE",
      "constraint-missing-not-valid"
    ),
    ("ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0) NOT VALID", "ACCESS EXCLUSIVE", ""),
    ("ALTER TABLE t ADD UNIQUE (n)", "ACCESS EXCLUSIVE", "disallowed-unique-constraint"),
    ("ALTER TABLE t RENAME COLUMN n TO m", "ACCESS EXCLUSIVE", "renaming"),
    ("ALTER TABLE t DROP COLUMN n", "ACCESS EXCLUSIVE", "ban-drop-column"),
    ("ALTER TABLE t ALTER n SET STATISTICS 100", "SHARE UPDATE EXCLUSIVE", ""),
    ("ALTER TABLE t SET (fillfactor = 70)", "SHARE UPDATE EXCLUSIVE", ""),
    ("ALTER TABLE t DISABLE TRIGGER ALL", "SHARE ROW EXCLUSIVE", ""),
    ("CREATE INDEX ON t (n)", "SHARE", "require-concurrent-index-creation"),
    ("CREATE POLICY p ON t USING (true)", "ACCESS EXCLUSIVE", ""),
    ("COMMENT ON TABLE t IS 'x'", "SHARE UPDATE EXCLUSIVE", ""),
    ("COMMENT ON COLUMN shop.t.n IS 'x'", "SHARE UPDATE EXCLUSIVE", ""),
    ("INSERT INTO t VALUES (1, 2)", "ROW EXCLUSIVE", ""),
    ("UPDATE t SET n = 1", "ROW EXCLUSIVE", ""),
    ("DELETE FROM ONLY t", "ROW EXCLUSIVE", ""),
    ("TRUNCATE t", "ACCESS EXCLUSIVE", ""),
    ("LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE", "SHARE ROW EXCLUSIVE", ""),
    ("DROP TABLE t", "ACCESS EXCLUSIVE", "ban-drop-table"),
    (
      "DO $$ BEGIN IF true THEN ALTER TABLE shop.t ADD b text; END IF; END $$", "ACCESS EXCLUSIVE",
      ""
    ),
    (
      "DO $$ BEGIN EXECUTE 'CREATE INDEX ON shop.t (n)'; END $$", "SHARE",
      "require-concurrent-index-creation"
    ),
  ])
  func `a statement is told by its lock and its pitfall, as the server takes it`(
    sql: String, mode: String, rule: String
  ) throws {
    let statement = try advice(sql)
    let lock = try #require(statement.locks.first { $0.relation.description == "shop.t" })
    #expect(lock.mode.words == mode)
    #expect(lock.exists)
    #expect(statement.warnings.map(\.rule) == (rule.isEmpty ? [] : [rule]))
    // The same by the server itself.
    let connection = try Connection(try TestDatabase.make())
    try connection.script(
      named: "preparation", "create schema shop; create table shop.t (id integer, n integer)")
    let found = try Self.locks(of: ["set local search_path to shop", sql], on: connection)
    #expect(found["shop.t"]?.words == mode)
  }

  @Test func `a foreign key locks both tables`() throws {
    let preparation =
      "create table shop.t (id integer primary key); create table shop.u (t integer)"
    let sql = "ALTER TABLE shop.u ADD FOREIGN KEY (t) REFERENCES shop.t (id)"
    let statement = try advice(sql, after: preparation)
    #expect(
      statement.locks.map { "\($0.relation) \($0.mode.words)" } == [
        "shop.t SHARE ROW EXCLUSIVE", "shop.u SHARE ROW EXCLUSIVE",
      ])
    #expect(statement.warnings.map(\.rule) == ["adding-foreign-key-constraint"])
    #expect(try advice(sql + " NOT VALID", after: preparation).warnings == [])
  }

  @Test func `nobody waits for a new table, and for one that refers to another its writers`() throws
  {
    let statement = try advice(
      "CREATE TABLE shop.v (id integer REFERENCES shop.t (id))",
      after: "create table shop.t (id integer primary key)")
    let words = Dictionary(
      uniqueKeysWithValues: statement.locks.map { ($0.relation.name, $0.whoWaits) })
    #expect(words == ["v": "new here: nobody waits", "t": "writers wait"])
  }

  @Test func `a lock without a time-out is warned of`() throws {
    let connection = try Connection(try TestDatabase.make())
    try connection.script(
      named: "preparation", "create schema shop; create table shop.t (n integer)")
    let migrator = try Migrator(
      catalog: "shop", schema: "shop",
      files: [MigrationFile(path: "000001_x.up.sql", text: "ALTER TABLE shop.t ADD m integer")])
    let advice = try MigrationAdvice(
      try migrator.plan(on: connection), schema: "shop", functions: [:], on: connection)
    #expect(advice.warnings.map(\.warning.rule) == ["require-timeout-settings"])
    #expect(advice.warnings.first?.location.description == "000001_x.up.sql:1:1")
  }

  /// The strongest lock on each table, view and materialized view that was there before, as `pg_locks`
  /// shows it once the statements have run; everything is taken back.
  private static func locks(
    of statements: [String], on connection: Connection
  ) throws -> [String: TableLock] {
    var found: [String: TableLock] = [:]
    // By number: what a statement drops has no name any more when its lock is looked at.
    let before = try connection.query(
      named: "relations",
      """
      select c.oid::bigint as oid, n.nspname || '.' || c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
        and n.nspname !~ '^(pg_|_timescaledb)'
      """
    ).reduce(into: [Int64: String]()) { $0[try $1.int64("oid")] = try $1.string("name") }
    do {
      try connection.transaction {
        for statement in statements { try connection.script(named: "statement", statement) }
        let rows = try connection.query(
          named: "locks",
          """
          select l.relation::bigint as oid, l.mode from pg_locks l
          where l.pid = pg_backend_pid() and l.locktype = 'relation'
          """)
        for row in rows {
          guard let name = before[try row.int64("oid")],
            let mode = TableLock(serverName: try row.string("mode"))
          else { continue }
          found[name] = max(found[name] ?? mode, mode)
        }
        throw Undo()
      }
    } catch is Undo {}
    return found
  }

  @Test(arguments: Catalog.names + [Catalog.storeName], [true, false])
  func `every lock of every migration, up and down, is foretold`(
    name: String, isBare: Bool
  ) throws {
    let catalog = try Catalog(named: name)
    let target = try TestDatabase.make()
    if isBare {
      try Connection(target).script(
        named: "bare",
        "alter database \(target.databaseName) set daybreak.without_extensions = 'vector,timescaledb,pg_trgm,btree_gin'; alter database \(target.databaseName) set daybreak.partitions = 'native'"
      )
    }
    let connection = try Connection(target)
    let migrator = try catalog.migrator()
    let functions = try migrator.functionBodies()
    let versions = migrator.migrations.map(\.version)
    let back = Array(versions.reversed())
    let ways = Array(zip([0] + versions, versions)) + Array(zip(back, back.dropFirst() + [0]))
    for (from, to) in ways {
      let plan = try migrator.plan(on: connection, to: to)
      let advice = try MigrationAdvice(
        plan, schema: catalog.schema, functions: functions, on: connection)
      var foretold: [String: TableLock] = [:]
      for lock in advice.steps.flatMap(\.statements).flatMap(\.locks) where lock.exists {
        let key = lock.relation.description
        foretold[key] = max(foretold[key] ?? lock.mode, lock.mode)
      }
      if from > 0 {
        let texts =
          ["set local search_path to \(catalog.schema), public"] + plan.steps.map(\.file.text)
        for (relation, mode) in try Self.locks(of: texts, on: connection)
        where mode > .rowShare {
          #expect(
            foretold[relation] ?? .accessShare >= mode,
            "\(plan.steps.first?.file.path ?? ""): \(mode.words) on \(relation)")
        }
      }
      if to > from {
        try migrator.up(on: connection, to: to)
      } else {
        try migrator.down(on: connection, to: to)
      }
    }
  }
}
