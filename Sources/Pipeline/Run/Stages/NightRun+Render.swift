internal import DaybreakCore
internal import Foundation
internal import Rendering
internal import Storage

extension NightRun {
  /// Writes the pages of the night and brings the indexes up to date.
  func render() throws {
    let report = try report()
    let renderer = try makeRenderer()
    try renderer.writeDay(report)
    let pages = ClusterPages(
      report: report,
      finder: SourceFinder(sources: night.sources, grafana: night.job.render.grafana),
      replaced: try replacedClusters(report))
    // A page tells of the last night of its pattern: an older night done again leaves it alone.
    let later = try store.withTenant(night.tenant) {
      try $0.clusters(seenFrom: night.window.end)
    }
    for page in pages.pages {
      try Cancellation.check()
      if later.contains(page.fingerprint), renderer.hasCluster(page.fingerprint, of: night.tenant) {
        continue
      }
      try renderer.writeCluster(page)
    }
    try IndexPages(store: store, renderer: renderer, calendar: night.job.calendar)
      .write(report)
    try store.withTenant(night.tenant) { session in
      try finishStage(.render, in: session, detail: NoDetail())
    }
  }

  func makeRenderer() throws -> ReportRenderer {
    ReportRenderer(
      output: night.job.render.output, templates: try templates(),
      formats: Set(night.job.render.formats.compactMap { PageFormat(rawValue: $0.rawValue) }))
  }

  /// The built-in templates, with those of the job's folder in front.
  func templates() throws -> TemplateLibrary {
    try TemplateLibrary(directory: night.job.render.templates)
  }

  /// What the indexes show of the night.
  func summary(_ report: DayReport, _ verdict: Verdict) throws -> NightSummary {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return NightSummary(
      night: night.date, window: night.window, verdict: verdict.text,
      severity: report.incidents.map(\.severity).max(),
      isComplete: verdict.gaps.isEmpty,
      counts: [
        "lines": verdict.lines, "errors": report.services.reduce(0) { $0 + $1.errors },
        "incidents": Int64(verdict.incidentCount), "new_clusters": Int64(verdict.newErrorCount),
      ], detail: String(decoding: try encoder.encode(verdict), as: UTF8.self))
  }

  /// The verdict that the render stage stored; nil before it.
  func storedVerdict() throws -> Verdict? {
    let summaries = try store.withTenant(night.tenant) {
      try $0.summaries(from: night.date, through: night.date)
    }
    return try summaries.first.map {
      try JSONDecoder().decode(Verdict.self, from: Data($0.detail.utf8))
    }
  }

  /// Writes `run.json`, the one file that tells one run of a night from another.
  func writeTimings(_ key: RunKey, end: Timestamp) throws {
    let (run, stages, spoken) = try store.withTenant(night.tenant) {
      (
        try $0.run(key), try $0.stages(of: key),
        try detail(of: .summarize, as: SummaryDetail.self, in: $0)
      )
    }
    guard let run else { return }
    let timings = RunTimings(
      runID: key.id.uuidString.lowercased(), started: run.startedAt,
      finished: end,
      stages: Stage.allCases.compactMap { stage in
        guard let record = stages.first(where: { $0.stage == stage.rawValue }),
          let end = record.finishedAt
        else { return nil }
        return RunTimings.Stage(
          name: stage.rawValue,
          duration: .nanoseconds(end.nanoseconds - record.startedAt.nanoseconds))
      },
      spending: spoken?.modelUse.map { use in
        RunTimings.Spending(
          requests: use.spending.requests, answersAtHand: use.spending.keptAnswers,
          inputTokens: use.spending.inputTokens, outputTokens: use.spending.outputTokens,
          cost: use.spending.cost)
      })
    try makeRenderer().writeTimings(timings, tenant: night.tenant, date: night.date)
  }
}
