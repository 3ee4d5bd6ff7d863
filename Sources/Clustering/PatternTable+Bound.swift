/// Keeping the number of patterns bounded without losing a count.
extension PatternTable {
  /// Finds or makes the pattern that counts for masked bytes that `find` does not know.
  ///
  /// - Parameters:
  ///   - masked: the masked bytes as the scanner wrote them.
  ///   - service: its service.
  /// - Returns: the index of the pattern; indices of before may be stale.
  mutating func place(_ masked: UnsafeBufferPointer<UInt8>, service: Int32) -> Int {
    // Most lines of names never met before belong to groups that are one pattern already.
    let group = groupPattern(masked, service: service)
    return group >= 0 ? group : place(Array(masked), service: service, tier: .exact)
  }

  /// The coarse pattern of the group that masked bytes belong to; -1 where each counts for itself.
  ///
  /// Allocates nothing.
  private mutating func groupPattern(
    _ masked: UnsafeBufferPointer<UInt8>, service: Int32
  ) -> Int {
    guard coarseCount > 0 else { return -1 }
    // A group's name is made in the steps of `place`: first to the tier of its elements.
    let elementTier = Tier(rawValue: stage.tier.rawValue &- 1) ?? .exact
    let element =
      elementTier > .exact ? coarsener.lent(masked, to: elementTier, place: 0) : masked
    let key = coarsener.lent(element, to: stage.tier, place: 1)
    let bucket = knownBucket(hash: hash(key, service: service, isBucket: true))
    return bucket < 0 ? -1 : Int(buckets[bucket].coarsePattern)
  }

  /// Finds or makes the pattern that counts for masked bytes that `find` does not know.
  ///
  /// - Parameters:
  ///   - masked: the masked bytes.
  ///   - service: its service.
  ///   - tier: how coarse they are already.
  /// - Returns: the index of the pattern; indices of before may be stale, as the table may have been
  ///   made anew.
  mutating func place(_ masked: [UInt8], service: Int32, tier: Tier) -> Int {
    let isGroup = tier >= stage.tier
    let elementTier = isGroup ? stage.tier : Tier(rawValue: stage.tier.rawValue - 1) ?? .exact
    let element = coarsened(masked, from: tier, to: elementTier)
    let key = coarsened(element, from: elementTier, to: stage.tier)
    let bucket = bucketIndex(hash: hash(key, service: service, isBucket: true))
    if buckets[bucket].coarsePattern >= 0 { return Int(buckets[bucket].coarsePattern) }
    if isGroup {
      collapse(bucket, key: key, service: service)
    } else {
      let elementHash = hash(element, service: service, isBucket: false)
      let known = element.withUnsafeBufferPointer {
        find(
          $0.baseAddress ?? UnsafePointer(arena.base), count: $0.count, service: service,
          hash: elementHash)
      }
      if known >= 0 { return known }
      let pattern = add(
        element, service: service, tier: elementTier, hash: elementHash, isListed: true)
      details[pattern].nextInBucket = buckets[bucket].firstPattern
      buckets[bucket].firstPattern = Int32(pattern)
      buckets[bucket].count += 1
      charge += 1
      if Int(buckets[bucket].count) > stage.threshold {
        collapse(bucket, key: key, service: service)
      }
      if charge <= options.patternLimit || isRebuilding {
        return buckets[bucket].coarsePattern >= 0 ? Int(buckets[bucket].coarsePattern) : pattern
      }
    }
    guard charge > options.patternLimit, !isRebuilding, escalate() else {
      return Int(buckets[bucket].coarsePattern)
    }
    return locate(masked, service: service, tier: tier)
  }

  /// Finds or makes the pattern that counts for masked bytes.
  mutating func locate(_ masked: [UInt8], service: Int32, tier: Tier) -> Int {
    if tier < stage.tier {
      let hash = hash(masked, service: service, isBucket: false)
      let known = masked.withUnsafeBufferPointer {
        find(
          $0.baseAddress ?? UnsafePointer(arena.base), count: $0.count, service: service, hash: hash
        )
      }
      if known >= 0 { return known }
    }
    return place(masked, service: service, tier: tier)
  }

  /// Makes one coarse pattern of all patterns of a group; those stay listed as its aliases.
  private mutating func collapse(_ bucket: Int, key: [UInt8], service: Int32) {
    let coarse = add(
      key, service: service, tier: stage.tier,
      hash: hash(key, service: service, isBucket: false), isListed: false)
    var pattern = Int(buckets[bucket].firstPattern)
    while pattern >= 0 {
      let next = Int(details[pattern].nextInBucket)
      merge(pattern, into: coarse)
      patterns[pattern].alias = Int32(coarse)
      pattern = next
    }
    charge += stage.threshold + 1 - Int(buckets[bucket].count)
    buckets[bucket].count = Int32(stage.threshold + 1)
    buckets[bucket].firstPattern = -1
    buckets[bucket].coarsePattern = Int32(coarse)
    coarseCount += 1
  }

  /// Moves counts and samples of one pattern to another.
  private mutating func merge(_ pattern: Int, into coarse: Int) {
    settle(pattern)
    var cell = Int(details[pattern].firstCell)
    while cell >= 0 {
      addCount(coarse, key: cells[cell].key, count: cells[cell].count)
      cell = Int(cells[cell].next)
    }
    let first = pattern * options.sampleCount
    for place in first..<first + Int(details[pattern].sampleCount) {
      takeSample(coarse, samples[place])
    }
    patterns[coarse].firstSeen = min(patterns[coarse].firstSeen, patterns[pattern].firstSeen)
    patterns[coarse].lastSeen = max(patterns[coarse].lastSeen, patterns[pattern].lastSeen)
    details[coarse].furtherLines += details[pattern].furtherLines
    removeCells(of: pattern)
    removeSamples(of: pattern)
  }

  /// Goes to the first coarser stage whose patterns fit; false when this one is the last.
  private mutating func escalate() -> Bool {
    guard stage.next(options: options) != nil else { return false }
    var live: [(service: Int32, pattern: FoldedPattern)] = []
    while charge > options.patternLimit, let next = stage.next(options: options) {
      live = exported()
      self = PatternTable(options: options, stage: next)
      isRebuilding = true
      for entry in live { absorb(entry.pattern, service: entry.service) }
      isRebuilding = false
    }
    return true
  }

  /// Adds a pattern of a result to this table.
  mutating func absorb(_ folded: FoldedPattern, service: Int32) {
    let index = locate(folded.masked, service: service, tier: folded.tier)
    for cell in folded.cells { addCount(index, key: cell.key, count: cell.count) }
    for sample in folded.samples {
      sample.bytes.withUnsafeBufferPointer { bytes in
        takeSample(
          index,
          SampleState(
            hash: sample.hash, timestamp: sample.timestamp,
            bytes: UnsafeMutablePointer(mutating: bytes.baseAddress ?? UnsafePointer(arena.base)),
            storedCount: Int32(bytes.count), fullCount: sample.fullCount, level: sample.level))
      }
    }
    patterns[index].firstSeen = min(patterns[index].firstSeen, folded.firstSeen)
    patterns[index].lastSeen = max(patterns[index].lastSeen, folded.lastSeen)
    details[index].furtherLines += folded.furtherLines
  }

  /// Every pattern that counts for itself, in the order of its making.
  mutating func exported() -> [(service: Int32, pattern: FoldedPattern)] {
    var live: [(service: Int32, pattern: FoldedPattern)] = []
    settle()
    for index in 0..<patterns.count where patterns[index].alias < 0 {
      live.append((patterns[index].service, exported(index)))
    }
    return live
  }

  private func exported(_ index: Int) -> FoldedPattern {
    let state = patterns[index]
    let detail = details[index]
    var counted: [FoldedPattern.Cell] = []
    var cell = Int(detail.firstCell)
    while cell >= 0 {
      counted.append(FoldedPattern.Cell(key: cells[cell].key, count: cells[cell].count))
      cell = Int(cells[cell].next)
    }
    let first = index * options.sampleCount
    let kept = (first..<first + Int(detail.sampleCount)).map { place in
      let sample = samples[place]
      return FoldedPattern.Sample(
        hash: sample.hash, timestamp: sample.timestamp, level: sample.level,
        fullCount: sample.fullCount,
        bytes: Array(UnsafeBufferPointer(start: sample.bytes, count: Int(sample.storedCount))))
    }
    let bytes = UnsafeBufferPointer(
      start: arena.base + state.byteOffset, count: Int(state.byteCount))
    return FoldedPattern(
      masked: Array(bytes), tier: Tier(rawValue: detail.tier) ?? .exact,
      cells: counted.sorted { $0.key < $1.key }, firstSeen: state.firstSeen,
      lastSeen: state.lastSeen, furtherLines: detail.furtherLines, samples: kept)
  }

  private mutating func add(
    _ masked: [UInt8], service: Int32, tier: Tier, hash: UInt64, isListed: Bool
  ) -> Int {
    masked.withUnsafeBufferPointer {
      add(
        $0.baseAddress ?? UnsafePointer(arena.base), count: $0.count, service: service, tier: tier,
        hash: hash, isListed: isListed)
    }
  }

  private mutating func coarsened(_ masked: [UInt8], from tier: Tier, to target: Tier) -> [UInt8] {
    guard tier < target else { return masked }
    return masked.withUnsafeBufferPointer { Array(coarsener.lent($0, to: target, place: 0)) }
  }

  /// The hash of a pattern of a service, or of the group that it names.
  private func hash(_ masked: [UInt8], service: Int32, isBucket: Bool) -> UInt64 {
    masked.withUnsafeBufferPointer { hash($0, service: service, isBucket: isBucket) }
  }

  private func hash(
    _ masked: UnsafeBufferPointer<UInt8>, service: Int32, isBucket: Bool
  ) -> UInt64 {
    let seed = patternSeed(service: service) ^ (isBucket ? 0x9e37_79b9_7f4a_7c15 : 0)
    return hash64(
      UnsafeRawPointer(masked.baseAddress ?? UnsafePointer(arena.base)), count: masked.count,
      seed: seed)
  }
}

/// The seed of the hashes of a service's patterns.
@inline(__always)
func patternSeed(service: Int32) -> UInt64 {
  UInt64(UInt32(bitPattern: service)) &* 0xff51_afd7_ed55_8ccd
}
