package import DaybreakCore
package import Foundation
import Postgres

/// What the store knows of a cluster's nights before a moment.
package struct ClusterPast: Hashable, Sendable {
  package var clusterID: UUID
  package var key: ClusterKey
  package var template: String
  /// The first and the last night with events, of those that are still stored.
  package var firstNight: CivilDate
  package var lastNight: CivilDate
  /// How many nights had events, and how many events they had.
  package var nightsSeen: Int
  package var count: Int64
  /// The night on which it was found gone, if it has not come since.
  package var resolvedOn: CivilDate?
  /// What was last said of it: the possible cause, or else a model's summary.
  package var said: String?
}

/// The anomalies of an earlier night of whose time and service a cluster was.
package struct PastAnomalies: Sendable {
  package var night: CivilDate
  /// Every anomaly of that night.
  package var events: [AnomalyEvent]
  /// What was said of that night's incidents: the possible cause, or else a model's summary.
  package var said: [UUID: String]
}

// What clusters did before a night.
extension TenantSession {
  /// The ids of the clusters that reached a level on a night before a moment.
  package func clusterIDs(
    before moment: Timestamp, atLeast level: Level = .unknown
  ) throws -> [UUID] {
    try connection.query(
      named: "clusters of earlier nights",
      """
      SELECT DISTINCT o.cluster_id
      FROM daybreak.cluster_observations AS o
      JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
      WHERE r.window_start < $1 AND o.count > 0 AND o.level = ANY ($2) ORDER BY o.cluster_id
      """,
      [.timestamp(moment), .textArray(Level.allCases.filter { $0 >= level }.map(\.name))]
    ).map { try $0.uuid("cluster_id") }
  }

  /// What clusters did on the nights before a moment; one that did not come is left out.
  ///
  /// - Parameters:
  ///   - ids: row ids of clusters.
  ///   - moment: the start of the night that asks.
  /// - Returns: their pasts by id.
  /// - Throws: `PostgresError`, `StorageError`.
  package func pasts(of ids: [UUID], before moment: Timestamp) throws -> [UUID: ClusterPast] {
    let rows = try connection.query(
      named: "pasts of clusters",
      """
      WITH nights AS (
        SELECT o.cluster_id, min(r.night) FILTER (WHERE o.count > 0) AS first_night,
          max(r.night) FILTER (WHERE o.count > 0) AS last_night,
          count(DISTINCT r.night) FILTER (WHERE o.count > 0) AS nights_seen,
          sum(o.count)::bigint AS count,
          max(r.night) FILTER (WHERE o.lifecycle = 'resolved') AS resolved_on
        FROM daybreak.cluster_observations AS o
        JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
        WHERE o.cluster_id = ANY ($1) AND r.window_start < $2
        GROUP BY o.cluster_id
      )
      SELECT c.id, c.namespace, c.service, c.fingerprint, c.template, n.first_night, n.last_night,
        n.nights_seen, n.count,
        CASE WHEN n.resolved_on > n.last_night THEN n.resolved_on END AS resolved_on,
        (
          -- Without a model a summary says no more than the figures do.
          SELECT coalesce(a.root_cause, CASE WHEN a.provider <> 'extractive' THEN a.summary END)
          FROM daybreak.analysis_results AS a
          JOIN daybreak.runs AS r ON r.tenant_id = a.tenant_id AND r.id = a.run_id
          WHERE a.cluster_id = c.id AND a.incident_id IS NULL AND r.window_start < $2
          ORDER BY r.window_start DESC, r.id LIMIT 1
        ) AS said
      FROM nights AS n JOIN daybreak.error_clusters AS c ON c.id = n.cluster_id
      WHERE n.last_night IS NOT NULL
      """, [.uuidArray(ids), .timestamp(moment)])
    return try rows.reduce(into: [:]) { pasts, row in
      let id = try row.uuid("id")
      pasts[id] = ClusterPast(
        clusterID: id, key: try clusterKey(row), template: try row.string("template"),
        firstNight: try row.date("first_night"), lastNight: try row.date("last_night"),
        nightsSeen: try row.int("nights_seen"), count: try row.int64("count"),
        resolvedOn: try row.optionalDate("resolved_on"), said: try row.optionalString("said"))
    }
  }

  /// The latest night before a moment on which a cluster's service had an anomaly while the cluster
  /// came, with all anomalies of that night; nil for none.
  package func anomalies(
    during clusterID: UUID, before moment: Timestamp
  ) throws -> PastAnomalies? {
    let found = try connection.query(
      named: "night of a cluster with an anomaly",
      """
      SELECT r.id, r.night
      FROM daybreak.cluster_observations AS o
      JOIN daybreak.error_clusters AS c ON c.tenant_id = o.tenant_id AND c.id = o.cluster_id
      JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
      JOIN daybreak.anomaly_events AS e ON e.tenant_id = o.tenant_id AND e.run_id = o.run_id
        AND e.namespace = c.namespace AND e.service = c.service
      WHERE o.cluster_id = $1 AND r.window_start < $2 AND o.count > 0
        AND o.first_seen_at < e.ended_at AND o.last_seen_at >= e.detected_at
        AND e.metric <> 'silence'
      ORDER BY r.window_start DESC, r.id LIMIT 1
      """, [.uuid(clusterID), .timestamp(moment)]
    ).first
    guard let found else { return nil }
    let run = try found.uuid("id")
    return PastAnomalies(
      night: try found.date("night"), events: try anomalies(ofRun: run),
      said: try saidOfIncidents(ofRun: run))
  }

  private func saidOfIncidents(ofRun id: UUID) throws -> [UUID: String] {
    let rows = try connection.query(
      named: "what was said of incidents",
      """
      SELECT incident_id,
        coalesce(root_cause, CASE WHEN provider <> 'extractive' THEN summary END) AS said
      FROM daybreak.analysis_results WHERE run_id = $1 AND incident_id IS NOT NULL
      """, [.uuid(id)])
    return try rows.reduce(into: [:]) { said, row in
      said[try row.uuid("incident_id")] = try row.optionalString("said")
    }
  }
}

/// Where a cluster stood on the last night that knew it.
package struct ClusterStanding: Hashable, Sendable {
  package var lastNight: CivilDate
  package var lifecycle: Lifecycle
  /// On how many nights, of those still stored, it came.
  package var nightsSeen: Int
}

extension TenantSession {
  /// Where clusters stood last; one of whose nights none is stored is left out.
  package func standings(of ids: [UUID]) throws -> [UUID: ClusterStanding] {
    let rows = try connection.query(
      named: "standings of clusters",
      """
      SELECT DISTINCT ON (o.cluster_id) o.cluster_id, r.night, o.lifecycle, (
          SELECT count(DISTINCT r.night) FROM daybreak.cluster_observations AS n
          JOIN daybreak.runs AS r ON r.tenant_id = n.tenant_id AND r.id = n.run_id
          WHERE n.cluster_id = o.cluster_id AND n.count > 0
        ) AS nights_seen
      FROM daybreak.cluster_observations AS o
      JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
      WHERE o.cluster_id = ANY ($1)
      ORDER BY o.cluster_id, r.window_start DESC, r.id
      """, [.uuidArray(ids)])
    return try rows.reduce(into: [:]) { standings, row in
      standings[try row.uuid("cluster_id")] = ClusterStanding(
        lastNight: try row.date("night"),
        lifecycle: try enumeration(
          Lifecycle.self, row.string("lifecycle"), table: "cluster_observations",
          column: "lifecycle"),
        nightsSeen: try row.int("nights_seen"))
    }
  }
}
