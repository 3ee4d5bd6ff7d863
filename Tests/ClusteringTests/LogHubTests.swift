import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Clustering

private let systems = [
  "Apache", "BGL", "HDFS", "Hadoop", "HealthApp", "Linux", "OpenSSH", "Proxifier",
]

private func lines(of system: String) throws -> [[UInt8]] {
  guard let url = Fixtures.shared("loghub/\(system)/\(system)_2k.log") else { return [] }
  return try Data(contentsOf: url).split(separator: 0x0A).map(Array.init)
}

@Suite(.enabled(if: Fixtures.shared("loghub") != nil))
struct LogHubTests {
  @Test(arguments: systems)
  func `matches every line of a real log with the template of its cluster`(system: String) throws {
    let lines = try lines(of: system)
    #expect(!lines.isEmpty)
    expectCovered(lines.map { Event(bytes: $0) })
  }

  @Test(arguments: systems)
  func `counts every line of a real log in the same clusters for any order`(system: String) throws {
    var random = SeededGenerator(seed: 2)
    let events = try lines(of: system).map { Event(bytes: $0) }
    let clusters = refine(folded(events))
    #expect(clusters.reduce(0) { $0 + $1.count } == Int64(events.count))
    #expect(refine(folded(events.shuffled(using: &random))) == clusters)
  }

  @Test(arguments: systems)
  func `groups and names the lines of a labelled log as people did`(system: String) throws {
    let url = try #require(
      Fixtures.shared("loghub/\(system)/\(system)_2k.log_structured_corrected.csv"))
    let rows = labelledRows(try String(contentsOf: url, encoding: .utf8))
    #expect(rows.count == 2000)
    let score = Accuracy(messages: rows.map(\.content), labels: rows.map(\.label))
    #expect(score.grouping >= 0.94, "grouping accuracy of \(system)")
    #expect(score.parsing >= 0.85, "parsing accuracy of \(system)")
  }
}

/// The content and label of each row of a labelled log.
private func labelledRows(_ text: String) -> [(content: String, label: String)] {
  var rows = text.split(separator: "\n").map { csvFields(String($0)) }
  let names = rows.removeFirst()
  guard let content = names.firstIndex(of: "Content"),
    let label = names.firstIndex(of: "EventTemplate")
  else { return [] }
  return rows.map { ($0[content], $0[label]) }
}

/// The fields of one line of a CSV file (RFC 4180) whose fields hold no newlines.
private func csvFields(_ line: String) -> [String] {
  var fields: [String] = []
  var field = ""
  var isQuoted = false
  var isQuoteBefore = false
  for character in line where character != "\r" {
    if character == "\"" {
      if isQuoteBefore && !isQuoted { field.append(character) }
      isQuoteBefore = isQuoted
      isQuoted.toggle()
      continue
    }
    isQuoteBefore = false
    if character == ",", !isQuoted {
      fields.append(field)
      field = ""
    } else {
      field.append(character)
    }
  }
  return fields + [field]
}
