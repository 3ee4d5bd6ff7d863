internal import Dispatch
package import DaybreakCore
internal import Synchronization

extension FileSource {
  /// Reads everything of `window` on as many threads as there are sinks, each into its own.
  ///
  /// The sinks together get the events that `read(window:into:progress:)` hands to one: which of them
  /// gets which depends on how the threads run. A sink is used by one thread only.
  ///
  /// - Parameters:
  ///   - window: the moments wanted.
  ///   - sinks: at least one.
  ///   - progress: counted up while reading.
  /// - Returns: what was found and what became of it, the same for any number of sinks.
  /// - Throws: only what a sink throws (a cancelled run); the others stop at their next batch.
  package func read(
    window: TimeWindow, into sinks: [any LineSink], progress: ReadProgress
  ) throws -> SourceCoverage {
    precondition(!sinks.isEmpty, "reading needs a sink")
    guard sinks.count > 1 else {
      return try read(window: window, into: sinks[0], progress: progress)
    }
    let shards = self.shards(sinks.count)
    let outcomes = Mutex<[Int: Result<SourceCoverage, any Error>]>([:])
    // Each sink is used by its own iteration and by nobody else before all have ended.
    nonisolated(unsafe) let sinks = sinks
    DispatchQueue.concurrentPerform(iterations: sinks.count) { index in
      let outcome = Result<SourceCoverage, any Error> {
        try shards[index].read(window: window, into: sinks[index], progress: progress)
      }
      outcomes.withLock { $0[index] = outcome }
    }
    let ordered = try outcomes.withLock { $0 }.sorted { $0.key < $1.key }.map { try $0.value.get() }
    var coverage = ordered[0]
    for other in ordered.dropFirst() { coverage.merge(other) }
    return coverage
  }
}
