import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// Keys as texts.
@Suite struct KeyTextTests {
  @Test func `a key is an id of 128 bits and a secret of 256, and reads back`() throws {
    var generator = SystemRandomNumberGenerator()
    let key = APIKey(using: &generator)
    #expect(key.text.wholeMatch(of: /dbk_[0-9a-f]{32}_[0-9a-f]{64}/) != nil)
    let read = try #require(APIKey(key.text))
    #expect(read.digest == key.digest)
    #expect(read.prefix == key.prefix)
    #expect(UUID(uuidString: key.rowID) != nil)
    #expect(APIKey(using: &generator).text != key.text)
  }

  @Test(arguments: [
    "", "dbk_", "dbk__", "dbk_a_", "dbk_a", "lhk_prod_0011", "dbk_a-b_c", "dbk_ä_c", "DBK_a_b",
  ])
  func `what is no key of ours is none`(text: String) { #expect(APIKey(text) == nil) }

  @Test func `bcrypt is what others compute`() throws {
    // From the test vectors of crypt_blowfish.
    let hash = try #require(
      BcryptHash("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"))
    #expect(hash.matches("U*U"))
    #expect(!hash.matches("U*V"))
  }

  @Test func `a passphrase that bcrypt would cut matches nothing`() throws {
    let long = String(repeating: "a", count: 72)
    let hash = try #require(BcryptHash(bcrypt(long)))
    #expect(hash.matches(long))
    #expect(!hash.matches(long + "b"))
    #expect(!hash.matches("a\0"))
  }

  @Test(arguments: ["$2b$31$", "$2b$03$", "$1$05$", "$2b$05"])
  func `a hash that would take for ever, or is none, is not computed`(start: String) {
    #expect(BcryptHash(start + String(repeating: "C", count: 53)) == nil)
  }
}

/// Keys in the catalogs that have them.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct KeyTests {
  static let catalogs = ["loglytics", "netra", "loghunter"]

  /// A catalog with two tenants.
  func prepared(_ name: String) throws -> (ScratchCatalog, APIKeyring, CatalogTenant, CatalogTenant)
  {
    let scratch = try ScratchCatalog(name)
    let session = try scratch.session()
    let tenants = try CatalogTenants(session)
    let names = ["ann@acme.test", "bob@globex.test"]
    for name in names { _ = try tenants.create(name) }
    let found = try names.map { try tenants.find($0) }
    return (scratch, try APIKeyring(session), found[0], found[1])
  }

  func create(
    _ keyring: APIKeyring, _ tenant: CatalogTenant, _ name: String, scopes: [String] = [],
    expiresAt: Timestamp? = nil
  ) throws -> APIKey {
    var generator = SystemRandomNumberGenerator()
    let key = APIKey(using: &generator)
    var handed: [String] = []
    try keyring.create(key, for: tenant, name: name, scopes: scopes, expiresAt: expiresAt) {
      handed.append($0)
    }
    #expect(handed == [key.text])
    return key
  }

  @Test(arguments: catalogs)
  func `a key is accepted until it is revoked, and only a digest is stored`(name: String) throws {
    let (scratch, keyring, ann, bob) = try prepared(name)
    let key = try create(keyring, ann, "ci", scopes: ["read:logs", "write:logs"])
    let accepted = try #require(try keyring.accept(key.text))
    #expect(accepted.tenant == ann.id)
    #expect(accepted.scopes == ["read:logs", "write:logs"])
    #expect(!accepted.wasRehashed)
    let rows = try #require(
      try scratch.value("SELECT string_agg(k::text, ' ') FROM \(name).api_keys AS k"))
    let secret = try #require(key.text.split(separator: "_").last)
    #expect(!rows.contains(secret))
    #expect(rows.contains(key.digest))
    let record = try #require(try keyring.list(ann).first)
    #expect(record.prefix == key.prefix)
    #expect(record.lastUsedAt != nil)
    #expect(try keyring.list(bob).isEmpty)
    #expect(try keyring.tenantID(ofPrefix: key.prefix) == ann.id)
    #expect(throws: AccessError.keyUnknown(catalog: name)) {
      _ = try keyring.revoke(key.prefix, of: bob)
    }
    #expect(try keyring.revoke(key.prefix, of: ann).name == "ci")
    #expect(try keyring.accept(key.text) == nil)
    #expect(try keyring.list(ann).first?.revokedAt != nil)
    #expect(throws: AccessError.keyUnknown(catalog: name)) {
      _ = try keyring.revoke(key.prefix, of: ann)
    }
  }

  @Test(arguments: catalogs)
  func `another secret, another id and a cut key are refused`(name: String) throws {
    let (_, keyring, ann, _) = try prepared(name)
    let key = try create(keyring, ann, "one")
    let other = try create(keyring, ann, "two")
    let secret = try #require(other.text.split(separator: "_").last)
    for text in [
      "\(key.prefix)_\(secret)", String(key.text.dropLast()), key.text + "0", key.prefix, "",
      "dbk_00000000000000000000000000000000_\(secret)", "x'; DROP TABLE api_keys; --", "a\0b",
    ] {
      #expect(try keyring.accept(text) == nil, "\(text)")
    }
    #expect(try keyring.accept(key.text) != nil)
  }

  @Test(arguments: catalogs)
  func `a key that expired, or whose tenant was deleted, opens nothing`(name: String) throws {
    let (scratch, keyring, ann, _) = try prepared(name)
    let past = Timestamp(seconds: 1_000_000_000)
    let old = try create(keyring, ann, "old", expiresAt: past)
    #expect(try keyring.accept(old.text) == nil)
    let key = try create(keyring, ann, "new")
    #expect(try keyring.accept(key.text) != nil)
    let tenants = try CatalogTenants(scratch.session())
    var actor: String?
    if name == "netra" {
      _ = try tenants.create("root@netra.test")
      let connection = try Connection(scratch.administrator)
      try connection.transaction {
        try connection.script(
          named: "make a superuser",
          """
          SET LOCAL netra.acts_as_system = 'on';
          UPDATE netra.users SET is_superuser = true WHERE email = 'root@netra.test';
          """)
      }
      actor = "root@netra.test"
      #expect(throws: AccessError.self) { _ = try tenants.delete(ann.name, actor: nil) }
    }
    _ = try tenants.delete(ann.name, actor: actor)
    #expect(try keyring.accept(key.text) == nil)
    #expect(try tenants.list().first { $0.name == ann.name }?.isDeleted == true)
    #expect(throws: AccessError.tenantUnknown(catalog: name, name: ann.name)) {
      _ = try tenants.find(ann.name)
    }
    _ = try tenants.restore(ann.name, actor: actor)
    #expect(try keyring.accept(key.text) != nil)
  }

  @Test(arguments: catalogs)
  func `a name is taken once, and nothing is made when nobody takes the key`(name: String) throws {
    let (scratch, keyring, ann, _) = try prepared(name)
    _ = try create(keyring, ann, "ci")
    #expect(throws: AccessError.keyNameTaken(tenant: ann.name, name: "ci")) {
      _ = try create(keyring, ann, "ci")
    }
    struct Lost: Error {}
    var generator = SystemRandomNumberGenerator()
    let key = APIKey(using: &generator)
    #expect(throws: Lost.self) {
      try keyring.create(key, for: ann, name: "lost", scopes: [], expiresAt: nil) { _ in
        throw Lost()
      }
    }
    #expect(try scratch.value("SELECT count(*) FROM \(name).api_keys") == "1")
  }

  @Test func `LogHunter's keys are told apart behind one prefix and re-hashed on first use`() throws
  {
    let (scratch, keyring, ann, bob) = try prepared("loghunter")
    let keys = ["lhk_prod-a_00112233445566778899aabbccddeeff", "lhk_prod-b_00112233445566778899"]
    for (tenant, key) in zip([ann, bob], keys) {
      try Connection(scratch.administrator).execute(
        named: "a key of LogHunter's own",
        """
        INSERT INTO loghunter.api_keys (tenant_id, name, key_prefix, key_hash, scopes)
        VALUES ($1::uuid, 'prod', 'lhk_prod', $2, '{read:analysis}')
        """, [.text(tenant.id), .text(bcrypt(key))])
    }
    #expect(try keyring.list(bob).first?.digest == .bcrypt)
    let first = try #require(try keyring.accept(keys[1]))
    #expect(first.tenant == bob.id)
    #expect(first.wasRehashed)
    #expect(first.scopes == ["read:analysis"])
    #expect(try keyring.list(bob).first?.digest == .sha256)
    #expect(try keyring.list(ann).first?.digest == .bcrypt)
    let second = try #require(try keyring.accept(keys[1]))
    #expect(!second.wasRehashed)
    #expect(try keyring.accept("lhk_prod-c_00112233445566778899") == nil)
    #expect(try keyring.accept(keys[0])?.tenant == ann.id)
  }

  @Test func `a key of Netra's own is found by its digest`() throws {
    let (scratch, keyring, ann, _) = try prepared("netra")
    let key = "netra_0123456789abcdef0123456789abcdef"
    try Connection(scratch.administrator).execute(
      named: "a key of Netra's own",
      "INSERT INTO netra.api_keys (user_id, name, key_hash) VALUES ($1::integer, 'old', $2)",
      [.text(ann.id), .text(hex(sha256(Array(key.utf8))))])
    #expect(try keyring.accept(key)?.tenant == ann.id)
    #expect(try keyring.accept(key + "0") == nil)
  }

  @Test func `a catalog without keys says so`() throws {
    let scratch = try ScratchCatalog("xray")
    #expect(throws: AccessError.notOffered(catalog: "xray", what: "API keys")) {
      _ = try APIKeyring(scratch.session())
    }
  }
}
