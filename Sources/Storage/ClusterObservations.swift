package import DaybreakCore
import Foundation
import Postgres

// Queries of daybreak.cluster_observations.
extension TenantSession {
  /// The clusters of a night with their samples, sorted by service and fingerprint; clusters that
  /// are gone have counts of zero.
  package func clusterNights(of key: RunKey) throws -> [StoredClusterNight] {
    try require(key)
    let lines = try keptLines(of: key)
    let rows = try connection.query(
      named: "clusters of a night",
      """
      SELECT o.*, c.namespace, c.service, c.fingerprint, c.template, c.count AS total_count,
        c.first_seen_at AS first_ever_seen_at, c.last_seen_at AS last_ever_seen_at
      FROM daybreak.cluster_observations AS o
      JOIN daybreak.error_clusters AS c ON c.tenant_id = o.tenant_id AND c.id = o.cluster_id
      WHERE o.run_id = $1
      """,
      [.uuid(key.id)])
    let nights = try rows.map { row in
      try storedClusterNight(row, lines: lines[try row.uuid("id")] ?? KeptLines())
    }
    return nights.sorted { storedKey($0.observation) < storedKey($1.observation) }
  }

  /// How many events clusters had night by night.
  ///
  /// - Parameters:
  ///   - fingerprints: which clusters, in whatever service; nil for all.
  ///   - firstNight: the first night.
  ///   - lastNight: the last night (inclusive).
  /// - Returns: the nights with events, oldest first, by cluster.
  /// - Throws: `PostgresError`, `StorageError`.
  package func nightCounts(
    of fingerprints: [Fingerprint]?, from firstNight: CivilDate, through lastNight: CivilDate
  ) throws -> [ClusterKey: [NightCount]] {
    let rows = try connection.query(
      named: "counts of clusters by night",
      """
      SELECT c.namespace, c.service, c.fingerprint, r.night, sum(o.count)::bigint AS count
      FROM daybreak.cluster_observations AS o
      JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
      JOIN daybreak.error_clusters AS c ON c.tenant_id = o.tenant_id AND c.id = o.cluster_id
      WHERE r.night BETWEEN $1 AND $2 AND o.count > 0
        AND ($3::text[] IS NULL OR c.fingerprint = ANY ($3::text[]))
      GROUP BY c.namespace, c.service, c.fingerprint, r.night ORDER BY r.night
      """,
      [
        .date(firstNight), .date(lastNight),
        .optional(fingerprints) { .textArray($0.map(\.description)) },
      ])
    return try rows.reduce(into: [:]) { counts, row in
      counts[try clusterKey(row), default: []].append(
        NightCount(night: try row.date("night"), count: try row.int64("count")))
    }
  }

  /// Deletes the observations, and with them the samples, that the tenant has for a window.
  ///
  /// - Returns: the row ids of the clusters that lost one.
  func deleteObservations(window: TimeWindow) throws -> Set<UUID> {
    let rows = try connection.query(
      named: "replace the observations of a night",
      """
      DELETE FROM daybreak.cluster_observations AS o USING daybreak.runs AS r
      WHERE r.tenant_id = o.tenant_id AND r.id = o.run_id
        AND r.window_start = $1 AND r.window_end = $2
      RETURNING o.cluster_id
      """,
      [.timestamp(window.start), .timestamp(window.end)])
    return Set(try rows.map { try $0.uuid("cluster_id") })
  }

  func insertObservations(_ clusters: [ClusterNight], of key: RunKey) throws {
    let rows = try clusters.map { try observationRow($0, of: key) }
    try insert(
      rows,
      into: "cluster_observations",
      columns: [
        "id", "tenant_id", "run_id", "cluster_id",
        "lifecycle", "level", "count", "error_count",
        "first_seen_at", "last_seen_at",
        "hourly", "untimed", "placeholder_values",
      ])
  }

  private func observationRow(_ cluster: ClusterNight, of key: RunKey) throws -> [Value] {
    let observation = cluster.observation
    let clusterID = storedKey(observation).id(tenant: tenant)
    let levels = observation.levels
    let placeholders = observation.placeholderValues.map { $0.map(storedText) }
    return [
      .uuid(observationID(key, clusterID)), tenantID, .uuid(key.id), .uuid(clusterID),
      .text(cluster.lifecycle.rawValue), .text(levels.mostSevere.name), .int64(levels.total),
      .int64(levels.errors), .optional(observation.firstSeen, Value.timestamp),
      .optional(observation.lastSeen, Value.timestamp),
      .int64Array(observation.hourly.flatMap(\.values)), .int64Array(observation.untimed.values),
      .json(try jsonText(placeholders)),
    ]
  }

  /// Reads an observation joined to its cluster.
  func storedClusterNight(_ row: Row, lines: KeptLines) throws -> StoredClusterNight {
    let key = try clusterKey(row)
    let hourly = try row.int64Array("hourly")
    return StoredClusterNight(
      clusterID: try row.uuid("cluster_id"),
      observation: ClusterObservation(
        identity: key.identity, fingerprint: key.fingerprint,
        template: try row.string("template"),
        hourly: stride(from: 0, to: hourly.count, by: Level.allCases.count).map {
          levelCounts(hourly[$0..<$0 + Level.allCases.count])
        },
        untimed: levelCounts(try row.int64Array("untimed")),
        firstSeen: try row.optionalTimestamp("first_seen_at"),
        lastSeen: try row.optionalTimestamp("last_seen_at"), samples: lines.samples,
        placeholderValues: try decoded(
          [[String]].self, from: row.string("placeholder_values"), table: "cluster_observations",
          column: "placeholder_values"),
        neighbours: lines.neighbours),
      lifecycle: try enumeration(
        Lifecycle.self, row.string("lifecycle"), table: "cluster_observations",
        column: "lifecycle"),
      firstEverSeen: try row.optionalTimestamp("first_ever_seen_at"),
      lastEverSeen: try row.optionalTimestamp("last_ever_seen_at"),
      totalCount: try row.int64("total_count"))
  }
}
