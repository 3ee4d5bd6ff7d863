internal import CScanBytes

/// One pattern of a fold while lines are counted: what each line of it touches, in one cache line.
struct PatternState: BitwiseCopyable {
  var hash: UInt64
  /// Where its masked bytes are in the table's arena.
  var byteOffset: Int
  var byteCount: Int32
  var service: Int32
  /// The coarser pattern that counts in its stead; -1 for none.
  var alias: Int32 = -1
  /// The hour and level met last, and how many of those its counter does not have yet.
  var currentKey: Int32 = -1
  /// A message with a greater hash is no sample; `.max` until there are enough.
  var sampleCeiling: UInt64 = .max
  var firstSeen: Int64 = .max
  var lastSeen: Int64 = .min
  var pendingCount: UInt32 = 0
  /// The counter used last; -1 for none.
  var currentCell: Int32 = -1
}

/// What only some lines of a pattern touch.
struct PatternDetail: BitwiseCopyable {
  /// The first of the list of its counters; -1 for none.
  var firstCell: Int32 = -1
  /// The next pattern of its group; -1 for the last.
  var nextInBucket: Int32 = -1
  var sampleCount: Int32 = 0
  var tier: UInt8
  /// Lines of the source behind its events beyond one each.
  var furtherLines: Int64 = 0
}

/// The count of one hour and level of one pattern.
struct CellState: BitwiseCopyable {
  /// Hour of the window plus one (0: without a time) times 8 plus level.
  var key: Int32
  var next: Int32
  var count: Int64
}

/// A message kept as a sample.
struct SampleState: BitwiseCopyable {
  var hash: UInt64
  var timestamp: Int64
  /// Owned by the table; at most `LineSample.byteLimit` bytes.
  var bytes: UnsafeMutablePointer<UInt8>
  var storedCount: Int32
  /// The length of the whole message.
  var fullCount: Int32
  var level: UInt8
}

/// A group of patterns that one coarser pattern would cover.
struct BucketState: BitwiseCopyable {
  var hash: UInt64
  /// Distinct patterns, counted up to one above the stage's threshold.
  var count: Int32 = 0
  /// The first of its patterns; -1 for none.
  var firstPattern: Int32 = -1
  /// The coarse pattern that stands for all of them; -1 while they stand for themselves.
  var coarsePattern: Int32 = -1
}

/// The distinct patterns of a fold with their counts: flat arrays under open addressing.
///
/// A known pattern costs one probe, one comparison of bytes and no allocation. See `FoldStage` for
/// how the number of patterns stays bounded.
struct PatternTable: ~Copyable {
  let options: FoldOptions
  var stage: FoldStage
  var patterns = FlatArray<PatternState>(capacity: 256)
  /// By index of the pattern.
  var details = FlatArray<PatternDetail>(capacity: 256)
  var arena = FlatArray<UInt8>(capacity: 16_384)
  var cells = FlatArray<CellState>(capacity: 256)
  /// `options.sampleCount` places a pattern.
  var samples = FlatArray<SampleState>(capacity: 1024)
  var buckets = FlatArray<BucketState>(capacity: 256)
  /// What all groups are charged: the sum of their counts.
  var charge = 0
  /// Groups that are one pattern.
  var coarseCount = 0
  var coarsener = CoarseningBuffers()
  /// Set while patterns are put into a new table: the limit is looked at when all are there.
  var isRebuilding = false
  private var freeCell: Int32 = -1
  private var slots = FlatArray<UInt64>(repeating: 0, count: 1024)
  private var slotsUsed = 0
  private var bucketSlots = FlatArray<Int32>(repeating: -1, count: 1024)

  init(options: FoldOptions, stage: FoldStage) {
    self.options = options
    self.stage = stage
  }

  deinit {
    for index in 0..<patterns.count {
      let first = index * options.sampleCount
      for place in first..<first + Int(details[index].sampleCount) {
        samples[place].bytes.deallocate()
      }
    }
  }

  /// Finds the pattern that counts for masked bytes; -1 when there is none yet.
  @inline(__always)
  func find(_ masked: UnsafePointer<UInt8>, count: Int, service: Int32, hash: UInt64) -> Int {
    let mask = slots.count &- 1
    let tag = hash & 0xFFFF_FFFF_0000_0000
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let entry = slots[slot]
      if entry == 0 { return -1 }
      if entry & 0xFFFF_FFFF_0000_0000 == tag {
        let index = Int(entry & 0xFFFF_FFFF) &- 1
        let pattern = patterns.base + index
        if pattern.pointee.hash == hash, Int(pattern.pointee.byteCount) == count,
          pattern.pointee.service == service,
          equalBytes(arena.base + pattern.pointee.byteOffset, masked, count: count)
        {
          let alias = pattern.pointee.alias
          return alias >= 0 ? Int(alias) : index
        }
      }
      slot = (slot &+ 1) & mask
    }
  }

  /// Asks for the memory that `find` will read first.
  @inline(__always)
  func prefetchSlot(hash: UInt64) {
    dbk_prefetch(slots.base + (Int(truncatingIfNeeded: hash) & (slots.count &- 1)))
  }

  /// Asks for the pattern that `find` will most likely compare; its slot should be at hand.
  @inline(__always)
  func prefetchPattern(hash: UInt64) -> Int {
    let entry = slots[Int(truncatingIfNeeded: hash) & (slots.count &- 1)]
    guard entry != 0 else { return -1 }
    let index = Int(entry & 0xFFFF_FFFF) &- 1
    dbk_prefetch(patterns.base + index)
    return index
  }

  /// Asks for the bytes of a pattern, which should be at hand.
  @inline(__always)
  func prefetchBytes(of pattern: Int) {
    let first = arena.base + patterns[pattern].byteOffset
    dbk_prefetch(first)
    dbk_prefetch(first + 64)
  }

  /// Adds a pattern with no counts; it is found by its bytes when `isListed`.
  mutating func add(
    _ masked: UnsafePointer<UInt8>, count: Int, service: Int32, tier: Tier, hash: UInt64,
    isListed: Bool
  ) -> Int {
    let offset = arena.append(from: masked, count: count)
    let index = patterns.append(
      PatternState(
        hash: hash, byteOffset: offset, byteCount: Int32(count), service: service))
    details.append(PatternDetail(tier: tier.rawValue))
    let vacant = SampleState(
      hash: 0, timestamp: 0, bytes: arena.base, storedCount: 0, fullCount: 0, level: 0)
    for _ in 0..<options.sampleCount { samples.append(vacant) }
    if isListed {
      if (slotsUsed + 1) * 2 > slots.count { growSlots() }
      insertSlot(hash: hash, index: index)
      slotsUsed += 1
    }
    return index
  }

  /// Counts one event of one hour and level of a pattern.
  @inline(__always)
  mutating func countOne(_ pattern: Int, key: Int32) {
    let state = patterns.base + pattern
    if state.pointee.currentKey == key, state.pointee.pendingCount < .max {
      state.pointee.pendingCount &+= 1
      return
    }
    settle(pattern)
    addCount(pattern, key: key, count: 1)
  }

  /// Adds to the count of one hour and level of a pattern.
  @inline(never)
  mutating func addCount(_ pattern: Int, key: Int32, count: Int64) {
    var cell = details[pattern].firstCell
    while cell >= 0, cells[Int(cell)].key != key { cell = cells[Int(cell)].next }
    if cell < 0 {
      let fresh = CellState(key: key, next: details[pattern].firstCell, count: 0)
      if freeCell >= 0 {
        cell = freeCell
        freeCell = cells[Int(cell)].next
        cells[Int(cell)] = fresh
      } else {
        cell = Int32(cells.append(fresh))
      }
      details[pattern].firstCell = cell
    }
    cells[Int(cell)].count &+= count
    // `settle` must find this key's counter only while it is the current one.
    if patterns[pattern].pendingCount == 0 {
      patterns[pattern].currentKey = key
      patterns[pattern].currentCell = cell
    }
  }

  /// Moves what is pending to its counter.
  mutating func settle(_ pattern: Int) {
    let pending = patterns[pattern].pendingCount
    guard pending > 0 else { return }
    cells[Int(patterns[pattern].currentCell)].count &+= Int64(pending)
    patterns[pattern].pendingCount = 0
  }

  /// Moves what is pending of every pattern to the counters; call before those are read.
  mutating func settle() {
    for pattern in 0..<patterns.count { settle(pattern) }
  }

  /// Moves every count to another hour or slot; counts that meet are added up.
  mutating func moveCells(_ place: (Int) -> Int) {
    settle()
    for pattern in 0..<patterns.count {
      var moved: [CellState] = []
      var cell = details[pattern].firstCell
      while cell >= 0 {
        moved.append(cells[Int(cell)])
        cell = cells[Int(cell)].next
      }
      removeCells(of: pattern)
      for cell in moved {
        let slot = Int(cell.key >> 3) - 1
        let key = slot < 0 ? cell.key : Int32((place(slot) + 1) * 8) + (cell.key & 7)
        addCount(pattern, key: key, count: cell.count)
      }
    }
  }

  /// Gives the counters of a pattern back.
  mutating func removeCells(of pattern: Int) {
    var cell = details[pattern].firstCell
    while cell >= 0 {
      let next = cells[Int(cell)].next
      cells[Int(cell)].next = freeCell
      freeCell = cell
      cell = next
    }
    details[pattern].firstCell = -1
    patterns[pattern].currentCell = -1
    patterns[pattern].currentKey = -1
    patterns[pattern].pendingCount = 0
  }

  /// Finds a group; -1 where there is none yet.
  func knownBucket(hash: UInt64) -> Int {
    let mask = bucketSlots.count &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while bucketSlots[slot] >= 0 {
      let index = Int(bucketSlots[slot])
      if buckets[index].hash == hash { return index }
      slot = (slot &+ 1) & mask
    }
    return -1
  }

  /// Finds a group, or adds it.
  mutating func bucketIndex(hash: UInt64) -> Int {
    if (buckets.count + 1) * 2 > bucketSlots.count { growBucketSlots() }
    let mask = bucketSlots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while bucketSlots[slot] >= 0 {
      let index = Int(bucketSlots[slot])
      if buckets[index].hash == hash { return index }
      slot = (slot + 1) & mask
    }
    let index = buckets.append(BucketState(hash: hash))
    bucketSlots[slot] = Int32(index)
    return index
  }

  private mutating func growBucketSlots() {
    bucketSlots = FlatArray(repeating: -1, count: bucketSlots.count * 2)
    let mask = bucketSlots.count - 1
    for index in 0..<buckets.count {
      var slot = Int(truncatingIfNeeded: buckets[index].hash) & mask
      while bucketSlots[slot] >= 0 { slot = (slot + 1) & mask }
      bucketSlots[slot] = Int32(index)
    }
  }

  private mutating func growSlots() {
    let old = slots.count
    var entries: [UInt64] = []
    for slot in 0..<old where slots[slot] != 0 { entries.append(slots[slot]) }
    slots = FlatArray(repeating: 0, count: old * 2)
    for entry in entries {
      let index = Int(entry & 0xFFFF_FFFF) - 1
      insertSlot(hash: patterns[index].hash, index: index)
    }
  }

  private mutating func insertSlot(hash: UInt64, index: Int) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(index + 1)
  }
}

/// Compares bytes; inlined, as most patterns are shorter than a call is worth.
@inline(__always)
func equalBytes(
  _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, count: Int
) -> Bool {
  let first = UnsafeRawPointer(left)
  let second = UnsafeRawPointer(right)
  var offset = 0
  while offset &+ 8 <= count {
    let a = first.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    let b = second.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    if a != b { return false }
    offset &+= 8
  }
  while offset < count {
    if left[offset] != right[offset] { return false }
    offset &+= 1
  }
  return true
}
