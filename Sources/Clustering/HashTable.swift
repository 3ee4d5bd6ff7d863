/// Indices by hash: open addressing, for hashes that are well mixed already.
struct HashTable: ~Copyable {
  private var hashes: FlatArray<UInt64>
  private var indices: FlatArray<Int32>
  private var count = 0

  /// Makes a table for about so many entries.
  init(capacity: Int) {
    let slots = HashTable.slotCount(for: capacity)
    hashes = FlatArray(repeating: 0, count: slots)
    indices = FlatArray(repeating: -1, count: slots)
  }

  /// A power of two of which so many entries fill less than half.
  static func slotCount(for capacity: Int) -> Int {
    var slots = 64
    while slots < capacity * 2 + 2 { slots *= 2 }
    return slots
  }

  /// The index of an entry of this hash that `isEqual` says yes to; `fresh`, which is added, when there
  /// is none.
  mutating func index(of hash: UInt64, or fresh: Int, isEqual: (Int) -> Bool) -> Int {
    if (count + 1) * 2 > hashes.count { grow() }
    let mask = hashes.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while indices[slot] >= 0 {
      if hashes[slot] == hash, isEqual(Int(indices[slot])) { return Int(indices[slot]) }
      slot = (slot + 1) & mask
    }
    hashes[slot] = hash
    indices[slot] = Int32(fresh)
    count += 1
    return fresh
  }

  private mutating func grow() {
    var larger = HashTable(capacity: hashes.count)
    for slot in 0..<hashes.count where indices[slot] >= 0 {
      _ = larger.index(of: hashes[slot], or: Int(indices[slot])) { _ in false }
    }
    self = larger
  }
}

/// What stands in holes: counts by the hash of a pattern with one part left out.
struct HoleTable: ~Copyable {
  /// 0 is a free slot.
  private var keys: FlatArray<UInt64>
  private var values: FlatArray<Familiarity.Counts>
  private var count = 0

  /// Makes a table for about so many holes.
  init(capacity: Int) {
    let slots = HashTable.slotCount(for: capacity)
    keys = FlatArray(repeating: 0, count: slots)
    values = FlatArray(repeating: Familiarity.Counts(), count: slots)
  }

  func contains(_ key: UInt64) -> Bool { keys[place(of: key | 1)] != 0 }

  /// What was counted in a hole.
  func counts(of key: UInt64) -> Familiarity.Counts { values[place(of: key | 1)] }

  /// Counts a word of some weight (`Familiarity.weight`) in a hole.
  mutating func add(_ weight: Int, to key: UInt64) { values[slot(of: key)].add(weight) }

  /// Adds a key; tells whether it was not known.
  mutating func insert(_ key: UInt64) -> Bool {
    let known = count
    _ = slot(of: key)
    return count > known
  }

  /// Where a hole is counted; added when it is not known.
  mutating func slot(of key: UInt64) -> Int {
    if (count + 1) * 2 > keys.count { grow() }
    let slot = place(of: key | 1)
    if keys[slot] == 0 {
      keys[slot] = key | 1
      count += 1
    }
    return slot
  }

  private func place(of key: UInt64) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: key >> 1) & mask
    while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    var larger = HoleTable(capacity: keys.count)
    for slot in 0..<keys.count where keys[slot] != 0 {
      larger.values[larger.slot(of: keys[slot])] = values[slot]
    }
    self = larger
  }
}
