import DaybreakCore
import Extraction
import Foundation
import Testing

@Suite struct ListingTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func names(_ patterns: String...) throws -> [String] {
    var configuration = FileSourceConfiguration(name: "test", patterns: patterns)
    configuration.baseDirectory = folder.url.path
    return try readSource(configuration).coverage.inputs.map(\.name)
  }

  @Test func `patterns, folders and files are read in order of names, each once`() throws {
    for name in ["b.log", "a.log", "sub/c.log", "sub/deep/d.log", "sub/e.txt", ".hidden.log"] {
      try folder.write(name, "\(name)\n")
    }
    #expect(try names("*.log") == ["a.log", "b.log"])
    #expect(try names("b.log", "*.log") == ["a.log", "b.log"])
    #expect(try names("**/*.log") == ["a.log", "b.log", "sub/c.log", "sub/deep/d.log"])
    #expect(try names("sub") == ["sub/c.log", "sub/deep/d.log", "sub/e.txt"])
    #expect(try names("sub/**") == ["sub/c.log", "sub/deep/d.log", "sub/e.txt"])
    #expect(try names("[!a].log", "s?b/c.log") == ["b.log", "sub/c.log"])
  }

  @Test func `a file whose name looks like a pattern is meant by its name`() throws {
    try folder.write("a[1].log", "x\n")
    #expect(try names("a[1].log") == ["a[1].log"])
  }

  @Test func `a folder that links back to itself ends`() throws {
    try folder.write("sub/a.log", "x\n")
    try FileManager.default.createSymbolicLink(
      atPath: folder.url.appending(path: "sub/again").path, withDestinationPath: "..")
    #expect(try names(".") == ["./sub/a.log"])
    #expect(try names("**/*.log").contains("sub/a.log"))
  }
}

@Suite struct DuplicateTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private let labels = ["app": "cart", "namespace": "prod"]

  @Test func `one entry in two files and formats counts once`() throws {
    try folder.write(
      "a.jsonl",
      logcliLine(labels.merging(["trace": "7"]) { $1 }, "2026-11-20T09:00:04.064908Z", "<x>"))
    try folder.write(
      "b.json",
      queryRange([
        (
          labels,
          [
            "[\"1795165204064908000\",\"\\u003cx\\u003e\",{\"structuredMetadata\":{\"trace\":\"7\"}}]"
          ]
        )
      ]))
    try folder.write(
      "c.txt",
      "2026-11-20T09:00:04.064908Z {app=\"cart\", namespace=\"prod\", trace=\"7\"} <x>\n")
    let reading = try folder.read("*")
    #expect(reading.texts == ["<x>"])
    #expect(reading.coverage.duplicatesSkipped == 2)
  }

  @Test(arguments: [
    (["app": "cart", "pod": "b"], "2026-11-20T09:00:04Z", "x"),
    (["app": "cart", "pod": "a"], "2026-11-20T09:00:04.000000001Z", "x"),
    (["app": "cart", "pod": "a"], "2026-11-20T09:00:04Z", "y"),
  ])
  func `an entry that differs in pod, time or line stays`(
    labels: [String: String], time: String, line: String
  ) throws {
    try folder.write(
      "a.jsonl",
      logcliLine(["app": "cart", "pod": "a"], "2026-11-20T09:00:04Z", "x")
        + logcliLine(labels, time, line))
    #expect(try folder.read("a.jsonl").events.count == 2)
  }

  @Test func `keys and values do not run into each other`() throws {
    try folder.write(
      "a.jsonl",
      logcliLine(["a": "bc"], "2026-11-20T09:00:04Z", "x")
        + logcliLine(["ab": "c"], "2026-11-20T09:00:04Z", "x"))
    #expect(try folder.read("a.jsonl").events.count == 2)
  }

  @Test func `common labels complete an export that left them out`() throws {
    try folder.write("a.jsonl", logcliLine(labels, "2026-11-20T09:00:04Z", "x"))
    try folder.write("b.jsonl", logcliLine(["app": "cart"], "2026-11-20T09:00:04Z", "x"))
    let reading = try folder.read("*") { $0.commonLabels = ["namespace": "prod"] }
    #expect(reading.events.map(\.namespace) == ["prod"])
    #expect(reading.coverage.duplicatesSkipped == 1)
  }

  @Test func `text under another name counts once, packed or not`() throws {
    let text = String(repeating: "2026-11-20 09:00:04 tick\n", count: 9000)
    try folder.write("a.log", text)
    try folder.write("b.log", text)
    try folder.write("c.log.gz", gzip(Array(text.utf8)))
    try folder.write("d.log", text + "one more\n")
    let reading = try folder.read("*")
    #expect(reading.coverage.linesClustered == 18_001)
    #expect(reading.coverage.duplicatesSkipped == 18_000)
    #expect(reading.coverage.inputs.map(\.lineCount) == [9000, 9000, 9000, 9001])
  }

  @Test func `text met by another source of the job counts once`() throws {
    try folder.write("a.log", "one\ntwo\n")
    try folder.write("b.log", "one\ntwo\n")
    let filter = DuplicateFilter()
    var configuration = FileSourceConfiguration(name: "a", patterns: ["a.log"])
    configuration.baseDirectory = folder.url.path
    #expect(try readSource(configuration, duplicates: filter).events.count == 2)
    configuration.patterns = ["b.log"]
    let second = try readSource(configuration, duplicates: filter)
    #expect(second.events.isEmpty)
    #expect(second.coverage.duplicatesSkipped == 2)
  }

  @Test func `a filter at its limit says so and lets entries pass`() {
    let filter = DuplicateFilter(entryLimit: 64)
    for number in UInt64(0)..<1000 {
      #expect(
        filter.insert(DuplicateFilter.Key(high: number << 58 | number, low: number &* 77 + 1)))
    }
    #expect(filter.isExhausted)
    #expect(!filter.insert(DuplicateFilter.Key(high: 0, low: 1)))
  }

  @Test func `a filter finds each of many keys again`() {
    let filter = DuplicateFilter()
    func key(_ number: UInt64) -> DuplicateFilter.Key {
      let mixed = number &* 0x9E37_79B9_7F4A_7C15
      return DuplicateFilter.Key(high: mixed, low: mixed ^ number)
    }
    #expect((UInt64(0)..<100_000).allSatisfy { filter.insert(key($0)) })
    #expect((UInt64(0)..<100_000).allSatisfy { !filter.insert(key($0)) })
  }
}

@Suite struct OrderTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  /// A small deterministic generator: SplitMix64 (Steele, Lea, Flood 2014).
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }

  /// Writes the same entries into files under other names and in another order.
  private func write(seed: UInt64) throws -> [String] {
    var generator = Generator(state: seed)
    var lines = (0..<600).map { number in
      logcliLine(
        ["app": "svc\(number % 7)", "pod": "p\(number % 3)"],
        "2026-11-20T09:\(twoDigits(number / 60 % 60)):\(twoDigits(number % 60))Z",
        number % 5 == 0 ? "ERROR order \(number) failed" : "order \(number) placed")
    }
    lines += lines.shuffled(using: &generator).prefix(100)
    lines.shuffle(using: &generator)
    var names: [String] = []
    for part in 0..<6 {
      let name = "run\(seed)/\(generator.next() % 1000)-\(part).jsonl"
      try folder.write(
        name, lines[part * 100..<min(lines.count, part * 100 + 100 + part / 5 * 100)].joined())
      names.append(name)
    }
    try folder.write("run\(seed)/text.log", "2026-11-20 09:00:04,000 WARN a\n\tat b\nc\n")
    return names
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `any order of files gives the same events`(seed: UInt64) throws {
    _ = try write(seed: seed)
    _ = try write(seed: 0)
    let first = try folder.read("run0")
    let second = try folder.read("run\(seed)")
    #expect(first.multiset == second.multiset)
    #expect(first.coverage.linesClustered == second.coverage.linesClustered)
    #expect(first.coverage.duplicatesSkipped == second.coverage.duplicatesSkipped)
  }

  @Test(arguments: [1, 2, 3, 7, 20])
  func `any number of shards gives the same events and coverage`(count: Int) async throws {
    _ = try write(seed: 5)
    try folder.write("run5/twin.log", "2026-11-20 09:00:04,000 WARN a\n\tat b\nc\n")
    let whole = try folder.read("run5")
    var configuration = FileSourceConfiguration(name: "test", patterns: ["run5"])
    configuration.baseDirectory = folder.url.path
    let source = try FileSource(configuration, duplicates: DuplicateFilter())
    let parts = try await withThrowingTaskGroup(of: ([Event], SourceCoverage).self) { group in
      for shard in source.shards(count) {
        group.addTask {
          let sink = Collector()
          let coverage = try shard.read(window: .night, into: sink, progress: ReadProgress())
          return (sink.events, coverage)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    var coverage = SourceCoverage(name: "test")
    for part in parts { coverage.merge(part.1) }
    let events = Reading(events: parts.flatMap(\.0), coverage: coverage)
    #expect(events.multiset == whole.multiset)
    #expect(coverage == whole.coverage)
  }
}
