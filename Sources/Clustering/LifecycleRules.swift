package import DaybreakCore

/// When a cluster counts as back and when as gone.
package struct LifecycleRules: Hashable, Sendable {
  /// A known cluster that was silent for at least this many covered nights has regressed.
  package var silentNights: Int
  /// How many covered nights before tonight decide whether a cluster was a daily one.
  package var recentNights: Int
  /// The share of those nights on which a cluster must have been seen to count as daily.
  package var dailyShare: Double

  package init(silentNights: Int = 7, recentNights: Int = 7, dailyShare: Double = 0.8) {
    self.silentNights = silentNights
    self.recentNights = recentNights
    self.dailyShare = dailyShare
  }
}

/// A template that was seen on most recent nights and is gone tonight.
package struct ResolvedTemplate: Hashable, Sendable {
  package var template: KnownTemplate
  /// The median of its counts on the recent covered nights on which it was seen.
  package var usualCount: Int64
  /// The last night on which it was seen.
  package var lastSeen: CivilDate

  package init(template: KnownTemplate, usualCount: Int64, lastSeen: CivilDate) {
    self.template = template
    self.usualCount = usualCount
    self.lastSeen = lastSeen
  }
}

/// Tells where a cluster seen tonight stands.
///
/// A night without a finished run is not covered and does not count as silence: only nights of
/// `coveredNights` do.
///
/// - Parameters:
///   - cluster: as `match(_:history:)` gave it.
///   - night: tonight's date.
///   - coveredNights: the nights with a finished run, in any order; those from `night` on are ignored.
///   - rules: the limits to judge by.
/// - Returns: `new` where it continues no template and is split from none, `muted` where all of those
///   are muted, else `regressed` or `recurring` by the nights of those. Never `resolved`: that is for
///   what was not seen (`resolvedTemplates`).
package func lifecycle(
  of cluster: MatchedCluster, on night: CivilDate, coveredNights: [CivilDate],
  rules: LifecycleRules = LifecycleRules()
) -> Lifecycle {
  let past = cluster.continues.isEmpty ? cluster.splitFrom : cluster.continues
  guard !past.isEmpty else { return .new }
  if past.allSatisfy(\.isMuted) { return .muted }
  let lastSeen = past.flatMap(\.nights).map(\.date).filter { $0 < night }.max()
  let covered = Set(coveredNights.filter { $0 < night })
  guard let lastSeen else {
    // Known, but not on any night of the look-back: silent for all of it.
    return covered.count >= rules.silentNights ? .regressed : .recurring
  }
  let silent = covered.count { $0 > lastSeen }
  return silent >= rules.silentNights ? .regressed : .recurring
}

/// Lists the known templates that were daily lately and are gone tonight.
///
/// - Parameters:
///   - history: the tenant's known templates.
///   - clusters: tonight's clusters; a template that one of them continues or is split from is not gone,
///     nor is one whose `parts` came.
///   - night: tonight's date.
///   - coveredNights: the nights with a finished run, in any order; those from `night` on are ignored.
///   - rules: the limits to judge by; fewer covered nights than half of `recentNights` say nothing.
/// - Returns: the templates gone, by (service, fingerprint); muted ones are left out, and those that a
///   merge replaced, as what replaced them stands for their nights.
package func resolvedTemplates(
  history: [KnownTemplate], clusters: [MatchedCluster], on night: CivilDate,
  coveredNights: [CivilDate], rules: LifecycleRules = LifecycleRules()
) -> [ResolvedTemplate] {
  let recent = Set(
    Set(coveredNights).filter { $0 < night }.sorted(by: >).prefix(rules.recentNights))
  guard recent.count * 2 >= rules.recentNights, !recent.isEmpty else { return [] }
  var seen: Set<ServiceFingerprint> = []
  for cluster in clusters {
    seen.insert(ServiceFingerprint(cluster.observation.identity, cluster.observation.fingerprint))
    for known in cluster.continues + cluster.splitFrom {
      seen.insert(ServiceFingerprint(known.identity, known.fingerprint))
    }
  }
  var gone: [ResolvedTemplate] = []
  for known in history where !known.isMuted && !known.isReplaced {
    let nights = known.nights.filter { recent.contains($0.date) && $0.count > 0 }
    guard
      !known.parts.union([known.fingerprint]).contains(where: {
        seen.contains(ServiceFingerprint(known.identity, $0))
      }),
      Double(nights.count) >= rules.dailyShare * Double(recent.count),
      let lastSeen = nights.map(\.date).max()
    else { continue }
    let counts = nights.map(\.count).sorted()
    gone.append(
      ResolvedTemplate(
        template: known, usualCount: counts[counts.count / 2], lastSeen: lastSeen))
  }
  return gone.sorted {
    ($0.template.identity, $0.template.fingerprint) < (
      $1.template.identity, $1.template.fingerprint
    )
  }
}

/// The key of a cluster within a tenant.
struct ServiceFingerprint: Hashable {
  let identity: ServiceIdentity
  let fingerprint: Fingerprint

  init(_ identity: ServiceIdentity, _ fingerprint: Fingerprint) {
    self.identity = identity
    self.fingerprint = fingerprint
  }
}
