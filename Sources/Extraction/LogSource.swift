package import DaybreakCore
internal import Synchronization

/// Something that holds log lines: export files, a database table.
package protocol LogSource: Sendable {
  /// The source's name in the job, as `loki_export: exports/*.jsonl`.
  var name: String { get }

  /// Reads everything of `window` and hands it to `sink` in batches.
  ///
  /// Bad input stops nothing: it is quarantined, counted and reported in the coverage.
  ///
  /// - Parameters:
  ///   - window: the moments wanted; events of other moments are counted, not handed on.
  ///   - sink: takes the batches.
  ///   - progress: counted up while reading.
  /// - Returns: what was found and what became of it.
  /// - Throws: only what `sink` throws (a cancelled run).
  func read(window: TimeWindow, into sink: any LineSink, progress: ReadProgress) throws
    -> SourceCoverage
}

/// How far the readers of a run have come; safe to read from another thread while they work.
package final class ReadProgress: Sendable {
  private let bytes = Atomic<Int64>(0)
  private let total = Atomic<Int64>(0)
  private let lineCount = Atomic<Int64>(0)

  package init() {}

  /// Bytes read so far, as stored (before decompression).
  package var bytesRead: Int64 { bytes.load(ordering: .relaxed) }
  /// Bytes to read as far as known: 0 where nobody can tell (standard input).
  package var bytesTotal: Int64 { total.load(ordering: .relaxed) }
  /// Lines found so far, of whatever fate.
  package var lines: Int64 { lineCount.load(ordering: .relaxed) }

  /// Counts bytes read.
  package func add(bytesRead count: Int) { bytes.add(Int64(count), ordering: .relaxed) }
  /// Counts bytes still to be read.
  package func add(bytesTotal count: Int64) { total.add(count, ordering: .relaxed) }
  /// Counts lines found.
  package func add(lines count: Int64) { lineCount.add(count, ordering: .relaxed) }
}
