internal import DaybreakCore
import Postgres

/// Makes days ahead, and empties default parts, by the catalog's own functions.
package struct PartitionUpkeep {
  /// What a table in parts is like.
  package struct Table: Codable, Sendable, Equatable {
    package var table: String
    /// Whether TimescaleDB makes the parts by itself, as rows come.
    package var isHypertable: Bool
    package var parts: Int
    package var bytes: Int
    /// The oldest part's beginning and the newest one's end; RFC 3339.
    package var first: String?
    package var last: String?
    /// Whole days after today that are ready, without a gap.
    package var daysReady: Int
    package var daysWanted: Int
    /// Rows in the default part; has to be 0.
    package var strayRows: Int
    /// How many days were made.
    package var made: Int
    package var problem: String?
    package var remedy: String?

    /// Whether nothing is left to do.
    package var isReady: Bool {
      problem == nil && strayRows == 0 && (isHypertable || daysReady >= daysWanted)
    }
  }

  private let session: UpkeepSession

  package init(_ session: UpkeepSession) { self.session = session }

  private var connection: Connection { session.connection }

  /// Makes what is missing.
  ///
  /// - Parameters:
  ///   - days: how many days ahead; nil for what the catalog says.
  ///   - onlyLooks: whether to make nothing.
  ///   - check: is asked between tables, and throws to stop.
  /// - Returns: the tables as they are then.
  /// - Throws: `PostgresError` when the connection is lost, and what `check` throws.
  package func run(
    days: Int? = nil, onlyLooks: Bool = false, check: () throws -> Void = {}
  ) throws -> [Table] {
    try session.catalog.definition.partitions.map { definition in
      try check()
      var made = 0
      var failure: PostgresError?
      let ahead = days ?? definition.daysAhead
      if !onlyLooks {
        do {
          made = try prepare(definition, ahead) + (try emptyDefault(of: definition))
        } catch let error as PostgresError where !error.isConnectionFailure {
          failure = error
        }
      }
      return try look(definition, ahead, made: made, failure)
    }
  }

  private func prepare(
    _ table: CatalogDefinition.PartitionedTable, _ days: Int
  ) throws -> Int {
    try connection.query(
      named: "prepare days of \(table.table)",
      "SELECT \(table.prepare)(now(), date_trunc('day', now(), 'UTC') + make_interval(days => $1::int + 1) "
        + "- interval '1 microsecond')::bigint AS made", [.int64(Int64(days))]
    ).only().int("made")
  }

  /// Makes days for what lies in the default part.
  private func emptyDefault(of table: CatalogDefinition.PartitionedTable) throws -> Int {
    if let function = table.emptyDefault {
      return try connection.query(
        named: "empty the default part of \(table.table)", "SELECT \(function)()::bigint AS made"
      ).only().int("made")
    }
    guard try strayRows(of: table) > 0 else { return 0 }
    let part = quotedIdentifier(schema: table.partsSchema, table.defaultPart)
    let time = quotedIdentifier(table.time)
    let days = try connection.query(
      named: "days in the default part",
      """
      SELECT DISTINCT date_trunc('day', \(time), 'UTC') AS day FROM \(part)
      WHERE isfinite(\(time)) ORDER BY day LIMIT 400
      """)
    var made = 0
    for row in days {
      made += try connection.query(
        named: "prepare a day of \(table.table)",
        "SELECT \(table.prepare)($1, $1 + interval '1 day' - interval '1 microsecond')::bigint AS made",
        [.timestamp(try row.timestamp("day"))]
      ).only().int("made")
    }
    return made
  }

  private func strayRows(of table: CatalogDefinition.PartitionedTable) throws -> Int {
    if let function = table.defaultRows {
      return try connection.query(
        named: "rows in the default part", "SELECT stray_rows FROM \(function)()"
      ).only().int("stray_rows")
    }
    let part = quotedIdentifier(schema: table.partsSchema, table.defaultPart)
    let found = try connection.query(
      named: "look for the default part", "SELECT to_regclass($1) IS NOT NULL AS is_there",
      [.text(part)]
    ).only()
    guard try found.bool("is_there") else { return 0 }
    return try connection.query(
      named: "rows in the default part", "SELECT count(*) AS stray_rows FROM \(part)"
    ).only().int("stray_rows")
  }

  private func look(
    _ table: CatalogDefinition.PartitionedTable, _ days: Int, made: Int, _ failure: PostgresError?
  ) throws -> Table {
    let parts = try TableParts(of: table, session: session)
    let ranges = parts.all.filter { !$0.isDefault }
    let now = try connection.query(named: "the time", "SELECT now() AS moment").only()
    return Table(
      table: table.table, isHypertable: parts.isHypertable, parts: ranges.count,
      bytes: parts.all.reduce(0) { $0 + $1.bytes }, first: ranges.first?.start?.rfc3339,
      last: ranges.last?.end?.rfc3339,
      daysReady: parts.daysReady(from: try now.timestamp("moment")),
      daysWanted: days, strayRows: try strayRows(of: table), made: made,
      problem: failure?.summary, remedy: failure?.remedy)
  }
}
