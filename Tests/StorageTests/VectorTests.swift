import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Storage

/// Whether a store has pgvector and pg_trgm.
enum Extensions: String, CaseIterable, Sendable {
  case present, absent

  func store() throws -> ScratchStore {
    switch self {
    case .present: try ScratchStore()
    case .absent: try ScratchStore.withoutExtensions()
    }
  }

  /// What the test server can do.
  static let available: [Extensions] = hasVector ? allCases : [.absent]

  private static let hasVector: Bool = {
    guard let connection = try? Connection(TestDatabase.make()) else { return false }
    let row = try? connection.query(
      named: "pgvector",
      "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') AS usable"
    ).only()
    return (try? row?.bool("usable")) ?? false
  }()
}

/// Vectors that lie in clumps, as texts do.
struct Clumps {
  let vectors: [[Float]]

  /// Makes as many vectors in the dimension of a model.
  init(_ count: Int, _ model: VectorModel) {
    var random = SeededRandom(seed: 5)
    func numbers() -> [Double] { (0..<model.dimension).map { _ in random.normal() } }
    let middles = (0..<max(1, count / 25)).map { _ in numbers() }
    vectors = (0..<count).map { _ in
      let middle = middles[random.below(middles.count)]
      return unit(zip(middle, numbers()).map { $0 + 0.35 * $1 })
    }
  }
}

/// A vector of length 1 in the same direction.
func unit(_ numbers: [Double]) -> [Float] {
  let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return numbers.map { Float($0 / length) }
}

func cosine(_ left: [Float], _ right: [Float]) -> Double {
  var sum = 0.0
  for index in left.indices { sum += Double(left[index]) * Double(right[index]) }
  return sum
}

extension ScratchStore {
  /// Enters clusters by SQL, one a vector, and their vectors; the ids in the order of the vectors.
  func fill(
    _ vectors: [[Float]], _ model: VectorModel, for tenant: TenantName = acme,
    template: (Int) -> String = { "event number \($0) of the shop" }, service: String = "api"
  ) throws -> [UUID] {
    let keys = vectors.indices.map { index in
      ClusterKey(
        identity: ServiceIdentity(namespace: "prod", service: service),
        fingerprint: Fingerprint(template: template(index)))
    }
    let ids = keys.map { $0.id(tenant: tenant) }
    try store.withTenant(tenant) { session throws in
      try session.ensureTenant()
      try session.connection.execute(
        named: "enter clusters",
        """
        INSERT INTO daybreak.error_clusters
          (id, tenant_id, service, namespace, fingerprint, template, level, count, sample_message,
            first_seen_at, last_seen_at)
        SELECT r.id, $1, $2, 'prod', r.fingerprint, r.template, 'ERROR', 1, '', $3, $3
        FROM unnest($4::uuid[], $5::text[], $6::text[]) AS r (id, fingerprint, template)
        """,
        [
          session.tenantID, .text(service), .timestamp(someMoment), .uuidArray(ids),
          .textArray(keys.map(\.fingerprint.description)),
          .textArray(vectors.indices.map(template)),
        ])
      try session.writeVectors(
        vectors.indices.map {
          (ClusterText(clusterID: ids[$0], template: template($0), key: "1:x"), vectors[$0])
        }, of: model)
      try session.keepSearchWords()
    }
    return ids
  }
}

/// The share of the true nearest that a search finds.
func recall(
  of queries: [[Float]], among vectors: [[Float]], _ ids: [UUID], limit: Int = 10,
  _ search: ([Float]) throws -> [ClusterDistance]
) rethrows -> Double {
  var hits = 0
  for query in queries {
    let cosines = vectors.map { cosine(query, $0) }
    let truth = vectors.indices.sorted { cosines[$0] > cosines[$1] }.prefix(limit).map { ids[$0] }
    hits += Set(truth).intersection(try search(query).map(\.clusterID)).count
  }
  return Double(hits) / Double(limit * queries.count)
}

@Suite(.enabled(if: TestDatabase.isAvailable)) struct VectorTests {
  @Test(arguments: Extensions.available)
  func `a vector is kept with its model and its text`(extensions: Extensions) throws {
    let scratch = try extensions.store()
    try scratch.write(sampleNight(of: runKey()), of: runKey())
    try scratch.store.withTenant(acme) { session throws in
      let texts = try session.clustersWithoutVector(of: someModel, textVersion: 1, limit: 10)
      #expect(texts.count == 3)
      let vectors = Clumps(3, someModel).vectors
      try session.writeVectors(zip(texts, vectors).map { ($0, $1) }, of: someModel)
      let kept = try session.vectors(of: texts.map(\.clusterID), someModel)
      #expect(texts.map { kept[$0.clusterID] } == vectors)
      #expect(try session.clustersWithoutVector(of: someModel, textVersion: 1, limit: 10).isEmpty)
      let models = try session.vectorModels()
      #expect(models.map(\.model) == [someModel] && models.map(\.count) == [3])
    }
  }

  @Test(arguments: Extensions.available)
  func `another model, dimension or way to make the text needs new vectors`(
    extensions: Extensions
  ) throws {
    let scratch = try extensions.store()
    try scratch.write(sampleNight(of: runKey()), of: runKey())
    try scratch.store.withTenant(acme) { session throws in
      let texts = try session.clustersWithoutVector(of: someModel, textVersion: 1, limit: 10)
      try session.writeVectors(texts.map { ($0, unitVector(0)) }, of: someModel)
      #expect(try session.clustersWithoutVector(of: someModel, textVersion: 2, limit: 9).count == 3)
      let wider = VectorModel(provider: "builtin", name: "tiny", dimension: 9)
      #expect(try session.clustersWithoutVector(of: wider, textVersion: 1, limit: 9).count == 3)
      let other = VectorModel(provider: "ollama", name: "tiny", dimension: 8)
      #expect(try session.clustersWithoutVector(of: other, textVersion: 1, limit: 9).count == 3)
      // The same name with another dimension takes the place of the former, and never mixes.
      try session.writeVectors([(texts[0], unitVector(0, wider))], of: wider)
      let all = VectorScope.matching(ClusterFilter())
      #expect(try session.nearest(to: unitVector(0), someModel, limit: 9, among: all).count == 2)
      let near = try session.nearest(to: unitVector(0, wider), wider, limit: 9, among: all)
      #expect(near.map(\.clusterID) == [texts[0].clusterID])
      #expect(try session.nearest(to: unitVector(0, other), other, limit: 9, among: all).isEmpty)
    }
  }

  @Test(arguments: Extensions.available)
  func `a vector of another length is refused`(extensions: Extensions) throws {
    let scratch = try extensions.store()
    let key = runKey()
    try scratch.write(sampleNight(of: key), of: key)
    try scratch.store.withTenant(acme) { session throws in
      let text = try session.clustersWithoutVector(of: someModel, textVersion: 1, limit: 1)[0]
      #expect(throws: StorageError.self) {
        try session.writeVectors([(text, [1, 0])], of: someModel)
      }
      #expect(throws: StorageError.self) {
        try session.nearest(to: [1], someModel, limit: 1, among: .matching(ClusterFilter()))
      }
    }
  }

  @Test(arguments: Extensions.available)
  func `vectors go with their cluster`(extensions: Extensions) throws {
    let scratch = try extensions.store()
    _ = try scratch.fill(Clumps(4, someModel).vectors, someModel)
    try scratch.store.withTenant(acme) { session throws in
      try session.connection.execute(
        named: "forget clusters", "DELETE FROM daybreak.error_clusters")
      #expect(try session.vectorModels().isEmpty)
    }
  }

  @Test(arguments: Extensions.available)
  func `the nearest come first, with their cosine`(extensions: Extensions) throws {
    let scratch = try extensions.store()
    let model = VectorModel(provider: "builtin", name: "small", dimension: 64)
    let vectors = Clumps(600, model).vectors
    let ids = try scratch.fill(vectors, model)
    let query = vectors[17]
    let near = try scratch.store.withTenant(acme, readOnly: true) { session throws in
      try session.nearest(to: query, model, limit: 10, among: .matching(ClusterFilter()))
    }
    let cosines = vectors.map { cosine(query, $0) }
    let truth = vectors.indices.sorted { cosines[$0] > cosines[$1] }
    #expect(near.map(\.clusterID) == truth.prefix(10).map { ids[$0] })
    for (one, index) in zip(near, truth) {
      #expect(abs(one.similarity - cosine(query, vectors[index])) < 1e-5)
    }
  }

  @Test(arguments: Extensions.available, [1, 10])
  func `ten nearest are found with few tenants and with many`(
    extensions: Extensions, tenants: Int
  ) throws {
    let scratch = try extensions.store()
    let model = VectorModel(provider: "builtin", name: "small", dimension: 64)
    let vectors = Clumps(3000, model).vectors
    let share = vectors.count / tenants
    for number in 0..<tenants {
      let tenant = tenant("t\(number)")
      let own = Array(vectors[number * share..<(number + 1) * share])
      let ids = try scratch.fill(own, model, for: tenant)
      let queries = (0..<20).map { own[$0 * 7 % own.count] }
      let found = try scratch.store.withTenant(tenant) { session throws in
        // Large tenants get their own index, small ones do not.
        try session.prepareVectors(of: model, exactLimit: 1000)
        #expect(try session.hasIndex(model) == (extensions == .present && share > 1000))
        return try recall(of: queries, among: own, ids) {
          try session.nearest(to: $0, model, limit: 10, among: .matching(ClusterFilter()))
        }
      }
      #expect(found >= 0.98, "\(extensions) \(tenants) tenants: \(found)")
      if number == 1 { break }
    }
  }

  @Test(.enabled(if: Extensions.available.contains(.present)))
  func `the tenant's index serves the search`() throws {
    let scratch = try ScratchStore()
    let model = VectorModel(provider: "builtin", name: "small", dimension: 64)
    _ = try scratch.fill(Clumps(3000, model).vectors, model)
    try scratch.store.withTenant(acme) { session throws in
      #expect(try session.prepareVectors(of: model, exactLimit: 1000) == "indexed")
      #expect(try session.prepareVectors(of: model, exactLimit: 1000) == "unchanged")
      let before = try indexScans(session)
      _ = try session.nearest(
        to: unitVector(3, model), model, limit: 10, among: .matching(ClusterFilter()))
      // Statistics of the transaction that is under way.
      #expect(try indexScans(session) == before + 1)
      #expect(try session.prepareVectors(of: model, exactLimit: 10_000) == "index dropped")
      #expect(try !session.hasIndex(model))
    }
  }

  private func indexScans(_ session: borrowing TenantSession) throws -> Int64 {
    try session.connection.query(
      named: "scans",
      """
      SELECT coalesce(sum(pg_stat_get_xact_numscans(c.oid)), 0)::bigint AS scans
      FROM pg_class AS c JOIN pg_am AS a ON a.oid = c.relam
      WHERE a.amname = 'hnsw' AND c.relname LIKE 'cluster_vectors%'
      """
    ).only().int64("scans")
  }

  @Test(.enabled(if: Extensions.available.contains(.present)))
  func `a filter that few pass still finds the nearest of them`() throws {
    let scratch = try ScratchStore()
    let model = VectorModel(provider: "builtin", name: "small", dimension: 64)
    let vectors = Clumps(3000, model).vectors
    _ = try scratch.fill(Array(vectors[60...]), model)
    let rare = Array(vectors[..<60])
    let ids = try scratch.fill(rare, model, template: { "rare \($0)" }, service: "mail")
    try scratch.store.withTenant(acme) { session throws in
      try session.prepareVectors(of: model, exactLimit: 1000)
      let filter = ClusterFilter(services: ["mail"])
      let found = try recall(of: Array(vectors[100..<120]), among: rare, ids) {
        try session.nearest(to: $0, model, limit: 10, among: .matching(filter))
      }
      #expect(found == 1)
    }
  }

  @Test(.enabled(if: Extensions.available.contains(.present)))
  func `a database that gains pgvector turns its arrays into vectors`() throws {
    let scratch = try ScratchStore.withoutExtensions()
    let model = VectorModel(provider: "builtin", name: "small", dimension: 64)
    let vectors = Clumps(300, model).vectors
    let ids = try scratch.fill(vectors, model)
    var target = scratch.administrator
    target["options"] = "-c daybreak.partitions=native"
    try Connection(target).execute(named: "gain", "CREATE EXTENSION vector SCHEMA public")
    let store = try Store(target)
    try store.withTenant(acme) { session throws in
      let all = VectorScope.matching(ClusterFilter())
      #expect(try session.vectorColumn() == .array)
      let before = try session.nearest(to: vectors[5], model, limit: 10, among: all)
      try session.prepareVectors(of: model, exactLimit: 100)
      #expect(try session.vectorColumn() == .vector(schema: "public"))
      #expect(try session.hasIndex(model))
      let after = try session.nearest(to: vectors[5], model, limit: 10, among: all)
      #expect(after.map(\.clusterID) == before.map(\.clusterID))
      #expect(after.first?.clusterID == ids[5])
      #expect(try session.vectors(of: [ids[5]], model)[ids[5]] == vectors[5])
    }
  }
}
