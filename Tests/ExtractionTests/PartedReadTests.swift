import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Extraction

/// A file read in parts by several threads must give what one reader makes of the whole.
@Suite struct PartedReadTests {
  @Test(arguments: Kind.allCases)
  func `finds the same events in parts as in the whole`(kind: Kind) throws {
    let file = try TemporaryFile(kind.bytes)
    let whole = try events(file.path, [0..<Int64.max])
    for size in [61, 997, 4096] as [Int64] {
      let bounds = stride(from: 0, to: file.byteCount, by: Int(size)).map { Int64($0) }
      let parts = zip(bounds, bounds.dropFirst() + [Int64.max]).map { $0..<$1 }
      let divided = try events(file.path, parts)
      #expect(divided.events == whole.events, "\(kind) in parts of \(size)")
      #expect(divided.lines == whole.lines, "\(kind) in parts of \(size)")
    }
  }

  @Test func `reads large files with two threads as with one`() throws {
    var bytes: [UInt8] = []
    while bytes.count < 20 << 20 { bytes += Kind.traces.bytes }
    let file = try TemporaryFile(bytes)
    var configuration = FileSourceConfiguration(name: "input", patterns: [file.path])
    configuration.keepsOutsideWindow = true
    configuration.skipsDuplicates = false
    configuration.makesDigests = false
    let source = try FileSource(configuration, duplicates: DuplicateFilter())
    let window = TimeWindow(start: Timestamp(seconds: 0), end: Timestamp(seconds: 4_000_000_000))
    let single = EventCounts()
    let one = try source.read(window: window, into: [single], progress: ReadProgress())
    let sinks = [EventCounts(), EventCounts()]
    let two = try source.read(window: window, into: sinks, progress: ReadProgress())
    #expect(one == two)
    #expect(single.counts == sinks[0].counts.merging(sinks[1].counts, uniquingKeysWith: +))
  }

  /// Lines of one kind.
  enum Kind: String, CaseIterable {
    case plain, traces, blank, headerless, overlong, exceptions, jsonLines, unterminated

    var bytes: [UInt8] {
      var text = ""
      for number in 0..<200 {
        let time = "2026-03-12 02:\(10 + number / 60 % 50):\(10 + number % 50)"
        switch self {
        case .plain: text += "\(time) INFO order \(number) placed\n"
        case .traces:
          text += "\(time) ERROR failed \(number)\n"
          if number % 3 == 0 {
            text +=
              "java.io.IOException: disk \(number)\n\tat a.b.C(D.java:\(number))\n\tat a.E(F.java:2)\n"
          }
          if number % 7 == 0 {
            text += "Traceback (most recent call last)\n  File \"x\"\nKeyError: 7\n"
          }
        case .blank: text += number % 5 == 0 ? "\n  \n\r\n" : "\(time) WARN queue \(number)\n"
        case .headerless: text += number % 4 == 0 ? "\(time) INFO a\n" : "goes on with \(number)\n"
        case .overlong:
          text += "\(time) INFO \(number)\n"
          if number % 50 == 0 { text += String(repeating: "x", count: 5000) + "\n\n" }
        case .exceptions: text += "ValueError: \(number)\n"
        case .jsonLines, .unterminated:
          text +=
            "{\"labels\":{\"app\":\"a\"},\"line\":\"user \(number) \\\"x\\\"\",\"timestamp\":"
            + "\"2026-03-12T02:11:\(10 + number % 50)Z\"}\n"
          if number % 9 == 0 { text += "\nnot json \(number)\n" }
        }
      }
      if self == .unterminated { text += "{\"labels\":{\"app\":\"a\"},\"line\":\"the end" }
      return Array(text.utf8)
    }
  }

  /// Events and the number of lines found, of parts read one after the other.
  private func events(
    _ path: String, _ parts: [Range<Int64>]
  ) throws -> (events: [String: Int], lines: Int64) {
    var configuration = FileSourceConfiguration(name: "input", patterns: [path])
    configuration.makesDigests = false
    configuration.maximumLineBytes = 2048
    configuration.skipsDuplicates = false
    let window = TimeWindow(start: Timestamp(seconds: 0), end: Timestamp(seconds: 4_000_000_000))
    let sink = EventCounts()
    let progress = ReadProgress()
    let context = ReadContext(
      configuration, window: window, sink: sink, duplicates: DuplicateFilter(), progress: progress)
    let entry = try #require(FileListing(patterns: [path], baseDirectory: nil).files.first)
    let reader = FileReader(context, entry, sourceNumber: 1, progress: progress)
    let mode = try #require(reader.mode())
    for part in parts {
      _ = try reader.read(FilePart(start: part.lowerBound, end: part.upperBound), mode)
    }
    try context.writer.flush()
    return (sink.counts, context.recorder.linesFound)
  }
}

/// Counts events by everything that is said of them.
private final class EventCounts: LineSink {
  var counts: [String: Int] = [:]

  func consume(_ batch: LineBatch, services: ServiceTable) {
    for record in batch.records {
      let text = String(decoding: batch.message(of: record), as: UTF8.self)
      counts["\(record.timestamp) \(record.level) \(record.lineCount) \(text)", default: 0] += 1
    }
  }
}

/// A file that goes with its owner.
private final class TemporaryFile {
  let path: String
  let byteCount: Int

  init(_ bytes: [UInt8]) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "parts-\(UUID()).log").path
    byteCount = bytes.count
    try Data(bytes).write(to: URL(filePath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
