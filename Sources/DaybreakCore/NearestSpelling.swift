/// Finds the word that somebody most likely meant.
///
/// Distance counts insertions, deletions, substitutions and swaps of neighbours (optimal string
/// alignment, a form of Damerau–Levenshtein).
///
/// - Parameters:
///   - word: what was written.
///   - candidates: what would be right.
/// - Returns: the nearest candidate within a third of its length (at least 1, at most 3); nil when
///   none is that near.
package func nearestSpelling(of word: String, among candidates: [String]) -> String? {
  let scored = candidates.map { (distance: editDistance(word, $0), candidate: $0) }
  let best = scored.min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
  guard let best, best.distance <= min(3, max(1, best.candidate.count / 3)) else { return nil }
  return best.candidate
}

/// Optimal string alignment distance between two words, letter case ignored.
private func editDistance(_ left: String, _ right: String) -> Int {
  let from = Array(left.lowercased())
  let to = Array(right.lowercased())
  var table = [[Int]](
    repeating: [Int](repeating: 0, count: to.count + 1), count: from.count + 1)
  for row in 0...from.count { table[row][0] = row }
  for column in 0...to.count { table[0][column] = column }
  guard !from.isEmpty, !to.isEmpty else { return max(from.count, to.count) }
  for row in 1...from.count {
    for column in 1...to.count {
      let cost = from[row - 1] == to[column - 1] ? 0 : 1
      var best = min(
        table[row - 1][column] + 1, table[row][column - 1] + 1,
        table[row - 1][column - 1] + cost)
      let isSwap =
        row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1]
      if isSwap { best = min(best, table[row - 2][column - 2] + 1) }
      table[row][column] = best
    }
  }
  return table[from.count][to.count]
}
