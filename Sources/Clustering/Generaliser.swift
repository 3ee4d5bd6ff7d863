/// Decides which words of a service's patterns are variable.
///
/// A plain, global view: patterns that differ only in words that are not in the vocabulary of logs
/// are laid on top of one another, and a position with many different words is variable. A position
/// is never made variable when fewer than two constant words would be left, so that short events stay
/// apart.
struct Generaliser {
  /// How many different words make a position variable.
  private static let distinctWords = 8
  /// How many when the words are such as logs are made of.
  private static let distinctVocabulary = 16
  /// How many words of a pattern are tried one by one.
  private static let wordsCompared = 64
  /// How many constant words must be left.
  private static let constantWords = 2

  /// A pattern as units: words, placeholders (two bytes each) and single other bytes.
  private struct Units {
    var parts: [ArraySlice<UInt8>]
    /// Places of words in `parts`.
    var words: [Int]
  }

  private var patterns: [Units]
  private var coarsener = Coarsener()

  /// Takes the distinct masked bytes of one service.
  init(masked: [[UInt8]]) {
    patterns = masked.map(Generaliser.units)
  }

  /// The masked bytes with variable words replaced, one for each given, in their order.
  mutating func generalised() -> [[UInt8]] {
    var variable = [Set<Int>](repeating: [], count: patterns.count)
    markUnknownWords(&variable)
    markSinglePositions(&variable)
    let made = patterns.indices.map { masked(patterns[$0], variable: variable[$0]) }
    return absorbed(made, variable: variable)
  }

  /// Lays patterns that are equal but for unknown words on top of one another.
  private mutating func markUnknownWords(_ variable: inout [Set<Int>]) {
    var groups: [[UInt8]: [Int]] = [:]
    for index in patterns.indices {
      let bytes = masked(patterns[index], variable: [])
      let key = bytes.withUnsafeBufferPointer { coarsener.coarsened($0, to: .vocabulary) }
      groups[key, default: []].append(index)
    }
    for members in groups.values where members.count >= Generaliser.distinctWords {
      // Equal coarse bytes do not promise equal units where `<*><num>` became one.
      for aligned in Dictionary(grouping: members, by: { skeleton(patterns[$0]) }).values {
        markPositions(of: aligned, &variable)
      }
    }
  }

  /// Where words and other units stand: what must be equal to compare position by position.
  private func skeleton(_ units: Units) -> [UInt8] {
    units.parts.flatMap { part in
      part.first?.isWord == true ? [UInt8(ascii: "w")] : Array(part)
    }
  }

  private func markPositions(of members: [Int], _ variable: inout [Set<Int>]) {
    guard let first = members.first else { return }
    let words = patterns[first].words
    let distinct = words.map { place in Set(members.map { patterns[$0].parts[place] }).count }
    let chosen = zip(words, distinct).filter { $0.1 >= Generaliser.distinctWords }.map(\.0)
    guard !chosen.isEmpty, words.count - chosen.count >= Generaliser.constantWords else { return }
    for member in members { variable[member].formUnion(chosen) }
  }

  /// Finds positions at which patterns that are otherwise equal have many words, known ones too.
  private mutating func markSinglePositions(_ variable: inout [Set<Int>]) {
    var counts: [UInt64: Int] = [:]
    let keys = patterns.indices.map { variable[$0].isEmpty ? holeKeys(patterns[$0]) : [] }
    for key in keys.joined() { counts[key.hash, default: 0] += 1 }
    for index in patterns.indices {
      let chosen = keys[index].filter {
        counts[$0.hash, default: 0] >= Generaliser.distinctVocabulary
      }
      guard !chosen.isEmpty,
        patterns[index].words.count - chosen.count >= Generaliser.constantWords
      else { continue }
      variable[index].formUnion(chosen.map(\.place))
    }
  }

  /// Gives a pattern that differs in one word from a generalised one to that.
  private func absorbed(_ made: [[UInt8]], variable: [Set<Int>]) -> [[UInt8]] {
    var general: [UInt64: [UInt8]] = [:]
    for index in made.indices where variable[index].count == 1 {
      var hash = sumHash(patterns[index])
      for place in variable[index] { hash = punched(hash, patterns[index], place) }
      general[hash] = made[index]
    }
    guard !general.isEmpty else { return made }
    return made.indices.map { index in
      guard variable[index].isEmpty else { return made[index] }
      return holeKeys(patterns[index]).lazy.compactMap { general[$0.hash] }.first ?? made[index]
    }
  }

  /// For each of the first words, a hash of the pattern with that word left out; none where too few
  /// words would be left.
  private func holeKeys(_ units: Units) -> [(place: Int, hash: UInt64)] {
    guard units.words.count > Generaliser.constantWords else { return [] }
    let whole = sumHash(units)
    return units.words.prefix(Generaliser.wordsCompared).map { place in
      (place, punched(whole, units, place))
    }
  }

  /// A hash of all units in their places: a sum, so that one unit can be taken out of it.
  private func sumHash(_ units: Units) -> UInt64 {
    units.parts.indices.reduce(0) { $0 &+ hash(units.parts[$1], place: $1) }
  }

  /// The hash with the unit at a place replaced by a hole.
  private func punched(_ whole: UInt64, _ units: Units, _ place: Int) -> UInt64 {
    let hole: [UInt8] = [placeholderMark, Placeholder.word.rawValue]
    return whole &- hash(units.parts[place], place: place) &+ hash(hole[...], place: place)
  }

  private func hash(_ part: ArraySlice<UInt8>, place: Int) -> UInt64 {
    part.withUnsafeBytes { bytes in
      bytes.baseAddress.map { hash64($0, count: bytes.count, seed: UInt64(place)) } ?? 0
    }
  }

  /// Puts units together again, with `<*>` for the variable ones; a number or identifier that such a
  /// word touches becomes part of it.
  private func masked(_ units: Units, variable: Set<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    var endsInValue = false
    for (place, part) in units.parts.enumerated() {
      if variable.contains(place) {
        if let kind = lastPlaceholder(bytes), kind == .number || kind == .identifier {
          bytes.removeLast(2)
        }
        bytes += [placeholderMark, Placeholder.value.rawValue]
        endsInValue = true
        continue
      }
      if endsInValue, part.first == placeholderMark,
        let kind = Placeholder(rawValue: part[part.startIndex + 1]),
        kind == .number || kind == .identifier
      {
        continue
      }
      endsInValue = false
      bytes += part
    }
    return bytes
  }

  /// The placeholder at the end of masked bytes, if they end in one.
  private func lastPlaceholder(_ bytes: [UInt8]) -> Placeholder? {
    guard bytes.count >= 2, bytes[bytes.count - 2] == placeholderMark else { return nil }
    return Placeholder(rawValue: bytes[bytes.count - 1])
  }

  /// Splits masked bytes into units.
  private static func units(_ masked: [UInt8]) -> Units {
    var units = Units(parts: [], words: [])
    var index = 0
    while index < masked.count {
      let start = index
      let byte = masked[index]
      if byte == placeholderMark {
        index = min(index + 2, masked.count)
      } else if byte.isWord {
        while index < masked.count, masked[index].isWord { index += 1 }
        units.words.append(units.parts.count)
      } else {
        index += 1
      }
      units.parts.append(masked[start..<index])
    }
    return units
  }
}
