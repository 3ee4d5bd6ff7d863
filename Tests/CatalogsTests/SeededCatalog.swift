import Catalogs
import Foundation
import Postgres
import TestSupport

/// A catalog in a database of its own, with its example data.
struct SeededCatalog {
  let catalog: Catalog
  let target: ConnectionTarget

  /// Installs a catalog and seeds it.
  ///
  /// - Parameters:
  ///   - name: which.
  ///   - usesExtensions: whether it may use the extensions that this machine has.
  ///   - scale: how much data; nil for none.
  /// - Throws: an error when it cannot be made.
  init(_ name: String, usesExtensions: Bool = true, scale: Double? = 0.1) throws {
    catalog = try Catalog(named: name)
    target = try TestDatabase.make()
    if !usesExtensions {
      let database = quotedIdentifier(target.databaseName)
      try Connection(target).execute(
        named: "without extensions",
        "ALTER DATABASE \(database) SET daybreak.without_extensions = 'vector, timescaledb, pg_trgm, btree_gin'"
      )
    }
    let connection = try Connection(target)
    try catalog.migrator().up(on: connection)
    guard let scale else { return }
    let text = try String(
      contentsOf: Fixtures.root.appending(path: "catalogs/\(name)/seed.sql"), encoding: .utf8)
    try connection.transaction {
      try connection.execute(
        named: "scale", "SELECT set_config('daybreak.scale', $1, true)", [.text("\(scale)")])
      try connection.execute(named: "the service", "SET LOCAL ROLE daybreak_service")
      try connection.script(named: "seed.sql", text)
    }
  }

  /// A connection as the superuser.
  func connect() throws -> Connection { try Connection(target) }

  /// The owner's connection.
  func session(isReading: Bool = false) throws -> UpkeepSession {
    try UpkeepSession(catalog, in: target, isReading: isReading)
  }

  /// The one number that a query gives to the superuser.
  func number(_ sql: String) throws -> Int {
    try connect().query(named: "a number", "SELECT (\(sql))::bigint AS number").only().int("number")
  }
}
