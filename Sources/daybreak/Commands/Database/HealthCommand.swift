import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// `daybreak db health`.
enum HealthCommand: Command {
  static let syntax = CommandSyntax(
    name: "db health", summary: "Say how the catalog's database is, and what wants to be seen to.",
    operands: "", operandCount: 0...0,
    options: HealthOptions.all + [
      .init("fail-on", "WHAT", "Exit with 1 when there are `warnings`."), DatabaseOptions.json,
    ],
    notes: [
      """
      Nothing is changed, and any role that may connect will do; what it may not ask is said. A database
      that was made from the original's document is looked at as it is (--schema names its schema).
      The replica that CATALOG_DATABASE_REPLICA_URL names is asked how far it is behind.
      Exit code 4: the database, or its ClickHouse, cannot be used.
      """
    ],
    examples: [
      ("daybreak db health --catalog netra --json --fail-on warnings", "for a monitor"),
      (
        "daybreak db health --catalog xray --database postgres://reader@logs/xray",
        "an original's database"
      ),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let failsOnWarnings = try arguments.choice("fail-on", of: ["warnings"]) != nil
    let report = try HealthOptions.report(arguments)
    if arguments.has("json") { try UpkeepOutput.printJSON(report) } else { show(report) }
    if report.status == .unhealthy { return .failed }
    return failsOnWarnings && !report.warnings.isEmpty ? .findings : .done
  }

  private static func show(_ report: HealthReport) {
    let checks = report.checks
    let database = checks.database
    var rows = [
      [
        "\(report.catalog)",
        report.status.rawValue + (report.isOurs ? "" : ", not made by Daybreak"),
      ]
    ]
    rows.append([
      "server",
      "PostgreSQL \(database.version ?? "unknown")"
        + (database.isReplica == true ? ", a replica" : ""),
    ])
    rows.append(["extensions", database.extensions.joined(separator: ", ")])
    rows.append([
      "connections",
      "\(database.checkedOut ?? 0) of \(database.poolSize ?? 0), \(database.idle ?? 0) idle",
    ])
    let rowCount = checks.tables.reduce(0) { $0 + $1.estimatedRows }
    rows.append([
      "size",
      "\(UpkeepOutput.size(database.sizeBytes ?? 0)), \(checks.tables.count) tables, about \(rowCount) rows",
    ])
    rows += replication(checks.replication)
    if let replica = checks.replica {
      let state = replica.behindSeconds.map { "\(UpkeepOutput.span($0)) behind" }
      rows.append(["replica for reading", state ?? replica.status.rawValue])
    }
    if let archiving = checks.archiving { rows.append(["WAL archiving", archiving.mode]) }
    for parts in checks.partitions {
      let ahead = parts.isHypertable ? "makes days by itself" : "\(parts.daysReady) days ahead"
      rows.append(["days of \(parts.table)", "\(parts.parts), \(ahead)"])
    }
    for view in checks.materializedViews {
      rows.append([
        view.view, view.ageSeconds.map { "\(UpkeepOutput.span($0)) old" } ?? "never refreshed",
      ])
    }
    if let backups = checks.backups {
      rows.append([
        "last backup", backups.ageSeconds.map { "\(UpkeepOutput.span($0)) old" } ?? "none",
      ])
    }
    if let clickHouse = checks.clickhouse {
      let bytes = clickHouse.tables.reduce(0) { $0 + ($1.bytes ?? 0) }
      rows.append([
        "ClickHouse",
        "\(clickHouse.version ?? "unknown"), \(UpkeepOutput.size(bytes)), \(clickHouse.merges) merges, "
          + "\(clickHouse.unfinishedMutations) mutations",
      ])
    }
    print(UpkeepOutput.table(rows.map { $0.map { displayText($0) } }), terminator: "")
    for warning in report.warnings {
      print("\n\(warning.check): \(displayText(warning.message))")
      if let remedy = warning.remedy { print("  \(displayText(remedy))") }
    }
  }
}

extension HealthCommand {
  /// How far replicas are behind, or this one.
  private static func replication(_ found: HealthReport.Replication?) -> [[String]] {
    guard let found else { return [] }
    func span(_ seconds: Double?) -> String { seconds.map(UpkeepOutput.span) ?? "an unknown time" }
    var rows = found.replicas.map { replica in
      let bytes = replica.behindBytes.map { "\(UpkeepOutput.size($0)) behind" } ?? "unknown"
      let time = replica.behindSeconds.map { ", \(UpkeepOutput.span($0))" } ?? ""
      return ["replica \(replica.name)", "\(replica.state), \(bytes)\(time)"]
    }
    if let isReceiving = found.isReceiving {
      let state = isReceiving ? "receives from its primary" : "receives nothing"
      rows.append(["this replica", "\(state), \(span(found.behindSeconds)) behind"])
    }
    return rows
  }
}

/// `daybreak db stats`.
enum StatsCommand: Command {
  static let syntax = CommandSyntax(
    name: "db stats", summary: "List tables by size, indexes by use, and the slowest statements.",
    operands: "", operandCount: 0...0, options: HealthOptions.all + [DatabaseOptions.json],
    notes: [
      "Slow statements need the extension pg_stat_statements; they are shown without their values."
    ],
    examples: [("daybreak db stats --catalog loglytics", "what takes room and time")])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let report = try HealthOptions.report(arguments)
    guard report.status != .unhealthy else {
      for warning in report.warnings { print("\(warning.message)\n  \(warning.remedy ?? "")") }
      return .failed
    }
    if arguments.has("json") {
      try UpkeepOutput.printJSON(report.checks)
      return .done
    }
    let tables = report.checks.tables.map {
      [
        displayText($0.table), UpkeepOutput.size($0.bytes), "\($0.estimatedRows)", "\($0.parts)",
        String(format: "%.1f %%", $0.deadShare * 100), $0.hasRowSecurity ? "on" : "off",
      ]
    }
    let heads = ["table", "size", "rows, about", "parts", "dead", "row security"]
    print(UpkeepOutput.table([heads] + tables, numbers: [1, 2, 3, 4]))
    let indexes = report.checks.indexes.map {
      [displayText($0.index), displayText($0.table), "\($0.scans)", UpkeepOutput.size($0.bytes)]
    }
    print(UpkeepOutput.table([["index", "table", "scans", "size"]] + indexes, numbers: [2, 3]))
    guard let statements = report.checks.slowStatements else {
      print("no statements: pg_stat_statements is not there")
      return .done
    }
    let rows = statements.map {
      [
        String(format: "%.1f", $0.totalMilliseconds), "\($0.calls)",
        String(format: "%.2f", $0.meanMilliseconds),
        displayText(String($0.statement.prefix(100))),
      ]
    }
    print(
      UpkeepOutput.table(
        [["total ms", "calls", "mean ms", "statement"]] + rows, numbers: [0, 1, 2]), terminator: "")
    return .done
  }
}

/// What `db health` and `db stats` take.
enum HealthOptions {
  static let all = [
    DatabaseOptions.catalog, DatabaseOptions.database, DatabaseOptions.clickHouse,
    CommandSyntax.Option("schema", "NAME", "The schema to look at (the catalog's, else public)."),
    CommandSyntax.Option("backups", "DIR", "Where backups are (DAYBREAK_HOME/backups)."),
  ]

  /// Looks.
  static func report(_ arguments: ParsedArguments) throws -> HealthReport {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let root =
      arguments.value("backups").map { URL(filePath: $0).standardizedFileURL.path }
      ?? database.surroundings.home.appending(path: "backups").path
    return HealthCheck(
      database.catalog, in: database.target, schema: arguments.value("schema"),
      backups: BackupFolder(root: root, catalog: database.catalog.name), replica: database.replica,
      settings: database.settings,
      now: database.surroundings.now()
    ).run(clickHouse: try database.clickHouse(arguments))
  }
}
