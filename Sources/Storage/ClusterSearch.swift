package import DaybreakCore
package import Foundation
import Postgres

/// What somebody looks for among the clusters of a tenant.
package struct ClusterQuery: Sendable {
  package var text: String
  /// The text's vector and the model that made it; nil searches words alone.
  package var vector: (model: VectorModel, numbers: [Float])?
  /// What meaning and words count for; at least one is above 0.
  package var vectorWeight: Double
  package var textWeight: Double
  package var filter: ClusterFilter
  package var limit: Int
  /// Results below this score are left out.
  package var minimumScore: Double

  package init(
    text: String, vector: (model: VectorModel, numbers: [Float])? = nil,
    vectorWeight: Double = 0.7, textWeight: Double = 0.3, filter: ClusterFilter = ClusterFilter(),
    limit: Int = 10, minimumScore: Double = 0.2
  ) {
    self.text = text
    self.vector = vector
    self.vectorWeight = vectorWeight
    self.textWeight = textWeight
    self.filter = filter
    self.limit = limit
    self.minimumScore = minimumScore
  }
}

/// A cluster that a search found.
package struct ClusterHit: Sendable {
  package var clusterID: UUID
  package var key: ClusterKey
  package var template: String
  /// The most severe level ever seen.
  package var level: Level
  /// All events ever counted.
  package var count: Int64
  package var firstSeen: Timestamp?
  package var lastSeen: Timestamp?
  /// The first sample of the latest night, redacted.
  package var sample: String
  /// The cosine, 0 where it is less; nil where the cluster has no vector or the query none.
  package var vectorScore: Double?
  /// How well the query's words occur, 0 to 1.
  package var textScore: Double
  /// Both by their weights, 0 to 1.
  package var score: Double
}

// Searching clusters by meaning and words.
extension TenantSession {
  /// The clusters that fit a query best, by score, then the most frequent, then by key.
  ///
  /// Candidates are the nearest vectors and the clusters in which most words of the query occur; of
  /// each both scores are computed. Without a vector the words decide alone.
  ///
  /// - Parameter query: what to look for.
  /// - Returns: at most `query.limit` clusters.
  /// - Throws: `PostgresError`, `StorageError`.
  package func search(_ query: ClusterQuery) throws -> [ClusterHit] {
    let match = WordMatch(query.text)
    let wanted = max(100, 5 * query.limit)
    var similarities: [UUID: Double] = [:]
    if let (model, numbers) = query.vector, query.vectorWeight > 0 {
      for near in try nearest(to: numbers, model, limit: wanted, among: .matching(query.filter)) {
        similarities[near.clusterID] = near.similarity
      }
    }
    let worded = try candidates(match, query, wanted: wanted)
    if let (model, numbers) = query.vector {
      let missing = worded.filter { similarities[$0] == nil }
      let rest =
        try missing.isEmpty
        ? [] : nearest(to: numbers, model, limit: missing.count, among: .clusters(missing))
      for near in rest { similarities[near.clusterID] = near.similarity }
    }
    let ids = Set(worded).union(similarities.keys)
    let hits = try clusters(ids, query.filter).map { hit in
      scored(hit, query, match, similarity: similarities[hit.clusterID])
    }
    return Array(
      hits.filter { $0.score >= query.minimumScore }.sorted(by: ClusterHit.betterFirst)
        .prefix(query.limit))
  }

  private func scored(
    _ hit: ClusterHit, _ query: ClusterQuery, _ match: WordMatch, similarity: Double?
  ) -> ClusterHit {
    var hit = hit
    // Two times the same words differ from 1 in the last places; who reads wants neither.
    hit.vectorScore = similarity.map { rounded(min(1, max(0, $0))) }
    hit.textScore = rounded(match.score(hit.key.identity.service + " " + hit.template))
    guard query.vector != nil else {
      hit.score = hit.textScore
      return hit
    }
    let sum = query.vectorWeight * (hit.vectorScore ?? 0) + query.textWeight * hit.textScore
    hit.score = rounded(sum / (query.vectorWeight + query.textWeight))
    return hit
  }

  /// The clusters in which all words of a query occur, then all but one, and so on until there are
  /// enough.
  ///
  /// Where none occurs anywhere and nothing else gives candidates, by trigrams, which take a third of a
  /// second over 100,000 clusters.
  private func candidates(
    _ match: WordMatch, _ query: ClusterQuery, wanted: Int
  ) throws -> [UUID] {
    // Long words tell more than short ones; six of them make at most 20 groups.
    let words = match.words.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }.prefix(6)
    guard !words.isEmpty else { return [] }
    var found: [UUID] = []
    for size in (1...words.count).reversed() where found.count < wanted {
      let groups = combinations(Array(words), size: size).map { group in
        "(" + group.map { "'\($0)':*" }.joined(separator: " & ") + ")"
      }.joined(separator: " | ")
      let rows = try connection.query(
        named: "clusters with words",
        """
        SELECT id FROM daybreak.clusters_with_words($1::tsquery, $2::integer) AS id
        """, [.text(groups), .int64(Int64(wanted))])
      let known = Set(found)
      found += try rows.map { try $0.uuid("id") }.filter { !known.contains($0) }
    }
    guard found.isEmpty, query.vector == nil else { return found }
    return try connection.query(
      named: "clusters with similar words",
      "SELECT id FROM daybreak.clusters_resembling($1, $2::integer) AS id",
      [.text(storedText(query.text)), .int64(Int64(wanted))]
    ).map { try $0.uuid("id") }
  }

  /// The clusters of these that pass a filter, unscored.
  private func clusters(_ ids: Set<UUID>, _ filter: ClusterFilter) throws -> [ClusterHit] {
    let ordered = ids.sorted { $0.uuidString < $1.uuidString }
    return try connection.query(
      named: "clusters found",
      """
      SELECT c.id, c.namespace, c.service, c.fingerprint, c.template, c.level, c.count,
        c.first_seen_at, c.last_seen_at, c.sample_message
      FROM daybreak.error_clusters AS c
      WHERE c.id = ANY ($1) AND \(filter.condition(2))
      """, [.uuidArray(ordered)] + filter.values
    ).map { row in
      ClusterHit(
        clusterID: try row.uuid("id"), key: try clusterKey(row),
        template: try row.string("template"),
        level: try level(row.string("level"), table: "error_clusters"),
        count: try row.int64("count"), firstSeen: try row.optionalTimestamp("first_seen_at"),
        lastSeen: try row.optionalTimestamp("last_seen_at"),
        sample: try row.string("sample_message"), textScore: 0, score: 0)
    }
  }
}

extension ClusterHit {
  fileprivate static func betterFirst(_ left: ClusterHit, _ right: ClusterHit) -> Bool {
    if left.score != right.score { return left.score > right.score }
    if left.count != right.count { return left.count > right.count }
    return left.key < right.key
  }
}

/// A score with three decimals: more would tell processors apart, not clusters.
package func rounded(_ score: Double) -> Double { (score * 1000).rounded() / 1000 }

/// All ways to choose some of a few things, in their order.
private func combinations(_ words: [String], size: Int) -> [[String]] {
  guard size > 0 else { return [[]] }
  guard words.count >= size else { return [] }
  let rest = Array(words.dropFirst())
  return combinations(rest, size: size - 1).map { [words[0]] + $0 } + combinations(rest, size: size)
}
