package import DaybreakCore

/// How retention goes about its work.
package struct RetentionOptions: Sendable {
  /// How many rows go in one transaction.
  package var batchSize = 5000
  /// Whether only to count.
  package var isDryRun = false
  /// Ages in place of the catalog's, by rule, or by table for one whose parts are dropped.
  package var ages: [String: Age] = [:]
  /// The moment that ages count back from; nil for the server's clock.
  package var moment: Timestamp?

  package init() {}
}

/// What one run of retention did, or would do.
package struct RetentionReport: Codable, Sendable, Equatable {
  /// What became of one rule.
  package struct Rule: Codable, Sendable, Equatable {
    package var rule: String
    package var table: String
    /// Nil: kept for good.
    package var age: String?
    /// What is older goes; RFC 3339.
    package var cutoff: String?
    /// What went, by table, children first.
    package var tables: [TableCount]
    /// Why it was not done to the end; nil when it was.
    package var problem: String?
    package var remedy: String?
  }

  /// How many rows, or parts, of a table went.
  package struct TableCount: Codable, Sendable, Equatable {
    package var table: String
    /// `rows`, `parts` or `clickhouse partitions`.
    package var means: String
    package var count: Int
    /// The planner's estimate of the rows in parts; nil for rows.
    package var estimatedRows: Int?
  }

  package var catalog: String
  package var isDryRun: Bool
  package var rules: [Rule]

  /// Whether every rule was done to the end.
  package var isComplete: Bool { rules.allSatisfy { $0.problem == nil } }
}
