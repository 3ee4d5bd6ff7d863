import DaybreakCore
import Rendering

/// A believable night of a small shop, made by arithmetic alone: the same on every machine.
enum SampleReport {
  static let tenant = unwrapped(TenantName("acme"))
  static let date = unwrapped(CivilDate("2026-03-12"))
  static let calendar = unwrapped(NightCalendar(zoneName: "Europe/Berlin"))
  static let window = calendar.window(of: date)
  static let zeroes = String(repeating: "0", count: 64)

  static func unwrapped<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("the sample report is made of valid parts") }
    return value
  }

  static func at(_ hour: Int, _ minute: Int = 0) -> Timestamp {
    window.start.advanced(bySeconds: Int64(hour * 3600 + minute * 60))
  }

  /// How busy a shop is by hour, in per mille of its busiest.
  private static let shape: [Int64] = [
    180, 130, 100, 90, 95, 140, 260, 430, 610, 760, 850, 900,
    940, 910, 880, 900, 950, 1000, 980, 930, 820, 640, 430, 270,
  ]

  private static let patterns: [(template: String, service: String, level: Level, peak: Int64)] = [
    ("GET <path> <num> <num>ms", "gateway", .info, 21_000),
    ("session <uuid> refreshed for user <num>", "accounts", .info, 9_400),
    ("cart <uuid> updated: <num> items, total <num> EUR", "cart", .info, 7_200),
    ("cache miss key=<*> shard=<num>", "catalogue", .debug, 5_100),
    ("indexed product <num> in <num> ms", "search", .info, 3_300),
    ("slow query (<num> ms): SELECT * FROM orders WHERE customer_id = <num>", "orders", .warn, 140),
    ("retrying <path> after <num> ms (attempt <num>/<num>)", "gateway", .warn, 90),
    ("connection pool exhausted: <num> waiting, <num> in use", "payments", .error, 60),
    ("payment <uuid> failed: upstream <ip>:<num> timed out after <num> ms", "payments", .error, 40),
    ("could not reserve stock for sku <hex>: deadlock detected", "inventory", .error, 12),
    ("mail to <email> deferred: <num> greylisted", "mailer", .warn, 30),
    ("TLS handshake with <ip> failed: certificate has expired", "gateway", .error, 8),
  ]

  private static func hours(_ peak: Int64, seed: Int64) -> [Int64] {
    shape.enumerated().map { index, share in
      peak * share * (90 + (Int64(index) * 7 + seed * 13) % 21) / 100_000
    }
  }

  static func fingerprint(_ text: String) -> Fingerprint { Fingerprint(template: text) }

  static func identity(_ service: String) -> ServiceIdentity {
    ServiceIdentity(namespace: "shop", service: service)
  }

  /// Clusters of the night; `count` of them, the ordinary ones numbered.
  static func clusters(_ count: Int = 64) -> [ClusterEntry] {
    (0..<count).map { index in
      let base = patterns[index % patterns.count]
      let round = Int64(index / patterns.count)
      let template = round == 0 ? base.template : base.template + " [worker-\(round) <num>]"
      var hourly = hours(max(1, base.peak / (1 + round * round * 3)), seed: Int64(index))
      var state = Lifecycle.recurring
      if base.service == "payments" && round == 0 {
        hourly = hourly.map { $0 / 40 }
        hourly[2] = 412 + Int64(index)
        hourly[3] = 96
        state = index == 8 ? .new : .recurring
      }
      if index == 9 { state = .regressed }
      return entry(template, base.service, base.level, hourly, state, index)
    }.sorted { ($1.count, $0.fingerprint) < ($0.count, $1.fingerprint) }
  }

  private static func entry(
    _ template: String, _ service: String, _ level: Level, _ hourly: [Int64], _ state: Lifecycle,
    _ index: Int
  ) -> ClusterEntry {
    let count = max(1, hourly.reduce(0, +))
    let isNew = state == .new
    let usual = Double(count) * (0.8 + Double(index % 5) * 0.1)
    let daily = (0..<28).map { night -> Int64? in
      if night == 27 { return count }
      if isNew { return 0 }
      return night == 9 ? nil : Int64(usual) + Int64(night * index % 17) - 8
    }
    return ClusterEntry(
      fingerprint: fingerprint(template), identity: identity(service), template: template,
      level: level, count: count,
      comparison: Comparison(
        previousNight: isNew ? 0 : Int64(usual),
        sameWeekdayLastWeek: isNew ? 0 : Int64(usual * 1.1),
        usual: isNew ? 0 : usual),
      hourly: hourly, daily: daily.map { $0.map { max(0, $0) } },
      nightsSeen: isNew ? 1 : 27 - index % 9, nightsKnown: 27,
      trend: NightlyTrend(
        mean: isNew ? Double(count) : usual, peak: daily.compactMap { $0 }.max() ?? count),
      state: state,
      firstSeen: isNew ? at(2, 10) : at(-24 * 27), lastSeen: at(23, 41),
      samples: samples(template, level), neighbours: isNew ? neighbours : [],
      placeholderValues: values(template),
      analysis: level.isError && index < 12 ? analysis : nil)
  }

  private static func samples(_ template: String, _ level: Level) -> [LineSample] {
    (0..<3).map { number in
      let text = template.replacing("<num>", with: "\(30_000 + number * 17)")
        .replacing("<ip>", with: "10.2.0.\(number + 7)").replacing("<path>", with: "/v1/pay")
        .replacing("<uuid>", with: "5b0f2c1e-0000-4000-8000-00000000000\(number)")
      return LineSample(
        timestamp: at(2, 10 + number).nanoseconds, level: level.rawValue, text: text)
    }
  }

  private static let neighbours = [
    LineSample(
      timestamp: at(2, 9).nanoseconds, level: Level.info.rawValue,
      text: "config reloaded: upstream timeout 30s"),
    LineSample(
      timestamp: at(2, 10).nanoseconds - 3_000_000_000, level: Level.warn.rawValue,
      text: "upstream 10.2.0.7 answered after 29998 ms"),
  ]

  private static func values(_ template: String) -> [[String]] {
    template.split(separator: "<").dropFirst().map { part in
      (0..<4).map { part.hasPrefix("ip") ? "10.2.0.\($0 + 7)" : "\(30_000 + $0 * 17)" }
    }
  }

  static let analysis = Analysis(
    provider: "extractive", model: "none",
    summary: "payments could not reach its card processor from 02:10 on: 412 errors in the worst "
      + "minute where 3 are normal.",
    facts: ["412 of 508 events lie between 02:00 and 03:00.", "All name port 8443."],
    hypothesis: "The upstream at 10.2.0.7 stopped answering, as every sample ends in a time-out.",
    unknown: ["Whether the upstream was down or the network was."],
    nextSteps: ["Look at the card processor's own status for 02:10.", "Check the pool's limit."],
    confidence: 0.72, evidence: [Evidence(sampleIndex: 0, quote: "timed out after 30000 ms")])

  static func timeline() -> [TimelineHour] {
    shape.indices.map { hour in
      var levels = LevelCounts()
      levels[.info] = 61_000 * shape[hour] / 1000
      levels[.debug] = 9_000 * shape[hour] / 1000
      levels[.warn] = 700 * shape[hour] / 1000
      levels[.error] = hour == 2 ? 837 : 12 + Int64(hour % 5)
      levels[.critical] = hour == 2 ? 21 : 0
      let middle = 70_000 * Double(shape[hour]) / 1000
      return TimelineHour(
        start: at(hour), levels: levels, expected: middle * 0.88...middle * 1.14)
    }
  }

  static func incidents() -> [IncidentEntry] {
    let sparkline = (0..<144).map { bucket -> Int64 in
      (13..<19).contains(bucket)
        ? [96, 310, 412, 388, 170, 60][bucket - 13] : Int64(bucket * 7 % 4)
    }
    return [
      IncidentEntry(
        severity: .critical, service: identity("payments"),
        services: [identity("payments"), identity("gateway"), identity("orders")],
        metric: .errorRate, start: at(2, 10), end: at(3, 5), peak: at(2, 31), peakObserved: 412,
        expected: 3, deviationFactor: 137.3, sparkline: sparkline, bucketMinutes: 10,
        cause: "Calls to 10.2.0.7:8443 timed out after 30,000 ms.",
        leadingCluster: fingerprint(patterns[8].template), analysis: analysis),
      IncidentEntry(
        severity: .medium, service: identity("mailer"), services: [identity("mailer")],
        metric: .silence, start: at(14, 20), end: at(15, 0), peak: at(14, 40), peakObserved: 0,
        expected: 18.4, deviationFactor: 0,
        sparkline: (0..<144).map { (86..<90).contains($0) ? 0 : 180 },
        bucketMinutes: 10, cause: nil, leadingCluster: fingerprint(patterns[10].template)),
    ]
  }

  static func changes(_ clusters: [ClusterEntry]) -> Changes {
    let change = { (entry: ClusterEntry, last: CivilDate?) in
      ChangeEntry(
        fingerprint: entry.fingerprint, identity: entry.identity, template: entry.template,
        level: entry.level, count: entry.count, comparison: entry.comparison, lastSeenBefore: last)
    }
    let errors = clusters.filter { $0.level.isError }
    return Changes(
      new: clusters.filter { $0.state == .new }.map { change($0, nil) },
      escalating: errors.dropFirst(2).prefix(2).map { change($0, date.advanced(byDays: -1)) },
      returned: clusters.filter { $0.state == .regressed }
        .map { change($0, date.advanced(byDays: -12)) },
      gone: [
        ChangeEntry(
          fingerprint: fingerprint("gone"), identity: identity("batch"),
          template: "nightly export finished: <num> rows in <num> s", level: .error, count: 0,
          comparison: Comparison(previousNight: 1, sameWeekdayLastWeek: 1, usual: 1),
          lastSeenBefore: date.advanced(byDays: -1))
      ],
      merged: [lineage])
  }

  /// A merge of the patterns of two workers into that of all.
  private static var lineage: TemplateChangeEntry {
    let old = ["red", "blue"].map { name in
      let template = "worker \(name) lost its lease after <num> ms"
      return TemplateChangeEntry.Side(
        fingerprint: fingerprint(template), template: template, level: .error, count: 0,
        previousNight: 12)
    }
    let template = "worker <*> lost its lease after <num> ms"
    return TemplateChangeEntry(
      kind: .merged, night: date, identity: identity("batch"), old: old,
      new: [
        .init(
          fingerprint: fingerprint(template), template: template, level: .error, count: 31,
          previousNight: 0)
      ])
  }

  static func services() -> [ServiceEntry] {
    ["payments", "gateway", "orders", "inventory", "search", "cart", "mailer"].enumerated().map {
      index, name in
      let hourly = hours(9_000 / Int64(index + 1), seed: Int64(index))
      var errors = hours(30 / Int64(index + 1), seed: 3)
      if index == 0 { errors[2] = 858 }
      return ServiceEntry(
        identity: identity(name), lines: hourly.reduce(0, +), errors: errors.reduce(0, +),
        previousLines: hourly.reduce(0, +) * 96 / 100, previousErrors: Int64(400 / (index + 1)),
        learning: LearningState(nightsOfHistory: name == "cart" ? 2 : 26, minimumNights: 3),
        hourly: hourly, hourlyErrors: errors)
    }
  }

  static let heatMap = HeatMap(
    cells: (0..<7).map { day in
      (0..<24).map { hour in
        if day == 6 && hour < 4 { return nil }
        return day == 3 && hour == 2 ? 214.5 : Double(shape[hour]) / 60 * (day > 4 ? 0.5 : 1)
      }
    })

  static func coverage(_ lines: Int64) -> CoverageReport {
    var source = SourceCoverage(name: "loki_export: exports/acme-2026-03-12-*.jsonl.zst")
    source.linesClustered = lines - 1204 - 3
    source.continuationLines = 2_210
    source.linesWithoutTime = 41
    source.linesQuarantined = 3
    source.duplicatesSkipped = 5_000
    source.inputs = (0..<4).map { number in
      InputFile(
        name: "exports/acme-2026-03-12-\(number).jsonl.zst", byteCount: 12_400_000 + Int64(number),
        sha256: fingerprint("input \(number)").description, lineCount: lines / 4)
    }
    source.quarantine = [
      QuarantineRecord(
        file: "exports/acme-2026-03-12-3.jsonl.zst", byteOffset: 91_224_101, lineCount: 3,
        reason: "the last line ends in the middle", excerpt: "{\"line\":\"payment 5b0f…")
    ]
    var second = SourceCoverage(name: "postgres: audit_log")
    second.linesClustered = 1204
    return CoverageReport(
      sourcesExpected: 2, sources: [source, second],
      eventsInClusters: source.linesClustered + second.linesClustered - source.continuationLines)
  }

  static func day(clusterCount: Int = 64) -> DayReport {
    let clusters = clusters(clusterCount)
    let lines: Int64 = 1_003_412
    return DayReport(
      tenant: tenant, date: date, window: window, calendar: calendar,
      previousReport: date.advanced(byDays: -1),
      volume: Volume(lines: lines, previousNight: 964_200, sameWeekdayLastWeek: 1_023_890),
      learning: LearningState(nightsOfHistory: 26, minimumNights: 3), coverage: coverage(lines),
      incidents: incidents(), changes: changes(clusters), timeline: timeline(), clusters: clusters,
      services: services(), heatMap: heatMap,
      muted: [
        MutedEntry(
          fingerprint: fingerprint("muted"), template: "health check from <ip> took <num> ms",
          count: 2_880, reason: "noise of the load balancer", author: "kim",
          since: date.advanced(byDays: -12))
      ],
      run: RunFacts(
        job: "nightly", version: "0.1.0",
        components: ["PostgreSQL": "15.14", "Clustering engine": "1"]))
  }

  /// A night on which nothing happened.
  static func quietDay() -> DayReport {
    var report = day()
    report.incidents = []
    report.changes = Changes()
    report.coverage.sources[0].linesQuarantined = 0
    report.coverage.sources[0].quarantine = []
    report.clusters = report.clusters.map { entry in
      var entry = entry
      entry.state = .recurring
      return entry
    }
    return report
  }

  static func clusterPage(_ entry: ClusterEntry) -> ClusterPage {
    ClusterPage(
      tenant: tenant, fingerprint: entry.fingerprint, date: date, window: window,
      calendar: calendar, members: [entry],
      finders: [
        LineFinder(
          source: "loki_export: exports/*.jsonl.zst",
          place: .loki(
            labels: [
              "namespace": entry.identity.namespace, "service_name": entry.identity.service,
            ], grafana: GrafanaTarget(url: "https://grafana.acme.test", dataSourceUID: "loki")))
      ])
  }

  static func days(_ verdict: Verdict, _ quiet: Verdict, count: Int = 61) -> [DayCell] {
    (0..<count).map { index in
      let day = date.advanced(byDays: index - count + 1)
      var shown = quiet
      switch (count - 1 - index) % 28 {
      case 0: shown = verdict
      case 7: shown.status = .partial
      case 13: return DayCell(date: day)
      case 17: shown.status = .high
      case 20: shown.status = .changed
      case 24...: shown.status = .learning
      default: break
      }
      return DayCell(date: day, verdict: shown)
    }
  }

  /// The week or the month of the sample night, as far as it has come.
  static func rollUp(_ kind: NightSpan.Kind = .week) -> RollUp {
    let span = NightSpan(kind, of: date)
    let nights = tenantIndex().days.filter { span.contains($0.date) }
    let report = day(clusterCount: 12)
    let patterns = report.clusters.filter { $0.level.isError }.map { entry in
      RollUp.Pattern(
        fingerprint: entry.fingerprint, identity: entry.identity, template: entry.template,
        level: entry.level, count: entry.count * 3,
        daily: nights.enumerated().map { $1.verdict == nil ? nil : entry.count / Int64($0 + 1) },
        newOn: entry.state == .new ? date : nil)
    }
    return RollUp(
      tenant: tenant, calendar: calendar, span: span,
      nights: nights.map { RollUp.Night(cell: $0, errors: $0.verdict == nil ? nil : 1_204) },
      previousMeanLines: 964_200, patterns: patterns, patternTotal: patterns.count + 3,
      services: report.services.map {
        RollUp.Service(identity: $0.identity, lines: $0.lines * 4, errors: $0.errors * 2)
      }, lineage: report.changes.merged)
  }

  static func tenantIndex() -> TenantIndex {
    let report = day()
    return TenantIndex(
      tenant: tenant, calendar: calendar, days: days(Verdict(report), Verdict(quietDay())),
      open: report.changes.new + report.changes.escalating,
      recurring: report.clusters.filter { $0.level.isError && $0.state == .recurring })
  }

  static func siteIndex() -> SiteIndex {
    let days = Array(tenantIndex().days.suffix(28))
    let quiet = days.map {
      DayCell(date: $0.date, verdict: $0.verdict.map { _ in Verdict(quietDay()) })
    }
    return SiteIndex(rows: [
      .init(tenant: tenant, days: days),
      .init(tenant: unwrapped(TenantName("globex")), days: quiet),
    ])
  }
}
