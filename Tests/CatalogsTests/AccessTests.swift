import Catalogs
import DaybreakCore
import Foundation
import Postgres
import TestSupport
import Testing

/// Who may come in, and what is said to who may not.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct AccessTests {
  @Test func `a database without the schema names the command that makes it`() throws {
    let target = try TestDatabase.make()
    let error = #expect(throws: AccessError.self) {
      _ = try CatalogSession(Catalog(named: "netra"), on: target)
    }
    #expect(error?.remedy?.contains("daybreak db init --catalog netra") == true)
  }

  @Test func `a login without rights is told the GRANT to run`() throws {
    let scratch = try ScratchCatalog("loghunter")
    let weak = try TestCatalog.login(scratch.administrator, as: [])
    let session = try CatalogSession(scratch.catalog, on: weak)
    let error = #expect(throws: AccessError.self) {
      _ = try APIKeyring(session).accept("lhk_prod_00112233")
    }
    #expect(error?.remedy == #"as an administrator: GRANT daybreak_service TO "login_weak""#)
  }

  @Test func `a member of the service alone sees its tenant, and not who else there is`() throws {
    let scratch = try ScratchCatalog("loghunter", isSeeded: true)
    let service = try TestCatalog.login(scratch.administrator, as: ["daybreak_service"])
    let session = try CatalogSession(scratch.catalog, on: service)
    let tenants = try CatalogTenants(session)
    #expect(try !APIKeyring(session).list(tenants.find("acme")).isEmpty)
    #expect(
      throws: AccessError.roleDenied(
        role: "daybreak_owner", login: "login_daybreak_service", isMissing: false)
    ) { _ = try tenants.list() }
  }

  @Test func `row-level security binds a superuser's login as well`() throws {
    let scratch = try ScratchCatalog("loghunter", isSeeded: true)
    let session = try CatalogSession(scratch.catalog, on: scratch.administrator)
    let acme = try CatalogTenants(session).find("acme")
    let seen = try session.withTenant(acme.id) {
      try $0.query(
        named: "tenants seen", "SELECT current_user::text AS who, count(*) FROM loghunter.tenants"
      ).only()
    }
    #expect(try seen.string("who") == "daybreak_service")
    #expect(try seen.int("count") == 1)
  }

  @Test(arguments: ["loglytics", "netra", "loghunter", "anzx"])
  func `tenants are entered, renamed and kept apart by name`(name: String) throws {
    let scratch = try ScratchCatalog(name)
    let tenants = try CatalogTenants(scratch.session())
    let hostile = "<b>&\u{202E}'; --@x"
    let id = try tenants.create(hostile)
    #expect(try tenants.find(hostile).id == id)
    #expect(try tenants.find(id).name == hostile)
    #expect(throws: AccessError.tenantExists(catalog: name, name: hostile, isDeleted: false)) {
      _ = try tenants.create(hostile)
    }
    try tenants.rename(id, to: "other@x.test")
    #expect(try tenants.find("other@x.test").id == id)
    #expect(try tenants.list().count == 1)
  }

  @Test func `a lock that is held is waited for, then said`() throws {
    let scratch = try ScratchCatalog("loghunter")
    let id = try CatalogTenants(scratch.session()).create("acme")
    let holder = try Connection(scratch.administrator)
    try holder.transaction {
      try holder.execute(named: "hold", "LOCK TABLE loghunter.tenants IN SHARE MODE")
      var options = ConnectionOptions()
      options.lockTimeout = .milliseconds(50)
      let session = try CatalogSession(
        scratch.catalog, on: scratch.operatorLogin, options: options)
      let error = #expect(throws: PostgresError.self) {
        try CatalogTenants(session).rename(id, to: "globex")
      }
      #expect(error?.sqlState == "55P03")
      #expect(error?.remedy?.contains("lock") == true)
    }
    #expect(try scratch.value("SELECT name FROM loghunter.tenants") == "acme")
  }

  @Test func `a connection that ends leaves no key behind`() throws {
    let scratch = try ScratchCatalog("loghunter")
    let session = try scratch.session()
    let id = try CatalogTenants(session).create("acme")
    let pid = session.connection.serverProcessID
    var generator = SystemRandomNumberGenerator()
    let key = APIKey(using: &generator)
    let error = #expect(throws: PostgresError.self) {
      try APIKeyring(session).create(
        key, for: CatalogTenant(id: id, name: "acme"), name: "ci", scopes: [], expiresAt: nil
      ) { _ in
        _ = try Connection(scratch.administrator).query(
          named: "end it", "SELECT pg_terminate_backend($1::integer)", [.int64(Int64(pid))])
      }
    }
    #expect(error?.isConnectionFailure == true)
    #expect(error?.remedy != nil)
    #expect(try scratch.value("SELECT count(*) FROM loghunter.api_keys") == "0")
  }

  @Test func `a database that LogHunter made is listed and not changed`() throws {
    let target = try TestDatabase.make()
    let connection = try Connection(target)
    try connection.script(named: "LogHunter's own tables", originalTables)
    let catalog = try Catalog(named: "loghunter")
    #expect(
      throws: AccessError.schemaMissing(
        catalog: "loghunter", target: target.description, isOriginal: true)
    ) { _ = try CatalogSession(catalog, on: target) }
    let original = try #require(try OriginalKeys(catalog, connection))
    let keys = try original.keys()
    #expect(keys.map(\.name) == ["prod-a", "prod-b"])
    #expect(keys.allSatisfy { $0.prefix == "lhk_prod" && $0.digest == .bcrypt })
    #expect(try OriginalKeys(Catalog(named: "netra"), connection) == nil)
  }
}

/// As LogHunter's migrations make them, as far as keys go.
private let originalTables = """
  CREATE TABLE tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(255) NOT NULL,
    loki_org_id varchar(255) NOT NULL DEFAULT 'default', created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE api_keys (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants, name varchar(255) NOT NULL, key_hash varchar(255) NOT NULL,
    key_prefix varchar(8) NOT NULL, scopes text[] NOT NULL DEFAULT '{}', last_used_at timestamptz,
    deleted_at timestamptz, created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(), UNIQUE (tenant_id, name));
  CREATE TABLE jobs (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
  INSERT INTO tenants (name) VALUES ('acme');
  INSERT INTO api_keys (tenant_id, name, key_hash, key_prefix)
  SELECT id, 'prod-' || letter, '$2a$10$x', 'lhk_prod' FROM tenants, unnest(ARRAY['a', 'b']) AS letter;
  """
