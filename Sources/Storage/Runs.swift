package import DaybreakCore
import Postgres

// Queries of daybreak.runs.
extension TenantSession {
  /// Enters a run into the ledger, or finds out how far it came.
  ///
  /// - Parameters:
  ///   - key: job, tenant and window.
  ///   - configurationDigest: of the settings that decide the result; another one than before makes
  ///     every stage run again.
  ///   - moment: the run's clock.
  ///   - isForced: whether every stage runs again in any case.
  /// - Returns: the run, its stages and how it begins.
  /// - Throws: `PostgresError`, `StorageError`.
  package func beginRun(
    _ key: RunKey, configurationDigest: String, at moment: Timestamp, isForced: Bool = false
  ) throws -> RunState {
    try require(key)
    guard let known = try run(key, locked: true) else {
      try connection.execute(
        named: "enter a run",
        """
        INSERT INTO daybreak.runs (id, tenant_id, job, window_start, window_end, night, time_zone,
          configuration_digest, status, started_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'running', $9)
        """,
        [
          .uuid(key.id), tenantID, .text(storedText(key.job)), .timestamp(key.window.start),
          .timestamp(key.window.end), .date(key.night), .text(key.timeZone),
          .text(configurationDigest), .timestamp(moment),
        ])
      return RunState(run: try requiredRun(key), stages: [], outcome: .started)
    }
    let isRestarted = isForced || known.configurationDigest != configurationDigest
    if known.status.isFinal, !isRestarted {
      return RunState(run: known, stages: try stages(of: key), outcome: .alreadyFinished)
    }
    if isRestarted {
      try connection.execute(
        named: "forget the stages of a run",
        "DELETE FROM daybreak.stage_runs WHERE run_id = $1", [.uuid(key.id)])
    }
    try connection.execute(
      named: "take up a run",
      """
      UPDATE daybreak.runs SET status = 'running', configuration_digest = $2, started_at = $3,
        finished_at = NULL, failure = NULL, night = $4, time_zone = $5
      WHERE id = $1
      """,
      [
        .uuid(key.id), .text(configurationDigest), .timestamp(moment), .date(key.night),
        .text(key.timeZone),
      ])
    return RunState(
      run: try requiredRun(key), stages: try stages(of: key),
      outcome: isRestarted ? .restarted : .resumed)
  }

  /// Ends a run.
  ///
  /// - Parameters:
  ///   - key: the run.
  ///   - status: any but `running`.
  ///   - moment: the run's clock.
  ///   - failure: what failed, without log lines or secrets.
  /// - Throws: `PostgresError`, `StorageError`.
  package func finishRun(
    _ key: RunKey, status: RunStatus, at moment: Timestamp, failure: String? = nil
  ) throws {
    try require(key)
    precondition(status != .running, "a run does not end by running")
    let touched = try connection.execute(
      named: "end a run",
      "UPDATE daybreak.runs SET status = $2, finished_at = $3, failure = $4 WHERE id = $1",
      [
        .uuid(key.id), .text(status.rawValue), .timestamp(moment),
        .optional(failure.map(storedText), Value.text),
      ])
    guard touched == 1 else { throw StorageError.notFound(what: "run of job \(key.job)") }
  }

  /// Looks a run up; nil when the ledger does not know it.
  package func run(_ key: RunKey) throws -> Run? { try run(key, locked: false) }

  /// The runs of a job with a message in the outbox that is neither sent nor given up, oldest first.
  package func runsWithOpenMessages(job: String) throws -> [Run] {
    try connection.query(
      named: "runs with open messages",
      """
      SELECT * FROM daybreak.runs AS r
      WHERE r.job = $1 AND EXISTS (
        SELECT FROM daybreak.notifications AS n
        WHERE n.run_id = r.id AND n.state IN ('pending', 'sending'))
      ORDER BY r.window_start
      """,
      [.text(storedText(job))]
    ).map { try run($0) }
  }

  /// The latest runs by window, newest first.
  package func lastRuns(limit: Int) throws -> [Run] {
    try connection.query(
      named: "last runs",
      """
      SELECT * FROM daybreak.runs
      ORDER BY window_start DESC, window_end DESC, job COLLATE "C" LIMIT $1
      """,
      [.int64(Int64(limit))]
    ).map { try run($0) }
  }

  /// The nights whose counts are in the store and that ended at a moment or earlier, oldest first.
  ///
  /// - Parameters:
  ///   - moment: the start of the night that they are history for.
  ///   - firstNight: the oldest to return.
  /// - Returns: one entry a window.
  /// - Throws: `PostgresError`, `StorageError`.
  package func coveredNights(
    before moment: Timestamp, from firstNight: CivilDate
  ) throws -> [CoveredNight] {
    try connection.query(
      named: "covered nights",
      """
      SELECT DISTINCT ON (r.window_start, r.window_end)
        r.night, r.window_start, r.window_end, r.missing_minutes,
        NOT EXISTS (
          SELECT FROM daybreak.source_coverage AS c WHERE c.run_id = r.id AND c.failure IS NOT NULL
        ) AS is_complete
      FROM daybreak.runs AS r
      WHERE r.has_observations AND r.window_end <= $1 AND r.night >= $2
      ORDER BY r.window_start, r.window_end, r.id
      """,
      [.timestamp(moment), .date(firstNight)]
    ).map { row in
      CoveredNight(
        night: try row.date("night"), window: try window(row),
        missingMinutes: minuteRanges(try row.int64Array("missing_minutes")),
        isComplete: try row.bool("is_complete"))
    }
  }

  /// Records that a run's night is in the store, and that no other run's rows over that window are.
  func markObserved(_ key: RunKey, missingMinutes: [Range<Int>]) throws(PostgresError) {
    try connection.execute(
      named: "record that a night is in the store",
      """
      UPDATE daybreak.runs
      SET has_observations = (id = $1), missing_minutes = CASE WHEN id = $1 THEN $4 ELSE '{}' END
      WHERE window_start = $2 AND window_end = $3
      """,
      [
        .uuid(key.id), .timestamp(key.window.start), .timestamp(key.window.end),
        .int64Array(missingMinutes.flatMap { [Int64($0.lowerBound), Int64($0.upperBound)] }),
      ])
  }

  private func run(_ key: RunKey, locked: Bool) throws -> Run? {
    try require(key)
    return try connection.query(
      named: "look a run up",
      "SELECT * FROM daybreak.runs WHERE id = $1" + (locked ? " FOR UPDATE" : ""),
      [.uuid(key.id)]
    ).first.map { try run($0) }
  }

  private func requiredRun(_ key: RunKey) throws -> Run {
    guard let run = try run(key) else {
      throw StorageError.notFound(what: "run of job \(key.job)")
    }
    return run
  }

  private func run(_ row: Row) throws -> Run {
    Run(
      key: RunKey(
        tenant: tenant, job: try row.string("job"), window: try window(row),
        night: try row.date("night"), timeZone: try row.string("time_zone")),
      configurationDigest: try row.string("configuration_digest"),
      status: try enumeration(
        RunStatus.self, row.string("status"), table: "runs", column: "status"),
      hasObservations: try row.bool("has_observations"),
      missingMinutes: minuteRanges(try row.int64Array("missing_minutes")),
      startedAt: try row.timestamp("started_at"),
      finishedAt: try row.optionalTimestamp("finished_at"),
      failure: try row.optionalString("failure"))
  }
}

/// Reads the columns `window_start` and `window_end`.
func window(_ row: Row) throws -> TimeWindow {
  TimeWindow(start: try row.timestamp("window_start"), end: try row.timestamp("window_end"))
}

/// Reads pairs of first minute and the one after the last.
private func minuteRanges(_ bounds: [Int64]) -> [Range<Int>] {
  stride(from: 0, to: bounds.count - 1, by: 2).compactMap { index in
    let (start, end) = (Int(bounds[index]), Int(bounds[index + 1]))
    return start <= end ? start..<end : nil
  }
}
