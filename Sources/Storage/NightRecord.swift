package import DaybreakCore
package import Foundation

/// What one cluster did in one night, and where that leaves it.
package struct ClusterNight: Hashable, Sendable {
  package var observation: ClusterObservation
  package var lifecycle: Lifecycle

  package init(observation: ClusterObservation, lifecycle: Lifecycle) {
    self.observation = observation
    self.lifecycle = lifecycle
  }
}

/// Everything that extraction and clustering give for one night.
package struct NightRecord: Sendable {
  /// One entry a (service, namespace, fingerprint); a cluster that is gone has counts of zero.
  package var clusters: [ClusterNight]
  /// One entry a service.
  package var minutes: [ServiceMinutes]
  /// One entry a source, in the job's order.
  package var coverage: [SourceCoverage]
  /// Minutes (indices) of the window that no source gave.
  package var missingMinutes: [Range<Int>]
  /// Which of the clusters took over events of earlier ones; those must be in the store.
  package var successions: [TemplateSuccession]

  package init(
    clusters: [ClusterNight], minutes: [ServiceMinutes], coverage: [SourceCoverage],
    missingMinutes: [Range<Int>] = [], successions: [TemplateSuccession] = []
  ) {
    self.clusters = clusters
    self.minutes = minutes
    self.coverage = coverage
    self.missingMinutes = missingMinutes
    self.successions = successions
  }
}

/// A cluster of a night as the store has it.
package struct StoredClusterNight: Hashable, Sendable {
  /// The row id of the cluster.
  package var clusterID: UUID
  /// What it did in the night; times are cut to microseconds.
  package var observation: ClusterObservation
  package var lifecycle: Lifecycle
  /// Over its whole life, this night and later ones included.
  package var firstEverSeen: Timestamp?
  package var lastEverSeen: Timestamp?
  package var totalCount: Int64
}

/// A cluster that the tenant had before a night.
package struct KnownCluster: Hashable, Sendable {
  package var identity: ServiceIdentity
  package var fingerprint: Fingerprint
  package var template: String
  /// The most severe level in earlier nights.
  package var level: Level
  /// The earliest and the latest event of earlier nights; nil when none carries a time.
  package var firstSeen: Timestamp?
  package var lastSeen: Timestamp?
  /// The latest earlier night with an event; nil when retention has archived them all.
  package var lastNight: CivilDate?
  /// How many events it had on each of the recent earlier nights on which it had any, oldest first.
  package var recentNights: [NightCount]
}

/// How many events a cluster had on one night.
package struct NightCount: Hashable, Sendable {
  package var night: CivilDate
  package var count: Int64

  package init(night: CivilDate, count: Int64) {
    self.night = night
    self.count = count
  }
}

/// What names a cluster inside a tenant.
package struct ClusterKey: Hashable, Comparable, Sendable {
  package var identity: ServiceIdentity
  package var fingerprint: Fingerprint

  package init(identity: ServiceIdentity, fingerprint: Fingerprint) {
    self.identity = identity
    self.fingerprint = fingerprint
  }

  /// The cluster's row id.
  package func id(tenant: TenantName) -> UUID {
    naturalID(
      "cluster", tenant.description, identity.namespace, identity.service, fingerprint.description)
  }

  package static func < (left: ClusterKey, right: ClusterKey) -> Bool {
    left.identity == right.identity
      ? left.fingerprint < right.fingerprint : left.identity < right.identity
  }
}
