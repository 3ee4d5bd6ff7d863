package import Foundation
import Postgres

/// The next pair of migration files, from a template.
package struct NewMigration: Sendable {
  package let up: URL
  package let down: URL

  /// Writes `NNNNNN_title.up.sql` and `.down.sql`, the number after the last in the folder.
  ///
  /// - Parameters:
  ///   - title: what it does, in words; other signs become `_`.
  ///   - directory: the folder of one catalog's migrations; made where it is missing.
  ///   - schema: the catalog's schema, for the template.
  /// - Throws: `CatalogError.badTitle`, `unwritable`; `PostgresError.migration` when the files there do
  ///   not add up.
  package init(title: String, directory: URL, schema: String) throws {
    let words = title.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
    guard !words.isEmpty, words.joined(separator: "_").count <= 100 else {
      throw CatalogError.badTitle(title)
    }
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        .filter { $0.hasSuffix(".sql") }
      let migrator = try Migrator(
        catalog: schema, schema: schema, files: names.map { MigrationFile(path: $0, text: "") })
      let version = (migrator.migrations.last?.version ?? 0) + 1
      let digits = String(version)
      let number = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      let base = "\(number)_\(words.joined(separator: "_"))"
      up = directory.appending(path: "\(base).up.sql")
      down = directory.appending(path: "\(base).down.sql")
      try Data(Self.up(title, schema: schema).utf8).write(to: up, options: .withoutOverwriting)
      try Data(Self.down(title, schema: schema).utf8).write(to: down, options: .withoutOverwriting)
    } catch let error as CocoaError {
      throw CatalogError.unwritable(path: directory.path, reason: error.localizedDescription)
    }
  }

  private static func comment(_ title: String) -> String {
    title.split { $0.isWhitespace }.joined(separator: " ")
  }

  private static func up(_ title: String, schema: String) -> String {
    """
    -- \(comment(title)).
    --
    -- Runs in one transaction, which also writes the version: no BEGIN and no COMMIT here. Try it with
    -- `daybreak db plan`, which names the lock of each statement. A new table that belongs to a tenant gets
    -- row-level security, forced: see how the other files of this folder do it.
    SET LOCAL lock_timeout = '10s';
    SET LOCAL statement_timeout = '10min';

    SET LOCAL ROLE daybreak_owner;

    -- ALTER TABLE \(schema).… ;

    RESET ROLE;

    """
  }

  private static func down(_ title: String, schema: String) -> String {
    """
    -- Takes back: \(comment(title)).
    SET LOCAL lock_timeout = '10s';
    SET LOCAL statement_timeout = '10min';

    SET LOCAL ROLE daybreak_owner;

    -- ALTER TABLE \(schema).… ;

    RESET ROLE;

    """
  }
}
