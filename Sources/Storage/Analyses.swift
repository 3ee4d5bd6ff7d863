package import DaybreakCore
import Foundation
import Postgres

// Queries of daybreak.analysis_results.
extension TenantSession {
  /// Replaces what was said of the clusters of the run's window.
  ///
  /// - Parameters:
  ///   - analyses: at most one a cluster; each cluster must be in the store.
  ///   - key: the run.
  /// - Throws: `PostgresError`, `StorageError`.
  package func writeAnalyses(_ analyses: [ClusterKey: Analysis], of key: RunKey) throws {
    try require(key)
    try deleteRows(of: "analysis_results", window: key.window)
    let rows = try analyses.sorted { $0.key < $1.key }.map { cluster, analysis in
      try analysisRow(analysis, cluster: cluster, of: key)
    }
    try insert(
      rows,
      into: "analysis_results",
      columns: [
        "id", "tenant_id", "run_id", "cluster_id",
        "provider", "model", "root_cause", "confidence",
        "summary", "suggested_action", "detail",
        "prompt_digest", "input_tokens", "output_tokens", "cost_usd", "latency_milliseconds",
        "model_confidence", "note",
      ])
  }

  /// What was said of the clusters of a run.
  package func analyses(of key: RunKey) throws -> [ClusterKey: Analysis] {
    try require(key)
    let rows = try connection.query(
      named: "analyses of a night",
      """
      SELECT a.*, c.namespace, c.service, c.fingerprint
      FROM daybreak.analysis_results AS a
      JOIN daybreak.error_clusters AS c ON c.tenant_id = a.tenant_id AND c.id = a.cluster_id
      WHERE a.run_id = $1
      """,
      [.uuid(key.id)])
    return try rows.reduce(into: [:]) { $0[try clusterKey($1)] = try analysis($1) }
  }

  /// What was said of a cluster, in whatever service, on the latest nights that spoke of it.
  ///
  /// - Returns: nights and analyses, newest first.
  package func analyses(
    of fingerprint: Fingerprint, limit: Int
  ) throws -> [(night: CivilDate, analysis: Analysis)] {
    try connection.query(
      named: "analyses of a cluster",
      """
      SELECT a.*, r.night FROM daybreak.analysis_results AS a
      JOIN daybreak.error_clusters AS c ON c.tenant_id = a.tenant_id AND c.id = a.cluster_id
      JOIN daybreak.runs AS r ON r.tenant_id = a.tenant_id AND r.id = a.run_id
      WHERE c.fingerprint = $1 ORDER BY r.window_start DESC, a.id LIMIT $2
      """,
      [.text(fingerprint.description), .int64(Int64(limit))]
    ).map { (night: try $0.date("night"), analysis: try analysis($0)) }
  }

  private func analysisRow(
    _ analysis: Analysis, cluster: ClusterKey, of key: RunKey
  ) throws -> [Value] {
    let clusterID = ClusterKey(
      identity: ServiceIdentity(
        namespace: storedName(cluster.identity.namespace),
        service: storedName(cluster.identity.service)),
      fingerprint: cluster.fingerprint
    ).id(tenant: tenant)
    let detail = AnalysisDetail(analysis)
    return [
      .uuid(naturalID("analysis", key.id.uuidString, clusterID.uuidString)), tenantID,
      .uuid(key.id), .uuid(clusterID), .text(analysis.provider), .text(storedText(analysis.model)),
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
