package import DaybreakCore
import Foundation
import Postgres

// Queries of daybreak.error_clusters.
extension TenantSession {
  /// The clusters that the tenant had before a moment, sorted by service and fingerprint.
  ///
  /// Nights that start at the moment or later do not count, so that a night that runs again meets the
  /// same history as the first time.
  ///
  /// - Parameters:
  ///   - moment: the start of the night that they are history for.
  ///   - firstNight: the oldest night that `recentNights` tells of.
  /// - Returns: one entry a cluster.
  /// - Throws: `PostgresError`, `StorageError`.
  package func knownClusters(
    before moment: Timestamp, recentFrom firstNight: CivilDate
  ) throws -> [KnownCluster] {
    let recent = try recentNights(before: moment, from: firstNight)
    let rows = try connection.query(
      named: "known clusters",
      """
      WITH earlier AS (
        SELECT o.cluster_id, min(o.first_seen_at) AS first_seen_at,
          max(o.last_seen_at) AS last_seen_at, max(r.night) AS last_night,
          max(array_position($2::text[], o.level)) AS level_rank
        FROM daybreak.cluster_observations AS o
        JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
        WHERE r.window_start < $1 AND o.count > 0
        GROUP BY o.cluster_id
      )
      SELECT c.id, c.namespace, c.service, c.fingerprint, c.template,
        least(c.archived_first_seen_at, e.first_seen_at) AS first_seen_at,
        greatest(c.archived_last_seen_at, e.last_seen_at) AS last_seen_at, e.last_night,
        ($2::text[])[greatest(array_position($2::text[], c.archived_level), e.level_rank)] AS level
      FROM daybreak.error_clusters AS c
      LEFT JOIN earlier AS e ON e.cluster_id = c.id
      WHERE e.cluster_id IS NOT NULL OR c.archived_count > 0
      """,
      [.timestamp(moment), levelNames])
    let clusters = try rows.map { row in
      let key = try clusterKey(row)
      return KnownCluster(
        identity: key.identity, fingerprint: key.fingerprint,
        template: try row.string("template"),
        level: try level(row.string("level"), table: "error_clusters"),
        firstSeen: try row.optionalTimestamp("first_seen_at"),
        lastSeen: try row.optionalTimestamp("last_seen_at"),
        lastNight: try row.optionalDate("last_night"),
        recentNights: recent[try row.uuid("id")] ?? [])
    }
    return clusters.sorted {
      ClusterKey(identity: $0.identity, fingerprint: $0.fingerprint)
        < ClusterKey(identity: $1.identity, fingerprint: $1.fingerprint)
    }
  }

  private func recentNights(
    before moment: Timestamp, from firstNight: CivilDate
  ) throws -> [UUID: [NightCount]] {
    let rows = try connection.query(
      named: "recent nights of clusters",
      """
      SELECT o.cluster_id, r.night, sum(o.count)::bigint AS count
      FROM daybreak.cluster_observations AS o
      JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
      WHERE r.window_start < $1 AND r.night >= $2 AND o.count > 0
      GROUP BY o.cluster_id, r.night ORDER BY r.night
      """,
      [.timestamp(moment), .date(firstNight)])
    return try rows.reduce(into: [:]) { nights, row in
      nights[try row.uuid("cluster_id"), default: []].append(
        NightCount(night: try row.date("night"), count: try row.int64("count")))
    }
  }

  /// The template of every fingerprint that the tenant has had.
  package func templates() throws -> [Fingerprint: String] {
    let rows = try connection.query(
      named: "templates",
      """
      SELECT DISTINCT ON (fingerprint) namespace, service, fingerprint, template
      FROM daybreak.error_clusters ORDER BY fingerprint, last_seen_at DESC NULLS LAST, id
      """)
    return try rows.reduce(into: [:]) { templates, row in
      templates[try clusterKey(row).fingerprint] = try row.string("template")
    }
  }

  /// Enters clusters that are not known yet; their totals follow from `settleClusters`.
  ///
  /// - Returns: the row ids of all of them, known ones included.
  func insertClusters(_ observations: [ClusterObservation]) throws -> Set<UUID> {
    let rows = observations.map { observation -> [Value] in
      let key = storedKey(observation)
      return [
        .uuid(key.id(tenant: tenant)), tenantID, .text(key.identity.service),
        .text(key.identity.namespace), .text(key.fingerprint.description),
        .text(storedText(observation.template)), .text(Level.unknown.name), 0, "",
      ]
    }
    try insert(
      rows,
      into: "error_clusters",
      columns: [
        "id", "tenant_id", "service", "namespace",
        "fingerprint", "template", "level", "count",
        "sample_message",
      ],
      onConflict: """
        ON CONFLICT (tenant_id, service, namespace, fingerprint) DO UPDATE
        SET template = excluded.template WHERE error_clusters.template <> excluded.template
        """)
    return Set(observations.map { storedKey($0).id(tenant: tenant) })
  }

  /// Sets the totals of clusters from their observations and what retention has archived, and
  /// deletes those that no night knows any more.
  ///
  /// Setting from all observations, with LEAST and GREATEST over what is archived, and never adding,
  /// makes the order and the number of writes of a night irrelevant.
  func settleClusters(_ ids: Set<UUID>) throws {
    let touched = Value.uuidArray(ids.sorted { $0.uuidString < $1.uuidString })
    try connection.execute(
      named: "forget clusters that no night knows",
      """
      DELETE FROM daybreak.error_clusters AS c
      WHERE c.id = ANY ($1) AND c.archived_count = 0 AND NOT EXISTS (
        SELECT FROM daybreak.cluster_observations AS o
        WHERE o.tenant_id = c.tenant_id AND o.cluster_id = c.id)
      """, [touched])
    try connection.execute(
      named: "set the totals of clusters",
      """
      WITH life AS (
        SELECT o.cluster_id, sum(o.count)::bigint AS count, min(o.first_seen_at) AS first_seen_at,
          max(o.last_seen_at) AS last_seen_at,
          max(array_position($2::text[], o.level)) AS level_rank
        FROM daybreak.cluster_observations AS o WHERE o.cluster_id = ANY ($1)
        GROUP BY o.cluster_id
      )
      UPDATE daybreak.error_clusters AS c
      SET count = c.archived_count + life.count,
        level = ($2::text[])[
          greatest(array_position($2::text[], c.archived_level), life.level_rank)],
        first_seen_at = least(c.archived_first_seen_at, life.first_seen_at),
        last_seen_at = greatest(c.archived_last_seen_at, life.last_seen_at)
      FROM life WHERE c.id = life.cluster_id
      """, [touched, levelNames])
    try connection.execute(
      named: "set the samples of clusters",
      """
      UPDATE daybreak.error_clusters AS c SET sample_message = latest.message
      FROM (
        SELECT DISTINCT ON (o.cluster_id) o.cluster_id, s.message
        FROM daybreak.cluster_observations AS o
        JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
        JOIN daybreak.cluster_samples AS s
          ON s.tenant_id = o.tenant_id AND s.observation_id = o.id AND s.ordinal = 0
            AND NOT s.is_neighbour
        WHERE o.cluster_id = ANY ($1)
        ORDER BY o.cluster_id, r.window_start DESC, r.id
      ) AS latest
      WHERE c.id = latest.cluster_id AND c.sample_message <> latest.message
      """, [touched])
  }
}

/// Reads the columns `namespace`, `service` and `fingerprint`.
func clusterKey(_ row: Row) throws -> ClusterKey {
  guard let fingerprint = Fingerprint(hex: try row.string("fingerprint")) else {
    throw StorageError.unreadable(table: "error_clusters", column: "fingerprint")
  }
  return ClusterKey(identity: try serviceIdentity(row), fingerprint: fingerprint)
}

/// Reads the columns `namespace` and `service`.
func serviceIdentity(_ row: Row) throws -> ServiceIdentity {
  ServiceIdentity(namespace: try row.string("namespace"), service: try row.string("service"))
}
