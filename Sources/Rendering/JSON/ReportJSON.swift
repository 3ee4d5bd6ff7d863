import DaybreakCore

/// The published form of the pages (`report.json`, `index.json`): keys are never renamed or removed.
///
/// Messages and names are given as they are (JSON escapes what would act on a terminal), times as RFC
/// 3339 in UTC, rates in events a minute.
enum ReportJSON {
  /// The version of the schema; additions do not change it.
  static let schemaVersion: Int64 = 1

  /// `report.json` of a night.
  static func day(_ report: DayReport, verdict: Verdict) -> JSONValue {
    .object([
      ("schema_version", .int(schemaVersion)),
      ("tenant", .string(report.tenant.description)),
      ("date", .string(report.date.description)),
      ("window", window(report.window, report.calendar)),
      ("verdict", .string(verdict.text)),
      ("verdict_detail", self.verdict(verdict)),
      ("volume", volume(report.volume)),
      ("learning", learning(report.learning)),
      ("coverage", coverage(report.coverage)),
      ("incidents", .array(report.incidents.map(incident))),
      (
        "changes",
        .object([
          ("new", .array(report.changes.new.map(change))),
          ("escalating", .array(report.changes.escalating.map(change))),
          ("returned", .array(report.changes.returned.map(change))),
          ("gone", .array(report.changes.gone.map(change))),
          ("merged", .array(report.changes.merged.map(lineage))),
          ("split", .array(report.changes.split.map(lineage))),
        ])
      ),
      ("timeline", .array(report.timeline.map(hour))),
      ("clusters", .array(report.clusters.map { cluster($0, full: false) })),
      ("services", .array(report.services.map(service))),
      (
        "heat_map",
        report.heatMap.map { .array($0.cells.map { .array($0.map(JSONValue.optional)) }) } ?? .null
      ),
      ("anomalies", .array(report.anomalies.map(anomaly))),
      ("catalogs", catalogs(report.catalogs)),
      ("muted", .array(report.muted.map(muted))),
      ("run", run(report.run)),
    ])
  }

  /// `index.json` of a cluster's page.
  static func cluster(_ page: ClusterPage, finders: [FinderText]) -> JSONValue {
    .object([
      ("schema_version", .int(schemaVersion)),
      ("tenant", .string(page.tenant.description)),
      ("fingerprint", .string(page.fingerprint.description)),
      ("date", .string(page.date.description)),
      ("window", window(page.window, page.calendar)),
      ("clusters", .array(page.members.map { cluster($0, full: true) })),
      ("finder", finders.first.map { .object(finderMembers($0)) } ?? .null),
      ("lineage", .array(page.lineage.map(lineage))),
      (
        "finders",
        .array(
          finders.map { .object([("source", .string($0.source))] + finderMembers($0)) })
      ),
    ])
  }

  private static func finderMembers(_ finder: FinderText) -> [(key: String, value: JSONValue)] {
    [
      ("language", .string(finder.language)), ("query", .string(finder.query)),
      ("explore", .optional(finder.exploreURL)),
    ]
  }

  /// `index.json` of a tenant's page.
  static func tenant(_ index: TenantIndex) -> JSONValue {
    .object([
      ("schema_version", .int(schemaVersion)),
      ("tenant", .string(index.tenant.description)),
      ("timezone", .string(index.calendar.zoneName)),
      ("days", .array(index.days.map(day))),
      ("open", .array(index.open.map(change))),
      ("recurring", .array(index.recurring.map { cluster($0, full: false) })),
    ])
  }

  /// `index.json` of a week or a month.
  static func rollUp(_ rollUp: RollUp) -> JSONValue {
    let verdict = RollUpVerdict(rollUp: rollUp)
    return .object([
      ("schema_version", .int(schemaVersion)),
      ("tenant", .string(rollUp.tenant.description)),
      ("span", .string(rollUp.span.name)),
      ("from", .string(rollUp.span.first.description)),
      ("through", .string(rollUp.span.last.description)),
      ("timezone", .string(rollUp.calendar.zoneName)),
      ("verdict", .string(verdict.text)),
      ("status", .string(rollUp.status?.rawValue ?? "did_not_run")),
      ("lines", .int(rollUp.lines)), ("errors", .int(rollUp.errors)),
      (
        "days",
        .array(
          rollUp.nights.map { night in
            .object(
              dayMembers(night.cell) + [
                ("lines", .optional(night.cell.verdict?.lines)),
                ("errors", .optional(night.errors)),
                ("incidents", .optional(night.cell.verdict.map { Int64($0.incidentCount) })),
                ("new_errors", .optional(night.cell.verdict.map { Int64($0.newErrorCount) })),
              ])
          })
      ),
      ("pattern_total", .int(Int64(rollUp.patternTotal))),
      ("patterns", .array(rollUp.patterns.map(rollUpPattern))),
      ("lineage", .array(rollUp.lineage.map(lineage))),
      (
        "services",
        .array(
          rollUp.services.map { service in
            .object([
              ("service", .string(service.identity.service)),
              ("namespace", .string(service.identity.namespace)),
              ("lines", .int(service.lines)), ("errors", .int(service.errors)),
            ])
          })
      ),
    ])
  }

  private static func rollUpPattern(_ pattern: RollUp.Pattern) -> JSONValue {
    .object([
      ("fingerprint", .string(pattern.fingerprint.description)),
      ("template", .string(pattern.template)),
      ("service", .string(pattern.identity.service)),
      ("namespace", .string(pattern.identity.namespace)),
      ("level", .string(pattern.level.name)), ("count", .int(pattern.count)),
      ("daily", .array(pattern.daily.map(JSONValue.optional))),
      ("new_on", .optional(pattern.newOn?.description)),
    ])
  }

  /// `index.json` of the front page.
  static func site(_ index: SiteIndex) -> JSONValue {
    .object([
      ("schema_version", .int(schemaVersion)),
      (
        "tenants",
        .array(
          index.rows.map { row in
            .object([
              ("tenant", .string(row.tenant.description)), ("days", .array(row.days.map(day))),
            ])
          })
      ),
    ])
  }

  /// `run.json`: what may differ between two runs of the same night.
  static func timings(_ timings: RunTimings) -> JSONValue {
    .object([
      ("run_id", .string(timings.runID)),
      ("started_at", .string(timings.started.rfc3339)),
      ("finished_at", .string(timings.finished.rfc3339)),
      (
        "stages",
        .array(
          timings.stages.map { stage in
            .object([
              ("name", .string(stage.name)), ("seconds", .double(seconds(stage.duration))),
            ])
          })
      ),
      (
        "model",
        timings.spending.map {
          .object([
            ("requests", .int(Int64($0.requests))),
            ("answers_at_hand", .int(Int64($0.answersAtHand))),
            ("input_tokens", .int($0.inputTokens)), ("output_tokens", .int($0.outputTokens)),
            ("cost_usd", .optional($0.cost)),
          ])
        } ?? .null
      ),
    ])
  }
}

extension ReportJSON {
  private static func window(_ window: TimeWindow, _ calendar: NightCalendar) -> JSONValue {
    .object([
      ("start", .string(window.start.rfc3339)), ("end", .string(window.end.rfc3339)),
      ("timezone", .string(calendar.zoneName)),
    ])
  }

  private static func verdict(_ verdict: Verdict) -> JSONValue {
    .object([
      ("status", .string(verdict.status.rawValue)),
      ("headline", .string(verdict.headline)),
      ("gaps", .array(verdict.gaps.map { .string($0) })),
      ("incidents", .int(Int64(verdict.incidentCount))),
      ("new_errors", .int(Int64(verdict.newErrorCount))),
      ("lines", .int(verdict.lines)),
    ])
  }

  private static func volume(_ volume: Volume) -> JSONValue {
    .object([
      ("lines", .int(volume.lines)), ("previous_night", .optional(volume.previousNight)),
      ("same_weekday_last_week", .optional(volume.sameWeekdayLastWeek)),
    ])
  }

  private static func learning(_ state: LearningState) -> JSONValue {
    .object([
      ("is_learning", .bool(state.isLearning)),
      ("nights_of_history", .int(Int64(state.nightsOfHistory))),
      ("minimum_nights", .int(Int64(state.minimumNights))),
    ])
  }

  private static func comparison(_ comparison: Comparison) -> [(key: String, value: JSONValue)] {
    [
      ("previous_night", .optional(comparison.previousNight)),
      ("same_weekday_last_week", .optional(comparison.sameWeekdayLastWeek)),
      ("usual", .optional(comparison.usual)),
    ]
  }

  private static func incident(_ incident: IncidentEntry) -> JSONValue {
    .object([
      ("severity", .string(incident.severity.rawValue)),
      ("service", .string(incident.service.service)),
      ("namespace", .string(incident.service.namespace)),
      ("services", .array(incident.services.map(identity))),
      ("metric", .string(incident.metric.rawValue)),
      ("start", .string(incident.start.rfc3339)),
      ("end", .string(incident.end.rfc3339)),
      ("peak", .string(incident.peak.rfc3339)),
      ("peak_observed", .double(incident.peakObserved)),
      ("expected", .double(incident.expected)),
      ("deviation_factor", .optional(incident.deviationFactor)),
      ("deviation_note", .optional(incident.deviationNote)),
      ("bucket_minutes", .int(Int64(incident.bucketMinutes))),
      ("counts", counts(incident.sparkline)),
      ("cause", .optional(incident.cause)),
      ("fingerprint", .optional(incident.leadingCluster?.description)),
      ("analysis", analysis(incident.analysis)),
    ])
  }

  private static func change(_ entry: ChangeEntry) -> JSONValue {
    .object(
      [
        ("fingerprint", .string(entry.fingerprint.description)),
        ("template", .string(entry.template)),
        ("service", .string(entry.identity.service)),
        ("namespace", .string(entry.identity.namespace)),
        ("level", .string(entry.level.name)),
        ("count", .int(entry.count)),
      ] + comparison(entry.comparison) + [
        ("last_seen_before", .optional(entry.lastSeenBefore?.description))
      ])
  }

  /// A merge or split of templates.
  private static func lineage(_ change: TemplateChangeEntry) -> JSONValue {
    .object([
      ("kind", .string(change.kind.rawValue)),
      ("night", .string(change.night.description)),
      ("service", .string(change.identity.service)),
      ("namespace", .string(change.identity.namespace)),
      ("old", .array(change.old.map(side))), ("new", .array(change.new.map(side))),
    ])
  }

  private static func side(_ side: TemplateChangeEntry.Side) -> JSONValue {
    .object([
      ("fingerprint", .string(side.fingerprint.description)),
      ("template", .string(side.template)), ("level", .optional(side.level?.name)),
      ("count", .optional(side.count)), ("previous_night", .optional(side.previousNight)),
    ])
  }

  private static func hour(_ hour: TimelineHour) -> JSONValue {
    .object([
      ("start", .string(hour.start.rfc3339)),
      (
        "levels",
        .object(Level.allCases.reversed().map { ($0.name, .int(hour.levels[$0])) })
      ),
      ("expected_low", .optional(hour.expected?.lowerBound)),
      ("expected_high", .optional(hour.expected?.upperBound)),
    ])
  }

  /// A cluster; `full` adds what only the cluster's own page shows.
  private static func cluster(_ entry: ClusterEntry, full: Bool) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("fingerprint", .string(entry.fingerprint.description)),
      ("template", .string(entry.template)),
      ("service", .string(entry.identity.service)),
      ("namespace", .string(entry.identity.namespace)),
      ("level", .string(entry.level.name)),
      ("count", .int(entry.count)),
      ("first_seen", .optional(entry.firstSeen?.rfc3339)),
      ("last_seen", .optional(entry.lastSeen?.rfc3339)),
      ("state", .string(entry.state.rawValue)),
      ("samples", .array(entry.samples.map(sample))),
    ]
    members += comparison(entry.comparison)
    members += [
      ("nights_seen", .int(Int64(entry.nightsSeen))),
      ("nights_known", .int(Int64(entry.nightsKnown))),
      ("hourly", counts(entry.hourly)),
    ]
    guard full else { return .object(members) }
    members += [
      ("daily", .array(entry.daily.map(JSONValue.optional))),
      ("nightly_mean", .optional(entry.trend?.mean)),
      ("nightly_peak", .optional(entry.trend?.peak)),
      ("placeholder_values", .array(entry.placeholderValues.map(strings))),
      ("analysis", analysis(entry.analysis)),
      ("similar", .array(entry.similar.map(similar))),
      ("neighbours", .array(entry.neighbours.map(sample))),
    ]
    return .object(members)
  }

  private static func sample(_ sample: LineSample) -> JSONValue {
    .object([
      ("timestamp", .optional(sample.timestamp.map { Timestamp(nanoseconds: $0).rfc3339 })),
      ("level", .string((Level(rawValue: sample.level) ?? .unknown).name)),
      ("text", .string(sample.text)),
    ])
  }

  private static func similar(_ cluster: SimilarCluster) -> JSONValue {
    .object([
      ("fingerprint", .string(cluster.fingerprint.description)),
      ("template", .string(cluster.template)),
      ("similarity", .double(cluster.similarity)),
      ("last_seen", .string(cluster.lastNight.description)),
      ("outcome", .string(SimilarText.outcome(cluster))),
      ("service", .string(cluster.identity.service)),
      ("namespace", .string(cluster.identity.namespace)),
      ("first_seen", .string(cluster.firstNight.description)),
      ("nights_seen", .int(Int64(cluster.nightsSeen))),
      ("count", .int(cluster.count)),
      ("ending", .string(SimilarText.ending(cluster.ending))),
      ("resolved_on", .optional(cluster.resolvedOn?.description)),
      (
        "incident",
        cluster.incident.map {
          .object([
            ("date", .string($0.night.description)), ("severity", .string($0.severity.rawValue)),
            ("service", .string($0.firstMover.service)),
            ("namespace", .string($0.firstMover.namespace)),
            ("services", .int(Int64($0.serviceCount))), ("seconds", .optional($0.seconds)),
            ("said", .optional($0.said)),
          ])
        } ?? .null
      ),
      ("said", .optional(cluster.said)),
    ])
  }

  private static func analysis(_ analysis: Analysis?) -> JSONValue {
    guard let analysis else { return .null }
    return .object([
      ("provider", .string(analysis.provider)), ("model", .string(analysis.model)),
      ("summary", .string(analysis.summary)), ("facts", strings(analysis.facts)),
      ("hypothesis", .optional(analysis.hypothesis)), ("unknown", strings(analysis.unknown)),
      ("next_steps", strings(analysis.nextSteps)), ("confidence", .double(analysis.confidence)),
      (
        "evidence",
        .array(
          analysis.evidence.map {
            .object([("sample", .int(Int64($0.sampleIndex))), ("quote", .string($0.quote))])
          })
      ),
      ("model_confidence", .optional(analysis.modelConfidence)), ("note", .optional(analysis.note)),
      ("prompt_digest", .optional(analysis.call?.promptDigest)),
    ])
  }
}

extension ReportJSON {
  private static func coverage(_ coverage: CoverageReport) -> JSONValue {
    .object([
      ("sources_expected", .int(Int64(coverage.sourcesExpected))),
      ("sources_read", .int(Int64(coverage.sourcesRead))),
      ("lines_read", .int(coverage.linesRead)),
      ("lines_clustered", .int(coverage.linesClustered)),
      ("lines_quarantined", .int(coverage.linesQuarantined)),
      ("duplicates_skipped", .int(coverage.duplicatesSkipped)),
      ("gaps", .array(coverage.gaps.map(gap))),
      ("lines_outside_window", .int(coverage.linesOutsideWindow)),
      ("lines_before_window", .optional(coverage.linesBeforeWindow)),
      ("lines_without_time", .int(coverage.linesWithoutTime)),
      ("continuation_lines", .int(coverage.continuationLines)),
      ("events_in_clusters", .int(coverage.eventsInClusters)),
      ("sum_agrees", .bool(coverage.sumAgrees)),
      ("model", .optional(coverage.modelThatSpoke)),
      ("sources", .array(coverage.sources.map(source))),
    ])
  }

  private static func gap(_ gap: Gap) -> JSONValue {
    .object([
      ("source", .optional(gap.source)), ("start", .optional(gap.span?.start.rfc3339)),
      ("end", .optional(gap.span?.end.rfc3339)), ("reason", .string(gap.reason)),
    ])
  }

  private static func source(_ source: SourceCoverage) -> JSONValue {
    .object([
      ("name", .string(source.name)),
      ("lines_clustered", .int(source.linesClustered)),
      ("lines_quarantined", .int(source.linesQuarantined)),
      ("duplicates_skipped", .int(source.duplicatesSkipped)),
      ("lines_outside_window", .int(source.linesOutsideWindow)),
      ("lines_before_window", .optional(source.linesBeforeWindow)),
      ("lines_without_time", .int(source.linesWithoutTime)),
      ("continuation_lines", .int(source.continuationLines)),
      ("failure", .optional(source.failure)),
      ("inputs", .array(source.inputs.map(input))),
      ("quarantine", .array(source.quarantine.map(quarantine))),
    ])
  }

  private static func input(_ input: InputFile) -> JSONValue {
    .object([
      ("name", .string(input.name)), ("bytes", .int(input.byteCount)),
      ("sha256", .string(input.sha256)), ("lines", .int(input.lineCount)),
      ("failure", .optional(input.failure)),
    ])
  }

  private static func quarantine(_ record: QuarantineRecord) -> JSONValue {
    .object([
      ("file", .string(record.file)), ("byte_offset", .int(record.byteOffset)),
      ("lines", .int(Int64(record.lineCount))), ("reason", .string(record.reason)),
      ("excerpt", .string(record.excerpt)),
    ])
  }

  private static func service(_ entry: ServiceEntry) -> JSONValue {
    .object([
      ("service", .string(entry.identity.service)),
      ("namespace", .string(entry.identity.namespace)),
      ("lines", .int(entry.lines)), ("errors", .int(entry.errors)),
      ("previous_lines", .optional(entry.previousLines)),
      ("previous_errors", .optional(entry.previousErrors)),
      ("learning", learning(entry.learning)),
      ("hourly", counts(entry.hourly)), ("hourly_errors", counts(entry.hourlyErrors)),
    ])
  }

  private static func anomaly(_ event: AnomalyEvent) -> JSONValue {
    .object([
      ("service", .string(event.identity.service)),
      ("namespace", .string(event.identity.namespace)),
      ("metric", .string(event.metric.rawValue)),
      ("severity", .string(event.severity.rawValue)),
      ("start", .string(event.start.rfc3339)), ("end", .string(event.end.rfc3339)),
      ("peak", .string(event.peak.rfc3339)),
      ("expected", .double(event.expected)), ("observed", .double(event.observed)),
      ("peak_observed", .double(event.peakObserved)),
      ("deviation_factor", .optional(event.deviationFactor)),
      ("deviation_note", .optional(event.deviationNote)),
      ("log_probability", .double(event.logProbability)),
    ])
  }

  private static func catalogs(_ sections: [String: CatalogSection]) -> JSONValue {
    .object(sections.sorted { $0.key < $1.key }.map { ($0, $1.json) })
  }

  private static func muted(_ entry: MutedEntry) -> JSONValue {
    .object([
      ("fingerprint", .string(entry.fingerprint.description)),
      ("template", .string(entry.template)), ("count", .int(entry.count)),
      ("reason", .string(entry.reason)), ("author", .string(entry.author)),
      ("since", .string(entry.since.description)),
      ("expiry", .optional(entry.expiry?.description)),
    ])
  }

  private static func run(_ run: RunFacts) -> JSONValue {
    .object([
      ("job", .string(run.job)), ("version", .string(run.version)),
      (
        "components",
        .object(run.components.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
      ),
      (
        "model",
        run.model.map {
          .object([
            ("provider", .string($0.provider)), ("model", .string($0.model)),
            // The same number under the name that it had at first.
            ("calls", .int(Int64($0.answers))), ("input_tokens", .int($0.inputTokens)),
            ("output_tokens", .int($0.outputTokens)), ("cost_usd", .optional($0.cost)),
            ("answers", .int(Int64($0.answers))), ("fallbacks", fallbacks($0.silences)),
          ])
        } ?? .null
      ),
    ])
  }

  /// What code said in the model's place, by reason.
  private static func fallbacks(_ silences: [ModelUse.Silence]) -> JSONValue {
    .array(
      silences.map {
        .object([
          ("reason", .string($0.reason)), ("words", .string($0.words)),
          ("count", .int(Int64($0.count))),
        ])
      })
  }

  private static func day(_ cell: DayCell) -> JSONValue { .object(dayMembers(cell)) }

  private static func dayMembers(_ cell: DayCell) -> [(key: String, value: JSONValue)] {
    [
      ("date", .string(cell.date.description)),
      ("verdict", .optional(cell.verdict?.text)),
      ("status", .string(cell.verdict?.status.rawValue ?? "did_not_run")),
    ]
  }

  private static func identity(_ identity: ServiceIdentity) -> JSONValue {
    .object([
      ("service", .string(identity.service)), ("namespace", .string(identity.namespace)),
    ])
  }

  private static func counts(_ values: [Int64]) -> JSONValue { .array(values.map { .int($0) }) }
  private static func strings(_ values: [String]) -> JSONValue {
    .array(values.map { .string($0) })
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (whole, attoseconds) = duration.components
    return Double(whole) + Double(attoseconds) / 1e18
  }
}
