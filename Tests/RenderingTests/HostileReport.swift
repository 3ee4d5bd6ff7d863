import DaybreakCore
import Rendering

/// Reports with a payload in every text that comes from outside.
enum HostileReport {
  static func identity(_ text: String) -> ServiceIdentity {
    ServiceIdentity(namespace: text, service: text)
  }

  static func analysis(_ text: String, provider: String) -> Analysis {
    Analysis(
      provider: provider, model: text, summary: text, facts: [text], hypothesis: text,
      unknown: [text], nextSteps: [text], confidence: 0.5,
      evidence: [Evidence(sampleIndex: 0, quote: text)])
  }

  static func cluster(_ text: String, _ number: Int = 0, provider: String = "extractive")
    -> ClusterEntry
  {
    ClusterEntry(
      fingerprint: Fingerprint(template: "hostile \(number)"), identity: identity(text),
      template: text, level: .error, count: 7 + Int64(number), hourly: [0, 7],
      daily: [nil, 3, 7], nightsSeen: 2, nightsKnown: 3, state: .recurring,
      firstSeen: SampleReport.at(1), lastSeen: SampleReport.at(2),
      samples: [
        LineSample(
          timestamp: SampleReport.at(1).nanoseconds, level: Level.error.rawValue, text: text)
      ],
      neighbours: [
        LineSample(timestamp: nil, level: Level.info.rawValue, text: text)
      ],
      placeholderValues: [[text]], analysis: analysis(text, provider: provider),
      similar: [
        SimilarCluster(
          identity: identity(text), fingerprint: Fingerprint(template: "similar"), template: text,
          similarity: 0.9, firstNight: SampleReport.date, lastNight: SampleReport.date,
          nightsSeen: 1, count: 3, ending: .recurring,
          incident: SimilarCluster.PastIncident(
            night: SampleReport.date, severity: .high, firstMover: identity(text),
            serviceCount: 2, seconds: 900, said: text + "."), said: text)
      ])
  }

  static func change(_ text: String) -> ChangeEntry {
    ChangeEntry(
      fingerprint: Fingerprint(template: "hostile"), identity: identity(text), template: text,
      level: .error, count: 3, comparison: Comparison(previousNight: 1))
  }

  static func lineage(_ text: String, _ kind: TemplateChangeEntry.Kind) -> TemplateChangeEntry {
    TemplateChangeEntry(
      kind: kind, night: SampleReport.date, identity: identity(text),
      old: [
        .init(fingerprint: Fingerprint(template: "hostile 0"), template: text, previousNight: 3)
      ],
      new: [
        .init(fingerprint: Fingerprint(template: "new"), template: text, level: .error, count: 3)
      ])
  }

  static func incident(_ text: String, provider: String) -> IncidentEntry {
    IncidentEntry(
      severity: .high, service: identity(text),
      services: [identity(text), identity(text + " other")], metric: .errorRate,
      start: SampleReport.at(2), end: SampleReport.at(3), peak: SampleReport.at(2, 30),
      peakObserved: 40, expected: 0, deviationNote: text, sparkline: [1, 2, 3, 4],
      bucketMinutes: 60, cause: provider == "extractive" ? text : nil,
      leadingCluster: Fingerprint(template: "hostile"),
      analysis: analysis(text, provider: provider))
  }

  /// A night in which everything that can be hostile is one payload.
  static func day(_ text: String, provider: String = "extractive") -> DayReport {
    var report = SampleReport.day(clusterCount: 1)
    report.incidents = [incident(text, provider: provider)]
    report.anomalies = []
    report.clusters = [cluster(text, provider: provider)]
    report.changes = Changes(
      new: [change(text)], escalating: [change(text)], returned: [change(text)],
      gone: [change(text)], merged: [lineage(text, .merged)], split: [lineage(text, .split)])
    report.services = [
      ServiceEntry(
        identity: identity(text), lines: 5, errors: 2, learning: report.learning,
        hourly: [5], hourlyErrors: [2])
    ]
    report.catalogs = [
      text: CatalogSection(
        title: text, figures: [.init(name: text, value: text)],
        tables: [.init(caption: text, columns: [text, text], rows: [[text, text]])])
    ]
    report.muted = [
      MutedEntry(
        fingerprint: Fingerprint(template: "hostile"), template: text, count: 1, reason: text,
        author: text, since: report.date)
    ]
    report.run = RunFacts(
      job: text, version: text, components: [text: text],
      model: ModelUse(
        provider: text, model: text, answers: 1, inputTokens: 2, outputTokens: 3, cost: 0.1))
    report.coverage = coverage(text)
    return report
  }

  private static func coverage(_ text: String) -> CoverageReport {
    var source = SourceCoverage(name: text)
    source.linesClustered = 7
    source.linesQuarantined = 1
    source.failure = text
    source.inputs = [
      InputFile(name: text, byteCount: 1, sha256: "", lineCount: 1, failure: text)
    ]
    source.quarantine = [
      QuarantineRecord(file: text, byteOffset: 1, lineCount: 1, reason: text, excerpt: text)
    ]
    return CoverageReport(
      sourcesExpected: 1, sources: [source], eventsInClusters: 7,
      gaps: [Gap(source: text, reason: text)], modelThatSpoke: text)
  }

  /// A verdict whose sentences are a payload.
  static func verdict(_ text: String) -> Verdict {
    var verdict = Verdict(SampleReport.day(clusterCount: 1))
    verdict.headline = text
    verdict.volume = text
    verdict.gaps = [text]
    return verdict
  }

  static func rollUp(_ text: String) -> RollUp {
    var rollUp = SampleReport.rollUp()
    rollUp.nights = rollUp.nights.map { night in
      var night = night
      night.cell.verdict = verdict(text)
      return night
    }
    rollUp.patterns = [
      RollUp.Pattern(
        fingerprint: Fingerprint(template: "hostile"), identity: identity(text), template: text,
        level: .error, count: 3, daily: [3])
    ]
    rollUp.services = [RollUp.Service(identity: identity(text), lines: 2, errors: 1)]
    rollUp.lineage = [lineage(text, .merged), lineage(text, .split)]
    return rollUp
  }

  static func tenantIndex(_ text: String) -> TenantIndex {
    var index = SampleReport.tenantIndex()
    index.days = index.days.map { DayCell(date: $0.date, verdict: verdict(text)) }
    index.open = [change(text)]
    index.recurring = [cluster(text)]
    return index
  }

  static func page(_ text: String, provider: String = "extractive") -> ClusterPage {
    var page = SampleReport.clusterPage(cluster(text, provider: provider))
    page.finders = [
      LineFinder(
        source: text,
        place: .loki(
          labels: ["service_name": text],
          grafana: GrafanaTarget(url: "javascript:window.hit=1//\(text)", dataSourceUID: text))),
      LineFinder(
        source: text,
        place: .postgres(
          PostgresPlace(
            relation: "logs", timeColumn: text, messageColumn: text, values: [text: text]))),
    ]
    page.lineage = [lineage(text, .merged), lineage(text, .split)]
    return page
  }

  /// One night with every payload in it.
  static func everything() -> DayReport {
    var report = day(HostilePayloads.harmless)
    let payloads = HostilePayloads.all
    report.clusters = payloads.enumerated().map { cluster($1, $0) }
    report.incidents = payloads.prefix(5).map { incident($0, provider: "extractive") }
    report.services = payloads.map {
      ServiceEntry(
        identity: ServiceIdentity(namespace: "default", service: $0), lines: 5, errors: 2,
        learning: report.learning, hourly: [5], hourlyErrors: [2])
    }
    report.muted = payloads.enumerated().map { index, payload in
      MutedEntry(
        fingerprint: Fingerprint(template: "hostile \(index)"), template: payload, count: 1,
        reason: payload, author: payload, since: report.date)
    }
    return report
  }
}
