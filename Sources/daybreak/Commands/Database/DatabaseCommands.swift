import Catalogs
import DaybreakCore
import Foundation
import Pipeline
import Postgres

extension CommandGroup {
  /// `daybreak db …`: the five systems that Daybreak makes and keeps.
  static var database: CommandGroup {
    CommandGroup(
      name: "db",
      summary: "Make, migrate, check and keep the databases of "
        + "\(Catalog.names.joined(separator: ", ")).",
      commands: [
        InitCommand.self, MigrateCommand.self, RollbackCommand.self, DatabaseStatusCommand.self,
        PlanCommand.self, CreateMigrationCommand.self, VerifyCommand.self, SeedCommand.self,
        HealthCommand.self, StatsCommand.self, ReportCommand.self, CleanupCommand.self,
        RefreshCommand.self,
        PartitionsCommand.self, OptimizeCommand.self, BackupCommand.self, RestoreCommand.self,
        ResetCommand.self,
      ])
  }
}

/// What every `db` command takes: which catalog, in which database.
enum DatabaseOptions {
  static let catalog = CommandSyntax.Option(
    "catalog", "NAME", "Which system: \(Catalog.names.joined(separator: ", ")).")
  static let database = CommandSyntax.Option(
    "database", "URL",
    "The database; by default CATALOG_DATABASE_URL (as NETRA_DATABASE_URL), else the embedded one.")
  static let clickHouse = CommandSyntax.Option(
    "clickhouse", "URL",
    "Netra's ClickHouse, by HTTP; by default NETRA_CLICKHOUSE_URL, else there is none.")
  static let json = CommandSyntax.Option("json", nil, "Print JSON.")
  static let migrations = CommandSyntax.Option(
    "migrations", "DIR", "Use the files below DIR/NAME in place of those in the program.")
  static let lockTimeout = CommandSyntax.Option(
    "lock-timeout", "SECONDS", "How long to wait for a lock that another session holds (60).")
  static let yes = CommandSyntax.Option("yes", nil, "Do not ask.")
}

/// The catalog and the database that a command line names.
///
/// Holds the embedded server, where that is meant, for as long as it lives.
final class CatalogDatabase {
  let catalog: Catalog
  let target: ConnectionTarget
  /// A replica of it for work that only reads; nil for none.
  let replica: ConnectionTarget?
  let surroundings: Surroundings
  /// Time-outs, and who hears of slow statements, as the environment says.
  let settings: ConnectionOptions
  private let embedded: EmbeddedPostgres?

  /// Finds the database: `--database`, else the variable `<CATALOG>_DATABASE_URL`, else a database named
  /// after the catalog on the embedded server, which is made when it is missing.
  ///
  /// `<CATALOG>_DATABASE_REPLICA_URL` names a replica of the database that the environment names.
  ///
  /// - Parameters:
  ///   - arguments: the command line.
  ///   - storeToo: whether `daybreak`, the store of runs, may be named like a catalog.
  /// - Throws: `UsageError`, `CatalogError`, `ConfigurationError`, `PostgresError`.
  init(_ arguments: ParsedArguments, storeToo: Bool = false) throws {
    let name = try Self.catalogName(arguments, storeToo: storeToo)
    surroundings = Surroundings.ofThisProcess()
    catalog = try Catalog(
      named: name, migrations: arguments.value("migrations").map { URL(filePath: $0) })
    let variables = surroundings.variables
    settings = try StoreSettings().completed(from: variables)
      .connectionOptions(log: surroundings.log)
    let named = arguments.value("database") ?? variables["\(name.uppercased())_DATABASE_URL"]
    if let named, !named.isEmpty {
      embedded = nil
      target = try ConnectionTarget(named)
      let standby = variables["\(name.uppercased())_DATABASE_REPLICA_URL"] ?? ""
      replica =
        try arguments.value("database") == nil && !standby.isEmpty
        ? ConnectionTarget(standby) : nil
      return
    }
    replica = nil
    let server = try surroundings.startEmbeddedServer()
    embedded = server
    target = try server.database(named: name)
  }

  /// The catalog that `--catalog` names.
  static func catalogName(
    _ arguments: ParsedArguments, storeToo: Bool = false
  ) throws -> String {
    let known = Catalog.names + (storeToo ? [Catalog.storeName] : [])
    guard let name = arguments.value("catalog") else {
      throw UsageError(
        summary: "--catalog is missing", remedy: "catalogs: \(known.joined(separator: ", "))")
    }
    guard known.contains(name) else {
      throw UsageError(
        summary: "there is no catalog `\(displayText(name))`",
        remedy: nearestSpelling(of: name, among: known).map { "did you mean `\($0)`?" }
          ?? "catalogs: \(known.joined(separator: ", "))")
    }
    return name
  }

  /// Where work that only reads goes: the replica while it has all that the database has, else the
  /// database; also the replica when the database does not answer, which is then said.
  ///
  /// - Throws: `PostgresError` of the database, when neither answers.
  func readingTarget() throws(PostgresError) -> ConnectionTarget {
    guard let replica else { return target }
    let place: String
    do throws(PostgresError) {
      let primary = try Connection(target, options: settings)
      place = try primary.query(
        named: "place in the log", "select pg_current_wal_insert_lsn()::text as place"
      ).only().string("place")
    } catch {
      guard error.isConnectionFailure, (try? isReplica(replica, from: nil)) == true else {
        throw error
      }
      surroundings.log.note(
        "the database does not answer: this is of its replica", ["replica": replica.description])
      return replica
    }
    return (try? isReplica(replica, from: place)) == true ? replica : target
  }

  /// Whether a server answers, is a replica, and has replayed the log up to a place.
  private func isReplica(
    _ target: ConnectionTarget, from place: String?
  ) throws(PostgresError) -> Bool {
    try Connection(target, options: settings).query(
      named: "place of the replica",
      """
      select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() >= coalesce($1::pg_lsn, '0/0')
        else false end as is_current
      """, [.optional(place, Value.text)]
    ).only().bool("is_current")
  }

  /// The ClickHouse database beside it: `--clickhouse`, else the variable `<CATALOG>_CLICKHOUSE_URL`.
  ///
  /// - Returns: nil when none is named.
  /// - Throws: `UsageError` where the catalog has none, `ClickHouseError` for an address that cannot be
  ///   read.
  func clickHouse(_ arguments: ParsedArguments) throws -> ClickHouseClient? {
    let variable = "\(catalog.name.uppercased())_CLICKHOUSE_URL"
    let named = arguments.value("clickhouse") ?? surroundings.variables[variable]
    guard let named, !named.isEmpty else { return nil }
    guard let part = catalog.definition.clickHouse else {
      throw UsageError(
        summary: "\(catalog.name) has no ClickHouse part", remedy: "leave --clickhouse away")
    }
    var target = try ClickHouseTarget(named, variables: surroundings.variables)
    if target.database == nil { target.database = part.database }
    return ClickHouseClient(target, isCancelled: { Cancellation.isRequested })
  }

  /// Connects, waits no longer for locks than `--lock-timeout` says, runs `body`, and stops its statement
  /// on Ctrl-C, so that the server rolls back what is open.
  ///
  /// - Parameters:
  ///   - arguments: the command line.
  ///   - isWriting: whether a replica is refused before anything else; work that only reads may go to one.
  ///   - body: the work.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `CatalogError.readOnlyServer`; `RunCancelled` when a signal stopped it.
  func withConnection<Value>(
    _ arguments: ParsedArguments, isWriting: Bool, _ body: (Connection) throws -> Value
  ) throws -> Value {
    var options = settings
    options.lockTimeout = try Self.lockTimeout(arguments)
    let connection = try Connection(isWriting ? target : readingTarget(), options: options)
    let watch = CancellationWatch(connection.canceller)
    defer { watch.end() }
    do {
      if isWriting { try Catalog.requireWritable(connection) }
      return try body(connection)
    } catch let error as PostgresError where error.isCancellation {
      try Cancellation.check()
      throw error
    }
  }

  /// What `--lock-timeout` says.
  static func lockTimeout(_ arguments: ParsedArguments) throws(UsageError) -> Duration {
    .seconds(try arguments.integer("lock-timeout", in: 1...86_400) ?? 60)
  }

  /// Lets the embedded server go.
  func close() { embedded?.close() }
}

/// Cancels the running statement of a connection once somebody asks the process to stop.
private final class CancellationWatch: Sendable {
  private let task: Task<Void, Never>

  init(_ canceller: Canceller) {
    task = Task.detached {
      while !Task.isCancelled {
        // Again and again: between two statements there is nothing to cancel.
        if Cancellation.isRequested { canceller.cancel() }
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  func end() { task.cancel() }
}

/// Questions to the person at the terminal.
enum Question {
  /// Asks, unless `--yes` was given.
  ///
  /// - Returns: whether to go on.
  /// - Throws: `UsageError` when nobody is there to answer.
  static func agreed(_ question: String, _ arguments: ParsedArguments) throws -> Bool {
    if arguments.has("yes") { return true }
    guard isatty(STDIN_FILENO) == 1 else {
      throw UsageError(
        summary: "this asks for a yes, and standard input is no terminal",
        remedy: "give --yes to go ahead")
    }
    FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
    let answer = readLine()?.trimmingCharacters(in: .whitespaces).lowercased()
    return answer == "y" || answer == "yes"
  }
}

/// What programs read: keys in `snake_case` and sorted, so that the same facts give the same bytes.
enum DatabaseJSON {
  /// Prints a value.
  static func show(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// `1 row`, `2 rows`.
func counted(_ count: some BinaryInteger, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
