import Catalogs
import DaybreakCore
import Pipeline

/// `daybreak keys rotate-encryption`.
enum RotateEncryptionCommand: Command {
  static let syntax = CommandSyntax(
    name: "keys rotate-encryption",
    summary: "Encrypt every connection's settings anew, with another key.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database, EncryptionOptions.oldKeyFile,
      EncryptionOptions.keyFile,
      .init("batch", "N", "How many rows a transaction; by default 100."),
      .init("dry-run", nil, "Open everything, change nothing."),
      DatabaseOptions.json,
    ],
    notes: [
      "Interrupted, it goes on from where it was: an envelope says which key sealed it.\n"
        + "Exits with 3 when some envelopes could not be opened, with 4 when none could.",
      EncryptionOptions.note,
    ],
    examples: [
      (
        "daybreak keys rotate-encryption --catalog loglytics --old-key-file old --key-file new",
        "the old key opens nothing any more"
      )
    ])

  private struct Outcome: Encodable {
    var sealed: Int
    var failed: [String]
    var key: String
    var dryRun: Bool

    enum CodingKeys: String, CodingKey {
      case sealed, failed, key
      case dryRun = "dry_run"
    }
  }

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let batch = try arguments.integer("batch", in: 1...10_000) ?? 100
    let isDryRun = arguments.has("dry-run")
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let old = try EncryptionOptions.oldKey(arguments, database.surroundings)
    let new = try EncryptionOptions.key(arguments, database.surroundings)
    guard old.id != new.id else {
      throw UsageError(summary: "the old key and the new one are the same", remedy: nil)
    }
    let session = try CatalogSession(
      database.catalog, on: database.target, options: database.settings)
    let column = try SealedColumn(session)
    let rotation = try column.rotate(from: old, to: new, batch: batch, isDryRun: isDryRun)
    if arguments.has("json") {
      try printJSON(
        Outcome(
          sealed: rotation.sealed, failed: rotation.failures.map(\.summary), key: new.id,
          dryRun: isDryRun))
    } else {
      let done = isDryRun ? "would be sealed" : "sealed"
      print("\(column.name): \(rotation.sealed) \(done) with the key \(new.id)")
    }
    for failure in rotation.failures { tell(failure.summary) }
    if rotation.failures.isEmpty { return .done }
    return rotation.sealed == 0 ? .failed : .partial
  }
}
