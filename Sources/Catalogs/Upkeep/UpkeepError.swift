import DaybreakCore

/// Why the upkeep of a catalog could not be done.
package enum UpkeepError: DiagnosedError, Equatable {
  /// The catalog's schema is not in the database.
  case notInstalled(catalog: String, target: String, schema: String)
  /// The server is older than what the catalogs need.
  case oldServer(target: String, version: Int)
  /// Who connects may not act as the owner of the tables.
  case notOwner(user: String, owner: String)
  /// Who connects may not make the ledger's schema.
  case noLedger(user: String, database: String)
  /// Another process does the same work in this database at this moment.
  case busy(work: String, catalog: String)
  /// No rule, table, view or index has this name.
  case unknown(kind: String, name: String, known: [String])
  /// The role that connects is bound by row-level security, so that a dump would fail or miss rows.
  case boundByRowSecurity(user: String)
  /// A program that belongs to PostgreSQL is missing, or older than the server.
  case programMissing(name: String, major: Int)
  /// A program of PostgreSQL's has failed; its own last words, and whether it lost its server.
  case programFailed(name: String, reason: String, lostServer: Bool)
  /// Part of an address can be handed to no program without showing it to everybody on the machine.
  case unsendable(keyword: String, reason: String, remedy: String)
  /// The server lacks extensions that a backup needs, each with its version; nothing was changed.
  case lackingExtensions(target: String, names: [String], packages: [String])
  /// A backup is damaged or no backup; nothing was changed.
  case damagedBackup(path: String, reason: String)
  /// Restoring gave something else than what was dumped.
  case different(path: String, differences: [String])
  /// The database that a restore is to go into holds something already.
  case occupied(target: String, schema: String)
  /// A file or directory could not be written.
  case unwritable(path: String, reason: String, isFull: Bool)

  package var summary: String {
    switch self {
    case .notInstalled(let catalog, let target, let schema):
      "\(target) holds no \(catalog): there is no schema \(schema)"
    case .oldServer(let target, let version):
      "\(target) runs PostgreSQL \(version / 10_000), and catalogs need 15 or newer"
    case .notOwner(let user, let owner): "\(user) is no member of \(owner), who owns the tables"
    case .noLedger(let user, let database):
      "\(user) may not make the schema daybreak_upkeep in \(database), where upkeep is written down"
    case .busy(let work, let catalog): "another \(work) of \(catalog) runs in this database"
    case .unknown(let kind, let name, _): "there is no \(kind) `\(displayText(name))`"
    case .boundByRowSecurity(let user):
      "row-level security binds \(user): a dump of theirs would be refused, or miss rows"
    case .programMissing(let name, let major): "there is no \(name) of PostgreSQL \(major) or newer"
    case .programFailed(let name, let reason, _): "\(name) failed: \(reason)"
    case .unsendable(let keyword, let reason, _):
      "\(keyword) of the address cannot be handed to PostgreSQL's programs: \(reason)"
    case .lackingExtensions(let target, let names, _):
      "the backup needs extensions that the server of \(target) does not have: "
        + names.map { displayText($0) }.joined(separator: ", ")
    case .damagedBackup(let path, let reason): "\(path) is no whole backup: \(reason)"
    case .different(let path, let differences):
      "restored, \(path) is not what was dumped: \(differences.prefix(5).joined(separator: "; "))"
        + (differences.count > 5 ? " and \(differences.count - 5) more" : "")
    case .occupied(let target, let schema): "\(target) holds a schema \(schema) already"
    case .unwritable(let path, let reason, _): "cannot write \(path): \(reason)"
    }
  }

  package var remedy: String? {
    switch self {
    case .notInstalled(let catalog, _, _):
      "check the database's name, or install it: daybreak db init --catalog \(catalog)"
    case .oldServer: "upgrade the server"
    case .notOwner(let user, let owner):
      "as an administrator: GRANT \(owner) TO \(quoted(user)), or connect as another"
    case .noLedger(let user, let database):
      "as an administrator: GRANT CREATE ON DATABASE \(quoted(database)) TO \(quoted(user))"
    case .busy: "wait for it to end"
    case .unknown(_, let name, let known):
      nearestSpelling(of: name, among: known).map { "did you mean `\($0)`?" }
        ?? (known.isEmpty ? nil : "there are: \(known.joined(separator: ", "))")
    case .boundByRowSecurity:
      "connect as a superuser, or as an administrator: CREATE ROLE daybreak_backup LOGIN BYPASSRLS; "
        + "GRANT pg_read_all_data TO daybreak_backup"
    case .programMissing(_, let major): "apt-get install postgresql-client-\(major)"
    case .programFailed(_, _, let lostServer):
      lostServer ? "see the server's log; run again when the server is back" : nil
    case .unsendable(_, _, let remedy): remedy
    case .lackingExtensions(_, _, let packages):
      "install them there (apt-get install \(packages.joined(separator: " "))), or restore into a server that has "
        + "them; nothing was changed"
    case .damagedBackup: "take another backup; nothing was changed"
    case .different: "do not rely on it: take another backup, and keep the database as it is"
    case .occupied:
      "name an empty database, or --replace to put the restored one in its place (the old one is kept)"
    case .unwritable(_, _, let isFull):
      isFull ? "free space there, or name another directory" : "check the directory and its rights"
    }
  }

  private func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }
}
