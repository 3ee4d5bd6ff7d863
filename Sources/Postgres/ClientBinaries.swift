import Foundation
import Spawning

/// One installation of `pg_dump` and `pg_restore`.
package struct ClientBinaries: Hashable, Sendable {
  /// The directory they are in.
  package let directory: String
  package let major: Int
  /// As the program prints it, as `15.20`.
  package let version: String

  package init(directory: String, major: Int, version: String) {
    self.directory = directory
    self.major = major
    self.version = version
  }

  /// Finds all installations, the oldest first.
  ///
  /// - Parameter searchPath: the directories of `PATH`, looked in after the packages' own.
  /// - Returns: one installation a directory.
  package static func find(searchPath: [String]) -> [ClientBinaries] {
    let packaged =
      ((try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? [])
      .sorted().map { "/usr/lib/postgresql/\($0)/bin" }
    var seen: Set<String> = []
    return (packaged + searchPath + ["/usr/local/pgsql/bin"])
      .filter { seen.insert($0).inserted }.compactMap(ClientBinaries.init(directory:))
      .enumerated().sorted { ($0.element.major, $0.offset) < ($1.element.major, $1.offset) }
      .map(\.element)
  }

  /// The oldest of some that serves a server: a newer `pg_dump` reads an older server, but what it writes
  /// may not go back into one.
  ///
  /// - Parameters:
  ///   - major: the server's major version.
  ///   - found: installations, the oldest first.
  /// - Returns: nil when all are older than the server.
  package static func fitting(_ major: Int, of found: [ClientBinaries]) -> ClientBinaries? {
    found.first { $0.major >= major }
  }

  /// Looks at one directory; nil when the two are not there or do not run.
  private init?(directory: String) {
    let program = directory + "/pg_dump"
    guard access(program, X_OK) == 0, access(directory + "/pg_restore", X_OK) == 0,
      let outcome = try? ChildProcess.run(
        ChildCommand([program, "--version"], environment: ["LC_ALL": "C"]), limit: .seconds(20))
    else { return nil }
    // As `pg_dump (PostgreSQL) 15.20 (Debian …)`.
    let words = outcome.text.split { $0.isWhitespace }
    guard words.count >= 3, let major = Int(words[2].prefix { $0.isNumber }) else { return nil }
    self.init(directory: directory, major: major, version: String(words[2]))
  }
}
