import DaybreakCore
import LogCorpus
import TestSupport
import Testing

@testable import Clustering

private let sets = (try? StatementSet.all(in: Fixtures.file("statements"))) ?? []

/// How the engine does on logs of systems that we made up.
@Suite struct LogCorpusTests {
  @Test func `writes the same lines for the same seed and every statement at least once`() {
    #expect(sets.count >= 40)
    #expect(Set(sets.map(\.name)).count == sets.count)
    for set in sets {
      let lines = set.lines(2000)
      #expect(lines == set.lines(2000))
      #expect(lines != set.lines(2000, seed: 2))
      #expect(Set(lines.map(\.label)).count >= 20, "\(set.name)")
    }
  }

  @Test func `puts before a message what its statement says and ranks statements in their order`() {
    let text = """
      header: {small} {from}: 
      ranked: 1.5
      sshd[{pid}] » bye {user}
      # not a statement
      cron » job {n} {#done|late}
      """
    let lines = StatementSet(name: "two", text: text, isForDevelopment: true).lines(1000)
    #expect(
      lines.allSatisfy { $0.header.contains($0.message.hasPrefix("bye") ? "sshd[" : " cron: ") })
    let counts = Dictionary(grouping: lines, by: \.label).mapValues(\.count)
    #expect(Set(counts.keys) == ["bye <*>", "job <*> done", "job <*> late"])
    #expect(counts["bye <*>", default: 0] > counts["job <*> done", default: 0])
    #expect(counts["job <*> done", default: 0] > counts["job <*> late", default: 0])
  }

  /// Floors under what was measured, for the systems that rules were made with and for those that nobody
  /// looked at meanwhile.
  @Test(arguments: [true, false])
  func `groups the lines of made-up systems by the statement that wrote them`(
    isForDevelopment: Bool
  ) {
    let scores = sets.filter { $0.isForDevelopment == isForDevelopment }.map { set in
      let lines = set.lines(2000)
      return Accuracy(messages: lines.map(\.message), labels: lines.map(\.label))
    }
    let count = Double(scores.count)
    #expect(count >= 3)
    #expect(scores.reduce(0) { $0 + $1.grouping } / count >= floors(isForDevelopment).grouping)
    #expect(scores.reduce(0) { $0 + $1.groups } / count >= floors(isForDevelopment).groups)
  }

  private func floors(_ isForDevelopment: Bool) -> (grouping: Double, groups: Double) {
    isForDevelopment ? (0.86, 0.79) : (0.55, 0.53)
  }

  @Test(arguments: sets.map(\.name))
  func `matches every line of a made-up system with the template of its cluster`(name: String) {
    guard let set = sets.first(where: { $0.name == name }) else { return }
    let events = set.lines(400).map { Event($0.header + $0.message) }
    expectCovered(events)
    var random = SeededGenerator(seed: 3)
    #expect(refine(folded(events.shuffled(using: &random))) == refine(folded(events)))
  }
}
