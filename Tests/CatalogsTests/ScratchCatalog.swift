import Catalogs
import CCrypt
import Postgres
import TestSupport

/// A catalog in a database of its own, reached as the application's login.
struct ScratchCatalog {
  let catalog: Catalog
  /// A superuser.
  let administrator: ConnectionTarget
  /// A member of daybreak_service and daybreak_owner.
  let operatorLogin: ConnectionTarget

  init(_ name: String, isSeeded: Bool = false) throws {
    catalog = try Catalog(named: name)
    administrator = try TestCatalog.make(name, catalog.migrator(), isSeeded: isSeeded)
    operatorLogin = try TestCatalog.login(
      administrator, as: ["daybreak_service", "daybreak_owner"])
  }

  func session() throws -> CatalogSession { try CatalogSession(catalog, on: operatorLogin) }

  /// One value, read by the superuser.
  func value(_ sql: String, _ values: [Value] = []) throws -> String? {
    try Connection(administrator).query(named: "look", "SELECT (\(sql))::text AS value", values)
      .only().optionalString("value")
  }
}

/// bcrypt at its lowest cost, as LogHunter would have stored it.
func bcrypt(_ passphrase: String, salt: String = "CCCCCCCCCCCCCCCCCCCCC.") -> String {
  var output = [CChar](repeating: 0, count: 128)
  _ = dbk_crypt(passphrase, "$2b$04$" + salt, &output, output.count)
  return String(decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
