import Configuration
import DaybreakCore
package import Foundation
package import Postgres

/// A database system that Daybreak makes and keeps: what it is, and the files that belong to it.
package struct Catalog: Sendable {
  package let definition: CatalogDefinition
  /// The files of the catalog by path: `migrations/<name>/…`, `catalogs/<name>/…`, `catalogs/queries/…`.
  let files: [String: String]

  /// The names of all catalogs, in the order in which they are listed.
  package static let names = ["loglytics", "netra", "loghunter", "anzx", "xray"]

  /// Daybreak's own store, which some commands can address like a catalog.
  package static let storeName = "daybreak"

  package var name: String { definition.name }
  package var schema: String { definition.schema }

  /// Finds a catalog.
  ///
  /// - Parameters:
  ///   - name: one of `names`.
  ///   - directory: a folder that holds `migrations` and `catalogs`, to use in place of the files that
  ///     the program carries; nil for those.
  ///   - migrations: a folder like `migrations` alone, whose `<name>/` is used in place of the carried one;
  ///     nil for that.
  /// - Throws: `CatalogError.unknown`, `damaged`; `ConfigurationError` for a faulty definition; an error
  ///   of the file system.
  package init(named name: String, directory: URL? = nil, migrations: URL? = nil) throws {
    guard Self.names.contains(name) || name == Self.storeName else {
      throw CatalogError.unknown(
        name: name, nearest: nearestSpelling(of: name, among: Self.names))
    }
    var all =
      try directory.map { try Self.files(below: $0, ["catalogs", "migrations"]) }
      ?? Self.carriedFiles
    if let migrations {
      let folder = "migrations/\(name)/"
      let own = try Self.files(of: migrations.appending(path: name), as: folder)
      all = all.filter { !$0.key.hasPrefix(folder) }.merging(own) { _, new in new }
    }
    files = all.filter { path, _ in
      path.hasPrefix("migrations/\(name)/") || path.hasPrefix("migrations/\(name)-")
        || path.hasPrefix("catalogs/\(name)/") || path.hasPrefix("catalogs/queries/")
    }
    let path = "catalogs/\(name)/maintenance.yaml"
    guard let text = files[path] else {
      throw CatalogError.damaged(file: path, reason: "the file is missing")
    }
    definition = try CatalogDefinition(Array(text.utf8), file: path)
  }

  /// Every catalog.
  package static func all(directory: URL? = nil) throws -> [Catalog] {
    try names.map { try Catalog(named: $0, directory: directory) }
  }

  /// The migrations of its PostgreSQL schema, ready to plan, apply or take back.
  ///
  /// - Throws: `PostgresError.migration` when the files do not add up.
  package func migrator() throws(PostgresError) -> Migrator {
    try Migrator(catalog: name, schema: schema, files: migrationFiles(of: name))
  }

  /// The files of a folder below `migrations/`, sorted by path.
  func migrationFiles(of folder: String) -> [MigrationFile] {
    files.filter { $0.key.hasPrefix("migrations/\(folder)/") }.sorted { $0.key < $1.key }
      .map { MigrationFile(path: $0.key, text: $0.value) }
  }

  /// Whether a file below `catalogs/<name>/` is there.
  func hasFile(_ file: String) -> Bool { files["catalogs/\(name)/\(file)"] != nil }

  /// The text of a file below `catalogs/<name>/`.
  ///
  /// - Throws: `CatalogError.damaged` when it is missing.
  func text(of file: String) throws(CatalogError) -> String {
    let path = "catalogs/\(name)/\(file)"
    guard let text = files[path] else {
      throw .damaged(file: path, reason: "the file is missing")
    }
    return text
  }

  /// The named queries of a file below `catalogs/<name>/`.
  package func queries(of file: String) throws(CatalogError) -> NamedQueries {
    try NamedQueries(text(of: file), file: "catalogs/\(name)/\(file)")
  }

  /// A question of a health check that is the same for all catalogs: a file of `catalogs/queries/`.
  func commonQuery(_ file: String) throws(CatalogError) -> String {
    let path = "catalogs/queries/\(file)"
    guard let text = files[path] else {
      throw .damaged(file: path, reason: "the file is missing")
    }
    return text
  }

  private static let carriedFiles: [String: String] = Dictionary(
    uniqueKeysWithValues: embeddedFiles.map { ($0.path, $0.bytes.description) })

  private static func files(below directory: URL, _ folders: [String]) throws -> [String: String] {
    var files: [String: String] = [:]
    for folder in folders {
      files.merge(try Self.files(of: directory.appending(path: folder), as: "\(folder)/")) { $1 }
    }
    return files
  }

  /// The files below a folder that belong to catalogs, by path behind a prefix.
  private static func files(of folder: URL, as prefix: String) throws -> [String: String] {
    var files: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    where [".sql", ".yaml", ".tsv"].contains(where: path.hasSuffix) {
      let data = try Data(contentsOf: folder.appending(path: path))
      files[prefix + path] = String(decoding: data, as: UTF8.self)
    }
    return files
  }
}
