package import Postgres

extension Catalog {
  /// The tables that the steps of a plan drop.
  package static func tablesDropped(by plan: MigrationPlan, schema: String) throws -> [RelationName]
  {
    var names: Set<RelationName> = []
    for step in plan.steps {
      for statement in try SQLScript.statements(of: step.file.text, file: step.file.path)
      where Array(statement.words.prefix(2)) == ["DROP", "TABLE"] {
        var reader = SQLReader(SQLToken.tokens(of: statement.text).dropFirst(2))
        _ = reader.pass("if", "exists")
        repeat {
          if let name = reader.name() { names.insert(name.qualified(by: schema)) }
        } while reader.pass(",")
      }
    }
    return names.sorted()
  }

  /// Tables, views and functions in the catalog's schemas that no migration makes.
  ///
  /// - Throws: `PostgresError`, `CatalogError.damaged`.
  package func strangers(on connection: Connection) throws -> [String] {
    let expectation = try expectation()
    let known = Set(
      expectation.combinations.flatMap { used in
        expectation.facts(with: used).keys.filter { $0.kind == .table || $0.kind == .function }
          .map(\.object)
      })
    return try SchemaInventory(of: self, on: connection).facts
      .filter { $0.key.kind == .table || $0.key.kind == .function }
      .map(\.key.object).filter { !known.contains($0) }.sorted()
  }

  /// Takes every migration back, drops the version tables, and an empty schema: all or nothing.
  ///
  /// Roles and extensions stay, since others may use them.
  ///
  /// - Parameter connection: a login that may do so, outside a transaction.
  /// - Returns: the versions taken back, the newest first.
  /// - Throws: `CatalogError` for what is not ours, `PostgresError` with the statement that failed.
  @discardableResult
  package func remove(on connection: Connection) throws -> [Int64] {
    try Self.requireWritable(connection)
    try requireOurs(try CatalogState(of: self, on: connection))
    let migrator = try migrator()
    return try connection.transaction {
      let versions = try migrator.down(on: connection, to: 0)
      for table in ["schema_migrations", "schema_migrations_history"] {
        try connection.execute(
          named: "drop \(table)",
          "drop table if exists \(quotedIdentifier(schema: schema, table))")
      }
      let isEmpty = try connection.query(
        named: "what is left",
        """
        select not exists (select from pg_class where relnamespace = n.oid)
          and not exists (select from pg_proc where pronamespace = n.oid)
          and not exists (select from pg_type where typnamespace = n.oid) as is_empty
        from pg_namespace n where n.nspname = $1
        """, [.text(schema)]
      ).first?.bool("is_empty")
      if isEmpty == true {
        try connection.execute(named: "drop schema", "drop schema \(quotedIdentifier(schema))")
      }
      return versions
    }
  }
}
