import DaybreakCore
import Testing

@testable import Clustering

@Suite struct RefineTests {
  private func templates(_ lines: [String]) -> [String] { clusters(lines).map(\.template).sorted() }

  private let names = [
    "anna", "bojan", "cyrille", "dragan", "eike", "fatima", "goran", "hiroshi", "ilse", "jussi",
  ]

  @Test func `makes a position with many names variable`() {
    #expect(
      templates(names.map { "session opened for user \($0) by root" })
        == ["session opened for user <*> by <*>"])
  }

  @Test func `makes two positions variable at once`() {
    let lines = names.indices.map {
      "user \(names[$0]) moved to host \(names[(3 * $0 + 1) % 10])box"
    }
    #expect(templates(lines) == ["user <*> moved to host <*>"])
  }

  @Test func `makes a position variable sooner in a long text than in a short one`() {
    let kinds = ["integer", "uuid", "boolean", "decimal"]
    #expect(
      templates(kinds.map { "invalid input syntax for type \($0): it was refused" })
        == ["invalid input syntax for type <*>: it was refused"])
    #expect(templates(kinds.map { "refused a \($0)" }).count == 4)
  }

  @Test func `asks for more words where they say what happened`() {
    func lines(_ words: [String]) -> [String] {
      words.map { "assertion 7 \($0) by the helper of pid 9 for its display" }
    }
    #expect(
      templates(lines(["sleep", "audio", "network", "disk", "screen", "camera"]))
        == ["assertion <num> <*> by the helper of pid <num> for its display"])
    #expect(templates(lines(["created", "released", "expired", "lost"])).count == 4)
  }

  @Test func `counts a word that stands at one place once however many values stand at another`() {
    let lines =
      names.map { "failed password for unknown person \($0) from 10.0.0.7" }
      + ["failed token for unknown person anna from 10.0.0.7"]
    #expect(templates(lines).count == 2)
  }

  @Test func `gives a line that differs at several places the template of many others`() {
    let many = (0..<20).flatMap { asked in
      names.map {
        "\($0)Box\(names[asked % 10]) was asked for help by \(names[asked / 2]) in the hall"
      }
    }
    #expect(
      templates(many + ["Zed was asked for help by Quentin in the hall"])
        == ["<*> was asked for help by <*> in the hall"])
  }

  @Test func `keeps what few words tell apart`() {
    #expect(
      templates(["link eth0 is up", "link eth0 is down"]) == [
        "link eth0 is down", "link eth0 is up",
      ])
  }

  @Test func `never merges one-word and two-word events for being short`() {
    let lines = names.map { "\($0) ok" } + names + names.map { "\($0): 5" }
    #expect(templates(lines).count == 30)
  }

  @Test func `gives a name that is a word of logs to the variable position`() {
    let lines = (names + ["mark", "grant"]).map { "password for user \($0) was changed" }
    #expect(templates(lines) == ["password for user <*> was changed"])
  }

  @Test func `joins patterns that differ in types of placeholders alone`() {
    let clusters = clusters(["id 17 not found", "id 3f2a9c1 not found", "id x7kq4 not found"])
    #expect(clusters.map(\.template) == ["id <*> not found"])
    #expect(clusters[0].count == 3)
  }

  @Test func `joins rows of other length`() {
    #expect(templates(["at 1 2 3 end", "at 1 end"]) == ["at <text> end"])
  }

  @Test func `has one event for all threads, requests and programs`() {
    #expect(
      templates(["[main] cart was emptied", "[worker 7] cart was emptied"])
        == ["[<text>] cart was emptied"])
    #expect(
      templates([
        "shop.Cart [req-17 a7f9 - -] cart was emptied", "shop.Cart [-] cart was emptied",
      ]) == ["shop.Cart [<text>] cart was emptied"])
    #expect(
      templates([
        "shop.exe *64 - mail.example.org:25 open through relay",
        "mail.exe - 10.0.0.1:25 open through relay",
      ])
        == ["<text> - <host>:<num> open through relay"])
    #expect(templates(["[a] ok", "[b] ok"]) == ["[a] ok", "[b] ok"])
  }

  @Test func `joins a value of another number of words`() {
    #expect(
      templates([
        "a.example.org:80 close, 0 bytes sent, 12 bytes (1.2 KB) received, lifetime <1 sec",
        "a.example.org:80 close, 7 bytes (0.1 KB) sent, 0 bytes received, lifetime 00:01",
      ]) == ["<host>:<num> close, <size> sent, <size> received, lifetime <text>"])
  }

  @Test func `joins lines in which a value is empty`() {
    #expect(
      templates([
        "link from 10.0.0.1 () at 09:00:01", "link from 10.0.0.1 (a.example.org) at 09:00:01",
      ])
        == ["link from <ip> (<text>) at <time>"])
  }

  @Test func `keeps events apart that differ in one word`() {
    let words = ["Started", "Paused", "Resumed", "Stopped"]
    #expect(templates(words.map { "VM \($0)" }) == words.map { "VM \($0)" }.sorted())
    #expect(templates(words.map { "[a7] VM \($0) (Lifecycle Event)" }).count == 4)
  }

  @Test func `takes the value of a key as a variable and shows it while it is constant`() {
    #expect(templates(["login failed; tty=ssh uid=0"]) == ["login failed; tty=ssh uid=<num>"])
    #expect(
      templates(["login failed; tty=ssh uid=0", "login failed; tty=con uid=0"])
        == ["login failed; tty=<*> uid=<num>"])
  }

  @Test func `keeps services apart and in order`() {
    let result = folded(["b", "a"].map { Event("x y z", service: $0) })
    #expect(refine(result).map(\.identity.service) == ["a", "b"])
  }

  @Test func `names an empty message`() {
    #expect(templates(["", "  "]) == ["(empty)"])
  }

  @Test func `has one cluster a fingerprint and sums that add up`() {
    let result = folded(mixedEvents(2000, seed: 21))
    let clusters = refine(result)
    #expect(Set(clusters.map { "\($0.identity) \($0.fingerprint)" }).count == clusters.count)
    #expect(clusters.reduce(0) { $0 + $1.count } == result.eventCount)
    for cluster in clusters {
      #expect(cluster.fingerprint == templateFingerprint(cluster.template))
    }
  }
}

@Suite struct TemplateCoverageTests {
  @Test func `matches every line of our own with the template of its cluster`() {
    expectCovered(mixedEvents(2000, seed: 4))
  }

  @Test func `shows the same clusters for any order`() {
    var random = SeededGenerator(seed: 8)
    let events = mixedEvents(2000, seed: 4)
    #expect(refine(folded(events)) == refine(folded(events.shuffled(using: &random))))
  }
}

/// Expects each sample of each cluster, and each event by the template that the engine gives it, to
/// match.
func expectCovered(_ events: [Event], sourceLocation: SourceLocation = #_sourceLocation) {
  let result = folded(events, options: FoldOptions(sampleCount: 64))
  let clusters = refine(result)
  var matchers: [ServiceIdentity: [TemplateMatcher]] = [:]
  for cluster in clusters {
    let matcher = TemplateMatcher(template: cluster.template)
    matchers[cluster.identity, default: []].append(matcher)
    for sample in cluster.samples where !sample.text.hasSuffix("…") {
      let values = matcher.values(in: sample.text.utf8)
      #expect(
        values?.count == matcher.placeholderCount, "\(cluster.template) | \(sample.text)",
        sourceLocation: sourceLocation)
    }
  }
  for event in Set(events) {
    let shown = shownBytes(event.message)
    let isCovered = matchers[event.service]?.contains { $0.matches(shown: shown) } ?? false
    #expect(
      isCovered, "\(String(decoding: event.message, as: UTF8.self))", sourceLocation: sourceLocation
    )
  }
}
