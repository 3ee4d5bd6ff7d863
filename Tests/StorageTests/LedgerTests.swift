import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct LedgerTests {
  private func begin(
    _ scratch: ScratchStore, digest: String = "a", isForced: Bool = false
  ) throws -> RunState {
    try scratch.store.withTenant(acme) { session throws in
      try session.ensureTenant()
      return try session.beginRun(
        runKey(), configurationDigest: digest, at: someMoment, isForced: isForced)
    }
  }

  @Test func `a run that was stopped goes on after its last finished stage`() throws {
    let scratch = try ScratchStore()
    #expect(try begin(scratch).outcome == .started)
    try scratch.store.withTenant(acme) { session throws in
      try session.startStage("extract", of: runKey(), at: someMoment)
      try session.finishStage("extract", of: runKey(), at: someMoment, detail: "{\"lines\": 7}")
      try session.startStage("cluster", of: runKey(), at: someMoment.advanced(bySeconds: 1))
    }
    let state = try begin(scratch)
    #expect(state.outcome == .resumed)
    #expect(state.finishedStages == ["extract"])
    #expect(state.detail(of: "extract") == "{\"lines\": 7}")
    #expect(state.detail(of: "cluster") == nil)
    #expect(state.stages.map(\.status) == [.finished, .running])
  }

  @Test(arguments: [RunStatus.finished, .partial])
  func `a finished run started again changes nothing`(status: RunStatus) throws {
    let scratch = try ScratchStore()
    _ = try begin(scratch)
    try scratch.store.withTenant(acme) { session throws in
      try session.finishRun(runKey(), status: status, at: someMoment.advanced(bySeconds: 9))
    }
    let before = try scratch.asAdministrator("SELECT xmin::text AS version FROM daybreak.runs")
    let state = try begin(scratch)
    #expect(state.outcome == .alreadyFinished)
    #expect(state.run.status == status)
    let after = try scratch.asAdministrator("SELECT xmin::text AS version FROM daybreak.runs")
    #expect(try before.only().string("version") == after.only().string("version"))
  }

  @Test(arguments: [(digest: "b", isForced: false), (digest: "a", isForced: true)])
  func `other settings, or force, make every stage run again`(
    digest: String, isForced: Bool
  ) throws {
    let scratch = try ScratchStore()
    _ = try begin(scratch)
    try scratch.store.withTenant(acme) { session throws in
      try session.startStage("extract", of: runKey(), at: someMoment)
      try session.finishStage("extract", of: runKey(), at: someMoment)
      try session.finishRun(runKey(), status: .finished, at: someMoment)
    }
    let state = try begin(scratch, digest: digest, isForced: isForced)
    #expect(state.outcome == .restarted)
    #expect(state.stages.isEmpty)
    #expect(state.run.status == .running)
    #expect(state.run.configurationDigest == digest)
  }

  @Test func `a failed stage keeps its reason and can start again`() throws {
    let scratch = try ScratchStore()
    _ = try begin(scratch)
    try scratch.store.withTenant(acme) { session throws in
      try session.startStage("extract", of: runKey(), at: someMoment)
      try session.failStage("extract", of: runKey(), at: someMoment, failure: "disk full")
      #expect(try session.stages(of: runKey()).first?.failure == "disk full")
      try session.startStage("extract", of: runKey(), at: someMoment)
      #expect(try session.stages(of: runKey()).first?.status == .running)
      try session.finishRun(runKey(), status: .failed, at: someMoment, failure: "disk full")
    }
    #expect(try begin(scratch).outcome == .resumed)
  }

  @Test func `a stage that was not started cannot end`() throws {
    let scratch = try ScratchStore()
    _ = try begin(scratch)
    #expect(throws: StorageError.notFound(what: "started stage extract")) {
      try scratch.store.withTenant(acme) { session throws in
        try session.finishStage("extract", of: runKey(), at: someMoment)
      }
    }
  }

  @Test func `last runs come newest first`() throws {
    let scratch = try ScratchStore()
    let nights = [1, 0, 2].map { march12.advanced(byDays: $0) }
    let runs = try scratch.store.withTenant(acme) { session throws in
      try session.ensureTenant()
      for night in nights {
        _ = try session.beginRun(runKey(acme, night), configurationDigest: "", at: someMoment)
      }
      return try session.lastRuns(limit: 2)
    }
    #expect(runs.map(\.key.night) == [2, 1].map { march12.advanced(byDays: $0) })
  }

  @Test func `a second run of the same job and window is refused with who runs`() throws {
    let scratch = try ScratchStore()
    let lock = try scratch.store.lock(runKey(), processName: "daybreak 4711 on host")
    do {
      _ = try RunLock(
        runKey(), on: scratch.administrator, processName: "second", patience: .milliseconds(100))
      Issue.record("the lock was given twice")
    } catch StorageError.alreadyRunning(_, let tenant, _, let holder) {
      #expect(tenant == acme)
      #expect(holder?.process == "daybreak 4711 on host")
      #expect(holder?.since != nil)
      #expect((holder?.serverProcessID ?? 0) > 0)
    }
    let isLost = lock.isLost
    #expect(!isLost)
    // Another night, and another tenant, are free.
    _ = try scratch.store.lock(runKey(acme, march12.advanced(byDays: 1)), processName: "other")
    _ = try scratch.store.lock(runKey(globex), processName: "other")
  }

  @Test func `the lock is free again when its holder is killed`() throws {
    let scratch = try ScratchStore()
    let lock = try scratch.store.lock(runKey(), processName: "first")
    let holder = try scratch.asAdministrator(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        + "AND application_name = 'first'"
    ).only()
    try scratch.asAdministrator(
      "SELECT pg_terminate_backend($1::integer)", [.int64(try holder.int64("pid"))])
    _ = try scratch.store.lock(runKey(), processName: "second")
    _ = lock
  }

  @Test func `the lock is free again when it goes out of scope`() throws {
    let scratch = try ScratchStore()
    do { _ = try scratch.store.lock(runKey(), processName: "first") }
    _ = try scratch.store.lock(runKey(), processName: "second")
  }
}
