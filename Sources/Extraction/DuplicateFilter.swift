internal import Synchronization

/// Remembers which entries and which whole files one job has read, so that each counts once.
///
/// Shared by all sources of a job and safe to use from many threads. An entry costs 16 bytes at a
/// load of 37 to 75 %, so 22 to 43 bytes of memory; past `entryLimit` no more entries are taken in,
/// and `isExhausted` says so. Keys are 128-bit hashes: among 10^9 entries the chance that two
/// different ones share a key is below 10^-20.
package final class DuplicateFilter: Sendable {
  /// What tells one entry from every other: a hash of its labels, time and line.
  package struct Key: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
      self.high = high
      self.low = low
    }
  }

  /// How many entries are remembered unless told otherwise: at most 2.9 GB.
  package static let standardEntryLimit = 64 << 20

  /// How many entries are remembered at most.
  package let entryLimit: Int
  private let segments: [Segment]
  let contents = ContentRegistry()

  /// Makes an empty filter.
  package init(entryLimit: Int = DuplicateFilter.standardEntryLimit) {
    self.entryLimit = entryLimit
    let count = 64
    segments = (0..<count).map { _ in Segment(limit: entryLimit / count) }
  }

  /// Takes in an entry.
  ///
  /// - Parameter key: the entry's hash.
  /// - Returns: whether it is new; always true once the filter is exhausted and the key unknown.
  package func insert(_ key: Key) -> Bool {
    segments[Int(key.high >> 58)].insert(key)
  }

  /// Whether some entries were not remembered because the limit was reached.
  package var isExhausted: Bool { segments.contains { $0.isExhausted } }
}

/// One of the filter's tables with its own lock, so that growing one moves a 64th of the entries.
private final class Segment: Sendable {
  private let table: Mutex<KeyTable>

  init(limit: Int) { table = Mutex(KeyTable(limit: limit)) }

  func insert(_ key: DuplicateFilter.Key) -> Bool { table.withLock { $0.insert(key) } }

  var isExhausted: Bool { table.withLock { $0.isExhausted } }
}

/// Open addressing with linear probing on keys that are hashes already; zero marks a free slot.
private struct KeyTable {
  private var slots: [DuplicateFilter.Key] = []
  private var count = 0
  private let limit: Int
  private(set) var isExhausted = false

  init(limit: Int) { self.limit = limit }

  mutating func insert(_ wanted: DuplicateFilter.Key) -> Bool {
    let key = wanted.high | wanted.low == 0 ? DuplicateFilter.Key(high: 0, low: 1) : wanted
    if (count + 1) * 4 > slots.count * 3 { grow() }
    let slot = firstSlot(for: key)
    if slots[slot] == key { return false }
    guard count < limit else {
      isExhausted = true
      return true
    }
    slots[slot] = key
    count += 1
    return true
  }

  /// The slot that holds `key`, or the free one where it belongs.
  private func firstSlot(for key: DuplicateFilter.Key) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: key.low) & mask
    while slots[slot].high | slots[slot].low != 0, slots[slot] != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = [DuplicateFilter.Key](
      repeating: DuplicateFilter.Key(high: 0, low: 0), count: max(64, old.count * 2))
    for key in old where key.high | key.low != 0 { slots[firstSlot(for: key)] = key }
  }
}
