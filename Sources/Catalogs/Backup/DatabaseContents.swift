internal import DaybreakCore
internal import Postgres

/// What a database holds, in a form that can be compared before a dump and after a restore.
struct DatabaseContents {
  /// Rows by table; of a table in parts only the whole.
  var tables: [BackupManifest.Table]
  /// A digest for each kind of object.
  var schema: [String: String]
  var extensions: [String: String]
  var roles: [String]

  /// Reads it, in the caller's transaction.
  init(_ connection: Connection, check: () throws -> Void = {}) throws {
    tables = []
    for row in try connection.query(named: "tables", Self.tablesQuery) {
      try check()
      let name = try row.string("name")
      let count = try connection.query(
        named: "rows of \(name)", "SELECT count(*) AS rows FROM \(name)"
      )
      .only().int("rows")
      tables.append(BackupManifest.Table(table: name, rows: count))
    }
    schema = [:]
    for (kind, query) in Self.schemaQueries {
      let lines = try connection.query(
        named: "what there is of \(kind)",
        "WITH ours AS (\(Self.schemas)) SELECT line FROM (\(query)) AS found (line) "
          + "ORDER BY line COLLATE \"C\""
      ).map { try $0.string("line") }
      schema[kind] = "\(lines.count) \(hex(sha256(Array(lines.joined(separator: "\n").utf8))))"
    }
    extensions = [:]
    for row in try connection.query(
      named: "extensions",
      "SELECT extname::text AS name, extversion AS version FROM pg_catalog.pg_extension")
    {
      extensions[try row.string("name")] = try row.string("version")
    }
    roles = try connection.query(named: "roles", Self.rolesQuery).map { try $0.string("name") }
  }

  /// In what a restored database differs; empty when in nothing.
  func differences(from manifest: BackupManifest) -> [String] {
    var found: [String] = []
    let have = Dictionary(uniqueKeysWithValues: tables.map { ($0.table, $0.rows) })
    for table in manifest.tables {
      guard let rows = have[table.table] else {
        found.append("\(table.table) is missing")
        continue
      }
      if rows != table.rows { found.append("\(table.table) has \(rows) rows of \(table.rows)") }
    }
    let known = Set(manifest.tables.map(\.table))
    found += tables.filter { !known.contains($0.table) }.map { "\($0.table) is new" }
    for (kind, digest) in manifest.schema.sorted(by: { $0.key < $1.key })
    where schema[kind] != digest {
      found.append("its \(kind) differ")
    }
    return found
  }

  /// Schemas that are somebody's: not the server's and not an extension's.
  private static let schemas = """
    SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND n.nspname !~ '^_?timescaledb' AND n.nspname <> 'toolkit_experimental'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
    """

  private static let relations = """
    FROM pg_catalog.pg_class AS c JOIN ours AS n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    """

  private static let tablesQuery = """
    WITH ours AS (\(schemas))
    SELECT format('%I.%I', n.nspname, c.relname) AS name \(relations)
      AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid)
    ORDER BY n.nspname, c.relname
    """

  /// Whoever owns something or was given rights, but for roles that every server has.
  private static let rolesQuery = """
    WITH ours AS (\(schemas))
    SELECT DISTINCT r.rolname::text AS name
    FROM pg_catalog.pg_roles AS r
    WHERE r.rolname !~ '^pg_' AND (
      r.oid IN (SELECT d.refobjid FROM pg_catalog.pg_shdepend AS d
        WHERE d.refclassid = 'pg_authid'::regclass AND d.classid <> 'pg_database'::regclass
          AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
      OR r.oid IN (SELECT c.relowner \(relations))
      OR r.oid IN (SELECT nspowner FROM ours)
      OR r.oid IN (SELECT p.proowner FROM pg_catalog.pg_proc AS p JOIN ours ON ours.oid = p.pronamespace))
    ORDER BY name
    """

  /// The kinds of objects, each as lines that say all of it that a restore has to give back.
  private static let schemaQueries: [(String, String)] = [
    (
      "tables",
      """
      SELECT format('%I.%I %s %s %s %s %s', n.nspname, c.relname, c.relkind, c.relrowsecurity,
        c.relforcerowsecurity, pg_catalog.pg_get_userbyid(c.relowner),
        pg_catalog.pg_get_expr(c.relpartbound, c.oid)) \(relations) AND c.relkind IN ('r', 'p', 'm', 'v', 'S')
      """
    ),
    (
      "columns",
      """
      SELECT format('%I.%I.%I %s %s %s %s', n.nspname, c.relname, a.attname,
        pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
        (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef AS d
         WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum))
      FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
      JOIN ours AS n ON n.oid = c.relnamespace
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm', 'v')
      """
    ),
    (
      "indexes",
      """
      SELECT pg_catalog.pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid
      FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
      JOIN ours AS n ON n.oid = c.relnamespace
      """
    ),
    (
      "constraints",
      """
      SELECT format('%I.%I %s', n.nspname, c.relname, pg_catalog.pg_get_constraintdef(k.oid))
      FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
      JOIN ours AS n ON n.oid = c.relnamespace
      """
    ),
    (
      "policies",
      """
      SELECT format('%I.%I %I %s %s %s %s %s', n.nspname, c.relname, p.polname, p.polcmd, p.polpermissive,
        (SELECT string_agg(pg_catalog.pg_get_userbyid(r)::text, ',' ORDER BY pg_catalog.pg_get_userbyid(r)::text)
         FROM unnest(p.polroles) AS r),
        pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
      FROM pg_catalog.pg_policy AS p JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
      JOIN ours AS n ON n.oid = c.relnamespace
      """
    ),
    (
      "triggers",
      """
      SELECT pg_catalog.pg_get_triggerdef(t.oid)
      FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
      JOIN ours AS n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal
      """
    ),
    (
      "functions",
      """
      SELECT pg_catalog.pg_get_functiondef(p.oid) || pg_catalog.pg_get_userbyid(p.proowner)
      FROM pg_catalog.pg_proc AS p JOIN ours AS n ON n.oid = p.pronamespace
      WHERE p.prokind IN ('f', 'p') AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
      """
    ),
    (
      "views",
      """
      SELECT format('%I.%I %s', n.nspname, c.relname, pg_catalog.pg_get_viewdef(c.oid)) \(relations)
        AND c.relkind IN ('v', 'm')
      """
    ),
    (
      "rights",
      """
      SELECT format('%I.%I %s', n.nspname, c.relname, a.acl::text)
      FROM pg_catalog.pg_class AS c JOIN ours AS n ON n.oid = c.relnamespace,
      LATERAL unnest(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS a (acl)
      WHERE c.relkind IN ('r', 'p', 'm', 'v')
      UNION ALL
      SELECT format('%I %s', n.nspname, a.acl::text) FROM ours AS n,
      LATERAL unnest(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) AS a (acl)
      WHERE n.nspname <> 'public'
      UNION ALL
      SELECT format('%I.%I(%s) %s', n.nspname, p.proname,
        pg_catalog.pg_get_function_identity_arguments(p.oid), a.acl::text)
      FROM pg_catalog.pg_proc AS p JOIN ours AS n ON n.oid = p.pronamespace,
      LATERAL unnest(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS a (acl)
      WHERE n.nspname <> 'public'
      """
    ),
  ]
}
