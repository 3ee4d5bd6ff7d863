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
    var bytes: [UInt8] = []
    for (place, part) in units.parts.enumerated() {
      if units.words.contains(place) { bytes.append(UInt8(ascii: "w")) } else { bytes += part }
    }
    return bytes
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
  private func markSinglePositions(_ variable: inout [Set<Int>]) {
    var counts: [UInt64: Int] = [:]
    var keys: [[(place: Int, key: UInt64)]] = []
    for index in patterns.indices {
      let units = patterns[index]
      var own: [(place: Int, key: UInt64)] = []
      if units.words.count > Generaliser.constantWords, variable[index].isEmpty {
        for place in units.words {
          let key = holeHash(units, hole: place)
          counts[key, default: 0] += 1
          own.append((place, key))
        }
      }
      keys.append(own)
    }
    for index in patterns.indices {
      let chosen = keys[index].filter {
        counts[$0.key, default: 0] >= Generaliser.distinctVocabulary
      }
      guard !chosen.isEmpty,
        patterns[index].words.count - chosen.count >= Generaliser.constantWords
      else { continue }
      variable[index].formUnion(chosen.map(\.place))
    }
  }

  /// Gives a pattern that differs in one word from a generalised one to that.
  private func absorbed(_ made: [[UInt8]], variable: [Set<Int>]) -> [[UInt8]] {
    let general = Set(made.indices.filter { !variable[$0].isEmpty }.map { made[$0] })
    guard !general.isEmpty else { return made }
    return made.indices.map { index in
      let units = patterns[index]
      guard variable[index].isEmpty, units.words.count > Generaliser.constantWords else {
        return made[index]
      }
      let candidates = units.words.map { masked(units, variable: [$0]) }.filter(general.contains)
      return candidates.first ?? made[index]
    }
  }

  /// A hash of all units but one.
  private func holeHash(_ units: Units, hole: Int) -> UInt64 {
    var bytes: [UInt8] = []
    for (place, part) in units.parts.enumerated() {
      if place == hole {
        bytes += [placeholderMark, Placeholder.word.rawValue]
      } else {
        bytes += part
      }
    }
    return bytes.withUnsafeBytes { buffer in
      buffer.baseAddress.map { hash64($0, count: buffer.count, seed: UInt64(hole)) } ?? 0
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
