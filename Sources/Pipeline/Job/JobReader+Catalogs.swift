internal import Catalogs
internal import Configuration
internal import DaybreakCore

extension JobReader {
  /// Reads `catalogs`.
  ///
  /// - Parameters:
  ///   - keys: the job.
  ///   - tenant: the job's.
  ///   - tenants: those who get a report.
  /// - Returns: the entries, in the job's order.
  /// - Throws: `ConfigurationError` for an entry that names no catalog, or not whose rows.
  func catalogs(
    _ keys: ConfigurationMapping, tenant: TenantName?, of tenants: Set<TenantName>
  ) throws(ConfigurationError) -> [JobCatalog] {
    var all: [JobCatalog] = []
    for entry in try keys.mappings("catalogs") ?? [] {
      let found = try catalog(entry, tenant: tenant, of: tenants)
      guard !all.contains(where: { $0.tenant == found.tenant && $0.catalog == found.catalog })
      else {
        throw fault(entry, "names \(found.catalog) a second time for \(found.tenant)")
      }
      all.append(found)
    }
    return all
  }

  private func catalog(
    _ keys: ConfigurationMapping, tenant: TenantName?, of tenants: Set<TenantName>
  ) throws(ConfigurationError) -> JobCatalog {
    let name = try keys.requiredString("catalog")
    guard Catalog.names.contains(name), let catalog = try? Catalog(named: name) else {
      throw fault(
        keys, "names no catalog: `\(name)`",
        remedy: nearestSpelling(of: name, among: Catalog.names).map { "did you mean `\($0)`?" }
          ?? "catalogs: \(Catalog.names.joined(separator: ", "))")
    }
    guard let owner = try self.tenant(keys) ?? tenant, tenants.contains(owner) else {
      throw fault(
        keys, "is of no tenant that has sources",
        remedy: "name one of them: \(tenants.sorted().map(\.description).joined(separator: ", "))")
    }
    let found = JobCatalog(
      tenant: owner, catalog: name, url: try keys.requiredString("url"),
      rowsOf: try keys.string("rows_of"), clickHouseURL: try keys.string("clickhouse"))
    try keys.finish()
    guard CatalogReport.isOfTenant(catalog) == (found.rowsOf != nil) else {
      throw found.rowsOf == nil
        ? fault(
          keys, "lacks `rows_of`: \(name)'s rows belong to tenants",
          remedy: "daybreak tenants list --catalog \(name)")
        : fault(keys, "has `rows_of`, and a report on \(name) is of all", remedy: "leave it away")
    }
    guard found.clickHouseURL == nil || catalog.definition.clickHouse != nil else {
      throw fault(
        keys, "has `clickhouse`, and \(name) has no such part", remedy: "leave it away")
    }
    return found
  }

  private func fault(
    _ keys: ConfigurationMapping, _ problem: String, remedy: String? = nil
  ) -> ConfigurationError {
    ConfigurationError(
      file: file, position: keys.position, problem: "`\(keys.path)` \(problem)", remedy: remedy)
  }
}
