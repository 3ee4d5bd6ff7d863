import DaybreakCore
import Foundation
import Postgres

// Queries of daybreak.cluster_samples.
extension TenantSession {
  /// The samples of a night by observation, in the order in which they were written.
  func samples(of key: RunKey) throws -> [UUID: [LineSample]] {
    let rows = try connection.query(
      named: "samples of a night",
      """
      SELECT s.observation_id, s.logged_at, s.level, s.message
      FROM daybreak.cluster_samples AS s
      JOIN daybreak.cluster_observations AS o
        ON o.tenant_id = s.tenant_id AND o.id = s.observation_id
      WHERE o.run_id = $1 ORDER BY s.observation_id, s.ordinal
      """,
      [.uuid(key.id)])
    return try samplesByObservation(rows)
  }

  /// The samples of some observations, in the order in which they were written.
  func samples(ofObservations ids: [UUID]) throws -> [UUID: [LineSample]] {
    try samplesByObservation(
      try connection.query(
        named: "samples of observations",
        """
        SELECT observation_id, logged_at, level, message FROM daybreak.cluster_samples
        WHERE observation_id = ANY ($1) ORDER BY observation_id, ordinal
        """, [.uuidArray(ids)]))
  }

  private func samplesByObservation(_ rows: Rows) throws -> [UUID: [LineSample]] {
    try rows.reduce(into: [:]) { samples, row in
      samples[try row.uuid("observation_id"), default: []].append(
        LineSample(
          timestamp: try row.optionalTimestamp("logged_at")?.nanoseconds,
          level: try level(row.string("level"), table: "cluster_samples").rawValue,
          text: try row.string("message")))
    }
  }

  func insertSamples(_ observations: [ClusterObservation], of key: RunKey) throws {
    let rows = observations.flatMap { observation -> [[Value]] in
      let observationID = observationID(key, storedKey(observation).id(tenant: tenant))
      return observation.samples.enumerated().map { ordinal, sample in
        [
          .uuid(naturalID("sample", observationID.uuidString, String(ordinal))), tenantID,
          .uuid(observationID), .int64(Int64(ordinal)),
          .optional(sample.timestamp) { .timestamp(Timestamp(nanoseconds: $0)) },
          .text((Level(rawValue: sample.level) ?? .unknown).name), .text(storedText(sample.text)),
        ]
      }
    }
    try insert(
      rows,
      into: "cluster_samples",
      columns: [
        "id", "tenant_id", "observation_id", "ordinal",
        "logged_at", "level", "message",
      ])
  }
}
