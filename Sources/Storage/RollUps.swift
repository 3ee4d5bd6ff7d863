package import DaybreakCore
import Foundation
import Postgres

/// An error cluster over several nights.
package struct ClusterSum: Hashable, Sendable {
  package var identity: ServiceIdentity
  package var fingerprint: Fingerprint
  package var template: String
  /// The most severe level of those nights.
  package var level: Level
  package var count: Int64
  /// The nights with events, oldest first.
  package var nights: [NightCount]
  /// The first of those nights on which its lifecycle was `new`.
  package var newOn: CivilDate?
}

// What weeks and months are merged from.
extension TenantSession {
  /// The clusters of some nights at least a tenth of whose events are errors, the largest first.
  ///
  /// - Parameters:
  ///   - firstNight: the first night.
  ///   - lastNight: the last night (inclusive).
  ///   - limit: how many to read at most.
  /// - Returns: the clusters, and how many there are in all.
  /// - Throws: `PostgresError`, `StorageError`.
  package func errorClusters(
    from firstNight: CivilDate, through lastNight: CivilDate, limit: Int
  ) throws -> (clusters: [ClusterSum], total: Int) {
    let rows = try connection.query(
      named: "error clusters of some nights",
      """
      WITH nightly AS (
        SELECT o.cluster_id, r.night - DATE '1970-01-01' AS day, sum(o.count)::bigint AS count,
          sum(o.error_count)::bigint AS errors,
          max(array_position($3::text[], o.level)) AS level_rank,
          bool_or(o.lifecycle = 'new') AS is_new
        FROM daybreak.cluster_observations AS o
        JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
        WHERE r.night BETWEEN $1 AND $2 AND o.count > 0 AND o.lifecycle <> 'muted'
        GROUP BY o.cluster_id, r.night
      ), sums AS (
        SELECT cluster_id, sum(count)::bigint AS count, max(level_rank) AS level_rank,
          array_agg(day::bigint ORDER BY day) AS days, array_agg(count ORDER BY day) AS counts,
          min(day) FILTER (WHERE is_new) AS new_on
        FROM nightly GROUP BY cluster_id HAVING sum(errors) * 10 >= sum(count)
      )
      SELECT c.namespace, c.service, c.fingerprint, c.template, s.count, s.days, s.counts,
        ($3::text[])[s.level_rank] AS level, s.new_on::bigint AS new_on,
        count(*) OVER () AS total
      FROM sums AS s JOIN daybreak.error_clusters AS c ON c.id = s.cluster_id
      ORDER BY s.count DESC, c.namespace COLLATE "C", c.service COLLATE "C",
        c.fingerprint COLLATE "C"
      LIMIT $4
      """, [.date(firstNight), .date(lastNight), levelNames, .int64(Int64(limit))])
    let clusters = try rows.map { row in
      let key = try clusterKey(row)
      return ClusterSum(
        identity: key.identity, fingerprint: key.fingerprint,
        template: try row.string("template"),
        level: try level(row.string("level"), table: "cluster_observations"),
        count: try row.int64("count"),
        nights: zip(try row.int64Array("days"), try row.int64Array("counts")).map {
          NightCount(night: CivilDate(dayNumber: Int($0)), count: $1)
        },
        newOn: try row.optionalInt64("new_on").map { CivilDate(dayNumber: Int($0)) })
    }
    return (clusters, try rows.first.map { try $0.int("total") } ?? 0)
  }
}
