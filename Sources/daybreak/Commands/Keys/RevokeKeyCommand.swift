import Catalogs
import DaybreakCore
import Pipeline

/// `daybreak keys revoke`.
enum RevokeKeyCommand: Command {
  static let syntax = CommandSyntax(
    name: "keys revoke", summary: "Revoke an API key: its row stays, and opens nothing any more.",
    operands: "KEY", operandCount: 1...1,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("tenant", "NAME", "Whose: needed unless KEY is the dbk_<id> of a key in force."),
      DatabaseOptions.json,
    ],
    notes: ["KEY is dbk_<id>, the id of the row, or the name of the key; never the whole key."],
    examples: [
      (
        "daybreak keys revoke --catalog loghunter dbk_0f8b7a2c4d6e4f10a1b2c3d4e5f60718",
        "whoever has that key is refused from now on"
      ),
      ("daybreak keys revoke --catalog loghunter --tenant acme prod-cli", "by name"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    var word = arguments.operands[0]
    if let key = APIKey(word) {
      tell("a whole key in the command line can be seen by others: good that it is revoked")
      word = key.prefix
    }
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let session = try CatalogSession(
      database.catalog, on: database.target, options: database.settings)
    let keyring = try APIKeyring(session)
    let record = try keyring.revoke(word, of: try tenant(of: word, arguments, session, keyring))
    if arguments.has("json") {
      var revoked = record
      revoked.revokedAt = database.surroundings.now()
      try printJSON(PrintedKey(revoked, now: database.surroundings.now()))
    } else {
      print("revoked `\(oneLine(record.name))`, \(record.prefix)")
    }
    return .done
  }

  private static func tenant(
    of word: String, _ arguments: ParsedArguments, _ session: CatalogSession,
    _ keyring: APIKeyring
  ) throws -> CatalogTenant {
    if arguments.value("tenant") != nil || !word.hasPrefix("dbk_") {
      return try KeyOptions.tenant(arguments, session)
    }
    guard let id = try keyring.tenantID(ofPrefix: word) else {
      throw AccessError.keyUnknown(catalog: session.catalog.name)
    }
    return CatalogTenant(id: id, name: id)
  }
}
