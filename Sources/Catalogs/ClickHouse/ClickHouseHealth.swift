/// Looks at Netra's ClickHouse: sizes, parts, merges and mutations.
struct ClickHouseHealth {
  let client: ClickHouseClient
  let catalog: Catalog

  /// Asks; what cannot be asked is a warning.
  func run(_ warnings: inout [HealthReport.Warning]) -> HealthReport.ClickHouse {
    var found = HealthReport.ClickHouse(
      status: .healthy, tables: [], mostParts: 0, merges: 0, longestMergeSeconds: 0,
      unfinishedMutations: 0, failedMutations: [])
    do {
      let version = try client.rows(named: "the version", "SELECT version()")
      found.version = version.rows.first?.first ?? nil
      try ask(&found)
    } catch let error as ClickHouseError {
      found.status = .unhealthy
      warnings.append(.init(check: "clickhouse", message: error.summary, remedy: error.remedy))
    } catch {
      found.status = .unhealthy
      warnings.append(.init(check: "clickhouse", message: "\(error)", remedy: nil))
    }
    judge(found, &warnings)
    return found
  }

  private func ask(_ found: inout HealthReport.ClickHouse) throws {
    guard let part = catalog.definition.clickHouse else { return }
    let queries = try catalog.queries(of: part.reportFile)
    func rows(_ name: String) throws -> [[String?]] {
      guard let query = queries[name] else { return [] }
      return try client.rows(named: name, query.sql).rows
    }
    func text(_ row: [String?], _ column: Int) -> String {
      row.indices.contains(column) ? row[column] ?? "" : ""
    }
    found.tables = try rows("sizes").map { row in
      .init(
        table: text(row, 0), engine: text(row, 1), rows: Int(text(row, 2)), bytes: Int(text(row, 3))
      )
    }
    found.mostParts = try rows("parts").compactMap { Int(text($0, 2)) }.max() ?? 0
    let merges = try rows("merges")
    found.merges = merges.count
    found.longestMergeSeconds = merges.compactMap { Double(text($0, 2)) }.max() ?? 0
    let mutations = try rows("mutations")
    found.unfinishedMutations = mutations.count
    found.failedMutations = mutations.filter { !text($0, 6).isEmpty }.map {
      "\(text($0, 0)) \(text($0, 1)): \(text($0, 6).prefix(200))"
    }
  }

  private func judge(_ found: HealthReport.ClickHouse, _ warnings: inout [HealthReport.Warning]) {
    func warn(_ message: String, _ remedy: String) {
      warnings.append(.init(check: "clickhouse", message: message, remedy: remedy))
    }
    // At 1000 active parts in a partition insertions are slowed down, at 3000 refused (the defaults of
    // parts_to_delay_insert and parts_to_throw_insert).
    if found.mostParts > 300 {
      warn("a partition has \(found.mostParts) active parts", "insert less often and more at once")
    }
    if found.longestMergeSeconds > 3600 {
      warn(
        "a merge runs for \(Int(found.longestMergeSeconds / 60)) minutes", "look at the disk's load"
      )
    }
    for failure in found.failedMutations {
      warn("a mutation fails: \(failure)", "mend its cause, or KILL MUTATION")
    }
  }
}
