internal import DaybreakCore
internal import Foundation

/// What the embed stage leaves in the ledger: kept and not computed again, so that a night's report stays
/// the same whatever later nights add.
struct EmbedDetail: Codable {
  /// A cluster of the night with those that are like it.
  struct Likeness: Codable {
    let namespace: String
    let service: String
    let fingerprint: String
    let similar: [Similar]
  }

  /// A cluster of earlier nights; dates as `YYYY-MM-DD`.
  struct Similar: Codable {
    struct Incident: Codable {
      let night: String
      let severity: Severity
      let namespace: String
      let service: String
      let serviceCount: Int
      /// nil in what earlier versions left.
      let seconds: Int64?
      let said: String?
    }

    let namespace: String
    let service: String
    let fingerprint: String
    let template: String
    let similarity: Double
    let firstNight: String
    let lastNight: String
    let nightsSeen: Int
    let count: Int64
    /// nil: not found gone.
    let resolvedOn: String?
    let isRecurring: Bool
    let incident: Incident?
    let said: String?
  }

  /// The model whose vectors were compared; nil when none were.
  var model: String?
  /// Why similar incidents were not looked for; nil when they were, or nobody wanted it.
  var problem: String?
  var likenesses: [Likeness]

  static let empty = EmbedDetail(model: nil, problem: nil, likenesses: [])

  /// What the report's run facts say.
  var components: [String: String] {
    if let problem { return ["Similar incidents": "not looked for: \(problem)"] }
    return model.map { ["Vectors": $0] } ?? [:]
  }

  /// The clusters of earlier nights that are like one of the night, the most similar first.
  func similar(to identity: ServiceIdentity, _ fingerprint: Fingerprint) -> [SimilarCluster] {
    let found = likenesses.first {
      $0.fingerprint == fingerprint.description && $0.service == identity.service
        && $0.namespace == identity.namespace
    }
    return found?.similar.compactMap(\.cluster) ?? []
  }
}

extension EmbedDetail.Similar {
  init(_ cluster: SimilarCluster) {
    namespace = cluster.identity.namespace
    service = cluster.identity.service
    fingerprint = cluster.fingerprint.description
    template = cluster.template
    similarity = cluster.similarity
    firstNight = cluster.firstNight.description
    lastNight = cluster.lastNight.description
    nightsSeen = cluster.nightsSeen
    count = cluster.count
    resolvedOn = cluster.resolvedOn?.description
    isRecurring = cluster.ending == .recurring
    incident = cluster.incident.map {
      Incident(
        night: $0.night.description, severity: $0.severity, namespace: $0.firstMover.namespace,
        service: $0.firstMover.service, serviceCount: $0.serviceCount, seconds: $0.seconds,
        said: $0.said)
    }
    said = cluster.said
  }

  /// The value; nil where the ledger holds what no version has written.
  var cluster: SimilarCluster? {
    guard let fingerprint = Fingerprint(hex: fingerprint), let first = CivilDate(firstNight),
      let last = CivilDate(lastNight)
    else { return nil }
    let resolved = resolvedOn.flatMap { CivilDate($0) }
    return SimilarCluster(
      identity: ServiceIdentity(namespace: namespace, service: service), fingerprint: fingerprint,
      template: template, similarity: similarity, firstNight: first, lastNight: last,
      nightsSeen: nightsSeen, count: count,
      ending: resolved.map(SimilarCluster.Ending.resolved)
        ?? (isRecurring ? .recurring : .silent(since: last)),
      incident: incident.flatMap { incident in
        CivilDate(incident.night).map {
          SimilarCluster.PastIncident(
            night: $0, severity: incident.severity,
            firstMover: ServiceIdentity(namespace: incident.namespace, service: incident.service),
            serviceCount: incident.serviceCount, seconds: incident.seconds, said: incident.said)
        }
      }, said: said)
  }
}
