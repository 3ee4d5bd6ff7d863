internal import DaybreakCore

/// The messages kept as examples: those whose content hashes lowest.
///
/// A uniform choice among the distinct messages of a pattern that depends on neither order nor count
/// (bottom-k sampling, Cohen and Kaplan 2007).
extension PatternTable {
  /// Offers a message as a sample.
  ///
  /// - Parameters:
  ///   - pattern: index of its pattern.
  ///   - bytes: the message, or its first `LineSample.byteLimit` bytes.
  ///   - fullCount: the length of the whole message.
  ///   - hash: of the whole message.
  ///   - timestamp: when it was written, or `LineRecord.noTimestamp`.
  ///   - level: the raw value of its level.
  @inline(__always)
  mutating func offerSample(
    _ pattern: Int, bytes: UnsafePointer<UInt8>, fullCount: Int, hash: UInt64, timestamp: Int64,
    level: UInt8
  ) {
    if hash > patterns[pattern].sampleCeiling { return }
    takeSample(
      pattern,
      SampleState(
        hash: hash, timestamp: timestamp, bytes: UnsafeMutablePointer(mutating: bytes),
        storedCount: Int32(min(fullCount, LineSample.byteLimit)), fullCount: Int32(fullCount),
        level: level))
  }

  /// Inserts a lent sample where it belongs; copies its bytes if it stays.
  @inline(never)
  mutating func takeSample(_ pattern: Int, _ offered: SampleState) {
    let first = pattern * options.sampleCount
    let count = Int(details[pattern].sampleCount)
    var place = 0
    while place < count {
      let order = compareContent(samples[first + place], offered)
      if order == 0 {
        keepEarlier(first + place, offered)
        return
      }
      if order > 0 { break }
      place += 1
    }
    guard place < options.sampleCount else { return }
    var kept = offered
    kept.bytes = .allocate(capacity: max(Int(offered.storedCount), 1))
    kept.bytes.initialize(from: offered.bytes, count: Int(offered.storedCount))
    let isFull = count == options.sampleCount
    if isFull { samples[first + count - 1].bytes.deallocate() }
    var index = isFull ? count - 1 : count
    while index > place {
      samples[first + index] = samples[first + index - 1]
      index -= 1
    }
    samples[first + place] = kept
    if !isFull { details[pattern].sampleCount += 1 }
    if Int(details[pattern].sampleCount) == options.sampleCount {
      patterns[pattern].sampleCeiling = samples[first + options.sampleCount - 1].hash
    }
  }

  /// Gives the samples of a pattern back.
  mutating func removeSamples(of pattern: Int) {
    let first = pattern * options.sampleCount
    for place in first..<first + Int(details[pattern].sampleCount) {
      samples[place].bytes.deallocate()
    }
    details[pattern].sampleCount = 0
    patterns[pattern].sampleCeiling = .max
  }

  /// Of two equal messages the earlier is kept, one without a time last, then the lower level.
  private mutating func keepEarlier(_ place: Int, _ offered: SampleState) {
    let kept = samples[place]
    if sampleOrder(offered.timestamp, offered.level) < sampleOrder(kept.timestamp, kept.level) {
      samples[place].timestamp = offered.timestamp
      samples[place].level = offered.level
    }
  }

  private func sampleOrder(_ timestamp: Int64, _ level: UInt8) -> (Int64, UInt8) {
    (timestamp == LineRecord.noTimestamp ? Int64.max : timestamp, level)
  }

  /// Orders by hash, then by content; 0 for the same content.
  private func compareContent(_ left: SampleState, _ right: SampleState) -> Int {
    if left.hash != right.hash { return left.hash < right.hash ? -1 : 1 }
    if left.fullCount != right.fullCount { return left.fullCount < right.fullCount ? -1 : 1 }
    if equalBytes(left.bytes, right.bytes, count: Int(left.storedCount)) { return 0 }
    for index in 0..<Int(left.storedCount) where left.bytes[index] != right.bytes[index] {
      return left.bytes[index] < right.bytes[index] ? -1 : 1
    }
    return 0
  }
}
