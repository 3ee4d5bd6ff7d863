internal import Baselines
internal import DaybreakCore
internal import Embedding
internal import Foundation
internal import Storage
internal import Summaries

extension NightRun {
  /// How many templates are encoded between two looks at Ctrl-C; each such batch is kept at once.
  private static let batchSize = 512

  /// Makes the vectors that are missing, and finds what the night's news is like.
  ///
  /// A night is worth its report without vectors: what the encoder throws becomes a note, and the next
  /// night makes up for it.
  func embed() throws {
    var detail = EmbedDetail.empty
    do {
      let maker = EncoderMaker(night.job.embedding, surroundings)
      if let model = try maker.model() {
        let stored = VectorModel(
          provider: model.provider, name: model.name, dimension: model.dimension)
        try makeMissingVectors(stored, maker)
        detail.model = stored.name
        detail.likenesses = try store.withTenant(night.tenant, readOnly: true) {
          try likenesses($0, stored)
        }
      }
    } catch let error as EmbeddingError {
      if error == .cancelled { throw RunCancelled() }
      detail = EmbedDetail(model: nil, problem: error.summary, likenesses: [])
      surroundings.log.note(
        "no vectors",
        [
          "tenant": "\(night.tenant)", "date": "\(night.date)", "problem": error.summary,
          "remedy": error.remedy ?? "",
        ])
    }
    let left = detail
    try store.withTenant(night.tenant) { session in
      try finishStage(.embed, in: session, detail: left)
    }
  }

  /// Encodes what has no vector of the model yet: the night's new patterns, and on the first night those
  /// of all nights before.
  private func makeMissingVectors(_ model: VectorModel, _ maker: EncoderMaker) throws {
    var encoder: (any TextEncoder)?
    while true {
      try Cancellation.check()
      let texts = try store.withTenant(night.tenant) {
        try $0.clustersWithoutVector(
          of: model, textVersion: EmbeddingText.version, limit: Self.batchSize)
      }
      guard !texts.isEmpty else { break }
      // A server that changes its mind on the way is refused before anything is kept.
      if encoder == nil { encoder = try maker.encoder(dimension: model.dimension) }
      guard let encoder else { break }
      let vectors = try vectors(of: texts.map(\.template), encoder, maker)
      try store.withTenant(night.tenant) { session in
        try session.writeVectors(zip(texts, vectors).map { ($0, $1) }, of: model)
      }
    }
    let outcome = try store.withTenant(night.tenant) { try $0.prepareVectors(of: model) }
    guard outcome != "unchanged" else { return }
    surroundings.log.note(
      "vectors \(outcome)", ["tenant": "\(night.tenant)", "model": model.name])
  }

  /// The vectors of templates, in order; each text is encoded once.
  private func vectors(
    of templates: [String], _ encoder: any TextEncoder, _ maker: EncoderMaker
  ) throws -> [[Float]] {
    let texts = templates.map { template in
      let text = EmbeddingText.text(of: template)
      guard maker.sendsTexts else { return text }
      // Each text for itself, so that its vector does not depend on the texts before it.
      var redactor = Redactor(night.job.redaction)
      return redactor.redact(text)
    }
    let distinct = Array(Set(texts)).sorted()
    let vectors = try encoder.vectors(for: distinct, isCancelled: { Cancellation.isRequested })
    let byText = Dictionary(uniqueKeysWithValues: zip(distinct, vectors))
    return texts.map { byText[$0] ?? [] }
  }
}

// MARK: - Similar incidents

/// How many similar clusters are kept of one.
private let similarLimit = 5
/// From which cosine on two templates are called alike; see docs/decisions/0014-vectors-and-search.md.
private let leastSimilarity = 0.6

extension NightRun {
  /// What each of the night's news is like among the clusters of earlier nights of the same tenant.
  private func likenesses(
    _ session: borrowing TenantSession, _ model: VectorModel
  ) throws -> [EmbedDetail.Likeness] {
    // What never was a warning was no incident, however much it reads like one.
    let earlier = try session.clusterIDs(before: night.window.start, atLeast: .warn)
    guard !earlier.isEmpty else { return [] }
    let covered = try coveredDates(session)
    let news = try news(session, covered: covered)
    let vectors = try session.vectors(of: news.map(\.id), model)
    var likenesses: [EmbedDetail.Likeness] = []
    for cluster in news {
      guard let vector = vectors[cluster.id] else { continue }
      try Cancellation.check()
      let similar = try similar(
        to: cluster, vector, model, among: earlier, lastCovered: covered.last, session)
      guard !similar.isEmpty else { continue }
      likenesses.append(
        EmbedDetail.Likeness(
          namespace: cluster.observation.identity.namespace,
          service: cluster.observation.identity.service,
          fingerprint: cluster.observation.fingerprint.description,
          similar: similar.map(EmbedDetail.Similar.init)))
    }
    return likenesses
  }

  /// What is new, back or growing at WARN or above, the most severe and then the largest first.
  private func news(
    _ session: borrowing TenantSession, covered: [CivilDate]
  ) throws -> [NightFacts.Cluster] {
    let news = try loadClusters(session).present.filter { cluster in
      cluster.observation.level >= .warn
        && ClusterContext(
          observation: cluster.observation, lifecycle: cluster.lifecycle,
          history: clusterHistory(cluster, covered: covered), onset: nil
        ).isNews
    }
    let ordered = news.sorted {
      ClusterObservation.mostSevereFirst($0.observation, $1.observation)
    }
    return Array(ordered.prefix(newsLimit))
  }

  private func similar(
    to cluster: NightFacts.Cluster, _ vector: [Float], _ model: VectorModel, among earlier: [UUID],
    lastCovered: CivilDate?, _ session: borrowing TenantSession
  ) throws -> [SimilarCluster] {
    // More than are kept, since one pattern may come from many services.
    let near = try session.nearest(
      to: vector, model, limit: 8 * similarLimit, among: .clusters(earlier)
    ).filter { rounded($0.similarity) >= leastSimilarity }
    let pasts = try session.pasts(of: near.map(\.clusterID), before: night.window.start)
    var seen = [cluster.observation.fingerprint] as Set
    var similar: [SimilarCluster] = []
    for distance in near where similar.count < similarLimit {
      guard let past = pasts[distance.clusterID], seen.insert(past.key.fingerprint).inserted else {
        continue
      }
      similar.append(
        SimilarCluster(
          identity: past.key.identity, fingerprint: past.key.fingerprint, template: past.template,
          similarity: min(1, rounded(distance.similarity)), firstNight: past.firstNight,
          lastNight: past.lastNight, nightsSeen: past.nightsSeen, count: past.count,
          ending: ending(of: past, lastCovered: lastCovered),
          incident: try incident(of: past, session), said: past.said))
    }
    return similar
  }

  private func ending(
    of past: ClusterPast, lastCovered: CivilDate?
  ) -> SimilarCluster.Ending {
    if let night = past.resolvedOn { return .resolved(on: night) }
    return past.lastNight == lastCovered ? .recurring : .silent(since: past.lastNight)
  }

  /// The latest incident of whose time and services a cluster was.
  private func incident(
    of past: ClusterPast, _ session: borrowing TenantSession
  ) throws -> SimilarCluster.PastIncident? {
    guard
      let found = try session.anomalies(during: past.clusterID, before: night.window.start),
      let incident = incidents(from: found.events, tenant: night.tenant).first(where: {
        $0.services.contains { $0.identity == past.key.identity }
      })
    else { return nil }
    return SimilarCluster.PastIncident(
      night: found.night, severity: incident.severity, firstMover: incident.firstMover,
      serviceCount: incident.services.count,
      seconds: incident.end.seconds - incident.start.seconds, said: found.said[incident.id])
  }
}
