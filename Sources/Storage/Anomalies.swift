package import DaybreakCore
import Foundation
import Postgres

// Queries of daybreak.anomaly_baselines and daybreak.anomaly_events.
extension TenantSession {
  /// Replaces the baselines and anomalies of the run's window.
  ///
  /// - Parameters:
  ///   - baselines: at most one a service.
  ///   - events: at most one a (service, metric, start).
  ///   - key: the run.
  /// - Throws: `PostgresError`, `StorageError`.
  package func writeAnomalies(
    baselines: [ServiceBaseline], events: [AnomalyEvent], of key: RunKey
  ) throws {
    try require(key)
    try deleteRows(of: "anomaly_baselines", window: key.window)
    try deleteRows(of: "anomaly_events", window: key.window)
    try insert(
      baselines.map { baselineRow($0, of: key) },
      into: "anomaly_baselines",
      columns: [
        "id", "tenant_id", "run_id", "service",
        "namespace", "window_start", "window_end",
        "avg_log_rate", "avg_error_rate", "p95_error_rate",
      ])
    try insert(
      events.map { eventRow($0, of: key) },
      into: "anomaly_events",
      columns: [
        "id", "tenant_id", "run_id", "service",
        "namespace", "detected_at", "ended_at",
        "peak_at", "severity", "metric",
        "baseline_value", "observed_value", "peak_observed",
        "deviation_factor", "deviation_note", "log_probability",
      ])
  }

  /// The baselines that a run judged its night by, sorted by service.
  package func baselines(of key: RunKey) throws -> [ServiceBaseline] {
    try require(key)
    return try connection.query(
      named: "baselines of a night",
      "SELECT * FROM daybreak.anomaly_baselines WHERE run_id = $1", [.uuid(key.id)]
    ).map { row in
      ServiceBaseline(
        identity: try serviceIdentity(row), window: try window(row),
        averageLogRate: try row.double("avg_log_rate"),
        averageErrorRate: try row.double("avg_error_rate"),
        p95ErrorRate: try row.double("p95_error_rate"))
    }.sorted { $0.identity < $1.identity }
  }

  /// The anomalies of a night, by start, then service, then metric.
  package func anomalies(of key: RunKey) throws -> [AnomalyEvent] {
    try require(key)
    return try anomalies(ofRun: key.id)
  }

  /// The same by the run's row id.
  func anomalies(ofRun id: UUID) throws -> [AnomalyEvent] {
    try connection.query(
      named: "anomalies of a night",
      """
      SELECT * FROM daybreak.anomaly_events WHERE run_id = $1
      ORDER BY detected_at, namespace COLLATE "C", service COLLATE "C", metric COLLATE "C"
      """,
      [.uuid(id)]
    ).map { try anomaly($0) }
  }

  private func baselineRow(_ baseline: ServiceBaseline, of key: RunKey) -> [Value] {
    let (namespace, service) = storedNames(baseline.identity)
    return [
      .uuid(naturalID("baseline", key.id.uuidString, namespace, service)), tenantID,
      .uuid(key.id), .text(service), .text(namespace), .timestamp(baseline.window.start),
      .timestamp(baseline.window.end), .double(baseline.averageLogRate),
      .double(baseline.averageErrorRate), .double(baseline.p95ErrorRate),
    ]
  }

  private func eventRow(_ event: AnomalyEvent, of key: RunKey) -> [Value] {
    let (namespace, service) = storedNames(event.identity)
    return [
      .uuid(
        naturalID(
          "anomaly", key.id.uuidString, namespace, service, event.metric.rawValue,
          event.start.rfc3339)),
      tenantID, .uuid(key.id), .text(service), .text(namespace), .timestamp(event.start),
      .timestamp(event.end), .timestamp(event.peak), .text(event.severity.rawValue),
      .text(event.metric.rawValue), .double(event.expected), .double(event.observed),
      .double(event.peakObserved), .optional(event.deviationFactor, Value.double),
      .optional(event.deviationNote, Value.text), .double(event.logProbability),
    ]
  }

  private func anomaly(_ row: Row) throws -> AnomalyEvent {
    AnomalyEvent(
      identity: try serviceIdentity(row),
      metric: try enumeration(
        AnomalyEvent.Metric.self, row.string("metric"), table: "anomaly_events", column: "metric"),
      start: try row.timestamp("detected_at"), end: try row.timestamp("ended_at"),
      peak: try row.timestamp("peak_at"), expected: try row.double("baseline_value"),
      observed: try row.double("observed_value"), peakObserved: try row.double("peak_observed"),
      deviationFactor: try row.optionalDouble("deviation_factor"),
      deviationNote: try row.optionalString("deviation_note"),
      logProbability: try row.double("log_probability"),
      severity: try enumeration(
        Severity.self, row.string("severity"), table: "anomaly_events", column: "severity"))
  }
}

/// The names of a service in the form in which they are stored.
private func storedNames(_ identity: ServiceIdentity) -> (namespace: String, service: String) {
  (storedName(identity.namespace), storedName(identity.service))
}
