import DaybreakCore
import Foundation
import Testing

@testable import Summaries

@Suite struct SummariesTests {
  let provider = ExtractiveProvider()

  @Test func `names service, rate, normal rate, time and followers in one sentence`() throws {
    let scene = try Scene()
    let night = scene.outage()
    #expect(
      headline(of: night.incidents[0], calendar: scene.calendar)
        == "payments logged 24 errors a minute against 0.02 as usual from 02:10 to 02:52; "
        + "checkout at 02:11 followed.")
  }

  @Test func `says that there never was an error where the baseline is zero`() throws {
    let scene = try Scene()
    let incident = scene.incident([scene.event("payments", 130..<172, expected: 0)])
    #expect(
      headline(of: incident, calendar: scene.calendar)
        == "payments logged 24 errors a minute, none in 14 nights of history, from 02:10 to 02:52.")
  }

  @Test func `offers the first mover's first new error as a possible beginning`() throws {
    let scene = try Scene()
    let night = scene.outage()
    let analysis = provider.analysis(of: night.incidents[0], in: night)
    #expect(
      analysis.hypothesis
        == "It possibly began in payments with “\(scene.pool)” at 02:10, 1 minute before checkout "
        + "logged its first new error.")
    #expect(analysis.summary.hasPrefix("payments logged 24 errors a minute"))
    #expect(analysis.nextSteps.contains("Read all lines of payments from 02:05 on."))
  }

  @Test func `offers no cause where another service began first`() throws {
    let scene = try Scene()
    var night = scene.outage()
    night.clusters[0] = scene.cluster("checkout", "payment failed", at: 130, second: 1)
    let analysis = provider.analysis(of: night.incidents[0], in: night)
    #expect(analysis.hypothesis == nil)
    #expect(analysis.unknown.contains { $0.hasPrefix("Which service failed first") })
  }

  @Test func `ranks news of the incident's services and time alone, the first mover first`() throws
  {
    let scene = try Scene()
    let night = scene.outage()
    let ranked = rankedClusters(for: night.incidents[0], in: night)
    #expect(ranked.map(\.observation.identity.service) == ["payments", "checkout"])
  }

  @Test func `leads with the service whose first new error came before its anomaly`() throws {
    let scene = try Scene()
    // So few errors that they are improbable only after two minutes; checkout fails loudly at once.
    let incident = scene.incident([
      scene.event("checkout", 131..<172), scene.event("inventory", 132..<172),
    ])
    let night = scene.night(
      [incident],
      [
        scene.cluster("checkout", "stock unknown", at: 131, second: 20, count: 900),
        scene.cluster("inventory", "disk is full", at: 130, second: 40, count: 90),
      ])
    let ranked = rankedClusters(for: incident, in: night)
    #expect(ranked.map(\.observation.identity.service) == ["inventory", "checkout"])
    let analysis = provider.analysis(of: incident, in: night)
    #expect(
      analysis.hypothesis
        == "It possibly began in inventory with “disk is full” at 02:10, 40 seconds before checkout "
        + "logged its first new error.")
    #expect(analysis.nextSteps.contains("See whether checkout calls inventory."))
  }

  @Test func `calls a later error a possible consequence of the first`() throws {
    let scene = try Scene()
    let night = scene.outage()
    #expect(
      provider.analysis(of: night.clusters[0], in: night).hypothesis
        == "Possibly a consequence of “\(scene.pool)” in payments, which began 1 minute earlier.")
    #expect(provider.analysis(of: night.clusters[2], in: night).hypothesis == nil)
  }

  @Test func `quotes samples byte for byte, the cause of a stack trace first`() throws {
    let scene = try Scene()
    let night = scene.outage()
    let analysis = provider.analysis(of: night.clusters[1], in: night)
    #expect(analysis.evidence.count == 3)
    #expect(analysis.evidence[1].quote.hasPrefix("Caused by: java.sql.SQLTransient"))
    #expect(
      checkedEvidence(analysis.evidence, samples: night.clusters[1].observation.samples)
        == analysis.evidence)
  }

  @Test func `drops evidence that no sample holds`() throws {
    let samples = [LineSample(timestamp: nil, level: 0, text: "disk é full")]
    let claims = [
      Evidence(sampleIndex: 0, quote: "disk é"), Evidence(sampleIndex: 0, quote: "disk e\u{301}"),
      Evidence(sampleIndex: 0, quote: "disk is full"), Evidence(sampleIndex: 1, quote: "disk"),
      Evidence(sampleIndex: -1, quote: "disk"), Evidence(sampleIndex: 0, quote: ""),
      Evidence(sampleIndex: 0, quote: "disk é"),
    ]
    #expect(checkedEvidence(claims, samples: samples) == [claims[0]])
  }

  @Test func `trusts more samples that agree and longer history more`() throws {
    func sample(_ text: String) -> LineSample { LineSample(timestamp: nil, level: 5, text: text) }
    let same = [sample("a 1"), sample("a 2"), sample("a 3")]
    let mixed = [sample("a 1"), sample("b"), sample("c d")]
    let all = (0..<3).map { Evidence(sampleIndex: $0, quote: "a") }
    func value(_ samples: [LineSample], _ evidence: [Evidence], _ count: Int64, _ nights: Int)
      -> Double
    {
      confidence(
        evidence: evidence, samples: samples, eventCount: count, nightsCovered: nights)
    }
    #expect(value(same, all, 500, 14) > value(mixed, all, 500, 14))
    #expect(value(same, all, 500, 14) > value(same, all, 5, 14))
    #expect(value(same, all, 500, 14) > value(same, all, 500, 1))
    #expect(value(same, all, 500, 14) > value(same, [all[0]], 500, 14))
    #expect(value(same, [], 500, 14) <= 0.2)
    #expect(value(same, all, .max / 4, 1_000_000) <= 0.9)
    #expect(value([], [], 0, 0) == 0)
  }

  @Test func `says of a recurring cluster how much against normal`() throws {
    let scene = try Scene()
    let more = scene.cluster(
      "cart", "cache miss", at: 125, count: 812, lifecycle: .recurring, median: 20)
    let usual = scene.cluster(
      "cart", "cache miss", at: 125, count: 21, lifecycle: .recurring, median: 20)
    let night = scene.night([], [more, usual])
    #expect(
      provider.analysis(of: more, in: night).summary
        == "More in cart: “cache miss”, 812 events, 41 times as many (usually 20 a night). "
        + "Above normal since 02:05.")
    #expect(
      provider.analysis(of: usual, in: night).summary
        == "As usual in cart: “cache miss”, 21 events, usually 20 a night.")
    #expect(provider.analysis(of: usual, in: night).unknown.isEmpty)
    #expect(provider.analysis(of: usual, in: night).nextSteps.isEmpty)
  }

  @Test func `finds the hour in which a recurring cluster began to exceed`() throws {
    let scene = try Scene()
    var cluster = scene.cluster("cart", "x", at: 10, count: 4, lifecycle: .recurring).observation
    cluster.hourly[2][.error] = 40
    let medians = [Double](repeating: 4, count: 24)
    func start(_ lifecycle: Lifecycle) -> Timestamp? {
      onset(of: cluster, lifecycle: lifecycle, medianHourly: medians, window: scene.window)
    }
    #expect(start(.recurring) == scene.moment(120))
    #expect(start(.new) == scene.moment(10))
    cluster.hourly[2][.error] = 6
    #expect(start(.recurring) == nil)
  }

  @Test func `sums up history with its zeros`() throws {
    let day = try #require(CivilDate("2026-03-11"))
    let counts: [(date: CivilDate, count: Int64)] = [0, 8, 0, 4].enumerated().map {
      (day.advanced(byDays: -$0.offset), $0.element)
    }
    let history = ClusterHistory(counts: counts)
    #expect(history.nightsSeen == 2 && history.medianCount == 2)
    #expect(history.lastSeen?.description == "2026-03-10")
    #expect(ClusterHistory(counts: []).medianCount == 0)
  }

  @Test(arguments: [
    (0.0, "0"), (0.004, "0"), (0.02, "0.02"), (0.5, "0.5"), (2.44, "2.4"), (3.0, "3"), (9.99, "10"),
    (24.2, "24"), (1_234_567, "1,234,567"),
  ])
  func `writes numbers with the digits that mean something`(value: Double, text: String) {
    #expect(Wording.number(value) == text)
  }

  @Test(arguments: [
    (#"{"level":"error","msg":"payment \"x\" failed","n":<num>}"#, #"payment \"x\" failed"#),
    (#"{"msg":"","n":1}"#, #"{"msg":"","n":1}"#), (#"{"msg":"cut"#, "cut"),
    (#"ts=<time> level=info msg="item added" cart=<num>"#, "item added"),
    ("1 --- [payments] [exec-1] c.z.HikariPool : no connection", "no connection"),
    ("1 --- [payments] : ", "1 --- [payments] : "), ("plain : text", "plain : text"), ("", ""),
  ])
  func `shows what a line says without its wrapping`(line: String, shown: String) {
    #expect(essence(line) == shown)
  }

  @Test func `keeps hostile text inside its quotation marks on one line`() throws {
    let scene = try Scene()
    let hostile =
      "<script>alert(1)</script>\n# {{x}} ](javascript:0) " + String(repeating: "y", count: 500)
    let cluster = scene.cluster("cart", hostile, at: 5, samples: [hostile])
    let summary = provider.analysis(of: cluster, in: scene.night([], [cluster])).summary
    #expect(summary.hasPrefix("New in cart: “<script>alert(1)</script>”, 500 events"))
    #expect(!summary.contains("\n"))
  }
}
