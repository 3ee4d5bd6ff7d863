import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct NightTests {
  @Test(arguments: Partitioning.available)
  func `a night reads back as it was written`(partitioning: Partitioning) throws {
    let scratch = try ScratchStore(partitioning)
    let key = runKey()
    let night = sampleNight(of: key)
    try scratch.write(night, of: key)
    try scratch.store.withTenant(acme, readOnly: true) { session throws in
      let stored = try session.clusterNights(of: key)
      let read = stored.map {
        ClusterNight(observation: $0.observation, lifecycle: $0.lifecycle)
      }
      #expect(Set(read) == Set(night.clusters))
      #expect(try session.serviceMinutes(in: key.window) == night.minutes)
      #expect(try session.coverage(of: key) == night.coverage)
      let run = try #require(try session.run(key))
      #expect(run.hasObservations)
      #expect(run.missingMinutes == night.missingMinutes)
    }
  }

  @Test(arguments: Partitioning.available)
  func `a night written twice is the same as written once`(partitioning: Partitioning) throws {
    let scratch = try ScratchStore(partitioning)
    try fillEveryTable(scratch, for: acme)
    _ = try scratch.store.withTenant(acme) { session throws in
      try session.connection.execute(
        named: "drop what people entered under random ids",
        "DELETE FROM daybreak.api_keys")
    }
    let once = try scratch.store.canonicalDump(of: acme)
    try fillEveryTableAgain(scratch)
    #expect(try scratch.store.canonicalDump(of: acme) == once)
    #expect(once.contains("# error_clusters\n{"))
    #expect(once.contains("# service_minutes\n{"))
  }

  private func fillEveryTableAgain(_ scratch: ScratchStore) throws {
    let key = runKey()
    try scratch.write(sampleNight(of: key), of: key, at: someMoment.advanced(bySeconds: 500))
    try scratch.store.withTenant(acme) { session throws in
      try session.writeAnomalies(baselines: [baseline(key)], events: [anomaly(key)], of: key)
      let observation = sampleNight(of: key).clusters[0].observation
      let cluster = ClusterKey(
        identity: observation.identity, fingerprint: observation.fingerprint)
      try session.writeAnalyses([cluster: analysis()], of: key)
      for view in MaterializedView.allCases {
        try session.refresh(view, at: someMoment.advanced(bySeconds: 500))
      }
    }
  }

  @Test func `stores filled alike have one dump`() throws {
    let (first, second) = (try ScratchStore(), try ScratchStore())
    for scratch in [first, second] {
      for night in [march12, march12.advanced(byDays: 1)] {
        try scratch.write(sampleNight(of: runKey(acme, night)), of: runKey(acme, night))
      }
    }
    #expect(try first.store.canonicalDump(of: acme) == second.store.canonicalDump(of: acme))
  }

  @Test func `a night replaced by another leaves nothing of the first`() throws {
    let scratch = try ScratchStore()
    let direct = try ScratchStore()
    let key = runKey()
    let other = NightRecord(
      clusters: [clusterNight("db-1", of: key, hours: [4: 1], level: .warn)],
      minutes: [minutes(of: key, service: "job", events: 7..<9, errors: [])],
      coverage: [SourceCoverage(name: "other")])
    try scratch.write(sampleNight(of: key), of: key)
    try scratch.write(other, of: key)
    try direct.write(other, of: key)
    #expect(try scratch.store.canonicalDump(of: acme) == direct.store.canonicalDump(of: acme))
  }

  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 1, 2, 2, 0]])
  func `totals of a cluster do not depend on the order of nights`(order: [Int]) throws {
    let scratch = try ScratchStore()
    let levels: [Level] = [.warn, .fatal, .error]
    for day in order {
      let key = runKey(acme, march12.advanced(byDays: day))
      let cluster = clusterNight(
        "db-1", of: key, hours: [day + 1: 5, day + 2: 1], level: levels[day])
      try scratch.write(
        NightRecord(clusters: [cluster], minutes: [], coverage: []), of: key)
    }
    let row = try scratch.asAdministrator("SELECT * FROM daybreak.error_clusters").only()
    #expect(try row.int64("count") == 18)
    #expect(try row.string("level") == "FATAL")
    let start = runKey().window.start
    #expect(try row.timestamp("first_seen_at") == start.advanced(bySeconds: 3600 + 7))
    #expect(
      try row.timestamp("last_seen_at") == start.advanced(bySeconds: 2 * 86_400 + 4 * 3600 + 7))
    #expect(try row.string("sample_message") == "connection to db-1 failed after 30 ms")
  }

  @Test func `nights of one tenant written at once count once each`() async throws {
    let scratch = try ScratchStore()
    try scratch.store.withTenant(acme) { session throws in try session.ensureTenant() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for day in 0..<6 {
        group.addTask {
          let key = runKey(acme, march12.advanced(byDays: day))
          try scratch.write(
            NightRecord(
              clusters: [clusterNight("db-1", of: key)], minutes: [minutes(of: key)],
              coverage: []), of: key)
        }
      }
      try await group.waitForAll()
    }
    let row = try scratch.asAdministrator("SELECT count FROM daybreak.error_clusters").only()
    #expect(try row.int64("count") == 30)
  }

  @Test func `counts above 32 bits are kept`() throws {
    let scratch = try ScratchStore()
    let key = runKey()
    let cluster = clusterNight("db-1", of: key, hours: [0: 5_000_000_000])
    try scratch.write(NightRecord(clusters: [cluster], minutes: [], coverage: []), of: key)
    try scratch.store.withTenant(acme) { session throws in
      #expect(try session.clusterNights(of: key).first?.totalCount == 5_000_000_000)
    }
  }

  @Test func `a cluster without times has counts and no first or last`() throws {
    let scratch = try ScratchStore()
    let key = runKey()
    var cluster = clusterNight("raw", of: key, hours: [:])
    cluster.observation.untimed[.error] = 4
    try scratch.write(NightRecord(clusters: [cluster], minutes: [], coverage: []), of: key)
    try scratch.store.withTenant(acme) { session throws in
      let stored = try #require(try session.clusterNights(of: key).first)
      #expect(stored.totalCount == 4)
      #expect(stored.firstEverSeen == nil)
      #expect(stored.observation.untimed[.error] == 4)
    }
  }

  @Test func `NUL, quotes, backslashes and foreign scripts survive as text`() throws {
    let scratch = try ScratchStore()
    let key = runKey()
    let hostile = "a\u{0}b'; DROP TABLE daybreak.runs; -- \\x00 \"{{x}}\" \u{202E}日本語\u{1F600}"
    var cluster = clusterNight("db-1", of: key)
    cluster.observation.samples[0].text = hostile
    cluster.observation.template = hostile
    cluster.observation.placeholderValues = [[hostile]]
    var source = coverage(key)
    source.name = hostile
    source.failure = hostile
    source.inputs[0].name = hostile
    source.quarantine[0].excerpt = hostile
    try scratch.write(NightRecord(clusters: [cluster], minutes: [], coverage: [source]), of: key)
    let shown = hostile.replacing("\u{0}", with: "\\u{0}")
    try scratch.store.withTenant(acme) { session throws in
      let stored = try #require(try session.clusterNights(of: key).first)
      #expect(stored.observation.template == shown)
      #expect(stored.observation.samples[0].text == shown)
      #expect(stored.observation.placeholderValues == [[shown]])
      let sources = try session.coverage(of: key)
      #expect(sources[0].name == shown)
      #expect(sources[0].failure == shown)
      #expect(sources[0].inputs[0].name == shown)
      #expect(sources[0].quarantine[0].excerpt == shown)
    }
  }

  @Test func `names of any length are kept apart`() throws {
    let scratch = try ScratchStore()
    let key = runKey()
    let long = String(repeating: "é", count: 5000)
    let services = [long + "a", long + "b"]
    try scratch.write(
      NightRecord(
        clusters: services.map { clusterNight("db-1", of: key, service: $0) },
        minutes: services.map { minutes(of: key, service: $0) }, coverage: []), of: key)
    try scratch.store.withTenant(acme) { session throws in
      let stored = try session.serviceMinutes(in: key.window)
      #expect(stored.count == 2)
      #expect(stored.allSatisfy { $0.identity.service.utf8.count <= 512 })
      #expect(try session.clusterNights(of: key).count == 2)
    }
  }

  @Test func `a night of misshapen counts is refused`() throws {
    let scratch = try ScratchStore()
    let key = runKey()
    var night = sampleNight(of: key)
    night.minutes[0].minutes.removeLast()
    #expect(throws: StorageError.self) { try scratch.write(night, of: key) }
    #expect(try scratch.asAdministrator("SELECT FROM daybreak.error_clusters").isEmpty)
  }

  @Test func `a failed write leaves the night before it in place`() throws {
    let scratch = try ScratchStore()
    let key = runKey()
    try scratch.write(sampleNight(of: key), of: key)
    let before = try scratch.store.canonicalDump(of: acme)
    var night = sampleNight(of: key)
    // last before first: the table's check refuses it in the middle of the write.
    night.clusters[1].observation.lastSeen = Timestamp(seconds: 0)
    let error = #expect(throws: PostgresError.self) { try scratch.write(night, of: key) }
    #expect(error?.sqlState == "23514")
    #expect(error?.description.contains("failed after") == false)
    #expect(try scratch.store.canonicalDump(of: acme) == before)
  }
}
