import Catalogs
import DaybreakCore
import Foundation
import Postgres

/// `daybreak db plan`.
enum PlanCommand: Command {
  static let syntax = CommandSyntax(
    name: "db plan",
    summary: "Say what a migration would lock, and what hurts; runs nothing.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("to", "VERSION", "Where to end; below the current version, the way back."),
      .init("sql", nil, "Print the SQL that would run, and nothing else."),
      .init("all", nil, "List statements that lock nothing as well."),
      DatabaseOptions.migrations, DatabaseOptions.json,
    ],
    notes: [
      """
      For each statement: where it stands, its first words, the lock it takes on which table, and who
      waits until its transaction has ended. Warnings carry the names of squawk's rules. Locks of ACCESS
      SHARE are left out: only ACCESS EXCLUSIVE waits for them. Exits with 1 when there are warnings.
      """
    ],
    examples: [
      ("daybreak db plan --catalog loglytics", "before migrate"),
      ("daybreak db plan --catalog xray --sql | less", "to read, or to run by psql"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let target = try arguments.integer("to", in: 0...Int(Int64.max)).map { Int64($0) }
    let database = try CatalogDatabase(arguments, storeToo: true)
    defer { database.close() }
    let catalog = database.catalog
    return try database.withConnection(arguments, isWriting: false) { connection in
      try catalog.requireOurs(try CatalogState(of: catalog, on: connection), absentIsFine: true)
      let migrator = try catalog.migrator()
      let plan = try migrator.plan(on: connection, to: target)
      if arguments.has("sql") {
        print(plan.sql, terminator: "")
        return .done
      }
      let advice = try MigrationAdvice(
        plan, schema: catalog.schema, functions: try migrator.functionBodies(), on: connection)
      if arguments.has("json") {
        try DatabaseJSON.show(Record(catalog: catalog.name, advice))
      } else {
        show(advice, catalog: catalog.name, all: arguments.has("all"))
      }
      return advice.warnings.isEmpty ? .done : .findings
    }
  }

  private static func show(_ advice: MigrationAdvice, catalog: String, all: Bool) {
    guard !advice.steps.isEmpty else { return print("\(catalog): nothing to run") }
    for step in advice.steps {
      let direction = advice.direction == .up ? "applies" : "takes back"
      print("\(direction) \(step.version)  \(step.title)  (\(step.file))")
      var quiet = 0
      for statement in step.statements {
        let matters = statement.locks.contains { $0.exists } || !statement.warnings.isEmpty
        guard matters || all || statement.isComputed else {
          quiet += 1
          continue
        }
        show(statement)
      }
      if quiet > 0 {
        print("  \(counted(quiet, "more statement")): nobody waits (--all lists them)")
      }
    }
    let count = advice.warnings.count
    print(count == 0 ? "no warnings" : counted(count, "warning"))
  }

  private static func show(_ statement: MigrationAdvice.Statement) {
    print(
      "  \(statement.location.file):\(statement.location.line)  \(displayText(statement.words))")
    for lock in statement.locks {
      let rows = lock.estimatedRows.map { ", about \(counted($0, "row"))" } ?? ""
      print(
        "    \(lock.mode.words) on \(lock.relation): \(lock.whoWaits)\(lock.exists ? rows : "")")
    }
    if statement.isComputed { print("    part of it is computed as it runs") }
    for warning in statement.warnings { print("    warning \(warning.rule): \(warning.message)") }
  }

  private struct Record: Encodable {
    struct Lock: Encodable {
      let relation: String
      let mode: String
      let exists: Bool
      let stopsReaders: Bool
      let stopsWriters: Bool
      let estimatedRows: Int64?
    }
    struct Warning: Encodable {
      let rule: String
      let message: String
    }
    struct Statement: Encodable {
      let file: String
      let line: Int
      let words: String
      let locks: [Lock]
      let warnings: [Warning]
      let isComputed: Bool
    }
    struct Step: Encodable {
      let version: Int64
      let title: String
      let statements: [Statement]
    }
    let catalog: String
    let direction: String
    let steps: [Step]

    init(catalog: String, _ advice: MigrationAdvice) {
      self.catalog = catalog
      direction = advice.direction == .up ? "up" : "down"
      steps = advice.steps.map { step in
        Step(
          version: step.version, title: step.title,
          statements: step.statements.map { statement in
            Statement(
              file: statement.location.file, line: statement.location.line,
              words: statement.words,
              locks: statement.locks.map {
                Lock(
                  relation: $0.relation.description, mode: $0.mode.words, exists: $0.exists,
                  stopsReaders: $0.exists && $0.mode.stopsReaders,
                  stopsWriters: $0.exists && $0.mode.stopsWriters,
                  estimatedRows: $0.estimatedRows)
              },
              warnings: statement.warnings.map { Warning(rule: $0.rule, message: $0.message) },
              isComputed: statement.isComputed)
          })
      }
    }
  }
}
