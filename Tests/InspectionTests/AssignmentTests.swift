import Clustering
import DaybreakCore
import Foundation
import Inspection
import TestSupport
import Testing

@Suite struct AssignmentTests {
  /// A file in a folder of its own.
  private func file(_ content: String, _ name: String = "a.log") throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: name)
    try Data(content.utf8).write(to: file)
    return file.path
  }

  /// The rows that are written for an input.
  private func rows(_ input: LogInput) throws -> [[String]] {
    let (result, coverage) = try input.fold()
    let out = try file("", "out.tsv")
    try AssignmentWriter.write(
      input, coverage: coverage, result: result, refinement: refinement(of: result),
      placeholders: .plain, path: out, check: {})
    return try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func `every line of a file has a row, those of a stack trace that of their event`() throws {
    let rows = try rows(
      LogInput(paths: [
        try file(
          """
          2026-11-20 09:00:00 ERROR request 1 failed
          java.lang.IllegalStateException: closed
          \tat a.B.c(D.java:12)

          2026-11-20 09:00:01 INFO request 2 done
          """)
      ]))
    #expect(rows.map { $0[0] } == ["1", "2", "3", "4", "5"])
    #expect(Set(rows[0..<4].map { $0[1] }).count == 1)
    #expect(rows[4][2] == "request <*> done")
  }

  @Test func `the content column of a CSV file is read with its quotes undone`() throws {
    let path = try file(
      "LineId,Content,Level\r\n1,\"a, \"\"b\"\" 12\",x\r\n2,plain 13,y\r\n\r\n3,\"two\nlines\",z\r\n4\r\n",
      "a.csv")
    var input = LogInput(paths: [path])
    input.contentColumn = "Content"
    let rows = try rows(input)
    #expect(rows.map { $0[0] } == ["1", "2", "3", "4"])
    #expect(rows[1][2] == "plain <*>")
    #expect(rows[2][2] == "two\\u{a}lines")
    #expect(rows[3][1] == "quarantined")
  }

  @Test func `a line that is no entry has the id quarantined in its place`() throws {
    let entry = #"{"labels":{"app":"a"},"line":"x 1","timestamp":"2026-11-20T09:00:00Z"}"#
    let rows = try rows(
      LogInput(paths: [try file("\(entry)\n\nbroken\n\(entry)\n", "a.jsonl")]))
    #expect(rows.map { $0[1] == "quarantined" } == [false, false, true, false])
    #expect(rows.map { $0[0] } == ["1", "2", "3", "4"])
    #expect(rows[1][1] == "-")
  }
}
