import CCrypt

/// A bcrypt hash as LogHunter keeps it: `$2b$<cost>$<salt and hash>`.
package struct BcryptHash: Sendable {
  private let text: String

  /// bcrypt reads no more of a passphrase than this: longer ones would agree by their beginnings.
  package static let passphraseByteLimit = 72
  /// Each step doubles the time; 16 takes seconds.
  ///
  /// A row that asks for more is not obeyed.
  private static let costs = 4...16

  /// Reads a hash; nil for anything else, and for a cost that would keep the processor busy for minutes.
  package init?(_ text: String) {
    guard let match = text.wholeMatch(of: /\$2[aby]\$(\d\d)\$[.\/A-Za-z0-9]{53}/),
      let cost = Int(match.1), Self.costs.contains(cost)
    else { return nil }
    self.text = text
  }

  /// Whether the hash is of a passphrase; about a tenth of a second at cost 10.
  ///
  /// A passphrase of more than 72 bytes, or with a NUL, never is.
  package func matches(_ passphrase: String) -> Bool {
    let bytes = passphrase.utf8
    guard bytes.count <= Self.passphraseByteLimit, !bytes.contains(0) else { return false }
    var output = [CChar](repeating: 0, count: 128)
    guard dbk_crypt(passphrase, text, &output, output.count) == 0 else { return false }
    let computed = String(
      decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return isEqualInConstantTime(computed, text)
  }
}
