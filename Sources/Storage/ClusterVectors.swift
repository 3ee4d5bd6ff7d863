import DaybreakCore
package import Foundation
import Postgres

/// A cluster that has no vector of a model yet, or one of another text.
package struct ClusterText: Hashable, Sendable {
  package var clusterID: UUID
  package var template: String
  /// What the vector will be kept with: how the text was made, and of which template.
  package var key: String

  package init(clusterID: UUID, template: String, key: String) {
    self.clusterID = clusterID
    self.template = template
    self.key = key
  }
}

/// How near a cluster is to a vector.
package struct ClusterDistance: Hashable, Sendable {
  package var clusterID: UUID
  /// The cosine: 1 for the same direction.
  package var similarity: Double
}

// Queries of daybreak.cluster_vectors.
extension TenantSession {
  /// Up to this many vectors of a tenant and model are compared in full.
  ///
  /// Beyond, the tenant has an HNSW index of its own; docs/decisions/0014-vectors-and-search.md has the
  /// figures.
  package static var exactLimit: Int64 { 20_000 }

  /// The clusters of the tenant that lack a vector of a model, by id; a few at a time.
  ///
  /// - Parameters:
  ///   - model: the model; a row of the same name and another dimension counts as missing.
  ///   - textVersion: `EmbeddingText.version`.
  ///   - limit: how many.
  /// - Returns: the clusters with their templates.
  /// - Throws: `PostgresError`.
  package func clustersWithoutVector(
    of model: VectorModel, textVersion: Int, limit: Int
  ) throws -> [ClusterText] {
    try connection.query(
      named: "clusters without a vector",
      """
      SELECT c.id, c.template, $2 || md5(c.template) AS key
      FROM daybreak.error_clusters AS c
      LEFT JOIN daybreak.cluster_vectors AS v
        ON v.tenant_id = c.tenant_id AND v.model = $1 AND v.cluster_id = c.id
      WHERE v.cluster_id IS NULL OR v.dimension <> $3 OR v.text_key <> $2 || md5(c.template)
      ORDER BY c.id LIMIT $4
      """,
      [
        .text(model.name), .text("\(textVersion):"), .int64(Int64(model.dimension)),
        .int64(Int64(limit)),
      ]
    ).map {
      ClusterText(
        clusterID: try $0.uuid("id"), template: try $0.string("template"),
        key: try $0.string("key"))
    }
  }

  /// Keeps vectors; a cluster that is gone by now is left out.
  ///
  /// - Parameters:
  ///   - vectors: at most one a cluster, of length 1 and the model's dimension.
  ///   - model: what made them.
  /// - Throws: `StorageError.misshapen`, `PostgresError`.
  package func writeVectors(
    _ vectors: [(text: ClusterText, vector: [Float])], of model: VectorModel
  ) throws {
    guard vectors.allSatisfy({ $0.vector.count == model.dimension }) else {
      throw StorageError.misshapen(
        what: "vectors of \(model.name)",
        reason: "not all of them have \(model.dimension) numbers")
    }
    try dropCodes(of: model)
    let column = try vectorColumn()
    try connection.execute(
      named: "keep vectors",
      """
      INSERT INTO daybreak.cluster_vectors AS v
        (tenant_id, cluster_id, model, dimension, text_key, signature, embedding)
      SELECT $1, c.id, $2, $3, r.text_key, r.signature::bit varying, r.embedding\(column.cast)
      FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[])
        AS r (cluster_id, text_key, signature, embedding)
      JOIN daybreak.error_clusters AS c ON c.id = r.cluster_id
      ON CONFLICT (tenant_id, model, cluster_id) DO UPDATE
      SET dimension = excluded.dimension, text_key = excluded.text_key,
        signature = excluded.signature, embedding = excluded.embedding
      """,
      [
        tenantID, .text(model.name), .int64(Int64(model.dimension)),
        .uuidArray(vectors.map(\.text.clusterID)), .textArray(vectors.map(\.text.key)),
        .textArray(vectors.map { signature(of: $0.vector) }),
        .textArray(vectors.map { column.text($0.vector) }),
      ])
  }

  /// The vectors of clusters, as far as they are there.
  package func vectors(of clusterIDs: [UUID], _ model: VectorModel) throws -> [UUID: [Float]] {
    let rows = try connection.query(
      named: "vectors of clusters",
      """
      SELECT cluster_id, embedding::real[] AS numbers FROM daybreak.cluster_vectors
      WHERE tenant_id = $1 AND model = $2 AND dimension = $3 AND cluster_id = ANY ($4)
      """,
      modelValues(model) + [.uuidArray(clusterIDs)])
    return try rows.reduce(into: [:]) {
      $0[try $1.uuid("cluster_id")] = try $1.doubleArray("numbers").map { Float($0) }
    }
  }

  /// Which models the tenant has vectors of, and of how many clusters, the most first.
  package func vectorModels() throws -> [(model: VectorModel, count: Int64)] {
    try connection.query(
      named: "models of vectors",
      """
      SELECT model, dimension, count(*) AS count FROM daybreak.cluster_vectors
      GROUP BY model, dimension ORDER BY count(*) DESC, model COLLATE "C", dimension
      """
    ).map {
      (
        VectorModel(name: try $0.string("model"), dimension: try $0.int("dimension")),
        try $0.int64("count")
      )
    }
  }

  /// Fits the table to the database: vectors in place of arrays where pgvector is there by now, and an
  /// index of the tenant's own while it has more than `exactLimit` vectors; packed signs elsewhere.
  ///
  /// - Returns: `unchanged`, `indexed` or `index dropped`.
  /// - Throws: `PostgresError`.
  @discardableResult
  package func prepareVectors(
    of model: VectorModel, exactLimit: Int64 = TenantSession.exactLimit
  ) throws -> String {
    let outcome = try connection.query(
      named: "prepare vectors",
      "SELECT daybreak.prepare_cluster_vectors($1, $2::integer, $3) AS outcome",
      [.text(model.name), .int64(Int64(model.dimension)), .int64(exactLimit)]
    ).only().string("outcome")
    try packCodes(of: model)
    return outcome
  }

  /// How the store keeps vectors now.
  func vectorColumn() throws -> VectorColumn {
    let row = try connection.query(
      named: "type of vectors",
      """
      SELECT t.typname, n.nspname FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
      WHERE a.attrelid = 'daybreak.cluster_vectors'::regclass AND a.attname = 'embedding'
      """
    ).only()
    return try row.string("typname") == "vector"
      ? .vector(schema: try row.string("nspname")) : .array
  }

  /// The values that name the vectors of a model: `$1` to `$3` of queries.
  func modelValues(_ model: VectorModel) -> [Value] {
    [tenantID, .text(model.name), .int64(Int64(model.dimension))]
  }
}
