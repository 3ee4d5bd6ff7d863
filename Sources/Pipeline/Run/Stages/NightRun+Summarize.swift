internal import Baselines
internal import DaybreakCore
internal import Storage
internal import Summaries

extension NightRun {
  /// Says in words what matters: the incidents, then the night's news, the most severe first.
  func summarize() async throws {
    let context = try store.withTenant(night.tenant) { try summaryContext($0) }
    let provider = provider
    var spoken = SummaryDetail.empty
    for incident in context.incidents {
      let analysis = try await provider.analysis(of: incident, in: context)
      let leading = rankedClusters(for: incident, in: context).first?.observation.fingerprint
      spoken.incidents.append(
        .init(
          id: incident.id, analysis: analysis, leadingFingerprint: leading?.description))
      try Cancellation.check()
    }
    var analyses: [ClusterKey: Analysis] = [:]
    for cluster in newsWorthSaying(context) {
      let key = ClusterKey(
        identity: cluster.observation.identity, fingerprint: cluster.observation.fingerprint)
      analyses[key] = try await provider.analysis(of: cluster, in: context)
      try Cancellation.check()
    }
    let (said, detail) = (analyses, spoken)
    try store.withTenant(night.tenant) { session in
      try session.writeAnalyses(said, of: key)
      try finishStage(.summarize, in: session, detail: detail)
    }
  }

  private var provider: any SummaryProvider {
    switch night.job.summaries.provider {
    case .extractive: ExtractiveProvider()
    }
  }

  /// What is new, back or growing, the most severe and then the largest first, as many as the job
  /// allows; while learning, errors alone, as nothing can be called new.
  private func newsWorthSaying(_ context: NightContext) -> [ClusterContext] {
    let news = context.clusters.filter { cluster in
      cluster.isNews && cluster.observation.level >= .warn
    }
    let ordered = news.sorted { left, right in
      let (one, other) = (left.observation, right.observation)
      if one.level != other.level { return one.level > other.level }
      if one.count != other.count { return one.count > other.count }
      if one.identity != other.identity { return one.identity < other.identity }
      return one.fingerprint < other.fingerprint
    }
    return Array(ordered.prefix(night.job.summaries.clusterLimit))
  }

  private func summaryContext(_ session: borrowing TenantSession) throws -> NightContext {
    let covered = try coveredDates(session)
    let clusters = try loadClusters(session).present.filter { $0.lifecycle != .muted }
    let contexts = clusters.map { cluster in
      let history = clusterHistory(cluster, covered: covered)
      let hourCount = night.window.hourCount
      // Nightly counts are all that history keeps; they are spread evenly over the hours.
      let medianHourly = [Double](
        repeating: history.medianCount / Double(hourCount), count: hourCount)
      return ClusterContext(
        observation: cluster.observation, lifecycle: cluster.lifecycle, history: history,
        onset: onset(
          of: cluster.observation, lifecycle: cluster.lifecycle, medianHourly: medianHourly,
          window: night.window))
    }
    return NightContext(
      tenant: night.tenant, window: night.window, calendar: night.job.calendar,
      incidents: incidents(from: try session.anomalies(of: key), tenant: night.tenant),
      clusters: contexts.filter { $0.isNews || $0.observation.level >= .warn })
  }
}
