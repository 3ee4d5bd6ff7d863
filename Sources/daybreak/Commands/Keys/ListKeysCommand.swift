import Catalogs
import DaybreakCore
import Pipeline
import Postgres

/// `daybreak keys list`.
enum ListKeysCommand: Command {
  static let syntax = CommandSyntax(
    name: "keys list", summary: "List API keys: everything but the keys.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("tenant", "NAME", "One tenant alone, by name or id; all takes a member of the owner."),
      DatabaseOptions.json,
    ],
    notes: [
      "A database that LogHunter itself made is read as it is, and nothing is changed in it."
    ],
    examples: [
      ("daybreak keys list --catalog loghunter", "keys of every tenant, revoked ones too"),
      ("daybreak keys list --catalog loglytics --tenant ann@acme.test --json", "for a program"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let records = try records(arguments, database)
    let now = database.surroundings.now()
    if arguments.has("json") {
      try printJSON(records.map { PrintedKey($0, now: now) })
    } else {
      printTable(
        ["TENANT", "NAME", "KEY", "STATE", "SCOPES", "EXPIRES", "LAST USED"],
        records.map { record in
          [
            record.tenant, record.name, record.prefix,
            record.state(at: now) + (record.digest == .bcrypt ? " (bcrypt)" : ""),
            record.scopes.joined(separator: ","), record.expiresAt?.rfc3339 ?? "never",
            record.lastUsedAt?.rfc3339 ?? "never",
          ]
        })
    }
    return .done
  }

  private static func records(
    _ arguments: ParsedArguments, _ database: CatalogDatabase
  ) throws -> [KeyRecord] {
    let session: CatalogSession
    do {
      session = try CatalogSession(
        database.catalog, on: database.target, options: database.settings)
    } catch AccessError.schemaMissing(_, _, isOriginal: true) {
      guard
        let original = try OriginalKeys(
          database.catalog, Connection(database.target, options: database.settings))
      else {
        return []
      }
      tell("a database that \(database.catalog.name) itself made: read, and not changed")
      let wanted = arguments.value("tenant")
      return try original.keys().filter { wanted == nil || $0.tenant == wanted }
    }
    let keyring = try APIKeyring(session)
    if arguments.value("tenant") != nil {
      return try keyring.list(try KeyOptions.tenant(arguments, session))
    }
    return try CatalogTenants(session).list().flatMap { try keyring.list($0) }
  }
}
