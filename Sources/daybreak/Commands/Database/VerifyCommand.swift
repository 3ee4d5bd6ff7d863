import Catalogs
import DaybreakCore
import Foundation
import Postgres

/// `daybreak db verify`.
enum VerifyCommand: Command {
  static let syntax = CommandSyntax(
    name: "db verify",
    summary: "Compare a database with what the migrations make, and prove that tenants are apart.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("skip-probe", nil, "Compare only: make no probe tenants."),
      DatabaseOptions.lockTimeout, DatabaseOptions.json,
    ],
    notes: [
      """
      Compares tables, columns, indexes, constraints, triggers, functions, policies, rights, owners and
      roles, and says of each difference what mends it. Then two probe tenants get a row in every table
      within a transaction that is rolled back, and each is tried on the other's rows, by table, role and
      verb. Exits with 1 when anything is found. A replica cannot be written to: --skip-probe compares alone.
      --catalog daybreak is the store of runs.
      """
    ],
    examples: [
      ("daybreak db verify --catalog loghunter", "after a change by hand, and every night"),
      ("daybreak db verify --catalog netra --json", "for a program"),
      (
        "daybreak db verify --catalog daybreak --database postgres://db.example/daybreak",
        "the store that jobs write to"
      ),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments, storeToo: true)
    defer { database.close() }
    let catalog = database.catalog
    let probes = !arguments.has("skip-probe") && catalog.definition.tenancy != nil
    return try database.withConnection(arguments, isWriting: probes) { connection in
      let state = try CatalogState(of: catalog, on: connection)
      guard case .ours(let status) = state else {
        let report = StatusReport(catalog, state)
        if arguments.has("json") {
          try DatabaseJSON.show(report.record)
        } else {
          print(report.text)
        }
        return report.isInOrder ? .done : .findings
      }
      if !status.pending.isEmpty {
        throw CatalogError.behind(catalog: catalog.name, pending: status.pending.count)
      }
      let comparison = try SchemaComparison(of: catalog, on: connection)
      let probe =
        arguments.has("skip-probe") ? nil : try IsolationProbe.run(on: catalog, connection)
      if arguments.has("json") {
        try DatabaseJSON.show(Record(catalog, comparison, probe))
      } else {
        show(catalog, comparison, probe, wasSkipped: arguments.has("skip-probe"))
      }
      let isClean = comparison.drifts.isEmpty && probe?.findings.isEmpty != false
      return isClean ? .done : .findings
    }
  }

  private static func show(
    _ catalog: Catalog, _ comparison: SchemaComparison, _ probe: IsolationProbe?,
    wasSkipped: Bool
  ) {
    let extensions = comparison.extensionsUsed
    print(
      "\(catalog.name), made "
        + (extensions.isEmpty ? "without extensions" : "with \(extensions.joined(separator: ", "))")
        + ": \(comparison.factCount) facts compared, "
        + (comparison.drifts.isEmpty
          ? "none differs" : counted(comparison.drifts.count, "difference")))
    if let omission = comparison.omission { print("  \(omission)") }
    for drift in comparison.drifts {
      print("  \(drift.isAboutSecurity ? "security: " : "")\(displayText(drift.summary))")
      print("    \(displayText(drift.remedy))")
    }
    guard let probe else {
      return print(
        wasSkipped
          ? "no probe was run" : "\(catalog.name) has no tenants: there is nothing to prove")
    }
    print(
      "two probe tenants, \(counted(probe.tableCount, "table and view")), "
        + "\(counted(probe.trials.count, "trial")): "
        + (probe.findings.isEmpty
          ? "neither reaches the other" : counted(probe.findings.count, "finding"))
        + "; all rolled back")
    for trial in probe.findings {
      print(
        "  \(trial.table), \(trial.verb.rawValue) as \(trial.role): \(displayText(trial.words))")
    }
    for (table, rows) in probe.sharedRows.sorted(by: { $0.key < $1.key }) {
      print("  \(table): \(counted(rows, "row")) shared by all tenants")
    }
  }

  private struct Record: Encodable {
    struct Drift: Encodable {
      let kind: String
      let object: String
      let change: String
      let expected: String?
      let found: String?
      let isAboutSecurity: Bool
      let summary: String
      let remedy: String
    }
    struct Trial: Encodable {
      let table: String
      let role: String
      let verb: String
      let result: String
      let detail: String
    }
    let catalog: String
    let state = "ours"
    let extensionsUsed: [String]
    let factsCompared: Int
    let omission: String?
    let differences: [Drift]
    let trials: Int?
    let probeFindings: [Trial]?
    let sharedRows: [String: Int]?

    init(_ catalog: Catalog, _ comparison: SchemaComparison, _ probe: IsolationProbe?) {
      self.catalog = catalog.name
      extensionsUsed = comparison.extensionsUsed
      factsCompared = comparison.factCount
      omission = comparison.omission
      differences = comparison.drifts.map { drift in
        let (change, expected, found): (String, String?, String?) =
          switch drift.change {
          case .missing(let expected): ("missing", expected, nil)
          case .unexpected(let found): ("unexpected", nil, found)
          case .different(let expected, let found): ("different", expected, found)
          }
        return Drift(
          kind: drift.key.kind.rawValue, object: drift.key.object, change: change,
          expected: expected, found: found, isAboutSecurity: drift.isAboutSecurity,
          summary: drift.summary, remedy: drift.remedy)
      }
      trials = probe?.trials.count
      probeFindings = probe?.findings.map {
        Trial(
          table: $0.table, role: $0.role, verb: $0.verb.rawValue, result: $0.resultWord,
          detail: $0.words)
      }
      sharedRows = probe?.sharedRows
    }
  }
}

extension IsolationProbe.Trial {
  /// What happened, in words.
  var words: String {
    switch result {
    case .isolated: "the other's rows are out of reach"
    case .leaked(let how): "LEAK: \(how)"
    case .blind(let how): how
    case .unproven(let why): "not proven: \(why)"
    }
  }

  /// The kind of result, for programs.
  var resultWord: String {
    switch result {
    case .isolated: "isolated"
    case .leaked: "leaked"
    case .blind: "blind"
    case .unproven: "unproven"
    }
  }
}
