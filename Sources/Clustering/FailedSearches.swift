/// A search for a closing quotation mark that found none.
struct FailedSearch: BitwiseCopyable {
  /// The end of the part of the line that it was for; -1 for none.
  var rangeEnd = -1
  /// Where the mark was, and up to where no partner stands.
  var start = 0
  var end = 0
  /// Whether nothing behind `end` can be its partner either.
  var isFinal = false
}

/// Brackets of one line that are never closed, by how deep the part of the line is nested that they stand
/// in.
///
/// Each lies on the way of a search that began before it and would go the same way from it on.
struct OpenBrackets: ~Copyable {
  private static let depthCount = 4
  private static let wordCount = Masker.sourceLimit / 64 + 1

  /// One bit a byte of the line, for each depth.
  private let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: depthCount * wordCount)
  /// The end of the part that the bits of a depth are of; -1 where there are none.
  private let rangeEnds = UnsafeMutablePointer<Int>.allocate(capacity: depthCount)
  /// The brackets open in the search under way.
  private let stack = UnsafeMutablePointer<Int32>.allocate(capacity: Masker.sourceLimit)
  private var count = 0

  init() { rangeEnds.initialize(repeating: -1, count: OpenBrackets.depthCount) }

  deinit {
    bits.deallocate()
    rangeEnds.deallocate()
    stack.deallocate()
  }

  /// Forgets the line.
  mutating func removeAll() {
    rangeEnds.update(repeating: -1, count: OpenBrackets.depthCount)
  }

  /// Tells whether a bracket is known to stay open.
  func isOpen(_ place: Int, in range: ScanRange) -> Bool {
    guard rangeEnds[range.depth] == range.end else { return false }
    return bits[range.depth * OpenBrackets.wordCount + place >> 6] >> UInt64(place & 63) & 1 != 0
  }

  mutating func startSearch() { count = 0 }

  mutating func open(_ place: Int) {
    stack[count] = Int32(place)
    count += 1
  }

  /// Closes the last bracket; true when it is the first of the search.
  mutating func close() -> Bool {
    count -= 1
    return count == 0
  }

  /// Notes that the brackets open now stay so.
  mutating func fail(in range: ScanRange) {
    let first = bits + range.depth * OpenBrackets.wordCount
    if rangeEnds[range.depth] != range.end {
      // Brackets in front of this part are never asked for again.
      let words = range.start >> 6...range.end >> 6
      for word in words { first[word] = 0 }
      rangeEnds[range.depth] = range.end
    }
    for index in 0..<count {
      let place = Int(stack[index])
      first[place >> 6] |= 1 << UInt64(place & 63)
    }
  }
}
