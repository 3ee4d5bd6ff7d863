import DaybreakCore
import Testing

@testable import Clustering

private let night = CivilDate(dayNumber: 20_500)

private func known(
  _ template: String, nights: [Int] = [-1], isMuted: Bool = false, count: Int64 = 10
) -> KnownTemplate {
  KnownTemplate(
    identity: ServiceIdentity(namespace: "shop", service: "api"),
    fingerprint: templateFingerprint(template), template: template,
    firstSeen: Timestamp(seconds: 0),
    nights: nights.map { .init(date: night.advanced(byDays: $0), count: count) }, isMuted: isMuted)
}

@Suite struct HistoryMatchTests {
  @Test func `continues a template of the same fingerprint`() {
    let matched = match(clusters(["took 5 ms"]), history: [known("took <dur>")])
    #expect(matched.map(\.continues) == [[known("took <dur>")]])
    #expect(matched[0].changes.isEmpty)
  }

  @Test func `gives clusters that a known template matches to it`() {
    let history = [known("user <*> logged in")]
    let matched = match(clusters(["user anna logged in", "user bo logged in"]), history: history)
    #expect(matched.count == 1)
    #expect(matched[0].observation.fingerprint == history[0].fingerprint)
    #expect(matched[0].observation.template == "user <*> logged in")
    #expect(matched[0].observation.count == 2)
    #expect(matched[0].observation.placeholderValues == [["anna", "bo"]])
  }

  @Test func `prefers the most specific known template`() {
    let history = [known("<*> <*> logged <*>"), known("user <*> logged in")]
    let matched = match(clusters(["user anna logged in"]), history: history)
    #expect(matched[0].observation.template == "user <*> logged in")
  }

  @Test func `lets no template without a word take over`() {
    let matched = match(clusters(["user anna logged in"]), history: [known("<text>")])
    #expect(matched[0].continues.isEmpty)
  }

  @Test func `records a merge with old and new fingerprints`() {
    let names = ["anna", "bojan", "cyrille", "dragan", "eike", "fatima", "goran", "hiroshi"]
    let history = ["anna", "zoe"].map { known("user \($0) logged in") }
    let matched = match(clusters(names.map { "user \($0) logged in" }), history: history)
    #expect(matched.count == 1)
    #expect(matched[0].observation.template == "user <*> logged in")
    let old = history.map(\.fingerprint).sorted()
    #expect(matched[0].continues.map(\.fingerprint) == old)
    #expect(
      matched[0].changes == [
        TemplateChange(
          kind: .merged, identity: history[0].identity, old: old,
          new: [templateFingerprint("user <*> logged in")])
      ])
  }

  @Test func `records a split when a known template matches a part`() {
    let history = [known("job <num> of anna failed")]
    let names = ["anna", "bojan", "cyrille", "dragan", "eike", "fatima", "goran", "hiroshi"]
    var night = clusters(names.map { "job 5 of \($0) failed" })
    // As if the known template had come from lines that no cluster covers whole.
    night[0].template = "job 5 of <*> failed"
    night[0].samples = [
      LineSample(timestamp: nil, level: 0, text: "job 5 of anna failed"),
      LineSample(timestamp: nil, level: 0, text: "job 5 of bojan failed"),
    ]
    let matched = match(night, history: history)
    #expect(matched[0].continues.isEmpty)
    #expect(matched[0].changes.map(\.kind) == [.split])
    #expect(matched[0].changes[0].old == [history[0].fingerprint])
    #expect(matched[0].splitFrom == history)
  }

  @Test func `keeps a merge on a night on which one of the merged events comes alone`() {
    var narrow = known("worker red stopped")
    narrow.isReplaced = true
    let wide = known("worker <*> stopped")
    let matched = match(clusters(["worker red stopped"]), history: [narrow, wide])
    #expect(matched.map(\.observation.fingerprint) == [wide.fingerprint])
    #expect(matched.map(\.continues) == [[wide]])
  }

  @Test func `gives a replaced template its own events where nothing else matches them`() {
    var narrow = known("worker red stopped")
    narrow.isReplaced = true
    let matched = match(clusters(["worker red stopped"]), history: [narrow, known("took <dur>")])
    #expect(matched.map(\.continues) == [[narrow]])
    #expect(matched[0].changes.isEmpty)
  }

  @Test func `keeps services apart`() {
    var other = known("took <dur>")
    other.identity = ServiceIdentity(namespace: "shop", service: "cart")
    #expect(match(clusters(["took 5 ms"]), history: [other])[0].continues.isEmpty)
  }

  @Test func `loses no count`() {
    let observations = refine(folded(mixedEvents(2000, seed: 12)))
    let history = refine(folded(mixedEvents(2000, seed: 13))).map {
      KnownTemplate(
        identity: $0.identity, fingerprint: $0.fingerprint, template: $0.template,
        firstSeen: Timestamp(seconds: 0), nights: [])
    }
    let matched = match(observations, history: history)
    #expect(matched.reduce(0) { $0 + $1.observation.count } == 2000)
  }
}

@Suite struct LifecycleTests {
  private let covered = (1...30).map { night.advanced(byDays: -$0) }

  private func state(_ known: [KnownTemplate], covered: [CivilDate]? = nil) -> Lifecycle {
    let matched = MatchedCluster(
      observation: clusters(["took 5 ms"])[0], continues: known, changes: [])
    return lifecycle(of: matched, on: night, coveredNights: covered ?? self.covered)
  }

  @Test func `is new when nothing is continued`() { #expect(state([]) == .new) }

  @Test func `is recurring when seen lately`() {
    #expect(state([known("a", nights: [-7])]) == .recurring)
  }

  @Test func `has regressed after seven silent covered nights`() {
    #expect(state([known("a", nights: [-8])]) == .regressed)
  }

  @Test func `does not count nights without a run as silence`() {
    let covered = self.covered.filter { $0 < night.advanced(byDays: -3) }
    #expect(state([known("a", nights: [-8])], covered: covered) == .recurring)
  }

  @Test func `takes the latest night of all that it continues`() {
    #expect(state([known("a", nights: [-20]), known("b", nights: [-2])]) == .recurring)
  }

  @Test func `is muted when all that it continues is`() {
    #expect(state([known("a", isMuted: true)]) == .muted)
    #expect(state([known("a", isMuted: true), known("b")]) == .recurring)
  }

  @Test func `is as old as what it was split from`() {
    let whole = known("a", nights: [-8])
    let matched = MatchedCluster(
      observation: clusters(["took 5 ms"])[0], continues: [], splitFrom: [whole], changes: [])
    #expect(lifecycle(of: matched, on: night, coveredNights: covered) == .regressed)
  }

  @Test func `resolves neither what was replaced nor what was split while a part comes`() {
    let daily = Array(-7 ... -1)
    let part = known("took <dur>", nights: daily)
    var whole = known("whole <num>", nights: daily)
    whole.parts = [part.fingerprint]
    var replaced = known("replaced <num>", nights: daily)
    replaced.isReplaced = true
    func gone(_ lines: [String]) -> [KnownTemplate] {
      resolvedTemplates(
        history: [part, whole, replaced],
        clusters: lines.isEmpty ? [] : match(clusters(lines), history: [part]), on: night,
        coveredNights: covered
      ).map(\.template)
    }
    #expect(gone(["took 5 ms"]).isEmpty)
    #expect(Set(gone([])) == [part, whole])
  }

  @Test func `resolves what was daily and is gone`() {
    let daily = known("daily <num>", nights: Array(-7 ... -1))
    let rare = known("rare <num>", nights: [-1, -5])
    let seen = known("took <dur>", nights: Array(-7 ... -1))
    let matched = match(clusters(["took 5 ms"]), history: [seen])
    let gone = resolvedTemplates(
      history: [daily, rare, seen], clusters: matched, on: night, coveredNights: covered)
    #expect(gone.map(\.template) == [daily])
    #expect(gone.map(\.usualCount) == [10])
    #expect(gone.map(\.lastSeen) == [night.advanced(byDays: -1)])
  }

  @Test func `resolves nothing on too short a history`() {
    let gone = resolvedTemplates(
      history: [known("a b", nights: [-1])], clusters: [], on: night,
      coveredNights: [night.advanced(byDays: -1)])
    #expect(gone.isEmpty)
  }
}

@Suite struct ManyNightsTests {
  /// One night of a shop whose events are always the same and whose values never are.
  private func night(_ number: Int) -> [Event] {
    var random = SeededGenerator(seed: UInt64(number))
    func digits(_ count: Int) -> String {
      String((0..<count).map { _ in Character("\(Int.random(in: 0...9, using: &random))") })
    }
    func name() -> String {
      let syllables = ["ka", "lo", "mi", "ne", "ru", "sa", "to", "vi", "xe", "zu"]
      return (0..<3).map { _ in syllables.randomElement(using: &random) ?? "a" }.joined()
    }
    func hexadecimal(_ count: Int) -> String {
      String((0..<count).map { _ in "0123456789abcdef".randomElement(using: &random) ?? "0" })
    }
    return (0..<600).map { index in
      let second = Int64(index * 140)
      switch index % 10 {
      case 0:
        return Event("user \(name()) logged in from 10.\(digits(1)).\(digits(2)).7", at: second)
      case 1:
        return Event(
          "order \(digits(7)) of \(name()) placed, total \(digits(3)).\(digits(2)) EUR", at: second)
      case 2: return Event("GET /api/orders/\(digits(5)) 200 in \(digits(2)) ms", at: second)
      case 3: return Event("node worker-\(digits(2)) joined the cluster", at: second)
      case 4: return Event("trace \(hexadecimal(32)) span \(hexadecimal(8)) ended", at: second)
      case 5: return Event("payment of customer=\(name()) amount=\(digits(4)) declined", at: second)
      case 6: return Event("{\"msg\":\"job \(digits(4)) done\",\"host\":\"\(name())\"}", at: second)
      case 7: return Event("session \(hexadecimal(6)) expired after \(digits(2))m", at: second)
      case 8: return Event("replica \(name()) is behind by \(digits(3)) rows", at: second)
      default: return Event("mail to \(name())@\(name()).example bounced", at: second)
      }
    }
  }

  @Test func `calls nothing new in fifteen nights of changing values`() {
    var history: [ServiceFingerprint: KnownTemplate] = [:]
    var covered: [CivilDate] = []
    var news: [String] = []
    for number in 0..<15 {
      let date = CivilDate(dayNumber: 20_000 + number)
      let matched = match(refine(folded(night(number))), history: Array(history.values))
      for cluster in matched {
        if number > 0, lifecycle(of: cluster, on: date, coveredNights: covered) == .new {
          news.append("\(date): \(cluster.observation.template)")
        }
        let key = ServiceFingerprint(
          cluster.observation.identity, cluster.observation.fingerprint)
        var entry =
          history[key]
          ?? KnownTemplate(
            identity: key.identity, fingerprint: key.fingerprint,
            template: cluster.observation.template, firstSeen: Timestamp(seconds: 0), nights: [])
        entry.nights.append(.init(date: date, count: cluster.observation.count))
        history[key] = entry
      }
      covered.append(date)
    }
    #expect(news.isEmpty)
  }
}
