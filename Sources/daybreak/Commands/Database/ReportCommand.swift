import Catalogs
import DaybreakCore
import Foundation
import Pipeline
import Rendering

/// `daybreak db report`.
enum ReportCommand: Command {
  static let syntax = CommandSyntax(
    name: "db report", summary: "Say what a catalog's database holds of a day, as Markdown.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database, DatabaseOptions.clickHouse,
      .init("tenant", "NAME", "Whose; for the catalogs whose rows belong to tenants."),
      .init("date", "DATE", "Which day, in UTC (yesterday)."), DatabaseOptions.json,
    ],
    notes: [
      """
      The queries of the catalog, read as daybreak_reader in one snapshot: row-level security shows the
      tenant's rows and no others, whoever logs in. Netra's add up over all users and name none; Xray has
      one operator. Of more than 200 rows the first are shown. --json prints sections by name, as a
      report's `catalogs` has them.
      """
    ],
    examples: [
      (
        "daybreak db report --catalog anzx --tenant 'Acme Ltd' --date 2026-03-12",
        "one organization's day"
      ),
      ("daybreak db report --catalog xray --json", "for a program"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let wanted = try arguments.date("date")
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let catalog = database.catalog
    let name = arguments.value("tenant")
    guard CatalogReport.isOfTenant(catalog) == (name != nil) else {
      throw UsageError(
        summary: name == nil
          ? "--tenant is missing: \(catalog.name)'s rows belong to tenants"
          : "a report on \(catalog.name) is of all, and takes no --tenant",
        remedy: name == nil
          ? "daybreak tenants list --catalog \(catalog.name)" : "leave --tenant away")
    }
    let today = Int(database.surroundings.now().nanoseconds / 86_400_000_000_000)
    let day = wanted ?? CivilDate(dayNumber: today - 1)
    let start = Timestamp(seconds: Int64(day.dayNumber) * 86_400)
    let session = try CatalogSession(
      catalog, on: try database.readingTarget(), options: database.settings)
    let tenant = try name.map { try CatalogTenants(session).find($0) }
    let report = try CatalogReport(
      session, tenant: tenant,
      window: TimeWindow(start: start, end: start.advanced(bySeconds: 86_400)))
    let owner = report.tenant.map { " of \($0)" } ?? ""
    var sections = [
      (catalog.name, CatalogSection("\(catalog.name)\(owner), \(day) UTC", report.parts))
    ]
    if let client = try database.clickHouse(arguments) {
      let parts = try CatalogReport.clickHouseParts(of: catalog, client, window: report.window)
      sections.append(
        (
          "\(catalog.name)_clickhouse",
          CatalogSection("\(catalog.name)'s ClickHouse, \(day) UTC", parts)
        ))
    }
    let bytes =
      arguments.has("json")
      ? JSONValue.object(sections.map { ($0.0, $0.1.json) }).encoded()
      : Array(sections.map { "\($0.1.markdown)\n" }.joined(separator: "\n").utf8)
    FileHandle.standardOutput.write(Data(bytes))
    return .done
  }
}
