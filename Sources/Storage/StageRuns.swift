package import DaybreakCore
import Postgres

// Queries of daybreak.stage_runs.
extension TenantSession {
  /// The stages of a run that the ledger knows, in the order in which they started.
  package func stages(of key: RunKey) throws -> [StageRun] {
    try require(key)
    return try connection.query(
      named: "stages of a run",
      """
      SELECT * FROM daybreak.stage_runs WHERE run_id = $1 ORDER BY started_at, stage COLLATE "C"
      """,
      [.uuid(key.id)]
    ).map { row in
      StageRun(
        stage: try row.string("stage"),
        status: try enumeration(
          StageStatus.self, row.string("status"), table: "stage_runs", column: "status"),
        startedAt: try row.timestamp("started_at"),
        finishedAt: try row.optionalTimestamp("finished_at"), detail: try row.string("detail"),
        failure: try row.optionalString("failure"))
    }
  }

  /// Records that a stage starts, whatever became of it before.
  package func startStage(_ stage: String, of key: RunKey, at moment: Timestamp) throws {
    try require(key)
    try connection.execute(
      named: "start a stage",
      """
      INSERT INTO daybreak.stage_runs (id, tenant_id, run_id, stage, status, started_at)
      VALUES ($1, $2, $3, $4, 'running', $5)
      ON CONFLICT (tenant_id, run_id, stage) DO UPDATE
      SET status = 'running', started_at = excluded.started_at, finished_at = NULL, detail = '{}',
        failure = NULL
      """,
      [
        .uuid(naturalID("stage", key.id.uuidString, stage)), tenantID, .uuid(key.id), .text(stage),
        .timestamp(moment),
      ])
  }

  /// Records that a stage is finished; call it in the transaction that writes the stage's rows.
  ///
  /// - Parameters:
  ///   - stage: one that was started.
  ///   - key: the run.
  ///   - moment: the run's clock.
  ///   - detail: a JSON object; part of the canonical dump, so no durations belong in it.
  /// - Throws: `PostgresError`, `StorageError`.
  package func finishStage(
    _ stage: String, of key: RunKey, at moment: Timestamp, detail: String = "{}"
  ) throws {
    try endStage(stage, of: key, .finished, at: moment, detail: detail, failure: nil)
  }

  /// Records that a stage failed.
  ///
  /// - Parameters:
  ///   - stage: one that was started.
  ///   - key: the run.
  ///   - moment: the run's clock.
  ///   - failure: what failed, without log lines or secrets.
  /// - Throws: `PostgresError`, `StorageError`.
  package func failStage(
    _ stage: String, of key: RunKey, at moment: Timestamp, failure: String
  ) throws {
    try endStage(stage, of: key, .failed, at: moment, detail: "{}", failure: failure)
  }

  private func endStage(
    _ stage: String, of key: RunKey, _ status: StageStatus, at moment: Timestamp, detail: String,
    failure: String?
  ) throws {
    try require(key)
    let touched = try connection.execute(
      named: "end a stage",
      """
      UPDATE daybreak.stage_runs SET status = $3, finished_at = $4, detail = $5, failure = $6
      WHERE run_id = $1 AND stage = $2
      """,
      [
        .uuid(key.id), .text(stage), .text(status.rawValue), .timestamp(moment),
        .json(storedText(detail)), .optional(failure.map(storedText), Value.text),
      ])
    guard touched == 1 else { throw StorageError.notFound(what: "started stage \(stage)") }
  }
}
