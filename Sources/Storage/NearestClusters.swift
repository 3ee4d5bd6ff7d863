package import DaybreakCore
package import Foundation
import Postgres

/// Which clusters a search looks at.
package struct ClusterFilter: Hashable, Sendable {
  /// Services; empty for all.
  package var services: [String]
  /// The least severe level that a cluster must have reached; nil for any.
  package var level: Level?
  /// Clusters that were seen at that moment or later; nil for all.
  package var since: Timestamp?

  package init(services: [String] = [], level: Level? = nil, since: Timestamp? = nil) {
    self.services = services
    self.level = level
    self.since = since
  }

  /// Whether every cluster passes.
  package var isEmpty: Bool { services.isEmpty && level == nil && since == nil }

  /// A condition on `c`, a row of error_clusters, whose values are `$first` and the two after it.
  func condition(_ first: Int) -> String {
    """
    ($\(first)::text[] IS NULL OR c.service = ANY ($\(first)::text[]))
      AND ($\(first + 1)::text[] IS NULL OR c.level = ANY ($\(first + 1)::text[]))
      AND ($\(first + 2)::timestamptz IS NULL OR c.last_seen_at >= $\(first + 2)::timestamptz)
    """
  }

  /// The condition's values.
  var values: [Value] {
    [
      services.isEmpty ? .null : .textArray(services.map(storedName)),
      .optional(level) { least in
        .textArray(Level.allCases.filter { $0 >= least }.map(\.name))
      },
      .optional(since, Value.timestamp),
    ]
  }
}

/// Which of the tenant's vectors a query is compared with.
package enum VectorScope: Sendable {
  /// Those of the clusters that pass a filter; an index may serve it.
  case matching(ClusterFilter)
  /// Those of these clusters, compared in full, so that the same store has the same answer.
  case clusters([UUID])
}

// The nearest vectors.
extension TenantSession {
  /// The clusters nearest to a vector, the nearest first, then by id.
  ///
  /// With pgvector a tenant that has an index is served by it: recall of the ten nearest is 0.99 and
  /// more, but two stores may differ in the rest. All else is compared in full; without pgvector up to
  /// 2000 candidates that the signatures find, which is in full for tenants with no more.
  ///
  /// - Parameters:
  ///   - vector: of length 1 and the model's dimension.
  ///   - model: whose vectors are compared.
  ///   - limit: how many clusters.
  ///   - scope: which clusters.
  /// - Returns: at most `limit` clusters.
  /// - Throws: `StorageError.misshapen`, `PostgresError`.
  package func nearest(
    to vector: [Float], _ model: VectorModel, limit: Int, among scope: VectorScope
  ) throws -> [ClusterDistance] {
    guard vector.count == model.dimension else {
      throw StorageError.misshapen(
        what: "a vector of \(vector.count) numbers",
        reason: "\(model.name) has \(model.dimension) in this store")
    }
    guard case .vector(let schema) = try vectorColumn() else {
      return try nearestBySignature(to: vector, model, limit: limit, among: scope)
    }
    let search = VectorSearch(schema: schema, model: model, limit: limit)
    if case .matching(let filter) = scope, try hasIndex(model) {
      let found = try indexed(search, vector, filter)
      // Enough of the nearest pass: what lies behind them cannot be nearer.
      if found.count >= limit || filter.isEmpty { return Array(found.prefix(limit)) }
    }
    return try distances(
      search.exact(scope), modelValues(model) + [.text(search.text(vector))] + scope.values)
  }

  private func indexed(
    _ search: VectorSearch, _ vector: [Float], _ filter: ClusterFilter
  ) throws -> [ClusterDistance] {
    // hnsw.ef_search is how many candidates the index looks at, 1000 at most.
    let candidates = min(1000, max(filter.isEmpty ? 200 : 400, 2 * search.limit))
    try connection.execute(
      named: "set candidates", "SELECT set_config('hnsw.ef_search', $1, true)",
      [.text(String(candidates))])
    return try distances(
      search.indexed(filter, candidates: candidates),
      modelValues(search.model) + [.text(search.text(vector))]
        + (filter.isEmpty ? [] : filter.values))
  }

  private func distances(_ sql: String, _ values: [Value]) throws -> [ClusterDistance] {
    try connection.query(named: "nearest clusters", sql, values).map {
      ClusterDistance(
        clusterID: try $0.uuid("cluster_id"), similarity: try $0.double("similarity"))
    }
  }

  /// Whether the tenant has an index over its vectors of a model.
  package func hasIndex(_ model: VectorModel) throws -> Bool {
    try connection.query(
      named: "index of vectors",
      """
      SELECT EXISTS (
        SELECT FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'daybreak.cluster_vectors'::regclass AND i.indisvalid
          AND c.relname = daybreak.cluster_vectors_index($1, $2, $3::integer)
      ) AS found
      """, modelValues(model)
    ).only().bool("found")
  }

  // MARK: Without pgvector

  private func nearestBySignature(
    to vector: [Float], _ model: VectorModel, limit: Int, among scope: VectorScope
  ) throws -> [ClusterDistance] {
    let rows = try connection.query(
      named: "nearest clusters by signature",
      """
      SELECT v.cluster_id, array_send(v.embedding) AS numbers
      FROM (
        SELECT v.cluster_id FROM daybreak.cluster_vectors AS v
        WHERE v.tenant_id = $1 AND v.model = $2 AND length(v.signature) = $3::integer
          \(scope.condition(5))
        ORDER BY bit_count(v.signature # $4::bit varying), v.cluster_id
        LIMIT \(max(2000, 10 * limit))
      ) AS near
      JOIN daybreak.cluster_vectors AS v
        ON v.tenant_id = $1 AND v.model = $2 AND v.cluster_id = near.cluster_id
      """,
      modelValues(model) + [.text(signature(of: vector))] + scope.values)
    let distances = try rows.map { row in
      guard let similarity = innerProduct(vector, try row.bytes("numbers")) else {
        throw StorageError.unreadable(table: "cluster_vectors", column: "embedding")
      }
      return ClusterDistance(clusterID: try row.uuid("cluster_id"), similarity: similarity)
    }
    return Array(distances.sorted(by: ClusterDistance.nearerFirst).prefix(limit))
  }
}

extension ClusterDistance {
  /// The nearer first, then by id.
  static func nearerFirst(_ left: ClusterDistance, _ right: ClusterDistance) -> Bool {
    left.similarity == right.similarity
      ? left.clusterID.uuidString < right.clusterID.uuidString : left.similarity > right.similarity
  }
}

extension VectorScope {
  /// A condition on `v`, a row of cluster_vectors, whose values begin with `$first`; empty for all.
  fileprivate func condition(_ first: Int) -> String {
    switch self {
    case .clusters: "AND v.cluster_id = ANY ($\(first))"
    case .matching(let filter) where filter.isEmpty: ""
    case .matching(let filter):
      """
      AND EXISTS (
        SELECT FROM daybreak.error_clusters AS c
        WHERE c.tenant_id = v.tenant_id AND c.id = v.cluster_id AND \(filter.condition(first)))
      """
    }
  }

  /// The condition's values.
  fileprivate var values: [Value] {
    switch self {
    case .clusters(let ids): [.uuidArray(ids)]
    case .matching(let filter): filter.isEmpty ? [] : filter.values
    }
  }
}

/// The SQL of searches with pgvector: `$1` to `$3` name tenant and model, `$4` is the vector.
private struct VectorSearch {
  let schema: String
  let model: VectorModel
  let limit: Int

  private var type: String {
    "\(quotedIdentifier(schema: schema, "vector"))(\(model.dimension))"
  }

  /// The negative inner product, written as the index has it.
  private var distance: String {
    "(v.embedding::\(type)) OPERATOR(\(quotedIdentifier(schema)).<#>) ($4::text::\(type))"
  }

  private let own = "v.tenant_id = $1 AND v.model = $2 AND v.dimension = $3::integer"

  func text(_ vector: [Float]) -> String { VectorColumn.vector(schema: schema).text(vector) }

  /// Compares all; the sum keeps an index from serving the order.
  func exact(_ scope: VectorScope) -> String {
    """
    SELECT v.cluster_id, -(\(distance)) AS similarity FROM daybreak.cluster_vectors AS v
    WHERE \(own) \(scope.condition(5))
    ORDER BY (\(distance)) + 0.0, v.cluster_id LIMIT \(limit)
    """
  }

  /// Takes candidates from the tenant's index, then those that pass.
  func indexed(_ filter: ClusterFilter, candidates: Int) -> String {
    """
    SELECT near.cluster_id, near.similarity FROM (
      SELECT v.cluster_id, -(\(distance)) AS similarity FROM daybreak.cluster_vectors AS v
      WHERE \(own) ORDER BY \(distance) LIMIT \(candidates)
    ) AS near
    \(filter.isEmpty ? "" : """
      JOIN daybreak.error_clusters AS c ON c.tenant_id = $1 AND c.id = near.cluster_id
        AND \(filter.condition(5))
      """)
    ORDER BY near.similarity DESC, near.cluster_id LIMIT \(limit)
    """
  }
}
