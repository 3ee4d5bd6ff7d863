import DaybreakCore
import Embedding
import Foundation
import Postgres
import Storage

/// Recall and time of the nearest clusters with few tenants and with many, and the time of a whole
/// search, as Markdown tables.
///
/// `FILE` keeps the vectors of the generated templates between calls. The server is a scratch one.
func measureVectors(_ call: Call) throws {
  let count = try call.number("count", default: 100_000)
  let encoder = try MiniLMEncoder(directory: try call.text("model"))
  let corpus = try VectorCorpus(file: call.file, count: count, encoder: encoder)
  let bench = try VectorBench(
    corpus: corpus, encoder: encoder, queryCount: try call.number("queries", default: 200))
  defer { bench.close() }
  print(
    """
    | clusters | tenants | extensions | how | recall@10 | nearest p50 | p95 | index built in |
    |---:|---:|---|---|---:|---:|---:|---:|
    """)
  for extensions in [true, false] {
    for tenants in [1, 10, 1000] { print(try bench.recallRow(tenants, extensions)) }
  }
  print(
    """

    | search, model warm | p50 | p95 | worst |
    |---|---:|---:|---:|
    """)
  let searches = try [true, false].map { try bench.searches($0) }
  for search in searches { print(search.row) }
  print(
    """

    | where the time goes, p50 / p95 | encoding | 100 nearest | words alone | the whole |
    |---|---:|---:|---:|---:|
    """)
  for search in searches { print(search.parts) }
}

/// Templates like those of a night, with their vectors.
private struct VectorCorpus {
  let templates: [String]
  let vectors: [[Float]]

  /// Makes the templates, and takes the vectors from the file where it holds as many.
  init(file: String, count: Int, encoder: MiniLMEncoder) throws {
    templates = TemplateShapes.distinct(count, seed: 1)
    let width = encoder.model().dimension
    if let data = try? Data(contentsOf: URL(filePath: file)), data.count == count * width * 4 {
      vectors = data.withUnsafeBytes { raw in
        let numbers = raw.bindMemory(to: Float.self)
        return (0..<count).map { Array(numbers[$0 * width..<($0 + 1) * width]) }
      }
      return
    }
    FileHandle.standardError.write(Data("encoding \(count) templates\n".utf8))
    vectors = try encoder.vectors(for: templates.map(EmbeddingText.text(of:)))
    var data = Data(capacity: count * width * 4)
    for vector in vectors { vector.withUnsafeBytes { data.append(contentsOf: $0) } }
    try data.write(to: URL(filePath: file))
  }
}

private final class VectorBench {
  private let corpus: VectorCorpus
  private let encoder: MiniLMEncoder
  private let server: EmbeddedPostgres
  private let directory: String
  private let queries: [Int]
  private let model: VectorModel
  private var databaseNumber = 0

  init(corpus: VectorCorpus, encoder: MiniLMEncoder, queryCount: Int) throws {
    self.corpus = corpus
    self.encoder = encoder
    directory = "/tmp/daybreak-bench-vectors-\(ProcessInfo.processInfo.processIdentifier)"
    var options = EmbeddedPostgresOptions()
    options.isDurable = false
    server = try EmbeddedPostgres(in: directory, options: options)
    var random = SeededRandom(seed: 3)
    queries = (0..<queryCount).map { _ in random.below(corpus.vectors.count) }
    let made = encoder.model()
    model = VectorModel(provider: made.provider, name: made.name, dimension: made.dimension)
  }

  func close() {
    server.close()
    EmbeddedPostgres.remove(directory: directory)
  }

  /// The vector of a query that is like a cluster's and not the same: halfway to another one's, by a
  /// tenth.
  private func query(_ number: Int) -> [Float] {
    let other = corpus.vectors[(queries[number] &* 7919 &+ 13) % corpus.vectors.count]
    let mixed = zip(corpus.vectors[queries[number]], other).map { $0 + 0.3 * $1 }
    let length = mixed.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return mixed.map { $0 / length }
  }

  func recallRow(_ tenants: Int, _ extensions: Bool) throws -> String {
    let store = try store(extensions)
    defer { store.close() }
    let names = (0..<tenants).compactMap { TenantName("t\($0)") }
    let ids = try names.enumerated().map { number, tenant in
      try fill(
        store, tenant, stride(from: number, to: corpus.vectors.count, by: tenants).map { $0 })
    }
    let clock = ContinuousClock()
    let start = clock.now
    var isIndexed = false
    for tenant in names {
      isIndexed = try store.withTenant(tenant) { session in
        try session.prepareVectors(of: model) == "indexed"
      }
      if tenants > 10 { break }
    }
    let building = (clock.now - start) / .seconds(1)
    try analyze()
    var times: [Double] = []
    var hits = 0
    for number in queries.indices {
      let tenant = number % tenants
      let vector = query(number)
      let begin = clock.now
      let found = try store.withTenant(names[tenant], readOnly: true) { session in
        try session.nearest(to: vector, model, limit: 10, among: .matching(ClusterFilter()))
      }
      times.append((clock.now - begin) / .milliseconds(1))
      let truth = nearest(vector, tenant, tenants).map { ids[tenant][$0 / tenants] }
      hits += Set(truth).intersection(found.map(\.clusterID)).count
    }
    let how = isIndexed ? "HNSW" : extensions ? "exact" : "signatures"
    return "| \(corpus.vectors.count) | \(tenants) | \(extensions ? "yes" : "no") | \(how) | "
      + decimal(Double(hits) / Double(10 * queries.count), 4) + " | \(percentile(times, 0.5)) | "
      + "\(percentile(times, 0.95)) | \(isIndexed ? decimal(building, 1) + " s" : "–") |"
  }

  /// Times of whole searches, and of their parts by themselves.
  func searches(_ extensions: Bool) throws -> (row: String, parts: String) {
    let store = try store(extensions)
    defer { store.close() }
    guard let tenant = TenantName("acme") else { return ("", "") }
    _ = try fill(store, tenant, Array(corpus.vectors.indices))
    try store.withTenant(tenant) { session in
      try session.prepareVectors(of: model)
      try session.keepSearchWords()
    }
    try analyze()
    let texts = TemplateShapes.distinct(queries.count, seed: 77).map {
      EmbeddingText.text(of: $0).split(separator: " ").prefix(6).joined(separator: " ")
    }
    var (encoding, nearest, worded, whole) = ([Double](), [Double](), [Double](), [Double]())
    for text in ["warm up"] + texts {
      let vector = try Self.timed(&encoding) { try encoder.vectors(for: [text])[0] }
      try Self.timed(&whole) {
        let found = try store.withTenant(tenant, readOnly: true) { session in
          let found = try session.search(ClusterQuery(text: text, vector: (model, vector)))
          _ = try session.standings(of: found.map(\.clusterID))
          _ = try session.analyses(of: found.map(\.key.fingerprint), limit: 3)
          return found
        }
        if found.isEmpty { throw UsageError(reason: "a search found nothing") }
      }
      whole[whole.count - 1] += encoding[encoding.count - 1]
      try store.withTenant(tenant, readOnly: true) { session in
        _ = try Self.timed(&nearest) {
          try session.nearest(
            to: vector, model, limit: 100, among: .matching(ClusterFilter()))
        }
        _ = try Self.timed(&worded) { try session.search(ClusterQuery(text: text)) }
      }
    }
    let what = "\(corpus.vectors.count) clusters, \(extensions ? "with" : "without") extensions"
    let measured = whole.dropFirst()
    let parts = [encoding, nearest, worded, whole].map { times in
      "\(percentile(Array(times.dropFirst()), 0.5)) / \(percentile(Array(times.dropFirst()), 0.95))"
    }
    return (
      "| \(what) | \(percentile(Array(measured), 0.5)) | \(percentile(Array(measured), 0.95)) | "
        + "\(percentile(Array(measured), 1)) |",
      "| \(what) | \(parts.joined(separator: " | ")) |"
    )
  }

  /// Does something, and adds how many milliseconds it took.
  private static func timed<Result>(
    _ times: inout [Double], _ body: () throws -> Result
  ) rethrows -> Result {
    let begin = ContinuousClock.now
    defer { times.append((ContinuousClock.now - begin) / .milliseconds(1)) }
    return try body()
  }

  // MARK: The store

  private func store(_ extensions: Bool) throws -> Store {
    databaseNumber += 1
    let name = "bench_\(databaseNumber)"
    try Connection(server.target).execute(named: "database", "CREATE DATABASE \(name)")
    var target = server.target.withDatabase(name)
    if !extensions { target["options"] = "-c daybreak.without_extensions=vector,pg_trgm" }
    try Store.migrate(administrator: target)
    return try Store(target)
  }

  /// What autovacuum does within a minute.
  private func analyze() throws {
    let target = server.target.withDatabase("bench_\(databaseNumber)")
    try Connection(target).execute(
      named: "vacuum",
      "VACUUM ANALYZE daybreak.cluster_vectors, daybreak.error_clusters, "
        + "daybreak.cluster_words, daybreak.cluster_vector_codes")
  }

  /// Enters clusters and vectors; the ids in their order.
  private func fill(_ store: Store, _ tenant: TenantName, _ indices: [Int]) throws -> [UUID] {
    let keys = indices.map { index in
      ClusterKey(
        identity: ServiceIdentity(namespace: "prod", service: "service-\(index % 40)"),
        fingerprint: Fingerprint(template: corpus.templates[index]))
    }
    try Connection(store.target).execute(
      named: "tenant", "INSERT INTO daybreak.tenants (id, name) VALUES ($1, $2)",
      [.uuid(tenant.id), .text(tenant.description)])
    let ids = keys.map { $0.id(tenant: tenant) }
    for start in stride(from: 0, to: indices.count, by: 5000) {
      let part = start..<min(start + 5000, indices.count)
      try enter(store, tenant, part.map { (ids[$0], keys[$0], corpus.templates[indices[$0]]) })
      try store.withTenant(tenant) { session in
        try session.writeVectors(
          part.map {
            (
              ClusterText(clusterID: ids[$0], template: "", key: "bench"),
              corpus.vectors[indices[$0]]
            )
          }, of: model)
      }
    }
    return ids
  }

  private func enter(
    _ store: Store, _ tenant: TenantName, _ clusters: [(UUID, ClusterKey, String)]
  ) throws {
    try Connection(store.target).execute(
      named: "clusters",
      """
      INSERT INTO daybreak.error_clusters
        (id, tenant_id, service, namespace, fingerprint, template, level, count, sample_message,
          first_seen_at, last_seen_at)
      SELECT r.id, $1, r.service, 'prod', r.fingerprint, r.template, 'ERROR', 1, '',
        '2026-03-12', timestamptz '2026-03-12' + r.place * interval '1 second'
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[])
        WITH ORDINALITY AS r (id, service, fingerprint, template, place)
      """,
      [
        .uuid(tenant.id), .uuidArray(clusters.map(\.0)),
        .textArray(clusters.map(\.1.identity.service)),
        .textArray(clusters.map(\.1.fingerprint.description)), .textArray(clusters.map(\.2)),
      ])
  }

  // MARK: The truth

  /// The ten nearest of one tenant, all compared.
  private func nearest(_ query: [Float], _ tenant: Int, _ tenants: Int) -> [Int] {
    var best: [(Float, Int)] = []
    for index in stride(from: tenant, to: corpus.vectors.count, by: tenants) {
      let product = innerProduct(query, corpus.vectors[index])
      if best.count == 10, product <= best[9].0 { continue }
      let place = best.firstIndex { $0.0 < product } ?? best.count
      best.insert((product, index), at: place)
      if best.count > 10 { best.removeLast() }
    }
    return best.map(\.1)
  }

  private func innerProduct(_ left: [Float], _ right: [Float]) -> Float {
    left.withUnsafeBytes { left in
      right.withUnsafeBytes { right in
        var sums = SIMD16<Float>.zero
        for start in stride(from: 0, to: left.count - 63, by: 64) {
          sums +=
            left.loadUnaligned(fromByteOffset: start, as: SIMD16<Float>.self)
            * right.loadUnaligned(fromByteOffset: start, as: SIMD16<Float>.self)
        }
        return sums.sum()
      }
    }
  }
}

private func decimal(_ value: Double, _ places: Int) -> String {
  String(format: "%.\(places)f", value)
}

/// A percentile of milliseconds.
private func percentile(_ times: [Double], _ share: Double) -> String {
  let sorted = times.sorted()
  guard !sorted.isEmpty else { return "–" }
  return decimal(sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))], 1) + " ms"
}
