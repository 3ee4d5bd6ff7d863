import Catalogs
import DaybreakCore
import Pipeline

/// `daybreak keys verify`.
enum VerifyKeyCommand: Command {
  static let syntax = CommandSyntax(
    name: "keys verify", summary: "Say whether an API key is accepted, and mark it as used.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database,
      .init("scope", "NAME", "Accept only a key that has this scope."),
      DatabaseOptions.json,
    ],
    notes: [
      "The key comes by the variable DAYBREAK_API_KEY or by standard input, never as an argument.\n"
        + "A key that LogHunter made is accepted by its bcrypt hash, which SHA-256 then replaces.\n"
        + "Exits with 1 when the key is not accepted."
    ],
    examples: [
      ("daybreak keys verify --catalog loghunter < ci.key", "accepted or not"),
      (
        "daybreak keys verify --catalog netra --scope read:runs --json < ci.key",
        "whose it is and what it allows, for a program"
      ),
    ])

  private struct Verdict: Encodable {
    var accepted: Bool
    var id: String?
    var tenant: String?
    var scopes: [String]?
    var expiresAt: String?
    var rehashed: Bool?

    enum CodingKeys: String, CodingKey {
      case accepted, id, tenant, scopes, rehashed
      case expiresAt = "expires_at"
    }
  }

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let variable = database.surroundings.variables["DAYBREAK_API_KEY"].flatMap {
      $0.isEmpty ? nil : $0
    }
    let presented = try variable ?? PrivateInput.read("API key", byteLimit: 4096)
    let session = try CatalogSession(
      database.catalog, on: database.target, options: database.settings)
    let key = try APIKeyring(session).accept(presented)
    let scope = arguments.value("scope")
    let isAccepted = key != nil && (scope == nil || key?.scopes.contains(scope ?? "") == true)
    if arguments.has("json") {
      try printJSON(
        Verdict(
          accepted: isAccepted, id: key?.id, tenant: key?.tenant, scopes: key?.scopes,
          expiresAt: key?.expiresAt?.rfc3339, rehashed: key?.wasRehashed))
    } else if let key, isAccepted {
      print(
        "accepted: tenant \(key.tenant), scopes \(key.scopes.map(oneLine).joined(separator: ","))")
    } else {
      print(
        key == nil ? "not accepted" : "not accepted: the key has no scope `\(oneLine(scope ?? ""))`"
      )
    }
    if key?.wasRehashed == true { tell("the row held bcrypt and holds SHA-256 now") }
    return isAccepted ? .done : .findings
  }
}
