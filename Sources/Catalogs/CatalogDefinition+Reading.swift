import Configuration

extension CatalogDefinition {
  /// Reads a `maintenance.yaml`.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - file: its name, for messages.
  /// - Throws: `ConfigurationError` with the line and key of the first fault.
  init(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
    let root = try YAMLParser.parse(bytes, file: file)
    let keys = try ConfigurationMapping(root, file: file, path: "", variables: [:])
    name = try keys.requiredString("catalog")
    schema = try keys.requiredString("schema")
    otherSchemas = try keys.strings("other_schemas") ?? []
    tenancy = try keys.part("tenancy", Tenancy.init)
    roles = try keys.requiredPart("roles", Roles.init)
    extensions = try keys.parts("extensions", OptionalExtension.init)
    apiKeys = try keys.part("api_keys", APIKeyTable.init)
    envelopes = try keys.parts("envelopes", TableColumn.init)
    materializedViews = try keys.parts("materialized_views", MaterializedView.init)
    retentionSetting = try keys.requiredString("retention_setting")
    retention = try keys.parts("retention", RetentionRule.init)
    partitions = try keys.parts("partitions", PartitionedTable.init)
    vectorIndexes = try keys.parts("vector_indexes", VectorIndex.init)
    passingIndexes = try keys.parts("passing_indexes", PassingIndex.init)
    loadFile = try keys.value("load")
    backupAge = try keys.requiredPart("backups") {
      (backups: ConfigurationMapping) throws(ConfigurationError) in try backups.requiredAge("age")
    }
    compliance = try keys.part("compliance", Compliance.init)
    clickHouse = try keys.part("clickhouse", ClickHousePart.init)
    try keys.finish()
  }
}

extension CatalogDefinition.Tenancy {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    setting = try keys.requiredString("setting")
    table = try keys.requiredString("table")
    key = try keys.requiredString("key")
    name = try keys.requiredString("name")
    lookup = try keys.requiredString("lookup")
    systemSetting = try keys.value("system_setting")
    reportsOnAll = try keys.boolean("reports_on_all") ?? false
    superusersDelete = try keys.boolean("superusers_delete") ?? false
  }
}

extension CatalogDefinition.Roles {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    owner = try keys.requiredString("owner")
    service = try keys.requiredString("service")
    reader = try keys.requiredString("reader")
  }
}

extension CatalogDefinition.OptionalExtension {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    name = try keys.requiredString("name")
    substitute = try keys.requiredString("without")
  }
}

extension CatalogDefinition.APIKeyTable {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    table = try keys.requiredString("table")
    prefix = try keys.requiredString("prefix")
    hash = try keys.requiredString("hash")
    candidates = try keys.requiredString("candidates")
    oldPrefixLength = try keys.integer("old_prefix_length", in: 1...64)
  }
}

extension CatalogDefinition.TableColumn {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    table = try keys.requiredString("table")
    column = try keys.requiredString("column")
  }
}

extension CatalogDefinition.MaterializedView {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    name = try keys.requiredString("name")
    visible = try keys.requiredString("visible")
    totals = try keys.value("totals")
    refresh = try keys.requiredString("refresh")
    reads = try keys.strings("reads") ?? []
    isConcurrent = try keys.boolean("concurrently") ?? false
  }
}

extension CatalogDefinition.RetentionRule {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    name = try keys.requiredString("name")
    table = try keys.requiredString("table")
    time = try keys.requiredString("time")
    age = try keys.age("age")
    condition = try keys.value("condition")
    children = try keys.parts("children", CatalogDefinition.TableColumn.init)
  }
}

extension CatalogDefinition.PartitionedTable {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    table = try keys.requiredString("table")
    time = try keys.requiredString("time")
    guard try keys.requiredAge("interval") == Age(count: 1, unit: .day) else {
      throw ConfigurationError(
        file: keys.file, position: keys.position, problem: "parts other than of one day",
        remedy: nil)
    }
    let ahead = try keys.requiredAge("ahead")
    guard ahead.unit == .day else {
      throw ConfigurationError(
        file: keys.file, position: keys.position, problem: "`ahead` counts days", remedy: nil)
    }
    daysAhead = ahead.count
    partsSchema = try keys.requiredString("parts_schema")
    defaultPart = try keys.requiredString("default_part")
    prepare = try keys.requiredString("prepare")
    drop = try keys.value("drop")
    dropEmpty = try keys.value("drop_empty")
    dropAge = try keys.age("drop_age")
    emptyDefault = try keys.value("empty_default")
    defaultRows = try keys.value("default_rows")
    daysReady = try keys.value("days_ahead")
    listing = try keys.value("listing")
  }
}

extension CatalogDefinition.VectorIndex {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    name = try keys.requiredString("name")
    table = try keys.requiredString("table")
    column = try keys.requiredString("column")
    dimensions = try keys.integer("dimensions", in: 1...16_000) ?? 0
    method = try keys.requiredString("method")
    operators = try keys.requiredString("operators")
    requires = try keys.requiredString("extension")
    model = try keys.value("model")
  }
}

extension CatalogDefinition.PassingIndex {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    table = try keys.requiredString("table")
    name = try keys.requiredString("name")
    do {
      _ = try Regex(name)
    } catch {
      throw ConfigurationError(
        file: keys.file, position: keys.position, problem: "`name` is no regular expression",
        remedy: nil)
    }
  }
}

extension CatalogDefinition.Compliance {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    person = try keys.requiredString("person")
    export = try keys.requiredString("export")
    erase = try keys.requiredString("erase")
    consent = try keys.requiredString("consent")
    tenantColumn = try keys.requiredString("tenant_column")
    personSetting = try keys.requiredString("person_setting")
  }
}

extension CatalogDefinition.ClickHousePart {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    database = try keys.requiredString("database")
    migrations = try keys.requiredString("migrations")
    seedFile = try keys.requiredString("seed")
    reportFile = try keys.requiredString("report")
    readersFile = try keys.requiredString("readers")
    retention = try keys.parts("retention", Retention.init)
    var settings: [String: String] = [:]
    for (key, value) in try keys.stringMap("insert_settings") ?? [] { settings[key] = value }
    insertSettings = settings
  }
}

extension CatalogDefinition.ClickHousePart.Retention {
  fileprivate init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
    table = try keys.requiredString("table")
    time = try keys.requiredString("time")
    age = try keys.requiredAge("age")
    means = try keys.requiredString("by")
  }
}

// What these files need besides.
extension ConfigurationMapping {
  /// Whether a key is there and says more than `null`.
  private func isPresent(_ key: String) -> Bool {
    switch node(key) {
    case nil, .scalar("null", isPlain: true, _), .scalar("", isPlain: true, _): false
    default: true
    }
  }

  /// Text; nil when absent or `null`.
  fileprivate func value(_ key: String) throws(ConfigurationError) -> String? {
    isPresent(key) ? try string(key) : nil
  }

  /// A span of the calendar; nil when absent or `null`.
  fileprivate func age(_ key: String) throws(ConfigurationError) -> Age? {
    guard let text = try value(key) else { return nil }
    guard let age = Age(text) else {
      throw ConfigurationError(
        file: file, position: position,
        problem: "`\(qualified(key))` must be a span such as `90 days`, found `\(text)`",
        remedy: nil)
    }
    return age
  }

  /// A span of the calendar that must be there.
  fileprivate func requiredAge(_ key: String) throws(ConfigurationError) -> Age {
    if let age = try age(key) { return age }
    throw ConfigurationError(
      file: file, position: position, problem: "`\(qualified(key))` is missing", remedy: nil)
  }

  /// A nested mapping, read whole; nil when absent or `null`.
  fileprivate func part<Part>(
    _ key: String, _ read: (ConfigurationMapping) throws(ConfigurationError) -> Part
  ) throws(ConfigurationError) -> Part? {
    guard isPresent(key), let keys = try mapping(key) else { return nil }
    let part = try read(keys)
    try keys.finish()
    return part
  }

  /// A nested mapping that must be there.
  fileprivate func requiredPart<Part>(
    _ key: String, _ read: (ConfigurationMapping) throws(ConfigurationError) -> Part
  ) throws(ConfigurationError) -> Part {
    if let part = try part(key, read) { return part }
    throw ConfigurationError(
      file: file, position: position, problem: "`\(qualified(key))` is missing", remedy: nil)
  }

  /// A list of mappings, each read whole; empty when absent.
  fileprivate func parts<Part>(
    _ key: String, _ read: (ConfigurationMapping) throws(ConfigurationError) -> Part
  ) throws(ConfigurationError) -> [Part] {
    var parts: [Part] = []
    for keys in try mappings(key) ?? [] {
      parts.append(try read(keys))
      try keys.finish()
    }
    return parts
  }
}
