import DaybreakCore
import Foundation
import Postgres

/// The signs of many vectors, and what they tell of each one's inner product with another vector.
///
/// A vector is estimated by its signs alone, the query is not (asymmetric distances: Gordo, Perronnin,
/// Gong and Lazebnik, "Asymmetric Distances for Binary Embeddings", 2014): the sum of the query's numbers,
/// each with the sign that the vector has there.
struct SignScan {
  /// For each byte of a code and each of its values, the sum of eight of the query's numbers.
  private let sums: [Float]
  private let byteCount: Int
  private let limit: Int
  /// The best so far, the worst of them first: a binary heap.
  private var best: [(score: Float, id: UUID)] = []

  /// - Parameters:
  ///   - query: the vector that the others are compared with.
  ///   - limit: how many are wanted; at least one.
  init(_ query: [Float], limit: Int) {
    self.limit = limit
    byteCount = (query.count + 7) / 8
    var sums = [Float](repeating: 0, count: byteCount * 256)
    for position in 0..<byteCount {
      for value in 0..<256 {
        var sum: Float = 0
        for bit in 0..<8 where position * 8 + bit < query.count {
          let number = query[position * 8 + bit]
          sum += value & (0x80 >> bit) != 0 ? number : -number
        }
        sums[position * 256 + value] = sum
      }
    }
    self.sums = sums
  }

  /// The ids of the best so far.
  var ids: [UUID] { best.map(\.id) }

  /// Takes a block as the store has it.
  ///
  /// - Returns: false where the two do not fit each other.
  mutating func add(ids: [UInt8], signs: [UInt8]) -> Bool {
    let count = ids.count / 16
    guard signs.count == count * byteCount else { return false }
    let width = byteCount
    sums.withUnsafeBufferPointer { sums in
      signs.withUnsafeBufferPointer { signs in
        for index in 0..<count {
          var score: Float = 0
          let start = index * width
          for position in 0..<width {
            score += sums[position << 8 | Int(signs[start + position])]
          }
          if best.count == limit, score <= best[0].score { continue }
          offer(score, Self.uuid(ids, at: index * 16))
        }
      }
    }
    return true
  }

  private static func uuid(_ bytes: [UInt8], at start: Int) -> UUID {
    bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(fromByteOffset: start, as: uuid_t.self)) }
  }

  private mutating func offer(_ score: Float, _ id: UUID) {
    if best.count < limit {
      best.append((score, id))
      var child = best.count - 1
      while child > 0, best[child].score < best[(child - 1) / 2].score {
        best.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
      return
    }
    best[0] = (score, id)
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < best.count else { return }
      let right = left + 1
      let least = right < best.count && best[right].score < best[left].score ? right : left
      guard best[least].score < best[parent].score else { return }
      best.swapAt(parent, least)
      parent = least
    }
  }
}

// Queries of daybreak.cluster_vector_codes.
extension TenantSession {
  /// Packs the signs of the tenant's vectors of a model, where that is of use: without pgvector, and of
  /// more than can be compared in full.
  func packCodes(of model: VectorModel) throws {
    let counts = try connection.query(
      named: "signatures to pack",
      """
      SELECT
        (SELECT count(*) FROM daybreak.cluster_vectors
          WHERE tenant_id = $1 AND model = $2 AND dimension = $3::integer) AS vectors,
        (SELECT coalesce(sum(octet_length(cluster_ids) / 16), 0) FROM daybreak.cluster_vector_codes
          WHERE tenant_id = $1 AND model = $2 AND dimension = $3::integer) AS packed
      """, modelValues(model)
    ).only()
    let count = try counts.int64("vectors")
    let isOfUse = try vectorColumn() == .array && count > Self.comparedWithoutCodes
    guard try counts.int64("packed") != (isOfUse ? count : 0) else { return }
    try dropCodes(of: model)
    guard isOfUse else { return }
    try connection.execute(
      named: "pack signatures",
      """
      INSERT INTO daybreak.cluster_vector_codes
        (tenant_id, model, dimension, block, cluster_ids, signs)
      SELECT $1, $2, $3::integer, block,
        string_agg(uuid_send(cluster_id), ''::bytea ORDER BY cluster_id),
        string_agg(substr(varbit_send(signature), 5), ''::bytea ORDER BY cluster_id)
      FROM (
        SELECT cluster_id, signature,
          ((row_number() OVER (ORDER BY cluster_id) - 1) / 4096)::integer AS block
        FROM daybreak.cluster_vectors
        WHERE tenant_id = $1 AND model = $2 AND dimension = $3
      ) AS numbered GROUP BY block
      """, modelValues(model))
  }

  /// Without pgvector, so many vectors are compared in full.
  static var comparedWithoutCodes: Int64 { 2000 }

  /// Removes the packed signs of a model, in whatever dimension.
  func dropCodes(of model: VectorModel) throws {
    try connection.execute(
      named: "forget packed signatures",
      "DELETE FROM daybreak.cluster_vector_codes WHERE tenant_id = $1 AND model = $2",
      [tenantID, .text(model.name)])
  }

  /// The clusters whose signs come nearest to a vector; nil where no signs are packed.
  func candidatesByCodes(
    _ vector: [Float], _ model: VectorModel, limit: Int
  ) throws -> [UUID]? {
    let rows = try connection.query(
      named: "packed signatures",
      """
      SELECT cluster_ids, signs FROM daybreak.cluster_vector_codes
      WHERE tenant_id = $1 AND model = $2 AND dimension = $3::integer
      """, modelValues(model))
    guard !rows.isEmpty else { return nil }
    var scan = SignScan(vector, limit: limit)
    for row in rows {
      guard scan.add(ids: try row.bytes("cluster_ids"), signs: try row.bytes("signs")) else {
        throw StorageError.unreadable(table: "cluster_vector_codes", column: "signs")
      }
    }
    return scan.ids
  }
}
