internal import Baselines
internal import DaybreakCore
internal import Rendering
internal import Storage
internal import Summaries

/// Makes the report of a night from what the store holds: a pure function of `NightFacts`.
struct ReportAssembly {
  let facts: NightFacts
  let version: String

  private var night: Night { facts.night }

  /// The whole report.
  func dayReport() -> DayReport {
    let coverage = coverageReport()
    let entries = facts.clusters.map(clusterEntry).sorted(by: Self.largerFirst)
    return DayReport(
      tenant: night.tenant, date: night.date, window: night.window, calendar: night.job.calendar,
      previousReport: facts.coveredNights.last,
      volume: Volume(
        lines: coverage.linesRead, previousNight: lines(nightsBefore: 1),
        sameWeekdayLastWeek: lines(nightsBefore: 7)),
      learning: learning, coverage: coverage, incidents: incidentEntries(),
      anomalies: facts.anomalies, changes: changes(), timeline: timeline(), clusters: entries,
      services: serviceEntries(), heatMap: facts.heatMap.map(HeatMap.init(cells:)),
      catalogs: facts.catalogs, muted: mutedEntries(),
      lineage: TemplateChanges(facts: facts).lineage,
      run: RunFacts(
        job: night.job.name, version: version, components: facts.embedded.components,
        model: modelUse))
  }

  private var modelUse: ModelUse? {
    facts.spoken.modelUse.map { use in
      ModelUse(
        provider: use.provider, model: use.model, answers: use.answers,
        inputTokens: use.inputTokens, outputTokens: use.outputTokens, cost: use.cost,
        silences: SilenceReason.allCases.compactMap { reason in
          use.silences[reason.rawValue].map {
            ModelUse.Silence(reason: reason.rawValue, words: reason.words, count: $0)
          }
        })
    }
  }

  private var learning: LearningState {
    LearningState(
      nightsOfHistory: facts.linesByNight.count,
      minimumNights: night.job.baselines.minimumHistoryDays)
  }

  private func lines(nightsBefore days: Int) -> Int64? {
    facts.linesByNight[night.date.advanced(byDays: -days)]
  }

  // MARK: - Coverage

  private func coverageReport() -> CoverageReport {
    CoverageReport(
      sourcesExpected: night.sources.count, sources: facts.coverage,
      eventsInClusters: facts.clusters.reduce(0) { $0 + $1.observation.count },
      gaps: TimeGaps(
        window: night.window, services: facts.services.map(\.minutes),
        band: facts.assessment.volumeBand
      ).gaps,
      modelThatSpoke: facts.spoken.modelThatSpoke)
  }

  // MARK: - Clusters

  private func clusterEntry(_ cluster: NightFacts.Cluster) -> ClusterEntry {
    let observation = cluster.observation
    let first = [cluster.firstSeenEver, observation.firstSeen].compactMap { $0 }.min()
    return ClusterEntry(
      fingerprint: observation.fingerprint, identity: observation.identity,
      template: observation.template, level: observation.levels.typical, count: observation.count,
      comparison: comparison(cluster.nights), hourly: observation.hourly.map(\.total),
      daily: daily(cluster.nights, tonight: observation.count),
      nightsSeen: cluster.nights.count + 1, nightsKnown: facts.linesByNight.count + 1,
      trend: facts.trends[cluster.id].map { NightlyTrend(mean: $0.meanCount, peak: $0.peakCount) },
      state: cluster.lifecycle, firstSeen: first, lastSeen: observation.lastSeen,
      samples: observation.samples, neighbours: observation.neighbours,
      placeholderValues: observation.placeholderValues, analysis: cluster.analysis,
      similar: facts.embedded.similar(to: observation.identity, observation.fingerprint))
  }

  private func comparison(_ nights: [CivilDate: Int64]) -> Comparison {
    let covered = facts.linesByNight
    func count(daysBefore days: Int) -> Int64? {
      let date = night.date.advanced(byDays: -days)
      return covered[date] == nil ? nil : nights[date] ?? 0
    }
    let usual = covered.isEmpty ? nil : Double(nights.values.reduce(0, +)) / Double(covered.count)
    return Comparison(
      previousNight: count(daysBefore: 1), sameWeekdayLastWeek: count(daysBefore: 7), usual: usual)
  }

  /// Counts of the last 28 nights, tonight last.
  private func daily(_ nights: [CivilDate: Int64], tonight: Int64) -> [Int64?] {
    (0..<28).reversed().map { back in
      let date = night.date.advanced(byDays: -back)
      if back == 0 { return tonight }
      return facts.linesByNight[date] == nil ? nil : nights[date] ?? 0
    }
  }

  private static func largerFirst(_ left: ClusterEntry, _ right: ClusterEntry) -> Bool {
    if left.count != right.count { return left.count > right.count }
    if left.identity != right.identity { return left.identity < right.identity }
    return left.fingerprint < right.fingerprint
  }

  // MARK: - Changes

  private func changes() -> Changes {
    let templates = TemplateChanges(facts: facts)
    var changes = Changes(merged: templates.merged, split: templates.split)
    guard !learning.isLearning else { return changes }
    for cluster in facts.clusters {
      switch cluster.lifecycle {
      case .new: changes.new.append(changeEntry(cluster))
      case .regressed: changes.returned.append(changeEntry(cluster))
      case .recurring where isEscalating(cluster): changes.escalating.append(changeEntry(cluster))
      case .recurring, .resolved, .muted: break
      }
    }
    changes.gone = facts.gone.map { gone in
      ChangeEntry(
        fingerprint: gone.fingerprint, identity: gone.identity, template: gone.template,
        level: gone.level, count: 0, comparison: comparison(gone.nights),
        lastSeenBefore: gone.nights.keys.max())
    }
    changes.new.sort(by: Self.moreSevereFirst)
    changes.escalating.sort(by: Self.moreSevereFirst)
    changes.returned.sort(by: Self.moreSevereFirst)
    changes.gone.sort(by: Self.moreSevereFirst)
    return changes
  }

  private func isEscalating(_ cluster: NightFacts.Cluster) -> Bool {
    ClusterContext(
      observation: cluster.observation, lifecycle: cluster.lifecycle,
      history: clusterHistory(cluster, covered: facts.coveredNights), onset: nil
    ).isNews
  }

  private func changeEntry(_ cluster: NightFacts.Cluster) -> ChangeEntry {
    let observation = cluster.observation
    return ChangeEntry(
      fingerprint: observation.fingerprint, identity: observation.identity,
      template: observation.template, level: observation.levels.typical,
      count: observation.count, comparison: comparison(cluster.nights),
      lastSeenBefore: cluster.nights.keys.max())
  }

  private static func moreSevereFirst(_ left: ChangeEntry, _ right: ChangeEntry) -> Bool {
    if left.level != right.level { return left.level > right.level }
    if left.count != right.count { return left.count > right.count }
    if left.identity != right.identity { return left.identity < right.identity }
    return left.fingerprint < right.fingerprint
  }

  // MARK: - Time

  private func timeline() -> [TimelineHour] {
    var hours = [LevelCounts](repeating: LevelCounts(), count: night.window.hourCount)
    for service in facts.services {
      for (minute, counts) in service.minutes.minutes.enumerated() { hours[minute / 60] += counts }
    }
    return hours.enumerated().map { index, levels in
      let band =
        facts.assessment.volumeBand.indices.contains(index)
        ? facts.assessment.volumeBand[index] : nil
      return TimelineHour(
        start: night.window.start.advanced(bySeconds: Int64(index) * 3600), levels: levels,
        expected: band.map { $0.low...max($0.low, $0.high) })
    }
  }

  // MARK: - Services

  private func serviceEntries() -> [ServiceEntry] {
    let states = Dictionary(
      facts.assessment.services.map {
        (ServiceIdentity(namespace: $0.namespace, service: $0.service), $0.state)
      }, uniquingKeysWith: { first, _ in first })
    let entries = facts.services.map { service in
      let total = service.minutes.total
      let hourly = Self.hourly(service.minutes, hours: night.window.hourCount)
      return ServiceEntry(
        identity: service.minutes.identity, lines: total.total, errors: total.errors,
        previousLines: service.previous?.lines, previousErrors: service.previous?.errors,
        learning: LearningState(
          nightsOfHistory: states[service.minutes.identity]?.nights ?? 0,
          minimumNights: night.job.baselines.minimumHistoryDays),
        hourly: hourly.map(\.total), hourlyErrors: hourly.map(\.errors))
    }
    return entries.sorted {
      $0.errors != $1.errors
        ? $0.errors > $1.errors
        : $0.lines != $1.lines ? $0.lines > $1.lines : $0.identity < $1.identity
    }
  }

  private static func hourly(_ minutes: ServiceMinutes, hours: Int) -> [LevelCounts] {
    var result = [LevelCounts](repeating: LevelCounts(), count: hours)
    for (minute, counts) in minutes.minutes.enumerated() { result[minute / 60] += counts }
    return result
  }

  // MARK: - Incidents

  private func incidentEntries() -> [IncidentEntry] {
    incidents(from: facts.anomalies, tenant: night.tenant).map { incident in
      let said = facts.spoken.incidents.first { $0.id == incident.id }
      let lead = Self.leadingEvent(of: incident)
      return IncidentEntry(
        severity: incident.severity, service: lead.identity,
        services: incident.services.map(\.identity), metric: lead.metric,
        start: incident.start, end: incident.end, peak: lead.peak,
        peakObserved: lead.peakObserved, expected: lead.expected,
        deviationFactor: lead.deviationFactor, deviationNote: lead.deviationNote,
        sparkline: sparkline(lead),
        bucketMinutes: 10, cause: said?.analysis.hypothesis ?? said?.analysis.summary,
        leadingCluster: said?.leadingFingerprint.flatMap(Fingerprint.init(hex:)),
        analysis: said?.analysis)
    }
  }

  /// The event that names an incident: of the service that moved first, unless what it did is more than
  /// one step less severe than the worst.
  private static func leadingEvent(of incident: Incident) -> AnomalyEvent {
    let first = incident.services.first { $0.worst.severity.rank + 1 >= incident.severity.rank }
    return first?.worst ?? incident.worst
  }

  /// Counts of the event's service and metric in buckets of ten minutes.
  private func sparkline(_ event: AnomalyEvent) -> [Int64] {
    guard let service = facts.services.first(where: { $0.minutes.identity == event.identity })
    else { return [] }
    var buckets = [Int64](repeating: 0, count: (night.window.minuteCount + 9) / 10)
    for (minute, counts) in service.minutes.minutes.enumerated() {
      buckets[minute / 10] += event.metric == .errorRate ? counts.errors : counts.total
    }
    return buckets
  }

  // MARK: - Mutes

  private func mutedEntries() -> [MutedEntry] {
    let calendar = night.job.calendar
    return facts.clusters.compactMap { cluster in
      let key = ClusterKey(
        identity: cluster.observation.identity, fingerprint: cluster.observation.fingerprint)
      guard cluster.lifecycle == .muted,
        let mute = facts.past.lineage.mute(of: key, in: facts.mutes)
      else { return nil }
      return MutedEntry(
        fingerprint: cluster.observation.fingerprint, template: cluster.observation.template,
        count: cluster.observation.count, reason: mute.reason, author: mute.author,
        since: calendar.date(of: mute.since),
        expiry: mute.expiry.map { calendar.date(of: $0.advanced(bySeconds: -1)) })
    }
  }
}

/// Sums up a cluster's past for the summaries and for whether it escalates.
///
/// Of a cluster that was split from another the past begins with the whole of that one: its events were
/// among those, so that more than they were is more than usual, and less says nothing.
///
/// - Parameters:
///   - cluster: the cluster with the nights on which it was seen.
///   - covered: the nights with a finished run.
/// - Returns: its nights in figures.
func clusterHistory(_ cluster: NightFacts.Cluster, covered: [CivilDate]) -> ClusterHistory {
  clusterHistory(cluster.nights, beforeSplit: cluster.nightsBeforeSplit, covered: covered)
}

/// The same of counts by night: those of the cluster, and those of the clusters that it was part of.
func clusterHistory(
  _ nights: [CivilDate: Int64], beforeSplit: [CivilDate: Int64], covered: [CivilDate]
) -> ClusterHistory {
  ClusterHistory(counts: covered.map { (date: $0, count: nights[$0] ?? beforeSplit[$0] ?? 0) })
}
