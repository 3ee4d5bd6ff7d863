internal import CCrypto

/// The identity of a cluster for ever: SHA-256 of its normalised template, as lower-case hex.
package struct Fingerprint: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// 64 lower-case hex digits.
  package let description: String

  /// Hashes a normalised template.
  package init(template: String) { description = hex(sha256(Array(template.utf8))) }

  /// Reads 64 lower-case hex digits; nil for anything else.
  package init?(hex text: String) {
    let isHex = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard text.utf8.count == 64, isHex else { return nil }
    description = text
  }

  package static func < (left: Fingerprint, right: Fingerprint) -> Bool {
    left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
  }
}

/// SHA-256 (FIPS 180-4) by libcrypto.
///
/// - Parameter bytes: the message.
/// - Returns: the 32 bytes of the digest.
package func sha256(_ bytes: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
  _ = bytes.withUnsafeBufferPointer { SHA256($0.baseAddress, $0.count, &digest) }
  return digest
}

/// Writes bytes as lower-case hex digits.
package func hex(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
