import DaybreakCore
import Foundation
import Postgres

/// The lines that are kept of what a cluster did in a night, in the order in which they were written.
struct KeptLines {
  /// Its own.
  var samples: [LineSample] = []
  /// Those of its service that stood before it.
  var neighbours: [LineSample] = []
}

// Queries of daybreak.cluster_samples.
extension TenantSession {
  /// The lines that are kept of the observations of a night.
  func keptLines(of key: RunKey) throws -> [UUID: KeptLines] {
    let rows = try connection.query(
      named: "samples of a night",
      """
      SELECT s.observation_id, s.logged_at, s.level, s.message, s.is_neighbour
      FROM daybreak.cluster_samples AS s
      JOIN daybreak.cluster_observations AS o
        ON o.tenant_id = s.tenant_id AND o.id = s.observation_id
      WHERE o.run_id = $1 ORDER BY s.observation_id, s.ordinal
      """,
      [.uuid(key.id)])
    return try linesByObservation(rows)
  }

  /// The lines that are kept of some observations.
  func keptLines(ofObservations ids: [UUID]) throws -> [UUID: KeptLines] {
    try linesByObservation(
      try connection.query(
        named: "samples of observations",
        """
        SELECT observation_id, logged_at, level, message, is_neighbour
        FROM daybreak.cluster_samples
        WHERE observation_id = ANY ($1) ORDER BY observation_id, ordinal
        """, [.uuidArray(ids)]))
  }

  private func linesByObservation(_ rows: Rows) throws -> [UUID: KeptLines] {
    try rows.reduce(into: [:]) { lines, row in
      let line = LineSample(
        timestamp: try row.optionalTimestamp("logged_at")?.nanoseconds,
        level: try level(row.string("level"), table: "cluster_samples").rawValue,
        text: try row.string("message"))
      let list =
        try row.bool("is_neighbour") ? \KeptLines.neighbours : \KeptLines.samples
      lines[try row.uuid("observation_id"), default: KeptLines()][keyPath: list].append(line)
    }
  }

  func insertSamples(_ observations: [ClusterObservation], of key: RunKey) throws {
    let rows = observations.flatMap { observation -> [[Value]] in
      let observationID = observationID(key, storedKey(observation).id(tenant: tenant))
      let lines =
        observation.samples.map { ($0, false) } + observation.neighbours.map { ($0, true) }
      return lines.enumerated().map { ordinal, line in
        let (sample, isNeighbour) = line
        return [
          .uuid(naturalID("sample", observationID.uuidString, String(ordinal))), tenantID,
          .uuid(observationID), .int64(Int64(ordinal)),
          .optional(sample.timestamp) { .timestamp(Timestamp(nanoseconds: $0)) },
          .text((Level(rawValue: sample.level) ?? .unknown).name), .text(storedText(sample.text)),
          .bool(isNeighbour),
        ]
      }
    }
    try insert(
      rows,
      into: "cluster_samples",
      columns: [
        "id", "tenant_id", "observation_id", "ordinal",
        "logged_at", "level", "message", "is_neighbour",
      ])
  }
}
