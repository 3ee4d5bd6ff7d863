import DaybreakCore
import Foundation
import Testing

@Suite struct WordMatchTests {
  @Test func `words are runs of letters and digits, cut before capitals`() {
    #expect(
      WordMatch.words(of: "HikariPool-1 ERR_TIMEOUT überlauf v2Beta") == [
        "hikari", "pool", "1", "err", "timeout", "überlauf", "v2", "beta",
      ])
    #expect(WordMatch.words(of: "").isEmpty)
    #expect(WordMatch.words(of: String(repeating: "x", count: 90)).map(\.utf8.count) == [64])
  }

  @Test func `a word counts whole, its beginning less, a misspelling by its trigrams`() {
    #expect(WordMatch("timeout").score("request timeout") == 1)
    #expect(WordMatch("time").score("request timeout") == 0.8)
    // "databse" and "database" have 6 of 11 trigrams in common.
    #expect(abs(WordMatch("databse").score("the database is gone") - 0.8 * 6 / 11) < 1e-12)
    #expect(WordMatch("abc").score("abd") == 0)
    #expect(WordMatch("queue").score("nothing alike") == 0)
    #expect(WordMatch("full queue").score("queue is half empty") == 0.5)
    #expect(WordMatch("…").score("anything") == 0)
  }

  /// The definition, without thought of speed.
  private func slowScore(_ query: String, _ text: String) -> Double {
    func trigrams(_ word: String) -> Set<[UInt8]> {
      let padded = [0x20, 0x20] + Array(word.utf8) + [0x20]
      return Set((2..<padded.count).map { Array(padded[$0 - 2...$0]) })
    }
    var seen: Set<String> = []
    let words = WordMatch.words(of: query).filter { seen.insert($0).inserted }
    let total = words.reduce(0.0) { total, word in
      let fits = WordMatch.words(of: text).map { other -> Double in
        if other == word { return 1 }
        if other.hasPrefix(word) { return 0.8 }
        guard word.utf8.count >= 4, abs(word.utf8.count - other.utf8.count) <= 3 else { return 0 }
        let (one, two) = (trigrams(word), trigrams(other))
        let share =
          Double(one.intersection(two).count) / Double(one.union(two).count)
        return share >= 0.5 ? 0.8 * share : 0
      }
      return total + (fits.max() ?? 0)
    }
    return words.isEmpty ? 0 : total / Double(words.count)
  }

  @Test func `scores are those of the definition`() {
    var random = SeededRandom(seed: 7)
    let syllables = ["con", "nec", "tion", "time", "out", "da", "ta", "base", "a", "aa", "9", "é"]
    func word() -> String {
      (0..<random.within(1...4)).map { _ in syllables[random.below(syllables.count)] }.joined()
    }
    func text(_ count: Int) -> String { (0..<count).map { _ in word() }.joined(separator: " ") }
    for _ in 0..<500 {
      let (query, line) = (text(random.within(1...5)), text(random.within(1...12)))
      #expect(
        abs(WordMatch(query).score(line) - slowScore(query, line)) < 1e-12, "\(query): \(line)")
    }
  }
}
