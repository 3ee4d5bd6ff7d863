import DaybreakCore
import Extraction
import Foundation

/// One event as a sink saw it.
struct Event: Hashable {
  var namespace: String
  var service: String
  var timestamp: Int64?
  var level: Level
  var message: [UInt8]
  var lineCount: Int

  var text: String { String(decoding: message, as: UTF8.self) }
}

/// Keeps what it is given.
final class Collector: LineSink {
  var events: [Event] = []
  var batchCount = 0
  var keepsEvents = true

  func consume(_ batch: LineBatch, services: ServiceTable) throws {
    batchCount += 1
    guard keepsEvents else { return }
    for record in batch.records {
      let identity = services.identities[Int(record.service)]
      events.append(
        Event(
          namespace: identity.namespace, service: identity.service,
          timestamp: record.timestamp == LineRecord.noTimestamp ? nil : record.timestamp,
          level: Level(rawValue: record.level) ?? .unknown,
          message: Array(batch.message(of: record)), lineCount: Int(record.lineCount)))
    }
  }
}

/// What reading a source gave.
struct Reading {
  var events: [Event]
  var coverage: SourceCoverage

  /// How often each event was given.
  var multiset: [Event: Int] { events.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
  var texts: [String] { events.map(\.text) }
}

/// A folder that is deleted with its owner.
final class ScratchFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "daybreak-extraction-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  @discardableResult
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> URL {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> URL { try write(name, text.utf8) }

  /// Reads files of the folder as a source would.
  func read(
    _ patterns: String..., window: TimeWindow = .night,
    configure: (inout FileSourceConfiguration) -> Void = { _ in }
  ) throws -> Reading {
    var configuration = FileSourceConfiguration(name: "test", patterns: patterns)
    configuration.baseDirectory = url.path
    configure(&configuration)
    return try readSource(configuration, window: window)
  }
}

/// Reads one source to its end and checks that its counts add up.
func readSource(
  _ configuration: FileSourceConfiguration, window: TimeWindow = .night,
  duplicates: DuplicateFilter = DuplicateFilter()
) throws -> Reading {
  let sink = Collector()
  let source = try FileSource(configuration, duplicates: duplicates)
  let coverage = try source.read(window: window, into: sink, progress: ReadProgress())
  return Reading(events: sink.events, coverage: coverage)
}

extension TimeWindow {
  /// 2026-11-20 in UTC: the night of most tests.
  static var night: TimeWindow { day(20) }

  /// A day of November 2026 in UTC.
  static func day(_ day: Int) -> TimeWindow {
    let start = Timestamp(seconds: 1_793_491_200 + Int64(day - 1) * 86_400)
    return TimeWindow(start: start, end: start.advanced(bySeconds: 86_400))
  }

  /// Everything that has a time.
  static var always: TimeWindow {
    TimeWindow(
      start: Timestamp(nanoseconds: Int64.min + 1), end: Timestamp(nanoseconds: Int64.max))
  }
}

/// Nanoseconds of a moment on the night: `at(9, 0, 4, 64_908_000)`.
func at(_ hour: Int64, _ minute: Int64 = 0, _ second: Int64 = 0, _ nanoseconds: Int64 = 0) -> Int64
{
  TimeWindow.night.start.nanoseconds + (hour * 3600 + minute * 60 + second) * 1_000_000_000
    + nanoseconds
}
