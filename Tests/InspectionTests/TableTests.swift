import Clustering
import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Inspection

@Suite struct TableTests {
  private let survey: Survey

  init() throws {
    let folder = try LogFolder()
    survey = try InspectionTests.survey(
      LogInput(paths: [try folder.file("a.log", mixedLog(500, seed: 6).joined())]))
  }

  @Test(arguments: [60, 70, 80, 100, 110, 160])
  func `no line is wider than the terminal`(width: Int) throws {
    for line in try table(survey, width: width, samples: 2).split(separator: "\n") {
      #expect(displayWidth(line) <= width, "\(line)")
    }
  }

  @Test func `a pipe gets one line a cluster, whole`() throws {
    let text = try table(survey)
    for row in survey.rows { #expect(text.contains(shownOnOneLine(row.template) + "\n")) }
    let rows = text.split(separator: "\n").drop { !$0.contains("template") }.dropFirst()
    #expect(rows.count == survey.rows.count)
  }

  @Test(arguments: [nil, 80, 160] as [Int?])
  func `no byte of a line acts on the terminal`(width: Int?) throws {
    let text = try table(survey, width: width, samples: 5)
    #expect(text.contains("evil"))
    for scalar in text.unicodeScalars where scalar != "\n" {
      #expect(scalar.properties.generalCategory != .control, "\(scalar.value)")
      #expect(scalar.properties.generalCategory != .format, "\(scalar.value)")
    }
  }

  @Test func `colours are the only escapes, and stand around what they colour`() throws {
    let plain = try table(survey, width: 80)
    let coloured = try table(survey, width: 80, colour: true)
    #expect(coloured.replacing(/\u{1b}\[[0-9]+m/, with: "") == plain)
    #expect(coloured != plain)
  }

  @Test func `what is not shown is counted`() throws {
    let text = try table(survey, width: 80, limit: 2)
    let hidden = survey.rows.dropFirst(2)
    #expect(text.contains("… and \(hidden.count) more patterns with"))
  }

  @Test func `TSV has as many fields in every row, and all rows`() {
    let rows = SurveyRecords(survey, limit: .max).tsv().split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
    #expect(rows.count == survey.rows.count + 1)
    #expect(rows.allSatisfy { $0.count == SurveyRecords.columns.count })
  }

  @Test func `JSON is read back with counts that add up`() throws {
    struct Output: Decodable {
      struct Lines: Decodable {
        let read, clustered, quarantined, continuation: Int64
      }
      struct Row: Decodable {
        let id, template: String
        let count, lines: Int64
        let counts: [Int64]
      }
      let lines: Lines
      let events: Int64
      let clusters: [Row]
    }
    let json = SurveyRecords(survey, limit: .max).json()
    let output = try JSONDecoder().decode(Output.self, from: Data(json.utf8))
    #expect(output.lines.read == output.lines.clustered + output.lines.quarantined)
    #expect(output.clusters.reduce(0) { $0 + $1.lines } == output.lines.clustered)
    #expect(output.clusters.reduce(0) { $0 + $1.count } == output.events)
    #expect(output.clusters.allSatisfy { $0.counts.reduce(0, +) == $0.count })
    #expect(output.clusters.map(\.template) == survey.rows.map(\.template))
  }

  @Test(arguments: [
    (0, 10, "0.0%"), (1, 10_000, "<0.1%"), (5, 1000, "0.5%"), (9999, 10_000, "99.9%"),
    (10, 10, "100.0%"), (0, 0, "0.0%"),
  ])
  func `a share is nothing or all only when it is`(part: Int64, whole: Int64, text: String) {
    #expect(percent(part, of: whole) == text)
  }

  @Test(arguments: [
    ("", 10, [""]), ("one two three", 8, ["one two", "three"]),
    ("org.apache.Foo", 10, ["org.apache", ".Foo"]), ("abcdefghijkl", 5, ["abcde", "fghij", "kl"]),
    ("价格更新价格", 6, ["价格更", "新价格"]), ("a b c d e f g", 3, ["a b", "c d", "e…"]),
  ])
  func `text is broken between words, or where it must`(text: String, width: Int, lines: [String]) {
    #expect(wrapped(text, width: width, lineLimit: 3) == lines)
  }

  @Test func `bars are as high as counts, and blank where there is nothing`() {
    #expect(Sparkline(slotCount: 5, width: 10).text([0, 1, 4, 8, 2]) == " ▁▄█▂")
    let wide = Sparkline(slotCount: 64, width: 24)
    #expect(wide.columnCount == 22 && wide.slotsPerColumn == 3)
    #expect(wide.text([Int64](repeating: 1, count: 64)).count == 22)
  }

  @Test func `moments are as short as their span allows`() throws {
    let calendar = try #require(NightCalendar(zoneName: "Australia/Sydney"))
    let moment = Timestamp(seconds: 1_773_273_600)
    func text(_ later: Int64) -> String {
      ShortClock(calendar: calendar, first: moment, last: moment.advanced(bySeconds: later))
        .text(moment)
    }
    #expect(text(60) == "11:00:00")
    #expect(text(86_400) == "03-12 11:00")
    #expect(text(86_400 * 700) == "2026-03-12")
  }
}
