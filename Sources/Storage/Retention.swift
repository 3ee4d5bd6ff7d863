package import DaybreakCore
import Postgres

/// What may be deleted: everything of nights that ended at these moments or before.
package struct RetentionCutoffs: Hashable, Sendable {
  /// Runs with their stages, coverage, baselines, anomalies, analyses, summaries and notifications.
  package var runs: Timestamp
  /// Observations of clusters (their totals are archived) and service minutes.
  package var observations: Timestamp
  /// Samples, quarantined lines, and answers of models.
  package var samples: Timestamp

  /// Makes cut-offs; nothing outlives the run that it belongs to.
  package init(runs: Timestamp, observations: Timestamp, samples: Timestamp) {
    self.runs = runs
    self.observations = max(observations, runs)
    self.samples = max(samples, self.observations)
  }
}

/// How many rows retention deleted.
package struct RetentionCounts: Hashable, Sendable {
  package var runs = 0
  package var observations = 0
  package var minutes = 0
  package var samples = 0
  package var quarantined = 0
  package var answers = 0
  /// Partitions or chunks of service_minutes that no tenant had a row in any more.
  package var partitions = 0

  package init() {}
}

extension Store {
  /// Deletes what a tenant keeps no longer, in batches of one transaction each, so that no lock is
  /// held for long; then drops the parts of service_minutes that are empty.
  ///
  /// Safe to stop at any moment and to run again.
  ///
  /// - Parameters:
  ///   - tenant: whose rows.
  ///   - cutoffs: how old they must be.
  ///   - batchSize: how many rows one transaction deletes at most.
  /// - Returns: how many rows went.
  /// - Throws: `PostgresError`, `StorageError`.
  package func applyRetention(
    to tenant: TenantName, cutoffs: RetentionCutoffs, batchSize: Int = 10_000
  ) throws -> RetentionCounts {
    precondition(batchSize > 0, "a batch needs room for one row")
    let batch = Value.int64(Int64(batchSize))
    var counts = RetentionCounts()
    counts.samples = try repeated(tenant, batchSize) { session throws in
      try session.connection.execute(
        named: "delete old samples", deleteOldSamples, [.timestamp(cutoffs.samples), batch])
    }
    counts.quarantined = try repeated(tenant, batchSize) { session throws in
      try session.connection.execute(
        named: "delete old quarantine", deleteOldQuarantine, [.timestamp(cutoffs.samples), batch])
    }
    counts.answers = try repeated(tenant, batchSize) { session throws in
      try session.connection.execute(
        named: "delete old answers", deleteOldAnswers, [.timestamp(cutoffs.samples), batch])
    }
    counts.observations = try repeated(tenant, batchSize) { session throws in
      try session.archiveObservations(until: cutoffs.observations, limit: batchSize)
    }
    counts.minutes = try deleteOldMinutes(of: tenant, before: cutoffs.observations)
    counts.runs = try repeated(tenant, batchSize) { session throws in
      try session.connection.execute(
        named: "delete old runs", deleteOldRuns, [.timestamp(cutoffs.runs), batch])
    }
    counts.partitions = try pool.withConnection { connection in
      try connection.query(
        named: "drop empty partitions",
        "SELECT daybreak.drop_empty_service_minutes($1) AS dropped",
        [.timestamp(cutoffs.observations)]
      ).only().int("dropped")
    }
    return counts
  }

  /// Deletes old minutes a day at a time, which is a partition's length.
  private func deleteOldMinutes(of tenant: TenantName, before moment: Timestamp) throws -> Int {
    var deleted = 0
    while true {
      let inBatch = try withTenant(tenant) { session throws in
        try session.connection.execute(
          named: "delete old minutes",
          """
          DELETE FROM daybreak.service_minutes
          WHERE minute < least($1::timestamptz,
            (SELECT min(minute) FROM daybreak.service_minutes WHERE minute < $1)
              + interval '1 day')
          """,
          [.timestamp(moment)])
      }
      deleted += inBatch
      if inBatch == 0 { return deleted }
    }
  }

  /// Runs one batch after another until one is not full.
  private func repeated(
    _ tenant: TenantName, _ batchSize: Int,
    _ body: (borrowing TenantSession) throws -> Int
  ) throws -> Int {
    var total = 0
    while true {
      let count = try withTenant(tenant) { session throws in try body(session) }
      total += count
      if count < batchSize { return total }
    }
  }
}

extension TenantSession {
  /// Folds the oldest observations into their clusters' archived totals and deletes them.
  ///
  /// Both in one statement's snapshot, so that nothing is counted twice or lost; the tenant's horizon
  /// moves with it, so that an archived night cannot be written again.
  ///
  /// - Returns: how many observations went.
  fileprivate func archiveObservations(until moment: Timestamp, limit: Int) throws -> Int {
    try lockNights()
    try connection.execute(
      named: "move the horizon of observations",
      """
      UPDATE daybreak.tenants SET observations_archived_until = $1
      WHERE observations_archived_until IS NULL OR observations_archived_until < $1
      """,
      [.timestamp(moment)])
    return try connection.query(
      named: "archive old observations",
      """
      WITH chosen AS (
        SELECT o.id FROM daybreak.cluster_observations AS o
        JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
        WHERE r.window_end <= $1 ORDER BY r.window_start, o.id LIMIT $2
      ), gone AS (
        DELETE FROM daybreak.cluster_observations AS o USING chosen WHERE o.id = chosen.id
        RETURNING o.cluster_id, o.count, o.level, o.first_seen_at, o.last_seen_at
      ), life AS (
        SELECT cluster_id, sum(count)::bigint AS count, min(first_seen_at) AS first_seen_at,
          max(last_seen_at) AS last_seen_at, max(array_position($3::text[], level)) AS level_rank
        FROM gone GROUP BY cluster_id
      ), archived AS (
        UPDATE daybreak.error_clusters AS c
        SET archived_count = c.archived_count + life.count,
          archived_first_seen_at = least(c.archived_first_seen_at, life.first_seen_at),
          archived_last_seen_at = greatest(c.archived_last_seen_at, life.last_seen_at),
          archived_level = ($3::text[])[
            greatest(array_position($3::text[], c.archived_level), life.level_rank)]
        FROM life WHERE c.id = life.cluster_id
      )
      SELECT count(*) AS gone FROM gone
      """,
      [.timestamp(moment), .int64(Int64(limit)), levelNames]
    ).only().int("gone")
  }
}

private let deleteOldSamples = """
  DELETE FROM daybreak.cluster_samples WHERE id IN (
    SELECT s.id FROM daybreak.cluster_samples AS s
    JOIN daybreak.cluster_observations AS o
      ON o.tenant_id = s.tenant_id AND o.id = s.observation_id
    JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
    WHERE r.window_end <= $1 LIMIT $2)
  """

private let deleteOldQuarantine = """
  DELETE FROM daybreak.quarantine WHERE id IN (
    SELECT q.id FROM daybreak.quarantine AS q
    JOIN daybreak.source_coverage AS c ON c.tenant_id = q.tenant_id AND c.id = q.source_id
    JOIN daybreak.runs AS r ON r.tenant_id = c.tenant_id AND r.id = c.run_id
    WHERE r.window_end <= $1 LIMIT $2)
  """

private let deleteOldAnswers = """
  DELETE FROM daybreak.model_answers WHERE (provider, model, prompt_digest, subject) IN (
    SELECT provider, model, prompt_digest, subject FROM daybreak.model_answers
    WHERE window_end <= $1 LIMIT $2)
  """

private let deleteOldRuns = """
  DELETE FROM daybreak.runs WHERE id IN (
    SELECT r.id FROM daybreak.runs AS r
    WHERE r.window_end <= $1 AND NOT EXISTS (
      SELECT FROM daybreak.cluster_observations AS o
      WHERE o.tenant_id = r.tenant_id AND o.run_id = r.id)
    LIMIT $2)
  """
