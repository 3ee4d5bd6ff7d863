import DaybreakCore
import Foundation
import Postgres

extension TenantSession {
  /// Writes a night: clusters, observations, samples, changes of templates, minutes,
  /// coverage and quarantine.
  ///
  /// Replaces every such row that the tenant has for this window, so that a night written twice is
  /// the same as written once. Texts must be redacted already. Times are cut to microseconds: read
  /// the night back before rendering it.
  ///
  /// - Parameters:
  ///   - night: what was found.
  ///   - key: a run that `beginRun` has entered.
  /// - Throws: `StorageError.nightArchived`, `StorageError.misshapen`, `PostgresError`.
  package func writeNight(_ night: NightRecord, of key: RunKey) throws {
    try require(key)
    try checkShape(night, window: key.window)
    try lockNights()
    try refuseArchived(key.window)
    let former = try deleteObservations(window: key.window)
    let current = try insertClusters(night.clusters.map(\.observation))
    try insertObservations(night.clusters, of: key)
    try insertSamples(night.clusters.map(\.observation), of: key)
    try settleClusters(former.union(current))
    try keepSearchWords()
    try replaceSuccessions(night.successions, of: key)
    try replaceServiceMinutes(night.minutes, window: key.window)
    try replaceCoverage(night.coverage, of: key)
    try markObserved(key, missingMinutes: night.missingMinutes)
  }

  private func checkShape(_ night: NightRecord, window: TimeWindow) throws(StorageError) {
    guard night.minutes.allSatisfy({ $0.minutes.count == window.minuteCount }) else {
      throw .misshapen(
        what: "service minutes", reason: "there must be one entry a minute of the window")
    }
    let identities = Set(night.minutes.map(\.identity))
    guard identities.count == night.minutes.count else {
      throw .misshapen(what: "service minutes", reason: "a service occurs twice")
    }
    let keys = Set(
      night.clusters.map {
        ClusterKey(identity: $0.observation.identity, fingerprint: $0.observation.fingerprint)
      })
    guard keys.count == night.clusters.count else {
      throw .misshapen(what: "clusters of a night", reason: "a cluster occurs twice")
    }
  }

  /// Refuses a night whose observations live on in archived totals only.
  private func refuseArchived(_ window: TimeWindow) throws {
    let row = try connection.query(
      named: "how far retention has come",
      "SELECT observations_archived_until AS moment FROM daybreak.tenants WHERE id = $1",
      [tenantID]
    ).first
    guard let row else { throw StorageError.notFound(what: "tenant \(tenant)") }
    if let moment = try row.optionalTimestamp("moment"), window.end <= moment {
      throw StorageError.nightArchived(tenant: tenant, window: window, archivedUntil: moment)
    }
  }
}

/// The row id of what a cluster did in a run.
func observationID(_ key: RunKey, _ cluster: UUID) -> UUID {
  naturalID("observation", key.id.uuidString, cluster.uuidString)
}

/// The key of a cluster in the form in which it is stored.
func storedKey(_ observation: ClusterObservation) -> ClusterKey {
  ClusterKey(
    identity: ServiceIdentity(
      namespace: storedName(observation.identity.namespace),
      service: storedName(observation.identity.service)),
    fingerprint: observation.fingerprint)
}
