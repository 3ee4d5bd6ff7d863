internal import DaybreakCore
internal import Rendering
internal import Storage

/// A cluster that has no events tonight, as it was on its last night.
struct ReplacedCluster {
  let entry: ClusterEntry
  let date: CivilDate
  let window: TimeWindow
}

extension NightRun {
  /// The clusters that tonight's merges and splits have left without events in any service.
  ///
  /// Those whose nights retention has taken are shown with what is left of them: template and times.
  func replacedClusters(_ report: DayReport) throws -> [ReplacedCluster] {
    let present = Set(report.clusters.map(\.fingerprint))
    let changes = report.changes.merged + report.changes.split
    let gone = Set(changes.flatMap { $0.old.map(\.fingerprint) }).subtracting(present)
    guard !gone.isEmpty else { return [] }
    return try store.withTenant(night.tenant) { session in
      let last = try session.lastNights(of: gone.sorted(), before: night.window.start)
      let kept = Set(last.map(\.cluster.observation.fingerprint))
      let archived = changes.flatMap { change in
        change.old.filter { gone.contains($0.fingerprint) && !kept.contains($0.fingerprint) }
          .map { empty($0, change.identity) }
      }
      return try last.map { try replaced($0, session) } + archived
    }
  }

  private func replaced(
    _ last: LastClusterNight, _ session: borrowing TenantSession
  ) throws -> ReplacedCluster {
    let observation = last.cluster.observation
    let first = last.night.advanced(byDays: -28)
    let covered = Set(
      try session.coveredNights(before: last.window.start, from: first).map(\.night) + [last.night])
    let key = ClusterKey(identity: observation.identity, fingerprint: observation.fingerprint)
    let counts = try session.nightCounts(
      of: [observation.fingerprint], from: first, through: last.night)[key]
    let nights = Dictionary(
      (counts ?? []).map { ($0.night, $0.count) }, uniquingKeysWith: { one, _ in one })
    func count(daysBefore days: Int) -> Int64? {
      let date = last.night.advanced(byDays: -days)
      return covered.contains(date) ? nights[date] ?? 0 : nil
    }
    let entry = ClusterEntry(
      fingerprint: observation.fingerprint, identity: observation.identity,
      template: observation.template, level: observation.levels.typical, count: observation.count,
      comparison: Comparison(
        previousNight: count(daysBefore: 1), sameWeekdayLastWeek: count(daysBefore: 7)),
      hourly: observation.hourly.map(\.total),
      daily: (0..<28).reversed().map { count(daysBefore: $0) },
      nightsSeen: covered.count { nights[$0] ?? 0 > 0 }, nightsKnown: covered.count,
      state: last.cluster.lifecycle, firstSeen: last.cluster.firstEverSeen,
      lastSeen: observation.lastSeen, samples: observation.samples,
      placeholderValues: observation.placeholderValues)
    return ReplacedCluster(entry: entry, date: last.night, window: last.window)
  }

  private func empty(
    _ side: TemplateChangeEntry.Side, _ identity: ServiceIdentity
  ) -> ReplacedCluster {
    ReplacedCluster(
      entry: ClusterEntry(
        fingerprint: side.fingerprint, identity: identity, template: side.template,
        level: side.level ?? .unknown, count: 0,
        hourly: [Int64](repeating: 0, count: night.window.hourCount), nightsSeen: 0,
        nightsKnown: 0, state: .resolved),
      date: night.date, window: night.window)
  }
}
