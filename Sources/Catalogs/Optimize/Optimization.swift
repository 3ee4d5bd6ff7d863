internal import DaybreakCore
import Postgres

/// Keeps statistics, dead rows and indexes in order, while readers and writers go on.
package struct Optimization {
  /// One thing that was done.
  package struct Step: Codable, Sendable, Equatable {
    /// `vacuum`, `build`, `rebuild` or `drop`.
    package var work: String
    /// The table or index.
    package var subject: String
    package var seconds: Double?
    /// Bytes of an index before and after; nil for tables.
    package var bytesBefore: Int?
    package var bytesAfter: Int?
    package var problem: String?
    package var remedy: String?
  }

  private let session: UpkeepSession
  private let check: () throws -> Void
  private let progress: (String) -> Void

  /// Makes it.
  ///
  /// - Parameters:
  ///   - session: the owner's connection.
  ///   - check: is asked between steps, and throws to stop.
  ///   - progress: is told of each step before its turn.
  package init(
    _ session: UpkeepSession, check: @escaping () throws -> Void = {},
    progress: @escaping (String) -> Void = { _ in }
  ) {
    self.session = session
    self.check = check
    self.progress = progress
  }

  private var connection: Connection { session.connection }
  private var schema: String { session.catalog.schema }

  /// Does it.
  ///
  /// - Parameter rebuildsVectors: whether indexes of vectors are built anew although they are sound.
  /// - Returns: what was done, or failed; one that failed does not keep the others back.
  /// - Throws: `UpkeepError`, `PostgresError` when the connection is lost, what `check` throws.
  package func run(rebuildsVectors: Bool = false) throws -> [Step] {
    try session.lock("optimize")
    var steps: [Step] = []
    for name in try names(Self.leftovers) {
      steps.append(try step("drop", name) { "DROP INDEX CONCURRENTLY \(indexName(name))" })
    }
    steps += try vectorIndexes(rebuilds: rebuildsVectors)
    for name in try names(Self.bloated) {
      steps.append(try step("rebuild", name) { "REINDEX INDEX CONCURRENTLY \(indexName(name))" })
    }
    for name in try names(Self.tables) {
      steps.append(
        try step("vacuum", name) {
          "VACUUM (ANALYZE, SKIP_LOCKED) \(quotedIdentifier(schema: schema, name))"
        })
    }
    return steps
  }

  /// Builds indexes of vectors that are missing or invalid, where their extension is there: an index that is
  /// built after the rows were loaded finds more than one that was built before.
  private func vectorIndexes(rebuilds: Bool) throws -> [Step] {
    var steps: [Step] = []
    for index in session.catalog.definition.vectorIndexes {
      let found = try connection.query(
        named: "the column of \(index.name)", Self.vectorQuery,
        [
          .text(schema), .text(index.table), .text(index.column), .text(index.name),
          .text(index.requires),
        ]
      ).first
      guard let found, let extensionSchema = try found.optionalString("extension_schema"),
        try found.string("type").hasPrefix("vector(")
      else { continue }
      if try found.bool("has_index") {
        guard try rebuilds || !found.bool("is_valid") else { continue }
        steps.append(
          try step("rebuild", index.name) { "REINDEX INDEX CONCURRENTLY \(indexName(index.name))" })
      } else {
        steps.append(
          try step("build", index.name) {
            "CREATE INDEX CONCURRENTLY \(quotedIdentifier(index.name)) ON "
              + "\(quotedIdentifier(schema: schema, index.table)) USING \(quotedIdentifier(index.method)) "
              + "(\(quotedIdentifier(index.column)) "
              + "\(quotedIdentifier(schema: extensionSchema, index.operators)))"
          })
      }
    }
    return steps
  }

  private func indexName(_ name: String) -> String { quotedIdentifier(schema: schema, name) }

  private func names(_ query: String) throws -> [String] {
    try connection.query(named: "what is to be done", query, [.text(schema)]).map {
      try $0.string("name")
    }
  }

  private func step(_ work: String, _ subject: String, _ sql: () -> String) throws -> Step {
    try check()
    progress("\(work) \(subject)")
    let clock = ContinuousClock()
    let start = clock.now
    let isIndex = work != "vacuum"
    let before = isIndex ? try size(subject) : nil
    do throws(PostgresError) {
      try connection.execute(named: "\(work) \(subject)", sql())
    } catch {
      guard !error.isConnectionFailure else { throw error }
      return Step(work: work, subject: subject, problem: error.summary, remedy: error.remedy)
    }
    let seconds = (((clock.now - start) / .seconds(1)) * 1000).rounded() / 1000
    return Step(
      work: work, subject: subject, seconds: seconds, bytesBefore: before,
      bytesAfter: isIndex ? try size(subject) : nil)
  }

  private func size(_ index: String) throws -> Int? {
    try connection.query(
      named: "the size of \(index)",
      "SELECT pg_catalog.pg_relation_size(to_regclass($1)) AS bytes", [.text(indexName(index))]
    ).only().optionalInt64("bytes").map(Int.init)
  }

  // MARK: SQL

  private static let tables = """
    SELECT c.relname AS name FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
      AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
    ORDER BY name
    """

  /// What a stopped `REINDEX CONCURRENTLY` leaves behind.
  private static let leftovers = """
    SELECT c.relname AS name FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND c.relkind = 'i'
    ORDER BY name
    """

  /// Invalid indexes, and B-trees of more than 10 MB that are more than twice what they need.
  ///
  /// What they need: entries of the mean width that the planner knows, 16 bytes for each one's header, and
  /// pages nine tenths full.
  private static let bloated = """
    SELECT c.relname AS name FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
    JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace,
    LATERAL (SELECT sum(coalesce(s.avg_width, 32)) AS width
      FROM unnest(i.indkey::int2[]) AS k (attnum)
      LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      LEFT JOIN pg_catalog.pg_stats AS s ON s.schemaname = n.nspname AND s.tablename = t.relname
        AND s.attname = a.attname) AS entry
    WHERE n.nspname = $1 AND c.relkind = 'i' AND c.relname !~ '_cc(new|old)[0-9]*$'
      AND (NOT i.indisvalid OR (m.amname = 'btree' AND i.indpred IS NULL AND t.reltuples > 0
        AND pg_catalog.pg_relation_size(c.oid) > 10 * 1024 * 1024
        AND pg_catalog.pg_relation_size(c.oid) > 2 * t.reltuples * (entry.width + 16) / 0.9))
    ORDER BY name
    """

  private static let vectorQuery = """
    SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, i.indexrelid IS NOT NULL AS has_index,
      coalesce(i.indisvalid, false) AS is_valid,
      (SELECT s.nspname::text FROM pg_catalog.pg_extension AS e
       JOIN pg_catalog.pg_namespace AS s ON s.oid = e.extnamespace WHERE e.extname = $5) AS extension_schema
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS t ON t.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
    LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = $4
    LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
    WHERE n.nspname = $1 AND t.relname = $2 AND a.attname = $3 AND NOT a.attisdropped
    """
}
