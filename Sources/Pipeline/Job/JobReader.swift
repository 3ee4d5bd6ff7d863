package import Configuration
import DaybreakCore
internal import Foundation

/// Reads job files.
package struct JobReader {
  let file: String
  let variables: [String: String]

  /// Reads one job file from its bytes.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - file: its name, for messages.
  ///   - variables: the environment that `${NAME}` refers to.
  /// - Returns: the job, every setting filled in.
  /// - Throws: `ConfigurationError` naming file, line, key and, where there is one, the nearest right spelling.
  package static func read(
    _ bytes: [UInt8], file: String, variables: [String: String]
  ) throws(ConfigurationError) -> Job {
    let reader = JobReader(file: file, variables: variables)
    var job = try reader.job(from: try YAMLParser.parse(bytes, file: file))
    job.digest = hex(sha256(bytes))
    return job
  }

  private func job(from root: YAMLNode) throws(ConfigurationError) -> Job {
    let keys = try ConfigurationMapping(root, file: file, path: "", variables: variables)
    let calendar = try calendar(keys)
    let tenant = try tenant(keys)
    let sources = try sources(keys, tenant: tenant)
    let job = Job(
      name: try name(keys), file: file, calendar: calendar, schedule: try schedule(keys),
      nights: try nights(keys), sources: sources,
      catalogs: try catalogs(keys, tenant: tenant, of: Set(sources.map(\.tenant))),
      store: try StoreSettings(keys), baselines: try baselines(keys), clusters: try clusters(keys),
      embedding: try embedding(keys), summaries: try summaries(keys),
      refresh: try keys.choices("refresh", of: RefreshView.self) ?? RefreshView.allCases,
      render: try render(keys), email: try email(keys), retention: try retention(keys),
      redaction: try redaction(keys), digest: "")
    try keys.finish()
    return job
  }

  private func name(_ keys: ConfigurationMapping) throws(ConfigurationError) -> String {
    let name = try keys.requiredString("name")
    guard TenantName(name) != nil else {
      throw ConfigurationError(
        file: file, position: keys.node("name")?.position,
        problem: "`name` must be 1 to 63 of a-z, A-Z, 0-9, _, - and inner dots",
        remedy: "choose a plain name such as `nightly`")
    }
    return name
  }

  func tenant(_ keys: ConfigurationMapping) throws(ConfigurationError) -> TenantName? {
    guard let text = try keys.string("tenant"), let node = keys.node("tenant") else { return nil }
    guard let tenant = TenantName(text) else {
      throw keys.fault(
        node, "tenant", "must be 1 to 63 of a-z, A-Z, 0-9, _, - and inner dots, found `\(text)`")
    }
    return tenant
  }

  private func calendar(_ keys: ConfigurationMapping) throws(ConfigurationError) -> NightCalendar {
    let zoneName = try keys.string("timezone") ?? "UTC"
    if let calendar = NightCalendar(zoneName: zoneName) { return calendar }
    let nearest = nearestSpelling(of: zoneName, among: TimeZone.knownTimeZoneIdentifiers)
    throw ConfigurationError(
      file: file, position: keys.node("timezone")?.position,
      problem: "`timezone` must be an IANA name such as Europe/Berlin, found `\(zoneName)`",
      remedy: nearest.map { "did you mean `\($0)`?" })
  }

  private func schedule(_ keys: ConfigurationMapping) throws(ConfigurationError) -> String? {
    guard let text = try keys.string("schedule"), let node = keys.node("schedule") else {
      return nil
    }
    guard text.split(separator: " ").count == 5 else {
      throw keys.fault(
        node, "schedule", "must have the five fields of a crontab line, found `\(text)`")
    }
    return text
  }

  private func nights(_ keys: ConfigurationMapping) throws(ConfigurationError) -> ClosedRange<
    CivilDate
  >? {
    guard let nights = try keys.mapping("nights") else { return nil }
    let first = try date("from", in: nights)
    let last = try date("to", in: nights)
    try nights.finish()
    guard first <= last else {
      throw ConfigurationError(
        file: file, position: nights.position, problem: "`nights.to` lies before `nights.from`",
        remedy: nil)
    }
    return first...last
  }

  private func date(
    _ key: String, in keys: ConfigurationMapping
  ) throws(ConfigurationError) -> CivilDate {
    let text = try keys.requiredString(key)
    guard let date = CivilDate(text) else {
      throw ConfigurationError(
        file: file, position: keys.node(key)?.position,
        problem: "`\(keys.qualified(key))` must be a date such as 2026-03-12, found `\(text)`",
        remedy: nil)
    }
    return date
  }

  private func baselines(_ keys: ConfigurationMapping) throws(ConfigurationError)
    -> BaselineSettings
  {
    var settings = BaselineSettings(historyDays: 28, minimumHistoryDays: 3)
    guard let baselines = try keys.mapping("baselines") else { return settings }
    settings.historyDays = try baselines.days("history") ?? settings.historyDays
    settings.minimumHistoryDays =
      try baselines.days("minimum_history") ?? settings.minimumHistoryDays
    try baselines.finish()
    return settings
  }

  private func clusters(_ keys: ConfigurationMapping) throws(ConfigurationError) -> ClusterSettings
  {
    var settings = ClusterSettings(regressedAfterNights: 7, neighbouringLines: 5)
    guard let clusters = try keys.mapping("clusters") else { return settings }
    settings.regressedAfterNights = try clusters.days("regressed_after") ?? 7
    settings.neighbouringLines = try clusters.integer("neighbouring_lines", in: 0...20) ?? 5
    try clusters.finish()
    return settings
  }

  private func embedding(_ keys: ConfigurationMapping) throws(ConfigurationError)
    -> EmbeddingSettings
  {
    var settings = EmbeddingSettings()
    guard let embedding = try keys.mapping("embedding") else { return settings }
    settings.provider =
      try embedding.choice("provider", of: EmbeddingSettings.Provider.self) ?? .builtin
    settings.url = try embedding.string("url")
    settings.model = try embedding.string("model")
    settings.dimension = try embedding.integer("dimension", in: 1...16_000)
    settings.keyVariable = try embedding.string("key_env")
    settings.keyFile = try embedding.string("key_file")
    settings.timeoutSeconds = try embedding.seconds("timeout") ?? settings.timeoutSeconds
    try embedding.finish()
    let isRemote = settings.provider == .ollama || settings.provider == .openai
    let missing = [("url", settings.url), ("model", settings.model)].first {
      $0.1?.isEmpty ?? true
    }
    if let missing, isRemote {
      throw ConfigurationError(
        file: file, position: embedding.position,
        problem: "`embedding.\(missing.0)` is missing",
        remedy: "provider \(settings.provider.rawValue) needs `url` and `model`")
    }
    let stray = embedding.presentKeys.first { $0 != "provider" }
    if let stray, !isRemote {
      throw ConfigurationError(
        file: file, position: embedding.position,
        problem: "`embedding.\(stray)` has no use with provider \(settings.provider.rawValue)",
        remedy: "name `provider: ollama` or `provider: openai`, or leave the key out")
    }
    return settings
  }

  private func render(_ keys: ConfigurationMapping) throws(ConfigurationError) -> RenderSettings {
    var settings = RenderSettings(
      formats: RenderSettings.Format.allCases, output: "reports", templates: nil, grafana: nil)
    guard let render = try keys.mapping("render") else { return settings }
    settings.formats =
      try render.choices("formats", of: RenderSettings.Format.self) ?? settings.formats
    settings.output = try render.string("output") ?? settings.output
    settings.templates = try render.string("templates")
    settings.grafana = try grafana(render)
    try render.finish()
    return settings
  }

  private func grafana(
    _ render: ConfigurationMapping
  ) throws(ConfigurationError) -> GrafanaSettings? {
    guard let grafana = try render.mapping("grafana") else { return nil }
    let url = try grafana.requiredString("url")
    guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
      throw ConfigurationError(
        file: file, position: grafana.node("url")?.position,
        problem: "`render.grafana.url` must start with https:// or http://, found `\(url)`",
        remedy: nil)
    }
    let settings = GrafanaSettings(url: url, dataSource: try grafana.requiredString("data_source"))
    try grafana.finish()
    return settings
  }

  private func retention(_ keys: ConfigurationMapping) throws(ConfigurationError)
    -> RetentionSettings
  {
    var settings = RetentionSettings(runDays: 400, observationDays: 90, sampleDays: 30)
    guard let retention = try keys.mapping("retention") else { return settings }
    settings.runDays = try retention.days("runs") ?? settings.runDays
    settings.observationDays = try retention.days("observations") ?? settings.observationDays
    settings.sampleDays = try retention.days("samples") ?? settings.sampleDays
    try retention.finish()
    return settings
  }

  private func email(_ keys: ConfigurationMapping) throws(ConfigurationError) -> EmailSettings? {
    guard let notify = try keys.mapping("notify") else { return nil }
    guard let email = try notify.mapping("email") else {
      try notify.finish()
      return nil
    }
    try notify.finish()
    let recipients = try email.strings("to") ?? []
    guard !recipients.isEmpty else {
      throw ConfigurationError(
        file: file, position: email.position, problem: "`notify.email.to` is missing",
        remedy: "name at least one recipient")
    }
    let settings = EmailSettings(
      url: try email.requiredString("url"),
      protection: try email.choice("security", of: EmailSettings.Protection.self),
      from: try email.requiredString("from"), to: recipients,
      occasions: try email.choices("when", of: EmailSettings.Occasion.self)
        ?? [.anomalies, .newClusters],
      username: try email.string("username"), passwordVariable: try email.string("password_env"),
      passwordFile: try email.string("password_file"),
      authorityFile: try email.string("ca_file"), reportURL: try email.string("report_url"))
    try email.finish()
    return settings
  }
}

// MARK: - Sources

extension JobReader {
  private func sources(
    _ keys: ConfigurationMapping, tenant: TenantName?
  ) throws(ConfigurationError) -> [JobSource] {
    guard case .sequence(let items, _)? = keys.node("sources"), !items.isEmpty else {
      throw ConfigurationError(
        file: file, position: keys.node("sources")?.position ?? keys.position,
        problem: "`sources` must be a list with at least one source",
        remedy: "for example\n    sources:\n      - loki_export: { path: exports/*.jsonl }")
    }
    var sources: [JobSource] = []
    for (index, item) in items.enumerated() {
      sources.append(try source(item, path: "sources[\(index)]", tenant: tenant))
    }
    return sources
  }

  private func source(
    _ node: YAMLNode, path: String, tenant: TenantName?
  ) throws(ConfigurationError) -> JobSource {
    let outer = try ConfigurationMapping(node, file: file, path: path, variables: variables)
    guard outer.presentKeys.count == 1 else {
      throw ConfigurationError(
        file: file, position: node.position,
        problem: "`\(path)` must have one key, the kind of source",
        remedy: "write `- loki_export: { path: … }`; indent its settings below it")
    }
    if let keys = try outer.mapping("loki_export") {
      let files = try fileSettings(keys, isExport: true)
      return try finish(
        keys, .lokiExport(files), "loki_export: \(files.paths.joined(separator: ", "))", tenant)
    }
    if let keys = try outer.mapping("log_files") {
      let files = try fileSettings(keys, isExport: false)
      return try finish(
        keys, .logFiles(files), "log_files: \(files.paths.joined(separator: ", "))", tenant)
    }
    if let keys = try outer.mapping("postgres") {
      let settings = try postgresSettings(keys)
      return try finish(keys, .postgres(settings), "postgres: \(settings.table ?? "query")", tenant)
    }
    try outer.finish()
    throw ConfigurationError(
      file: file, position: node.position, problem: "`\(path)` names no source", remedy: nil)
  }

  /// Reads what every source may have, and refuses what is left.
  private func finish(
    _ keys: ConfigurationMapping, _ kind: JobSource.Kind, _ name: String, _ jobTenant: TenantName?
  ) throws(ConfigurationError) -> JobSource {
    let ownName = try keys.string("name")
    guard let tenant = try tenant(keys) ?? jobTenant else {
      throw ConfigurationError(
        file: file, position: keys.position,
        problem: "neither the job nor `\(keys.path)` names a tenant",
        remedy: "add `tenant: NAME` at the top of the job")
    }
    try keys.finish()
    return JobSource(name: ownName ?? name, tenant: tenant, kind: kind)
  }

  private func fileSettings(
    _ keys: ConfigurationMapping, isExport: Bool
  ) throws(ConfigurationError) -> FileSettings {
    guard let paths = try keys.strings("path"), !paths.isEmpty else {
      throw ConfigurationError(
        file: file, position: keys.position, problem: "`\(keys.qualified("path"))` is missing",
        remedy: "name a file, a folder, a pattern such as logs/*.gz, or - for standard input")
    }
    let labels = try keys.mapping("labels")
    let settings = FileSettings(
      paths: paths,
      format: isExport
        ? try keys.choice("format", of: FileSettings.Format.self) ?? .auto : .plain,
      serviceLabels: try labels?.strings("service") ?? [],
      namespaceLabels: try labels?.strings("namespace") ?? [],
      levelLabels: try labels?.strings("level") ?? [], service: try keys.string("service"),
      namespace: try keys.string("namespace"),
      commonLabels: isExport ? try keys.stringMap("common_labels") ?? [] : [],
      zoneName: try zoneName(keys), readsHeaders: try keys.boolean("headers") ?? true,
      lineByteLimit: try keys.integer("max_line_bytes", in: 1_024...67_108_864) ?? 1_048_576)
    try labels?.finish()
    return settings
  }

  private func zoneName(_ keys: ConfigurationMapping) throws(ConfigurationError) -> String? {
    guard let name = try keys.string("timezone"), let node = keys.node("timezone") else {
      return nil
    }
    guard NightCalendar(zoneName: name) != nil else {
      throw keys.fault(node, "timezone", "must be an IANA name such as Europe/Berlin")
    }
    return name
  }

  private func postgresSettings(
    _ keys: ConfigurationMapping
  ) throws(ConfigurationError) -> PostgresSettings {
    let table = try keys.string("table")
    let query = try keys.string("query")
    guard (table == nil) != (query == nil) else {
      throw ConfigurationError(
        file: file, position: keys.position,
        problem: "`\(keys.path)` must have either `table` or `query`", remedy: nil)
    }
    guard let columns = try keys.mapping("columns") else {
      throw ConfigurationError(
        file: file, position: keys.position, problem: "`\(keys.qualified("columns"))` is missing",
        remedy: "for example columns: { time: created_at, message: message, level: level }")
    }
    let settings = PostgresSettings(
      url: try keys.requiredString("url"), replicaURL: try keys.string("replica_url"),
      table: table, query: query, condition: try keys.string("where"),
      timeColumn: try columns.requiredString("time"),
      messageColumn: try columns.requiredString("message"),
      levelColumn: try columns.string("level"), serviceColumn: try columns.string("service"),
      namespaceColumn: try columns.string("namespace"),
      labelsColumn: try columns.string("labels"), service: try keys.string("service"),
      namespace: try keys.string("namespace"),
      statementTimeoutSeconds: try keys.seconds("statement_timeout") ?? 600,
      timeUnit: try keys.choice("time_unit", of: PostgresSettings.TimeUnit.self))
    try columns.finish()
    return settings
  }
}
