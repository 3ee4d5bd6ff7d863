import DaybreakCore
package import Postgres

/// What a catalog's schemas hold in a database, as facts.
package struct SchemaInventory: Sendable {
  package let facts: Set<SchemaFact>
  /// The server's major version.
  package let serverMajor: Int

  /// Reads system catalogs, and nothing else; changes nothing.
  ///
  /// - Throws: `PostgresError`, `CatalogError.damaged`.
  package init(of catalog: Catalog, on connection: Connection) throws {
    let roles = catalog.definition.roles
    let values: [Value] = [
      .textArray([catalog.schema] + catalog.definition.otherSchemas),
      .textArray([roles.owner, roles.service, roles.reader]),
    ]
    let queries = try NamedQueries(
      catalog.commonQuery("inventory.sql"), file: "catalogs/queries/inventory.sql")
    let foreign = try Self.schemasOfExtensions(catalog, connection)
    var facts: Set<SchemaFact> = []
    try connection.transaction(isolation: .repeatableRead, readOnly: true) {
      try connection.execute(
        named: "search path", "select set_config('search_path', 'pg_catalog', true)")
      for query in queries.all {
        for row in try connection.query(named: "inventory: \(query.name)", query.sql, values) {
          guard let kind = SchemaFact.Kind(rawValue: try row.string("kind")) else { continue }
          let object = try row.string("object")
          if kind == .index, Self.isPassing(object, catalog) { continue }
          facts.insert(Self.fact(kind, object, try row.string("value"), without: foreign))
        }
      }
      let partitioned = try Self.hypertables(catalog, connection)
      for fact in facts where fact.key.kind == .table {
        guard let time = partitioned[fact.key.object] else { continue }
        facts.remove(fact)
        facts.insert(
          SchemaFact(kind: .table, object: fact.key.object, value: "hypertable by (\(time))"))
      }
    }
    self.facts = facts
    serverMajor = connection.serverVersion / 10_000
  }

  /// The facts by what they are about.
  package var byKey: [SchemaFact.Key: String] {
    Dictionary(facts.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// Whether an index, as `schema.table: index`, is one that comes and goes.
  private static func isPassing(_ object: String, _ catalog: Catalog) -> Bool {
    catalog.definition.passingIndexes.contains { passing in
      let table = "\(catalog.schema).\(passing.table): "
      guard object.hasPrefix(table), let name = try? Regex(passing.name) else { return false }
      return object.dropFirst(table.count).wholeMatch(of: name) != nil
    }
  }

  /// A fact on one line, the same wherever extensions live.
  private static func fact(
    _ kind: SchemaFact.Kind, _ object: String, _ value: String, without schemas: [String]
  ) -> SchemaFact {
    var text = value
    var name = object
    for schema in schemas {
      text = text.replacing("\(schema).", with: "")
      name = name.replacing("\(schema).", with: "")
    }
    text = text.split { $0.isWhitespace }.joined(separator: " ")
    if kind.isDigest {
      text = sha256(Array(text.utf8)).prefix(12).map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }.joined()
    }
    return SchemaFact(kind: kind, object: name, value: text)
  }

  /// Where extensions that the catalog uses live, if not in a schema of its own, as they are quoted.
  private static func schemasOfExtensions(
    _ catalog: Catalog, _ connection: Connection
  ) throws(PostgresError) -> [String] {
    try connection.query(
      named: "schemas of extensions",
      """
      select distinct quote_ident(n.nspname) as name
      from pg_extension e join pg_namespace n on n.oid = e.extnamespace
      where e.extname = any ($1) and n.nspname <> 'pg_catalog' and n.nspname <> all ($2)
      """,
      [
        .textArray(catalog.definition.extensions.map(\.name)),
        .textArray([catalog.schema] + catalog.definition.otherSchemas),
      ]
    ).map { row throws(PostgresError) in try row.string("name") }
  }

  /// Tables that TimescaleDB keeps in chunks, with the column of their time.
  private static func hypertables(
    _ catalog: Catalog, _ connection: Connection
  ) throws(PostgresError) -> [String: String] {
    let isThere = try connection.query(
      named: "TimescaleDB",
      "select exists (select from pg_extension where extname = 'timescaledb') as found"
    ).only().bool("found")
    guard isThere else { return [:] }
    var found: [String: String] = [:]
    let rows = try connection.query(
      named: "hypertables",
      """
      select format('%I.%I', hypertable_schema, hypertable_name) as name, column_name::text as time
      from timescaledb_information.dimensions
      where hypertable_schema = any ($1) and dimension_number = 1
      """, [.textArray([catalog.schema] + catalog.definition.otherSchemas)])
    for row in rows { found[try row.string("name")] = try row.string("time") }
    return found
  }
}
