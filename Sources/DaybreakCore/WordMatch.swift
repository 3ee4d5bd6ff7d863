/// How well the words of a query occur in texts, from 0 to 1.
///
/// Computed here and not by the database, so that a search has the same scores with and without
/// pg_trgm.
package struct WordMatch: Sendable {
  /// The query's distinct words, in their order.
  package let words: [String]
  private let parts: [Part]

  /// A word with what it is compared by.
  private struct Part: Sendable {
    let bytes: [UInt8]
    let trigrams: Set<UInt32>
  }

  package init(_ query: String) {
    var seen: Set<String> = []
    words = WordMatch.words(of: query).filter { seen.insert($0).inserted }
    parts = words.map {
      Part(bytes: Array($0.utf8), trigrams: WordMatch.trigrams(of: Array($0.utf8)))
    }
  }

  /// Scores one text: the mean over the query's words of how well its best word fits.
  ///
  /// The same word counts 1, a word that begins with it 0.8, and a word that shares at least half of
  /// its trigrams that share, times 0.8: a misspelling still finds what was meant.
  ///
  /// - Parameter text: any text.
  /// - Returns: 0 for no fit, or a query without words.
  package func score(_ text: String) -> Double {
    guard !parts.isEmpty else { return 0 }
    let candidates = Set(WordMatch.words(of: text)).map { Array($0.utf8) }
    let total = parts.reduce(0.0) { $0 + fit(of: $1, among: candidates) }
    return total / Double(parts.count)
  }

  private func fit(of part: Part, among candidates: [[UInt8]]) -> Double {
    var best = 0.0
    for candidate in candidates {
      if candidate == part.bytes { return 1 }
      if candidate.count > part.bytes.count, candidate.starts(with: part.bytes) {
        best = max(best, 0.8)
      }
    }
    guard best == 0, part.bytes.count >= 4 else { return best }
    for candidate in candidates where abs(candidate.count - part.bytes.count) <= 3 {
      let others = WordMatch.trigrams(of: candidate)
      let common = others.intersection(part.trigrams).count
      let share = Double(common) / Double(others.count + part.trigrams.count - common)
      if share >= 0.5 { best = max(best, 0.8 * share) }
    }
    return best
  }

  /// The words of a text, as `daybreak.words_of` in the store has them.
  ///
  /// Runs of letters and digits, cut where a small letter or digit meets a capital, in lower case; what
  /// is not ASCII counts as a letter.
  package static func words(of text: String) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var previous: UInt8 = 0
    func isSmall(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
    for byte in text.utf8.prefix(4096) {
      let isCapital = (0x41...0x5A).contains(byte)
      let isWord = isCapital || isSmall(byte) || byte >= 0x80
      if !isWord || isCapital && isSmall(previous), !word.isEmpty {
        words.append(String(decoding: word, as: UTF8.self))
        word.removeAll(keepingCapacity: true)
      }
      if isWord, word.count < 64 { word.append(isCapital ? byte | 0x20 : byte) }
      previous = byte
    }
    if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
    return words
  }

  /// The trigrams of a word with two spaces before and one after it.
  ///
  /// Source: PostgreSQL documentation, F.35 pg_trgm, "Trigram (or Trigraph) Concepts".
  private static func trigrams(of word: [UInt8]) -> Set<UInt32> {
    let padded = [0x20, 0x20] + word.map(UInt32.init) + [0x20]
    return Set((2..<padded.count).map { padded[$0 - 2] << 16 | padded[$0 - 1] << 8 | padded[$0] })
  }
}
