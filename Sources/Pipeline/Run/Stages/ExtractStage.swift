internal import Clustering
internal import DaybreakCore
internal import Extraction
internal import Foundation
internal import Synchronization

/// Reads a night's sources into one fold; raw lines end here.
struct ExtractStage {
  let night: Night
  let surroundings: Surroundings
  /// How many threads read the files of one source.
  let threads: Int

  /// Reads every source, one after the other.
  ///
  /// - Returns: the merged fold, and what each source gave, in the job's order.
  /// - Throws: `RunCancelled`, or a fault of the job's settings; a source that cannot be read is no
  ///   error but part of the coverage.
  func run() throws -> (fold: FoldResult, coverage: [SourceCoverage]) {
    let factory = SourceFactory(night: night, duplicates: DuplicateFilter())
    let progress = ReadProgress()
    let display = ProgressDisplay(
      stage: "extract", subject: "\(night.tenant) \(night.date)", progress: progress,
      surroundings: surroundings)
    display.start()
    defer { display.stop() }
    var merged = Fold(window: night.window).result()
    var coverage: [SourceCoverage] = []
    for source in night.sources {
      let (fold, found) = try read(source, factory, progress)
      merged = try merged.merged(with: fold)
      coverage.append(found)
      tell(found)
    }
    return (merged, coverage)
  }

  /// Says what a source gave; on a terminal only trouble stays to be read.
  private func tell(_ found: SourceCoverage) {
    let isTrouble = found.failure != nil || found.linesQuarantined > 0
    let fields: KeyValuePairs = [
      "source": found.name, "lines": String(found.linesFound),
      "quarantined": String(found.linesQuarantined), "failure": found.failure ?? "none",
    ]
    if isTrouble {
      surroundings.log.note("source read", fields)
    } else {
      surroundings.log.step("source read", fields)
    }
  }

  /// Reads one source; a database that fails on the way is read again from the start into a fresh fold,
  /// so that no row counts twice.
  private func read(
    _ source: JobSource, _ factory: SourceFactory, _ progress: ReadProgress
  ) throws -> (FoldResult, SourceCoverage) {
    var attempt = 1
    while true {
      let (fold, found) = try read(factory.readers(of: source, threads: threads), progress)
      guard let failure = found.failure, source.mayBeReadAgain, attempt < Self.attempts else {
        return (fold, found)
      }
      surroundings.log.note(
        "source failed; reading it again", ["source": source.name, "failure": failure])
      for _ in 0..<(attempt * 20) {
        try Cancellation.check()
        Thread.sleep(forTimeInterval: 0.1)
      }
      attempt += 1
    }
  }

  /// How often a database is tried.
  private static let attempts = 3

  /// Reads the shards of one source, each on a thread with a fold of its own.
  private func read(
    _ shards: [any LogSource], _ progress: ReadProgress
  ) throws -> (FoldResult, SourceCoverage) {
    let outcomes = Mutex<[Int: Result<(FoldResult, SourceCoverage), any Error>]>([:])
    let window = night.window
    DispatchQueue.concurrentPerform(iterations: shards.count) { index in
      let outcome = Result<(FoldResult, SourceCoverage), any Error> {
        let sink = CancellableFold(window: window)
        let found = try shards[index].read(window: window, into: sink, progress: progress)
        return (sink.fold.result(), found)
      }
      outcomes.withLock { $0[index] = outcome }
    }
    let ordered = try outcomes.withLock { $0 }.sorted { $0.key < $1.key }.map { try $0.value.get() }
    var (fold, coverage) = ordered[0]
    for (otherFold, otherCoverage) in ordered.dropFirst() {
      fold = try fold.merged(with: otherFold)
      coverage.merge(otherCoverage)
    }
    return (fold, coverage)
  }
}

extension JobSource {
  /// Whether reading it again may help and counts nothing twice: files say the same each time, and what
  /// they gave is remembered.
  fileprivate var mayBeReadAgain: Bool {
    if case .postgres = kind { true } else { false }
  }
}

/// A fold that stops its reader when somebody asks the run to stop.
private final class CancellableFold: LineSink {
  let fold: Fold

  init(window: TimeWindow) { fold = Fold(window: window) }

  func consume(_ batch: LineBatch, services: ServiceTable) throws {
    try Cancellation.check()
    fold.consume(batch, services: services)
  }
}
