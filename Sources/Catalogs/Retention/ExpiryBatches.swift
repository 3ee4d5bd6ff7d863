internal import Postgres

/// The transactions that one rule of retention is made of, each with its line in the ledger.
struct ExpiryBatches {
  let session: UpkeepSession
  let rule: String
  let cutoff: String
  let size: Int
  let check: () throws -> Void
  let progress: (RetentionReport.TableCount) -> Void

  private var connection: Connection { session.connection }

  /// Begins a line of the ledger.
  ///
  /// - Returns: its number.
  func begin(_ table: String, means: String = "rows") throws -> Int64 {
    try connection.query(
      named: "begin a line of the ledger",
      """
      INSERT INTO daybreak_upkeep.deletions (catalog, rule, table_name, means, cutoff)
      VALUES ($1, $2, $3, $4, $5::text::timestamptz) RETURNING id
      """,
      [.text(session.catalog.name), .text(rule), .text(table), .text(means), .text(cutoff)]
    ).only().int64("id")
  }

  /// Ends a line; one that tells of nothing goes.
  func finish(_ entry: Int64) throws {
    try connection.execute(
      named: "end a line of the ledger",
      """
      WITH idle AS (DELETE FROM daybreak_upkeep.deletions WHERE id = $1 AND deleted = 0)
      UPDATE daybreak_upkeep.deletions SET finished_at = clock_timestamp() WHERE id = $1 AND deleted > 0
      """, [.int64(entry)])
  }

  /// Deletes rows until none is left that a condition names.
  ///
  /// - Parameters:
  ///   - name: the table.
  ///   - condition: SQL; `$1` is the cutoff, `$2` the ids.
  ///   - ids: what `$2` stands for; nil where it is not used.
  ///   - entry: the line of the ledger.
  /// - Returns: how many went.
  /// - Throws: `PostgresError`, and what `check` throws.
  func delete(
    from name: String, where condition: String, ids: [String]? = nil, entry: Int64
  ) throws -> Int {
    var total = 0
    while true {
      try check()
      let count = try connection.transaction {
        try nameCutoff()
        let count = try deleteOnce(from: name, where: condition, ids: ids)
        if count > 0 { try note(count, entry) }
        return count
      }
      total += count
      if count > 0 {
        progress(RetentionReport.TableCount(table: name, means: "rows", count: count))
      }
      guard count >= size else { return total }
    }
  }

  /// Deletes up to `size` rows by their places: in a table of many parts no key finds them as cheaply.
  ///
  /// The condition is asked again: between the two statements a place may have become another row's.
  private func deleteOnce(
    from name: String, where condition: String, ids: [String]?
  ) throws -> Int {
    let table = quotedIdentifier(schema: session.catalog.schema, name)
    let values: [Value] = [.text(cutoff)] + (ids.map { [.textArray($0)] } ?? [])
    let places = try connection.query(
      named: "find what is due in \(name)",
      """
      SELECT part, array_agg(place) AS places FROM (
        SELECT tableoid::bigint AS part, ctid::text AS place FROM \(table) WHERE \(condition) LIMIT \(size)
      ) AS due GROUP BY part ORDER BY part
      """, values)
    var count = 0
    for row in places {
      count += try connection.execute(
        named: "delete what is due in \(name)",
        "DELETE FROM \(table) WHERE tableoid = $\(values.count + 1)::bigint::oid "
          + "AND ctid = ANY ($\(values.count + 2)::text[]::tid[]) AND (\(condition))",
        values + [.int64(try row.int64("part")), .textArray(try row.textArray("places"))])
    }
    return count
  }

  /// The ids of the oldest rows that are due, a tenth of a transaction's size.
  func ids(of name: String, where condition: String) throws -> [String] {
    try connection.transaction(readOnly: true) {
      try nameCutoff()
      return try connection.query(
        named: "find what is due in \(name)",
        "SELECT id::text AS id FROM \(quotedIdentifier(schema: session.catalog.schema, name)) "
          + "WHERE \(condition) LIMIT \(max(1, size / 10))", [.text(cutoff)]
      ).map { try $0.string("id") }
    }
  }

  /// The type of a table's column `id`, as SQL.
  func typeOfID(of name: String) throws -> String {
    try connection.query(
      named: "the type of an id",
      """
      SELECT pg_catalog.format_type(a.atttypid, NULL) AS type
      FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = 'id'
      """, [.text(session.catalog.schema), .text(name)]
    ).only().string("type")
  }

  /// Drops parts by a function of the catalog's, and notes it in the same transaction.
  ///
  /// - Returns: how many went.
  func dropParts(of name: String, by function: String, before moment: String) throws -> Int {
    try connection.transaction {
      let row = try connection.query(
        named: "drop parts of \(name)",
        "SELECT \(function)($1::text::timestamptz)::bigint AS dropped",
        [.text(moment)]
      ).only()
      let count = try row.int("dropped")
      if count > 0 {
        let entry = try begin(name, means: "parts")
        try note(count, entry)
        try finish(entry)
        progress(RetentionReport.TableCount(table: name, means: "parts", count: count))
      }
      return count
    }
  }

  private func note(_ count: Int, _ entry: Int64) throws {
    try connection.execute(
      named: "count in the ledger",
      """
      UPDATE daybreak_upkeep.deletions
      SET deleted = deleted + $2, batches = batches + 1, changed_at = clock_timestamp() WHERE id = $1
      """, [.int64(entry), .int64(Int64(count))])
  }

  private func nameCutoff() throws {
    try connection.execute(
      named: "name the cutoff", "SELECT pg_catalog.set_config($1, $2, true)",
      [.text(session.catalog.definition.retentionSetting), .text(cutoff)])
  }
}
