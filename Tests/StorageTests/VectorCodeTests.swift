import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite struct SignScanTests {
  @Test(arguments: [8, 20, 64]) func `keeps what its sums put first`(dimension: Int) {
    let model = VectorModel(provider: "builtin", name: "small", dimension: dimension)
    let vectors = Clumps(500, model).vectors
    let ids = vectors.indices.map { naturalID("vector", String($0)) }
    let query = vectors[3]
    var scan = SignScan(query, limit: 40)
    for half in [0..<250, 250..<500] {
      let signs = half.flatMap { packed(vectors[$0]) }
      let bytes = half.flatMap { index in withUnsafeBytes(of: ids[index].uuid) { Array($0) } }
      let fits = scan.add(ids: bytes, signs: signs)
      #expect(fits)
    }
    let scores = vectors.map { vector in
      zip(query, vector).reduce(Float(0)) { $0 + ($1.1 > 0 ? $1.0 : -$1.0) }
    }
    let least = scores.sorted(by: >)[39]
    let chosen = Set(scan.ids)
    #expect(chosen.count == 40)
    for (id, score) in zip(ids, scores) {
      if score > least + 1e-4 { #expect(chosen.contains(id)) }
      if score < least - 1e-4 { #expect(!chosen.contains(id)) }
    }
    let fits = scan.add(ids: [UInt8](repeating: 0, count: 16), signs: [])
    #expect(!fits)
  }

  private func packed(_ vector: [Float]) -> [UInt8] {
    stride(from: 0, to: vector.count, by: 8).map { start in
      (0..<8).reduce(0) { byte, bit in
        start + bit < vector.count && vector[start + bit] > 0 ? byte | 0x80 >> bit : byte
      }
    }
  }
}

@Suite(.enabled(if: TestDatabase.isAvailable)) struct VectorCodeTests {
  private let model = VectorModel(provider: "builtin", name: "small", dimension: 60)

  @Test func `packed signs find the nearest, and go when a vector comes`() throws {
    let scratch = try ScratchStore.withoutExtensions()
    let vectors = Clumps(2600, model).vectors
    let ids = try scratch.fill(Array(vectors[..<2500]), model)
    try scratch.store.withTenant(acme) { session throws in
      #expect(try session.candidatesByCodes(vectors[0], model, limit: 10) == nil)
      try session.prepareVectors(of: model)
      let candidates = try session.candidatesByCodes(vectors[0], model, limit: 10)
      #expect(candidates?.contains(ids[0]) == true)
      let all = VectorScope.matching(ClusterFilter())
      let found = try recall(
        of: Array(vectors[..<25]), among: Array(vectors[..<2500]), ids
      ) { try session.nearest(to: $0, model, limit: 10, among: all) }
      #expect(found >= 0.98, "\(found)")
    }
    // A tenant's signs are its own, and few vectors need none.
    try scratch.store.withTenant(globex) { session throws in
      #expect(try session.candidatesByCodes(vectors[0], model, limit: 10) == nil)
    }
    let late = try scratch.fill(Array(vectors[2500...]), model, template: { "late \($0)" })
    try scratch.store.withTenant(acme) { session throws in
      #expect(try session.candidatesByCodes(vectors[0], model, limit: 10) == nil)
      let near = try session.nearest(
        to: vectors[2550], model, limit: 1, among: .matching(ClusterFilter()))
      #expect(near.map(\.clusterID) == [late[50]])
      try session.prepareVectors(of: model)
      #expect(
        try session.candidatesByCodes(vectors[2550], model, limit: 10)?.contains(late[50]) == true)
    }
  }

  @Test func `a filter that few pass still finds the nearest of them without pgvector`() throws {
    let scratch = try ScratchStore.withoutExtensions()
    let vectors = Clumps(2600, model).vectors
    _ = try scratch.fill(Array(vectors[60...]), model)
    let rare = Array(vectors[..<60])
    let ids = try scratch.fill(rare, model, template: { "rare \($0)" }, service: "mail")
    try scratch.store.withTenant(acme) { session throws in
      try session.prepareVectors(of: model)
      let filter = ClusterFilter(services: ["mail"])
      let found = try recall(of: Array(vectors[100..<120]), among: rare, ids) {
        try session.nearest(to: $0, model, limit: 10, among: .matching(filter))
      }
      #expect(found == 1)
    }
  }
}
