/// Values of several words: texts at the end of a line, names such as `New York`.
extension Generaliser {
  /// How many events each group has.
  func lineCounts(_ patterns: [FoldedPattern]) -> [Int64] {
    var counts = [Int64](repeating: 0, count: groups.count)
    for group in 0..<groups.count {
      var pattern = Int(groups[group].head)
      while pattern >= 0 {
        counts[group] += patterns[pattern].cells.reduce(0) { $0 + $1.count }
        pattern = Int(nextPattern[pattern])
      }
    }
    return counts
  }

  /// What follows one beginning of a line.
  private struct Ends {
    private var count = 0
    private var seldom = 0
    private var fewestParts = Int32.max
    private var mostParts: Int32 = 0
    private var firstWords: Set<UInt64> = []

    /// Takes in one end: its first part, how many parts it has and how many lines end with it.
    mutating func add(_ first: PatternPart, partCount: Int32, lineCount: Int64) {
      count += 1
      seldom += lineCount <= 1 ? 1 : 0
      fewestParts = min(fewestParts, partCount)
      mostParts = max(mostParts, partCount)
      if firstWords.count < 16 { firstWords.insert(first.hash) }
    }

    /// Whether they are so different and so seldom that nobody wrote them as log statements.
    var areTexts: Bool {
      seldom * 4 >= count * 3 && mostParts - fewestParts >= 4
        && firstWords.count >= 5
    }
  }

  /// Makes one variable of each end of a line that people or other programs wrote.
  ///
  /// Such ends stand behind a colon, there are many of them, of all lengths, beginning with all kinds of
  /// words, and most come once: `job 17 stopped by ann: disk was full`. The events of one part of a
  /// program, which stand behind its name and a colon, are fewer and come again.
  mutating func markTexts(_ counts: [Int64]) {
    var holes = HoleTable(capacity: groups.count)
    for group in 0..<groups.count {
      forEachColon(of: group) { _, key in
        holes.add(1, to: key)
      }
    }
    var ends: [UInt64: Ends] = [:]
    for group in 0..<groups.count {
      forEachColon(of: group) { place, key in
        guard holes.counts(of: key).isVariable else { return }
        ends[key, default: Ends()].add(
          part(group, place + 1), partCount: groups[group].partCount - Int32(place),
          lineCount: counts[group])
      }
    }
    for group in 0..<groups.count {
      var text: Int?
      forEachColon(of: group) { place, key in
        if text == nil, ends[key]?.areTexts == true { text = place }
      }
      if let text { join(from: text + 1, to: Int(groups[group].partCount) - 1, of: group) }
    }
  }

  /// Goes through the separators with a colon behind at least two words, with a hash of what is in
  /// front but for names.
  private func forEachColon(of group: Int, _ body: (Int, UInt64) -> Void) {
    var key: UInt64 = 0
    var words = 0
    for place in 0..<max(compared(group) - 1, 0) {
      let part = part(group, place)
      let isName = part.isWord && !part.familiarity.isOfLogs
      key = key &+ (isName || part.kind == .variable ? PatternPart.hole(place) : part.placed(place))
      if part.isWord, !isName { words += 1 }
      if part.kind == .separator, words >= Generaliser.constantWords, isColon(part, of: group) {
        body(place, key)
      }
    }
  }

  /// Tells whether a separator is `: `.
  private func isColon(_ part: PatternPart, of group: Int) -> Bool {
    part.hash == Generaliser.colon
  }

  private static let colon = PatternPart.hash(of: ": ")
  private static let blank = PatternPart.hash(of: " ")

  /// Makes one variable of the parts from one place to another.
  mutating func join(from first: Int, to last: Int, of group: Int) {
    let base = Int(groups[group].firstPart)
    let count = Int(groups[group].partCount)
    for place in first..<count {
      groups[group].sum &-= parts[base + place].placed(place)
      if place <= last, place < Generaliser.partsCompared, parts[base + place].isWord {
        groups[group].words -= 1
      }
    }
    parts[base + first].makeVariable(upTo: parts[base + last])
    let shift = last - first
    for place in first + 1..<max(count - shift, first + 1) {
      parts[base + place] = parts[base + place + shift]
    }
    for place in first..<(count - shift) {
      groups[group].sum &+= parts[base + place].placed(place)
    }
    groups[group].partCount = Int32(count - shift)
  }

  /// Makes one variable of a run of names where another identity has a variable: `in New York` and
  /// `in <*>`.
  mutating func markRuns() -> Bool {
    var sums = HoleTable(capacity: groups.count)
    for group in 0..<groups.count { _ = sums.slot(of: groups[group].sum) }
    var isChanged = false
    for group in 0..<groups.count where groups[group].words > Generaliser.constantWords + 1 {
      if let run = run(of: group, among: sums) {
        join(from: run.lowerBound, to: run.upperBound, of: group)
        isChanged = true
      }
    }
    return isChanged
  }

  /// The first run of two to four names, with blanks between them, that stands for a variable.
  private func run(of group: Int, among sums: borrowing HoleTable) -> ClosedRange<Int>? {
    var place = 2
    while place + 2 < compared(group) {
      var last = place
      var words = 1
      while last - place < 8, isNameLike(group, place), last + 2 < Int(groups[group].partCount),
        isBlank(group, last + 1),
        isNameLike(group, last + 2) || part(group, last + 2).kind == .variable
      {
        last += 2
        let isName = isNameLike(group, last)
        words += part(group, last).isWord ? 1 : 0
        if Int(groups[group].words) - words >= Generaliser.constantWords,
          isName || isBounded(group, from: place, to: last),
          sums.contains(joinedSum(of: group, from: place, to: last))
        {
          return place...last
        }
      }
      place += 1
    }
    return nil
  }

  /// Tells whether marks stand on both sides of some places, or the end of the line.
  private func isBounded(_ group: Int, from first: Int, to last: Int) -> Bool {
    let count = Int(groups[group].partCount)
    return first > 0 && part(group, first - 1).isMarkedSeparator
      && (last + 1 >= count || part(group, last + 1).isMarkedSeparator)
  }

  /// Makes one variable of titles: a run of words that starts with a capital amid a sentence, where so
  /// many runs of different lengths stand in the same sentence that nobody wrote a statement for each
  /// (`Reached target Network Time.`, `Reached target Rotate log files.`).
  mutating func markTitles() -> Bool {
    var titles: [UInt64: Titles] = [:]
    for group in 0..<groups.count where groups[group].words > Generaliser.constantWords {
      forEachTitle(of: group) { place, last, key in
        titles[key, default: Titles()].add(
          part(group, place), partCount: last - place + 1, isNamed: isNamed(group, place))
      }
    }
    var isChanged = false
    for group in 0..<groups.count where groups[group].words > Generaliser.constantWords {
      var found: ClosedRange<Int>?
      forEachTitle(of: group) { place, last, key in
        if found == nil, titles[key]?.areVariable == true { found = place...last }
      }
      if let found, found.upperBound > found.lowerBound {
        join(from: found.lowerBound, to: found.upperBound, of: group)
        isChanged = true
      } else if let found {
        mark(found.lowerBound, of: group)
        isChanged = true
      }
    }
    return isChanged
  }

  /// The titles that stand in one sentence.
  private struct Titles {
    private var weight = 0
    private var fewestParts = Int32.max
    private var mostParts: Int32 = 0
    // Three different first words are enough, and a set would be memory for every run of every pattern.
    private var firstWords: (UInt64, UInt64, UInt64) = (0, 0, 0)

    mutating func add(_ first: PatternPart, partCount: Int, isNamed: Bool) {
      weight += isNamed ? 8 : 4
      fewestParts = min(fewestParts, Int32(partCount))
      mostParts = max(mostParts, Int32(partCount))
      let word = first.hash
      if firstWords.0 == 0 || firstWords.0 == word {
        firstWords.0 = word
      } else if firstWords.1 == 0 || firstWords.1 == word {
        firstWords.1 = word
      } else {
        firstWords.2 = word
      }
    }

    var areVariable: Bool { weight >= 16 && mostParts > fewestParts && firstWords.2 != 0 }
  }

  /// Goes through the runs of a group that may be titles, with the sum it would have without each.
  private func forEachTitle(of group: Int, _ body: (Int, Int, UInt64) -> Void) {
    var place = 2
    while place < compared(group) {
      defer { place += 1 }
      guard part(group, place).kind == .word, part(group, place).isCapitalised,
        isBlank(group, place - 1), part(group, place - 2).kind == .word,
        !part(group, place - 2).isCapitalised || place == 2
      else { continue }
      var words = 0
      var last = place
      while last < compared(group) {
        words += part(group, last).isWord ? 1 : 0
        if Int(groups[group].words) - words < Generaliser.constantWords { return }
        body(place, last, joinedSum(of: group, from: place, to: last))
        guard last + 2 < compared(group), isBlank(group, last + 1), last - place < 16 else {
          return
        }
        last += 2
      }
      return
    }
  }

  /// Tells whether a part may be a word of a name of several words.
  private func isNameLike(_ group: Int, _ place: Int) -> Bool {
    let part = part(group, place)
    return part.isCapitalised && (part.kind == .word || part.wasWord)
  }

  func isBlank(_ group: Int, _ place: Int) -> Bool {
    part(group, place).hash == Generaliser.blank
  }

  /// The hash that a group would have with a run as one variable.
  private func joinedSum(of group: Int, from first: Int, to last: Int) -> UInt64 {
    var sum = groups[group].sum
    let shift = last - first
    for place in first..<Int(groups[group].partCount) { sum &-= part(group, place).placed(place) }
    var variable = part(group, first)
    variable.makeVariable()
    sum &+= variable.placed(first)
    for place in (last + 1)..<max(Int(groups[group].partCount), last + 1) {
      sum &+= part(group, place).placed(place - shift)
    }
    return sum
  }
}
