import Clustering
import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Inspection

@Suite struct SurveyTests {
  private let folder: LogFolder

  init() throws { folder = try LogFolder() }

  /// All forms of output that do not name the files.
  private func outputs(_ counted: CountedInput) throws -> [String] {
    var counted = counted
    counted.coverage.inputs = []
    let survey = Survey(
      counted, refinement: refinement(of: counted.result), filter: SurveyFilter())
    return [
      try table(survey), try table(survey, width: 80, samples: 3, colour: true),
      SurveyRecords(survey, limit: .max).json(), SurveyRecords(survey, limit: .max).tsv(),
    ]
  }

  @Test func `lines read are clustered or quarantined, and clusters add up to them`() throws {
    let entry = #"{"labels":{"app":"a"},"line":"x 1","timestamp":"2026-11-20T09:00:00Z"}"#
    let log = try folder.file("a.log", mixedLog(400, seed: 1).joined())
    let export = try folder.file("b.jsonl", "\(entry)\nbroken\n\(entry)\n{\n")
    let survey = try survey(LogInput(paths: [log, export]))
    let physical =
      try String(contentsOfFile: log, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false
      ).count - 1
    #expect(survey.coverage.linesClustered == Int64(physical + 2))
    #expect(survey.coverage.linesQuarantined == 2)
    #expect(survey.coverage.linesFound == Int64(physical + 4))
    #expect(survey.rows.reduce(0) { $0 + $1.lineCount } == Int64(physical + 2))
    #expect(survey.rows.reduce(0) { $0 + $1.count } == survey.eventCount)
    let first = try table(survey).prefix { $0 != "\n" }
    #expect(
      first == "\(grouped(Int64(physical + 4))) lines read = \(grouped(Int64(physical + 2))) "
        + "clustered + 2 quarantined")
  }

  @Test(
    .enabled(if: Fixtures.shared("loki") != nil),
    arguments: [
      "logcli_jsonl_forward_common.jsonl", "qr_forward_page1.json", "logcli_raw_forward.log",
    ])
  func `every line of a real export is in a cluster or quarantined`(name: String) throws {
    let file = try #require(Fixtures.shared("loki/\(name)"))
    let survey = try survey(LogInput(paths: [file.path]))
    #expect(survey.coverage.linesFound > 0)
    #expect(
      survey.coverage.linesFound
        == survey.coverage.linesClustered + survey.coverage.linesQuarantined)
    #expect(survey.rows.reduce(0) { $0 + $1.lineCount } == survey.coverage.linesClustered)
  }

  @Test func `output is the same for any order of events, any split and any threads`() throws {
    let events = mixedLog(900, seed: 8)
    let whole = try LogInput(paths: [folder.file("whole.log", events.joined())]).fold()
    let expected = try outputs(whole)
    var random = SeededRandom(seed: 2)
    for round in 0..<3 {
      var shuffled = events
      shuffled.shuffle(using: &random)
      var paths: [String] = []
      while !shuffled.isEmpty {
        let part = shuffled.prefix(1 + random.below(400))
        shuffled.removeFirst(part.count)
        paths.append(try folder.file("\(round)-\(paths.count).log", part.joined()))
      }
      for threads in [1, 2, 5] {
        var input = LogInput(paths: paths)
        input.threads = threads
        #expect(try outputs(try input.fold()) == expected)
      }
      var parts = try paths.map { try LogInput(paths: [$0]).fold() }
      parts.shuffle(using: &random)
      var sum = parts[0]
      for part in parts.dropFirst() {
        sum = try CountedInput(decoding: try part.merged(with: sum).encoded())
      }
      #expect(try outputs(sum) == expected)
    }
  }

  @Test func `an export gives the same output for any number of threads`() throws {
    let lines = (0..<3000).map { index in
      #"{"labels":{"app":"a\#(index % 3)"},"line":"level=info msg=done n=\#(index)","timestamp":"2026-11-20T09:\#(twoDigits(index % 60)):00Z"}"#
    }
    var input = LogInput(paths: [try folder.file("a.jsonl", lines.joined(separator: "\n"))])
    let expected = try outputs(try input.fold())
    for threads in [2, 3, 8] {
      input.threads = threads
      #expect(try outputs(try input.fold()) == expected)
    }
  }

  @Test func `a level takes its events and leaves templates and ids as they are`() throws {
    let input = LogInput(paths: [try folder.file("a.log", mixedLog(300, seed: 4).joined())])
    let all = try survey(input)
    var filter = SurveyFilter()
    filter.levels = [.error, .critical, .fatal]
    let errors = try survey(input, filter: filter)
    #expect(!errors.rows.isEmpty)
    #expect(errors.rows.allSatisfy { $0.level == .error })
    #expect(Set(errors.rows.map(\.id)).isSubset(of: Set(all.rows.map(\.id))))
    #expect(errors.shownCount == all.rows.reduce(0) { $0 + $1.levels.errors })
    #expect(errors.eventCount == all.eventCount)
  }

  @Test func `times of some levels lie in the slots of their events`() throws {
    let lines = (0..<60).map { minute in
      "2026-11-20 09:\(twoDigits(minute)):30 \(minute == 20 ? "ERROR" : "INFO") state of pump is \(minute)\n"
    }
    var filter = SurveyFilter()
    filter.levels = [.error]
    let rows = try survey(
      LogInput(paths: [try folder.file("a.log", lines.joined())]), filter: filter
    ).rows
    #expect(rows.map(\.count) == [1])
    #expect(rows.first?.firstSeen?.rfc3339 == "2026-11-20T09:20:00Z")
    #expect(rows.first?.lastSeen?.rfc3339 == "2026-11-20T09:21:00Z")
  }

  @Test func `a service is taken by its name, bare or with its namespace`() throws {
    let lines = ["a", "b"].map { service in
      #"{"labels":{"app":"\#(service)","namespace":"prod"},"line":"up","timestamp":"2026-11-20T09:00:00Z"}"#
    }
    let input = LogInput(paths: [try folder.file("a.jsonl", lines.joined(separator: "\n"))])
    for name in ["b", "prod/b"] {
      var filter = SurveyFilter()
      filter.services = [name]
      #expect(try survey(input, filter: filter).rows.map(\.identity.service) == ["b"])
    }
  }

  @Test func `lines of any time are counted, with years between them and without any time`() throws
  {
    let lines = [
      "1999-12-31 23:59:59 INFO old 1", "2026-11-20 09:00:00 INFO old 2", "old 3",
      "2031-01-01 00:00:00 INFO old 4",
    ]
    let path = try folder.file("a.log", lines.joined(separator: "\n"))
    let survey = try survey(LogInput(paths: [path]))
    #expect(survey.eventCount == 4 || survey.coverage.continuationLines == 1)
    #expect(survey.coverage.linesClustered == 4)
    #expect(survey.rows.first?.firstSeen?.rfc3339 == "1999-12-31T23:59:59Z")
    #expect(survey.rows.first?.lastSeen?.rfc3339 == "2031-01-01T00:00:00Z")
  }

  @Test func `times without a year are the latest up to the last day`() throws {
    var input = LogInput(paths: [
      try folder.file("a.log", "Nov 20 09:00:00 h app: up\nNov 22 09:00:00 h app: up\n")
    ])
    input.lastDay = try #require(CivilDate("2026-11-21"))
    let row = try #require(try survey(input).rows.first)
    #expect(row.firstSeen?.rfc3339 == "2025-11-22T09:00:00Z")
    #expect(row.lastSeen?.rfc3339 == "2026-11-20T09:00:00Z")
  }

  @Test func `lines without headers are messages from their first byte`() throws {
    var input = LogInput(paths: [try folder.file("a.log", "ERROR x: started\nERROR x: stopped\n")])
    input.readsHeaders = false
    #expect(
      Set(try survey(input).rows.map(\.template)) == ["ERROR x: started", "ERROR x: stopped"])
  }
}
