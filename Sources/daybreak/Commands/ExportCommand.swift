import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// `daybreak export`.
enum ExportCommand: Command {
  static let syntax = CommandSyntax(
    name: "export",
    summary: "Give out what a catalog holds of one person, erase it, or report on consent.",
    operands: "", operandCount: 0...0,
    options: [
      .init("catalog", "NAME", "Which system: anzx."), DatabaseOptions.database,
      .init("user", "ID", "The id of the person."),
      .init("tenant", "NAME", "The person's organization, by name or id; else it is looked up."),
      KeyOptions.out,
      .init("erase", nil, "Erase the person; with --out, after the data are written there."),
      .init("dry-run", nil, "With --erase: count what would go, and erase nothing."),
      .init("yes", nil, "With --erase: do not ask."),
      .init("consent", nil, "Say how organizations stand with their people's consent."),
      .init("json", nil, "Print counts and consent as JSON; a person's data always are."),
    ],
    notes: [
      "Erasing deletes the person and the conversations, takes name, address and details out of what\n"
        + "was audited, and is audited itself. It cannot be taken back."
    ],
    examples: [
      ("daybreak export --catalog anzx --user ID --out person.json", "everything, as one document"),
      ("daybreak export --catalog anzx --user ID --erase --dry-run", "what would go"),
      ("daybreak export --catalog anzx --consent", "who agreed to what, by organization"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let isErasure = arguments.has("erase")
    guard isErasure || !(arguments.has("dry-run") || arguments.has("yes")) else {
      throw UsageError(summary: "--dry-run and --yes go with --erase", remedy: nil)
    }
    guard arguments.has("consent") != (arguments.value("user") != nil) else {
      throw UsageError(
        summary: "name a person by --user, or ask for --consent",
        remedy: "see `daybreak export --help`")
    }
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let session = try CatalogSession(
      database.catalog, on: database.target, options: database.settings)
    let data = try PersonalData(session)
    let tenant = try arguments.value("tenant").map { try CatalogTenants(session).find($0) }
    guard let id = arguments.value("user") else {
      let tenants = try tenant.map { [$0] } ?? CatalogTenants(session).list()
      try report(try tenants.compactMap { try data.consent(of: $0) }, arguments)
      return .done
    }
    let person = try data.find(id, in: tenant)
    let output = PrivateOutput(path: arguments.value("out"))
    guard isErasure else {
      try output.write(visibleJSON(try data.export(person)) + "\n")
      return .done
    }
    return try erase(person, of: data, output, arguments)
  }

  private static func erase(
    _ person: PersonalData.Person, of data: PersonalData, _ output: PrivateOutput,
    _ arguments: ParsedArguments
  ) throws -> ExitStatus {
    let isDryRun = arguments.has("dry-run")
    if !isDryRun, !arguments.has("yes") {
      try report(try data.erase(person, isDryRun: true), "would be", arguments)
      guard try isConfirmed(person) else {
        tell("nothing was erased")
        return .findings
      }
    }
    var isWritten = false
    let keep: ((String) throws -> Void)? =
      output.path == nil || isDryRun
      ? nil
      : { json in
        try output.write(visibleJSON(json) + "\n")
        isWritten = true
      }
    do {
      let done = try data.erase(person, isDryRun: isDryRun, keep: keep)
      try report(done, isDryRun ? "would be" : "done", arguments)
    } catch {
      if isWritten { output.takeBack() }
      throw error
    }
    return .done
  }

  private static func isConfirmed(_ person: PersonalData.Person) throws(UsageError) -> Bool {
    guard isatty(STDIN_FILENO) == 1 else {
      throw UsageError(
        summary: "erasing cannot be taken back, and nobody is there to ask",
        remedy: "look first with --dry-run, then say --yes")
    }
    FileHandle.standardError.write(
      Data("erase \(oneLine(person.id)) for ever? Type the id again: ".utf8))
    return readLine() == person.id
  }

  private struct Erased: Encodable {
    var table: String
    var action: String
    var rows: Int
  }

  private static func report(
    _ erasures: [PersonalData.Erasure], _ state: String, _ arguments: ParsedArguments
  ) throws {
    if arguments.has("json") {
      return try printJSON(
        erasures.map { Erased(table: $0.table, action: $0.action, rows: $0.rows) })
    }
    printTable(
      ["TABLE", "ACTION", "ROWS", "STATE"],
      erasures.map { [$0.table, $0.action, String($0.rows), state] })
  }

  private struct PrintedConsent: Encodable {
    var organization: String
    var people: Int
    var privacyGiven: Int
    var privacyWithdrawn: Int
    var privacyNever: Int
    var marketingGiven: Int
    var marketingWithoutPrivacy: Int
    var oldestConsent: String?

    enum CodingKeys: String, CodingKey {
      case organization, people
      case privacyGiven = "privacy_given"
      case privacyWithdrawn = "privacy_withdrawn"
      case privacyNever = "privacy_never"
      case marketingGiven = "marketing_given"
      case marketingWithoutPrivacy = "marketing_without_privacy"
      case oldestConsent = "oldest_consent"
    }
  }

  private static func report(_ consents: [Consent], _ arguments: ParsedArguments) throws {
    if arguments.has("json") {
      return try printJSON(
        consents.map {
          PrintedConsent(
            organization: $0.organization, people: $0.people, privacyGiven: $0.privacyGiven,
            privacyWithdrawn: $0.privacyWithdrawn, privacyNever: $0.privacyNever,
            marketingGiven: $0.marketingGiven,
            marketingWithoutPrivacy: $0.marketingWithoutPrivacy,
            oldestConsent: $0.oldestConsent?.rfc3339)
        })
    }
    printTable(
      ["ORGANIZATION", "PEOPLE", "PRIVACY", "WITHDRAWN", "NEVER", "MARKETING", "WITHOUT PRIVACY"],
      consents.map {
        [
          $0.organization, String($0.people), String($0.privacyGiven),
          String($0.privacyWithdrawn), String($0.privacyNever), String($0.marketingGiven),
          String($0.marketingWithoutPrivacy),
        ]
      })
  }
}
