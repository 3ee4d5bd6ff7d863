package import Clustering
package import DaybreakCore
package import Extraction

/// Folds log files on several threads: from files to counted patterns in one pass.
///
/// One plain file is read in blocks by all threads, so that a single large file uses them all. The
/// result is the same for any number of threads.
package struct FileFold {
  /// What to read and how.
  package var configuration: FileSourceConfiguration
  /// The range of time that hours and minutes are counted in.
  package var window: TimeWindow
  /// The limits of the fold.
  package var options: FoldOptions
  /// How many threads read and fold.
  package var threads: Int

  /// Makes a pass over files.
  package init(
    _ configuration: FileSourceConfiguration, window: TimeWindow,
    options: FoldOptions = FoldOptions(), threads: Int = 2
  ) {
    self.configuration = configuration
    self.window = window
    self.options = options
    self.threads = threads
  }

  /// Reads and folds everything.
  ///
  /// - Parameters:
  ///   - progress: counted up while reading.
  ///   - check: called for every batch on the thread that reads it; throws to stop.
  /// - Returns: what was counted, and what became of the lines.
  /// - Throws: `ExtractionError` where the configuration is of no use, or what `check` throws.
  package func run(
    progress: ReadProgress = ReadProgress(), check: @escaping @Sendable () throws -> Void = {}
  ) throws -> (fold: FoldResult, coverage: SourceCoverage) {
    let source = try FileSource(configuration, duplicates: DuplicateFilter())
    let folds = (0..<max(1, threads)).map { _ in
      CheckedFold(Fold(window: window, options: options), check)
    }
    let coverage = try source.read(window: window, into: folds, progress: progress)
    var result = folds[0].fold.result()
    for other in folds.dropFirst() { result = try result.merged(with: other.fold.result()) }
    return (result, coverage)
  }
}

/// A fold that asks before every batch whether to go on.
private final class CheckedFold: LineSink {
  let fold: Fold
  private let check: @Sendable () throws -> Void

  init(_ fold: Fold, _ check: @escaping @Sendable () throws -> Void) {
    self.fold = fold
    self.check = check
  }

  func consume(_ batch: LineBatch, services: ServiceTable) throws {
    try check()
    fold.consume(batch, services: services)
  }
}
