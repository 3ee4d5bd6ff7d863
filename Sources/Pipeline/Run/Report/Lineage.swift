internal import DaybreakCore
internal import Storage

/// What became of a tenant's templates: which merge gave whose events to whom, and what was split.
struct Lineage {
  /// Where merges have led to, by the cluster that was replaced.
  private var successors: [ClusterKey: ClusterKey] = [:]
  private var replaced: [ClusterKey: [ClusterKey]] = [:]
  /// Whose events a cluster took by merge or split, and when.
  private var sources: [ClusterKey: [(key: ClusterKey, night: CivilDate, isSplit: Bool)]] = [:]
  /// Who took events of a cluster by merge or split.
  private var takers: [ClusterKey: [ClusterKey]] = [:]

  /// Puts changes together.
  ///
  /// - Parameters:
  ///   - changes: oldest first.
  ///   - lastSeen: the last night on which a cluster came under its own fingerprint; a merge whose old
  ///     side came again later counts for nothing.
  init(_ changes: [StoredSuccession], lastSeen: (ClusterKey) -> CivilDate?) {
    for change in changes {
      let (old, new) = (change.succession.oldKey, change.succession.newKey)
      let isSplit = change.succession.kind == .split
      if !isSplit {
        if let seen = lastSeen(old), seen > change.night { continue }
        successors[old] = new
        replaced[new, default: []].append(old)
      }
      sources[new, default: []].append((old, change.night, isSplit))
      takers[old, default: []].append(new)
    }
  }

  /// Whether a merge has given all events of a cluster to another.
  func isReplaced(_ key: ClusterKey) -> Bool { successors[key] != nil }

  /// Every cluster whose events a cluster has by merges, those of merges before included.
  func predecessors(of key: ClusterKey) -> Set<ClusterKey> {
    reachable(from: key) { replaced[$0] ?? [] }
  }

  /// Every cluster that has taken events of a cluster, those that took from these included.
  func parts(of key: ClusterKey) -> Set<ClusterKey> { reachable(from: key) { takers[$0] ?? [] } }

  /// The clusters that a cluster was split from, with the night on which that was.
  func origins(of key: ClusterKey) -> [(key: ClusterKey, night: CivilDate)] {
    (sources[key] ?? []).filter(\.isSplit).map { ($0.key, $0.night) }
  }

  /// The mute of a cluster: its own, else that of what it took its events from, where all of those are
  /// muted.
  ///
  /// - Parameters:
  ///   - key: the cluster.
  ///   - mutes: what people have muted, by fingerprint.
  /// - Returns: nil for one that is not muted.
  func mute<Mute>(of key: ClusterKey, in mutes: [Fingerprint: Mute]) -> Mute? {
    var visited: Set<ClusterKey> = []
    return mute(of: key, in: mutes, &visited)
  }

  private func mute<Mute>(
    of key: ClusterKey, in mutes: [Fingerprint: Mute], _ visited: inout Set<ClusterKey>
  ) -> Mute? {
    if let own = mutes[key.fingerprint] { return own }
    guard visited.insert(key).inserted, let sources = sources[key] else { return nil }
    var inherited: Mute?
    for source in sources.map(\.key).sorted() {
      guard let mute = mute(of: source, in: mutes, &visited) else { return nil }
      inherited = inherited ?? mute
    }
    return inherited
  }

  private func reachable(
    from key: ClusterKey, _ next: (ClusterKey) -> [ClusterKey]
  ) -> Set<ClusterKey> {
    var found: Set<ClusterKey> = []
    var open = next(key)
    while let one = open.popLast() {
      if one != key, found.insert(one).inserted { open += next(one) }
    }
    return found
  }
}

/// The clusters that a tenant had before a night, as later changes of templates leave them.
struct KnownPast {
  let lineage: Lineage
  private let known: [ClusterKey: KnownCluster]

  /// - Parameters:
  ///   - clusters: what the tenant had before a night.
  ///   - changes: the changes of templates to go by, oldest first.
  ///   - present: clusters that came under their own fingerprint on the night itself.
  init(
    _ clusters: [KnownCluster], changes: [StoredSuccession],
    present: (clusters: Set<ClusterKey>, night: CivilDate)? = nil
  ) {
    let known = Dictionary(
      clusters.map { (ClusterKey(identity: $0.identity, fingerprint: $0.fingerprint), $0) },
      uniquingKeysWith: { first, _ in first })
    self.known = known
    lineage = Lineage(changes) { key in
      if let present, present.clusters.contains(key) { return present.night }
      return known[key]?.lastNight
    }
  }

  /// The most severe level in earlier nights; nil for a cluster that had none.
  func level(of key: ClusterKey) -> Level? { known[key]?.level }

  /// The earliest event of a cluster and of those that merges gave to it.
  func firstSeen(_ key: ClusterKey) -> Timestamp? {
    family(key).compactMap { known[$0]?.firstSeen }.min()
  }

  /// Events on each night before, with those that merges gave to it.
  func nights(_ key: ClusterKey) -> [CivilDate: Int64] { counts(family(key)) }

  /// Events on each night before, under its own fingerprint alone.
  func ownNights(_ key: ClusterKey) -> [CivilDate: Int64] { counts([key]) }

  /// Events of what a cluster was split from, on the nights before that.
  func nightsBeforeSplit(_ key: ClusterKey) -> [CivilDate: Int64] {
    lineage.origins(of: key).reduce(into: [:]) { nights, origin in
      for (night, count) in counts(family(origin.key)) where night < origin.night {
        nights[night, default: 0] += count
      }
    }
  }

  private func family(_ key: ClusterKey) -> Set<ClusterKey> {
    lineage.predecessors(of: key).union([key])
  }

  private func counts(_ keys: Set<ClusterKey>) -> [CivilDate: Int64] {
    keys.reduce(into: [:]) { nights, key in
      for night in known[key]?.recentNights ?? [] where night.count > 0 {
        nights[night.night, default: 0] += night.count
      }
    }
  }
}
