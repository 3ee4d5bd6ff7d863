package import DaybreakCore

/// A key as the database knows it: everything but the key.
package struct KeyRecord: Hashable, Sendable {
  /// How the stored digest is made.
  package enum Digest: String, Sendable {
    case sha256 = "sha-256"
    /// LogHunter's; replaced on the key's next use.
    case bcrypt
  }

  /// The row's id; nil where a listing does not give it.
  package var id: String?
  /// The tenant's name.
  package var tenant: String
  package var name: String
  /// What finds the row: `dbk_<id>`, or the first eight characters of a key that LogHunter made.
  package var prefix: String
  package var scopes: [String]
  package var createdAt: Timestamp?
  /// Nil: never.
  package var expiresAt: Timestamp?
  /// Nil: never used.
  package var lastUsedAt: Timestamp?
  /// Nil: not revoked.
  package var revokedAt: Timestamp?
  package var digest: Digest

  /// Makes a record.
  package init(
    id: String?, tenant: String, name: String, prefix: String, scopes: [String],
    createdAt: Timestamp?, expiresAt: Timestamp?, lastUsedAt: Timestamp?, revokedAt: Timestamp?,
    digest: Digest
  ) {
    self.id = id
    self.tenant = tenant
    self.name = name
    self.prefix = prefix
    self.scopes = scopes
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.lastUsedAt = lastUsedAt
    self.revokedAt = revokedAt
    self.digest = digest
  }

  /// What the key is at a moment.
  package func state(at now: Timestamp) -> String {
    if revokedAt != nil { return "revoked" }
    if let expiresAt, expiresAt <= now { return "expired" }
    return "in force"
  }
}

/// A key that was presented and accepted.
package struct AcceptedKey: Hashable, Sendable {
  package var id: String
  /// The tenant's id.
  package var tenant: String
  package var scopes: [String]
  package var expiresAt: Timestamp?
  /// Whether the row held bcrypt until now.
  package var wasRehashed: Bool
}
