import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Extraction

/// Damaged files of every format must be read to their end, with every line accounted for.
///
/// The short form of what `script/soak` does at length: `DAYBREAK_FUZZ` multiplies the number of inputs.
@Suite struct ReaderFuzzTests {
  @Test(arguments: FileFormat.allCases)
  func `reads damaged lines without a trap`(format: FileFormat) throws {
    var random = SeededRandom(seed: 17, stream: UInt64(truncatingIfNeeded: format.hashSeed))
    let rounds = (ProcessInfo.processInfo.environment["DAYBREAK_FUZZ"].flatMap { Int($0) } ?? 1) * 4
    let folder = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "input")
    for round in 0..<rounds {
      let bytes = ReaderFuzzTests.damaged(lines: 50, &random)
      try Data(bytes).write(to: file)
      let coverage = try read(file.path, format)
      let found = coverage.linesFound
      let isText = format == .plain || format == .logcliRaw
      let isRead = coverage.failure == nil && coverage.inputs.allSatisfy { $0.failure == nil }
      if isText && isRead {
        let lines = bytes.count { $0 == 0x0A } + (bytes.last == 0x0A ? 0 : 1)
        #expect(found == Int64(lines), "round \(round)")
      }
    }
  }

  private func read(_ path: String, _ format: FileFormat) throws -> SourceCoverage {
    var configuration = FileSourceConfiguration(name: "input", patterns: [path])
    configuration.format = format
    configuration.maximumLineBytes = 4096
    configuration.keepsOutsideWindow = true
    configuration.makesDigests = false
    let window = TimeWindow(
      start: Timestamp(seconds: 1_773_273_600), end: Timestamp(seconds: 1_773_360_000))
    return try FileSource(configuration, duplicates: DuplicateFilter())
      .read(window: window, into: Bin(), progress: ReadProgress())
  }

  /// Lines of all formats with bytes changed, cut out, doubled and joined.
  private static func damaged(lines: Int, _ random: inout SeededRandom) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<lines {
      var line = Array(seeds[random.below(seeds.count)].utf8)
      for _ in 0..<random.below(4) where !line.isEmpty {
        let place = random.below(line.count)
        switch random.below(5) {
        case 0: line[place] = UInt8(random.below(256))
        case 1: line.removeSubrange(place..<min(line.count, place + 1 + random.below(20)))
        case 2: line.insert(contentsOf: Array(pieces[random.below(pieces.count)].utf8), at: place)
        case 3: line.insert(contentsOf: line[place...].prefix(random.below(200)), at: place)
        default: line[place] = Array("\"\\{}[],: \t\n".utf8)[random.below(11)]
        }
      }
      bytes += line
      if random.below(40) > 0 { bytes.append(0x0A) }
    }
    return bytes
  }

  private static let seeds = [
    "{\"labels\":{\"app\":\"a\",\"level\":\"info\"},\"line\":\"user 7 \\\"x\\\" \\u003c\",\"timestamp\":\"2026-03-12T02:11:09.123456789Z\"}",
    "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[{\"stream\":{\"app\":\"a\"},\"values\":[[\"1773281469000000000\",\"line\"],[\"1773281469000000001\",\"b\",{\"structuredMetadata\":{\"t\":\"1\"}}]]}]}}",
    "2026-03-12T02:11:09Z {app=\"a\", level=\"info\"} order 7 placed",
    "2026-03-12 02:11:09,123 INFO [main] a.b.C: order 7",
    "Mar 12 02:11:09 host sshd[7]: Failed for x",
    "<34>1 2026-03-12T02:11:09.003Z host app 7 ID [x a=\"b\\]\"] message", "\tat a.b.C(D.java:12)",
    "10.0.0.1 - - [12/Mar/2026:02:11:09 +0000] \"GET /a HTTP/1.1\" 500 7", "",
    "I0312 02:11:09.123456 7 a.go:12] text",
    "{\"time\":\"2026-03-12T02:11:09Z\",\"level\":\"warn\",\"msg\":\"x\"}",
    "time=2026-03-12T02:11:09Z level=error msg=\"a b\" n=7", "Traceback (most recent call last)",
    "  File \"x.py\", line 3", "ValueError: 7", "panic: x", "goroutine 7 [running]:",
    "[W 260312 02:11:09 web:7] x",
    "20260312-02:11:09:123|Step|7|text", "1773281469.123 x", "[Sun Mar 12 02:11:09 2026] [error] x",
    "   ",
  ]
  private static let pieces = [
    "\n", "\r\n", "\u{FEFF}", "\\u", "\\ud800", "\"", "}", "{", "[", "]", "\\", "ERROR", "99",
    "\u{1B}[31m",
    "2026-02-30", "Z", "+99:99", "9999999999999999999", "\0", "\u{E9}",
  ]
}

extension FileFormat {
  fileprivate var hashSeed: Int { rawValue.utf8.reduce(7) { $0 &* 31 &+ Int($1) } }
}

/// Takes everything and keeps nothing, but looks at each byte.
private final class Bin: LineSink {
  private var sum = 0

  func consume(_ batch: LineBatch, services: ServiceTable) {
    for record in batch.records {
      for byte in batch.message(of: record) { sum &+= Int(byte) }
    }
  }
}
