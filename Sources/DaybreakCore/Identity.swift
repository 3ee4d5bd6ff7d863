package import Foundation

/// The name of a tenant: a path segment in report addresses and the key of its rows.
package struct TenantName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let description: String

  /// Accepts 1 to 63 of `a-z A-Z 0-9 _ -` and inner dots; nil for anything else, so that a tenant's
  /// name can never leave its folder.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    let allowed = bytes.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == 0x5F || byte == 0x2D || byte == 0x2E
    }
    guard allowed, (1...63).contains(bytes.count), bytes.first != 0x2E, bytes.last != 0x2E,
      text != "cluster"
    else { return nil }
    description = text
  }

  /// The tenant's row id, derived from its name so that two stores agree.
  package var id: UUID { naturalID("tenant", description) }

  package static func < (left: TenantName, right: TenantName) -> Bool {
    left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
  }
}

/// Who wrote a line: a service inside a namespace, as labelled at the source.
package struct ServiceIdentity: Hashable, Comparable, Sendable {
  /// The namespace; `default` where the source names none.
  package let namespace: String
  /// The service; `unknown` where the source names none.
  package let service: String

  /// Makes an identity; empty names become `default` and `unknown`.
  package init(namespace: String, service: String) {
    self.namespace = namespace.isEmpty ? "default" : namespace
    self.service = service.isEmpty ? "unknown" : service
  }

  package static func < (left: ServiceIdentity, right: ServiceIdentity) -> Bool {
    left.namespace == right.namespace
      ? left.service.utf8.lexicographicallyPrecedes(right.service.utf8)
      : left.namespace.utf8.lexicographicallyPrecedes(right.namespace.utf8)
  }
}

/// Derives a row id from a natural key: the first 16 bytes of SHA-256 over the parts, marked as
/// UUID version 8 (RFC 9562 §5.8), so that the same night written twice has the same ids.
///
/// - Parameter parts: the key; each part is length-prefixed, so that no two keys collide by joining.
/// - Returns: the id.
package func naturalID(_ parts: String...) -> UUID {
  var bytes: [UInt8] = []
  for part in parts {
    let utf8 = Array(part.utf8)
    withUnsafeBytes(of: UInt64(utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: utf8)
  }
  var digest = Array(sha256(bytes)[0..<16])
  digest[6] = digest[6] & 0x0F | 0x80
  digest[8] = digest[8] & 0x3F | 0x80
  return UUID(
    uuid: (
      digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7],
      digest[8], digest[9], digest[10], digest[11], digest[12], digest[13], digest[14], digest[15]
    ))
}
