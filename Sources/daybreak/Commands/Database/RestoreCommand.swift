import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// `daybreak db restore`.
enum RestoreCommand: Command {
  static let syntax = CommandSyntax(
    name: "db restore",
    summary: "Put a backup into a database, and compare it with what was dumped.",
    operands: "[BACKUP]", operandCount: 0...1,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("from", "DIR", "Where backups are (DAYBREAK_HOME/backups)."),
      .init(
        "replace", nil, "Take the place of a database that is used; the former one stays, renamed."),
      .init("jobs", "N", "How many workers restore (2)."), DatabaseOptions.json,
    ],
    notes: [
      """
      BACKUP is a name that `db backup --list` shows, or a folder; by default the newest. Its files are
      checked before anything is touched. Into an empty database it goes in one transaction. With
      --replace a new database is filled and compared before it takes the name; nothing is dropped.
      Connect as a superuser, or as a role that may make databases and extensions.
      """
    ],
    examples: [
      (
        "daybreak db restore --catalog netra --database postgres:///netra_copy",
        "into an empty database"
      ),
      ("daybreak db restore --catalog netra --replace 20260312T023000Z", "back to that night"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let surroundings = database.surroundings
    let path = try path(arguments, database)
    defer { UpkeepOutput.endProgress(surroundings) }
    let stamp = Date().formatted(.iso8601).filter(\.isNumber)
    let outcome = try Restore(
      path, jobs: try arguments.integer("jobs", in: 1...64) ?? 2, variables: surroundings.variables,
      check: { try Cancellation.check() },
      progress: { UpkeepOutput.progress($0, surroundings) }
    ).run(
      into: database.target, catalog: database.catalog, replacing: arguments.has("replace"),
      stamp: stamp)
    UpkeepOutput.endProgress(surroundings)
    if arguments.has("json") {
      try UpkeepOutput.printJSON(outcome)
    } else {
      print(
        "\(outcome.database): \(outcome.tables) tables, \(outcome.rows) rows, as they were dumped")
      if let former = outcome.formerDatabase {
        print("what was there before is the database \(former)")
      }
    }
    return .done
  }

  /// The backup's folder.
  private static func path(_ arguments: ParsedArguments, _ database: CatalogDatabase) throws
    -> String
  {
    let root =
      arguments.value("from").map { URL(filePath: $0).standardizedFileURL.path }
      ?? database.surroundings.home.appending(path: "backups").path
    let folder = BackupFolder(root: root, catalog: database.catalog.name)
    guard let name = arguments.operands.first else {
      guard let newest = folder.entries().first else {
        throw UsageError(summary: "\(folder.path) holds no backup", remedy: "name one, or --from")
      }
      return newest.path
    }
    return name.contains("/")
      ? URL(filePath: name).standardizedFileURL.path : "\(folder.path)/\(name)"
  }
}
