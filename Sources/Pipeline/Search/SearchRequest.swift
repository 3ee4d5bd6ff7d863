package import DaybreakCore

/// What `daybreak search` is asked.
package struct SearchRequest: Sendable {
  package var text: String
  /// Whose clusters; nil where the store has one tenant alone.
  package var tenant: TenantName?
  package var services: [String]
  /// The least severe level.
  package var level: Level?
  /// Clusters that came on that day or later.
  package var since: CivilDate?
  package var limit: Int
  package var vectorWeight: Double
  package var textWeight: Double

  package init(
    text: String, tenant: TenantName? = nil, services: [String] = [], level: Level? = nil,
    since: CivilDate? = nil, limit: Int = 10, vectorWeight: Double = 0.7, textWeight: Double = 0.3
  ) {
    self.text = text
    self.tenant = tenant
    self.services = services
    self.level = level
    self.since = since
    self.limit = limit
    self.vectorWeight = vectorWeight
    self.textWeight = textWeight
  }
}

/// What a search found.
package struct SearchResults<Result: Sendable>: Sendable {
  /// The best first.
  package var results: [Result]
  /// The model by which meaning was compared; nil where words alone were.
  package var model: String?
  /// Why words alone were compared although meaning was wanted; nil for no such reason.
  package var problem: String?
  /// What mends that.
  package var remedy: String?
}

/// Why a search cannot begin.
package enum SearchError: DiagnosedError {
  /// The store has several tenants, and none was named.
  case tenantMissing(known: [TenantName])
  /// The store has no such tenant.
  case unknownTenant(TenantName, known: [TenantName])
  /// The store has no tenant at all.
  case emptyStore
  /// The catalog's vectors are of another model than the encoder's.
  case otherModel(catalog: String, known: [String], asked: String)

  package var summary: String {
    switch self {
    case .tenantMissing(let known):
      "the store has \(known.count) tenants, and the search names none"
    case .unknownTenant(let tenant, _): "the store has no tenant \(tenant)"
    case .emptyStore: "the store is empty: no night has run yet"
    case .otherModel(let catalog, let known, let asked):
      "\(catalog) has vectors of \(known.joined(separator: ", ")) and none of \(asked)"
    }
  }

  package var remedy: String? {
    switch self {
    case .tenantMissing(let known), .unknownTenant(_, let known):
      known.isEmpty
        ? nil : "add --tenant NAME: \(known.map(\.description).joined(separator: ", "))"
    case .emptyStore: "daybreak run JOB"
    case .otherModel: "name the encoder that made them with --provider, --url and --model"
    }
  }
}
