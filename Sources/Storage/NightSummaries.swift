package import DaybreakCore
import Foundation
import Postgres

/// What a night came to: a cell of the index page.
package struct NightSummary: Hashable, Sendable {
  package var night: CivilDate
  package var window: TimeWindow
  /// The report's first sentence.
  package var verdict: String
  /// nil when nothing happened.
  package var severity: Severity?
  /// Whether every source was read to its end.
  package var isComplete: Bool
  /// Whole numbers by name, such as `lines`, `errors`, `incidents` (which the dashboard shows) and
  /// `new_clusters`.
  package var counts: [String: Int64]
  /// The verdict in parts, a JSON object that only its writer reads.
  package var detail: String

  package init(
    night: CivilDate, window: TimeWindow, verdict: String, severity: Severity?, isComplete: Bool,
    counts: [String: Int64], detail: String
  ) {
    self.night = night
    self.window = window
    self.verdict = verdict
    self.severity = severity
    self.isComplete = isComplete
    self.counts = counts
    self.detail = detail
  }
}

// Queries of daybreak.night_summaries.
extension TenantSession {
  /// Sets what a night came to; call it before the views are refreshed, which show it.
  package func writeSummary(_ summary: NightSummary, of key: RunKey) throws {
    try require(key)
    try connection.execute(
      named: "set the summary of a night",
      """
      INSERT INTO daybreak.night_summaries (id, tenant_id, run_id, night, window_start, window_end,
        verdict, severity, is_complete, counts, detail)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
      ON CONFLICT (tenant_id, night) DO UPDATE
      SET run_id = excluded.run_id, window_start = excluded.window_start,
        window_end = excluded.window_end, verdict = excluded.verdict, severity = excluded.severity,
        is_complete = excluded.is_complete, counts = excluded.counts, detail = excluded.detail
      """,
      [
        .uuid(naturalID("summary", tenant.description, summary.night.description)), tenantID,
        .uuid(key.id), .date(summary.night), .timestamp(summary.window.start),
        .timestamp(summary.window.end), .text(storedText(summary.verdict)),
        .optional(summary.severity) { .text($0.rawValue) }, .bool(summary.isComplete),
        .json(try jsonText(summary.counts)), .json(summary.detail),
      ])
  }

  /// What nights came to, oldest first; nights without a run are not among them.
  package func summaries(
    from firstNight: CivilDate, through lastNight: CivilDate
  ) throws -> [NightSummary] {
    try connection.query(
      named: "summaries of nights",
      "SELECT * FROM daybreak.night_summaries WHERE night BETWEEN $1 AND $2 ORDER BY night",
      [.date(firstNight), .date(lastNight)]
    ).map { row in
      NightSummary(
        night: try row.date("night"), window: try window(row), verdict: try row.string("verdict"),
        severity: try row.optionalString("severity").map {
          try enumeration(Severity.self, $0, table: "night_summaries", column: "severity")
        },
        isComplete: try row.bool("is_complete"),
        counts: try decoded(
          [String: Int64].self, from: row.string("counts"), table: "night_summaries",
          column: "counts"),
        detail: try row.string("detail"))
    }
  }
}
