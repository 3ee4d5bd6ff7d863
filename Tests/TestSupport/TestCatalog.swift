import Foundation
package import Postgres
import Synchronization

/// Databases with a catalog's schema on the scratch server, and logins as real installations have them.
package enum TestCatalog {
  /// Roles belong to the whole server: one catalog at a time makes or grants them.
  private static let turn = Mutex<Set<String>>([])

  /// Makes a database with a catalog's migrations.
  ///
  /// - Parameters:
  ///   - name: the catalog's name, for its example data.
  ///   - migrator: the catalog's.
  ///   - isSeeded: whether to put the example data in.
  /// - Returns: how an administrator connects.
  /// - Throws: `PostgresError`; an error of the file system.
  package static func make(
    _ name: String, _ migrator: Migrator, isSeeded: Bool = false
  ) throws -> ConnectionTarget {
    let target = try TestDatabase.make()
    _ = try turn.withLock { _ in try migrator.up(on: Connection(target)) }
    if isSeeded { try seed(name, target) }
    return target
  }

  /// Puts a catalog's example data into a database, as row-level security binds it.
  package static func seed(_ name: String, _ target: ConnectionTarget) throws {
    let file = Fixtures.root.appending(path: "catalogs/\(name)/seed.sql")
    let text = try String(contentsOf: file, encoding: .utf8)
    var options = ConnectionOptions()
    options.role = "daybreak_service"
    let connection = try Connection(target, options: options)
    try connection.transaction { try connection.script(named: "seed.sql", text) }
  }

  /// A login of its own that may act as some roles, and as nobody else.
  package static func login(
    _ target: ConnectionTarget, as roles: [String]
  ) throws -> ConnectionTarget {
    let name = "login_" + (roles.isEmpty ? "weak" : roles.joined(separator: "_"))
    try turn.withLock { made in
      guard made.insert(name).inserted else { return }
      let connection = try Connection(target)
      let isThere = try !connection.query(
        named: "the login", "SELECT FROM pg_roles WHERE rolname = $1", [.text(name)]
      ).isEmpty
      if !isThere {
        try connection.execute(named: "make a login", "CREATE ROLE \(name) LOGIN NOSUPERUSER")
      }
      for role in roles { try connection.execute(named: "grant", "GRANT \(role) TO \(name)") }
    }
    return target.withUser(name)
  }
}
