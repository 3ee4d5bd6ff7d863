internal import DaybreakCore
internal import Postgres

/// The parts of a table in parts: native partitions, or TimescaleDB's chunks.
struct TableParts {
  struct Part {
    let name: String
    let start: Timestamp?
    let end: Timestamp?
    let isDefault: Bool
    /// The planner's estimate; -1 when nothing was analyzed.
    let estimatedRows: Int
    let bytes: Int
  }

  /// Whether TimescaleDB makes the parts by itself.
  let isHypertable: Bool
  /// By their beginnings, the default part last.
  let all: [Part]

  /// Reads them.
  init(of table: CatalogDefinition.PartitionedTable, session: UpkeepSession) throws {
    try self.init(table.table, schema: session.catalog.schema, session.connection)
  }

  /// Reads the parts of any table.
  init(_ table: String, schema: String, _ connection: Connection) throws {
    let name = quotedIdentifier(schema: schema, table)
    let kind = try connection.query(
      named: "the kind of \(table)",
      "SELECT (SELECT relkind::text FROM pg_catalog.pg_class WHERE oid = to_regclass($1)) AS kind",
      [.text(name)]
    ).only()
    isHypertable = try kind.optionalString("kind") == "r"
    all = try connection.query(
      named: "the parts of \(table)", isHypertable ? Self.chunks : Self.partitions, [.text(name)]
    ).map { row in
      Part(
        name: try row.string("name"), start: try row.optionalTimestamp("range_start"),
        end: try row.optionalTimestamp("range_end"), isDefault: try row.bool("is_default"),
        estimatedRows: try row.int("estimated_rows"), bytes: try row.int("bytes"))
    }
  }

  private static let partitions = """
    SELECT c.relname AS name, bound.limits[1]::timestamptz AS range_start,
      bound.limits[2]::timestamptz AS range_end, bound.limits IS NULL AS is_default,
      c.reltuples::bigint AS estimated_rows, pg_catalog.pg_total_relation_size(c.oid) AS bytes
    FROM pg_catalog.pg_inherits AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid,
    LATERAL (SELECT regexp_match(pg_catalog.pg_get_expr(c.relpartbound, c.oid),
      'FROM \\(''([^'']+)''\\) TO \\(''([^'']+)''\\)') AS limits) AS bound
    WHERE i.inhparent = to_regclass($1)
    ORDER BY is_default, range_start
    """

  /// A chunk says its range in a check constraint.
  private static let chunks = """
    SELECT c.relname AS name, min(bound.word::timestamptz) AS range_start,
      max(bound.word::timestamptz) AS range_end, false AS is_default,
      max(c.reltuples)::bigint AS estimated_rows,
      pg_catalog.pg_total_relation_size(c.oid) AS bytes
    FROM pg_catalog.pg_inherits AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
    JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'c'
      AND k.conname LIKE 'constraint\\_%',
    LATERAL (SELECT m[1] AS word FROM regexp_matches(pg_catalog.pg_get_constraintdef(k.oid),
      '''(\\d{4,}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\+\\d\\d)''', 'g') AS m) AS bound
    WHERE i.inhparent = to_regclass($1)
    GROUP BY c.oid, c.relname ORDER BY range_start
    """

  /// How many whole days from a moment's day on have a part, without a gap.
  func daysReady(from moment: Timestamp) -> Int {
    let day = floorDivide(moment.seconds, 86_400)
    let starts = Set(all.compactMap { $0.start.map { floorDivide($0.seconds, 86_400) } })
    var count = 0
    while starts.contains(day + Int64(count) + 1) { count += 1 }
    return count
  }
}
