import DaybreakCore

/// A file of SQL under `migrations/`: its path, for messages, and its text.
package struct MigrationFile: Hashable, Sendable {
  package let path: String
  package let text: String

  package init(path: String, text: String) {
    self.path = path
    self.text = text
  }

  /// What the name says, by golang-migrate's pattern `^([0-9]+)_(.*)\.(down|up)\.(.*)$`; nil for
  /// other files.
  var name: (version: Int64, title: String, isUp: Bool)? {
    let file = path.split(separator: "/").last ?? ""
    guard let underscore = file.firstIndex(of: "_"), let version = Int64(file[..<underscore]),
      file[..<underscore].utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let rest = file[file.index(after: underscore)...]
    // The pattern is greedy: the last `.up.` or `.down.` counts.
    var parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    var suffixCount = 0
    while let last = parts.popLast() {
      if suffixCount > 0, !parts.isEmpty, last == "up" || last == "down" {
        return (version, parts.joined(separator: "."), last == "up")
      }
      suffixCount += 1
    }
    return nil
  }
}

/// One step of a schema: how to make it and how to take it back.
package struct Migration: Hashable, Sendable {
  package let version: Int64
  package let title: String
  package let up: MigrationFile
  /// Nil when the step cannot be taken back.
  package let down: MigrationFile?

  /// SHA-256 of the up file's bytes, lower-case hex.
  package var checksum: String {
    sha256(Array(up.text.utf8)).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }

  /// Reads a set of files: pairs them, orders them and checks that they add up.
  ///
  /// Versions below 1 000 000 are ordinals and must be 1, 2, 3, …; larger ones are dates and times and
  /// may have gaps.
  ///
  /// - Parameter files: files of one catalog, in any order; those whose names are no migration's are
  ///   ignored.
  /// - Returns: the migrations by version.
  /// - Throws: `PostgresError.migration` for duplicates, gaps, a down file alone, and statements that
  ///   would end our transaction.
  static func read(_ files: [MigrationFile]) throws(PostgresError) -> [Migration] {
    var ups: [Int64: (title: String, file: MigrationFile)] = [:]
    var downs: [Int64: MigrationFile] = [:]
    for file in files {
      guard let name = file.name else { continue }
      let other = name.isUp ? ups[name.version]?.file : downs[name.version]
      if let other {
        throw .migration(
          reason: "version \(name.version) is there twice: \(other.path) and \(file.path)",
          location: nil, remedy: "give one of them the next free version")
      }
      if name.isUp { ups[name.version] = (name.title, file) } else { downs[name.version] = file }
    }
    if let version = downs.keys.sorted().first(where: { ups[$0] == nil }), let file = downs[version]
    {
      throw .migration(
        reason: "\(file.path) has no up file beside it", location: nil,
        remedy: "add it, or remove the down file")
    }
    let migrations = ups.sorted { $0.key < $1.key }.map { version, up in
      Migration(version: version, title: up.title, up: up.file, down: downs[version])
    }
    try checkOrder(migrations)
    for migration in migrations {
      try checkStatements(migration.up)
      if let down = migration.down { try checkStatements(down) }
    }
    return migrations
  }

  private static func checkOrder(_ migrations: [Migration]) throws(PostgresError) {
    for (index, migration) in migrations.enumerated() where migration.version < 1_000_000 {
      guard migration.version == index + 1 else {
        throw .migration(
          reason: "version \(index + 1) is missing before \(migration.up.path)", location: nil,
          remedy: "number the files 1, 2, 3, … without gaps")
      }
    }
  }

  /// Refuses what would end the transaction that a file runs in.
  private static func checkStatements(_ file: MigrationFile) throws(PostgresError) {
    for statement in try SQLScript.statements(of: file.text, file: file.path)
    where statement.isTransactionControl {
      throw .migration(
        reason: "\(statement.words[0]) must not stand in a migration",
        location: statement.location(in: file.path, position: nil),
        remedy: "remove it: each file runs in a transaction of its own already")
    }
  }
}
