package import DaybreakCore
import Foundation
import Postgres

/// A cluster of one night that took over events of an older one of the same service.
package struct TemplateSuccession: Hashable, Sendable {
  /// How much of the old cluster went over.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// All of its events.
    case merged
    /// Some of its events.
    case split
  }

  package var kind: Kind
  package var identity: ServiceIdentity
  package var old: Fingerprint
  package var new: Fingerprint

  package init(kind: Kind, identity: ServiceIdentity, old: Fingerprint, new: Fingerprint) {
    self.kind = kind
    self.identity = identity
    self.old = old
    self.new = new
  }

  /// The cluster that lost events.
  package var oldKey: ClusterKey { ClusterKey(identity: identity, fingerprint: old) }
  /// The cluster that has them now.
  package var newKey: ClusterKey { ClusterKey(identity: identity, fingerprint: new) }
}

/// A succession as the store has it.
package struct StoredSuccession: Hashable, Sendable {
  package var succession: TemplateSuccession
  /// The night on which the new cluster was first met.
  package var night: CivilDate
  package var oldTemplate: String
  package var newTemplate: String

  package init(
    succession: TemplateSuccession, night: CivilDate, oldTemplate: String, newTemplate: String
  ) {
    self.succession = succession
    self.night = night
    self.oldTemplate = oldTemplate
    self.newTemplate = newTemplate
  }
}

/// What a cluster did on the last night that has it.
package struct LastClusterNight: Hashable, Sendable {
  package var night: CivilDate
  package var window: TimeWindow
  package var cluster: StoredClusterNight
}

// Queries of daybreak.template_changes.
extension TenantSession {
  /// The changes of templates on the nights that started before a moment, oldest first.
  ///
  /// They stay for as long as both clusters are known, whatever retention takes.
  package func successions(before moment: Timestamp) throws -> [StoredSuccession] {
    try connection.query(
      named: "changes of templates",
      """
      SELECT t.night, t.kind, n.namespace, n.service, o.fingerprint AS old_fingerprint,
        o.template AS old_template, n.fingerprint AS new_fingerprint, n.template AS new_template
      FROM daybreak.template_changes AS t
      JOIN daybreak.error_clusters AS o ON o.tenant_id = t.tenant_id AND o.id = t.old_cluster_id
      JOIN daybreak.error_clusters AS n ON n.tenant_id = t.tenant_id AND n.id = t.new_cluster_id
      WHERE t.window_start < $1
      ORDER BY t.window_start, t.window_end, n.namespace COLLATE "C", n.service COLLATE "C",
        n.fingerprint COLLATE "C", o.fingerprint COLLATE "C", t.kind
      """, [.timestamp(moment)]
    ).map { row in
      StoredSuccession(
        succession: TemplateSuccession(
          kind: try enumeration(
            TemplateSuccession.Kind.self, row.string("kind"), table: "template_changes",
            column: "kind"),
          identity: try serviceIdentity(row), old: try fingerprint(row, "old_fingerprint"),
          new: try fingerprint(row, "new_fingerprint")),
        night: try row.date("night"), oldTemplate: try row.string("old_template"),
        newTemplate: try row.string("new_template"))
    }
  }

  private func fingerprint(_ row: Row, _ column: String) throws -> Fingerprint {
    guard let fingerprint = Fingerprint(hex: try row.string(column)) else {
      throw StorageError.unreadable(table: "error_clusters", column: "fingerprint")
    }
    return fingerprint
  }

  /// Replaces the changes of templates of a window; all clusters named must be in the store.
  func replaceSuccessions(_ successions: [TemplateSuccession], of key: RunKey) throws {
    try connection.execute(
      named: "replace the changes of templates of a night",
      "DELETE FROM daybreak.template_changes WHERE window_start = $1 AND window_end = $2",
      [.timestamp(key.window.start), .timestamp(key.window.end)])
    guard !successions.isEmpty else { return }
    let rows = Set(successions).map { succession -> (order: String, values: [Value]) in
      let old = storedID(succession.oldKey)
      let new = storedID(succession.newKey)
      let id = naturalID(
        "template change", key.id.uuidString, succession.kind.rawValue, old.uuidString,
        new.uuidString)
      return (
        id.uuidString,
        [
          .uuid(id), tenantID, .date(key.night), .timestamp(key.window.start),
          .timestamp(key.window.end), .text(succession.kind.rawValue), .uuid(old), .uuid(new),
        ]
      )
    }
    try insert(
      rows.sorted { $0.order < $1.order }.map(\.values),
      into: "template_changes",
      columns: [
        "id", "tenant_id", "night", "window_start", "window_end", "kind", "old_cluster_id",
        "new_cluster_id",
      ])
  }

  /// The row id of a cluster whose names may need mending before they are stored.
  private func storedID(_ key: ClusterKey) -> UUID {
    ClusterKey(
      identity: ServiceIdentity(
        namespace: storedName(key.identity.namespace), service: storedName(key.identity.service)),
      fingerprint: key.fingerprint
    ).id(tenant: tenant)
  }

  /// Which clusters came, in whatever service, on nights that start at a moment or later.
  package func clusters(seenFrom moment: Timestamp) throws -> Set<Fingerprint> {
    let rows = try connection.query(
      named: "clusters of later nights",
      """
      SELECT DISTINCT c.fingerprint FROM daybreak.cluster_observations AS o
      JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
      JOIN daybreak.error_clusters AS c ON c.tenant_id = o.tenant_id AND c.id = o.cluster_id
      WHERE r.window_start >= $1 AND o.count > 0
      """, [.timestamp(moment)])
    return Set(try rows.map { try fingerprint($0, "fingerprint") })
  }

  /// What clusters, in whatever service, did on the last night before a moment on which they came.
  ///
  /// - Parameters:
  ///   - fingerprints: which clusters.
  ///   - moment: nights that start at it or later do not count.
  /// - Returns: one entry a cluster and service, sorted by both; none for those whose nights
  ///   retention has taken.
  /// - Throws: `PostgresError`, `StorageError`.
  package func lastNights(
    of fingerprints: [Fingerprint], before moment: Timestamp
  ) throws -> [LastClusterNight] {
    let rows = try connection.query(
      named: "last nights of clusters",
      """
      SELECT DISTINCT ON (o.cluster_id) o.*, c.namespace, c.service, c.fingerprint, c.template,
        c.count AS total_count, c.first_seen_at AS first_ever_seen_at,
        c.last_seen_at AS last_ever_seen_at, r.night, r.window_start, r.window_end
      FROM daybreak.cluster_observations AS o
      JOIN daybreak.error_clusters AS c ON c.tenant_id = o.tenant_id AND c.id = o.cluster_id
      JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
      WHERE c.fingerprint = ANY ($1) AND r.window_start < $2 AND o.count > 0
      ORDER BY o.cluster_id, r.window_start DESC, r.window_end DESC, r.id
      """, [.textArray(fingerprints.map(\.description)), .timestamp(moment)])
    let lines = try keptLines(ofObservations: try rows.map { try $0.uuid("id") })
    return try rows.map { row in
      LastClusterNight(
        night: try row.date("night"), window: try window(row),
        cluster: try storedClusterNight(row, lines: lines[try row.uuid("id")] ?? KeptLines()))
    }.sorted { storedKey($0.cluster.observation) < storedKey($1.cluster.observation) }
  }
}
