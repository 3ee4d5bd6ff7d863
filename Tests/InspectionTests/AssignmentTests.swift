import Clustering
import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Inspection

private let systems = [
  "Apache", "BGL", "HDFS", "Hadoop", "HealthApp", "Linux", "OpenSSH", "Proxifier",
]

@Suite struct AssignmentTests {
  private let folder: LogFolder

  init() throws { folder = try LogFolder() }

  private func rows(_ input: LogInput, _ placeholders: PlaceholderStyle = .typed) throws
    -> [[String]]
  {
    let counted = try input.fold()
    return try assignment(
      input, counted, refinement(of: counted.result), placeholders: placeholders)
  }

  /// Lines by cluster are as many in the rows as in the survey, and all lines read have a row.
  private func expectSameCounts(_ input: LogInput) throws {
    let counted = try input.fold()
    let refinement = refinement(of: counted.result)
    let survey = Survey(counted, refinement: refinement, filter: SurveyFilter())
    let rows = try assignment(input, counted, refinement)
    var lines: [String: Int64] = [:]
    for row in rows { lines[row[1], default: 0] += 1 }
    var expected: [String: Int64] = [:]
    for row in survey.rows { expected[row.id, default: 0] += row.lineCount }
    let quarantined = lines.removeValue(forKey: "quarantined") ?? 0
    lines["-"] = nil
    #expect(lines == expected)
    #expect(quarantined == counted.coverage.linesQuarantined)
    #expect(expected.values.reduce(0, +) == counted.coverage.linesClustered)
    #expect(rows.map { $0[0] } == (1...max(1, rows.count)).prefix(rows.count).map(String.init))
  }

  @Test func `every line of a file has a row, those of a stack trace that of their event`() throws {
    let rows = try rows(
      LogInput(paths: [
        try folder.file(
          "a.log",
          """
          2026-11-20 09:00:00 ERROR request 1 failed
          java.lang.IllegalStateException: closed
          \tat a.B.c(D.java:12)

          2026-11-20 09:00:01 INFO request 2 done
          """)
      ]), .plain)
    #expect(rows.map { $0[0] } == ["1", "2", "3", "4", "5"])
    #expect(Set(rows[0..<4].map { $0[1] }).count == 1)
    #expect(rows[4][2] == "request <*> done")
  }

  @Test func `the content column of a CSV file is read with its quotes undone`() throws {
    let path = try folder.file(
      "a.csv",
      "LineId,Content,Level\r\n1,\"a, \"\"b\"\" 12\",x\r\n2,plain 13,y\r\n\r\n3,\"two\nlines\",z\r\n4\r\n"
    )
    var input = LogInput(paths: [path])
    input.contentColumn = "Content"
    let rows = try rows(input, .plain)
    #expect(rows.map { $0[0] } == ["1", "2", "3", "4"])
    #expect(rows[1][2] == "plain <*>")
    #expect(rows[2][2] == "two\\u{a}lines")
    #expect(rows[3][1] == "quarantined")
  }

  @Test func `a CSV file without the column, or that ends in a quoted field, is named`() throws {
    var input = LogInput(paths: [try folder.file("a.csv", "LineId,Message\n1,x\n")])
    input.contentColumn = "Content"
    #expect(
      try input.fold().coverage.quarantine.map(\.reason) == [
        "no column Content in the header row"
      ])
    input.paths = [try folder.file("b.csv", "Content\nx 1\n\"y 2\nz\n")]
    let coverage = try input.fold().coverage
    #expect(coverage.linesClustered == 1)
    #expect(coverage.linesQuarantined == 1)
  }

  @Test func `a line that is no entry has the id quarantined in its place`() throws {
    let entry = #"{"labels":{"app":"a"},"line":"x 1","timestamp":"2026-11-20T09:00:00Z"}"#
    let rows = try rows(
      LogInput(paths: [try folder.file("a.jsonl", "\(entry)\n\nbroken\n\(entry)\n")]))
    #expect(rows.map { $0[1] == "quarantined" } == [false, false, true, false])
    #expect(rows.map { $0[0] } == ["1", "2", "3", "4"])
    #expect(rows[1][1] == "-")
  }

  @Test func `rows of several files count on in the order of their names`() throws {
    let second = try folder.file("b.log", "stopped\n")
    let first = try folder.file("a.log", "started\nstarted\n")
    let rows = try rows(LogInput(paths: [second, first]))
    #expect(rows.map { $0[2] } == ["started", "started", "stopped"])
    #expect(rows.map { $0[0] } == ["1", "2", "3"])
  }

  @Test func `counts by cluster are those of the table, stack traces and bad lines too`() throws {
    let entry = #"{"labels":{"app":"a"},"line":"x 1\ny","timestamp":"2026-11-20T09:00:00Z"}"#
    let paths = [
      try folder.file("a.log", mixedLog(700, seed: 3).joined()),
      try folder.file("b.jsonl", "\(entry)\n\n{}\n\(entry)\nbroken"),
      try folder.file("c.log", "\n\n   \n"), try folder.file("d.log", ""),
    ]
    try expectSameCounts(LogInput(paths: paths))
  }

  @Test func `counts agree where patterns were so many that groups of them became one`() throws {
    var random = SeededRandom(seed: 5)
    let letters = Array("bcdfghjklmnpqrstvwxz")
    let lines = (0..<6000).map { _ in
      "put " + (0..<8).map { _ in String(letters[random.below(letters.count)]) }.joined()
        + " into the store\n"
    }
    let input = LogInput(paths: [try folder.file("a.log", lines.joined())])
    #expect(try input.fold().result.isCoarsened)
    try expectSameCounts(input)
  }

  @Test(.enabled(if: Fixtures.shared("loghub") != nil), arguments: systems)
  func `counts by cluster are those of the table for real logs`(system: String) throws {
    let folder = try #require(Fixtures.shared("loghub/\(system)"))
    try expectSameCounts(LogInput(paths: [folder.appending(path: "\(system)_2k.log").path]))
    var content = LogInput(paths: [
      folder.appending(path: "\(system)_2k.log_structured_corrected.csv").path
    ])
    content.contentColumn = "Content"
    try expectSameCounts(content)
  }

  @Test(
    .enabled(if: Fixtures.shared("loki") != nil),
    arguments: [
      "logcli_jsonl_forward_common.jsonl", "logcli_default_forward_checkout.txt",
      "logcli_raw_forward.log", "qr_forward_page1.json", "logcli_edge_jsonl.jsonl",
      "qr_edge_forward.json", "truth_acme_prod_0900_0920.jsonl.gz",
    ])
  func `counts by cluster are those of the table for real exports`(name: String) throws {
    let file = try #require(Fixtures.shared("loki/\(name)"))
    try expectSameCounts(LogInput(paths: [file.path]))
  }

  @Test func `an input that grew between the passes is no assignment`() throws {
    let path = try folder.file("a.log", "started\n")
    let input = LogInput(paths: [path])
    let counted = try input.fold()
    _ = try folder.file("a.log", "started\nstarted\n")
    #expect(throws: InspectionError.changedWhileRead) {
      try assignment(input, counted, refinement(of: counted.result))
    }
  }

  @Test(.enabled(if: Fixtures.shared("loghub") != nil), arguments: systems)
  func `the template of a row matches its line`(system: String) throws {
    let url = try #require(
      Fixtures.shared("loghub/\(system)/\(system)_2k.log"), "\(system) is there")
    var input = LogInput(paths: [url.path])
    input.readsHeaders = false
    let rows = try rows(input)
    let lines = try Data(contentsOf: url).split(separator: 0x0A, omittingEmptySubsequences: false)
    var matchers: [String: TemplateMatcher] = [:]
    // Lines that continue an event are part of a longer one.
    for (row, line) in zip(rows, lines) where !row[2].contains("\\u{a}") {
      let matcher = matchers[row[2]] ?? TemplateMatcher(template: row[2])
      matchers[row[2]] = matcher
      let trimmed = line.last == 0x0D ? line.dropLast() : line
      #expect(matcher.matches(Array(trimmed)), "line \(row[0])")
    }
  }
}
