import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

/// Everything that defines the store's schemas, as text: relations, columns, constraints, indexes,
/// policies, triggers, functions, views, rights.
private func catalog(_ connection: Connection) throws -> [String] {
  try connection.query(
    named: "catalog",
    """
    WITH ours AS (
      SELECT c.*, n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('daybreak', 'daybreak_partitions')
        AND c.relname NOT LIKE 'schema\\_migration%'
    )
    SELECT format('relation %s.%s kind %s owner %s rls %s force %s options %s acl %s', nspname,
      relname, relkind, relowner::regrole, relrowsecurity, relforcerowsecurity, reloptions, relacl)
      AS line FROM ours
    UNION ALL
    SELECT format('column %s.%s %s %s not null %s default %s acl %s', c.relname, a.attname,
      (SELECT count(*) FROM pg_attribute AS b WHERE b.attrelid = a.attrelid AND b.attnum > 0
        AND NOT b.attisdropped AND b.attnum <= a.attnum), format_type(a.atttypid, a.atttypmod), a.attnotnull,
      pg_get_expr(d.adbin, d.adrelid), a.attacl)
    FROM ours AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
      -- The place of a column that was dropped stays taken for ever.
      AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT format('constraint %s.%s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
    FROM ours AS c JOIN pg_constraint AS k ON k.conrelid = c.oid
    UNION ALL
    SELECT 'index ' || pg_get_indexdef(i.indexrelid)
    FROM ours AS c JOIN pg_index AS i ON i.indrelid = c.oid
    UNION ALL
    SELECT format('policy %s.%s %s to %s using %s check %s', c.relname, p.polname, p.polcmd,
      p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
      pg_get_expr(p.polwithcheck, p.polrelid))
    FROM ours AS c JOIN pg_policy AS p ON p.polrelid = c.oid
    UNION ALL
    SELECT 'trigger ' || pg_get_triggerdef(t.oid)
    FROM ours AS c JOIN pg_trigger AS t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('view %s %s', relname, pg_get_viewdef(oid)) FROM ours WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT format('function %s owner %s acl %s', pg_get_functiondef(p.oid), p.proowner::regrole,
      p.proacl)
    FROM pg_proc AS p WHERE p.pronamespace = 'daybreak'::regnamespace
    UNION ALL
    SELECT format('comment %s %s', c.relname, d.description)
    FROM ours AS c JOIN pg_description AS d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass
    UNION ALL
    SELECT format('schema %s owner %s acl %s', nspname, nspowner::regrole, nspacl)
    FROM pg_namespace WHERE nspname LIKE 'daybreak%'
    ORDER BY 1
    """
  ).map { try $0.string("line") }
}

@Suite(.enabled(if: TestDatabase.isAvailable)) struct MigrationTests {
  @Test(arguments: Partitioning.available)
  func `up, down and up again gives an identical catalog`(partitioning: Partitioning) throws {
    let connection = try Connection(ScratchStore.database(partitioning))
    let migrator = try Store.migrator()
    try migrator.up(on: connection)
    let first = try catalog(connection)
    #expect(first.count > 300)
    try migrator.down(on: connection, to: 0)
    let left = try catalog(connection)
    #expect(left.filter { !$0.hasPrefix("schema ") } == [])
    try migrator.up(on: connection)
    #expect(try catalog(connection) == first)
  }

  @Test func `each step can be taken back and made again alone`() throws {
    let connection = try Connection(ScratchStore.database(.native))
    let migrator = try Store.migrator()
    for migration in migrator.migrations {
      try migrator.up(on: connection, to: migration.version)
      let made = try catalog(connection)
      try migrator.down(on: connection, steps: 1)
      try migrator.up(on: connection, to: migration.version)
      #expect(try catalog(connection) == made, "\(migration.title)")
    }
  }

  @Test func `a folder given at run time replaces the files that the program carries`() throws {
    let embedded = try Store.migrator()
    let folder = try Store.migrator(directory: Fixtures.root.appending(path: "migrations"))
    #expect(embedded.migrations.map(\.checksum) == folder.migrations.map(\.checksum))
    #expect(embedded.migrations.count == 16)
  }

  @Test func `every migration has a way down`() throws {
    #expect(try Store.migrator().migrations.allSatisfy { $0.down != nil })
  }

  @Test func `databases of one cluster can be migrated at once`() async throws {
    // Roles are the cluster's: eight migrations race for them.
    let targets = try (0..<8).map { _ in try ScratchStore.database(.native) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for target in targets {
        group.addTask { try Store.migrate(administrator: target) }
      }
      try await group.waitForAll()
    }
    for target in targets { _ = try Store(target) }
  }

  @Test func `a login that is no superuser migrates, and another works as the service`() throws {
    let superuser = try ScratchStore.database(.native)
    let suffix = UInt32.random(in: 0 ... .max)
    let (admin, login) = ("admin_\(suffix)", "login_\(suffix)")
    let connection = try Connection(superuser)
    // The roles may be there already, made by another administrator, who then grants them.
    try Store.migrate(administrator: ScratchStore.database(.native))
    for sql in [
      "CREATE ROLE \(admin) LOGIN CREATEROLE", "CREATE ROLE \(login) LOGIN",
      "GRANT CREATE ON DATABASE \(superuser.databaseName) TO \(admin)",
      "GRANT daybreak_owner TO \(admin)", "GRANT daybreak_service TO \(login)",
    ] { try connection.execute(named: "prepare", sql) }
    defer {
      for sql in [
        "REASSIGN OWNED BY \(admin) TO CURRENT_USER", "DROP OWNED BY \(admin)",
        "DROP ROLE \(admin)", "DROP ROLE \(login)",
      ] { _ = try? connection.execute(named: "clean up", sql) }
    }
    try Store.migrate(administrator: acting(as: admin, superuser))
    let store = try Store(acting(as: login, superuser))
    try store.withTenant(acme) { session throws in try session.ensureTenant() }
    #expect(try store.tenantNames() == [acme])
    store.close()
  }

  @Test func `every function has a fixed search path and is closed to the public`() throws {
    let scratch = try ScratchStore()
    let rows = try scratch.asAdministrator(
      """
      SELECT p.proname AS name, p.prosecdef AS is_definer,
        coalesce(p.proconfig::text LIKE '%search_path=pg_catalog, pg_temp%', false) AS is_fixed,
        EXISTS (
          SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))
          WHERE grantee = 0
        ) AS is_public
      FROM pg_proc AS p WHERE p.pronamespace = 'daybreak'::regnamespace
      """)
    #expect(rows.count == 18)
    for row in rows {
      let name = try row.string("name")
      #expect(try row.bool("is_fixed"), "\(name)")
      #expect(try !row.bool("is_public"), "\(name)")
    }
    // None of these takes a row from a tenant or gives one to another; see the migrations.
    let definers = try rows.filter { try $0.bool("is_definer") }.map { try $0.string("name") }
    #expect(
      definers.sorted() == [
        "clusters_resembling", "clusters_with_words", "deleted_tenant_names",
        "drop_empty_service_minutes", "prepare_cluster_vectors", "prepare_service_minutes",
        "refresh_view", "tenant_names",
      ])
  }

  @Test(arguments: Partitioning.available)
  func `every table is protected, forced, and belongs to the owner`(
    partitioning: Partitioning
  ) throws {
    let scratch = try ScratchStore(partitioning)
    let rows = try scratch.asAdministrator(
      """
      SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS is_protected,
        c.relowner::regrole::text AS owner,
        has_table_privilege('daybreak_service', c.oid, 'TRUNCATE, REFERENCES, TRIGGER') AS excess,
        EXISTS (
          SELECT FROM aclexplode(c.relacl) WHERE grantee = 0
        ) AS is_public
      FROM pg_class AS c
      WHERE c.relnamespace = 'daybreak'::regnamespace AND c.relkind IN ('r', 'p')
        AND c.relname NOT LIKE 'schema\\_migration%'
      """)
    #expect(rows.count >= 18)
    for row in rows {
      let name = try row.string("name")
      #expect(try row.bool("is_protected"), "\(name)")
      #expect(try row.string("owner") == "daybreak_owner", "\(name)")
      #expect(try !row.bool("excess"), "\(name)")
      #expect(try !row.bool("is_public"), "\(name)")
    }
  }

  @Test func `LogHunter's tables have LogHunter's columns`() throws {
    let scratch = try ScratchStore()
    let documented = [
      "tenants": "id name loki_org_id created_at updated_at",
      "api_keys":
        "id tenant_id name key_hash scopes last_used_at deleted_at created_at updated_at",
      "error_clusters":
        "id tenant_id service namespace fingerprint level first_seen_at last_seen_at count "
        + "sample_message created_at updated_at",
      "analysis_results":
        "id cluster_id tenant_id provider model root_cause confidence summary suggested_action "
        + "created_at",
      "anomaly_baselines":
        "id tenant_id service namespace window_start window_end avg_log_rate avg_error_rate "
        + "p95_error_rate created_at",
      "anomaly_events":
        "id tenant_id service namespace detected_at severity metric baseline_value "
        + "observed_value deviation_factor notified created_at",
      "saved_filters":
        "id tenant_id name filter_json created_by deleted_at created_at updated_at",
    ]
    for (table, columns) in documented {
      let found = try scratch.asAdministrator(
        """
        SELECT attname FROM pg_attribute
        WHERE attrelid = ('daybreak.' || $1)::regclass AND attnum > 0
        """, [.text(table)]
      ).map { try $0.string("attname") }
      #expect(Set(columns.split(separator: " ").map(String.init)).isSubset(of: found), "\(table)")
    }
  }

  @Test func `updated_at follows every change in every table that has it`() throws {
    let scratch = try ScratchStore()
    let missing = try scratch.asAdministrator(
      """
      SELECT c.relname FROM pg_class AS c
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'updated_at'
      WHERE c.relnamespace = 'daybreak'::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT EXISTS (
          SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'touch_updated_at')
      """)
    #expect(missing.isEmpty)
    let without = try scratch.asAdministrator(
      """
      SELECT c.relname AS name FROM pg_class AS c
      WHERE c.relnamespace = 'daybreak'::regnamespace AND c.relkind IN ('r', 'p')
        AND c.relname NOT LIKE 'schema\\_migration%' AND NOT EXISTS (
          SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'updated_at')
      """
    ).map { try $0.string("name") }
    #expect(without == ["service_minutes"])
  }

  @Test(.enabled(if: Partitioning.hasTimescaleDB))
  func `with TimescaleDB service_minutes is a hypertable`() throws {
    let scratch = try ScratchStore(.hypertable)
    let row = try scratch.asAdministrator(
      "SELECT count(*) AS count FROM timescaledb_information.hypertables "
        + "WHERE hypertable_schema = 'daybreak' AND hypertable_name = 'service_minutes'"
    ).only()
    #expect(try row.int("count") == 1)
  }
}

/// The same database, with every statement run as another role than the login's.
private func acting(as role: String, _ target: ConnectionTarget) -> ConnectionTarget {
  var copy = target.withUser(role)
  copy["options"] = target["options"]
  return copy
}
