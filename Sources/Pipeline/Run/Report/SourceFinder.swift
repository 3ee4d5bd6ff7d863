internal import DaybreakCore
internal import Rendering

/// Tells how the lines of a service are found where the exports came from.
struct SourceFinder {
  /// The tenant's sources.
  let sources: [JobSource]

  /// What to ask for a service's lines.
  ///
  /// - Parameter identity: the service.
  /// - Returns: nil where its lines may have come from something else than one Loki.
  func finder(of identity: ServiceIdentity) -> LineFinder? {
    guard identity.service != ServiceIdentity(namespace: "", service: "").service else {
      return nil
    }
    let possible = sources.filter { Self.mayHaveWritten(identity, $0) }
    let labels = Set(possible.map { Self.lokiLabels(of: identity, $0) })
    guard labels.count == 1, let found = labels.first, let found else { return nil }
    return .loki(labels: found, grafana: nil)
  }

  /// Log files that the job gives a name are taken to hold that service alone.
  private static func mayHaveWritten(_ identity: ServiceIdentity, _ source: JobSource) -> Bool {
    guard case .logFiles(let settings) = source.kind, let service = settings.service else {
      return true
    }
    return service == identity.service
  }

  /// The stream labels of a service in Loki; nil for a source that is no Loki.
  ///
  /// Loki itself adds `service_name` to every stream (3.0 and later). The namespace is asked for only
  /// where the job says which label holds it: too many lines are better than none.
  private static func lokiLabels(
    of identity: ServiceIdentity, _ source: JobSource
  ) -> [String: String]? {
    guard case .lokiExport(let settings) = source.kind else { return nil }
    var labels = Dictionary(settings.commonLabels.map { ($0.key, $0.value) }) { $1 }
    labels[settings.serviceLabels.first ?? "service_name"] = identity.service
    if let label = settings.namespaceLabels.first, !identity.namespace.isEmpty {
      labels[label] = identity.namespace
    }
    return labels
  }
}
