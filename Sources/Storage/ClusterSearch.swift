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
    var pool = HitPool(query)
    let wanted = max(100, 5 * query.limit)
    if let (model, numbers) = query.vector, query.vectorWeight > 0 {
      let near = try nearest(to: numbers, model, limit: wanted, among: .matching(query.filter))
      // An index gives fewer than are wanted at times, so the last bounds what is left whatever their number.
      if let last = near.last { pool.farthest = last.similarity }
      pool.add(try clusters(near.map(\.clusterID)), near)
    }
    try addWorded(to: &pool, query, wanted: wanted)
    return pool.best
  }

  /// Adds the clusters in which all words of a query occur, then all but one, and so on until there are
  /// enough, or what is left could not be among the best.
  ///
  /// Where none occurs anywhere and nothing else gives candidates, by trigrams, which take a third of a
  /// second over 100,000 clusters.
  private func addWorded(to pool: inout HitPool, _ query: ClusterQuery, wanted: Int) throws {
    // Long words tell more than short ones, and are rarer.
    let words = pool.match.words.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    guard !words.isEmpty else { return }
    let telling = try indexTerms(Array(words.prefix(6)))
    var found: Set<UUID> = []
    for size in (0...telling.count).reversed() where size > 0 && found.count < wanted {
      // Words that are not looked for may occur as well.
      let most = Double(size + max(0, words.count - 6)) / Double(words.count)
      if pool.isSettled(mostWords: most) { return }
      let rows = try clustersWithWords(atLeast(size, of: telling[...]), query.filter, wanted)
      let new = rows.filter { found.insert($0.clusterID).inserted && !pool.has($0.clusterID) }
      guard !new.isEmpty else { continue }
      let distances =
        try query.vector.map { model, numbers in
          try nearest(
            to: numbers, model, limit: new.count, among: .clusters(new.map(\.clusterID)))
        } ?? []
      pool.add(new, distances)
    }
    guard found.isEmpty, query.vector == nil else { return }
    let ids = try connection.query(
      named: "clusters with similar words",
      """
      SELECT c.id FROM daybreak.error_clusters AS c
      WHERE c.tenant_id = $3
        AND c.id = ANY (ARRAY(SELECT daybreak.clusters_resembling($1, $2::integer)))
        AND \(query.filter.condition(4))
      ORDER BY c.id
      """,
      [
        .text(storedText(query.text)), .int64(query.filter.isEmpty ? Int64(wanted) : 10_000),
        tenantID,
      ] + query.filter.values
    ).map { try $0.uuid("id") }
    pool.add(try clusters(ids), [])
  }

  private func clustersWithWords(
    _ words: String, _ filter: ClusterFilter, _ wanted: Int
  ) throws -> [ClusterHit] {
    try connection.query(
      named: "clusters with words",
      """
      SELECT \(hitColumns) FROM daybreak.error_clusters AS c
      WHERE c.tenant_id = $3
        AND c.id = ANY (ARRAY(SELECT daybreak.clusters_with_words($1::tsquery, $2::integer)))
        AND \(filter.condition(4))
      ORDER BY c.id LIMIT \(wanted)
      """,
      // The function knows no filter: of those that pass it the first are wanted, not of all. Its rows
      // as an array, or a join of a thousand supposed rows would read every cluster.
      [.text(words), .int64(filter.isEmpty ? Int64(wanted) : 10_000), tenantID] + filter.values
    ).map { try hit($0) }
  }

  private func clusters(_ ids: [UUID]) throws -> [ClusterHit] {
    guard !ids.isEmpty else { return [] }
    return try connection.query(
      named: "clusters found",
      """
      SELECT \(hitColumns) FROM daybreak.error_clusters AS c
      WHERE c.tenant_id = $1 AND c.id = ANY ($2)
      """, [tenantID, .uuidArray(ids)]
    ).map { try hit($0) }
  }

  /// Reads `hitColumns`; no score yet.
  private func hit(_ row: Row) throws -> ClusterHit {
    ClusterHit(
      clusterID: try row.uuid("id"), key: try clusterKey(row), template: try row.string("template"),
      level: try level(row.string("level"), table: "error_clusters"),
      count: try row.int64("count"), firstSeen: try row.optionalTimestamp("first_seen_at"),
      lastSeen: try row.optionalTimestamp("last_seen_at"), sample: try row.string("sample_message"),
      textScore: 0, score: 0)
  }
}

private let hitColumns = """
  c.id, c.namespace, c.service, c.fingerprint, c.template, c.level, c.count, c.first_seen_at,
    c.last_seen_at, c.sample_message
  """

/// What a search has found so far.
private struct HitPool {
  let match: WordMatch
  /// No cluster outside of the pool is nearer than that, if it has a vector at all.
  var farthest = 0.0
  private let query: ClusterQuery
  private var hits: [UUID: ClusterHit] = [:]

  init(_ query: ClusterQuery) {
    self.query = query
    match = WordMatch(query.text)
  }

  func has(_ id: UUID) -> Bool { hits[id] != nil }

  mutating func add(_ clusters: [ClusterHit], _ distances: [ClusterDistance]) {
    let similarities = Dictionary(
      distances.map { ($0.clusterID, $0.similarity) }, uniquingKeysWith: { first, _ in first })
    for cluster in clusters {
      hits[cluster.clusterID] = scored(cluster, similarity: similarities[cluster.clusterID])
    }
  }

  private func scored(_ hit: ClusterHit, similarity: Double?) -> ClusterHit {
    var hit = hit
    // Two times the same words differ from 1 in the last places; who reads wants neither.
    hit.vectorScore = similarity.map { rounded(min(1, max(0, $0))) }
    hit.textScore = rounded(match.score(hit.key.identity.service + " " + hit.template))
    hit.score = score(vector: hit.vectorScore ?? 0, text: hit.textScore)
    return hit
  }

  private func score(vector: Double, text: Double) -> Double {
    guard query.vector != nil else { return text }
    let sum = query.vectorWeight * vector + query.textWeight * text
    return rounded(sum / (query.vectorWeight + query.textWeight))
  }

  /// Whether no cluster outside of the pool can be among the best, given the share of the query's words
  /// that occur in it at most.
  ///
  /// The threshold algorithm (Fagin, Lotem and Naor, "Optimal aggregation algorithms for middleware",
  /// 2001), but for misspelt words, which count little.
  func isSettled(mostWords: Double) -> Bool {
    guard query.limit > 0, hits.count >= query.limit else { return false }
    let scores = hits.values.map(\.score).sorted(by: >)
    return scores[query.limit - 1] > score(vector: min(1, max(0, farthest)), text: mostWords)
  }

  var best: [ClusterHit] {
    Array(
      hits.values.filter { $0.score >= query.minimumScore }.sorted(by: ClusterHit.betterFirst)
        .prefix(query.limit))
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

/// What is true where at least some of a few terms are, in the language of `tsquery`.
///
/// Nested rather than spelt out: an index looks every mention of a term up by itself, and of six terms
/// there are 34 mentions in place of 60.
private func atLeast(_ size: Int, of words: ArraySlice<String>) -> String {
  guard let first = words.first, size > 0 else { return "" }
  let rest = words.dropFirst()
  let with = size == 1 ? first : "(\(first) & \(atLeast(size - 1, of: rest)))"
  return rest.count < size ? with : "(\(with) | \(atLeast(size, of: rest)))"
}
