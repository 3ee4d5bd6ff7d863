import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// `daybreak keys encrypt`.
enum EncryptCommand: Command {
  static let syntax = CommandSyntax(
    name: "keys encrypt", summary: "Encrypt a connection's settings, in place of those it has.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database, KeyOptions.tenant, EncryptionOptions.row,
      EncryptionOptions.keyFile,
    ],
    notes: ["The settings, a JSON object, come by standard input.", EncryptionOptions.note],
    examples: [
      (
        "daybreak keys encrypt --catalog loglytics --tenant ann@acme.test --row ID --key-file k < aws.json",
        "the row holds an envelope that opens with that key, in that row, alone"
      )
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let row = try EncryptionOptions.row(arguments)
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let key = try EncryptionOptions.key(arguments, database.surroundings)
    let settings = try PrivateInput.read("settings as JSON", byteLimit: 1 << 20)
    guard (try? JSONSerialization.jsonObject(with: Data(settings.utf8))) is [String: Any] else {
      throw UsageError(summary: "standard input holds no JSON object", remedy: nil)
    }
    let session = try CatalogSession(
      database.catalog, on: database.target, options: database.settings)
    let column = try SealedColumn(session)
    let tenant = try KeyOptions.tenant(arguments, session)
    try column.seal(Array(settings.utf8), row: row, tenant: tenant, with: key)
    print("sealed \(column.name) of row \(oneLine(row)) with the key \(key.id)")
    return .done
  }
}

/// `daybreak keys decrypt`.
enum DecryptCommand: Command {
  static let syntax = CommandSyntax(
    name: "keys decrypt", summary: "Show a connection's settings.",
    operands: "", operandCount: 0...0,
    options: [
      DatabaseOptions.catalog, DatabaseOptions.database, KeyOptions.tenant, EncryptionOptions.row,
      EncryptionOptions.keyFile, KeyOptions.out,
    ],
    examples: [
      (
        "daybreak keys decrypt --catalog loglytics --tenant ann@acme.test --row ID --out aws.json",
        "the settings in a file that its owner alone can read"
      )
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let row = try EncryptionOptions.row(arguments)
    let database = try CatalogDatabase(arguments)
    defer { database.close() }
    let key = try EncryptionOptions.key(arguments, database.surroundings)
    let session = try CatalogSession(
      database.catalog, on: database.target, options: database.settings)
    let tenant = try KeyOptions.tenant(arguments, session)
    let settings = try SealedColumn(session).open(row: row, tenant: tenant, with: [key])
    let text = String(decoding: settings, as: UTF8.self)
    try PrivateOutput(path: arguments.value("out")).write(visibleJSON(text) + "\n")
    return .done
  }
}
