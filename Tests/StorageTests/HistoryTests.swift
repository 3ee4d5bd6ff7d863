import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct HistoryTests {
  /// Ten nights; the third was not run, and `web` logs from the fifth on.
  private func tenNights(_ partitioning: Partitioning) throws -> ScratchStore {
    let scratch = try ScratchStore(partitioning)
    for day in 0..<10 where day != 2 {
      let key = runKey(acme, march12.advanced(byDays: day))
      var services = [minutes(of: key, events: 0..<(10 + day), errors: [3])]
      if day >= 4 { services.append(minutes(of: key, service: "web", errors: [])) }
      var clusters = [clusterNight("db-1", of: key, hours: [1: Int64(day + 1)])]
      if day == 9 { clusters.append(clusterNight("tonight", of: key)) }
      try scratch.write(
        NightRecord(
          clusters: clusters, minutes: services, coverage: [coverage(key)],
          missingMinutes: day == 5 ? [30..<40] : []), of: key)
    }
    return scratch
  }

  @Test(arguments: Partitioning.available)
  func `history tells a silent night from one that was not covered`(
    partitioning: Partitioning
  ) throws {
    let scratch = try tenNights(partitioning)
    let tonight = runKey(acme, march12.advanced(byDays: 9))
    let history = try scratch.store.withTenant(acme, readOnly: true) { session throws in
      try session.serviceHistory(before: tonight.window.start, from: march12)
    }
    #expect(history.map(\.identity.service) == ["api", "web"])
    let days = [0, 1, 3, 4, 5, 6, 7, 8]
    for service in history {
      #expect(service.nights.map(\.date) == days.map { march12.advanced(byDays: $0) })
      #expect(service.nights.first { $0.date == march12.advanced(byDays: 5) }?.missing == [30..<40])
    }
    for (night, day) in zip(history[0].nights, days) {
      #expect(night.minuteTotals.map(Int.init).reduce(0, +) == 10 + day + 2)
      #expect(night.minuteTotals[3] == 3)
      #expect(night.minuteErrors[3] == 2)
      #expect(night.minuteErrors.map(Int.init).reduce(0, +) == 2)
    }
    #expect(history[1].nights[2].minuteTotals.allSatisfy { $0 == 0 })
    #expect(history[1].nights[3].minuteTotals.contains(1))
  }

  @Test func `history keeps to nights of 23 and 25 hours in a zone of its own`() throws {
    let scratch = try ScratchStore()
    let calendar = try #require(NightCalendar(zoneName: "Australia/Lord_Howe"))
    // Clocks go back by half an hour on 5 April 2026.
    let first = try #require(CivilDate(year: 2026, month: 4, day: 4))
    for day in 0..<3 {
      let night = first.advanced(byDays: day)
      let key = RunKey(
        tenant: acme, job: "nightly", window: calendar.window(of: night), night: night,
        timeZone: calendar.zoneName)
      let last = key.window.minuteCount - 1
      try scratch.write(
        NightRecord(
          clusters: [], minutes: [minutes(of: key, events: 0..<1, errors: [last])], coverage: []),
        of: key)
    }
    let history = try scratch.store.withTenant(acme, readOnly: true) { session throws in
      try session.serviceHistory(
        before: calendar.window(of: first.advanced(byDays: 3)).start, from: first)
    }
    let nights = try #require(history.first).nights
    #expect(nights.map(\.minuteTotals.count) == [1440, 1470, 1440])
    for night in nights {
      #expect(night.minuteTotals.first == 1)
      #expect(night.minuteErrors.last == 2)
      #expect(night.minuteTotals.map(Int.init).reduce(0, +) == 3)
    }
  }

  @Test func `known clusters are those of earlier nights, however often tonight was written`()
    throws
  {
    let scratch = try tenNights(.native)
    let tonight = runKey(acme, march12.advanced(byDays: 9))
    let known = try scratch.store.withTenant(acme, readOnly: true) { session throws in
      try session.knownClusters(
        before: tonight.window.start, recentFrom: march12.advanced(byDays: 6))
    }
    let cluster = try #require(known.first)
    #expect(known.count == 1)
    #expect(cluster.template == template("db-1"))
    #expect(cluster.level == .error)
    #expect(cluster.firstSeen == runKey().window.start.advanced(bySeconds: 3607))
    #expect(cluster.lastNight == march12.advanced(byDays: 8))
    #expect(
      cluster.lastSeen
        == runKey(acme, march12.advanced(byDays: 8)).window.start.advanced(bySeconds: 3607))
    #expect(
      cluster.recentNights
        == (6...8).map { NightCount(night: march12.advanced(byDays: $0), count: Int64($0 + 1)) })
  }

  @Test func `counts of clusters come night by night`() throws {
    let scratch = try tenNights(.native)
    let fingerprint = Fingerprint(template: template("db-1"))
    let counts = try scratch.store.withTenant(acme, readOnly: true) { session throws in
      try session.nightCounts(
        of: [fingerprint], from: march12, through: march12.advanced(byDays: 3))
    }
    #expect(counts.count == 1)
    #expect(counts.values.first?.map(\.count) == [1, 2, 4])
  }

  @Test func `covered nights say whether every source was read`() throws {
    let scratch = try ScratchStore()
    for day in 0..<2 {
      let key = runKey(acme, march12.advanced(byDays: day))
      var source = coverage(key)
      if day == 1 { source.failure = "connection refused" }
      try scratch.write(NightRecord(clusters: [], minutes: [], coverage: [source]), of: key)
    }
    let nights = try scratch.store.withTenant(acme) { session throws in
      // Entered, but without counts: not covered.
      _ = try session.beginRun(
        runKey(acme, march12.advanced(byDays: 2)), configurationDigest: "", at: someMoment)
      return try session.coveredNights(
        before: someMoment.advanced(bySeconds: 10 * 86_400), from: march12)
    }
    #expect(nights.map(\.isComplete) == [true, false])
  }
}
