internal import Dispatch

/// What a function gives for each number from 0 up to a count, in that order, worked out on all
/// processors.
///
/// Numbers are handed out in runs, so that threads seldom meet; what comes out does not depend on how.
///
/// - Parameters:
///   - count: how many numbers.
///   - body: called once for each, on any thread, several at once; it must not change anything shared.
/// - Returns: what it gave, in the order of the numbers.
func parallelMap<Element>(_ count: Int, _ body: (Int) -> Element) -> [Element] {
  let run = 512
  guard count > run else { return (0..<count).map(body) }
  return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
    // Each iteration writes places of its own, and all have ended before the buffer is read.
    nonisolated(unsafe) let target = buffer
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: (count + run - 1) / run) { index in
        for place in index * run..<min((index + 1) * run, count) {
          target.initializeElement(at: place, to: body(place))
        }
      }
    }
    initialized = count
  }
}
