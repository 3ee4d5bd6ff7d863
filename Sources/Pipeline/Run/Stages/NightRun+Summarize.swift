internal import Baselines
internal import DaybreakCore
internal import Storage
internal import Summaries

extension NightRun {
  /// Says in words what matters: the incidents, then the night's news, the most severe first.
  func summarize() async throws {
    let context = try store.withTenant(night.tenant) { try summaryContext($0) }
    let subjects = summarySubjects(context)
    let spoken: [SpokenSummary]
    var use: SummaryDetail.ModelUse?
    if let settings = night.job.summaries.model {
      (spoken, use) = try await askModel(settings, subjects, context)
    } else {
      let code = ExtractiveProvider()
      spoken = subjects.map {
        SpokenSummary(subject: $0, analysis: code.analysis(of: $0, in: context))
      }
    }
    try Cancellation.check()
    let (analyses, ofIncidents, detail) = summed(spoken, use, context)
    try store.withTenant(night.tenant) { session in
      try session.writeAnalyses(analyses, incidents: ofIncidents, of: key)
      try finishStage(.summarize, in: session, detail: detail)
    }
  }

  /// What clusters and the ledger keep of what was said.
  private func summed(
    _ spoken: [SpokenSummary], _ use: SummaryDetail.ModelUse?, _ context: NightContext
  ) -> ([ClusterKey: Analysis], [IncidentAnalysis], SummaryDetail) {
    var detail = SummaryDetail.empty
    detail.modelUse = use
    if let use, use.answers > 0 { detail.modelThatSpoke = "\(use.provider) \(use.model)" }
    var analyses: [ClusterKey: Analysis] = [:]
    var ofIncidents: [IncidentAnalysis] = []
    func key(_ cluster: ClusterContext) -> ClusterKey {
      ClusterKey(
        identity: cluster.observation.identity, fingerprint: cluster.observation.fingerprint)
    }
    for said in spoken {
      switch said.subject {
      case .incident(let incident):
        let leading = rankedClusters(for: incident, in: context).first.map(key)
        detail.incidents.append(
          .init(
            id: incident.id, analysis: said.analysis,
            leadingFingerprint: leading?.fingerprint.description))
        ofIncidents.append(
          IncidentAnalysis(incidentID: incident.id, leading: leading, analysis: said.analysis))
      case .cluster(let cluster): analyses[key(cluster)] = said.analysis
      }
    }
    return (analyses, ofIncidents, detail)
  }

  /// What to speak of: every incident, then the night's news, as many as the job allows.
  func summarySubjects(_ context: NightContext) -> [SummarySubject] {
    context.incidents.map(SummarySubject.incident)
      + newsWorthSaying(context).map(SummarySubject.cluster)
  }

  /// What is new, back or growing, the most severe and then the largest first, as many as the job
  /// allows; while learning, errors alone, as nothing can be called new.
  private func newsWorthSaying(_ context: NightContext) -> [ClusterContext] {
    let news = context.clusters.filter { cluster in
      cluster.isNews && cluster.observation.level >= .warn
    }
    let ordered = news.sorted {
      ClusterObservation.mostSevereFirst($0.observation, $1.observation)
    }
    return Array(ordered.prefix(night.job.summaries.clusterLimit))
  }

  /// What providers may use of the night.
  func summaryContext(_ session: borrowing TenantSession) throws -> NightContext {
    let covered = try coveredDates(session)
    let embedded = try detail(of: .embed, as: EmbedDetail.self, in: session) ?? .empty
    let clusters = try loadClusters(session).present.filter { $0.lifecycle != .muted }
    let contexts = clusters.map { cluster in
      ClusterContext(
        cluster.observation, cluster.lifecycle, clusterHistory(cluster, covered: covered),
        in: night.window,
        similar: embedded.similar(
          to: cluster.observation.identity, cluster.observation.fingerprint))
    }
    return NightContext(
      tenant: night.tenant, window: night.window, calendar: night.job.calendar,
      incidents: incidents(from: try session.anomalies(of: key), tenant: night.tenant),
      clusters: contexts.filter { $0.isNews || $0.observation.level >= .warn })
  }
}
