internal import Configuration
internal import DaybreakCore
internal import Extraction
internal import Postgres

/// Makes readers of a night's sources.
struct SourceFactory {
  let night: Night
  /// What the night has read already, shared by all its sources.
  let duplicates: DuplicateFilter

  /// Makes the reader of one source.
  ///
  /// - Parameters:
  ///   - source: the job's entry.
  ///   - threads: how many threads are there to read.
  /// - Returns: the reader, split into as many shards as `threads` where its kind allows.
  /// - Throws: `ExtractionError` where settings are of no use.
  func readers(of source: JobSource, threads: Int) throws -> [any LogSource] {
    switch source.kind {
    case .lokiExport(let settings), .logFiles(let settings):
      let files = try FileSource(configuration(source.name, settings), duplicates: duplicates)
      return files.shards(threads)
    case .postgres(let settings):
      return [try PostgreSQLSource(configuration(source.name, settings))]
    }
  }

  /// Makes the reader of a source that has been read before, for a second look at a few of its lines.
  ///
  /// Leaves out what the first look was for: digests, and counting each entry once.
  ///
  /// - Returns: the reader; nil for standard input (`-`), which is gone once it was read.
  func secondReader(of source: JobSource) throws -> (any LogSource)? {
    switch source.kind {
    case .lokiExport(let settings), .logFiles(let settings):
      if settings.paths.contains("-") { return nil }
      var configuration = configuration(source.name, settings)
      configuration.makesDigests = false
      configuration.skipsDuplicates = false
      return try FileSource(configuration, duplicates: duplicates)
    case .postgres(let settings):
      return try PostgreSQLSource(configuration(source.name, settings))
    }
  }

  private func configuration(
    _ name: String, _ settings: PostgresSettings
  ) throws -> PostgreSQLSourceConfiguration {
    let named = settings.table.flatMap(PostgreSQLSourceConfiguration.Relation.table(named:))
    guard let relation = settings.query.map(PostgreSQLSourceConfiguration.Relation.query) ?? named
    else {
      throw ConfigurationError(
        file: night.job.file, position: nil, problem: "`\(name)` names no table",
        remedy: "write it as schema.table, or \"Schema\".\"table\" where it needs quotes")
    }
    var columns = PostgreSQLSourceConfiguration.Columns(
      time: settings.timeColumn, message: settings.messageColumn)
    columns.level = settings.levelColumn
    columns.service = settings.serviceColumn
    columns.namespace = settings.namespaceColumn
    columns.labels = settings.labelsColumn
    var configuration = PostgreSQLSourceConfiguration(
      name: name, target: try ConnectionTarget(settings.url), relation: relation,
      columns: columns)
    configuration.replica = try settings.replicaURL.map { try ConnectionTarget($0) }
    configuration.condition = settings.condition
    configuration.statementTimeout = .seconds(settings.statementTimeoutSeconds)
    configuration.timeUnit =
      PostgreSQLSourceConfiguration.TimeUnit(
        rawValue: (settings.timeUnit ?? .seconds).rawValue) ?? .seconds
    configuration.zoneName = night.job.calendar.zoneName
    configuration.defaultService = settings.service ?? ""
    configuration.defaultNamespace = settings.namespace ?? ""
    return configuration
  }

  private func configuration(_ name: String, _ settings: FileSettings) -> FileSourceConfiguration {
    var configuration = FileSourceConfiguration(
      name: name, patterns: settings.paths.map(dated))
    switch settings.format {
    case .auto: configuration.format = .automatic
    case .jsonl: configuration.format = .logcliJSONLines
    case .raw: configuration.format = .logcliRaw
    case .default: configuration.format = .logcliDefault
    case .queryRange: configuration.format = .queryRange
    case .plain: configuration.format = .plain
    }
    if !settings.serviceLabels.isEmpty { configuration.labelRules.service = settings.serviceLabels }
    if !settings.namespaceLabels.isEmpty {
      configuration.labelRules.namespace = settings.namespaceLabels
    }
    if !settings.levelLabels.isEmpty { configuration.labelRules.level = settings.levelLabels }
    configuration.defaultService = settings.service ?? ""
    configuration.defaultNamespace = settings.namespace ?? ""
    configuration.commonLabels = Dictionary(
      uniqueKeysWithValues: settings.commonLabels.map { ($0.key, $0.value) })
    configuration.maximumLineBytes = settings.lineByteLimit
    configuration.zoneName = settings.zoneName ?? night.job.calendar.zoneName
    configuration.readsHeaders = settings.readsHeaders
    return configuration
  }

  /// Puts the night's date in place of `{date}`.
  private func dated(_ path: String) -> String {
    path.replacing("{date}", with: night.date.description)
  }
}
