package import DaybreakCore
package import Foundation
import Postgres

/// What was said of an incident.
package struct IncidentAnalysis: Hashable, Sendable {
  /// `Incident.id`.
  package var incidentID: UUID
  /// The cluster that leads it, to whose samples the evidence refers; nil where none does.
  package var leading: ClusterKey?
  package var analysis: Analysis

  package init(incidentID: UUID, leading: ClusterKey?, analysis: Analysis) {
    self.incidentID = incidentID
    self.leading = leading
    self.analysis = analysis
  }
}

/// What was said on an earlier night.
package struct PastAnalysis: Hashable, Sendable {
  package var night: CivilDate
  package var analysis: Analysis
  /// Whether it is of an incident that the cluster led, and not of the cluster alone.
  package var isOfIncident: Bool
}

// Queries of daybreak.analysis_results.
extension TenantSession {
  /// Replaces what was said of the clusters and incidents of the run's window.
  ///
  /// - Parameters:
  ///   - analyses: at most one a cluster; each cluster must be in the store.
  ///   - incidents: at most one an incident; so must the clusters that lead them.
  ///   - key: the run.
  /// - Throws: `PostgresError`, `StorageError`.
  package func writeAnalyses(
    _ analyses: [ClusterKey: Analysis], incidents: [IncidentAnalysis] = [], of key: RunKey
  ) throws {
    try require(key)
    try deleteRows(of: "analysis_results", window: key.window)
    let rows = try analyses.sorted { $0.key < $1.key }.map { cluster, analysis in
      try analysisRow(analysis, cluster: cluster, incident: nil, of: key)
    }
    let ofIncidents = try incidents.map {
      try analysisRow($0.analysis, cluster: $0.leading, incident: $0.incidentID, of: key)
    }
    try insert(
      rows + ofIncidents,
      into: "analysis_results",
      columns: [
        "id", "tenant_id", "run_id", "cluster_id", "incident_id",
        "provider", "model", "root_cause", "confidence",
        "summary", "suggested_action", "detail",
        "prompt_digest", "input_tokens", "output_tokens", "cost_usd", "latency_milliseconds",
        "model_confidence", "note",
      ])
  }

  /// What was said of the clusters of a run, each for itself.
  package func analyses(of key: RunKey) throws -> [ClusterKey: Analysis] {
    try require(key)
    let rows = try connection.query(
      named: "analyses of a night",
      """
      SELECT a.*, c.namespace, c.service, c.fingerprint
      FROM daybreak.analysis_results AS a
      JOIN daybreak.error_clusters AS c ON c.tenant_id = a.tenant_id AND c.id = a.cluster_id
      WHERE a.run_id = $1 AND a.incident_id IS NULL
      """,
      [.uuid(key.id)])
    return try rows.reduce(into: [:]) { $0[try clusterKey($1)] = try analysis($1) }
  }

  /// What was said of clusters, in whatever service, and of the incidents that they led, on the latest
  /// nights that spoke of each.
  ///
  /// - Parameters:
  ///   - fingerprints: which clusters.
  ///   - limit: how many of each.
  /// - Returns: newest first; of one night the cluster's own before its incidents'.
  /// - Throws: `PostgresError`, `StorageError`.
  package func analyses(
    of fingerprints: [Fingerprint], limit: Int
  ) throws -> [Fingerprint: [PastAnalysis]] {
    let rows = try connection.query(
      named: "analyses of clusters",
      """
      SELECT * FROM (
        SELECT a.*, r.night, c.namespace, c.service, c.fingerprint, row_number() OVER (
            PARTITION BY c.fingerprint
            ORDER BY r.window_start DESC, a.incident_id IS NOT NULL, a.id
          ) AS place
        FROM daybreak.error_clusters AS c
        JOIN daybreak.analysis_results AS a ON a.tenant_id = c.tenant_id AND a.cluster_id = c.id
        JOIN daybreak.runs AS r ON r.tenant_id = a.tenant_id AND r.id = a.run_id
        WHERE c.fingerprint = ANY ($1)
      ) AS latest WHERE place <= $2 ORDER BY place
      """,
      [.textArray(fingerprints.map(\.description)), .int64(Int64(limit))])
    return try rows.reduce(into: [:]) { found, row in
      found[try clusterKey(row).fingerprint, default: []].append(
        PastAnalysis(
          night: try row.date("night"), analysis: try analysis(row),
          isOfIncident: try !row.isNull("incident_id")))
    }
  }

  private func analysisRow(
    _ analysis: Analysis, cluster: ClusterKey?, incident: UUID?, of key: RunKey
  ) throws -> [Value] {
    let clusterID = cluster.map { cluster in
      ClusterKey(
        identity: ServiceIdentity(
          namespace: storedName(cluster.identity.namespace),
          service: storedName(cluster.identity.service)),
        fingerprint: cluster.fingerprint
      ).id(tenant: tenant)
    }
    let subject = (incident ?? clusterID)?.uuidString ?? ""
    let detail = AnalysisDetail(analysis)
    return [
      .uuid(naturalID("analysis", key.id.uuidString, subject)), tenantID, .uuid(key.id),
      .optional(clusterID, Value.uuid), .optional(incident, Value.uuid), .text(analysis.provider),
      .text(storedText(analysis.model)),
      .optional(analysis.hypothesis.map(storedText), Value.text), .double(analysis.confidence),
      .text(storedText(analysis.summary)),
      detail.nextSteps.isEmpty ? .null : .text(detail.nextSteps.joined(separator: "\n")),
      .json(try jsonText(detail)),
    ] + callValues(analysis.call) + [
      .optional(analysis.modelConfidence, Value.double),
      .optional(analysis.note.map(storedText), Value.text),
    ]
  }

  /// What asking a model took, in the columns' order.
  private func callValues(_ call: ModelCall?) -> [Value] {
    guard let call else { return [Value](repeating: .null, count: 5) }
    return [
      .text(call.promptDigest), .int64(call.inputTokens), .int64(call.outputTokens),
      .optional(call.cost, Value.double), .int64(call.latencyMilliseconds),
    ]
  }

  private func call(_ row: Row) throws -> ModelCall? {
    guard let digest = try row.optionalString("prompt_digest") else { return nil }
    return ModelCall(
      promptDigest: digest, inputTokens: try row.int64("input_tokens"),
      outputTokens: try row.int64("output_tokens"), cost: try row.optionalDouble("cost_usd"),
      latencyMilliseconds: try row.int64("latency_milliseconds"))
  }

  private func analysis(_ row: Row) throws -> Analysis {
    let detail = try decoded(
      AnalysisDetail.self, from: row.string("detail"), table: "analysis_results", column: "detail")
    return Analysis(
      provider: try row.string("provider"), model: try row.string("model"),
      summary: try row.string("summary"), facts: detail.facts,
      hypothesis: try row.optionalString("root_cause"), unknown: detail.unknown,
      nextSteps: detail.nextSteps, confidence: try row.double("confidence"),
      evidence: detail.evidence, modelConfidence: try row.optionalDouble("model_confidence"),
      note: try row.optionalString("note"), call: try call(row))
  }
}

/// The parts of an analysis that have no column.
private struct AnalysisDetail: Codable {
  var facts: [String]
  var unknown: [String]
  var nextSteps: [String]
  var evidence: [Evidence]

  init(_ analysis: Analysis) {
    facts = analysis.facts.map(storedText)
    unknown = analysis.unknown.map(storedText)
    nextSteps = analysis.nextSteps.map(storedText)
    evidence = analysis.evidence.map {
      Evidence(sampleIndex: $0.sampleIndex, quote: storedText($0.quote))
    }
  }
}
