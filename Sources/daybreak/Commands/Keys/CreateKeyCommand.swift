import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// `daybreak keys create`.
enum CreateKeyCommand: Command {
  static let syntax = CommandSyntax(
    name: "keys create", summary: "Make an API key and show it, once.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database, KeyOptions.tenant,
      .init("name", "NAME", "What tells the key from the tenant's others."),
      .init("scopes", "LIST", "What it allows, with commas: read:logs,write:logs (default none)."),
      .init("expires", "WHEN", "A date such as 2026-12-31, or a span such as 90d (default never)."),
      KeyOptions.out, DatabaseOptions.json,
    ],
    notes: ["The key is shown now and never again: the database holds a digest of it alone."],
    examples: [
      (
        "daybreak keys create --catalog loghunter --tenant acme --name ci --expires 90d",
        "prints dbk_<id>_<secret>"
      ),
      (
        "daybreak keys create --catalog netra --tenant ann@acme.test --name ci --out ci.key",
        "the key in a file that its owner alone can read"
      ),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    guard let given = arguments.value("name") else {
      throw UsageError(summary: "--name is missing", remedy: "see `daybreak keys create --help`")
    }
    let name = try KeyOptions.name(given, of: "--name")
    let scopes = try scopes(arguments.value("scopes"))
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let now = database.surroundings.now()
    let expiresAt = try expiry(arguments.value("expires"), now: now)
    let session = try CatalogSession(
      database.catalog, on: database.target, options: database.settings)
    let keyring = try APIKeyring(session)
    let tenant = try KeyOptions.tenant(arguments, session)
    var generator = SystemRandomNumberGenerator()
    let key = APIKey(using: &generator)
    let record = KeyRecord(
      id: key.rowID, tenant: tenant.name, name: name, prefix: key.prefix, scopes: scopes,
      createdAt: now, expiresAt: expiresAt, lastUsedAt: nil, revokedAt: nil, digest: .sha256)
    let output = PrivateOutput(path: arguments.value("out"))
    let isJSON = arguments.has("json")
    var isWritten = false
    do {
      try keyring.create(
        key, for: tenant, name: name, scopes: scopes, expiresAt: expiresAt
      ) { text in
        let shown = isJSON && output.path == nil ? try json(record, key: text, now) : text
        try output.write(shown + "\n")
        isWritten = true
      }
    } catch {
      if isWritten { output.takeBack() }
      throw error
    }
    if isJSON, output.path != nil { print(try json(record, key: nil, now)) }
    tell(
      "made \(key.prefix) of `\(tenant.name)`"
        + (output.path.map { ", in \($0)" } ?? "; it is not shown again"))
    return .done
  }

  private static func json(_ record: KeyRecord, key: String?, _ now: Timestamp) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(PrintedKey(record, now: now, key: key))
    return visibleJSON(String(decoding: data, as: UTF8.self))
  }

  private static func scopes(_ text: String?) throws(UsageError) -> [String] {
    var scopes: [String] = []
    for part in (text ?? "").split(separator: ",") {
      guard part.wholeMatch(of: /[A-Za-z0-9_.:\/*-]{1,100}/) != nil else {
        throw UsageError(
          summary: "--scopes cannot hold `\(oneLine(String(part)))`",
          remedy: "letters, digits and _ . : / * - , with commas between scopes")
      }
      if !scopes.contains(String(part)) { scopes.append(String(part)) }
    }
    return scopes
  }

  private static func expiry(_ text: String?, now: Timestamp) throws(UsageError) -> Timestamp? {
    guard let text, text != "never" else { return nil }
    var moment: Timestamp?
    if let date = CivilDate(text) {
      moment = NightCalendar(zoneName: "UTC")?.window(of: date).start
    } else if let match = text.wholeMatch(of: /(\d{1,5})([hdw])/), let count = Int64(match.1) {
      let hours: Int64 = match.2 == "h" ? 1 : match.2 == "d" ? 24 : 168
      moment = now.advanced(bySeconds: count * hours * 3600)
    }
    guard let moment, moment > now else {
      throw UsageError(
        summary: "--expires must be a date to come or a span, found `\(oneLine(text))`",
        remedy: "such as 2026-12-31, 12h, 90d, 52w")
    }
    return moment
  }
}
