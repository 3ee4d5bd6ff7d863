package import DaybreakCore
internal import Embedding
internal import Foundation
package import Storage

/// A cluster that a search found, with what the store knows of it.
package struct FoundCluster: Sendable {
  package var hit: ClusterHit
  /// Where it stood on the last night that knew it.
  package var standing: ClusterStanding?
  /// What was last said of it, newest first.
  package var analyses: [PastAnalysis]
}

/// Searches the clusters of one tenant in the store.
package struct ClusterSearch {
  private let surroundings: Surroundings
  private let storeSettings: StoreSettings
  private let calendar: NightCalendar
  private let maker: EncoderMaker

  /// - Parameters:
  ///   - store: the job's settings of the store; nil for those of the environment.
  ///   - embedding: who encodes the query.
  ///   - calendar: the zone whose days `since` counts.
  ///   - surroundings: environment and home.
  package init(
    store: StoreSettings?, embedding: EmbeddingSettings, calendar: NightCalendar,
    surroundings: Surroundings
  ) {
    storeSettings = store ?? StoreSettings()
    self.calendar = calendar
    self.surroundings = surroundings
    maker = EncoderMaker(embedding, surroundings)
  }

  /// Searches.
  ///
  /// - Parameter request: what for.
  /// - Returns: the clusters that fit best; words alone where there is no vector of the query, or none
  ///   of the tenant's clusters by that model.
  /// - Throws: `SearchError`, `PostgresError`, `StorageError`.
  package func run(_ request: SearchRequest) throws -> SearchResults<FoundCluster> {
    let access = try StoreAccess(storeSettings, surroundings: surroundings)
    defer { access.close() }
    let tenant = try tenant(request, access.store)
    let outcome = QueryEncoder(maker: maker, isWanted: request.vectorWeight > 0)
      .encode(request.text)
    return try access.store.withTenant(tenant) { session in
      var found = SearchResults<FoundCluster>(results: [])
      var query = self.query(request)
      switch outcome {
      case .unwanted: break
      case .failed(let summary, let remedy): (found.problem, found.remedy) = (summary, remedy)
      case .vector(let model, let numbers):
        let stored = VectorModel(
          provider: model.provider, name: model.name, dimension: model.dimension)
        let models = try session.vectorModels().map(\.model)
        if models.contains(stored) {
          query.vector = (stored, numbers)
          found.model = stored.name
        } else {
          found.problem =
            "\(tenant) has no vectors of \(stored.name)"
            + (models.isEmpty ? "" : ", but of \(models.map(\.name).joined(separator: ", "))")
          found.remedy = "daybreak run JOB makes those of a night, and --only embed all of them"
        }
      }
      let hits = try session.search(query)
      let standings = try session.standings(of: hits.map(\.clusterID))
      let analyses = try session.analyses(of: hits.map(\.key.fingerprint), limit: 3)
      found.results = hits.map { hit in
        FoundCluster(
          hit: hit, standing: standings[hit.clusterID],
          analyses: analyses[hit.key.fingerprint] ?? [])
      }
      return found
    }
  }

  private func query(_ request: SearchRequest) -> ClusterQuery {
    ClusterQuery(
      text: request.text, vectorWeight: request.vectorWeight, textWeight: request.textWeight,
      filter: ClusterFilter(
        services: request.services, level: request.level,
        since: request.since.map { calendar.window(of: $0).start }),
      limit: request.limit)
  }

  private func tenant(_ request: SearchRequest, _ store: Store) throws -> TenantName {
    let known = try store.tenantNames()
    if let tenant = request.tenant {
      guard known.contains(tenant) else { throw SearchError.unknownTenant(tenant, known: known) }
      return tenant
    }
    guard let only = known.first else { throw SearchError.emptyStore }
    guard known.count == 1 else { throw SearchError.tenantMissing(known: known) }
    return only
  }
}
