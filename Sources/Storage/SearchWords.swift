import DaybreakCore
import Postgres

// Queries of daybreak.search_words.
extension TenantSession {
  /// Up to so many words that begin with one are looked for by themselves.
  private static let beginningLimit = 16

  /// Makes the words of the store those of the tenant's clusters; half a second for 100,000.
  package func keepSearchWords() throws {
    try connection.execute(
      named: "keep the words of clusters",
      """
      WITH now AS (
        SELECT DISTINCT w.word COLLATE "C" AS word
        FROM daybreak.cluster_words AS c
        CROSS JOIN LATERAL unnest(tsvector_to_array(c.words)) AS w (word)
      ), gone AS (
        DELETE FROM daybreak.search_words AS s
        WHERE NOT EXISTS (SELECT FROM now WHERE now.word = s.word)
      )
      INSERT INTO daybreak.search_words (tenant_id, word)
      SELECT $1, word FROM now ON CONFLICT DO NOTHING
      """, [tenantID])
  }

  /// What an index is asked for in place of words, in the language of `tsquery`: the words of the store
  /// that begin with each, or its beginning where there are too many.
  ///
  /// - Parameter words: of a query, as `WordMatch` has them.
  /// - Returns: a term for each word that occurs, in the words' order.
  /// - Throws: `PostgresError`.
  func indexTerms(_ words: [String]) throws -> [String] {
    let rows = try connection.query(
      named: "words that begin with others",
      """
      SELECT q.place, s.word
      FROM unnest($2::text[]) WITH ORDINALITY AS q (word, place)
      CROSS JOIN LATERAL (
        SELECT word FROM daybreak.search_words
        WHERE tenant_id = $1 AND word >= q.word AND word < q.word || chr(1114111)
        ORDER BY word LIMIT \(Self.beginningLimit + 1)
      ) AS s
      ORDER BY q.place, s.word
      """, [tenantID, .textArray(words)])
    var known = [[String]](repeating: [], count: words.count)
    for row in rows { known[Int(try row.int64("place")) - 1].append(try row.string("word")) }
    // A store of an earlier version has none until its next night.
    if rows.isEmpty, try !hasSearchWords() { return words.map { "'\($0)':*" } }
    return zip(words, known).compactMap { word, beginnings in
      if beginnings.isEmpty { return nil }
      if beginnings.count > Self.beginningLimit { return "'\(word)':*" }
      return "(" + beginnings.map { "'\($0)'" }.joined(separator: " | ") + ")"
    }
  }

  private func hasSearchWords() throws -> Bool {
    try connection.query(
      named: "any words", "SELECT EXISTS (SELECT FROM daybreak.search_words) AS found"
    ).only().bool("found")
  }
}
