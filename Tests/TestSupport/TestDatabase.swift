import Foundation
package import Postgres
import Synchronization

/// Fresh databases on one scratch server for the whole test process.
///
/// The server keeps nothing safe (`fsync=off`) and lives in a directory under `/tmp` that is removed at
/// exit; what killed test runs left behind is removed by the next one. `DAYBREAK_TEST_SERVER` names
/// another scratch server, by libpq's parameters, to make databases on: `script/pgtap --swift` has one
/// without extensions.
package enum TestDatabase {
  /// The server, started with the first use.
  package static let server: Result<EmbeddedPostgres, PostgresError> = startServer()

  /// Whether this machine has a PostgreSQL server to test against: for `.enabled(if:)`.
  package static var isAvailable: Bool { !ServerBinaries.find(searchPath: []).isEmpty }

  private static let nextNumber = Atomic<Int>(1)
  private static let prefix = "daybreak-test-\(getuid())-"

  /// Makes an empty database of its own for a test, owned by a superuser.
  ///
  /// - Parameter encoding: the server encoding, as `LATIN1` or `SQL_ASCII` (both with locale C).
  /// - Returns: how to connect to it.
  /// - Throws: `PostgresError` when there is no server.
  package static func make(encoding: String = "UTF8") throws(PostgresError) -> ConnectionTarget {
    let other = ProcessInfo.processInfo.environment["DAYBREAK_TEST_SERVER"] ?? ""
    let target = try other.isEmpty ? server.get().target : ConnectionTarget(other)
    let number = nextNumber.add(1, ordering: .relaxed).oldValue
    let name = other.isEmpty ? "test_\(number)" : "test_\(getpid())_\(number)"
    let connection = try Connection(target)
    try connection.execute(
      named: "create \(name)",
      "create database \(name) template template0 encoding '\(encoding)'"
        + (encoding == "UTF8" ? "" : " locale 'C'"))
    return target.withDatabase(name)
  }

  private static func startServer() -> Result<EmbeddedPostgres, PostgresError> {
    removeLeftovers()
    var options = EmbeddedPostgresOptions()
    options.isDurable = false
    options.maximumConnections = 200
    let directory = "/tmp/\(prefix)\(getpid())"
    atexit { TestDatabase.tearDown() }
    do {
      return .success(try EmbeddedPostgres(in: directory, options: options))
    } catch {
      return .failure(error)
    }
  }

  /// Removes the directories that nobody holds a lock on.
  private static func removeLeftovers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
    for name in names where name.hasPrefix(prefix) {
      EmbeddedPostgres.remove(directory: "/tmp/" + name)
    }
  }

  private static func tearDown() {
    guard case .success(let server) = server else { return }
    server.close()
    EmbeddedPostgres.remove(directory: server.directory)
  }
}
