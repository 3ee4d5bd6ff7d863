package import DaybreakCore
import Foundation
import Postgres

/// A tenant of a catalog: a user, an organization, a team.
package struct CatalogTenant: Hashable, Sendable {
  /// As text, whatever its type.
  package var id: String
  package var name: String
  package var isDeleted: Bool
  /// When it was entered; nil where a lookup does not tell.
  package var createdAt: Timestamp?

  /// Makes a tenant.
  package init(id: String, name: String, isDeleted: Bool = false, createdAt: Timestamp? = nil) {
    self.id = id
    self.name = name
    self.isDeleted = isDeleted
    self.createdAt = createdAt
  }
}

/// The tenants of a catalog.
package struct CatalogTenants {
  private let session: CatalogSession
  private let tenancy: CatalogDefinition.Tenancy
  private let queries: NamedQueries

  /// The tenants of the session's catalog.
  ///
  /// - Throws: `AccessError.notOffered` when it has none; `CatalogError`.
  package init(_ session: CatalogSession) throws {
    self.session = session
    tenancy = try session.requiredTenancy
    queries = try session.catalog.queries(of: "tenants.sql")
  }

  /// Every tenant, deleted ones too, sorted by name.
  ///
  /// - Throws: `AccessError.roleDenied`: it takes the right to act as the owner to see them all.
  package func list() throws -> [CatalogTenant] {
    try session.transaction(as: session.catalog.definition.roles.owner, readOnly: true) {
      try $0.query(named: "tenants", try query("list")).map { row in
        CatalogTenant(
          id: try row.string("id"), name: try row.string("name"),
          isDeleted: try row.bool("is_deleted"), createdAt: try row.timestamp("created_at"))
      }
    }
  }

  /// The tenant of a name or id that is not deleted.
  ///
  /// A name is looked up as the service; an id takes the right to act as the owner.
  ///
  /// - Throws: `AccessError.tenantUnknown`, `tenantAmbiguous`.
  package func find(_ word: String) throws -> CatalogTenant {
    if let id = try id(named: word) {
      return CatalogTenant(id: id, name: word)
    }
    return try find(word, isDeleted: false)
  }

  /// The tenant of a name or id, deleted or not.
  package func find(_ word: String, isDeleted: Bool) throws -> CatalogTenant {
    let all = try list().filter { $0.isDeleted == isDeleted }
    if let found = all.first(where: { $0.id == word.lowercased() }) { return found }
    let found = all.filter { $0.name == word }
    guard let first = found.first else {
      throw AccessError.tenantUnknown(catalog: session.catalog.name, name: word)
    }
    guard found.count == 1 else {
      throw AccessError.tenantAmbiguous(catalog: session.catalog.name, name: word)
    }
    return first
  }

  /// Enters a tenant.
  ///
  /// A user made so has no password: somebody with the system's own means gives one.
  ///
  /// - Returns: its id.
  /// - Throws: `AccessError.tenantExists`.
  package func create(_ name: String) throws -> String {
    if let other = try list().first(where: { $0.name == name }) {
      throw AccessError.tenantExists(
        catalog: session.catalog.name, name: name, isDeleted: other.isDeleted)
    }
    guard let system = tenancy.systemSetting else {
      let id = UUID().uuidString.lowercased()
      try session.withTenant(id) { connection in
        _ = try connection.execute(
          named: "enter a tenant", try query("create"), [.text(id), .text(name)])
      }
      return id
    }
    return try session.transaction(as: session.catalog.definition.roles.service) { connection in
      try connection.execute(
        named: "act as the system", "SELECT set_config($1, 'on', true)", [.text(system)])
      try connection.execute(named: "enter a tenant", try query("create"), [.text(name)])
      guard let id = try lookUp(name, connection) else {
        throw AccessError.tenantUnknown(catalog: session.catalog.name, name: name)
      }
      return id
    }
  }

  /// Gives a tenant another name.
  package func rename(_ word: String, to name: String) throws {
    let tenant = try find(word)
    if let other = try list().first(where: { $0.name == name }) {
      throw AccessError.tenantExists(
        catalog: session.catalog.name, name: name, isDeleted: other.isDeleted)
    }
    try change(tenant, by: "rename", actor: nil, [.text(name)])
  }

  /// Marks a tenant as deleted: nobody signs in as it, and its keys open nothing; rows stay.
  ///
  /// - Parameters:
  ///   - word: the tenant's name or id.
  ///   - actor: the name of a superuser of the catalog, where only such a one may do so.
  /// - Returns: the tenant as it was.
  /// - Throws: `AccessError.tenantUnknown`, `tenantFixed`; `PostgresError`.
  package func delete(_ word: String, actor: String?) throws -> CatalogTenant {
    let tenant = try find(word)
    try change(tenant, by: "delete", actor: actor, [])
    return tenant
  }

  /// Takes a deletion back.
  package func restore(_ word: String, actor: String?) throws -> CatalogTenant {
    let tenant = try find(word, isDeleted: true)
    try change(tenant, by: "restore", actor: actor, [])
    return tenant
  }

  private func change(
    _ tenant: CatalogTenant, by name: String, actor: String?, _ values: [Value]
  ) throws {
    let asks = tenancy.superusersDelete && name != "rename"
    guard !asks || actor != nil else {
      throw AccessError.tenantFixed(
        name: tenant.name, reason: "in \(session.catalog.name) only a superuser may do so",
        remedy: "name one of its superusers with --as")
    }
    let actorID = try asks ? actor.map { try find($0).id } : nil
    let count = try session.withTenant(actorID ?? tenant.id) { connection in
      try connection.execute(
        named: "\(name) a tenant", try query(name), [.text(tenant.id)] + values)
    }
    guard count == 1 else {
      throw AccessError.tenantFixed(
        name: tenant.name, reason: "nothing was changed: another changed it, or rights are missing",
        remedy: asks ? "name a superuser with --as" : "see: daybreak tenants list")
    }
  }

  /// The id that the catalog's own function gives for a name.
  private func id(named name: String) throws -> String? {
    try session.transaction(as: session.catalog.definition.roles.service, readOnly: true) {
      try lookUp(name, $0)
    }
  }

  private func lookUp(_ name: String, _ connection: Connection) throws -> String? {
    try connection.query(
      named: "tenant of a name", "SELECT \(tenancy.lookup)($1)::text AS id", [.text(name)]
    ).only().optionalString("id")
  }

  private func query(_ name: String) throws -> String {
    guard let query = queries[name] else {
      throw CatalogError.damaged(
        file: "catalogs/\(session.catalog.name)/tenants.sql", reason: "no query `\(name)`")
    }
    return query.sql
  }
}
