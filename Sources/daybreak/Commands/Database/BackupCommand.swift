import Catalogs
import DaybreakCore
import Foundation
import Pipeline
import Postgres

/// `daybreak db backup`.
enum BackupCommand: Command {
  static let syntax = CommandSyntax(
    name: "db backup", summary: "Dump the catalog's database, or check the dumps that there are.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("to", "DIR", "Where backups are, a folder for each catalog (DAYBREAK_HOME/backups)."),
      .init("jobs", "N", "How many workers dump and restore (2)."),
      .init("verify", nil, "Also restore it into a scratch server, and compare."),
      .init("check", nil, "Make none: check the newest one's files and age."),
      .init("max-age", "HOURS", "How old the newest may be for --check (26)."),
      .init("list", nil, "Make none: list those that there are."), DatabaseOptions.json,
    ],
    notes: [
      """
      The role has to see all rows, which row-level security keeps from everybody but superusers and
      roles with BYPASSRLS: CREATE ROLE daybreak_backup LOGIN BYPASSRLS; GRANT pg_read_all_data TO
      daybreak_backup. Passwords go to pg_dump by PGPASSWORD or ~/.pgpass, never on its command line.
      A backup is whole or not there. Those older than 30 days go, but never the newest.
      Exit code 1 with --check: the newest is too old, damaged, or missing.
      """
    ],
    examples: [
      ("daybreak db backup --catalog netra --verify", "dump, and prove that it can be restored"),
      (
        "daybreak db backup --catalog netra --check", "for a monitor: is there a recent, whole one?"
      ),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    if arguments.has("list") || arguments.has("check") { return try inspect(arguments) }
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let surroundings = database.surroundings
    var options = Backup.Options(root: root(arguments, surroundings))
    options.jobs = try arguments.integer("jobs", in: 1...64) ?? 2
    options.variables = surroundings.variables
    options.connection = database.settings
    defer { UpkeepOutput.endProgress(surroundings) }
    let outcome = try Backup(
      database.catalog, of: database.target, options: options, check: { try Cancellation.check() },
      progress: { UpkeepOutput.progress($0, surroundings) }
    ).run()
    let verified = arguments.has("verify")
    if verified { try verify(outcome.entry, options.jobs, surroundings) }
    UpkeepOutput.endProgress(surroundings)
    let manifest = outcome.entry.manifest
    let line = Line(outcome.entry, isVerified: verified)
    if arguments.has("json") {
      try UpkeepOutput.printJSON(line)
    } else {
      let rows = manifest.tables.reduce(0) { $0 + $1.rows }
      print(
        "\(outcome.entry.path): \(manifest.tables.count) tables, \(rows) rows, "
          + UpkeepOutput.size(manifest.bytes) + (verified ? ", restored and compared" : ""))
      for name in outcome.removed {
        print("removed \(name), which was older than the catalog keeps them")
      }
    }
    return .done
  }

  /// Where backups are.
  static func root(_ arguments: ParsedArguments, _ surroundings: Surroundings) -> String {
    arguments.value("to").map { URL(filePath: $0).standardizedFileURL.path }
      ?? surroundings.home.appending(path: "backups").path
  }

  private static func verify(
    _ entry: BackupFolder.Entry, _ jobs: Int, _ surroundings: Surroundings
  ) throws {
    // Below /tmp, since the user that runs the server has to reach it.
    let directory = "/tmp/daybreak-verify-\(getpid())"
    try Restore(
      entry.path, jobs: jobs, variables: surroundings.variables,
      check: { try Cancellation.check() },
      progress: { UpkeepOutput.progress("verifying: \($0)", surroundings) }
    ).verify(scratch: directory)
  }

  private struct Line: Encodable {
    var backup: String
    var finishedAt: Date
    var bytes: Int
    var rows: Int
    var isVerified: Bool

    init(_ entry: BackupFolder.Entry, isVerified: Bool) {
      backup = entry.path
      finishedAt = entry.manifest.finishedAt
      bytes = entry.manifest.bytes
      rows = entry.manifest.tables.reduce(0) { $0 + $1.rows }
      self.isVerified = isVerified
    }
  }

  /// Looks at the backups that there are, without a database.
  private static func inspect(_ arguments: ParsedArguments) throws -> ExitStatus {
    let surroundings = Surroundings.ofThisProcess()
    let catalog = try Catalog(named: arguments.value("catalog") ?? "")
    let folder = BackupFolder(root: root(arguments, surroundings), catalog: catalog.name)
    let entries = folder.entries()
    if arguments.has("list") {
      if arguments.has("json") {
        try UpkeepOutput.printJSON(entries.map { Line($0, isVerified: false) })
      } else {
        let rows = entries.map { [$0.name, UpkeepOutput.size($0.manifest.bytes), $0.path] }
        print(
          UpkeepOutput.table([["backup", "size", "folder"]] + rows, numbers: [1]), terminator: "")
        for name in folder.damaged() { print("\(name) is no whole backup") }
      }
      return .done
    }
    guard let newest = entries.first else {
      print(
        "\(folder.path) holds no backup of \(catalog.name)\n  daybreak db backup --catalog \(catalog.name)"
      )
      return .findings
    }
    do {
      try BackupCheck(variables: surroundings.variables).run(
        newest.path, check: { try Cancellation.check() })
      if arguments.has("verify") {
        try verify(newest, try arguments.integer("jobs", in: 1...64) ?? 2, surroundings)
      }
    } catch let error as UpkeepError {
      UpkeepOutput.endProgress(surroundings)
      print("\(error.summary)" + (error.remedy.map { "\n  \($0)" } ?? ""))
      return .findings
    }
    let age = Date().timeIntervalSince(newest.manifest.finishedAt)
    let limit = try arguments.integer("max-age", in: 1...100_000) ?? 26
    print("\(newest.path) is whole, and \(UpkeepOutput.span(age)) old")
    guard age <= Double(limit) * 3600 else {
      print("  it should be no older than \(limit) h: daybreak db backup --catalog \(catalog.name)")
      return .findings
    }
    return .done
  }
}
