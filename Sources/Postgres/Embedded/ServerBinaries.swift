import Foundation
import Spawning

/// One installation of PostgreSQL's server programs.
package struct ServerBinaries: Hashable, Sendable {
  /// The directory with `postgres` and `initdb`.
  package let directory: String
  /// The major version, as 15.
  package let major: Int
  /// The version as the program prints it, as `15.20`.
  package let version: String

  /// Directories where packages put the server: Debian, Red Hat, and PostgreSQL's own default.
  private static let packageRoots = ["/usr/lib/postgresql", "/usr/local/lib/postgresql"]

  /// Finds all installations, the newest first.
  ///
  /// - Parameter searchPath: directories to look in before the packages' own: those of `PATH`.
  /// - Returns: one installation a directory.
  package static func find(searchPath: [String]) -> [ServerBinaries] {
    var directories = searchPath
    for root in packageRoots {
      let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
      directories += versions.sorted().map { "\(root)/\($0)/bin" }
    }
    let redHat = (try? FileManager.default.contentsOfDirectory(atPath: "/usr")) ?? []
    directories += redHat.filter { $0.hasPrefix("pgsql-") }.sorted().map { "/usr/\($0)/bin" }
    directories.append("/usr/local/pgsql/bin")
    var seen: Set<String> = []
    return directories.filter { seen.insert($0).inserted }
      .compactMap(ServerBinaries.init(directory:))
      .sorted { ($0.versionNumbers).lexicographicallyPrecedes($1.versionNumbers) }.reversed()
  }

  /// Looks at one directory; nil when it holds no server that runs.
  init?(directory: String) {
    let program = directory + "/postgres"
    guard access(program, X_OK) == 0, access(directory + "/initdb", X_OK) == 0,
      let output = output(of: program, "--version")
    else { return nil }
    // As `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`.
    let words = output.split(separator: " ")
    guard words.count >= 3, let major = Int(words[2].prefix { $0.isNumber }) else { return nil }
    self.directory = directory
    self.major = major
    version = words[2].trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Whether a loadable library of an extension is installed beside the server.
  func hasLibrary(_ name: String) -> Bool {
    var directories = [directory + "/../lib", directory + "/../lib/postgresql"]
    let configuration = directory + "/pg_config"
    if access(configuration, X_OK) == 0,
      let output = output(of: configuration, "--pkglibdir")
    {
      directories.append(output.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    return directories.contains { access("\($0)/\(name).so", R_OK) == 0 }
  }

  private var versionNumbers: [Int] { version.split(separator: ".").map { Int($0) ?? 0 } }
}

/// What a program of the installation prints about itself; nil when it fails.
func output(of program: String, _ option: String) -> String? {
  let outcome = try? ChildProcess.run(ChildCommand([program, option], environment: [:]))
  return outcome?.ending == .exited(0) ? outcome?.text : nil
}
