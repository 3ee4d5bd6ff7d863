internal import DaybreakCore
internal import Storage

extension NightRun {
  /// Reads tonight's clusters with their past; what is gone comes apart.
  func loadClusters(_ session: borrowing TenantSession) throws -> NightFacts.Clusters {
    let analyses = try session.analyses(of: key)
    let stored = try session.clusterNights(of: key)
    let came = stored.filter { $0.observation.count > 0 }.map { clusterKey($0.observation) }
    let changes = try session.successions(before: night.window.end)
    let past = KnownPast(
      try session.knownClusters(before: night.window.start, recentFrom: reportStart),
      changes: changes, present: (Set(came), night.date))
    var clusters = NightFacts.Clusters(present: [], gone: [], changes: changes, past: past)
    for stored in stored {
      let observation = stored.observation
      let key = clusterKey(observation)
      let nights = past.nights(key)
      if stored.lifecycle == .resolved {
        clusters.gone.append(
          .init(
            identity: observation.identity, fingerprint: observation.fingerprint,
            template: observation.template, level: past.level(of: key) ?? .unknown,
            nights: nights))
      } else {
        clusters.present.append(
          .init(
            id: stored.clusterID, observation: observation, lifecycle: stored.lifecycle,
            analysis: analyses[key], firstSeenEver: past.firstSeen(key), nights: nights,
            nightsBeforeSplit: past.nightsBeforeSplit(key)))
      }
    }
    return clusters
  }

  private func clusterKey(_ observation: ClusterObservation) -> ClusterKey {
    ClusterKey(identity: observation.identity, fingerprint: observation.fingerprint)
  }

  /// The first night of the 28 that a report looks back on.
  private var reportStart: CivilDate { night.date.advanced(byDays: -28) }

  /// Reads everything that the report of the night says.
  func loadFacts(_ session: borrowing TenantSession) throws -> NightFacts {
    let clusters = try loadClusters(session)
    let covered = try session.coveredNights(before: night.window.start, from: reportStart)
    let hours = try session.serviceHours(
      in: TimeWindow(
        start: covered.first?.window.start ?? night.window.start, end: night.window.end))
    let tonight = try session.serviceMinutes(in: night.window)
    let previous = covered.last { $0.night == night.date.advanced(byDays: -1) }
    let services = tonight.map { minutes in
      NightFacts.Service(
        minutes: minutes,
        previous: previous.map { Self.totals(of: minutes.identity, in: $0.window, hours) })
    }
    return NightFacts(
      night: night, linesByNight: try linesByNight(covered, session),
      coverage: try session.coverage(of: key), clusters: clusters.present,
      trends: night.job.refresh.contains(.clusterTrend) ? try session.trends(of: night.date) : [:],
      gone: clusters.gone, changes: clusters.changes, past: clusters.past,
      mutes: try mutes(session), services: services, anomalies: try session.anomalies(of: key),
      assessment: try detail(of: .baseline, as: AssessmentDetail.self, in: session) ?? .empty,
      spoken: try detail(of: .summarize, as: SummaryDetail.self, in: session) ?? .empty,
      embedded: try detail(of: .embed, as: EmbedDetail.self, in: session) ?? .empty,
      catalogs: try detail(of: .extract, as: ExtractDetail.self, in: session)?.catalogs ?? [:],
      heatMap: HeatMapAssembly(calendar: night.job.calendar).cells(
        hours: hours, nights: covered.map(\.night) + [night.date]))
  }

  /// Events and errors of a service in a whole night, from the hours of the materialized view.
  private static func totals(
    of identity: ServiceIdentity, in window: TimeWindow, _ hours: [ServiceHour]
  ) -> NightFacts.Totals {
    let own = hours.filter { $0.identity == identity && window.contains($0.hour) }
    return NightFacts.Totals(
      lines: own.reduce(0) { $0 + $1.counts.total }, errors: own.reduce(0) { $0 + $1.counts.errors }
    )
  }

  /// Lines read on each covered night.
  private func linesByNight(
    _ covered: [CoveredNight], _ session: borrowing TenantSession
  ) throws -> [CivilDate: Int64] {
    let nights = try session.dashboard(
      from: reportStart, through: night.date.advanced(byDays: -1))
    let lines = Dictionary(
      nights.map { ($0.night, $0.lines) }, uniquingKeysWith: { _, new in new })
    return Dictionary(
      covered.map { ($0.night, lines[$0.night] ?? 0) }, uniquingKeysWith: { _, new in new })
  }

  private func mutes(
    _ session: borrowing TenantSession
  ) throws -> [Fingerprint: NightFacts.Mute] {
    let inForce = try session.mutes().filter { $0.holds(at: night.lastSecond) }
    return Dictionary(
      inForce.map { mute in
        (
          mute.fingerprint,
          NightFacts.Mute(
            reason: mute.reason, author: mute.author, since: mute.mutedAt, expiry: mute.expiresAt)
        )
      }, uniquingKeysWith: { first, _ in first })
  }
}
