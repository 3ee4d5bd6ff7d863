import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite(.enabled(if: TestDatabase.isAvailable)) struct StageResultTests {
  private func withNight(
    _ body: (ScratchStore, RunKey) throws -> Void
  ) throws {
    let scratch = try ScratchStore()
    let key = runKey()
    try scratch.write(sampleNight(of: key), of: key)
    try body(scratch, key)
  }

  @Test func `baselines and anomalies read back, and are replaced as a whole`() throws {
    try withNight { scratch, key in
      try scratch.store.withTenant(acme) { session throws in
        var other = anomaly(key)
        other.metric = .silence
        other.logProbability = -.infinity
        try session.writeAnomalies(
          baselines: [baseline(key)], events: [anomaly(key), other], of: key)
        #expect(try session.baselines(of: key) == [baseline(key)])
        #expect(try session.anomalies(of: key) == [anomaly(key), other])
        try session.writeAnomalies(baselines: [], events: [anomaly(key)], of: key)
        #expect(try session.baselines(of: key).isEmpty)
        #expect(try session.anomalies(of: key) == [anomaly(key)])
      }
    }
  }

  @Test func `a baseline of zero has no factor but a reason`() throws {
    try withNight { scratch, key in
      try scratch.store.withTenant(acme) { session throws in
        try session.writeAnomalies(baselines: [], events: [anomaly(key, factor: nil)], of: key)
      }
      let row = try scratch.asAdministrator("SELECT * FROM daybreak.anomaly_events").only()
      #expect(try row.isNull("deviation_factor"))
      #expect(try row.string("deviation_note") == "the baseline is 0")
    }
  }

  @Test(arguments: [(0.0, 3.0, "x"), (2.0, nil, nil), (2.0, nil, ""), (2.0, Double.infinity, nil)])
  func `a factor without sense, or a missing one without reason, is refused`(
    expected: Double, factor: Double?, note: String?
  ) throws {
    try withNight { scratch, key in
      var event = anomaly(key)
      event.expected = expected
      event.deviationFactor = factor
      event.deviationNote = note
      let error = #expect(throws: PostgresError.self) {
        try scratch.store.withTenant(acme) { session throws in
          try session.writeAnomalies(baselines: [], events: [event], of: key)
        }
      }
      #expect(error?.sqlState == "23514")
    }
  }

  @Test func `analyses read back, and go with a cluster that no night knows`() throws {
    try withNight { scratch, key in
      let observation = sampleNight(of: key).clusters[0].observation
      let cluster = ClusterKey(
        identity: observation.identity, fingerprint: observation.fingerprint)
      try scratch.store.withTenant(acme) { session throws in
        try session.writeAnalyses([cluster: analysis()], of: key)
        #expect(try session.analyses(of: key) == [cluster: analysis()])
        let past = try session.analyses(of: [cluster.fingerprint], limit: 5)
        let own = PastAnalysis(night: march12, analysis: analysis(), isOfIncident: false)
        #expect(past == [cluster.fingerprint: [own]])
        try session.writeNight(NightRecord(clusters: [], minutes: [], coverage: []), of: key)
        #expect(try session.analyses(of: key).isEmpty)
      }
    }
  }

  @Test func `what was said of incidents reads back with the cluster that led them`() throws {
    try withNight { scratch, key in
      let observation = sampleNight(of: key).clusters[0].observation
      let cluster = ClusterKey(
        identity: observation.identity, fingerprint: observation.fingerprint)
      let (led, leaderless) = (naturalID("one"), naturalID("other"))
      try scratch.store.withTenant(acme) { session throws in
        try session.writeAnalyses(
          [cluster: analysis()],
          incidents: [
            IncidentAnalysis(incidentID: led, leading: cluster, analysis: modelAnalysis()),
            IncidentAnalysis(incidentID: leaderless, leading: nil, analysis: analysis()),
          ], of: key)
        #expect(try session.analyses(of: key) == [cluster: analysis()])
        let past = try session.analyses(of: [cluster.fingerprint], limit: 5)
        #expect(past[cluster.fingerprint]?.map(\.isOfIncident) == [false, true])
        #expect(past[cluster.fingerprint]?.last?.analysis == modelAnalysis())
        let first = try session.analyses(of: [cluster.fingerprint], limit: 1)
        #expect(first[cluster.fingerprint]?.map(\.isOfIncident) == [false])
        let rows = try session.connection.query(
          named: "of incidents",
          "SELECT prompt_digest, cost_usd, latency_milliseconds FROM daybreak.analysis_results "
            + "WHERE incident_id = $1", [.uuid(led)])
        #expect(try rows.only().string("prompt_digest") == modelCall().promptDigest)
        #expect(try rows.only().int64("latency_milliseconds") == modelCall().latencyMilliseconds)
        try session.writeAnalyses([:], of: key)
        #expect(try session.analyses(of: [cluster.fingerprint], limit: 5).isEmpty)
      }
    }
  }

  @Test func `lines from before a cluster are kept apart from its samples`() throws {
    try withNight { scratch, key in
      var night = sampleNight(of: key)
      let line = LineSample(
        timestamp: key.window.start.nanoseconds, level: Level.info.rawValue, text: "pool resized")
      night.clusters[0].observation.neighbours = [line]
      try scratch.write(night, of: key)
      try scratch.store.withTenant(acme) { session throws in
        let stored = try session.clusterNights(of: key).map(\.observation)
        let fingerprint = night.clusters[0].observation.fingerprint
        let one = try #require(stored.first { $0.fingerprint == fingerprint })
        #expect(one.neighbours == [line])
        #expect(one.samples.map(\.text) == night.clusters[0].observation.samples.map(\.text))
        let others = stored.filter { $0.fingerprint != fingerprint }
        #expect(others.map(\.neighbours.count) == [0, 0])
      }
    }
  }

  @Test func `keeps what a model took and why one did not speak`() throws {
    try withNight { scratch, key in
      let observation = sampleNight(of: key).clusters[0].observation
      let cluster = ClusterKey(
        identity: observation.identity, fingerprint: observation.fingerprint)
      var silent = analysis()
      silent.note = "openai m did not speak: it was too busy."
      try scratch.store.withTenant(acme) { session throws in
        for written in [modelAnalysis(), silent] {
          try session.writeAnalyses([cluster: written], of: key)
          #expect(try session.analyses(of: key) == [cluster: written])
        }
      }
      // Code takes no tokens: such a row would be a mistake of ours.
      var wrong = analysis()
      wrong.call = modelCall()
      let error = #expect(throws: PostgresError.self) {
        try scratch.store.withTenant(acme) { session throws in
          try session.writeAnalyses([cluster: wrong], of: key)
        }
      }
      #expect(error?.sqlState == "23514")
    }
  }

  @Test func `keeps the first answer to a prompt`() throws {
    try withNight { scratch, key in
      try scratch.store.withTenant(acme) { session throws in
        try session.keepAnswer(storedAnswer(), of: key.window)
        var second = storedAnswer()
        second.answer = "{}"
        try session.keepAnswer(second, of: key.window)
        try session.keepAnswer(storedAnswer("b"), of: key.window)
        let digests = [modelCall().promptDigest, modelCall("c").promptDigest]
        #expect(
          try session.keptAnswers(provider: "openai", model: "m", promptDigests: digests)
            == [storedAnswer()])
        #expect(
          try session.keptAnswers(provider: "openai", model: "n", promptDigests: digests).isEmpty)
      }
    }
  }

  @Test func `a message is claimed by one sender at a time and sent once`() throws {
    try withNight { scratch, key in
      try scratch.store.withTenant(acme) { session throws in
        try session.writeAnomalies(baselines: [], events: [anomaly(key)], of: key)
      }
      let outbox = StoreOutbox(store: scratch.store, run: key)
      var mail = message(key)
      #expect(try outbox.claim(mail.key, now: someMoment, leaseEnd: someMoment) == .absent)
      #expect(try outbox.enqueue(mail))
      let lease = someMoment.advanced(bySeconds: 60)
      mail.attempts = 1
      #expect(
        try outbox.claim(mail.key, now: someMoment, leaseEnd: lease) == .claimed(mail))
      #expect(
        try outbox.claim(mail.key, now: someMoment, leaseEnd: lease) == .waiting(until: lease))
      // The lease ran out: its holder died.
      mail.attempts = 2
      let later = lease.advanced(bySeconds: 60)
      #expect(try outbox.claim(mail.key, now: lease, leaseEnd: later) == .claimed(mail))
      try outbox.markSent(mail.key, at: later, note: nil)
      #expect(try outbox.claim(mail.key, now: later, leaseEnd: later) == .settled(.sent))
      // Another text for the same run and channel changes nothing.
      mail.messageID = "<2@daybreak>"
      #expect(try !outbox.enqueue(mail))
      let row = try scratch.asAdministrator(
        "SELECT notified, message_id FROM daybreak.anomaly_events, daybreak.notifications"
      ).only()
      #expect(try row.bool("notified"))
      #expect(try row.string("message_id") == "<1@daybreak>")
    }
  }

  @Test func `a message that could not be sent waits for its next attempt`() throws {
    try withNight { scratch, key in
      let outbox = StoreOutbox(store: scratch.store, run: key)
      var mail = message(key)
      _ = try outbox.enqueue(mail)
      let soon = someMoment.advanced(bySeconds: 30)
      _ = try outbox.claim(mail.key, now: someMoment, leaseEnd: soon)
      try outbox.markPending(
        mail.key, recipients: ["two@acme.test"], nextAttempt: soon, reason: "451 later")
      #expect(
        try outbox.claim(mail.key, now: someMoment, leaseEnd: soon) == .waiting(until: soon))
      mail.attempts = 2
      mail.recipients = ["two@acme.test"]
      #expect(try openRuns(scratch) == [key])
      #expect(try outbox.claim(mail.key, now: soon, leaseEnd: soon) == .claimed(mail))
      #expect(try openRuns(scratch) == [key])
      try outbox.markFailed(mail.key, at: soon, reason: "550 no")
      #expect(try outbox.claim(mail.key, now: soon, leaseEnd: soon) == .settled(.failed))
      #expect(throws: StorageError.self) {
        try outbox.markSent(mail.key, at: soon, note: nil)
      }
      #expect(try openRuns(scratch) == [])
    }
  }

  /// The runs whose message a later run would still send.
  private func openRuns(_ scratch: ScratchStore) throws -> [RunKey] {
    try scratch.store.withTenant(acme) { session throws in
      try session.runsWithOpenMessages(job: "nightly").map(\.key)
    }
  }

  @Test func `a mute holds until it expires or is lifted`() throws {
    try withNight { scratch, _ in
      let fingerprint = Fingerprint(template: template("db-1"))
      let mute = ClusterMute(
        fingerprint: fingerprint, reason: "known", author: "ann", mutedAt: someMoment,
        expiresAt: someMoment.advanced(bySeconds: 60))
      try scratch.store.withTenant(acme) { session throws in
        try session.mute(mute)
        try session.mute(mute)
        #expect(try session.mutes() == [mute])
        #expect(mute.holds(at: someMoment))
        #expect(!mute.holds(at: someMoment.advanced(bySeconds: 60)))
        #expect(try session.unmute(fingerprint))
        #expect(try !session.unmute(fingerprint))
        #expect(try session.mutes().isEmpty)
      }
    }
  }

  @Test func `a night's summary is set, not added`() throws {
    try withNight { scratch, key in
      var summary = NightSummary(
        night: key.night, window: key.window, verdict: "Nothing new", severity: nil,
        isComplete: false, counts: ["lines": 63], detail: "{\"parts\": 1}")
      try scratch.store.withTenant(acme) { session throws in
        try session.writeSummary(summary, of: key)
        summary.severity = .critical
        summary.verdict = "1 incident"
        try session.writeSummary(summary, of: key)
        #expect(try session.summaries(from: march12, through: march12) == [summary])
      }
    }
  }

  @Test func `a tenant keeps its Loki organisation until it is given another`() throws {
    let scratch = try ScratchStore()
    try scratch.store.withTenant(acme) { session throws in
      try session.ensureTenant()
      #expect(try session.lokiOrgID() == "acme")
      try session.ensureTenant(lokiOrgID: "acme-prod")
      try session.ensureTenant()
      #expect(try session.lokiOrgID() == "acme-prod")
    }
  }
}
