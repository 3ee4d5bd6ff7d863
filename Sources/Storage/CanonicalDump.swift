package import DaybreakCore
import Postgres

extension Store {
  /// Writes everything that the store has of a tenant as text that is the same for the same content:
  /// tables by name, rows in a fixed order, one JSON object a line.
  ///
  /// Left out is what tells when or how often something was done and not what came of it: see
  /// `clockColumns`. Tables come from the catalog, so that a new one cannot be forgotten.
  package func canonicalDump(of tenant: TenantName) throws -> String {
    try withTenant(tenant, readOnly: true) { session throws in
      var dump = ""
      for relation in try session.dumpedRelations() {
        dump += "# \(relation)\n"
        for row in try session.dumpedRows(of: relation) { dump += row + "\n" }
      }
      return dump
    }
  }
}

/// Columns that hold a clock's reading or a count of attempts, by table; and of all tables.
private let clockColumns: [String: [String]] = [
  "*": ["created_at", "updated_at"],
  "runs": ["started_at", "finished_at"],
  "stage_runs": ["started_at", "finished_at"],
  "analysis_results": ["latency_milliseconds"],
  "model_answers": ["latency_milliseconds"],
  // A mail carries the date on which it was written.
  "notifications": ["attempts", "due_at", "settled_at", "note", "content"],
  "matview_freshness": ["refreshed_at", "duration_milliseconds"],
]

extension TenantSession {
  /// Every relation with the tenant's rows that the service may read, sorted by name.
  fileprivate func dumpedRelations() throws -> [String] {
    try connection.query(
      named: "tables of the store",
      """
      SELECT c.relname FROM pg_catalog.pg_class AS c
      WHERE c.relnamespace = 'daybreak'::regnamespace AND c.relkind IN ('r', 'p', 'v')
        AND has_table_privilege(c.oid, 'SELECT')
      ORDER BY c.relname COLLATE "C"
      """
    ).map { try $0.string("relname") }
  }

  /// The rows of a relation as JSON, in the order of their bytes: every table's key is part of its
  /// rows, so the order is that of content alone.
  fileprivate func dumpedRows(of relation: String) throws -> [String] {
    let hidden = (clockColumns["*"] ?? []) + (clockColumns[relation] ?? [])
    return try connection.query(
      named: "dump of \(relation)",
      """
      SELECT line FROM (
        SELECT (to_jsonb(t) - $1::text[])::text AS line
        FROM \(quotedIdentifier(schema: "daybreak", relation)) AS t
      ) AS lines ORDER BY line COLLATE "C"
      """,
      [.textArray(hidden)]
    ).map { try $0.string("line") }
  }
}
