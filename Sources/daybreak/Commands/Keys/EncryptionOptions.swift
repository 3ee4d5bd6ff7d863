import Catalogs
import DaybreakCore
import Pipeline

/// Where encryption keys come from: a file or the environment, never an argument.
enum EncryptionOptions {
  static let keyFile = CommandSyntax.Option(
    "key-file", "FILE", "The encryption key (mode 0600); by default DAYBREAK_ENCRYPTION_KEY.")
  static let oldKeyFile = CommandSyntax.Option(
    "old-key-file", "FILE", "The key so far; by default DAYBREAK_OLD_ENCRYPTION_KEY.")
  static let row = CommandSyntax.Option("row", "ID", "The id of the row in live_log_connections.")

  /// What a key is, for `--help`.
  static let note = """
    A key is 64 hex digits, or 32 bytes in base64. To make one:
      (umask 077; openssl rand -hex 32 > encryption.key)
    """

  /// The key to seal with.
  ///
  /// - Throws: `AccessError.encryptionKey`.
  static func key(_ arguments: ParsedArguments, _ surroundings: Surroundings) throws
    -> EncryptionKey
  {
    try key("key-file", "DAYBREAK_ENCRYPTION_KEY", arguments, surroundings)
  }

  /// The key that envelopes were sealed with so far.
  static func oldKey(_ arguments: ParsedArguments, _ surroundings: Surroundings) throws
    -> EncryptionKey
  {
    try key("old-key-file", "DAYBREAK_OLD_ENCRYPTION_KEY", arguments, surroundings)
  }

  private static func key(
    _ option: String, _ variable: String, _ arguments: ParsedArguments,
    _ surroundings: Surroundings
  ) throws -> EncryptionKey {
    if let path = arguments.value(option) { return try EncryptionKey(file: path) }
    guard let text = surroundings.variables[variable], !text.isEmpty else {
      throw AccessError.encryptionKey(
        place: "--\(option)", reason: "there is no key",
        remedy: "name a file by --\(option), or set \(variable)")
    }
    return try EncryptionKey(text, place: variable)
  }

  /// The row that a command line names.
  static func row(_ arguments: ParsedArguments) throws(UsageError) -> String {
    guard let row = arguments.value("row") else {
      throw UsageError(summary: "--row is missing", remedy: nil)
    }
    return row
  }
}
