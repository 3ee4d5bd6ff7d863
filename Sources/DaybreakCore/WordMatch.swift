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
    let trigrams: [UInt32]
  }

  package init(_ query: String) {
    var seen: Set<String> = []
    words = WordMatch.words(of: query).filter { seen.insert($0).inserted }
    parts = words.map { word in
      var trigrams: [UInt32] = []
      WordMatch.collectTrigrams(of: Array(word.utf8), into: &trigrams)
      return Part(bytes: Array(word.utf8), trigrams: trigrams)
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
    var best = [Double](repeating: 0, count: parts.count)
    // Reused for all words of the text: a search scores hundreds of texts.
    var trigrams: [UInt32] = []
    WordMatch.forEachWord(of: text) { word in
      var hasTrigrams = false
      for (index, part) in parts.enumerated() where best[index] < 1 {
        if word.count >= part.bytes.count, word.starts(with: part.bytes) {
          best[index] = word.count == part.bytes.count ? 1 : max(best[index], 0.8)
        } else if best[index] < 0.8, part.bytes.count >= 4,
          abs(word.count - part.bytes.count) <= 3
        {
          if !hasTrigrams { WordMatch.collectTrigrams(of: word, into: &trigrams) }
          hasTrigrams = true
          let share = WordMatch.share(part.trigrams, trigrams)
          if share >= 0.5 { best[index] = max(best[index], 0.8 * share) }
        }
      }
    }
    return best.reduce(0, +) / Double(parts.count)
  }

  /// The words of a text, as `daybreak.words_of` in the store has them.
  ///
  /// Runs of letters and digits, cut where a small letter or digit meets a capital, in lower case; what
  /// is not ASCII counts as a letter.
  package static func words(of text: String) -> [String] {
    var words: [String] = []
    forEachWord(of: text) { words.append(String(decoding: $0, as: UTF8.self)) }
    return words
  }

  private static func forEachWord(of text: String, _ body: ([UInt8]) -> Void) {
    var word: [UInt8] = []
    var previous: UInt8 = 0
    func isSmall(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
    var text = text
    text.withUTF8 { bytes in
      for byte in bytes.prefix(4096) {
        let isCapital = (0x41...0x5A).contains(byte)
        let isWord = isCapital || isSmall(byte) || byte >= 0x80
        if !isWord || isCapital && isSmall(previous), !word.isEmpty {
          body(word)
          word.removeAll(keepingCapacity: true)
        }
        if isWord, word.count < 64 { word.append(isCapital ? byte | 0x20 : byte) }
        previous = byte
      }
    }
    if !word.isEmpty { body(word) }
  }

  /// The distinct trigrams of a word with two spaces before and one after it.
  ///
  /// Source: PostgreSQL documentation, F.35 pg_trgm, "Trigram (or Trigraph) Concepts".
  private static func collectTrigrams(of word: [UInt8], into trigrams: inout [UInt32]) {
    trigrams.removeAll(keepingCapacity: true)
    var trigram: UInt32 = 0x2020
    for index in 0...word.count {
      trigram = (trigram << 8 | UInt32(index < word.count ? word[index] : 0x20)) & 0xFF_FFFF
      if !trigrams.contains(trigram) { trigrams.append(trigram) }
    }
  }

  /// What two sets of trigrams have in common, as a share of both together.
  private static func share(_ left: [UInt32], _ right: [UInt32]) -> Double {
    let common = left.count { right.contains($0) }
    return Double(common) / Double(left.count + right.count - common)
  }
}
