import DaybreakCore
import Testing

@testable import Clustering

/// Folds without a window: events of any time.
@Suite struct OpenFoldTests {
  private func openFold(
    _ events: some Collection<Event>, options: FoldOptions = FoldOptions()
  ) -> FoldResult {
    let fold = Fold(options: options)
    feed(events, to: fold, batchesOf: 13)
    return fold.result()
  }

  /// Events over a span of some seconds, a few without a time.
  private func events(_ count: Int, seconds: Int64, seed: UInt64) -> [Event] {
    var random = SeededGenerator(seed: seed)
    let words = ["alpha", "beta", "gamma"]
    return (0..<count).map { index in
      Event(
        "job \(words[index % 3]) took \(index) ms",
        at: index % 17 == 3 ? nil : Int64.random(in: -seconds...seconds, using: &random),
        level: Level.allCases[index % 5], service: ["api", "web"][index % 2])
    }
  }

  private static let spans: [Int64] = [0, 1, 40, 4000, 90_000, 3_000_000, 2_000_000_000]

  @Test(arguments: spans)
  func `every event is in a cluster, and those with a time in a slot`(seconds: Int64) {
    let events = events(500, seconds: seconds, seed: 3)
    let result = openFold(events)
    let clusters = refine(result)
    #expect(result.eventCount == 500)
    #expect(clusters.reduce(0) { $0 + $1.count } == 500)
    let untimed = events.count { $0.timestamp == LineRecord.noTimestamp }
    #expect(clusters.reduce(0) { $0 + $1.untimed.total } == Int64(untimed))
    #expect(clusters.allSatisfy { $0.hourly.count == min(1, result.time.slotCount) })
  }

  @Test(arguments: spans)
  func `slots hold the events of their time`(seconds: Int64) throws {
    let events = events(300, seconds: seconds, seed: 5)
    let result = openFold(events)
    guard case .open(let grid) = result.time else { Issue.record("no grid"); return }
    #expect((1...TimeGrid.slotLimit).contains(grid.slotCount))
    var counts = [Int64](repeating: 0, count: grid.slotCount)
    let assigner = ClusterAssigner(result: result, refinement: refinement(of: result))
    for cell in assigner.tallies(of: result).flatMap(\.cells) {
      if let slot = cell.slot { counts[slot] += cell.count }
    }
    var expected = counts.map { _ in Int64(0) }
    for event in events where event.timestamp != LineRecord.noTimestamp {
      let slot = try #require(
        (0..<grid.slotCount).last { grid.start(ofSlot: $0).nanoseconds <= event.timestamp })
      expected[slot] += 1
    }
    #expect(counts == expected)
    #expect(counts.first != 0 && counts.last != 0)
  }

  @Test(arguments: spans)
  func `the result is the same in any order and any division`(seconds: Int64) throws {
    let events = events(400, seconds: seconds, seed: 9)
    let whole = openFold(events)
    var random = SeededGenerator(seed: 1)
    for _ in 0..<4 {
      let shuffled = events.shuffled(using: &random)
      #expect(openFold(shuffled) == whole)
      let cuts = [0] + (0..<3).map { _ in Int.random(in: 0...400, using: &random) }.sorted() + [400]
      var parts = zip(cuts, cuts.dropFirst()).map { openFold(shuffled[$0..<$1]) }
      parts.shuffle(using: &random)
      var merged = parts[0]
      for part in parts.dropFirst() { merged = try part.merged(with: merged) }
      #expect(merged == whole)
      #expect(merged.encoded() == whole.encoded())
    }
  }

  @Test func `few patterns fit: the result is still the same in any order and any division`() throws
  {
    let events = mixedEvents(1500, seed: 21)
    let options = FoldOptions(patternLimit: 60, bucketLimit: 16)
    let whole = openFold(events, options: options)
    #expect(whole.isCoarsened)
    let left = openFold(events[..<700], options: options)
    let right = openFold(events[700...].reversed(), options: options)
    #expect(try left.merged(with: right) == whole)
    #expect(try right.merged(with: left) == whole)
  }

  @Test func `a file of an open fold is read back`() throws {
    for seconds in Self.spans {
      let result = openFold(events(50, seconds: seconds, seed: 2))
      #expect(try FoldResult(decoding: result.encoded()) == result)
    }
    let empty = openFold([Event]())
    #expect(try FoldResult(decoding: empty.encoded()) == empty)
  }

  @Test func `times at the ends of what a timestamp can say are counted`() throws {
    var events = [Event("x"), Event("x"), Event("x")]
    events[0].timestamp = .min + 1
    events[1].timestamp = .max
    let result = openFold(events)
    #expect(refine(result).map(\.count) == [3])
    #expect(try FoldResult(decoding: result.encoded()) == result)
    #expect(result.window.start < result.window.end)
  }

  @Test func `an open fold does not merge with one of a window`() {
    let open = openFold([Event("x")])
    #expect(throws: ClusteringError.self) { try open.merged(with: folded([Event("x")])) }
  }

  @Test func `tallies of parts add up to those of the whole`() throws {
    let events = mixedEvents(900, seed: 4)
    let options = FoldOptions(patternLimit: 80, bucketLimit: 16)
    let parts = [
      openFold(events[..<300], options: options), openFold(events[300...], options: options),
    ]
    let whole = try parts[0].merged(with: parts[1])
    let refinement = refinement(of: whole)
    let assigner = ClusterAssigner(result: whole, refinement: refinement)
    let tallies = assigner.tallies(of: whole)
    #expect(tallies.map(\.levels) == refinement.clusters.map(\.levels))
    #expect(tallies.map(\.firstSeen) == refinement.clusters.map(\.firstSeen))
    #expect(tallies.reduce(0) { $0 + $1.lineCount } == whole.lineCount)
    let split = parts.map(assigner.tallies)
    for index in tallies.indices {
      var sum = split[0][index].levels
      sum += split[1][index].levels
      #expect(sum == tallies[index].levels)
      #expect(split[0][index].lineCount + split[1][index].lineCount == tallies[index].lineCount)
    }
  }
}
