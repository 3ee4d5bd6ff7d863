import DaybreakCore
package import Foundation
package import Postgres

extension Store {
  /// The migrations of Daybreak's own tables, ready to plan, apply or take back.
  ///
  /// - Parameter directory: a `migrations` folder to use in place of the files that the program
  ///   carries; nil for those.
  /// - Returns: the migrator of catalog `daybreak`.
  /// - Throws: `PostgresError.migration` when the files do not add up; an error of the file system.
  package static func migrator(directory: URL? = nil) throws -> Migrator {
    try Migrator(catalog: "daybreak", schema: "daybreak", files: try migrationFiles(directory))
  }

  /// Brings the schema up to date, roles and extensions included.
  ///
  /// - Parameters:
  ///   - administrator: a login that may create roles and schemas in the database; a superuser where
  ///     TimescaleDB is to be created as well.
  ///   - directory: as for `migrator(directory:)`.
  /// - Returns: the versions applied now.
  /// - Throws: `PostgresError` with file and line of what failed.
  @discardableResult
  package static func migrate(
    administrator: ConnectionTarget, directory: URL? = nil
  ) throws -> [Int64] {
    let connection = try Connection(administrator)
    try prepareRoles(on: connection)
    return try migrator(directory: directory).up(on: connection)
  }

  private static func migrationFiles(_ directory: URL?) throws -> [MigrationFile] {
    guard let directory else {
      return embeddedFiles.filter { $0.path.hasPrefix("migrations/daybreak/") }
        .map { MigrationFile(path: $0.path, text: $0.bytes.description) }
    }
    let folder = directory.appending(path: "daybreak")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { $0.hasSuffix(".sql") }
      .map { name in
        let path = folder.appending(path: name)
        return MigrationFile(
          path: path.path, text: String(decoding: try Data(contentsOf: path), as: UTF8.self))
      }
  }
}
