package import DaybreakCore

/// A cluster's counts on the nights that tonight is compared with.
package struct Comparison: Hashable, Sendable {
  /// Events the night before; nil when that night has no finished run.
  package var previousNight: Int64?
  /// Events on the same weekday a week ago; nil when that night has no finished run.
  package var sameWeekdayLastWeek: Int64?
  /// Mean events a night over the last 28 finished nights; nil without history.
  package var usual: Double?

  package init(
    previousNight: Int64? = nil, sameWeekdayLastWeek: Int64? = nil, usual: Double? = nil
  ) {
    self.previousNight = previousNight
    self.sameWeekdayLastWeek = sameWeekdayLastWeek
    self.usual = usual
  }
}

/// What a cluster came to on the nights of the last 28 that have observed it, tonight included.
package struct NightlyTrend: Hashable, Sendable {
  /// Mean events a night.
  package var mean: Double
  /// The most events in a night.
  package var peak: Int64

  package init(mean: Double, peak: Int64) {
    self.mean = mean
    self.peak = peak
  }
}

/// One cluster on one night, with its history.
package struct ClusterEntry: Hashable, Sendable {
  package var fingerprint: Fingerprint
  package var identity: ServiceIdentity
  /// The line with its variable parts as typed placeholders: `<num>`, `<ip>`.
  package var template: String
  /// The most severe level among its events.
  package var level: Level
  /// Events tonight.
  package var count: Int64
  package var comparison: Comparison
  /// Events by hour of the window, `window.hourCount` entries.
  package var hourly: [Int64]
  /// Events by night over the last 28, oldest first, tonight last; nil for a night without a
  /// finished run.
  package var daily: [Int64?]
  /// Nights on which it was seen, of the `nightsKnown` last finished ones, tonight included.
  package var nightsSeen: Int
  package var nightsKnown: Int
  /// nil where the job does not refresh the view that tells it.
  package var trend: NightlyTrend?
  package var state: Lifecycle
  /// Earliest and latest event ever; nil when none carries a time.
  package var firstSeen: Timestamp?
  package var lastSeen: Timestamp?
  /// A few redacted messages.
  package var samples: [LineSample]
  /// What its service wrote just before it began, oldest first, redacted; empty where it is not known.
  package var neighbours: [LineSample]
  /// The distinct values of each placeholder, most frequent first.
  package var placeholderValues: [[String]]
  package var analysis: Analysis?
  /// Clusters of earlier nights that read like it, the most similar first.
  package var similar: [SimilarCluster]

  package init(
    fingerprint: Fingerprint, identity: ServiceIdentity, template: String, level: Level,
    count: Int64, comparison: Comparison = Comparison(), hourly: [Int64] = [],
    daily: [Int64?] = [], nightsSeen: Int, nightsKnown: Int,
    trend: NightlyTrend? = nil, state: Lifecycle,
    firstSeen: Timestamp? = nil, lastSeen: Timestamp? = nil, samples: [LineSample] = [],
    neighbours: [LineSample] = [], placeholderValues: [[String]] = [], analysis: Analysis? = nil,
    similar: [SimilarCluster] = []
  ) {
    self.fingerprint = fingerprint
    self.identity = identity
    self.template = template
    self.level = level
    self.count = count
    self.comparison = comparison
    self.hourly = hourly
    self.daily = daily
    self.nightsSeen = nightsSeen
    self.nightsKnown = nightsKnown
    self.trend = trend
    self.state = state
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.samples = samples
    self.neighbours = neighbours
    self.placeholderValues = placeholderValues
    self.analysis = analysis
    self.similar = similar
  }
}

/// What is different tonight; each list with the most severe, then the largest, first.
package struct Changes: Hashable, Sendable {
  /// Clusters never seen before.
  ///
  /// Empty while learning: then nothing can be called new.
  package var new: [ChangeEntry]
  /// Clusters far above what is usual for them.
  package var escalating: [ChangeEntry]
  /// Clusters that were silent for nights and are back.
  package var returned: [ChangeEntry]
  /// Clusters that were daily and did not come.
  package var gone: [ChangeEntry]
  /// Known templates that one wider template has taken the place of; told while learning too.
  package var merged: [TemplateChangeEntry]
  /// Known templates that others have taken events from; told while learning too.
  package var split: [TemplateChangeEntry]

  package init(
    new: [ChangeEntry] = [], escalating: [ChangeEntry] = [], returned: [ChangeEntry] = [],
    gone: [ChangeEntry] = [], merged: [TemplateChangeEntry] = [],
    split: [TemplateChangeEntry] = []
  ) {
    self.new = new
    self.escalating = escalating
    self.returned = returned
    self.gone = gone
    self.merged = merged
    self.split = split
  }

  /// How many entries there are in all.
  package var count: Int {
    new.count + escalating.count + returned.count + gone.count + merged.count + split.count
  }
}

/// A change of the fingerprints under which events are known: what they were before a night and what
/// they are from it on.
package struct TemplateChangeEntry: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// All events of the old templates are events of the one new template.
    case merged
    /// The one old template has lost events to the new ones; the rest, if any, it keeps.
    case split
  }

  /// One template before or after the change.
  package struct Side: Hashable, Sendable {
    package var fingerprint: Fingerprint
    package var template: String
    /// nil where it is not known.
    package var level: Level?
    /// Events on the night of the change; nil where nobody counted them.
    package var count: Int64?
    /// Events on the night before; nil when that has no finished run.
    package var previousNight: Int64?

    package init(
      fingerprint: Fingerprint, template: String, level: Level? = nil, count: Int64? = nil,
      previousNight: Int64? = nil
    ) {
      self.fingerprint = fingerprint
      self.template = template
      self.level = level
      self.count = count
      self.previousNight = previousNight
    }
  }

  package var kind: Kind
  /// The first night of the new templates.
  package var night: CivilDate
  package var identity: ServiceIdentity
  /// By fingerprint; one for a split.
  package var old: [Side]
  /// By fingerprint; one for a merge.
  package var new: [Side]

  package init(
    kind: Kind, night: CivilDate, identity: ServiceIdentity, old: [Side], new: [Side]
  ) {
    self.kind = kind
    self.night = night
    self.identity = identity
    self.old = old
    self.new = new
  }

  /// The most severe level of both sides.
  package var level: Level { (old + new).compactMap(\.level).max() ?? .unknown }
  /// Events of the new templates on the night of the change.
  package var count: Int64 { new.reduce(0) { $0 + ($1.count ?? 0) } }
}

/// One cluster that is different tonight.
package struct ChangeEntry: Hashable, Sendable {
  package var fingerprint: Fingerprint
  package var identity: ServiceIdentity
  package var template: String
  package var level: Level
  /// Events tonight; 0 for one that is gone.
  package var count: Int64
  package var comparison: Comparison
  /// The last night before this one on which it was seen; nil for a new one.
  package var lastSeenBefore: CivilDate?

  package init(
    fingerprint: Fingerprint, identity: ServiceIdentity, template: String, level: Level,
    count: Int64, comparison: Comparison = Comparison(), lastSeenBefore: CivilDate? = nil
  ) {
    self.fingerprint = fingerprint
    self.identity = identity
    self.template = template
    self.level = level
    self.count = count
    self.comparison = comparison
    self.lastSeenBefore = lastSeenBefore
  }
}

/// The page of one fingerprint of one tenant: what its last night showed, in every service that
/// wrote it.
package struct ClusterPage: Sendable {
  package var tenant: TenantName
  package var fingerprint: Fingerprint
  /// The night that the page describes: the last one on which the cluster was seen.
  package var date: CivilDate
  package var window: TimeWindow
  package var calendar: NightCalendar
  /// The cluster in each service that wrote it, the largest count first; never empty.
  package var members: [ClusterEntry]
  /// How its lines are found at the sources that may have them; empty where none can be asked.
  package var finders: [LineFinder]
  /// The merges and splits that it is a side of, oldest first.
  package var lineage: [TemplateChangeEntry]

  package init(
    tenant: TenantName, fingerprint: Fingerprint, date: CivilDate, window: TimeWindow,
    calendar: NightCalendar, members: [ClusterEntry], finders: [LineFinder] = [],
    lineage: [TemplateChangeEntry] = []
  ) {
    self.tenant = tenant
    self.fingerprint = fingerprint
    self.date = date
    self.window = window
    self.calendar = calendar
    self.members = members
    self.finders = finders
    self.lineage = lineage
  }
}

/// How a cluster's lines are looked up at one source.
package struct LineFinder: Hashable, Sendable {
  package enum Place: Hashable, Sendable {
    /// A Loki server: the stream labels that hold namespace and service, as `["namespace": "prod"]`,
    /// and the Grafana that shows it, if any.
    case loki(labels: [String: String], grafana: GrafanaTarget?)
    case postgres(PostgresPlace)
  }

  /// The source's name in the job.
  package var source: String
  package var place: Place

  package init(source: String, place: Place) {
    self.source = source
    self.place = place
  }
}

/// Rows of PostgreSQL that hold lines.
package struct PostgresPlace: Hashable, Sendable {
  /// What numbers in a time column count since 1970.
  package enum TimeUnit: Int64, Hashable, Sendable {
    case seconds = 1_000_000_000
    case milliseconds = 1_000_000
    case microseconds = 1_000
    case nanoseconds = 1
  }

  /// What stands behind FROM: a quoted name, or a query in parentheses with an alias.
  package var relation: String
  /// Columns as the catalogue has them, without quotes.
  package var timeColumn: String
  package var messageColumn: String
  /// What else rows must meet: columns with their values.
  package var values: [String: String]
  /// A condition in SQL, as the job has it; nil for none.
  package var condition: String?
  /// nil for a column that holds times and no numbers.
  package var timeUnit: TimeUnit?

  package init(
    relation: String, timeColumn: String, messageColumn: String, values: [String: String] = [:],
    condition: String? = nil, timeUnit: TimeUnit? = nil
  ) {
    self.relation = relation
    self.timeColumn = timeColumn
    self.messageColumn = messageColumn
    self.values = values
    self.condition = condition
    self.timeUnit = timeUnit
  }
}

/// A Grafana whose Explore page can show a cluster's lines.
package struct GrafanaTarget: Hashable, Sendable {
  /// Where Grafana is, as `https://grafana.acme.test`.
  package var url: String
  /// The uid of its Loki data source.
  package var dataSourceUID: String

  package init(url: String, dataSourceUID: String) {
    self.url = url
    self.dataSourceUID = dataSourceUID
  }
}
