import Catalogs
import DaybreakCore
import Foundation

/// `daybreak db create-migration`.
enum CreateMigrationCommand: Command {
  static let syntax = CommandSyntax(
    name: "db create-migration", summary: "Write the next pair of migration files from a template.",
    operands: "TITLE", operandCount: 1...1,
    options: [
      DatabaseOptions.catalog,
      .init(
        "directory", "DIR", "Where to; by default migrations/NAME below the working directory."),
      DatabaseOptions.json,
    ],
    examples: [
      (
        "daybreak db create-migration --catalog anzx \"add index of plans\"",
        "migrations/anzx/000007_add_index_of_plans.up.sql and .down.sql"
      )
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let name = try CatalogDatabase.catalogName(arguments, storeToo: true)
    let directory = arguments.value("directory") ?? "migrations/\(name)"
    let made = try NewMigration(
      title: arguments.operands[0], directory: URL(filePath: directory),
      schema: try Catalog(named: name).schema)
    if arguments.has("json") {
      try DatabaseJSON.show(["up": made.up.path, "down": made.down.path])
    } else {
      print(made.up.path)
      print(made.down.path)
    }
    return .done
  }
}
