import CCrypto
import DaybreakCore

/// A key of Daybreak's making: `dbk_<id>_<secret>`.
///
/// The id, 32 hex digits, finds the row and may be shown; the secret, 256 random bits as 64 hex digits, is
/// shown once, and the database holds its SHA-256 alone.
package struct APIKey: Sendable {
  /// `dbk_<id>`.
  package let prefix: String
  private let secret: String

  /// The whole key: for whoever asked for it, and nowhere else.
  package var text: String { "\(prefix)_\(secret)" }

  /// The id of the row, as a UUID's text.
  package var rowID: String {
    let digits = Array(prefix.dropFirst(4))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
      .joined(separator: "-")
  }

  /// SHA-256 of the secret's text, as lower-case hex: what is stored.
  package var digest: String { hex(sha256(Array(secret.utf8))) }

  /// Makes a key.
  ///
  /// - Parameter generator: randomness fit for secrets.
  package init(using generator: inout some RandomNumberGenerator) {
    prefix = "dbk_" + hex(Self.bytes(16, using: &generator))
    secret = hex(Self.bytes(32, using: &generator))
  }

  /// Reads `dbk_<id>_<secret>`; nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "dbk", Self.isID(parts[1]), !parts[2].isEmpty else {
      return nil
    }
    prefix = "dbk_\(parts[1])"
    secret = String(parts[2])
  }

  /// Letters and digits, as every catalog allows.
  private static func isID(_ text: Substring) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      }
  }

  private static func bytes(
    _ count: Int, using generator: inout some RandomNumberGenerator
  ) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}

/// Compares in a time that depends on the lengths alone.
func isEqualInConstantTime(_ left: String, _ right: String) -> Bool {
  let left = Array(left.utf8)
  let right = Array(right.utf8)
  return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
