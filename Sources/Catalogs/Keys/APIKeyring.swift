package import DaybreakCore
import Postgres

/// The API keys of a catalog: made, listed, revoked, and compared with a key that somebody presents.
package struct APIKeyring {
  private let session: CatalogSession
  private let table: CatalogDefinition.APIKeyTable
  private let queries: NamedQueries

  /// The keys of the session's catalog.
  ///
  /// - Throws: `AccessError.notOffered` when the catalog has none; `CatalogError`.
  package init(_ session: CatalogSession) throws {
    guard let table = session.catalog.definition.apiKeys else {
      throw AccessError.notOffered(catalog: session.catalog.name, what: "API keys")
    }
    self.session = session
    self.table = table
    queries = try session.catalog.queries(of: "keys.sql")
  }

  /// Stores a new key's digest.
  ///
  /// - Parameters:
  ///   - key: the key; its text is not kept.
  ///   - tenant: whose it is.
  ///   - name: what tells it from the tenant's others.
  ///   - scopes: what it allows, in the order given.
  ///   - expiresAt: nil for never.
  ///   - hand: gives the key's text to whoever asked; when it throws, there is no such key.
  /// - Throws: `AccessError.keyNameTaken`, `PostgresError`; what `hand` throws.
  package func create(
    _ key: APIKey, for tenant: CatalogTenant, name: String, scopes: [String],
    expiresAt: Timestamp?, hand: (String) throws -> Void
  ) throws {
    try session.withTenant(tenant.id) { connection in
      let others = try records(of: tenant, connection)
      if others.contains(where: { $0.name == name && $0.revokedAt == nil }) {
        throw AccessError.keyNameTaken(tenant: tenant.name, name: name)
      }
      try connection.execute(
        named: "create an API key", try query("create"),
        [
          .text(key.rowID), .text(tenant.id), .text(name), .text(key.prefix), .text(key.digest),
          .textArray(scopes), .optional(expiresAt, Value.timestamp),
        ])
      try hand(key.text)
    }
  }

  /// The keys of a tenant, revoked and expired ones too, sorted by name and age.
  package func list(_ tenant: CatalogTenant) throws -> [KeyRecord] {
    try session.withTenant(tenant.id, readOnly: true) { try records(of: tenant, $0) }
  }

  /// Revokes a key of a tenant: the row stays, and no longer opens anything.
  ///
  /// - Parameters:
  ///   - word: the row's id, `dbk_<id>`, or the key's name.
  ///   - tenant: whose key it is.
  /// - Returns: what was revoked.
  /// - Throws: `AccessError.keyUnknown`, `keyAmbiguous`; `PostgresError`.
  package func revoke(_ word: String, of tenant: CatalogTenant) throws -> KeyRecord {
    try session.withTenant(tenant.id) { connection in
      let found = try records(of: tenant, connection).filter { record in
        record.revokedAt == nil
          && (record.id == word.lowercased() || record.prefix == word || record.name == word)
      }
      guard let record = found.first, let id = record.id else {
        throw AccessError.keyUnknown(catalog: session.catalog.name)
      }
      guard found.count == 1 else { throw AccessError.keyAmbiguous(count: found.count) }
      let count = try connection.execute(
        named: "revoke an API key", try query("revoke"), [.text(id)])
      guard count == 1 else { throw AccessError.keyUnknown(catalog: session.catalog.name) }
      return record
    }
  }

  /// The id of the tenant whose key in force has a prefix of ours; nil when there is none.
  package func tenantID(ofPrefix prefix: String) throws -> String? {
    try session.transaction(as: session.catalog.definition.roles.service, readOnly: true) {
      try candidates(prefix, $0).first?.tenant
    }
  }

  /// Compares a presented key with those stored, marks the one that agrees as used, and gives its row a
  /// SHA-256 where it held bcrypt.
  ///
  /// - Parameter presented: the whole key.
  /// - Returns: the key; nil when none agrees, which is all that anybody is told.
  /// - Throws: `PostgresError`, `AccessError`.
  package func accept(_ presented: String) throws -> AcceptedKey? {
    guard !presented.utf8.contains(0), !presented.isEmpty else { return nil }
    let attempt = Attempt(presented, oldPrefixLength: table.oldPrefixLength)
    let service = session.catalog.definition.roles.service
    let rows = try session.transaction(as: service, readOnly: true) { connection in
      if let prefix = attempt.prefix { return try candidates(prefix, connection) }
      guard queries["by_digest"] != nil else { return [] }
      return try candidates(of: "by_digest", query("by_digest"), attempt.digest, connection)
    }
    // Outside of a transaction: bcrypt takes its time, and rows that share a prefix are compared in turn.
    guard let row = rows.first(where: attempt.agrees) else { return nil }
    return try session.withTenant(row.tenant) { connection in
      let isOld = row.digest != attempt.digest
      let count = try connection.execute(
        named: "mark an API key as used", try query(isOld ? "rehash" : "use"),
        [.text(row.id), .text(row.digest)] + (isOld ? [.text(attempt.digest)] : []))
      // Revoked, or re-hashed by another, since it was looked up.
      guard count == 1 else { return nil }
      return AcceptedKey(
        id: row.id, tenant: row.tenant, scopes: row.scopes, expiresAt: row.expiresAt,
        wasRehashed: isOld)
    }
  }

  private func query(_ name: String) throws -> String {
    guard let query = queries[name] else {
      throw CatalogError.damaged(
        file: "catalogs/\(session.catalog.name)/keys.sql", reason: "no query `\(name)`")
    }
    return query.sql
  }

  private func records(of tenant: CatalogTenant, _ connection: Connection) throws -> [KeyRecord] {
    try connection.query(named: "API keys of a tenant", try query("list")).map { row in
      KeyRecord(
        id: try row.string("id"), tenant: tenant.name, name: try row.string("name"),
        prefix: try row.string("prefix"), scopes: try row.textArray("scopes"),
        createdAt: try row.timestamp("created_at"),
        expiresAt: try row.optionalTimestamp("expires_at"),
        lastUsedAt: try row.optionalTimestamp("last_used_at"),
        revokedAt: try row.optionalTimestamp("revoked_at"),
        digest: try row.bool("is_bcrypt") ? .bcrypt : .sha256)
    }
  }

  private func candidates(_ prefix: String, _ connection: Connection) throws -> [Candidate] {
    try candidates(
      of: table.candidates,
      """
      SELECT c.id::text, c.tenant::text, c.key_hash, c.scopes, c.expires_at
      FROM \(table.candidates)($1) AS c (id, tenant, key_hash, scopes, expires_at)
      """, prefix, connection)
  }

  private func candidates(
    of name: String, _ sql: String, _ value: String, _ connection: Connection
  ) throws -> [Candidate] {
    try connection.query(named: "keys that a presented one may be", sql, [.text(value)]).map {
      Candidate(
        id: try $0.string("id"), tenant: try $0.string("tenant"), digest: try $0.string("key_hash"),
        scopes: try $0.textArray("scopes"), expiresAt: try $0.optionalTimestamp("expires_at"))
    }
  }
}

/// A row that a presented key may belong to.
private struct Candidate {
  let id: String
  let tenant: String
  let digest: String
  let scopes: [String]
  let expiresAt: Timestamp?
}

/// A presented key: what finds its row, and what the row must hold.
private struct Attempt {
  /// What the row is looked up by; nil when the digest is.
  let prefix: String?
  /// SHA-256 of the secret, or of a whole key that Daybreak did not make.
  let digest: String
  /// The whole key where bcrypt may have been used; nil for keys of Daybreak's making.
  private let old: String?

  init(_ presented: String, oldPrefixLength: Int?) {
    if let key = APIKey(presented) {
      prefix = key.prefix
      digest = key.digest
      old = nil
    } else {
      prefix = oldPrefixLength.map { String(presented.prefix($0)) }
      digest = hex(sha256(Array(presented.utf8)))
      old = presented
    }
  }

  func agrees(_ candidate: Candidate) -> Bool {
    if let hash = BcryptHash(candidate.digest) { return old.map(hash.matches) ?? false }
    return isEqualInConstantTime(candidate.digest, digest)
  }
}
