package import Postgres

/// A database that the system itself made, as Daybreak finds it: read, and never changed.
package struct OriginalKeys {
  private let catalog: Catalog
  private let connection: Connection
  /// The schema that its tables are in.
  package let schema: String

  /// Looks for the system's own tables; nil when they are not there.
  ///
  /// - Parameters:
  ///   - catalog: which system.
  ///   - connection: its database.
  ///   - schema: where its tables would be.
  /// - Throws: `PostgresError`, `CatalogError`.
  package init?(_ catalog: Catalog, _ connection: Connection, schema: String = "public") throws {
    self.catalog = catalog
    self.connection = connection
    self.schema = schema
    // What tells LogHunter's from other systems', whose api_keys and tenants have these names too.
    guard catalog.name == "loghunter" else { return nil }
    let found = try connection.query(
      named: "tables of LogHunter's own",
      """
      SELECT count(*) FROM (VALUES ('jobs', 'tenant_id'), ('api_keys', 'key_prefix'),
        ('tenants', 'loki_org_id')) AS e (table_name, column_name)
      JOIN pg_catalog.pg_class AS c
        ON c.relname = e.table_name AND c.relnamespace = to_regnamespace($1)
      JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid = c.oid AND a.attname = e.column_name AND NOT a.attisdropped
      """, [.text(quotedIdentifier(schema))]
    ).only().int("count")
    guard found == 3 else { return nil }
  }

  /// The keys there, by tenant.
  ///
  /// - Throws: `PostgresError`, `CatalogError`.
  package func keys() throws -> [KeyRecord] {
    try rows(of: "keys").map { row in
      KeyRecord(
        id: nil, tenant: try row.string("tenant"), name: try row.string("name"),
        prefix: try row.string("key_prefix"), scopes: try row.textArray("scopes"),
        createdAt: nil, expiresAt: nil, lastUsedAt: try row.optionalTimestamp("last_used_at"),
        revokedAt: nil, digest: .bcrypt)
    }
  }

  private func rows(of name: String) throws -> Rows {
    guard let query = try catalog.queries(of: "existing.sql")[name] else {
      throw CatalogError.damaged(
        file: "catalogs/\(catalog.name)/existing.sql", reason: "no query `\(name)`")
    }
    return try connection.transaction(isolation: .repeatableRead, readOnly: true) {
      try connection.execute(
        named: "set the schema", "SELECT set_config('search_path', $1, true)",
        [.text(quotedIdentifier(schema))])
      return try connection.query(named: name, query.sql)
    }
  }
}
