package import DaybreakCore

/// A job file, read and checked: what to read, for whom, and what to make of it.
package struct Job: Sendable {
  /// The job's name: part of the key of its runs.
  package var name: String
  /// The file it was read from, as it was named.
  package var file: String
  /// The zone whose calendar days are its nights.
  package var calendar: NightCalendar
  /// When a scheduler should start it, as in crontab; this command does not wait for it.
  package var schedule: String?
  /// The nights to run when the command line names none.
  package var nights: ClosedRange<CivilDate>?
  package var sources: [JobSource]
  /// The databases that reports have a section of.
  package var catalogs: [JobCatalog]
  /// The database to keep results in.
  package var store: StoreSettings
  package var baselines: BaselineSettings
  package var clusters: ClusterSettings
  package var embedding: EmbeddingSettings
  package var summaries: SummarySettings
  /// The materialized views to refresh, in order.
  package var refresh: [RefreshView]
  package var render: RenderSettings
  package var email: EmailSettings?
  package var retention: RetentionSettings
  /// What is taken out of lines before they are stored or sent.
  package var redaction: RedactionOptions
  /// SHA-256 of the job file's bytes: a changed job is told apart from an unchanged one.
  package var digest: String

  /// Every tenant that a source belongs to, sorted.
  package var tenants: [TenantName] { Array(Set(sources.map(\.tenant))).sorted() }
}

/// One entry of `catalogs:`.
package struct JobCatalog: Sendable, Equatable {
  /// Whose report has the section.
  package var tenant: TenantName
  /// Which system.
  package var catalog: String
  package var url: String
  /// Whose rows it shows, by the name that the catalog has for them; nil where reports are of all.
  package var rowsOf: String?
  /// Its ClickHouse database; nil for none.
  package var clickHouseURL: String?
}

/// One entry of `sources:`.
package struct JobSource: Sendable {
  /// The name in reports: kind and place, never a password.
  package var name: String
  package var tenant: TenantName
  package var kind: Kind

  /// What kind of source it is.
  package enum Kind: Sendable {
    /// `loki_export`: files that logcli or `query_range` made.
    case lokiExport(FileSettings)
    /// `log_files`: plain text logs.
    case logFiles(FileSettings)
    /// `postgres`: rows of a table or query.
    case postgres(PostgresSettings)
  }
}

/// Settings of a source that reads files.
package struct FileSettings: Sendable {
  /// Formats as the job file names them.
  package enum Format: String, CaseIterable, Sendable {
    case auto, jsonl, raw, `default`, plain
    case queryRange = "query_range"
  }

  /// Paths, globs, directories, or `-` for standard input.
  package var paths: [String]
  package var format: Format
  /// The labels, in order of preference, that name service, namespace and level; empty for Loki's
  /// usual names.
  package var serviceLabels: [String]
  package var namespaceLabels: [String]
  package var levelLabels: [String]
  /// Names for lines whose source has none.
  package var service: String?
  package var namespace: String?
  /// Labels that the export left out because every line of it carries them.
  package var commonLabels: [(key: String, value: String)]
  /// The zone of header times that name none; nil for the job's.
  package var zoneName: String?
  /// Whether time, level and service are looked for at the start of lines.
  package var readsHeaders: Bool
  package var lineByteLimit: Int
}

/// Settings of a `postgres` source.
package struct PostgresSettings: Sendable {
  package var url: String
  package var replicaURL: String?
  /// A table's name, or nil when `query` is given.
  package var table: String?
  package var query: String?
  /// A condition, in SQL, that rows of the table must meet.
  package var condition: String?
  package var timeColumn: String
  package var messageColumn: String
  package var levelColumn: String?
  package var serviceColumn: String?
  package var namespaceColumn: String?
  package var labelsColumn: String?
  package var service: String?
  package var namespace: String?
  package var statementTimeoutSeconds: Int
  /// What numbers in the time column count since 1970, where the job says; seconds else.
  package var timeUnit: TimeUnit?

  /// Units of a number that stands for a time.
  package enum TimeUnit: String, CaseIterable, Sendable {
    case seconds, milliseconds, microseconds, nanoseconds
  }
}

/// Settings of the baselines stage.
package struct BaselineSettings: Sendable {
  package var historyDays: Int
  package var minimumHistoryDays: Int
}

/// Settings of the clusters stage.
package struct ClusterSettings: Sendable {
  /// Covered nights of silence after which a cluster that comes back counts as regressed.
  package var regressedAfterNights: Int
  /// How many lines of the same service, from before its first event, are kept of what is news; 0 for
  /// none, and then sources are read once.
  package var neighbouringLines: Int
}

/// Settings of the embed stage.
package struct EmbeddingSettings: Sendable {
  /// Who turns texts into vectors.
  package enum Provider: String, CaseIterable, Sendable {
    /// The model that the program runs itself.
    case builtin
    /// A server with Ollama's interface, or OpenAI's.
    case ollama, openai
    /// Nobody: no vectors, and search by words alone.
    case none
  }

  package var provider: Provider
  /// Where the server is, and the model's name there; nil for `builtin` and `none`.
  package var url: String?
  package var model: String?
  /// The dimension that the server's vectors must have; nil takes what comes first.
  package var dimension: Int?
  /// The environment variable or the file (mode 0600) that holds the server's key.
  package var keyVariable: String?
  package var keyFile: String?
  /// How long a request may take, in seconds.
  package var timeoutSeconds: Int

  package init(
    provider: Provider = .builtin, url: String? = nil, model: String? = nil,
    dimension: Int? = nil, keyVariable: String? = nil, keyFile: String? = nil,
    timeoutSeconds: Int = 300
  ) {
    self.provider = provider
    self.url = url
    self.model = model
    self.dimension = dimension
    self.keyVariable = keyVariable
    self.keyFile = keyFile
    self.timeoutSeconds = timeoutSeconds
  }
}

/// The store's materialized views.
package enum RefreshView: String, CaseIterable, Sendable {
  case serviceHourly = "service_hourly"
  case clusterTrend = "cluster_trend"
  case tenantDashboard = "tenant_dashboard"
}

/// Settings of the render stage.
package struct RenderSettings: Sendable {
  /// What pages are written as.
  package enum Format: String, CaseIterable, Sendable {
    case html, markdown, json
  }

  package var formats: [Format]
  /// The folder of the report tree.
  package var output: String
  /// A folder of templates that override the built-in ones.
  package var templates: String?
  /// Where readers look at lines; nil for no links.
  package var grafana: GrafanaSettings?
}

/// The Grafana that shows the Loki from which the exports come.
package struct GrafanaSettings: Sendable {
  /// Its address, `http://` or `https://`.
  package var url: String
  /// The uid of its Loki data source.
  package var dataSource: String
}

/// Settings of `notify.email`.
package struct EmailSettings: Sendable {
  /// When a mail goes out.
  package enum Occasion: String, CaseIterable, Sendable {
    case anomalies
    case newClusters = "new_clusters"
    case failures, always
  }

  /// How the connection is protected.
  package enum Protection: String, CaseIterable, Sendable {
    /// Never.
    case none
    /// When the server offers STARTTLS.
    case starttls
    /// Always, or nothing is sent.
    case required
  }

  package var url: String
  package var protection: Protection?
  package var from: String
  package var to: [String]
  package var occasions: [Occasion]
  package var username: String?
  /// The environment variable or the file (mode 0600) that holds the password.
  package var passwordVariable: String?
  package var passwordFile: String?
  /// A file of certificates to trust in place of the system's.
  package var authorityFile: String?
  /// Where readers find the report tree, for links in the mail.
  package var reportURL: String?
}

/// How long rows are kept, in days.
package struct RetentionSettings: Sendable {
  package var runDays: Int
  package var observationDays: Int
  package var sampleDays: Int
}
