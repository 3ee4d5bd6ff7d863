package import DaybreakCore
import Foundation
import Postgres

// Queries of daybreak.source_coverage and daybreak.quarantine.
extension TenantSession {
  /// What the sources of a run gave, quarantined inputs included, in the job's order.
  package func coverage(of key: RunKey) throws -> [SourceCoverage] {
    try require(key)
    let quarantine = try quarantine(of: key)
    return try connection.query(
      named: "coverage of a run",
      "SELECT * FROM daybreak.source_coverage WHERE run_id = $1 ORDER BY ordinal",
      [.uuid(key.id)]
    ).map { row in
      var coverage = SourceCoverage(name: try row.string("name"))
      coverage.linesClustered = try row.int64("lines_clustered")
      coverage.continuationLines = try row.int64("continuation_lines")
      coverage.linesWithoutTime = try row.int64("lines_without_time")
      coverage.linesQuarantined = try row.int64("lines_quarantined")
      coverage.duplicatesSkipped = try row.int64("duplicates_skipped")
      coverage.linesOutsideWindow = try row.int64("lines_outside_window")
      coverage.linesBeforeWindow = try row.optionalInt64("lines_before_window")
      coverage.inputs = try decoded(
        [InputFile].self, from: row.string("inputs"), table: "source_coverage", column: "inputs")
      coverage.quarantine = quarantine[try row.uuid("id")] ?? []
      coverage.failure = try row.optionalString("failure")
      return coverage
    }
  }

  /// Replaces the coverage, and with it the quarantine, that the tenant has for the run's window.
  func replaceCoverage(_ sources: [SourceCoverage], of key: RunKey) throws {
    try deleteRows(of: "source_coverage", window: key.window)
    let rows = try sources.enumerated().map { try coverageRow($1, ordinal: $0, of: key) }
    try insert(
      rows,
      into: "source_coverage",
      columns: [
        "id", "tenant_id", "run_id", "ordinal",
        "name", "lines_clustered", "continuation_lines",
        "lines_without_time", "lines_quarantined",
        "duplicates_skipped", "lines_outside_window", "lines_before_window", "inputs",
        "failure",
      ])
    try insertQuarantine(sources, of: key)
  }

  private func sourceID(_ key: RunKey, _ ordinal: Int) -> UUID {
    naturalID("source", key.id.uuidString, String(ordinal))
  }

  private func coverageRow(
    _ source: SourceCoverage, ordinal: Int, of key: RunKey
  ) throws -> [Value] {
    let inputs = source.inputs.map { input in
      var stored = input
      stored.name = storedText(input.name)
      stored.failure = input.failure.map(storedText)
      return stored
    }
    return [
      .uuid(sourceID(key, ordinal)), tenantID, .uuid(key.id), .int64(Int64(ordinal)),
      .text(storedText(source.name)), .int64(source.linesClustered),
      .int64(source.continuationLines), .int64(source.linesWithoutTime),
      .int64(source.linesQuarantined), .int64(source.duplicatesSkipped),
      .int64(source.linesOutsideWindow), .optional(source.linesBeforeWindow, Value.int64),
      .json(try jsonText(inputs)),
      .optional(source.failure.map(storedText), Value.text),
    ]
  }

  private func quarantine(of key: RunKey) throws -> [UUID: [QuarantineRecord]] {
    let rows = try connection.query(
      named: "quarantine of a run",
      """
      SELECT q.* FROM daybreak.quarantine AS q
      JOIN daybreak.source_coverage AS c ON c.tenant_id = q.tenant_id AND c.id = q.source_id
      WHERE c.run_id = $1 ORDER BY q.source_id, q.ordinal
      """,
      [.uuid(key.id)])
    return try rows.reduce(into: [:]) { records, row in
      records[try row.uuid("source_id"), default: []].append(
        QuarantineRecord(
          file: try row.string("file"), byteOffset: try row.int64("byte_offset"),
          lineCount: try row.int("line_count"), reason: try row.string("reason"),
          excerpt: try row.string("excerpt")))
    }
  }

  private func insertQuarantine(_ sources: [SourceCoverage], of key: RunKey) throws {
    let rows = sources.enumerated().flatMap { source, coverage -> [[Value]] in
      let sourceID = sourceID(key, source)
      return coverage.quarantine.enumerated().map { ordinal, record in
        [
          .uuid(naturalID("quarantine", sourceID.uuidString, String(ordinal))), tenantID,
          .uuid(sourceID), .int64(Int64(ordinal)), .text(storedText(record.file)),
          .int64(record.byteOffset), .int64(Int64(record.lineCount)),
          .text(storedText(record.reason)), .text(storedText(record.excerpt)),
        ]
      }
    }
    try insert(
      rows,
      into: "quarantine",
      columns: [
        "id", "tenant_id", "source_id", "ordinal",
        "file", "byte_offset", "line_count", "reason",
        "excerpt",
      ])
  }
}
