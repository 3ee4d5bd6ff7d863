import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct RepositoryIsolationTests {
  @Test func `every reading call shows the session's tenant alone`() throws {
    let scratch = try ScratchStore()
    try fillEveryTable(scratch, for: acme)
    let key = runKey(globex)
    let later = key.window.end.advanced(bySeconds: 86_400)
    let early = CivilDate(dayNumber: 0)
    let late = march12.advanced(byDays: 30)
    let range = TimeWindow(start: Timestamp(seconds: 0), end: later)
    try scratch.store.withTenant(globex, readOnly: true) { session throws in
      #expect(try session.lokiOrgID() == nil)
      #expect(try session.lastRuns(limit: 10).isEmpty)
      #expect(try session.run(key) == nil)
      #expect(try session.stages(of: key).isEmpty)
      #expect(try session.coveredNights(before: later, from: early).isEmpty)
      #expect(try session.knownClusters(before: later, recentFrom: early).isEmpty)
      #expect(try session.clusterNights(of: key).isEmpty)
      #expect(try session.nightCounts(of: nil, from: early, through: late).isEmpty)
      #expect(try session.coverage(of: key).isEmpty)
      #expect(try session.serviceMinutes(in: range).isEmpty)
      #expect(try session.serviceHistory(before: later, from: early).isEmpty)
      #expect(try session.analyses(of: key).isEmpty)
      let fingerprint = Fingerprint(template: template("db-1"))
      #expect(try session.analyses(of: [fingerprint], limit: 10).isEmpty)
      #expect(
        try session.keptAnswers(
          provider: "openai", model: "m", promptDigests: [modelCall().promptDigest]
        ).isEmpty)
      #expect(try session.baselines(of: key).isEmpty)
      #expect(try session.anomalies(of: key).isEmpty)
      #expect(try session.mutes().isEmpty)
      #expect(try session.templates().isEmpty)
      #expect(try session.successions(before: later).isEmpty)
      #expect(try session.lastNights(of: [fingerprint], before: later).isEmpty)
      #expect(try session.summaries(from: early, through: late).isEmpty)
      #expect(try session.freshness().isEmpty)
      #expect(try session.serviceHours(in: range).isEmpty)
      #expect(try session.trends(of: march12).isEmpty)
      #expect(try session.dashboard(from: early, through: late).isEmpty)
      #expect(try session.vectorModels().isEmpty)
      let missing = try session.clustersWithoutVector(of: someModel, textVersion: 2, limit: 10)
      #expect(missing.isEmpty)
      let own = clusterNight("db-1", of: runKey(acme)).observation
      let id = ClusterKey(identity: own.identity, fingerprint: own.fingerprint).id(tenant: acme)
      #expect(try session.vectors(of: [id], someModel).isEmpty)
      for scope in [VectorScope.matching(ClusterFilter()), .clusters([id])] {
        let near = try session.nearest(to: unitVector(0), someModel, limit: 9, among: scope)
        #expect(near.isEmpty)
      }
      let query = ClusterQuery(text: "connection failed", vector: (someModel, unitVector(0)))
      #expect(try session.search(query).isEmpty)
      #expect(try session.clusterIDs(before: later).isEmpty)
      #expect(try session.pasts(of: [id], before: later).isEmpty)
      #expect(try session.anomalies(during: id, before: later) == nil)
    }
  }

  @Test func `writing the same night for another tenant leaves the first as it was`() throws {
    let scratch = try ScratchStore()
    try fillEveryTable(scratch, for: acme)
    let before = try scratch.store.canonicalDump(of: acme)
    try fillEveryTable(scratch, for: globex)
    _ = try scratch.store.applyRetention(
      to: globex,
      cutoffs: RetentionCutoffs(
        runs: someMoment.advanced(bySeconds: 400 * 86_400),
        observations: someMoment.advanced(bySeconds: 400 * 86_400),
        samples: someMoment.advanced(bySeconds: 400 * 86_400)))
    try scratch.store.withTenant(acme) { session throws in
      for view in MaterializedView.allCases { try session.refresh(view, at: someMoment) }
    }
    #expect(try scratch.store.canonicalDump(of: acme) == before)
  }

  @Test func `a run of another tenant is refused by every call that takes one`() throws {
    let scratch = try ScratchStore()
    try fillEveryTable(scratch, for: acme)
    let key = runKey(acme)
    let refusal = StorageError.wrongTenant(expected: globex, found: acme)
    try scratch.store.withTenant(globex) { session throws in
      #expect(throws: refusal) {
        try session.beginRun(key, configurationDigest: "", at: someMoment)
      }
      #expect(throws: refusal) { try session.finishRun(key, status: .failed, at: someMoment) }
      #expect(throws: refusal) { try session.startStage("x", of: key, at: someMoment) }
      #expect(throws: refusal) { try session.writeNight(sampleNight(of: key), of: key) }
      #expect(throws: refusal) { try session.clusterNights(of: key) }
      #expect(throws: refusal) { try session.writeAnalyses([:], of: key) }
      #expect(throws: refusal) { try session.writeAnomalies(baselines: [], events: [], of: key) }
    }
    let outbox = StoreOutbox(store: scratch.store, run: runKey(globex))
    let foreign = message(key)
    #expect(throws: refusal) { try outbox.enqueue(foreign) }
    #expect(throws: refusal) {
      try outbox.claim(foreign.key, now: someMoment, leaseEnd: someMoment)
    }
    #expect(throws: refusal) { try outbox.markSent(foreign.key, at: someMoment, note: nil) }
    #expect(throws: refusal) { try outbox.markFailed(foreign.key, at: someMoment, reason: "x") }
    #expect(throws: refusal) {
      try outbox.markPending(
        foreign.key, recipients: [], nextAttempt: someMoment, reason: "x")
    }
  }

  @Test(arguments: [
    ("postgres", "it is a superuser"),
    ("daybreak_owner", "it owns the tables, or may become their owner"),
  ])
  func `the store refuses a role that policies do not bind`(role: String, reason: String) throws {
    let administrator = try ScratchStore.database(.native)
    try Store.migrate(administrator: administrator)
    var options = StoreOptions()
    options.role = role == "postgres" ? administrator.user : role
    let expected = StorageError.unsafeRole(role: options.role, reason: reason)
    #expect(throws: expected) { try Store(administrator, options: options) }
  }

  @Test func `the store refuses a role that bypasses row-level security`() throws {
    let scratch = try ScratchStore()
    let role = "bypasser_\(UInt32.random(in: 0 ... .max))"
    let connection = try Connection(scratch.administrator)
    try connection.execute(named: "make a role", "CREATE ROLE \(role) BYPASSRLS")
    defer { _ = try? connection.execute(named: "drop a role", "DROP ROLE \(role)") }
    var options = StoreOptions()
    options.role = role
    #expect(
      throws: StorageError.unsafeRole(role: role, reason: "it bypasses row-level security")
    ) { try Store(scratch.administrator, options: options) }
  }

  @Test func `the store refuses a table without forced row-level security`() throws {
    let scratch = try ScratchStore()
    try Connection(scratch.administrator).execute(
      named: "open a table", "ALTER TABLE daybreak.runs NO FORCE ROW LEVEL SECURITY")
    let error = #expect(throws: StorageError.self) { try Store(scratch.administrator) }
    #expect(error?.summary.hasSuffix("row-level security is not enforced on runs") == true)
  }

  @Test func `the store refuses a database without its tables`() throws {
    let scratch = try ScratchStore()
    let empty = try TestDatabase.make()
    _ = scratch
    let error = #expect(throws: StorageError.self) { try Store(empty) }
    #expect(error?.remedy == "bring the schema up to date: daybreak db migrate")
  }
}
