import Catalogs
import Foundation
import Spawning
import TestSupport

/// ClickHouse's engine behind its HTTP interface, for one suite: chDB and a small server around it.
final class ClickHouseServer: Sendable {
  let url: String
  private let process: ChildProcess
  private let directory: String

  /// Whether chDB is there (`script/bootstrap --tests` puts it under `.daybreak/chdb`).
  static let isAvailable: Bool = FileManager.default.fileExists(atPath: packages.path + "/chdb")

  private static let packages = Fixtures.root.appending(path: ".daybreak/chdb")

  /// Starts a server with empty data.
  ///
  /// - Parameters:
  ///   - user: who may ask.
  ///   - password: with what.
  /// - Throws: an error when it does not start.
  init(user: String = "default", password: String = "") throws {
    directory = "/tmp/daybreak-chdb-\(UUID().uuidString)"
    let script = Fixtures.root.appending(path: "Tests/CatalogsTests/clickhouse/clickhouse_http.py")
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONPATH"] = Self.packages.path
    var command = ChildCommand(
      ["/usr/bin/env", "python3", script.path, directory, "--user", user, "--password", password],
      environment: environment)
    command.input = .pipe
    command.output = .pipe
    process = try ChildProcess(command)
    guard let port = process.readLine().flatMap({ Int($0) }) else {
      throw ProgramFailed(description: "clickhouse_http.py did not start")
    }
    url = "http://127.0.0.1:\(port)"
  }

  deinit {
    process.end()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// A client of it.
  func client(database: String? = nil) throws -> ClickHouseClient {
    ClickHouseClient(try ClickHouseTarget(url).withDatabase(database))
  }
}
