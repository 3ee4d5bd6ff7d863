import DaybreakCore
import Foundation
import Postgres
import TestSupport

@testable import Storage

/// How service_minutes is cut into parts.
enum Partitioning: String, CaseIterable, Sendable {
  case native, hypertable

  /// What the test server can do.
  static let available: [Partitioning] = hasTimescaleDB ? allCases : [.native]

  /// Whether the test server has TimescaleDB loaded.
  static let hasTimescaleDB: Bool = {
    guard let connection = try? Connection(TestDatabase.make()) else { return false }
    let row = try? connection.query(
      named: "TimescaleDB",
      """
      SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
        AND current_setting('shared_preload_libraries') LIKE '%timescaledb%' AS usable
      """
    ).only()
    return (try? row?.bool("usable")) ?? false
  }()
}

/// A store in a database of its own.
struct ScratchStore: Sendable {
  /// A superuser's way in.
  let administrator: ConnectionTarget
  let store: Store

  init(_ partitioning: Partitioning = .native) throws {
    administrator = try ScratchStore.database(partitioning)
    if partitioning == .native {
      try ScratchStore.fillFromTemplate(administrator)
    } else {
      try Store.migrate(administrator: administrator)
    }
    store = try Store(administrator)
  }

  /// A store that uses neither pgvector nor pg_trgm, as where they are not installed.
  static func withoutExtensions() throws -> ScratchStore {
    try ScratchStore(migrating: database(.native, withoutExtensions: true))
  }

  private init(migrating target: ConnectionTarget) throws {
    administrator = target
    try Store.migrate(administrator: target)
    store = try Store(target)
  }

  /// A migrated database to copy: faster than to migrate each.
  private static let template: Result<ConnectionTarget, any Error> = Result {
    let target = try database(.native)
    try Store.migrate(administrator: target)
    return target
  }

  /// Replaces an empty database by a copy of the migrated one.
  private static func fillFromTemplate(_ target: ConnectionTarget) throws {
    let template = try template.get().databaseName
    let connection = try Connection(TestDatabase.server.get().target)
    let name = quotedIdentifier(target.databaseName)
    try connection.execute(named: "drop the empty database", "DROP DATABASE \(name)")
    // Copies of one template wait for each other; the strategy copies files and not blocks of WAL.
    let copy = """
      CREATE DATABASE \(name) TEMPLATE \(quotedIdentifier(template)) STRATEGY file_copy
      """
    for _ in 1..<100 {
      do {
        try connection.execute(named: "copy the migrated database", copy)
        return
      } catch {
        // A worker of the server (autovacuum, TimescaleDB's launcher) looks into the template.
        guard error.sqlState == "55006" else { throw error }
        Thread.sleep(forTimeInterval: 0.05)
      }
    }
    try connection.execute(named: "copy the migrated database", copy)
  }

  /// An empty database in which service_minutes will be partitioned in a given way.
  static func database(
    _ partitioning: Partitioning, withoutExtensions: Bool = false
  ) throws -> ConnectionTarget {
    var target = try TestDatabase.make()
    var settings: [String] = []
    if partitioning == .native { settings.append("-c daybreak.partitions=native") }
    if withoutExtensions { settings.append("-c daybreak.without_extensions=vector,pg_trgm") }
    if !settings.isEmpty { target["options"] = settings.joined(separator: " ") }
    return target
  }

  /// Runs a statement as superuser, whom row-level security does not bind.
  @discardableResult
  func asAdministrator(_ sql: String, _ values: [Value] = []) throws -> Rows {
    try Connection(administrator).query(named: "test", sql, values)
  }

  /// Enters a run and writes a night.
  @discardableResult
  func write(
    _ night: NightRecord, of key: RunKey, at moment: Timestamp = someMoment
  ) throws -> RunState {
    try store.prepare(for: key.window)
    return try store.withTenant(key.tenant) { session throws in
      try session.ensureTenant()
      let state = try session.beginRun(key, configurationDigest: "c0ffee", at: moment)
      try session.writeNight(night, of: key)
      return state
    }
  }
}

let acme = tenant("acme")
let globex = tenant("globex")
let someMoment = Timestamp(seconds: 1_773_280_800)  // 2026-03-12T02:00:00Z
let march12 = CivilDate(year: 2026, month: 3, day: 12) ?? CivilDate(dayNumber: 0)

func tenant(_ name: String) -> TenantName {
  guard let tenant = TenantName(name) else { preconditionFailure("no tenant name: \(name)") }
  return tenant
}

/// The run of job `nightly` over a night in UTC.
func runKey(_ tenant: TenantName = acme, _ night: CivilDate = march12) -> RunKey {
  let start = Timestamp(seconds: Int64(night.dayNumber) * 86_400)
  return RunKey(
    tenant: tenant, job: "nightly",
    window: TimeWindow(start: start, end: start.advanced(bySeconds: 86_400)), night: night,
    timeZone: "UTC")
}

/// A model of few dimensions, for tests.
let someModel = VectorModel(provider: "builtin", name: "tiny", dimension: 8)

/// The vector along one of the axes of a model.
func unitVector(_ axis: Int, _ model: VectorModel = someModel) -> [Float] {
  (0..<model.dimension).map { $0 == axis % model.dimension ? 1 : 0 }
}

func template(_ name: String) -> String { "connection to \(name) failed after <num> ms" }

/// A cluster with events in some hours of a night.
func clusterNight(
  _ name: String, of key: RunKey, service: String = "api", hours: [Int: Int64] = [3: 5],
  level: Level = .error, lifecycle: Lifecycle = .new
) -> ClusterNight {
  var hourly = [LevelCounts](repeating: LevelCounts(), count: key.window.hourCount)
  for (hour, count) in hours { hourly[hour][level] = count }
  let seen = hours.keys.sorted().map { key.window.start.advanced(bySeconds: Int64($0) * 3600 + 7) }
  return ClusterNight(
    observation: ClusterObservation(
      identity: ServiceIdentity(namespace: "prod", service: service),
      fingerprint: Fingerprint(template: template(name)), template: template(name),
      hourly: hourly, untimed: LevelCounts(), firstSeen: seen.first, lastSeen: seen.last,
      samples: hours.isEmpty
        ? []
        : [
          LineSample(
            timestamp: seen.first?.nanoseconds, level: level.rawValue,
            text: "connection to \(name) failed after 30 ms"),
          LineSample(timestamp: nil, level: Level.unknown.rawValue, text: "second"),
        ],
      placeholderValues: [["30", "31"], []]),
    lifecycle: lifecycle)
}

/// Minutes with one INFO event each, and an ERROR in the given ones.
func minutes(
  of key: RunKey, service: String = "api", events: Range<Int> = 0..<60, errors: [Int] = [5]
) -> ServiceMinutes {
  var minutes = ServiceMinutes(
    identity: ServiceIdentity(namespace: "prod", service: service), window: key.window)
  for minute in events { minutes.minutes[minute][.info] = 1 }
  for minute in errors { minutes.minutes[minute][.error] = 2 }
  return minutes
}

func coverage(_ key: RunKey) -> SourceCoverage {
  var coverage = SourceCoverage(name: "loki_export: exports/*.jsonl")
  coverage.linesClustered = 62
  coverage.linesQuarantined = 1
  coverage.duplicatesSkipped = 3
  coverage.inputs = [
    InputFile(name: "exports/a.jsonl", byteCount: 4711, sha256: "ab", lineCount: 66)
  ]
  coverage.quarantine = [
    QuarantineRecord(
      file: "exports/a.jsonl", byteOffset: 12, lineCount: 1, reason: "not JSON", excerpt: "{\"a")
  ]
  return coverage
}

/// A night with something in every table that a night has.
func sampleNight(of key: RunKey) -> NightRecord {
  NightRecord(
    clusters: [
      clusterNight("db-1", of: key),
      clusterNight("cache", of: key, hours: [1: 2, 23: 1], level: .warn, lifecycle: .recurring),
      clusterNight("old", of: key, service: "web", hours: [:], lifecycle: .resolved),
    ],
    minutes: [minutes(of: key), minutes(of: key, service: "web", events: 100..<130, errors: [])],
    coverage: [coverage(key)], missingMinutes: [200..<210],
    successions: [
      TemplateSuccession(
        kind: .merged, identity: ServiceIdentity(namespace: "prod", service: "api"),
        old: Fingerprint(template: template("cache")), new: Fingerprint(template: template("db-1")))
    ])
}

func anomaly(_ key: RunKey, factor: Double? = 12.5) -> AnomalyEvent {
  AnomalyEvent(
    identity: ServiceIdentity(namespace: "prod", service: "api"), metric: .errorRate,
    start: key.window.start.advanced(bySeconds: 7200),
    end: key.window.start.advanced(bySeconds: 7800),
    peak: key.window.start.advanced(bySeconds: 7260), expected: factor == nil ? 0 : 2,
    observed: 25, peakObserved: 40, deviationFactor: factor,
    deviationNote: factor == nil ? "the baseline is 0" : nil, logProbability: -41.5,
    severity: .high)
}

func baseline(_ key: RunKey) -> ServiceBaseline {
  ServiceBaseline(
    identity: ServiceIdentity(namespace: "prod", service: "api"),
    window: TimeWindow(
      start: key.window.start.advanced(bySeconds: -28 * 86_400), end: key.window.start),
    averageLogRate: 10.25, averageErrorRate: 0.125, p95ErrorRate: 2)
}

func analysis() -> Analysis {
  Analysis(
    provider: "extractive", model: "none", summary: "It failed.", facts: ["5 events"],
    hypothesis: "the database was away", unknown: ["why"], nextSteps: ["look", "mend"],
    confidence: 0.75, evidence: [Evidence(sampleIndex: 0, quote: "failed after 30 ms")])
}

/// What a model said, with what it took.
func modelAnalysis() -> Analysis {
  var analysis = analysis()
  (analysis.provider, analysis.model) = ("openai", "m")
  analysis.modelConfidence = 0.99
  analysis.call = modelCall()
  return analysis
}

func modelCall(_ digest: Character = "a") -> ModelCall {
  ModelCall(
    promptDigest: String(repeating: digest, count: 64), inputTokens: 900, outputTokens: 120,
    cost: 0.00276, latencyMilliseconds: 1500)
}

func storedAnswer(_ digest: Character = "a") -> StoredAnswer {
  StoredAnswer(
    subject: "cluster:1", provider: "openai", model: "m", answer: #"{"summary": "It failed."}"#,
    call: modelCall(digest))
}

/// Fills every table of the store for one tenant: what a whole run writes, and what people enter.
func fillEveryTable(_ scratch: ScratchStore, for tenant: TenantName) throws {
  let key = runKey(tenant)
  let night = sampleNight(of: key)
  try scratch.write(night, of: key)
  try scratch.store.withTenant(tenant) { session throws in
    try session.startStage("cluster", of: key, at: someMoment)
    try session.finishStage("cluster", of: key, at: someMoment, detail: "{\"clusters\": 3}")
    try session.writeAnomalies(baselines: [baseline(key)], events: [anomaly(key)], of: key)
    let cluster = ClusterKey(
      identity: night.clusters[0].observation.identity,
      fingerprint: night.clusters[0].observation.fingerprint)
    try session.writeAnalyses([cluster: analysis()], of: key)
    try session.keepAnswer(storedAnswer(), of: key.window)
    try session.mute(
      ClusterMute(
        fingerprint: cluster.fingerprint, reason: "known", author: "ann", mutedAt: someMoment))
    try session.writeSummary(
      NightSummary(
        night: key.night, window: key.window, verdict: "1 incident", severity: .high,
        isComplete: true, counts: ["lines": 63, "incidents": 1], detail: "{}"), of: key)
    for view in MaterializedView.allCases { try session.refresh(view, at: someMoment) }
    let texts = try session.clustersWithoutVector(of: someModel, textVersion: 1, limit: 10)
    try session.writeVectors(
      texts.enumerated().map { ($0.element, unitVector($0.offset)) }, of: someModel)
    try session.connection.execute(
      named: "pack a signature",
      """
      INSERT INTO daybreak.cluster_vector_codes
        (tenant_id, model, dimension, block, cluster_ids, signs)
      VALUES ($1, 'ollama/other', 8, 0, uuid_send($1), '\\x80')
      """, [session.tenantID])
    try session.connection.execute(
      named: "enter a key",
      """
      INSERT INTO daybreak.api_keys (tenant_id, name, key_prefix, key_hash, scopes)
      VALUES ($1, 'ci', 'k1', repeat('a', 64), '{read:analysis}')
      """, [session.tenantID])
    try session.connection.execute(
      named: "save a filter",
      """
      INSERT INTO daybreak.saved_filters (tenant_id, name, filter_json, created_by)
      VALUES ($1, 'errors', '{"levels": ["ERROR"]}', 'ann')
      """, [session.tenantID])
    try session.finishRun(key, status: .finished, at: someMoment)
  }
  _ = try StoreOutbox(store: scratch.store, run: key).enqueue(message(key))
}

/// A mail that tells of a run.
func message(_ key: RunKey, tenant: TenantName? = nil) -> OutboxMessage {
  OutboxMessage(
    key: OutboxKey(
      job: key.job, tenant: tenant ?? key.tenant, window: key.window, channel: "email"),
    messageID: "<1@daybreak>", sender: "daybreak@acme.test", recipients: ["sre@acme.test"],
    content: Array("Subject: x\r\n\r\nHello\u{0}".utf8))
}
