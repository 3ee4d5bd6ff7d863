internal import DaybreakCore
internal import Foundation
internal import Postgres

/// Drops whole months from ClickHouse tables that have no TTL, once their last moment is old enough.
///
/// A table with a TTL keeps itself; it is reported and left alone.
package struct ClickHouseRetention {
  private let client: ClickHouseClient
  private let part: CatalogDefinition.ClickHousePart
  private let options: RetentionOptions
  private let check: () throws -> Void

  /// Makes a run of retention.
  ///
  /// - Parameters:
  ///   - client: connected to the database.
  ///   - part: what the catalog says of it.
  ///   - options: as for the rows of PostgreSQL; ages by table.
  ///   - check: is asked between statements, and throws to stop.
  package init(
    _ client: ClickHouseClient, _ part: CatalogDefinition.ClickHousePart, options: RetentionOptions,
    check: @escaping () throws -> Void = {}
  ) {
    self.client = client
    self.part = part
    self.options = options
    self.check = check
  }

  /// Does every rule; one that is refused does not keep the others back.
  ///
  /// - Parameter ledger: the session whose ledger is written to; nil for a dry run, or where there is no
  ///   PostgreSQL database beside it.
  /// - Returns: what went.
  /// - Throws: `ClickHouseError` when the server is not reached, what `check` throws.
  package func run(ledger: UpkeepSession?) throws -> [RetentionReport.Rule] {
    try part.retention.map { rule in
      try check()
      let age = options.ages[rule.table] ?? rule.age
      var outcome = RetentionReport.Rule(
        rule: "ClickHouse \(rule.table)", table: rule.table, age: age.description, cutoff: nil,
        tables: [])
      do {
        guard try !hasTTL(rule.table) else { return outcome }
        let cutoff = try self.cutoff(age)
        outcome.cutoff = cutoff
        outcome.tables = [try expire(rule, cutoff, ledger)]
      } catch let error as ClickHouseError {
        guard error.code != nil else { throw error }
        outcome.problem = error.summary
        outcome.remedy = error.remedy
      }
      return outcome
    }
  }

  /// Whether the table removes rows by itself; of a view, the table that it fills.
  private func hasTTL(_ table: String) throws(ClickHouseError) -> Bool {
    let found = try client.rows(
      named: "how \(table) is kept",
      """
      SELECT position(create_table_query, ' TTL ') > 0 FROM system.tables
      WHERE database = currentDatabase() AND name = {table:String}
      """, parameters: ["table": table])
    guard let row = found.rows.first else {
      throw .refused(
        statement: "how \(table) is kept", code: 60, name: "UNKNOWN_TABLE",
        reason: "there is no table \(table)")
    }
    return row.first == "1"
  }

  private func cutoff(_ age: Age) throws(ClickHouseError) -> String {
    let moment = options.moment.map { String($0.seconds) } ?? ""
    let found = try client.rows(
      named: "reckon a cutoff",
      "SELECT toString(if({moment:String} = '', now('UTC'), toDateTime(toInt64OrZero({moment:String}), 'UTC')) "
        + "- INTERVAL \(age.count) \(age.unit.rawValue.uppercased()))",
      parameters: ["moment": moment])
    return found.rows.first?.first?.map { $0 } ?? ""
  }

  private func expire(
    _ rule: CatalogDefinition.ClickHousePart.Retention, _ cutoff: String, _ ledger: UpkeepSession?
  ) throws -> RetentionReport.TableCount {
    let table = clickHouseIdentifier(rule.table)
    let time = clickHouseIdentifier(rule.time)
    let months = try client.rows(
      named: "months of \(rule.table)",
      """
      SELECT _partition_id, count() FROM \(table) GROUP BY _partition_id
      HAVING toDateTime(max(\(time)), 'UTC') < toDateTime({cutoff:String}, 'UTC') ORDER BY _partition_id
      """, parameters: ["cutoff": cutoff])
    var count = RetentionReport.TableCount(
      table: rule.table, means: "clickhouse partitions", count: months.rows.count,
      estimatedRows: months.rows.reduce(0) { $0 + ($1.last?.flatMap { Int($0) } ?? 0) })
    guard !options.isDryRun else { return count }
    count.count = 0
    for month in months.rows {
      try check()
      guard let id = month.first ?? nil, id.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" })
      else { continue }
      try client.execute(
        named: "drop a month of \(rule.table)", "ALTER TABLE \(table) DROP PARTITION ID '\(id)'")
      count.count += 1
      if let ledger { try note(rule, cutoff, ledger) }
    }
    return count
  }

  private func note(
    _ rule: CatalogDefinition.ClickHousePart.Retention, _ cutoff: String, _ ledger: UpkeepSession
  ) throws {
    try ledger.connection.execute(
      named: "note a month",
      """
      INSERT INTO daybreak_upkeep.deletions
        (catalog, rule, table_name, means, cutoff, deleted, batches, finished_at)
      VALUES ($1, $2, $3, 'clickhouse partitions', ($4 || '+00')::timestamptz, 1, 1, clock_timestamp())
      """,
      [
        .text(ledger.catalog.name), .text("ClickHouse \(rule.table)"), .text(rule.table),
        .text(cutoff),
      ])
  }
}
