package import Postgres

/// How many rows tables hold: what a rollback or a reset would lose.
package struct RowCounts: Sendable {
  package struct Table: Hashable, Sendable {
    package let name: String
    /// Exact where `isExact`, else the planner's estimate.
    package let rows: Int64
    package let isExact: Bool
  }

  /// Tables with at least one row, by name.
  package let tables: [Table]

  /// All rows together.
  package var total: Int64 { tables.reduce(0) { $0 + $1.rows } }

  /// Beyond this many rows a table is estimated: counting it would take long.
  private static let exactUpTo: Int64 = 5_000_000

  /// Counts, as somebody whom row-level security does not bind, or as the tables' owner with it switched
  /// off for the transaction; where neither is allowed, the estimates speak.
  ///
  /// - Parameters:
  ///   - names: schema and name of tables; those that are not there are left out.
  ///   - owner: the role that owns them.
  ///   - connection: outside a transaction.
  /// - Throws: `PostgresError`.
  package init(
    of names: [RelationName], owner: String, on connection: Connection
  ) throws {
    let schemas = names.map { $0.schema ?? "public" }
    let rows = try connection.query(
      named: "sizes of tables",
      """
      select n.nspname::text as schema, c.relname::text as name,
        greatest(0, (select sum(greatest(p.reltuples, 0)) from pg_class p
          where p.relkind <> 'p' and (p.oid = c.oid or p.oid in (select relid from pg_partition_tree(c.oid))
            or p.oid in (select i.inhrelid from pg_inherits i where i.inhparent = c.oid))))::bigint as estimate,
        (select coalesce(sum(pg_relation_size(relid)), 0) from pg_partition_tree(c.oid))::bigint
          + pg_relation_size(c.oid) + coalesce((select sum(pg_relation_size(i.inhrelid))
            from pg_inherits i where i.inhparent = c.oid), 0)::bigint as bytes,
        c.relrowsecurity as is_bound
      from unnest($1::text[], $2::text[]) as w (schema, name)
      join pg_namespace n on n.nspname = w.schema
      join pg_class c on c.relnamespace = n.oid and c.relname = w.name
      where c.relkind in ('r', 'p')
      order by 1, 2
      """, [.textArray(schemas), .textArray(names.map(\.name))])
    var tables: [Table] = []
    for row in rows {
      let name = RelationName(schema: try row.string("schema"), name: try row.string("name"))
      let estimate = try row.int64("estimate")
      guard try row.int64("bytes") > 0 else { continue }
      var exact: Int64?
      if estimate <= Self.exactUpTo {
        exact = try Self.count(name, isBound: try row.bool("is_bound"), owner: owner, connection)
      }
      if exact == 0 { continue }
      tables.append(
        Table(name: name.description, rows: exact ?? estimate, isExact: exact != nil))
    }
    self.tables = tables
  }

  /// An exact count; nil where this login may not see all rows.
  ///
  /// The owner, whom FORCE binds, lifts it inside a transaction that is rolled back; other sessions never
  /// see that, and wait for the moment.
  private static func count(
    _ name: RelationName, isBound: Bool, owner: String, _ connection: Connection
  ) throws -> Int64? {
    let table = quotedIdentifier(schema: name.schema ?? "public", name.name)
    let sees = try connection.query(
      named: "who counts",
      "select rolsuper or rolbypassrls as sees from pg_roles where rolname = current_user"
    ).only().bool("sees")
    var result: Int64?
    do {
      // A replica takes no other transaction than one that reads.
      try connection.transaction(readOnly: sees) {
        if !sees {
          try connection.execute(named: "role", "set local role \(quotedIdentifier(owner))")
        }
        if !sees, isBound {
          try connection.execute(named: "lock time-out", "set local lock_timeout = '2s'")
          try connection.execute(
            named: "count as the owner", "alter table \(table) no force row level security")
        }
        result = try connection.query(
          named: "count \(name)", "select count(*) as n from \(table)"
        ).only().int64("n")
        throw Counted()
      }
    } catch is Counted {
      return result
    } catch let error as PostgresError where !error.isConnectionFailure {
      return nil
    }
    return nil
  }

  private struct Counted: Error {}
}
