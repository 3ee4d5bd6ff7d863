import DaybreakCore
import Foundation
import Postgres

extension TenantSession {
  /// Inserts many rows: COPY BINARY into a temporary table, then one INSERT from there.
  ///
  /// PostgreSQL refuses COPY FROM into a table with row-level security; the INSERT is held to the
  /// tenant's policy as any other.
  ///
  /// - Parameters:
  ///   - rows: a value for each column.
  ///   - table: the table's name in schema `daybreak`.
  ///   - columns: the columns, in the order of the values.
  ///   - onConflict: an `ON CONFLICT` clause, or nothing.
  /// - Throws: `PostgresError`, `StorageError`.
  func insert(
    _ rows: some Sequence<[Value]>, into table: String, columns: [String], onConflict: String = ""
  ) throws {
    let list = columns.map { quotedIdentifier($0) }.joined(separator: ", ")
    let name = "rows of \(table)"
    try connection.execute(
      named: "place for \(name)",
      """
      CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
      SELECT \(list) FROM daybreak.\(quotedIdentifier(table)) WITH NO DATA
      """)
    try connection.copyIn(named: name, into: "pg_temp.incoming", columns: columns) { writer in
      for row in rows { try writer.write(row) }
    }
    try connection.execute(
      named: name,
      """
      INSERT INTO daybreak.\(quotedIdentifier(table)) (\(list))
      SELECT \(list) FROM pg_temp.incoming WHERE tenant_id = $1 \(onConflict)
      """,
      // A bound value also keeps the failing row, which may hold log lines, out of error messages.
      [tenantID])
    try connection.execute(named: "end of \(name)", "DROP TABLE pg_temp.incoming")
  }

  /// Deletes the rows that belong to any run of the tenant over a window.
  ///
  /// - Parameters:
  ///   - table: one with a column `run_id`.
  ///   - window: the runs' window.
  /// - Throws: `PostgresError`, `StorageError`.
  func deleteRows(of table: String, window: TimeWindow) throws(PostgresError) {
    try connection.execute(
      named: "replace \(table) of a night",
      """
      DELETE FROM daybreak.\(quotedIdentifier(table)) WHERE run_id IN (
        SELECT id FROM daybreak.runs WHERE window_start = $1 AND window_end = $2)
      """,
      [.timestamp(window.start), .timestamp(window.end)])
  }
}
