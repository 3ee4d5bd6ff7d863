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
  /// more, but two stores may differ in the rest. All else is compared in full; without pgvector so are
  /// candidates that the signs of the numbers find, which is all of tenants with no more than those.
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
    // How many candidates an index looks at, 1000 at most; a filter leaves some of them out.
    let isFiltered = if case .matching(let filter) = scope { !filter.isEmpty } else { false }
    let candidates = min(1000, max(isFiltered ? 400 : 200, 2 * limit))
    let layout = try vectorLayout(model, candidates: candidates)
    guard case .vector(let schema) = layout.column else {
      return try nearestBySignature(to: vector, model, limit: limit, among: scope)
    }
    let search = VectorSearch(schema: schema, model: model, limit: limit)
    let values = modelValues(model) + [.text(search.text(vector))]
    if case .matching(let filter) = scope, layout.isIndexed {
      let found = try distances(
        search.indexed(filter, candidates: candidates),
        values + (filter.isEmpty ? [] : filter.values))
      // Enough of the nearest pass: what lies behind them cannot be nearer.
      if found.count >= limit || filter.isEmpty { return Array(found.prefix(limit)) }
    }
    return try distances(search.exact(scope), values + scope.values)
  }

  private func distances(_ sql: String, _ values: [Value]) throws -> [ClusterDistance] {
    try connection.query(named: "nearest clusters", sql, values).map {
      ClusterDistance(
        clusterID: try $0.uuid("cluster_id"), similarity: try $0.double("similarity"))
    }
  }

  /// Whether the tenant has an index over its vectors of a model.
  package func hasIndex(_ model: VectorModel) throws -> Bool {
    try vectorLayout(model, candidates: 200).isIndexed
  }

  /// How the store keeps vectors, and whether the tenant has an index over those of a model; sets how
  /// many candidates such an index looks at.
  private func vectorLayout(
    _ model: VectorModel, candidates: Int
  ) throws -> (column: VectorColumn, isIndexed: Bool) {
    let row = try connection.query(
      named: "layout of vectors",
      """
      SELECT t.typname, n.nspname, set_config('hnsw.ef_search', $4, true), EXISTS (
        SELECT FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
        WHERE i.indrelid = a.attrelid AND i.indisvalid
          AND c.relname = daybreak.cluster_vectors_index($1, $2, $3::integer)
      ) AS is_indexed
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
      WHERE a.attrelid = 'daybreak.cluster_vectors'::regclass AND a.attname = 'embedding'
      """, modelValues(model) + [.text(String(candidates))]
    ).only()
    let isVector = try row.string("typname") == "vector"
    return (
      isVector ? .vector(schema: try row.string("nspname")) : .array, try row.bool("is_indexed")
    )
  }

  // MARK: Without pgvector

  private func nearestBySignature(
    to vector: [Float], _ model: VectorModel, limit: Int, among scope: VectorScope
  ) throws -> [ClusterDistance] {
    if case .clusters(let ids) = scope, ids.count <= Self.comparedWithoutCodes {
      return try compared(ids, vector, model, limit, .matching(ClusterFilter()))
    }
    if case .matching(let filter) = scope {
      // A filter leaves some of the candidates out.
      let wanted = max(filter.isEmpty ? 500 : 2000, 8 * limit)
      if let ids = try candidatesByCodes(vector, model, limit: wanted) {
        let found = try compared(ids, vector, model, limit, scope)
        if found.count >= limit || filter.isEmpty { return found }
      }
    }
    let ids = try connection.query(
      named: "nearest clusters by signature",
      """
      SELECT v.cluster_id FROM daybreak.cluster_vectors AS v
      WHERE v.tenant_id = $1 AND v.model = $2 AND length(v.signature) = $3::integer
        \(scope.condition(5))
      ORDER BY bit_count(v.signature # $4::bit varying), v.cluster_id
      LIMIT \(max(Int(Self.comparedWithoutCodes), 10 * limit))
      """,
      modelValues(model) + [.text(signature(of: vector))] + scope.values
    ).map { try $0.uuid("cluster_id") }
    return try compared(ids, vector, model, limit, .matching(ClusterFilter()))
  }

  /// The nearest of a few clusters, of those that a scope has, each compared in full.
  private func compared(
    _ ids: [UUID], _ vector: [Float], _ model: VectorModel, _ limit: Int, _ scope: VectorScope
  ) throws -> [ClusterDistance] {
    let rows = try connection.query(
      named: "vectors of candidates",
      """
      SELECT v.cluster_id, array_send(v.embedding) AS numbers
      FROM daybreak.cluster_vectors AS v
      WHERE v.tenant_id = $1 AND v.model = $2 AND v.dimension = $3::integer
        AND v.cluster_id = ANY ($4) \(scope.condition(5))
      """, modelValues(model) + [.uuidArray(ids)] + scope.values)
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
