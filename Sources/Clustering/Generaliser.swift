/// Decides which patterns are one event.
///
/// Patterns of one identity (`TemplateUnitReader.Form.identity`) are one. Then identities that differ
/// in one part are laid on top of one another: what stands where another identity has a variable is
/// a value, and so is one of many names that stand at one place. A place is never made variable when
/// fewer than two constant words would be left, so that short events stay apart.
///
/// All decisions of a step are taken from the set of identities as it was before, so they do not depend
/// on an order. Time and memory grow with the bytes of the patterns.
struct Generaliser: ~Copyable {
  /// How many parts of a pattern are compared.
  static let partsCompared = 64
  /// How many constant words must be left.
  static let constantWords = 2

  /// Patterns of one identity: each has the same parts at its own places.
  struct Group {
    /// The parts, as a range of `parts`.
    var firstPart: Int32
    var partCount: Int32
    /// Its first pattern; others follow by `nextPattern`.
    var head: Int32
    var tail: Int32
    /// Parts that are words, among those compared.
    var words: Int32
    /// Whether it has several lines, as traces have: there one word may be what happened.
    var hasLines: Bool
    /// The next group of the same event; -1 for none.
    var next: Int32 = -1
    /// The sum of the parts' hashes at their places.
    var sum: UInt64 = 0
  }

  /// The masked bytes of all patterns, one behind the other, and where each starts.
  let bytes: FlatArray<UInt8>
  let starts: FlatArray<Int32>
  var parts = FlatArray<PatternPart>(capacity: 1024)
  var groups = FlatArray<Group>(capacity: 256)
  /// The next pattern of the same group; -1 for none.
  private(set) var nextPattern: FlatArray<Int32>
  /// The hashes of words that were found to be values.
  private var values = HoleTable(capacity: 256)
  /// The first group of each event, in the order of the patterns.
  private(set) var events = FlatArray<Int32>(capacity: 256)

  /// Finds the events among patterns.
  init(_ patterns: [FoldedPattern]) {
    var bytes = FlatArray<UInt8>(capacity: patterns.reduce(1) { $0 + $1.masked.count })
    var starts = FlatArray<Int32>(capacity: patterns.count + 1)
    starts.append(0)
    for pattern in patterns {
      pattern.masked.withUnsafeBufferPointer { masked in
        if let base = masked.baseAddress { _ = bytes.append(from: base, count: masked.count) }
      }
      starts.append(Int32(bytes.count))
    }
    self.bytes = bytes
    self.starts = starts
    nextPattern = FlatArray(repeating: -1, count: max(patterns.count, 1))
    groupByIdentity(patternCount: patterns.count)
    markTexts(lineCounts(patterns))
    for _ in 0..<3 {
      let hasSiblings = markSiblings()
      let hasNames = markNames()
      let isAligned = markAligned()
      let hasRuns = markRuns()
      let hasTitles = markTitles()
      let hasMatches = markMatches()
      if !hasSiblings && !hasNames && !isAligned && !hasRuns && !hasTitles && !hasMatches { break }
    }
    collectEvents()
  }

  /// The masked bytes of a pattern.
  func masked(_ pattern: Int) -> UnsafeBufferPointer<UInt8> {
    let start = Int(starts[pattern])
    return UnsafeBufferPointer(start: bytes.base + start, count: Int(starts[pattern + 1]) - start)
  }

  private mutating func groupByIdentity(patternCount: Int) {
    var reader = TemplateUnitReader(form: .identity)
    var known = HashTable(capacity: patternCount)
    var keys = FlatArray<UInt8>(capacity: bytes.count + 1)
    var keyStarts = FlatArray<Int32>(capacity: patternCount + 1)
    keyStarts.append(0)
    var key: [UInt8] = []
    for pattern in 0..<patternCount {
      let masked = masked(pattern)
      reader.read(masked)
      key.removeAll(keepingCapacity: true)
      TemplateIdentity.append(masked, reader.units, to: &key)
      key.append(0)
      key.withUnsafeBufferPointer { key in
        guard let base = key.baseAddress else { return }
        let hash = hash64(base, count: key.count, seed: 0)
        let group = known.index(of: hash, or: groups.count) { index in
          let start = Int(keyStarts[index])
          return Int(keyStarts[index + 1]) - start == key.count
            && equalBytes(keys.base + start, base, count: key.count)
        }
        if group < groups.count {
          nextPattern[Int(groups[group].tail)] = Int32(pattern)
          groups[group].tail = Int32(pattern)
        } else {
          _ = keys.append(from: base, count: key.count)
          keyStarts.append(Int32(keys.count))
          addGroup(of: pattern, masked, reader.units)
        }
      }
    }
  }

  private mutating func addGroup(
    of pattern: Int, _ masked: UnsafeBufferPointer<UInt8>, _ units: [TemplateUnit]
  ) {
    let first = parts.count
    PatternPart.append(masked, units, to: &parts)
    var group = Group(
      firstPart: Int32(first), partCount: Int32(parts.count - first), head: Int32(pattern),
      tail: Int32(pattern), words: 0, hasLines: masked.contains(UInt8(ascii: "\n")))
    for place in 0..<(parts.count - first) {
      let part = parts[first + place]
      group.sum &+= part.placed(place)
      if part.isWord, place < Generaliser.partsCompared { group.words += 1 }
    }
    groups.append(group)
  }

  /// Makes variable the first part that stands where another identity has a variable alone.
  private mutating func markSiblings() -> Bool {
    var holes = HoleTable(capacity: parts.count / 2)
    for group in 0..<groups.count {
      for place in 0..<compared(group) where part(group, place).kind == .variable {
        _ = holes.slot(of: punched(group, place))
      }
    }
    var isChanged = false
    for group in 0..<groups.count where groups[group].words > Generaliser.constantWords {
      for place in 0..<compared(group) where part(group, place).isWord {
        if holes.contains(punched(group, place)) {
          mark(place, of: group)
          isChanged = true
          break
        }
      }
    }
    return isChanged
  }

  /// Makes variable the places at which identities that are otherwise equal have many words.
  private mutating func markNames() -> Bool {
    var holes = HoleTable(capacity: parts.count / 2)
    var seen = HoleTable(capacity: groups.count)
    for group in 0..<groups.count where groups[group].words > Generaliser.constantWords {
      // Groups that became equal say a word once.
      guard seen.insert(groups[group].sum) else { continue }
      for place in 0..<compared(group) where part(group, place).isWord {
        holes.add(weight(group, place), to: punched(group, place))
      }
    }
    var isChanged = false
    var chosen: [Int] = []
    for group in 0..<groups.count where groups[group].words > Generaliser.constantWords {
      chosen.removeAll(keepingCapacity: true)
      for place in 0..<compared(group) where part(group, place).isWord {
        if holes.counts(of: punched(group, place)).isVariable { chosen.append(place) }
      }
      guard !chosen.isEmpty,
        Int(groups[group].words) - chosen.count >= Generaliser.constantWords
      else { continue }
      for place in chosen { mark(place, of: group) }
      isChanged = true
    }
    return isChanged
  }

  /// Lays identities that are equal but for names on top of one another.
  private mutating func markAligned() -> Bool {
    var decisions: [(members: [Int], places: [Int])] = []
    for members in families() {
      let places = (0..<Int(groups[members[0]].partCount)).filter { isVariable($0, of: members) }
      if !places.isEmpty { decisions.append((members, places)) }
    }
    // Marking tells of values: only when all is decided, so that no order matters.
    for decision in decisions {
      for member in decision.members {
        for place in decision.places { mark(place, of: member) }
      }
    }
    return !decisions.isEmpty
  }

  /// How many sets of places are tried for patterns of one length.
  private static let masksTried = 64

  /// Makes variable all words that stand where an identity that is otherwise equal has variables.
  private mutating func markMatches() -> Bool {
    var sums = HoleTable(capacity: groups.count)
    var counts: [Int32: [UInt64: Int]] = [:]
    for group in 0..<groups.count where groups[group].words >= Generaliser.constantWords {
      let mask = marked(group)
      guard mask.nonzeroBitCount > 1 else { continue }
      counts[groups[group].partCount, default: [:]][mask, default: 0] += 1
      _ = sums.slot(of: groups[group].sum)
    }
    // The most frequent ones, so that time is bounded whatever the patterns are; then the least.
    let masks = counts.mapValues { counts in
      counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .prefix(Generaliser.masksTried).map(\.key).sorted()
    }
    var decisions: [(group: Int, mask: UInt64)] = []
    for group in 0..<groups.count where groups[group].words > Generaliser.constantWords {
      guard let candidates = masks[groups[group].partCount] else { continue }
      if let mask = candidates.first(where: { matches(group, $0, among: sums) }) {
        decisions.append((group, mask))
      }
    }
    for decision in decisions {
      for place in 0..<64 where decision.mask >> UInt64(place) & 1 != 0 {
        mark(place, of: decision.group)
      }
    }
    return !decisions.isEmpty
  }

  /// The places at which words were made variable, a bit each.
  private func marked(_ group: Int) -> UInt64 {
    var mask: UInt64 = 0
    for place in 0..<compared(group) where part(group, place).wasWord { mask |= 1 << UInt64(place) }
    return mask
  }

  /// Tells whether a group becomes one of the sums when the words at some places are variable.
  private func matches(_ group: Int, _ mask: UInt64, among sums: borrowing HoleTable) -> Bool {
    var sum = groups[group].sum
    var words = 0
    var rest = mask
    while rest != 0 {
      let place = rest.trailingZeroBitCount
      rest &= rest - 1
      var part = part(group, place)
      if part.kind == .variable { continue }
      guard part.isWord else { return false }
      words += 1
      sum &-= part.placed(place)
      part.makeVariable()
      sum &+= part.placed(place)
    }
    return words > 0 && Int(groups[group].words) - words >= max(Generaliser.constantWords, words)
      && sums.contains(sum)
  }

  /// The groups that are equal but for names, two or more together.
  private func families() -> [[Int]] {
    var keys = FlatArray<UInt64>(repeating: 0, count: max(groups.count, 1))
    var holes = HoleTable(capacity: groups.count)
    for group in 0..<groups.count where groups[group].words > Generaliser.constantWords {
      var key = groups[group].sum
      var names = 0
      for place in 0..<compared(group) where part(group, place).isWord {
        guard place > 0, !familiarity(group, place).isOfLogs else { continue }
        key = key &- part(group, place).placed(place) &+ PatternPart.hole(place)
        names += 1
      }
      guard names > 0, Int(groups[group].words) - names >= Generaliser.constantWords else {
        continue
      }
      keys[group] = key | 1
      holes.add(1, to: key | 1)
    }
    var families: [UInt64: [Int]] = [:]
    for group in 0..<groups.count where keys[group] != 0 {
      guard holes.counts(of: keys[group]).isRepeated else { continue }
      families[keys[group], default: []].append(group)
    }
    return Array(families.values)
  }

  /// How much the word at a place is like a name, with what other events say of it.
  private func familiarity(_ group: Int, _ place: Int) -> Familiarity {
    let part = part(group, place)
    return values.contains(part.hash) ? .value : part.familiarity
  }

  /// Tells whether a noun for things that have names stands in front of a place.
  func isNamed(_ group: Int, _ place: Int) -> Bool {
    guard place > 1, isBlank(group, place - 1) else { return false }
    return part(group, place - 2).isNoun
  }

  private func weight(_ group: Int, _ place: Int) -> Int {
    familiarity(group, place).weight(
      in: Familiarity.Surroundings(
        isFirst: place == 0 && !isSubject(group), isNamed: isNamed(group, place),
        isIsolated: isIsolated(group, place),
        otherWords: groups[group].hasLines ? 0 : Int(groups[group].words) - 1))
  }

  /// Tells whether a colon between blanks separates the first word from what is said of it.
  private func isSubject(_ group: Int) -> Bool {
    groups[group].partCount > 2 && part(group, 1).hash == Generaliser.spacedColon
  }

  private static let spacedColon = PatternPart.hash(of: " : ")

  /// Tells whether variables stand on both sides of a place, or one and the end of the line.
  private func isIsolated(_ group: Int, _ place: Int) -> Bool {
    guard place > 1, part(group, place - 2).kind == .variable else { return false }
    let count = Int(groups[group].partCount)
    return place + 2 >= count || part(group, place + 2).kind == .variable
  }

  /// Tells whether so many different words stand at one place of groups that it is variable.
  private func isVariable(_ place: Int, of members: [Int]) -> Bool {
    guard part(members[0], place).isWord else { return false }
    var met: Set<UInt64> = []
    var counts = Familiarity.Counts()
    for member in members where met.insert(part(member, place).hash).inserted {
      counts.add(weight(member, place))
    }
    return met.count > 1 && counts.isVariable
  }

  mutating func mark(_ place: Int, of group: Int) {
    let index = Int(groups[group].firstPart) + place
    guard parts[index].isWord else { return }
    _ = values.slot(of: parts[index].hash)
    groups[group].sum &-= parts[index].placed(place)
    parts[index].makeVariable()
    groups[group].sum &+= parts[index].placed(place)
    groups[group].words -= 1
  }

  /// The part of a group at a place.
  @inline(__always)
  func part(_ group: Int, _ place: Int) -> PatternPart {
    parts[Int(groups[group].firstPart) + place]
  }

  @inline(__always)
  func compared(_ group: Int) -> Int {
    min(Int(groups[group].partCount), Generaliser.partsCompared)
  }

  /// The hash of a group with the part at a place replaced by a hole.
  @inline(__always)
  private func punched(_ group: Int, _ place: Int) -> UInt64 {
    groups[group].sum &- part(group, place).placed(place) &+ PatternPart.hole(place)
  }

  /// Puts groups together whose identities became equal.
  private mutating func collectEvents() {
    var known = HashTable(capacity: groups.count)
    for group in 0..<groups.count {
      let event = known.index(of: groups[group].sum, or: events.count) { event in
        isEqual(group, Int(events[event]))
      }
      if event < events.count {
        groups[group].next = groups[Int(events[event])].next
        groups[Int(events[event])].next = Int32(group)
      } else {
        events.append(Int32(group))
      }
    }
  }

  private func isEqual(_ left: Int, _ right: Int) -> Bool {
    guard groups[left].partCount == groups[right].partCount else { return false }
    for place in 0..<Int(groups[left].partCount) {
      let first = part(left, place)
      let second = part(right, place)
      guard first.kind == second.kind, first.hash == second.hash else { return false }
    }
    return true
  }

  /// Goes through the patterns of an event.
  func forEachPattern(of event: Int, _ body: (Int) -> Void) {
    var group = Int(events[event])
    while group >= 0 {
      var pattern = Int(groups[group].head)
      while pattern >= 0 {
        body(pattern)
        pattern = Int(nextPattern[pattern])
      }
      group = Int(groups[group].next)
    }
  }
}
