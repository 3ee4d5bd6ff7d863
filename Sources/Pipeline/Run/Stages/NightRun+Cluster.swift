internal import Clustering
internal import DaybreakCore
internal import Storage

/// What the cluster stage leaves in the ledger.
struct ClusterDetail: Codable {
  /// A merge or split of templates tonight.
  struct Change: Codable {
    let kind: String
    let namespace: String
    let service: String
    let old: [String]
    let new: [String]
  }

  var changes: [Change]
}

extension NightRun {
  /// Refines the fold, matches it to history and writes the night's counts.
  func cluster() throws {
    guard let fold = storedFold() else {
      throw RunError.workFileMissing(
        path: night.workDirectory(below: surroundings.home).path, job: night.job.file)
    }
    try Cancellation.check()
    let observations = refine(fold)
    let (history, covered) = try store.withTenant(night.tenant) {
      (try knownTemplates($0), try coveredDates($0))
    }
    let matched = match(observations, history: history)
    let rules = LifecycleRules(silentNights: night.job.clusters.regressedAfterNights)
    let lifecycles = matched.map {
      lifecycle(of: $0, on: night.date, coveredNights: covered, rules: rules)
    }
    let whole = try withNeighbours(matched, lifecycles, covered: covered)
    var clusters = zip(redacted(whole), lifecycles).map {
      ClusterNight(observation: $0, lifecycle: $1)
    }
    let gone = resolvedTemplates(
      history: history, clusters: matched, on: night.date, coveredNights: covered, rules: rules)
    clusters += gone.map { ClusterNight(observation: absent($0.template), lifecycle: .resolved) }
    try store.withTenant(night.tenant) { session in
      let found = try detail(of: .extract, as: ExtractDetail.self, in: session)
      try session.writeNight(
        NightRecord(
          clusters: clusters, minutes: fold.serviceMinutes(), coverage: found?.coverage ?? [],
          successions: successions(of: matched)),
        of: key)
      try finishStage(.cluster, in: session, detail: changes(of: matched))
    }
  }

  /// The tenant's templates with their counts on the nights of the look-back.
  private func knownTemplates(_ session: borrowing TenantSession) throws -> [KnownTemplate] {
    let mutes = Dictionary(
      try session.mutes().filter { $0.holds(at: night.lastSecond) }.map { ($0.fingerprint, true) },
      uniquingKeysWith: { first, _ in first })
    let clusters = try session.knownClusters(before: night.window.start, recentFrom: historyStart)
    let past = KnownPast(clusters, changes: try session.successions(before: night.window.start))
    return clusters.map { cluster in
      let key = ClusterKey(identity: cluster.identity, fingerprint: cluster.fingerprint)
      return KnownTemplate(
        identity: cluster.identity, fingerprint: cluster.fingerprint, template: cluster.template,
        firstSeen: past.firstSeen(key) ?? night.window.start,
        nights: past.nights(key).sorted { $0.key < $1.key }.map {
          .init(date: $0.key, count: $0.value)
        },
        isMuted: past.lineage.mute(of: key, in: mutes) != nil,
        isReplaced: past.lineage.isReplaced(key),
        parts: Set(past.lineage.parts(of: key).map(\.fingerprint)))
    }
  }

  /// What the night's clusters took over from earlier ones, an old and a new one each.
  private func successions(of matched: [MatchedCluster]) -> [TemplateSuccession] {
    matched.flatMap(\.changes).flatMap { change in
      change.new.flatMap { new in
        change.old.map { old in
          TemplateSuccession(
            kind: change.kind == .merged ? .merged : .split, identity: change.identity, old: old,
            new: new)
        }
      }
    }
  }

  /// The first night of the look-back.
  var historyStart: CivilDate {
    night.date.advanced(byDays: -max(28, night.job.baselines.historyDays))
  }

  /// The nights before this one whose counts are in the store, oldest first.
  func coveredDates(_ session: borrowing TenantSession) throws -> [CivilDate] {
    try session.coveredNights(before: night.window.start, from: historyStart).map(\.night)
  }

  /// Takes secrets out of samples and values, before they are stored.
  ///
  /// One redactor for the night, which meets the texts in the order of clusters: the same address is the
  /// same placeholder on every page of the night, and in every prompt.
  private func redacted(_ observations: [ClusterObservation]) -> [ClusterObservation] {
    var redactor = Redactor(night.job.redaction)
    var result = observations
    let order = result.indices.sorted { left, right in
      let (one, other) = (result[left], result[right])
      return one.identity != other.identity
        ? one.identity < other.identity : one.fingerprint < other.fingerprint
    }
    for index in order {
      for sample in result[index].samples.indices {
        result[index].samples[sample].text = redactor.redact(result[index].samples[sample].text)
      }
      // A value alone does not show what it is: what follows `password=` is known for a password only
      // where it stands, so values are taken from redacted samples.
      result[index].placeholderValues = placeholderValues(
        of: result[index].template, in: result[index].samples
      ).map { values in values.map { redactor.redact($0) } }
    }
    // After all samples, so that these have the placeholders that they would have without.
    for index in order {
      for line in result[index].neighbours.indices {
        result[index].neighbours[line].text = redactor.redact(result[index].neighbours[line].text)
      }
    }
    return result
  }

  /// The observation of a cluster that did not come.
  private func absent(_ known: KnownTemplate) -> ClusterObservation {
    ClusterObservation(
      identity: known.identity, fingerprint: known.fingerprint, template: known.template,
      hourly: [LevelCounts](repeating: LevelCounts(), count: night.window.hourCount),
      untimed: LevelCounts(), firstSeen: nil, lastSeen: nil, samples: [], placeholderValues: [])
  }

  private func changes(of matched: [MatchedCluster]) -> ClusterDetail {
    let changes = Set(matched.flatMap(\.changes)).map { change in
      ClusterDetail.Change(
        kind: change.kind.rawValue, namespace: change.identity.namespace,
        service: change.identity.service, old: change.old.map(\.description),
        new: change.new.map(\.description))
    }
    return ClusterDetail(
      changes: changes.sorted {
        ($0.namespace, $0.service, $0.new.first ?? "", $0.kind)
          < ($1.namespace, $1.service, $1.new.first ?? "", $1.kind)
      })
  }
}
