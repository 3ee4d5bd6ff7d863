import DaybreakCore
import Foundation
import Pipeline

/// `daybreak mute`.
enum MuteCommand: Command {
  static let syntax = CommandSyntax(
    name: "mute", summary: "Mute a pattern, lift a mute, or list the mutes.",
    operands: "[FINGERPRINT]", operandCount: 0...1,
    options: [
      .init("tenant", "TENANT", "Whose pattern; a list is of all tenants without it."),
      .init("reason", "TEXT", "Why; the page shows it. Needed to mute."),
      .init("until", "DATE", "The last night it holds on; by default it has no end."),
      .init("since", "DATE", "The first night it holds on; by default tonight's."),
      .init("author", "NAME", "Who wants it; by default the user who runs this."),
      .init("lift", nil, "Lift the mute of the pattern."),
      .init("job", "FILE", "The job whose store it is, where DAYBREAK_DATABASE_URL names none."),
      .init("json", nil, "Print the mutes as JSON."),
    ],
    notes: [
      """
      A muted pattern is counted as before and listed under "Muted", with its reason; it is not news
      and summarised no more. A mute holds in every service and from the next report on: for nights
      that have one, run them again with --force. Once it is 7 days old without an end, the page
      warns of it. A fingerprint may be cut to its first 8 digits or more.
      """
    ],
    examples: [
      (
        "daybreak mute --tenant acme 3fa94c01 --until 2026-04-30 --reason 'fixed in 2.4'",
        "not to hear of a pattern before May"
      ),
      ("daybreak mute --tenant acme", "what is muted, by whom and why"),
      ("daybreak mute --tenant acme 3fa94c01 --lift", "to hear of it again"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let surroundings = Surroundings.ofThisProcess()
    let tenant = try tenant(arguments)
    let wish = try wish(arguments, surroundings)
    let job = try arguments.value("job").map { file in
      try JobReader.read(
        try JobFile.bytes(of: file), file: file, variables: surroundings.variables)
    }
    let desk = try MuteDesk(job: job, surroundings: surroundings)
    defer { desk.close() }
    let listings: [MuteListing]
    if let fingerprint = arguments.operands.first, let tenant {
      listings = [
        try wish.map { try desk.mute(fingerprint, of: tenant, $0) }
          ?? desk.lift(fingerprint, of: tenant)
      ]
    } else {
      listings = try (tenant.map { [$0] } ?? desk.tenants()).flatMap { try desk.list(of: $0) }
    }
    if arguments.has("json") {
      print(MuteListing.json(listings))
    } else {
      print(text(listings, arguments), terminator: "")
    }
    return .done
  }

  private static func text(_ listings: [MuteListing], _ arguments: ParsedArguments) -> String {
    guard !arguments.operands.isEmpty else {
      return listings.isEmpty ? "nothing is muted\n" : listings.map(\.text).joined()
    }
    return (arguments.has("lift") ? "lifted: " : "muted: ") + listings.map(\.text).joined()
  }

  private static func tenant(_ arguments: ParsedArguments) throws(UsageError) -> TenantName? {
    guard let text = arguments.value("tenant") else {
      guard arguments.operands.isEmpty else {
        throw UsageError(summary: "--tenant says whose pattern it is", remedy: nil)
      }
      return nil
    }
    guard let tenant = TenantName(text) else {
      throw UsageError(
        summary: "--tenant must be 1 to 63 of a-z, A-Z, 0-9, _, - and inner dots", remedy: nil)
    }
    return tenant
  }

  /// What to mute for; nil to list or to lift.
  private static func wish(
    _ arguments: ParsedArguments, _ surroundings: Surroundings
  ) throws(UsageError) -> MuteDesk.Wish? {
    let wishes = ["reason", "until", "since", "author"].filter(arguments.has)
    guard !arguments.operands.isEmpty, !arguments.has("lift") else {
      guard wishes.isEmpty, !(arguments.operands.isEmpty && arguments.has("lift")) else {
        throw UsageError(
          summary: arguments.operands.isEmpty
            ? "the fingerprint of the pattern is missing"
            : "--lift does not go with --\(wishes[0])", remedy: nil)
      }
      return nil
    }
    guard let reason = arguments.value("reason"), !reason.allSatisfy(\.isWhitespace) else {
      throw UsageError(
        summary: "a mute needs a --reason", remedy: "say why, for those who read the page")
    }
    let user = ["USER", "LOGNAME"].lazy.compactMap { surroundings.variables[$0] }
      .first { !$0.isEmpty }
    guard let author = arguments.value("author") ?? user, !author.isEmpty else {
      throw UsageError(summary: "nothing says who mutes it", remedy: "give --author NAME")
    }
    return MuteDesk.Wish(
      reason: reason, author: author, since: try arguments.date("since"),
      until: try arguments.date("until"))
  }
}
