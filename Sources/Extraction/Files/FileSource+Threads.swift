internal import Dispatch
package import DaybreakCore
internal import Synchronization

extension FileSource {
  /// Reads everything of `window` on as many threads as there are sinks, each into its own.
  ///
  /// The sinks together get the events that `read(window:into:progress:)` hands to one: which of them
  /// gets which depends on how the threads run. A sink is used by one thread only. Large plain files
  /// are read in parts by all threads when no digests are made.
  ///
  /// - Parameters:
  ///   - window: the moments wanted.
  ///   - sinks: at least one.
  ///   - progress: counted up while reading.
  /// - Returns: what was found and what became of it, the same for any number of sinks.
  /// - Throws: only what a sink throws (a cancelled run); the others stop at their next part.
  package func read(
    window: TimeWindow, into sinks: [any LineSink], progress: ReadProgress
  ) throws -> SourceCoverage {
    precondition(!sinks.isEmpty, "reading needs a sink")
    guard sinks.count > 1 else {
      return try read(window: window, into: sinks[0], progress: progress)
    }
    let contexts = sinks.map {
      ReadContext(
        configuration, window: window, sink: $0, duplicates: duplicates, progress: progress)
    }
    let work = plan(contexts[0], progress)
    // Each context is used by its own iteration and by nobody else before all have ended.
    nonisolated(unsafe) let lent = contexts
    DispatchQueue.concurrentPerform(iterations: lent.count) { work.run(lent[$0], progress) }
    return try work.finish(contexts)
  }

  /// Lists what is to be read; decides in the order of names which files are new.
  private func plan(_ context: ReadContext, _ progress: ReadProgress) -> SharedWork {
    let listing = FileListing(
      patterns: configuration.patterns, baseDirectory: configuration.baseDirectory,
      takesPipes: configuration.readsPipes)
    for failure in listing.failures { context.recorder.fail(failure) }
    progress.add(bytesTotal: listing.files.reduce(0) { $0 + $1.byteCount })
    let files = listing.files.map { entry in
      let reader = FileReader(context, entry, sourceNumber: sourceNumber, progress: progress)
      let isNew = reader.claimContent()
      return SharedWork.File(
        entry: entry, isNew: isNew, division: isNew ? reader.division() : nil)
    }
    return SharedWork(files, sourceNumber: sourceNumber)
  }
}

/// Files and parts of files, taken by threads one after the other.
private final class SharedWork: Sendable {
  struct File: Sendable {
    let entry: FileListing.Entry
    let isNew: Bool
    let division: PartedFile?
  }

  /// A whole file, or one part of one.
  private struct Task {
    let file: Int
    let part: FilePart?
  }

  /// What became of the tasks.
  private struct Outcome {
    var unread: Set<Int> = []
    /// Lines and the first failure of files read in parts.
    var parted: [Int: (lines: Int64, failure: (start: Int64, reason: String)?)] = [:]
    var error: (any Error)?
  }

  private let files: [File]
  private let tasks: [Task]
  private let sourceNumber: Int
  private let next = Atomic<Int>(0)
  private let outcome = Mutex(Outcome())

  init(_ files: [File], sourceNumber: Int) {
    self.files = files
    self.sourceNumber = sourceNumber
    tasks = files.indices.flatMap { index in
      files[index].division?.parts.map { Task(file: index, part: $0) }
        ?? [Task(file: index, part: nil)]
    }
  }

  /// Takes tasks until none is left or a sink has thrown.
  func run(_ context: ReadContext, _ progress: ReadProgress) {
    do {
      while outcome.withLock({ $0.error == nil }) {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < tasks.count else { break }
        try run(tasks[index], context, progress)
        context.reportProgress()
      }
      try context.writer.flush()
    } catch {
      outcome.withLock { $0.error = $0.error ?? error }
    }
  }

  private func run(_ task: Task, _ context: ReadContext, _ progress: ReadProgress) throws {
    let file = files[task.file]
    let reader = FileReader(context, file.entry, sourceNumber: sourceNumber, progress: progress)
    guard let part = task.part, let mode = file.division?.mode else {
      if try !reader.read(isNew: file.isNew) {
        outcome.withLock { _ = $0.unread.insert(task.file) }
      }
      return
    }
    let (lines, failure) = try reader.read(part, mode)
    outcome.withLock { outcome in
      var whole = outcome.parted[task.file] ?? (0, nil)
      whole.lines += lines
      if let failure, part.start <= whole.failure?.start ?? .max {
        whole.failure = (part.start, failure)
      }
      outcome.parted[task.file] = whole
      if failure != nil { outcome.unread.insert(task.file) }
    }
  }

  /// Adds up what all threads found.
  func finish(_ contexts: [ReadContext]) throws -> SourceCoverage {
    let outcome = outcome.withLock { $0 }
    if let error = outcome.error { throw error }
    let first = contexts[0]
    for (index, whole) in outcome.parted.sorted(by: { $0.key < $1.key }) {
      first.recorder.add(
        InputFile(
          name: files[index].entry.name, byteCount: files[index].entry.byteCount, sha256: "",
          lineCount: whole.lines, failure: whole.failure?.reason))
    }
    if !outcome.unread.isEmpty {
      first.recorder.fail(
        "\(outcome.unread.count) of \(files.count) files could not be read to the end")
    }
    if first.duplicates.isExhausted {
      first.recorder.fail(
        "more than \(first.duplicates.entryLimit) entries: later duplicates may count twice")
    }
    var coverage = first.recorder.finish()
    for other in contexts.dropFirst() { coverage.merge(other.recorder.finish()) }
    return coverage
  }
}
