package import DaybreakCore

/// Everything that the page of one tenant's night says.
///
/// Pure values, filled from the store by the pipeline. The renderer cuts lists to what a page shows;
/// the lists themselves are whole.
package struct DayReport: Sendable {
  package var tenant: TenantName
  /// The night, as a calendar day of `calendar`'s zone.
  package var date: CivilDate
  package var window: TimeWindow
  /// The zone in which every time on the page is written.
  package var calendar: NightCalendar
  /// The night before that has a page of its own; nil when there is none to link to.
  package var previousReport: CivilDate?
  package var volume: Volume
  package var learning: LearningState
  package var coverage: CoverageReport
  /// Worst first; the page shows five and links the rest.
  package var incidents: [IncidentEntry]
  /// Every anomaly event of the night, in order of start: what incidents were made from.
  package var anomalies: [AnomalyEvent]
  package var changes: Changes
  /// One entry an hour of the window, `window.hourCount` in all.
  package var timeline: [TimelineHour]
  /// Every cluster of the night, muted ones included, the largest count first.
  package var clusters: [ClusterEntry]
  /// Every service of the night, most errors first.
  package var services: [ServiceEntry]
  /// Hour × weekday of the last 28 days; nil without history.
  package var heatMap: HeatMap?
  /// Sections of the database systems that the job names, by catalog name.
  package var catalogs: [String: CatalogSection]
  package var muted: [MutedEntry]
  /// Every merge and split of templates up to this night, oldest first, without counts: the pages of
  /// the clusters show those that concern them.
  package var lineage: [TemplateChangeEntry]
  package var run: RunFacts

  package init(
    tenant: TenantName, date: CivilDate, window: TimeWindow, calendar: NightCalendar,
    previousReport: CivilDate? = nil, volume: Volume, learning: LearningState,
    coverage: CoverageReport, incidents: [IncidentEntry] = [], anomalies: [AnomalyEvent] = [],
    changes: Changes = Changes(), timeline: [TimelineHour] = [], clusters: [ClusterEntry] = [],
    services: [ServiceEntry] = [], heatMap: HeatMap? = nil,
    catalogs: [String: CatalogSection] = [:], muted: [MutedEntry] = [],
    lineage: [TemplateChangeEntry] = [], run: RunFacts
  ) {
    self.tenant = tenant
    self.date = date
    self.window = window
    self.calendar = calendar
    self.previousReport = previousReport
    self.volume = volume
    self.learning = learning
    self.coverage = coverage
    self.incidents = incidents
    self.anomalies = anomalies
    self.changes = changes
    self.timeline = timeline
    self.clusters = clusters
    self.services = services
    self.heatMap = heatMap
    self.catalogs = catalogs
    self.muted = muted
    self.lineage = lineage
    self.run = run
  }
}

/// How many lines the night has, and the nights it is compared with.
package struct Volume: Hashable, Sendable {
  /// Lines read tonight: clustered + quarantined.
  package var lines: Int64
  /// Lines read the night before; nil when that night has no finished run.
  package var previousNight: Int64?
  /// Lines read on the same weekday a week ago; nil when that night has no finished run.
  package var sameWeekdayLastWeek: Int64?

  package init(lines: Int64, previousNight: Int64? = nil, sameWeekdayLastWeek: Int64? = nil) {
    self.lines = lines
    self.previousNight = previousNight
    self.sameWeekdayLastWeek = sameWeekdayLastWeek
  }
}

/// Whether there is enough history to call a thing new or improbable.
package struct LearningState: Hashable, Sendable {
  /// Finished nights before this one.
  package var nightsOfHistory: Int
  /// Nights that must be finished before anything is judged.
  package var minimumNights: Int

  package init(nightsOfHistory: Int, minimumNights: Int) {
    self.nightsOfHistory = nightsOfHistory
    self.minimumNights = minimumNights
  }

  /// Whether the history is still too short.
  package var isLearning: Bool { nightsOfHistory < minimumNights }
}

/// One hour of the night.
package struct TimelineHour: Hashable, Sendable {
  /// When the hour starts.
  package var start: Timestamp
  /// Events in it by level.
  package var levels: LevelCounts
  /// Events (all levels) that the baseline expects in this hour, as a band; nil while learning.
  package var expected: ClosedRange<Double>?

  package init(start: Timestamp, levels: LevelCounts, expected: ClosedRange<Double>? = nil) {
    self.start = start
    self.levels = levels
    self.expected = expected
  }
}

/// Something that went wrong: anomalies of one time, folded together, with what led it.
package struct IncidentEntry: Hashable, Sendable {
  package var severity: Severity
  /// The service that names the incident.
  package var service: ServiceIdentity
  /// All services in it by onset, `service` included.
  package var services: [ServiceIdentity]
  package var metric: AnomalyEvent.Metric
  package var start: Timestamp
  /// End of its last minute (exclusive).
  package var end: Timestamp
  /// The worst minute.
  package var peak: Timestamp
  /// Events in the worst minute.
  package var peakObserved: Double
  /// Expected events a minute at that time.
  package var expected: Double
  /// Observed / expected; nil when there is no such ratio, and then `deviationNote` says why.
  package var deviationFactor: Double?
  package var deviationNote: String?
  /// Events of `service` over the window (those that `metric` counts), in buckets of equal length.
  package var sparkline: [Int64]
  /// Length of one bucket of `sparkline`, in minutes: 10 or 60.
  package var bucketMinutes: Int
  /// One sentence; nil when nothing supports one.
  package var cause: String?
  /// The cluster that leads it, to link to.
  package var leadingCluster: Fingerprint?
  package var analysis: Analysis?

  package init(
    severity: Severity, service: ServiceIdentity, services: [ServiceIdentity],
    metric: AnomalyEvent.Metric, start: Timestamp, end: Timestamp, peak: Timestamp,
    peakObserved: Double, expected: Double, deviationFactor: Double? = nil,
    deviationNote: String? = nil, sparkline: [Int64] = [], bucketMinutes: Int = 60,
    cause: String? = nil, leadingCluster: Fingerprint? = nil, analysis: Analysis? = nil
  ) {
    self.severity = severity
    self.service = service
    self.services = services
    self.metric = metric
    self.start = start
    self.end = end
    self.peak = peak
    self.peakObserved = peakObserved
    self.expected = expected
    self.deviationFactor = deviationFactor
    self.deviationNote = deviationNote
    self.sparkline = sparkline
    self.bucketMinutes = bucketMinutes
    self.cause = cause
    self.leadingCluster = leadingCluster
    self.analysis = analysis
  }
}
