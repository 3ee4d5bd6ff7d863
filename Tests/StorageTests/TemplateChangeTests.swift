import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct TemplateChangeTests {
  private let identity = ServiceIdentity(namespace: "prod", service: "api")

  private func succession(_ kind: TemplateSuccession.Kind, _ old: String, _ new: String)
    -> TemplateSuccession
  {
    TemplateSuccession(
      kind: kind, identity: identity, old: Fingerprint(template: template(old)),
      new: Fingerprint(template: template(new)))
  }

  /// Two nights: `db-1` and `db-2`, then `db` in their place.
  private func merged() throws -> ScratchStore {
    let scratch = try ScratchStore()
    let first = runKey()
    try scratch.write(
      NightRecord(
        clusters: [clusterNight("db-1", of: first), clusterNight("db-2", of: first)], minutes: [],
        coverage: []), of: first)
    let second = runKey(acme, march12.advanced(byDays: 1))
    try scratch.write(
      NightRecord(
        clusters: [clusterNight("db", of: second)], minutes: [], coverage: [],
        successions: [succession(.merged, "db-1", "db"), succession(.merged, "db-2", "db")]),
      of: second)
    return scratch
  }

  @Test func `a change reads back with its night and both templates`() throws {
    let scratch = try merged()
    let night = march12.advanced(byDays: 1)
    try scratch.store.withTenant(acme, readOnly: true) { session throws in
      let stored = try session.successions(before: runKey(acme, night).window.end)
      let expected = ["db-1", "db-2"].map { name in
        StoredSuccession(
          succession: succession(.merged, name, "db"), night: night, oldTemplate: template(name),
          newTemplate: template("db"))
      }
      #expect(Set(stored) == Set(expected))
      #expect(try session.successions(before: runKey(acme, night).window.start).isEmpty)
    }
  }

  @Test func `a night written again has the changes of the second time`() throws {
    let scratch = try merged()
    let key = runKey(acme, march12.advanced(byDays: 1))
    try scratch.write(
      NightRecord(
        clusters: [clusterNight("db", of: key)], minutes: [], coverage: [],
        successions: [succession(.split, "db-1", "db")]), of: key)
    try scratch.store.withTenant(acme, readOnly: true) { session throws in
      #expect(
        try session.successions(before: key.window.end).map(\.succession) == [
          succession(.split, "db-1", "db")
        ])
    }
  }

  @Test func `the last night of a cluster comes with its samples`() throws {
    let scratch = try merged()
    let later = runKey(acme, march12.advanced(byDays: 1))
    let fingerprint = Fingerprint(template: template("db-1"))
    try scratch.store.withTenant(acme, readOnly: true) { session throws in
      let last = try session.lastNights(of: [fingerprint], before: later.window.start)
      #expect(last.map(\.night) == [march12])
      #expect(last.map(\.cluster.observation.samples.count) == [2])
      #expect(try session.lastNights(of: [fingerprint], before: runKey().window.start).isEmpty)
    }
  }

  @Test func `changes outlive the runs and the counts that they came from`() throws {
    let scratch = try merged()
    let moment = runKey(acme, march12.advanced(byDays: 3)).window.start
    _ = try scratch.store.applyRetention(
      to: acme, cutoffs: RetentionCutoffs(runs: moment, observations: moment, samples: moment))
    try scratch.store.withTenant(acme, readOnly: true) { session throws in
      #expect(try session.lastRuns(limit: 10).isEmpty)
      #expect(try session.successions(before: moment).count == 2)
    }
  }
}
