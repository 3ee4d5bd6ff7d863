import DaybreakCore
import Extraction
import Foundation
import Testing

@Suite struct TextTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private static let java = """
    2026-11-20 09:00:04,123 ERROR [main] c.a.App: gone
    java.lang.IllegalStateException: pool exhausted
    \tat com.acme.db.Pool.take(Pool.java:118)
    Caused by: java.net.SocketTimeoutException: Read timed out
    \t... 12 more

    2026-11-20 09:00:05,123 INFO [main] c.a.App: back

    """

  private static let python = """
    plain first line
    Traceback (most recent call last):
      File "/srv/app/main.py", line 88, in handle
        total = price / qty
    ZeroDivisionError: division by zero
    plain next line

    """

  private static let go = """
    panic: runtime error: index out of range [5] with length 3

    goroutine 1 [running]:
    main.handler(0xc000010000, 0x1)
    \t/srv/main.go:12 +0x1d
    main.main()
    \t/srv/main.go:7 +0x2b
    exit status 2
    listening on :8080

    """

  private static let dotNet = """
    2026-11-20T09:00:04Z ERROR Unhandled exception
    System.InvalidOperationException: no
       at Acme.Shop.Pay() in /src/Shop.cs:line 5
    --- End of stack trace from previous location ---
       at Acme.Program.Main()
    2026-11-20T09:00:05Z INFO next

    """

  @Test(arguments: [(java, [6, 1]), (python, [5, 1]), (go, [8, 1]), (dotNet, [5, 1])])
  func `a stack trace is one event`(text: String, lineCounts: [Int]) throws {
    try folder.write("a.log", text)
    let reading = try folder.read("a.log")
    #expect(reading.events.map(\.lineCount) == lineCounts)
    let physical = Int64(text.utf8.count { $0 == 0x0A })
    #expect(reading.coverage.linesClustered == physical)
    #expect(reading.coverage.continuationLines == physical - 2)
  }

  @Test func `a trace's event keeps its lines and its header's level`() throws {
    try folder.write("a.log", TextTests.java)
    let event = try #require(try folder.read("a.log").events.first)
    #expect(event.level == .error)
    #expect(event.text.hasPrefix("[main] c.a.App: gone\njava.lang"))
    #expect(event.text.hasSuffix("... 12 more"))
  }

  @Test func `lines without a header stay apart where no line has one`() throws {
    try folder.write("a.log", "one thing\nanother thing\nthird thing\n")
    #expect(try folder.read("a.log").texts == ["one thing", "another thing", "third thing"])
  }

  @Test func `an endless trace is split into events of 1000 lines`() throws {
    let trace = String(repeating: "\tat com.acme.Loop.run(Loop.java:1)\n", count: 2500)
    try folder.write("a.log", "2026-11-20 09:00:04,000 ERROR deep\n" + trace)
    let reading = try folder.read("a.log")
    #expect(reading.events.map(\.lineCount) == [1000, 1000, 501])
    #expect(reading.events.allSatisfy { $0.level == .error && $0.timestamp == at(9, 0, 4) })
  }

  @Test func `an unterminated last line counts`() throws {
    try folder.write("a.log", "one\ntwo")
    #expect(try folder.read("a.log").texts == ["one", "two"])
  }

  @Test func `CRLF and a byte order mark are no part of the message`() throws {
    try folder.write("a.log", "\u{FEFF}one\r\ntwo\r\n")
    #expect(try folder.read("a.log").texts == ["one", "two"])
  }

  @Test func `blank lines are counted with the event before them`() throws {
    try folder.write("a.log", "\n\none\n\n\ntwo\n")
    let reading = try folder.read("a.log")
    #expect(reading.texts == ["one", "two"])
    #expect(reading.events.map(\.lineCount) == [5, 1])
  }

  @Test func `a file of blank lines accounts for each`() throws {
    try folder.write("a.log", "\n\n\n")
    #expect(try folder.read("a.log").coverage.linesClustered == 3)
  }

  @Test func `NUL bytes and invalid UTF-8 inside a line are kept`() throws {
    let lines: [UInt8] =
      Array("a".utf8) + [0] + Array("b\nc".utf8) + [0xFF, 0xFE] + Array("d\n".utf8)
    try folder.write("a.log", lines)
    let reading = try folder.read("a.log")
    #expect(reading.events.map(\.message) == [[0x61, 0, 0x62], [0x63, 0xFF, 0xFE, 0x64]])
    #expect(reading.coverage.linesQuarantined == 0)
  }

  @Test func `lines of other nights are counted by physical line`() throws {
    try folder.write(
      "a.log", "2026-11-19 23:00:00,000 ERROR a\n\tat x\n2026-11-20 09:00:00,000 INFO b\n")
    let reading = try folder.read("a.log")
    #expect(reading.texts == ["b"])
    #expect(reading.coverage.linesOutsideWindow == 2)
  }

  @Test func `headers are left alone where the job says so`() throws {
    try folder.write("a.log", "2026-11-20 09:00:04,123 ERROR gone\n")
    let reading = try folder.read("a.log") { $0.readsHeaders = false }
    #expect(reading.texts == ["2026-11-20 09:00:04,123 ERROR gone"])
    #expect(reading.coverage.linesWithoutTime == 1)
    #expect(reading.events.first?.level == .error)
  }

  @Test func `syslog programs are services`() throws {
    try folder.write(
      "a.log", "Nov 20 09:00:04 h sshd[1]: closed\nNov 20 09:00:05 h cron[2]: ran\nodd\n")
    let reading = try folder.read("a.log") { $0.defaultNamespace = "hosts" }
    #expect(reading.events.map(\.service) == ["sshd", "cron"])
    #expect(reading.events.allSatisfy { $0.namespace == "hosts" })
  }

  @Test func `java.util.logging's two lines are one event`() throws {
    try folder.write(
      "a.log",
      "Nov 20, 2026 9:00:04 AM com.acme.Shop pay\nSEVERE: no money\n"
        + "Nov 20, 2026 9:00:05 AM com.acme.Shop pay\nINFO: paid\n")
    let reading = try folder.read("a.log")
    #expect(reading.events.map(\.lineCount) == [2, 2])
    #expect(reading.events.map(\.level) == [.error, .info])
  }

  @Test func `structured lines among lines with headers stay apart`() throws {
    try folder.write(
      "a.log",
      "2026-11-20 09:00:04 up\nlevel=warn component=cart msg=low\n2026-11-20 09:00:05 up\n"
        + "{\"level\":\"info\",\"msg\":\"x\"}\n")
    #expect(try folder.read("a.log").events.map(\.lineCount) == [1, 1, 1, 1])
  }

  @Test func `lines that are all indented stay apart`() throws {
    try folder.write("a.log", "  one\n  two\n  three\n")
    #expect(try folder.read("a.log").events.count == 3)
  }

  @Test func `sentences that start like a frame are events`() throws {
    try folder.write("a.log", "started\n#12 closed\nat noon\n")
    #expect(try folder.read("a.log").events.count == 3)
  }

  @Test func `standard input is read like a file`() throws {
    let url = try folder.write("a.log", gzip(Array("one\ntwo\n".utf8)))
    let descriptor = open(url.path, O_RDONLY)
    let kept = dup(0)
    dup2(descriptor, 0)
    defer {
      dup2(kept, 0)
      close(kept)
      close(descriptor)
    }
    let reading = try folder.read("-")
    #expect(reading.texts == ["one", "two"])
    #expect(reading.coverage.inputs.map(\.name) == ["standard input"])
  }

  @Test func `progress counts bytes and lines`() throws {
    let text = String(repeating: "line\n", count: 20_000)
    try folder.write("a.log", text)
    var configuration = FileSourceConfiguration(name: "test", patterns: ["a.log"])
    configuration.baseDirectory = folder.url.path
    let progress = ReadProgress()
    _ = try FileSource(configuration, duplicates: DuplicateFilter())
      .read(window: .night, into: Collector(), progress: progress)
    #expect(progress.lines == 20_000)
    #expect(progress.bytesRead == Int64(text.utf8.count))
    #expect(progress.bytesTotal == Int64(text.utf8.count))
  }

  @Test func `headers cannot name services without end`() throws {
    let lines = (0..<12_000).map { "Nov 20 09:00:04 h p\($0)x[1]: up\n" }.joined()
    try folder.write("a.log", lines)
    let services = Set(try folder.read("a.log").events.map(\.service))
    #expect(services.count == 10_000)
    #expect(services.contains("unknown"))
  }

  @Test func `a very long line of an export is quarantined as one line`() throws {
    let good = logcliLine(["app": "x"], "2026-11-20T09:00:04Z", "good")
    let long = logcliLine(
      ["app": "x"], "2026-11-20T09:00:04Z", String(repeating: "x", count: 16 << 20))
    try folder.write("a.jsonl", good + long + good.replacingOccurrences(of: "good", with: "last"))
    let reading = try folder.read("a.jsonl")
    #expect(reading.texts == ["good", "last"])
    #expect(reading.coverage.linesQuarantined == 1)
  }

  @Test func `a very long line is quarantined as one line in bounded memory`() throws {
    let long = [UInt8](repeating: 0x78, count: 64 << 20)
    try folder.write("a.log", Array("one\n".utf8) + long + Array("\ntwo\n".utf8))
    let reading = try folder.read("a.log")
    #expect(reading.texts == ["one", "two"])
    #expect(reading.coverage.linesQuarantined == 1)
    let record = try #require(reading.coverage.quarantine.first)
    #expect(record.byteOffset == 4)
    #expect(record.excerpt.utf8.count <= 200)
  }
}
