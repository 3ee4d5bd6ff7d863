internal import Clustering
package import DaybreakCore
package import Extraction
internal import Foundation

/// Log files as a command line names them, and how to read them.
package struct LogInput: Sendable {
  /// Files, folders, patterns (`*`, `?`, `[a-z]`, `**`), or `-` for standard input.
  package var paths: [String]
  package var format = FileFormat.automatic
  /// Whether a header in front of a message is read and taken off.
  package var readsHeaders = true
  /// The column of CSV files that holds the messages; nil for files that are no tables.
  package var contentColumn: String?
  /// The zone of times that name none: an IANA name.
  package var zoneName = "UTC"
  /// How many threads read; nothing but the time taken depends on it.
  package var threads = max(1, min(8, ProcessInfo.processInfo.activeProcessorCount))
  /// The last day that a time without a year or a date may be of; the latest possible is meant.
  package var lastDay = CivilDate(dayNumber: 0)

  package init(paths: [String]) { self.paths = paths }

  /// Reads and folds everything.
  ///
  /// - Parameters:
  ///   - progress: counted up while reading.
  ///   - check: called between batches; throws to stop.
  /// - Returns: what was counted, and what became of the lines.
  /// - Throws: what `check` throws, or `ExtractionError` for settings of no use.
  package func fold(
    progress: ReadProgress = ReadProgress(), check: @escaping @Sendable () throws -> Void = {}
  ) throws -> CountedInput {
    let sinks = (0..<max(1, threads)).map { _ in
      StoppableSink(Fold(), check: check)
    }
    let coverage = try source().read(window: clockWindow, into: sinks, progress: progress)
    var result = sinks[0].fold.result()
    for other in sinks.dropFirst() { result = try result.merged(with: other.fold.result()) }
    return CountedInput(result: result, coverage: coverage)
  }

  /// The files as extraction reads them; every line counts, also one met before or of any time.
  func source() throws(ExtractionError) -> FileSource {
    var configuration = FileSourceConfiguration(name: "input", patterns: paths)
    configuration.format = format
    configuration.readsHeaders = readsHeaders
    configuration.contentColumn = contentColumn
    configuration.zoneName = zoneName
    configuration.skipsDuplicates = false
    configuration.keepsOutsideWindow = true
    configuration.makesDigests = false
    configuration.readsPipes = true
    return try FileSource(configuration, duplicates: DuplicateFilter())
  }

  /// Where times without a year or a date are placed: the year up to the last day.
  var clockWindow: TimeWindow {
    guard let calendar = NightCalendar(zoneName: zoneName) else {
      return TimeWindow(start: Timestamp(seconds: 0), end: Timestamp(seconds: 0))
    }
    return TimeWindow(
      start: calendar.window(of: lastDay.advanced(byDays: -364)).start,
      end: calendar.window(of: lastDay).end)
  }
}

/// A fold that stops its reader when somebody asks.
private final class StoppableSink: LineSink {
  let fold: Fold
  private let check: @Sendable () throws -> Void

  init(_ fold: Fold, check: @escaping @Sendable () throws -> Void) {
    self.fold = fold
    self.check = check
  }

  func consume(_ batch: LineBatch, services: ServiceTable) throws {
    try check()
    fold.consume(batch, services: services)
  }
}
