import DaybreakCore

/// What the migrations of a catalog make, with and without each of its extensions: the file
/// `catalogs/<name>/expected.tsv`.
///
/// A line is a condition, a kind, an object and a value with tabs between. `*` holds always; else a
/// condition names extensions: `vector`, `!vector`, `pg_trgm&!timescaledb`, several joined by `|`.
package struct SchemaExpectation: Sendable, Equatable {
  /// The extensions that make a difference, in the definition's order.
  package let extensions: [String]
  /// The major version of the server that the file was made on.
  package let serverMajor: Int
  /// Which facts hold with which extensions.
  private let cases: [SchemaFact: Set<Set<String>>]

  /// Puts what was found on fresh databases into one.
  ///
  /// - Parameters:
  ///   - extensions: those that make a difference.
  ///   - serverMajor: where it was found.
  ///   - found: the facts of a database that uses exactly these extensions, for every combination.
  package init(
    extensions: [String], serverMajor: Int, found: [Set<String>: Set<SchemaFact>]
  ) {
    var cases: [SchemaFact: Set<Set<String>>] = [:]
    for (used, facts) in found {
      for fact in facts { cases[fact, default: []].insert(used) }
    }
    self.extensions = extensions
    self.serverMajor = serverMajor
    self.cases = cases
  }

  /// Every combination of extensions.
  package var combinations: [Set<String>] { Self.combinations(of: extensions) }

  /// Every subset, the whole first.
  package static func combinations(of names: [String]) -> [Set<String>] {
    var subsets: [Set<String>] = [[]]
    for name in names { subsets += subsets.map { $0.union([name]) } }
    return subsets.reversed()
  }

  /// What a database is to hold that uses these extensions.
  package func facts(with used: Set<String>) -> [SchemaFact.Key: String] {
    var facts: [SchemaFact.Key: String] = [:]
    for (fact, whenUsed) in cases where whenUsed.contains(used) { facts[fact.key] = fact.value }
    return facts
  }

  /// The text of the file: the same for the same facts.
  package func text(catalog: String) -> String {
    var lines = [
      "# What the migrations of \(catalog) make, for `daybreak db verify`. Made by the tests with DAYBREAK_REPRINT=1.",
      "# extensions: \(extensions.joined(separator: " "))", "# server: \(serverMajor)",
    ]
    for (fact, used) in cases.sorted(by: { $0.key < $1.key }) {
      lines.append(
        [condition(used), fact.key.kind.rawValue, fact.key.object, fact.value]
          .joined(separator: "\t"))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads a file.
  ///
  /// - Throws: `CatalogError.damaged` with the line that is no fact.
  package init(_ text: String, file: String) throws(CatalogError) {
    var extensions: [String] = []
    var serverMajor = 0
    var cases: [SchemaFact: Set<Set<String>>] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      if line.hasPrefix("# extensions:") {
        extensions = line.dropFirst(13).split(separator: " ").map(String.init)
        continue
      }
      if line.hasPrefix("# server:") {
        serverMajor = Int(line.dropFirst(9).drop { $0 == " " }) ?? 0
        continue
      }
      if line.hasPrefix("#") { continue }
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard cells.count == 4, let kind = SchemaFact.Kind(rawValue: cells[1]) else {
        throw .damaged(file: file, reason: "line \(index + 1) is no fact")
      }
      let fact = SchemaFact(kind: kind, object: cells[2], value: cells[3])
      cases[fact] = Self.combinations(meeting: cells[0], of: extensions)
    }
    guard serverMajor > 0 else { throw .damaged(file: file, reason: "it names no server") }
    self.extensions = extensions
    self.serverMajor = serverMajor
    self.cases = cases
  }

  /// The shortest words for a set of combinations: only extensions that make a difference are named.
  private func condition(_ used: Set<Set<String>>) -> String {
    if used.count == 1 << extensions.count { return "*" }
    let relevant = extensions.filter { name in
      used.contains { !used.contains($0.symmetricDifference([name])) }
    }
    let terms = Self.combinations(of: relevant).filter { chosen in
      used.contains { $0.intersection(relevant) == chosen }
    }
    return terms.map { chosen in
      relevant.map { chosen.contains($0) ? $0 : "!\($0)" }.joined(separator: "&")
    }.joined(separator: "|")
  }

  private static func combinations(
    meeting condition: String, of extensions: [String]
  ) -> Set<Set<String>> {
    let all = Set(combinations(of: extensions))
    if condition == "*" { return all }
    let terms = condition.split(separator: "|").map { $0.split(separator: "&") }
    return all.filter { used in
      terms.contains { term in
        term.allSatisfy {
          $0.hasPrefix("!") ? !used.contains(String($0.dropFirst())) : used.contains(String($0))
        }
      }
    }
  }
}
