import Catalogs
import DaybreakCore
import Foundation
import Postgres

/// `daybreak db status`.
enum DatabaseStatusCommand: Command {
  static let syntax = CommandSyntax(
    name: "db status", summary: "Say whose a database is, and which migrations are applied.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database, DatabaseOptions.clickHouse,
      DatabaseOptions.migrations, DatabaseOptions.json,
    ],
    notes: [
      """
      Exits with 1 when migrations are still to come, or files and database do not agree. A database
      that the system's own program made is said to be one, with what differs from what that program
      makes. --catalog daybreak is the store of runs.
      """
    ],
    examples: [
      (
        "daybreak db status --catalog netra",
        "what the database that NETRA_DATABASE_URL names is at"
      )
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments, storeToo: true)
    defer { database.close() }
    let catalog = database.catalog
    let state = try database.withConnection(arguments, isWriting: false) {
      try CatalogState(of: catalog, on: $0)
    }
    let analytics = try database.clickHouse(arguments).map {
      try ClickHouseMigrator(catalog).status(of: $0)
    }
    let report = StatusReport(catalog, state)
    if arguments.has("json") {
      try DatabaseJSON.show(Record(report: report.record, clickhouse: analytics))
    } else {
      print(report.text)
      if let analytics, let part = catalog.definition.clickHouse {
        print(
          "ClickHouse database \(part.database) is at version \(analytics.version)"
            + (analytics.pending.isEmpty ? "" : ", \(analytics.pending.count) to come")
            + (analytics.isDirty ? ", stopped half-way: init goes on from there" : ""))
      }
    }
    let isCurrent = analytics.map { $0.pending.isEmpty && !$0.isDirty } ?? true
    return report.isInOrder && isCurrent ? .done : .findings
  }

  /// The report's keys, with those of ClickHouse beside them.
  private struct Record<Report: Encodable>: Encodable {
    let report: Report
    let clickhouse: ClickHouseMigrator.Status?

    func encode(to encoder: any Encoder) throws {
      try report.encode(to: encoder)
      if let clickhouse {
        var keys = encoder.container(keyedBy: Keys.self)
        try keys.encode(clickhouse, forKey: .clickhouse)
      }
    }

    private enum Keys: String, CodingKey { case clickhouse }
  }
}

/// What `db status` says.
struct StatusReport {
  private let catalog: Catalog
  private let state: CatalogState

  init(_ catalog: Catalog, _ state: CatalogState) {
    self.catalog = catalog
    self.state = state
  }

  /// Whether nothing is left to do.
  var isInOrder: Bool {
    switch state {
    case .ours(let status):
      status.pending.isEmpty && !status.isDirty && status.unknownVersions.isEmpty
        && !status.entries.contains { if case .edited = $0.state { true } else { false } }
    case .original: true
    case .absent, .foreign: false
    }
  }

  var text: String {
    switch state {
    case .absent:
      return "\(catalog.name) is not in this database\n  daybreak db init --catalog \(catalog.name)"
    case .foreign(let schema, let tables):
      return "schema \(schema) holds \(counted(tables.count, "table")) that Daybreak did not make: "
        + tables.prefix(6).map { displayText($0) }.joined(separator: ", ")
    case .original(let original): return text(of: original)
    case .ours(let status): return text(of: status)
    }
  }

  private func text(of status: MigrationStatus) -> String {
    var lines = [
      "\(catalog.name) is at version \(status.currentVersion)"
        + (status.pending.isEmpty ? "" : ", \(status.pending.count) to come")
    ]
    let width = status.entries.map(\.title.count).max() ?? 0
    for entry in status.entries {
      let title = entry.title + String(repeating: " ", count: width - entry.title.count)
      lines.append("  \(entry.version)  \(title)  \(Self.words(entry.state))")
    }
    for version in status.unknownVersions {
      lines.append("  \(version)  unknown to this program: use the newer one that applied it")
    }
    if status.isDirty { lines.append("  marked dirty: another tool failed half-way") }
    if !status.pending.isEmpty { lines.append("daybreak db migrate --catalog \(catalog.name)") }
    return lines.joined(separator: "\n")
  }

  private static func words(_ state: MigrationStatus.State) -> String {
    switch state {
    case .pending: "to come"
    case .applied(let moment): "applied \(moment)"
    case .edited(let moment): "applied \(moment), and its file was edited since"
    case .appliedElsewhere: "applied by another tool"
    }
  }

  private func text(of original: OriginalDatabase) -> String {
    var lines = [
      "schema \(displayText(original.schema)) holds the tables of \(catalog.name)'s own program: Daybreak reads "
        + "them and changes nothing"
    ]
    for (name, storage) in original.tables.sorted(by: { $0.key < $1.key }) {
      switch storage {
      case .plain: lines.append("  \(name)")
      case .partitioned(let key, let parts):
        lines.append("  \(name), partitioned by \(key), \(counted(parts, "part"))")
      case .hypertable(let chunks):
        lines.append("  \(name), a hypertable, \(counted(chunks, "chunk"))")
      }
    }
    if !original.missingTables.isEmpty {
      lines.append("not there: \(original.missingTables.joined(separator: ", "))")
    }
    if original.differences.isEmpty {
      lines.append("every column is as expected")
    } else {
      lines.append("what differs:")
      lines += original.differences.map { "  \(displayText($0.description))" }
    }
    return lines.joined(separator: "\n")
  }

  /// The same for programs.
  var record: some Encodable { Record(catalog, state) }

  private struct Record: Encodable {
    struct Migration: Encodable {
      let version: Int64
      let title: String
      let state: String
      let appliedAt: String?
    }
    struct Table: Encodable {
      let name: String
      let kept: String
      let parts: Int
    }
    let catalog: String
    let state: String
    var schema: String
    var version: Int64?
    var isDirty: Bool?
    var pending: Int?
    var migrations: [Migration]?
    var unknownVersions: [Int64]?
    var tables: [Table]?
    var missingTables: [String]?
    var differences: [String]?

    init(_ catalog: Catalog, _ found: CatalogState) {
      self.catalog = catalog.name
      schema = catalog.schema
      switch found {
      case .absent: state = "absent"
      case .foreign(let name, let names):
        state = "foreign"
        schema = name
        tables = names.map { Table(name: $0, kept: "unknown", parts: 0) }
      case .original(let original):
        state = "original"
        schema = original.schema
        tables = original.tables.sorted { $0.key < $1.key }.map { name, storage in
          switch storage {
          case .plain: Table(name: name, kept: "plain", parts: 0)
          case .partitioned(_, let parts): Table(name: name, kept: "partitioned", parts: parts)
          case .hypertable(let chunks): Table(name: name, kept: "hypertable", parts: chunks)
          }
        }
        missingTables = original.missingTables
        differences = original.differences.map(\.description)
      case .ours(let status):
        state = "ours"
        version = status.currentVersion
        isDirty = status.isDirty
        pending = status.pending.count
        unknownVersions = status.unknownVersions
        migrations = status.entries.map { entry in
          let (word, moment): (String, Timestamp?) =
            switch entry.state {
            case .pending: ("pending", nil)
            case .applied(let moment): ("applied", moment)
            case .edited(let moment): ("edited", moment)
            case .appliedElsewhere: ("applied_elsewhere", nil)
            }
          return Migration(
            version: entry.version, title: entry.title, state: word,
            appliedAt: moment.map { "\($0)" })
        }
      }
    }
  }
}
