internal import DaybreakCore
internal import Foundation
internal import Rendering
internal import Storage

/// One night of one tenant: its stages, its ledger, its result.
struct NightRun {
  let night: Night
  let store: Store
  let surroundings: Surroundings
  let assembled = AssembledReport()

  var key: RunKey {
    RunKey(
      tenant: night.tenant, job: night.job.name, window: night.window, night: night.date,
      timeZone: night.job.calendar.zoneName)
  }

  /// Runs what is left to do.
  ///
  /// - Throws: `RunCancelled`, or what made a stage fail; the ledger has it then.
  func run(_ request: RunRequest) async throws -> NightResult {
    let key = key
    try store.withTenant(night.tenant) { try $0.ensureTenant() }
    try store.prepare(for: night.window)
    let processName = "daybreak \(ProcessInfo.processInfo.processIdentifier)"
    let lock = try store.lock(key, processName: processName)
    defer { withExtendedLifetime(lock) {} }
    if let done = try store.withTenant(night.tenant, { try $0.run(key) }), done.status.isFinal,
      !request.isForced, request.only == nil
    {
      if done.configurationDigest != night.job.digest {
        surroundings.log.note(
          "the job file has changed since this night was finished; --force does it again",
          ["tenant": "\(night.tenant)", "date": "\(night.date)"])
      }
      removeWorkDirectory()
      return try result(.unchanged)
    }
    let finished = try begin(key, request)
    do {
      try await runStages(finished, request)
      let all = try store.withTenant(night.tenant) { try finishedStages($0) }
      guard all.count == Stage.allCases.count else {
        var partial = try result(.partial)
        partial.problem = "stages are left to do: run the job without --only"
        return partial
      }
      return try finish(key)
    } catch {
      // The first error is the one to tell: a store that went away fails here a second time.
      try? end(key, error: error)
      throw error
    }
  }

  /// Enters the run into the ledger.
  ///
  /// - Returns: the stages that a former process finished.
  private func begin(_ key: RunKey, _ request: RunRequest) throws -> Set<Stage> {
    try store.withTenant(night.tenant) { session in
      guard let only = request.only else {
        _ = try session.beginRun(
          key, configurationDigest: night.job.digest, at: surroundings.now(),
          isForced: request.isForced)
        return try finishedStages(session)
      }
      let finished = try finishedStages(session)
      guard Stage.allCases.allSatisfy({ $0 >= only || finished.contains($0) }),
        try session.run(key) != nil
      else {
        throw RunError.earlierStagesMissing(
          stage: only, tenant: night.tenant, date: night.date, job: night.job.file)
      }
      return finished
    }
  }

  private func finishedStages(_ session: borrowing TenantSession) throws -> Set<Stage> {
    let stages = try session.stages(of: key)
    var finished = Set(
      stages.filter { $0.status == .finished }.compactMap { Stage(rawValue: $0.stage) })
    // A run that a version without this stage has summarised lacks nothing that came after.
    if finished.contains(.summarize), !stages.contains(where: { $0.stage == Stage.embed.rawValue })
    {
      finished.insert(.embed)
    }
    return finished
  }

  private func runStages(_ finished: Set<Stage>, _ request: RunRequest) async throws {
    for stage in Stage.allCases {
      if let only = request.only {
        guard stage == only else { continue }
      } else if isDone(stage, finished) {
        continue
      }
      try Cancellation.check()
      surroundings.log.step(
        "stage started",
        ["stage": stage.rawValue, "tenant": "\(night.tenant)", "date": "\(night.date)"])
      try store.withTenant(night.tenant) {
        try $0.startStage(stage.rawValue, of: key, at: surroundings.now())
      }
      do {
        try await run(stage)
      } catch {
        if !(error is RunCancelled) { try? recordFailure(of: stage, error) }
        throw error
      }
    }
  }

  /// Whether a stage needs no second run.
  ///
  /// The fold between the first two stages lies on this machine's
  /// disk: where it is gone or torn, the sources are read again.
  private func isDone(_ stage: Stage, _ finished: Set<Stage>) -> Bool {
    guard finished.contains(stage) else { return false }
    return stage != .extract || finished.contains(.cluster) || storedFold() != nil
  }

  private func run(_ stage: Stage) async throws {
    switch stage {
    case .extract: try extract()
    case .cluster: try cluster()
    case .baseline: try baseline()
    case .embed: try embed()
    case .summarize: try await summarize()
    case .refresh: try refresh()
    case .render: try render()
    case .notify: try notify()
    }
  }

  private func recordFailure(of stage: Stage, _ error: any Error) throws {
    try store.withTenant(night.tenant) {
      try $0.failStage(
        stage.rawValue, of: key, at: surroundings.now(), failure: String(describing: error))
    }
  }

  /// Records how a run that did not finish ended.
  private func end(_ key: RunKey, error: any Error) throws {
    let isCancelled = error is RunCancelled
    try store.withTenant(night.tenant) {
      try $0.finishRun(
        key, status: isCancelled ? .interrupted : .failed, at: surroundings.now(),
        failure: isCancelled ? nil : String(describing: error))
    }
  }

  /// Ends a run whose stages are all finished.
  ///
  /// The ledger hears of it last: a run killed on the way here does all of this again, and one that is
  /// finished does nothing more.
  private func finish(_ key: RunKey) throws -> NightResult {
    let (facts, read) = try store.withTenant(night.tenant) {
      (
        try $0.coverage(of: key), try detail(of: .extract, as: ExtractDetail.self, in: $0)
      )
    }
    let isPartial =
      read?.unreadCatalogs?.isEmpty == false
      || facts.contains { source in
        source.failure != nil || source.inputs.contains { $0.failure != nil }
      }
    let end = surroundings.now()
    try writeTimings(key, end: end)
    try applyRetention()
    try store.withTenant(night.tenant) {
      try $0.finishRun(key, status: isPartial ? .partial : .finished, at: end, failure: nil)
    }
    removeWorkDirectory()
    return try result(isPartial ? .partial : .finished)
  }

  /// Removes the fold between the first two stages; nothing needs it once the run is finished.
  private func removeWorkDirectory() {
    try? FileManager.default.removeItem(at: night.workDirectory(below: surroundings.home))
  }

  /// Deletes what the job keeps no longer, counted back from this night and not from the clock, so that
  /// a backlog is treated as it would have been on its days.
  private func applyRetention() throws {
    let retention = night.job.retention
    func moment(_ days: Int) -> Timestamp {
      night.window.end.advanced(bySeconds: -Int64(days) * 86_400)
    }
    let counts = try store.applyRetention(
      to: night.tenant,
      cutoffs: RetentionCutoffs(
        runs: moment(retention.runDays), observations: moment(retention.observationDays),
        samples: moment(retention.sampleDays)))
    guard counts != RetentionCounts() else { return }
    surroundings.log.note(
      "old rows deleted",
      [
        "tenant": "\(night.tenant)", "runs": String(counts.runs),
        "observations": String(counts.observations), "samples": String(counts.samples),
      ])
  }

  /// Reads back what the night came to.
  private func result(_ status: NightResult.Status) throws -> NightResult {
    let verdict = try storedVerdict()
    return NightResult(
      tenant: night.tenant, date: night.date, status: status, verdict: verdict?.text,
      incidentCount: verdict?.incidentCount ?? 0, newErrorCount: verdict?.newErrorCount ?? 0,
      reportPath: "\(night.job.render.output)/\(night.tenant)/\(night.date)/index.html",
      problem: verdict.flatMap { $0.gaps.isEmpty ? nil : $0.gaps.joined(separator: "; ") })
  }

  /// Marks a stage finished with what it has to tell the later ones, in the caller's transaction.
  func finishStage(
    _ stage: Stage, in session: borrowing TenantSession, detail: some Encodable
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try session.finishStage(
      stage.rawValue, of: key, at: surroundings.now(),
      detail: String(decoding: try encoder.encode(detail), as: UTF8.self))
  }

  /// Reads what an earlier stage told.
  func detail<Detail: Decodable>(
    of stage: Stage, as type: Detail.Type, in session: borrowing TenantSession
  ) throws -> Detail? {
    let stages = try session.stages(of: key)
    guard let found = stages.first(where: { $0.stage == stage.rawValue && $0.status == .finished })
    else { return nil }
    return try JSONDecoder().decode(type, from: Data(found.detail.utf8))
  }
}

/// For stages that have nothing to tell.
struct NoDetail: Codable {}
