import Clustering
import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Inspection

@Suite struct ComparisonTests {
  private let folder: LogFolder

  init() throws { folder = try LogFolder() }

  /// An hour of a log with so many lines of each kind.
  private func log(_ name: String, _ kinds: [String: Int], day: Int = 20, hours: Int = 1) throws
    -> CountedInput
  {
    var lines = [
      "2026-11-\(day) 00:00:00 INFO hour begins\n",
      "2026-11-\(day) \(twoDigits(hours - 1)):59:59 INFO hour ends\n",
    ]
    for (kind, count) in kinds {
      for index in 0..<count {
        let second = index * hours * 3600 / count
        lines.append(
          "2026-11-\(day) \(twoDigits(second / 3600)):\(twoDigits(second / 60 % 60)):"
            + "\(twoDigits(second % 60)) \(kind) \(index)\n")
      }
    }
    return try LogInput(paths: [folder.file(name, lines.joined())]).fold()
  }

  private func changes(_ now: CountedInput, _ before: CountedInput) throws -> [String: Change] {
    let rows = try Comparison(now, with: before, filter: SurveyFilter()).rows
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.telling.template, $0.change) })
  }

  private let usual = ["INFO request": 2000, "INFO session": 300, "WARN retry": 40]

  @Test func `equal logs of two days are the same`() throws {
    let changes = try changes(try log("a", usual), try log("b", usual, day: 19))
    #expect(changes.values.allSatisfy { $0 == .same })
  }

  @Test func `a pattern that came or went is new or gone, however seldom it came`() throws {
    var now = usual
    now["WARN retry"] = nil
    now["ERROR disk"] = 1
    let changes = try changes(try log("a", now), try log("b", usual))
    #expect(changes["disk <num>"] == .new)
    #expect(changes["retry <num>"] == .gone)
  }

  @Test func `a rare pattern that did not come up is not missed`() throws {
    var before = usual
    before["INFO reload"] = 3
    #expect(try changes(try log("a", usual), try log("b", before))["reload <num>"] == .same)
  }

  @Test(arguments: [(3, 12, Change.same), (10, 40, .more), (40, 10, .less), (300, 500, .same)])
  func `counts must differ twofold and by more than chance`(
    before: Int, now: Int, change: Change
  ) throws {
    let left = usual.merging(["ERROR disk": now]) { _, new in new }
    let right = usual.merging(["ERROR disk": before]) { _, new in new }
    #expect(try changes(try log("a", left), try log("b", right))["disk <num>"] == change)
  }

  @Test func `a flood of one pattern makes no other less`() throws {
    var now = usual
    now["INFO request"] = 30_000
    let changes = try changes(try log("a", now), try log("b", usual))
    #expect(changes["session <num>"] == .same)
    #expect(changes["retry <num>"] == .same)
  }

  @Test func `twice the traffic is no change`() throws {
    let now = usual.mapValues { $0 * 2 }
    #expect(try changes(try log("a", now), try log("b", usual)).values.allSatisfy { $0 == .same })
  }

  @Test func `an hour is compared with a day by its rate`() throws {
    let day = try log("b", usual.mapValues { $0 * 24 }, day: 19, hours: 24)
    var now = usual
    now["WARN retry"] = 400
    let changes = try changes(try log("a", now), day)
    #expect(changes["retry <num>"] == .more)
    #expect(changes["request <num>"] == .same)
  }

  @Test func `templates are made of both sides together`() throws {
    // Either side alone has too few users to see that their names vary.
    func users(_ range: Range<Int>) -> String {
      range.map { index in
        let letters = "abcdefghijklmnop".dropFirst(index).prefix(1)
        return "2026-11-20 09:00:00 INFO session opened for user q\(letters)zz by root\n"
      }.joined()
    }
    let now = try LogInput(paths: [folder.file("a.log", users(0..<8))]).fold()
    let before = try LogInput(paths: [folder.file("b.log", users(8..<16))]).fold()
    let rows = try Comparison(now, with: before, filter: SurveyFilter()).rows
    #expect(rows.allSatisfy { $0.change != .new })
    #expect(rows.reduce(0) { $0 + $1.now.count } == 8)
    #expect(rows.reduce(0) { $0 + $1.before.count } == 8)
  }

  @Test(arguments: [nil, 60, 80, 160] as [Int?])
  func `the page names both sides and every change, and fits`(width: Int?) throws {
    var now = usual
    now["ERROR disk"] = 30
    now["WARN retry"] = nil
    let comparison = try Comparison(
      try log("a", now), with: try log("b", usual), filter: SurveyFilter())
    let calendar = try #require(NightCalendar(zoneName: "UTC"))
    let text = ComparisonText(
      comparison, names: ("today.log", "yesterday.log"),
      style: TerminalStyle(width: width, usesColour: false), limit: .max, calendar: calendar
    ).text()
    #expect(text.contains("new: 1 pattern only in today.log"))
    #expect(text.contains("gone: 1 pattern only in yesterday.log"))
    for line in text.split(separator: "\n") { #expect(displayWidth(line) <= width ?? .max) }
    let rows = ComparisonRecords(comparison, limit: .max).tsv().split(separator: "\n")
    #expect(rows.count == comparison.rows.count + 1)
    let json = Data(ComparisonRecords(comparison, limit: .max).json().utf8)
    #expect(try JSONSerialization.jsonObject(with: json) is [String: Any])
  }
}

@Suite struct FoldPartTests {
  private let folder: LogFolder
  private let part: CountedInput

  init() throws {
    folder = try LogFolder()
    let broken = "broken\n"
    let entry = #"{"labels":{"app":"a"},"line":"x 1","timestamp":"2026-11-20T09:00:00Z"}"#
    part = try LogInput(paths: [
      try folder.file("a.log", mixedLog(60, seed: 9).joined()),
      try folder.file("b.jsonl", "\(entry)\n\(broken)"),
    ]).fold()
  }

  @Test func `a part is read back as it was written`() throws {
    let bytes = try part.encoded()
    let read = try CountedInput(decoding: bytes)
    #expect(read.result == part.result)
    #expect(read.coverage == part.coverage)
    #expect(try read.encoded() == bytes)
  }

  @Test func `a bare fold file is a part as well`() throws {
    let read = try CountedInput(decoding: part.result.encoded())
    #expect(read.result == part.result)
    #expect(read.coverage.linesClustered == part.coverage.linesClustered)
    #expect(read.coverage.continuationLines == part.coverage.continuationLines)
  }

  @Test func `a damaged, cut or unknown part is refused`() throws {
    let bytes = try part.encoded()
    for length in [0, 5, 7, 20, bytes.count - 1] {
      #expect(throws: ClusteringError.self) {
        try CountedInput(decoding: Array(bytes.prefix(length)))
      }
    }
    for index in stride(from: 0, to: bytes.count, by: 97) {
      var damaged = bytes
      damaged[index] ^= 0x20
      #expect(throws: ClusteringError.self) { try CountedInput(decoding: damaged) }
    }
    var later = bytes
    later[6] = 2
    #expect(throws: ClusteringError.unknownVersion(found: 2, known: 1)) {
      try CountedInput(decoding: later)
    }
  }

  @Test func `a part that breaks the format under a right checksum is refused without a trap`()
    throws
  {
    var random = SeededRandom(seed: 3)
    let body = Array(try part.encoded().dropLast(32))
    for _ in 0..<300 {
      var changed = body
      for _ in 0...random.below(3) {
        changed[random.below(changed.count)] = UInt8(random.below(256))
      }
      _ = try? CountedInput(decoding: changed + sha256(changed))
    }
  }
}
