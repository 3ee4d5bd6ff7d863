package import Postgres

/// Whose a catalog's schema in a database is.
package enum CatalogState: Sendable, Equatable {
  /// Nothing of the catalog is there.
  case absent
  /// Daybreak's migrations made it, or golang-migrate with the same files.
  case ours(MigrationStatus)
  /// The system's own program made it: it is read, and never changed.
  case original(OriginalDatabase)
  /// The catalog's schema is there and holds tables that nobody knows; their names.
  case foreign(schema: String, tables: [String])
}

/// A database that the system's own program made.
package struct OriginalDatabase: Hashable, Sendable {
  /// How a table is kept.
  package enum Storage: Hashable, Sendable {
    case plain
    /// By PostgreSQL itself: how, and in how many parts.
    case partitioned(by: String, parts: Int)
    /// By TimescaleDB: in how many chunks.
    case hypertable(chunks: Int)
  }

  /// A column that is not as the original's migrations or document make it.
  package struct Difference: Hashable, Sendable, CustomStringConvertible {
    package let table: String
    package let column: String
    /// Nil: the original has no such column.
    package let expectedType: String?
    /// Nil: it is missing here.
    package let foundType: String?

    /// The difference in words.
    package var description: String {
      switch (expectedType, foundType) {
      case (nil, let found?): "\(table).\(column) is more than expected (\(found))"
      case (let expected?, nil): "\(table).\(column) is missing (\(expected))"
      default:
        "\(table).\(column) is \(foundType ?? "") where \(expectedType ?? "") was expected"
      }
    }
  }

  /// Where its tables are.
  package let schema: String
  /// Its tables that were found, and how each is kept, by name.
  package let tables: [String: Storage]
  /// Its tables that are not there.
  package let missingTables: [String]
  /// What differs in the tables that are there.
  package let differences: [Difference]
}

extension CatalogState {
  /// Finds out, by reading system catalogs alone.
  ///
  /// The schema is Daybreak's when its history is there, or when golang-migrate's version table is and
  /// the tables beside it belong to `daybreak_owner`. An original is recognised by its tables and
  /// columns, in whichever schema, by the query `recognise` of `existing.sql`: at least half of its
  /// tables with at least half of their columns.
  ///
  /// - Throws: `PostgresError`, `CatalogError.damaged`.
  package init(of catalog: Catalog, on connection: Connection) throws {
    let relations = try Self.relations(catalog, connection)
    let status = try catalog.migrator().status(on: connection)
    let hasHistory = relations.contains { $0.name == "schema_migrations_history" }
    let isOwned = relations.contains { $0.owner == catalog.definition.roles.owner }
    let others = relations.filter { !$0.name.hasPrefix("schema_migrations") }
    if hasHistory || status.currentVersion > 0 && (isOwned || others.isEmpty) {
      self = .ours(status)
    } else if let original = try Self.original(catalog, connection) {
      self = .original(original)
    } else if others.isEmpty {
      self = .absent
    } else {
      self = .foreign(schema: catalog.schema, tables: others.map(\.name))
    }
  }

  /// Tables and views in the catalog's own schema.
  private static func relations(
    _ catalog: Catalog, _ connection: Connection
  ) throws(PostgresError) -> [(name: String, owner: String)] {
    try connection.query(
      named: "tables of \(catalog.schema)",
      """
      select c.relname::text as name, pg_get_userbyid(c.relowner)::text as owner
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f') order by 1
      """, [.text(catalog.schema)]
    ).map { row throws(PostgresError) in
      (name: try row.string("name"), owner: try row.string("owner"))
    }
  }

  /// The schema that most resembles the original; nil when none does.
  private static func original(
    _ catalog: Catalog, _ connection: Connection
  ) throws -> OriginalDatabase? {
    guard catalog.hasFile("existing.sql"),
      let query = try catalog.queries(of: "existing.sql")["recognise"]
    else { return nil }
    let expected = try differences(query, in: nil, connection)
    let tables = Set(expected.map(\.table))
    let schemas = try connection.query(
      named: "schemas with such tables",
      """
      select n.nspname::text as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = any ($1) and c.relkind in ('r', 'p')
        and n.nspname !~ '^(pg_|_timescaledb_|timescaledb_)' and n.nspname <> 'information_schema'
        -- What Daybreak made is nobody's original, whatever its tables are called.
        and not exists (
          select from pg_class h where h.relnamespace = n.oid and h.relname = 'schema_migrations_history')
      group by n.nspname having count(*) * 2 >= $2 order by count(*) desc, n.nspname = 'public' desc, n.nspname
      """, [.textArray(tables.sorted()), .int64(Int64(tables.count))])
    for row in schemas {
      let schema = try row.string("name")
      let found = try differences(query, in: schema, connection)
      let missing = Set(found.filter { $0.foundType == nil }.map { "\($0.table).\($0.column)" })
      let present = try storage(of: tables, in: schema, connection)
      let columns = expected.filter { present[$0.table] != nil }
      let right = columns.count { !missing.contains("\($0.table).\($0.column)") }
      guard !columns.isEmpty, right * 2 >= columns.count else { continue }
      return OriginalDatabase(
        schema: schema, tables: present,
        missingTables: tables.subtracting(present.keys).sorted(),
        differences: found.filter { present[$0.table] != nil })
    }
    return nil
  }

  /// What `recognise` says of a schema; with none, every column of the original.
  private static func differences(
    _ query: NamedQueries.Query, in schema: String?, _ connection: Connection
  ) throws -> [OriginalDatabase.Difference] {
    try connection.transaction(readOnly: true) {
      let path = schema.map { quotedIdentifier($0) } ?? ""
      try connection.execute(
        named: "search path", "select set_config('search_path', $1, true)", [.text(path)])
      return try connection.query(named: "recognise", query.sql).map { row throws(PostgresError) in
        OriginalDatabase.Difference(
          table: try row.string("table_name"), column: try row.string("column_name"),
          expectedType: try row.optionalString("expected_type"),
          foundType: try row.optionalString("found_type"))
      }
    }
  }

  /// How each of the tables that are there is kept.
  private static func storage(
    of tables: Set<String>, in schema: String, _ connection: Connection
  ) throws -> [String: OriginalDatabase.Storage] {
    let rows = try connection.query(
      named: "how tables are kept",
      """
      select c.relname::text as name, pg_get_partkeydef(c.oid) as partition_key,
        (select count(*) from pg_inherits i where i.inhparent = c.oid) as parts,
        coalesce((select true from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'ts_insert_blocker'),
          false) as is_hypertable
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = any ($2) and c.relkind in ('r', 'p')
      """, [.text(schema), .textArray(tables.sorted())])
    var found: [String: OriginalDatabase.Storage] = [:]
    for row in rows {
      let parts = try row.int("parts")
      if let key = try row.optionalString("partition_key") {
        found[try row.string("name")] = .partitioned(by: key, parts: parts)
      } else {
        found[try row.string("name")] =
          try row.bool("is_hypertable") ? .hypertable(chunks: parts) : .plain
      }
    }
    return found
  }
}
