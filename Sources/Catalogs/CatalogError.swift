import DaybreakCore

/// Why something with a catalog could not be done.
package enum CatalogError: DiagnosedError, Equatable {
  /// No catalog has this name; `nearest` is what was probably meant.
  case unknown(name: String, nearest: String?)
  /// A file that belongs to the catalog, and that this program carries, is not there or not right.
  case damaged(file: String, reason: String)
  /// The server is older than the schemas need.
  case serverTooOld(version: String)
  /// The server is a replica.
  case readOnlyServer(database: String)
  /// This login lacks rights; what an administrator runs to mend it.
  case lacking(catalog: String, problems: [String], commands: [String])
  /// The system's own program made the tables in this database.
  case original(catalog: String, schema: String, tables: [String], differences: [String])
  /// The catalog's schema holds tables that Daybreak did not make.
  case foreign(catalog: String, schema: String, tables: [String])
  /// Others put things into the catalog's schema.
  case strangers(catalog: String, objects: [String])
  /// Nothing of the catalog is in the database.
  case notInstalled(catalog: String)
  /// There are rows where none are wanted; how many.
  case holdsRows(catalog: String, rows: Int64, remedy: String)
  /// Migrations are still to be applied; how many.
  case behind(catalog: String, pending: Int)
  /// A title gives no name for a file.
  case badTitle(String)
  /// A file could not be written.
  case unwritable(path: String, reason: String)

  package var summary: String {
    switch self {
    case .unknown(let name, _): "there is no catalog `\(displayText(name))`"
    case .damaged(let file, let reason): "\(file): \(reason)"
    case .serverTooOld(let version):
      "PostgreSQL \(displayText(version)) is too old: views cannot be bound by row-level security there"
    case .readOnlyServer(let database):
      "the server of \(displayText(database)) is a read-only replica"
    case .lacking(let catalog, let problems, _):
      "\(catalog) cannot be made, and nothing was changed: \(problems.joined(separator: "; "))"
    case .original(let catalog, let schema, let tables, let differences):
      "schema \(displayText(schema)) holds the tables of \(catalog)'s own program "
        + "(\(list(tables, limit: 4)))"
        + (differences.isEmpty
          ? ""
          : ", with \(differences.count) differences "
            + "(\(list(differences, limit: 2)))") + ": Daybreak reads them and changes nothing"
    case .foreign(let catalog, let schema, let tables):
      "schema \(displayText(schema)) holds tables that Daybreak did not make (\(list(tables, limit: 4))), "
        + "and \(catalog) lives in a schema of that name"
    case .strangers(let catalog, let objects):
      "the schema of \(catalog) holds what Daybreak did not make: \(list(objects, limit: 6))"
    case .notInstalled(let catalog): "\(catalog) is not in this database"
    case .holdsRows(let catalog, let rows, _): "\(catalog) holds \(rows) rows"
    case .behind(let catalog, let pending):
      "\(catalog) lacks \(pending) migration\(pending == 1 ? "" : "s")"
    case .badTitle(let title): "no file name can be made of the title `\(displayText(title))`"
    case .unwritable(let path, let reason): "cannot write \(displayText(path)): \(reason)"
    }
  }

  package var remedy: String? {
    switch self {
    case .unknown(_, let nearest):
      nearest.map { "did you mean `\($0)`?" }
        ?? "catalogs: \(Catalog.names.joined(separator: ", "))"
    case .damaged: "build the program anew from a clean checkout"
    case .serverTooOld: "use PostgreSQL 15 or newer"
    case .readOnlyServer: "name the primary: --database URL"
    case .lacking(_, _, let commands):
      "as an administrator, then run this again:\n  " + commands.joined(separator: "\n  ")
    case .original(let catalog, _, _, _):
      "name it in a job's source to report on it; for a database that Daybreak keeps, "
        + "name another: createdb \(catalog), and --database"
    case .foreign(let catalog, _, _): "name another database: createdb \(catalog), and --database"
    case .strangers: "move it to another schema, or drop it yourself; then run this again"
    case .notInstalled(let catalog): "daybreak db init --catalog \(catalog)"
    case .holdsRows(_, _, let remedy): remedy
    case .behind(let catalog, _): "daybreak db migrate --catalog \(catalog)"
    case .badTitle: "use letters, digits and spaces, as in: add index of levels"
    case .unwritable: "name a folder that exists and that you may write to: --directory DIR"
    }
  }
}

/// The first few, and how many more.
private func list(_ names: [String], limit: Int) -> String {
  let shown = names.prefix(limit).map { displayText($0) }.joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}
