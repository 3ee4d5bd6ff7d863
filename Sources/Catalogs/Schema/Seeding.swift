package import DaybreakCore
package import Postgres

extension Catalog {
  /// Fills an empty catalog with example data: the same rows for the same scale and end, on every server.
  ///
  /// One transaction, as the service, whom row-level security binds.
  ///
  /// - Parameters:
  ///   - scale: how much: 1 is what the catalog's `seed.sql` says at its top.
  ///   - end: the day after the last one, in UTC.
  ///   - connection: a login that may act as the service, or make itself a member of it.
  /// - Returns: what is in the tables then.
  /// - Throws: `CatalogError.readOnlyServer`, `holdsRows`, `notInstalled`, `behind`, `original`, `foreign`; `PostgresError`.
  package func seed(
    scale: Double, end: CivilDate, on connection: Connection
  ) throws -> RowCounts {
    try Self.requireWritable(connection)
    let state = try CatalogState(of: self, on: connection)
    try requireOurs(state)
    if case .ours(let status) = state, !status.pending.isEmpty {
      throw CatalogError.behind(catalog: name, pending: status.pending.count)
    }
    let before = try rows(on: connection)
    guard before.total == 0 else {
      throw CatalogError.holdsRows(
        catalog: name, rows: before.total,
        remedy:
          "example data goes into an empty catalog: daybreak db reset --catalog \(name) --force, "
          + "then daybreak db init --catalog \(name)")
    }
    let text = try text(of: "seed.sql")
    try connection.transaction {
      let isGuest = try joinService(on: connection)
      try connection.execute(
        named: "settings of the seed",
        "select set_config('daybreak.scale', $1, true), set_config('daybreak.seed_end', $2, true)",
        [.text("\(scale)"), .text(end.description)])
      try connection.execute(
        named: "role", "set local role \(quotedIdentifier(definition.roles.service))")
      try connection.script(named: "catalogs/\(name)/seed.sql", text)
      try connection.execute(named: "reset role", "reset role")
      if isGuest {
        try connection.execute(
          named: "leave the service",
          "revoke \(quotedIdentifier(definition.roles.service)) from \(quotedIdentifier(connection.target.user))"
        )
      }
    }
    try analyze(on: connection)
    return try rows(on: connection)
  }

  /// Lets the planner know what is there, as the owner, who alone may.
  private func analyze(on connection: Connection) throws {
    try connection.transaction {
      try connection.execute(
        named: "role", "set local role \(quotedIdentifier(definition.roles.owner))")
      for table in try tables(on: connection) {
        let name = quotedIdentifier(schema: table.schema, table.name)
        try connection.execute(named: "analyze \(table)", "analyze \(name)")
      }
    }
  }

  /// How many rows the catalog's tables hold.
  package func rows(on connection: Connection) throws -> RowCounts {
    try RowCounts(
      of: try tables(on: connection), owner: definition.roles.owner, on: connection)
  }

  /// The catalog's own tables, without parts and version tables.
  private func tables(on connection: Connection) throws -> [RelationName] {
    try connection.query(
      named: "tables",
      """
      select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname !~ '^schema_migrations' order by 1
      """, [.text(schema)]
    ).map { row throws(PostgresError) in
      RelationName(schema: schema, name: try row.string("name"))
    }
  }

  /// Makes this login a member of the service for the transaction, where it is none.
  private func joinService(on connection: Connection) throws -> Bool {
    let service = definition.roles.service
    let may = try connection.query(
      named: "membership",
      """
      select pg_has_role(current_user, $1,
        case when current_setting('server_version_num')::integer < 160000 then 'MEMBER' else 'SET' end) as may
      """, [.text(service)]
    ).only().bool("may")
    if may { return false }
    try connection.execute(
      named: "join \(service)",
      "grant \(quotedIdentifier(service)) to \(quotedIdentifier(connection.target.user))")
    return true
  }
}

extension Catalog {
  /// Refuses a ClickHouse database whose tables hold rows, or are not there.
  ///
  /// - Throws: `CatalogError.holdsRows`; `ClickHouseError`.
  package func requireEmpty(_ client: ClickHouseClient) throws {
    guard let part = definition.clickHouse else { return }
    var rows: Int64 = 0
    for table in Set(part.retention.map(\.table)).sorted() {
      let answer = try client.rows(
        named: "count \(table)",
        "SELECT count() FROM \(clickHouseIdentifier(part.database)).\(clickHouseIdentifier(table))")
      rows += answer.rows.first?.first.flatMap { $0 }.flatMap { Int64($0) } ?? 0
    }
    guard rows == 0 else {
      throw CatalogError.holdsRows(
        catalog: "\(name)'s ClickHouse database \(part.database)", rows: rows,
        remedy: "example data goes into empty tables: drop the database \(part.database), then "
          + "daybreak db init --catalog \(name) --clickhouse URL")
    }
  }
}
