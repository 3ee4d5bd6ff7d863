import DaybreakCore
import Extraction
import Testing

/// Reads the header of one line as a reader of files does.
func header(_ line: String, zone: String = "UTC", window: TimeWindow = .night)
  -> (header: LineHeader, message: String, service: String)
{
  let bytes = Array(line.utf8)
  let padded = bytes + [UInt8](repeating: 0, count: BatchWriter.padding)
  return padded.withUnsafeBytes { buffer in
    let reader = HeaderReader(window: window, zoneName: zone)
    let header = reader.read(UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count]))
    return (
      header, String(decoding: bytes[header.messageOffset...], as: UTF8.self),
      String(decoding: bytes[header.service], as: UTF8.self)
    )
  }
}

struct HeaderCase: CustomTestStringConvertible {
  let line: String
  let time: Int64?
  let level: Level
  let message: String
  let service: String

  init(_ line: String, _ time: Int64?, _ level: Level, _ message: String, _ service: String = "") {
    self.line = line
    self.time = time
    self.level = level
    self.message = message
    self.service = service
  }

  var testDescription: String { line }
}

@Suite struct HeaderTests {
  static let isoCases: [HeaderCase] = [
    .init("2026-11-20T09:00:04Z started", at(9, 0, 4), .unknown, "started"),
    .init(
      "2026-11-20T09:00:04.064908123Z INFO started", at(9, 0, 4, 64_908_123), .info, "started"),
    .init("2026-11-20T10:00:04+01:00 WARN low", at(9, 0, 4), .warn, "low"),
    .init("2026-11-20 10:00:04 +0100 low disk", at(9, 0, 4), .unknown, "low disk"),
    .init("2026-11-20 09:00:04,123 ERROR gone", at(9, 0, 4, 123_000_000), .error, "gone"),
    .init("2026/11/20 09:00:04 gone away", at(9, 0, 4), .unknown, "gone away"),
    .init("[2026-11-20 09:00:04] ERROR: gone", at(9, 0, 4), .error, "gone"),
    .init("[2026-11-20T09:00:04Z INFO  crate::mod] up", at(9, 0, 4), .info, "crate::mod] up"),
    .init("20261120-9:0:4:64|Step|30|on", at(9, 0, 4, 64_000_000), .unknown, "Step|30|on"),
    .init("20261120T090004Z up", at(9, 0, 4), .unknown, "up"),
    .init("1795165204 up", at(9, 0, 4), .unknown, "up"),
    .init("1795165204064 up", at(9, 0, 4, 64_000_000), .unknown, "up"),
    .init("1795165204.064 up", at(9, 0, 4, 64_000_000), .unknown, "up"),
  ]

  static let collectorCases: [HeaderCase] = [
    .init(
      "- 1795165204 2026.11.20 n17 Nov 20 09:00:01 n17/n17 crond(pam_unix)[2915]: opened",
      at(9, 0, 4), .unknown, "opened", "crond"),
    .init(
      "KERNMC 1795165204 2026.11.20 R02-M1 2026-11-20-09.00.04.675872 R02-M1 RAS KERNEL FATAL gone bad",
      at(9, 0, 4), .fatal, "gone bad"),
    .init("- 1795165204 2026.11.20 n17 went away", at(9, 0, 4), .unknown, "went away"),
    .init(
      "- 9999999999 2026.11.20 n17 went", nil, .unknown, "- 9999999999 2026.11.20 n17 went"),
    .init("- 17 2026.11.20 n17 went", nil, .unknown, "- 17 2026.11.20 n17 went"),
    .init(
      "api.log.1.2026-11-20_09:00:08 2026-11-20 09:00:04.008 25746 INFO shop.api [req-1] up",
      at(9, 0, 4, 8_000_000), .info, "shop.api [req-1] up"),
    .init("see api.log for more", nil, .unknown, "see api.log for more"),
  ]

  static let frameworkCases: [HeaderCase] = [
    .init(
      "2026-11-20 09:00:04,123 INFO [main] com.acme.App: up", at(9, 0, 4, 123_000_000), .info,
      "[main] com.acme.App: up"),
    .init(
      "2026-11-20 09:00:04.123 [http-1] WARN  c.a.Dao - slow", at(9, 0, 4, 123_000_000), .warn,
      "c.a.Dao - slow"),
    .init(
      "2026-11-20T09:00:04.123Z  INFO 1 --- [main] c.a.App : up", at(9, 0, 4, 123_000_000), .info,
      "1 --- [main] c.a.App : up"),
    .init(
      "09:00:04.123 [main] DEBUG c.a.App - up", at(9, 0, 4, 123_000_000), .debug, "c.a.App - up"),
    .init("26/11/20 09:00:04 INFO Executor: up", at(9, 0, 4), .info, "Executor: up"),
    .init("261120 090004 148 INFO dfs.DataNode: up", at(9, 0, 4), .info, "dfs.DataNode: up"),
    .init(
      "2026-11-20 09:00:04,123 - acme.web - ERROR - gone", at(9, 0, 4, 123_000_000), .error, "gone"),
    .init("ERROR:acme.web:gone", nil, .error, "acme.web:gone"),
    .init("[WARN] low disk", nil, .warn, "low disk"),
    .init("INFO - up", nil, .info, "up"),
    .init(
      "2026/11/20 09:00:04.123456 http: gone", at(9, 0, 4, 123_456_000), .unknown, "http: gone"),
    .init(
      "2026-11-20T09:00:04.123Z\tERROR\tstore\tgone", at(9, 0, 4, 123_000_000), .error,
      "store\tgone"),
    .init(
      "2026-11-20T09:00:04.123456Z 0 [Warning] [MY-010068] [Server] CA", at(9, 0, 4, 123_456_000),
      .warn, "[MY-010068] [Server] CA"),
    .init("2026-11-20 09:00:04.123 UTC [12] LOG:  ready", at(9, 0, 4, 123_000_000), .info, "ready"),
    .init(
      "2026-11-20 09:00:04.123 UTC [12] FATAL:  no role", at(9, 0, 4, 123_000_000), .fatal,
      "no role"),
    .init("I, [2026-11-20T09:00:04.000000 #12]  INFO -- : up", at(9, 0, 4), .info, "up"),
    .init("12:M 20 Nov 2026 09:00:04.123 * Ready", at(9, 0, 4, 123_000_000), .unknown, "* Ready"),
    .init(
      "[2026-11-20T09:00:04,123][INFO ][o.e.n.Node] [n1] up", at(9, 0, 4, 123_000_000), .info,
      "[o.e.n.Node] [n1] up"),
    .init(
      "I1120 09:00:04.123456      12 server.go:33] up", at(9, 0, 4, 123_456_000), .info, "up"),
    .init("E20261120 09:00:04.000001 12 a.cc:3] gone", at(9, 0, 4, 1000), .error, "gone"),
  ]

  static let syslogCases: [HeaderCase] = [
    .init("Nov 20 09:00:04 web1 sshd[123]: closed", at(9, 0, 4), .unknown, "closed", "sshd"),
    .init("Nov 20 09:00:04 web1 kernel: oom", at(9, 0, 4), .unknown, "oom", "kernel"),
    .init("Nov 20 09:00:04 web1 su(pam_unix)[1]: opened", at(9, 0, 4), .unknown, "opened", "su"),
    .init("<11>Nov 20 09:00:04 web1 app[7]: gone", at(9, 0, 4), .error, "gone", "app"),
    .init(
      "<165>1 2026-11-20T09:00:04.003Z host shop 12 ID47 [x@1 a=\"]\" b=\"2\"] up",
      at(9, 0, 4, 3_000_000), .info, "up", "shop"),
    .init("<34>1 2026-11-20T09:00:04Z host - - - - up", at(9, 0, 4), .critical, "up"),
    .init(
      "2026-11-20T09:00:04.5+00:00 web1 cron[9]: ran", at(9, 0, 4, 500_000_000), .unknown, "ran",
      "cron"),
  ]

  static let serverCases: [HeaderCase] = [
    .init(
      "10.0.0.1 - - [20/Nov/2026:09:00:04 +0000] \"GET /a HTTP/1.1\" 200 12 \"-\" \"curl\"",
      at(9, 0, 4), .info, "\"GET /a HTTP/1.1\" 200 12 \"-\" \"curl\""),
    .init(
      "10.0.0.1 - bob [20/Nov/2026:10:00:04 +0100] \"GET /\\\"x HTTP/1.1\" 502 12", at(9, 0, 4),
      .error, "\"GET /\\\"x HTTP/1.1\" 502 12"),
    .init(
      "::1 - - [20/Nov/2026:09:00:04 +0000] \"GET / HTTP/1.1\" 404 0", at(9, 0, 4), .warn,
      "\"GET / HTTP/1.1\" 404 0"),
    .init(
      "2026/11/20 09:00:04 [error] 12#12: *4 open() failed", at(9, 0, 4), .error,
      "12#12: *4 open() failed"),
    .init(
      "[Fri Nov 20 09:00:04 2026] [notice] child init", at(9, 0, 4), .info, "child init"),
    .init(
      "[Fri Nov 20 09:00:04.123456 2026] [core:error] [pid 12] AH00124: loop",
      at(9, 0, 4, 123_456_000), .error, "[pid 12] AH00124: loop"),
    .init(
      "2026-11-20T09:00:04.000000001Z stderr F ERROR gone", at(9, 0, 4, 1), .error, "gone"),
  ]

  static let fieldCases: [HeaderCase] = [
    .init(
      "{\"ts\":1795165204064,\"level\":\"warn\",\"msg\":\"low\",\"service\":\"cart\"}",
      at(9, 0, 4, 64_000_000), .warn,
      "{\"ts\":1795165204064,\"level\":\"warn\",\"msg\":\"low\",\"service\":\"cart\"}", "cart"),
    .init(
      "{\"time\":\"2026-11-20T09:00:04Z\",\"level\":50,\"msg\":\"x\"}", at(9, 0, 4), .error,
      "{\"time\":\"2026-11-20T09:00:04Z\",\"level\":50,\"msg\":\"x\"}"),
    .init(
      "{\"@timestamp\":\"2026-11-20T09:00:04Z\",\"log\":{\"level\":\"error\"},\"service\":{\"name\":\"s\"}}",
      at(9, 0, 4), .error,
      "{\"@timestamp\":\"2026-11-20T09:00:04Z\",\"log\":{\"level\":\"error\"},\"service\":{\"name\":\"s\"}}",
      "s"),
    .init(
      "{\"t\":{\"$date\":\"2026-11-20T09:00:04.000Z\"},\"s\":\"W\",\"msg\":\"x\"}", at(9, 0, 4),
      .warn, "{\"t\":{\"$date\":\"2026-11-20T09:00:04.000Z\"},\"s\":\"W\",\"msg\":\"x\"}"),
    .init(
      "time=\"2026-11-20T09:00:04Z\" level=error msg=\"it \\\"broke\\\"\" app=cart", at(9, 0, 4),
      .error, "time=\"2026-11-20T09:00:04Z\" level=error msg=\"it \\\"broke\\\"\" app=cart", "cart"),
    .init(
      "2026-11-20T09:00:04Z level=warn msg=low", at(9, 0, 4), .warn, "level=warn msg=low"),
    .init(
      "Nov 20 09:00:04 h app[1]: {\"level\":\"fatal\"}", at(9, 0, 4), .fatal,
      "{\"level\":\"fatal\"}", "app"),
  ]

  static let plainCases: [HeaderCase] = [
    .init("", nil, .unknown, ""),
    .init("hello world", nil, .unknown, "hello world"),
    .init("Error reading the file", nil, .unknown, "Error reading the file"),
    .init("10.30.1.2 connected", nil, .unknown, "10.30.1.2 connected"),
    .init("2026-13-45 09:00:00 x", nil, .unknown, "2026-13-45 09:00:00 x"),
    .init("{not json", nil, .unknown, "{not json"),
    .init("<script>alert(1)</script>", nil, .unknown, "<script>alert(1)</script>"),
    .init("[", nil, .unknown, "["),
    .init("a=b", nil, .unknown, "a=b"),
  ]

  @Test(
    arguments: isoCases + collectorCases + frameworkCases + syslogCases + serverCases + fieldCases
      + plainCases)
  func `reads time, level, service and message`(expected: HeaderCase) {
    let found = header(expected.line)
    let time = found.header.hasTime ? found.header.timestamp : nil
    #expect(time == expected.time)
    #expect(found.header.level == expected.level)
    #expect(found.message == expected.message)
    #expect(found.service == expected.service)
  }

  @Test func `a time without a zone is in the job's zone`() {
    // Sydney is at +11:00 in November.
    #expect(
      header("2026-11-20 20:00:04 x", zone: "Australia/Sydney").header.timestamp == at(9, 0, 4))
  }

  @Test func `a clock that shows a time twice means the first`() {
    // 2026-10-25 02:30 is at +02:00 and again at +01:00 in Berlin.
    let found = header("2026-10-25 02:30:00 x", zone: "Europe/Berlin")
    #expect(Timestamp(nanoseconds: found.header.timestamp).rfc3339 == "2026-10-25T00:30:00Z")
  }

  @Test(arguments: [
    ("2026-12-31T12:00:00Z", "Jan  1 00:30:00 h a: x", "2027-01-01T00:30:00Z"),
    ("2027-01-01T00:00:00Z", "Dec 31 23:30:00 h a: x", "2026-12-31T23:30:00Z"),
    ("2028-02-29T00:00:00Z", "Feb 29 10:00:00 h a: x", "2028-02-29T10:00:00Z"),
  ])
  func `a missing year is the one nearest to the window`(start: String, line: String, time: String)
  {
    let padded = Array(start.utf8)
    let date = CivilDate(String(decoding: padded.prefix(10), as: UTF8.self))
    let seconds = Int64(date?.dayNumber ?? 0) * 86_400 + (start.contains("T12") ? 43_200 : 0)
    let window = TimeWindow(
      start: Timestamp(seconds: seconds), end: Timestamp(seconds: seconds + 86_400))
    let found = header(line, window: window)
    #expect(Timestamp(nanoseconds: found.header.timestamp).rfc3339 == time)
  }

  @Test func `colours in front and around the level are passed over`() {
    let found = header("\u{1B}[90m2026-11-20T09:00:04Z\u{1B}[0m \u{1B}[31mERROR\u{1B}[0m gone")
    #expect(found.header.hasTime)
    #expect(found.header.level == .error)
  }

  @Test func `no cut of any line traps or runs past its end`() {
    for sample in HeaderTests.isoCases + HeaderTests.frameworkCases + HeaderTests.syslogCases
      + HeaderTests.serverCases + HeaderTests.fieldCases + HeaderTests.collectorCases
    {
      let bytes = Array(sample.line.utf8)
      for length in 0...bytes.count {
        let cut = String(decoding: bytes[..<length], as: UTF8.self)
        let found = header(cut)
        #expect(found.header.messageOffset <= cut.utf8.count)
      }
    }
  }
}

@Suite struct FuzzTests {
  /// Numbers with a seed, so that a failure can be had again: SplitMix64 (Steele, Lea, Flood 2014).
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }

  private static let spice = Array("0123456789:.,-/[](){}<>=\"\\ TZWEI\t\u{1B}\0".utf8)

  /// Changes, doubles and removes a few bytes.
  static func spoil(_ bytes: [UInt8], _ generator: inout Generator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      let byte = spice.randomElement(using: &generator) ?? 0
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[index] = byte
      case 1: bytes.insert(byte, at: index)
      case 2: bytes.remove(at: index)
      default: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      }
    }
    return bytes
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `no spoilt header traps or points outside its line`(seed: UInt64) {
    var generator = Generator(state: seed)
    let samples =
      (HeaderTests.isoCases + HeaderTests.frameworkCases + HeaderTests.syslogCases
      + HeaderTests.serverCases + HeaderTests.fieldCases + HeaderTests.collectorCases).map {
        Array($0.line.utf8)
      }
    let reader = HeaderReader(window: .night, zoneName: "Europe/Berlin")
    for _ in 0..<5000 {
      let sample = samples.randomElement(using: &generator) ?? []
      let line = FuzzTests.spoil(sample, &generator)
      let padded = line + [UInt8](repeating: 0x39, count: BatchWriter.padding)
      padded.withUnsafeBytes { buffer in
        let header = reader.read(UnsafeRawBufferPointer(rebasing: buffer[..<line.count]))
        #expect(header.messageOffset <= line.count)
        #expect(header.service.upperBound <= line.count)
        #expect(header.namespace.upperBound <= line.count)
      }
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `no spoilt export traps, and every line of it is accounted for`(seed: UInt64) throws {
    var generator = Generator(state: seed)
    let folder = try ScratchFolder()
    let line = logcliLine(["app": "cart", "a": "\"b"], "2026-11-20T09:00:04.064908Z", "x \"y\"\n")
    let lines = (0..<20).map { _ in Array(line.utf8) }
    let body = Array(
      queryRange([
        (
          ["app": "cart"],
          (0..<20).map {
            "[\"179516520406490800\($0 % 10)\",\"a\\n\($0)\",{\"structuredMetadata\":{\"t\":\"7\"}}]"
          }
        )
      ]).utf8)
    let text = Array(
      (HeaderTests.syslogCases + HeaderTests.frameworkCases).map { $0.line + "\n" }.joined().utf8)
    for round in 0..<60 {
      try folder.write("\(round)/a.jsonl", lines.flatMap { FuzzTests.spoil($0, &generator) })
      try folder.write("\(round)/b.json", FuzzTests.spoil(body, &generator))
      try folder.write("\(round)/c.log", FuzzTests.spoil(text, &generator))
      try folder.write(
        "\(round)/d.txt",
        FuzzTests.spoil(Array("2026-11-20T09:00:04Z {app=\"cart\"}   x\n".utf8), &generator))
      let coverage = try folder.read("\(round)").coverage
      #expect(coverage.inputs.reduce(0) { $0 + $1.lineCount } == coverage.linesFound)
    }
  }
}

@Suite struct LevelWordTests {
  @Test(arguments: [
    ("warn", Level.warn), ("WARNING", .warn), ("W", .warn), ("notice", .info), ("err", .error),
    ("crit", .critical), ("critical", .critical), ("emerg", .fatal), ("emergency", .fatal),
    ("panic", .fatal), ("severe", .error), ("fine", .debug), ("Information", .info),
    ("30", .info), ("50", .error), ("3", .error), ("7", .debug), ("trace", .trace),
    (" info ", .info),
  ])
  func `knows the usual words`(word: String, level: Level) {
    #expect(LevelWord.level(word) == level)
  }

  @Test(arguments: ["", "unknown", "x", "99", "1000", "informational-ish", "erro"])
  func `says nothing of other words`(word: String) {
    #expect(LevelWord.level(word) == nil)
  }

  @Test(arguments: [
    ("connection ERROR on db", Level.error), ("an error occurred", .error),
    ("[warn] low", .warn), ("java.lang.IllegalStateException: x", .error),
    ("panic: runtime error", .fatal), ("ALERT exited abnormally", .critical),
    ("error then INFO", .info),
  ])
  func `finds whole words in a message`(message: String, level: Level) {
    #expect(Array(message.utf8).withUnsafeBytes { LevelWord.scan($0) } == level)
  }

  @Test(arguments: [
    "errors=0", "/var/log/error.log", "user_error_count", "terror", "non-error", "information desk",
    "debugging", "for more info see", "error-handler",
  ])
  func `does not find words inside others`(message: String) {
    #expect(Array(message.utf8).withUnsafeBytes { LevelWord.scan($0) } == nil)
  }

  @Test func `does not look past the first 200 bytes`() {
    let message = [UInt8](repeating: 0x20, count: 200) + Array("ERROR".utf8)
    #expect(message.withUnsafeBytes { LevelWord.scan($0) } == nil)
  }
}
