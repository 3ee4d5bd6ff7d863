import Catalogs
import DaybreakCore
import Foundation

extension CommandGroup {
  /// `daybreak keys …`: keys of the catalogs' APIs, and the key that settings are encrypted with.
  static var keys: CommandGroup {
    CommandGroup(
      name: "keys",
      summary: "Make, list, revoke and check API keys; encrypt connection settings.",
      commands: [
        CreateKeyCommand.self, ListKeysCommand.self, RevokeKeyCommand.self, VerifyKeyCommand.self,
        EncryptCommand.self, DecryptCommand.self, RotateEncryptionCommand.self,
      ])
  }
}

/// What commands on keys have in common.
enum KeyOptions {
  static let tenant = CommandSyntax.Option(
    "tenant", "NAME", "Whose: a tenant's name (an e-mail address where tenants are users) or id.")
  static let out = CommandSyntax.Option(
    "out", "FILE", "Write it to a new file of mode 0600 in place of standard output.")

  /// The tenant that a command line names.
  ///
  /// - Throws: `UsageError`, `AccessError.tenantUnknown`.
  static func tenant(_ arguments: ParsedArguments, _ session: CatalogSession) throws
    -> CatalogTenant
  {
    guard let word = arguments.value("tenant") else {
      throw UsageError(
        summary: "--tenant is missing",
        remedy: "see: daybreak tenants list --catalog \(session.catalog.name)")
    }
    return try CatalogTenants(session).find(word)
  }

  /// A name that people will read in lists.
  ///
  /// - Throws: `UsageError` for an empty one, one of more than 255 characters, or one with controls.
  static func name(_ text: String, of what: String) throws(UsageError) -> String {
    guard !text.isEmpty, text.count <= 255, oneLine(text) == text else {
      throw UsageError(
        summary: "\(what) cannot be `\(oneLine(text))`",
        remedy: "1 to 255 characters on one line")
    }
    return text
  }
}

/// A key as `--json` prints it.
struct PrintedKey: Encodable {
  var id: String?
  var prefix: String
  var tenant: String
  var name: String
  var scopes: [String]
  var state: String
  var createdAt: String?
  var expiresAt: String?
  var lastUsedAt: String?
  var revokedAt: String?
  var digest: String
  /// The key itself, once.
  var key: String?

  enum CodingKeys: String, CodingKey {
    case id, prefix, tenant, name, scopes, state, digest, key
    case createdAt = "created_at"
    case expiresAt = "expires_at"
    case lastUsedAt = "last_used_at"
    case revokedAt = "revoked_at"
  }

  init(_ record: KeyRecord, now: Timestamp, key: String? = nil) {
    id = record.id
    prefix = record.prefix
    tenant = record.tenant
    name = record.name
    scopes = record.scopes
    state = record.state(at: now)
    createdAt = record.createdAt?.rfc3339
    expiresAt = record.expiresAt?.rfc3339
    lastUsedAt = record.lastUsedAt?.rfc3339
    revokedAt = record.revokedAt?.rfc3339
    digest = record.digest.rawValue
    self.key = key
  }
}
