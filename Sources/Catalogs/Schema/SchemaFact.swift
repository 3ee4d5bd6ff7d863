/// One thing that a database holds, in words that can be compared: `policy`, `loghunter.jobs:
/// tenant_isolation`, `FOR ALL TO …`.
package struct SchemaFact: Hashable, Sendable, Comparable {
  /// What sort of thing; the names are those of `catalogs/queries/inventory.sql`.
  package enum Kind: String, Sendable, CaseIterable {
    case table, owner, column, constraint, index, trigger, policy, function, body, definition, type
    case grant, parts, role, membership
    case rowSecurity = "row security"

    /// Whether a difference lets somebody see or do more than the migrations allow.
    package var isAboutSecurity: Bool {
      switch self {
      case .owner, .policy, .rowSecurity, .grant, .parts, .role, .membership, .function, .body: true
      default: false
      }
    }

    /// Whether major versions of PostgreSQL word the same thing differently.
    var dependsOnServer: Bool { self == .definition }

    /// Whether a digest stands for the value.
    var isDigest: Bool { self == .body || self == .definition }
  }

  /// What a fact is about.
  package struct Key: Hashable, Sendable, Comparable {
    package let kind: Kind
    package let object: String

    package static func < (one: Key, other: Key) -> Bool {
      (one.kind.rawValue, one.object) < (other.kind.rawValue, other.object)
    }
  }

  package let key: Key
  package let value: String

  package init(kind: Kind, object: String, value: String) {
    key = Key(kind: kind, object: object)
    self.value = value
  }

  package static func < (one: SchemaFact, other: SchemaFact) -> Bool {
    (one.key, one.value) < (other.key, other.value)
  }
}
