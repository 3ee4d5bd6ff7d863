internal import DaybreakCore
internal import Extraction
internal import Rendering

/// Tells how the lines of a service are found where they came from.
struct SourceFinder {
  /// The tenant's sources.
  let sources: [JobSource]
  /// The Grafana of the job; nil for none.
  var grafana: GrafanaSettings?

  /// What to ask for a service's lines: of each source that may have them and can be asked, in the job's
  /// order.
  ///
  /// - Parameter identity: the service.
  /// - Returns: empty for lines without a service, which no label or column tells apart.
  func finders(of identity: ServiceIdentity) -> [LineFinder] {
    guard identity.service != ServiceIdentity(namespace: "", service: "").service else { return [] }
    return sources.compactMap { source in
      place(of: identity, source).map { LineFinder(source: source.name, place: $0) }
    }
  }

  /// Where a source has the lines of a service; nil where it has none or cannot be asked.
  private func place(of identity: ServiceIdentity, _ source: JobSource) -> LineFinder.Place? {
    switch source.kind {
    case .logFiles: nil
    case .lokiExport(let settings):
      .loki(
        labels: Self.lokiLabels(of: identity, settings),
        grafana: grafana.map {
          GrafanaTarget(url: $0.url, dataSourceUID: $0.dataSource)
        })
    case .postgres(let settings): Self.rows(of: identity, settings).map { .postgres($0) }
    }
  }

  /// The stream labels of a service in Loki.
  ///
  /// Loki itself adds `service_name` to every stream (3.0 and later). The namespace is asked for only
  /// where the job says which label holds it: too many lines are better than none.
  private static func lokiLabels(
    of identity: ServiceIdentity, _ settings: FileSettings
  ) -> [String: String] {
    var labels = Dictionary(settings.commonLabels.map { ($0.key, $0.value) }) { $1 }
    labels[settings.serviceLabels.first ?? "service_name"] = identity.service
    if let label = settings.namespaceLabels.first, !identity.namespace.isEmpty {
      labels[label] = identity.namespace
    }
    return labels
  }

  /// The rows of a service; nil where the source gives all its lines another one.
  private static func rows(
    of identity: ServiceIdentity, _ settings: PostgresSettings
  ) -> PostgresPlace? {
    let isOfOneService = settings.serviceColumn == nil && settings.labelsColumn == nil
    if isOfOneService, let service = settings.service, service != identity.service { return nil }
    guard let relation = relation(settings) else { return nil }
    var values: [String: String] = [:]
    // Rows that name no service have the source's: no value of the column finds them.
    if let column = settings.serviceColumn, settings.service != identity.service {
      values[column] = identity.service
    }
    return PostgresPlace(
      relation: relation, timeColumn: settings.timeColumn, messageColumn: settings.messageColumn,
      values: values, condition: settings.condition, timeUnit: settings.timeUnit.map(unit))
  }

  private static func relation(_ settings: PostgresSettings) -> String? {
    if let query = settings.query { return "(\(query)) AS lines" }
    guard let table = settings.table,
      case .table(let schema, let name)? = PostgreSQLSourceConfiguration.Relation.table(
        named: table)
    else { return nil }
    return ([schema].compactMap(\.self) + [name]).map { part in
      "\"" + part.replacing("\"", with: "\"\"") + "\""
    }.joined(separator: ".")
  }

  private static func unit(_ unit: PostgresSettings.TimeUnit) -> PostgresPlace.TimeUnit {
    switch unit {
    case .seconds: .seconds
    case .milliseconds: .milliseconds
    case .microseconds: .microseconds
    case .nanoseconds: .nanoseconds
    }
  }
}
