package import DaybreakCore
package import Foundation

/// Reads and writes the binary form of values, as the types' `send` and `recv` functions define it
/// (PostgreSQL 15, `src/backend/utils/adt`): big-endian integers, microseconds since 2000-01-01.
///
/// Readers return nil for bytes of another shape; none reads beyond its buffer.
package enum BinaryFormat {
  /// Seconds from 1970-01-01 to PostgreSQL's own epoch, 2000-01-01.
  static let epochSeconds: Int64 = 946_684_800

  /// Reads a big-endian integer at an offset; the caller has checked the bounds.
  @inline(__always)
  static func load<Number: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, as type: Number.Type
  ) -> Number {
    Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }

  /// Reads `smallint`, `integer`, `bigint` or `oid`, told apart by length.
  package static func int64(_ bytes: UnsafeRawBufferPointer, unsigned: Bool = false) -> Int64? {
    switch bytes.count {
    case 2: Int64(load(bytes, at: 0, as: Int16.self))
    case 4 where unsigned: Int64(load(bytes, at: 0, as: UInt32.self))
    case 4: Int64(load(bytes, at: 0, as: Int32.self))
    case 8: load(bytes, at: 0, as: Int64.self)
    default: nil
    }
  }

  /// Reads `real` or `double precision`, told apart by length.
  package static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
    switch bytes.count {
    case 4: Double(Float(bitPattern: load(bytes, at: 0, as: UInt32.self)))
    case 8: Double(bitPattern: load(bytes, at: 0, as: UInt64.self))
    default: nil
    }
  }

  /// Reads `boolean`.
  package static func bool(_ bytes: UnsafeRawBufferPointer) -> Bool? {
    bytes.count == 1 ? bytes[0] != 0 : nil
  }

  /// Reads `uuid`.
  package static func uuid(_ bytes: UnsafeRawBufferPointer) -> UUID? {
    bytes.count == 16 ? UUID(uuid: bytes.loadUnaligned(as: uuid_t.self)) : nil
  }

  /// Reads `timestamptz` and `timestamp` (taken as UTC); nil for ±infinity and for moments that
  /// nanoseconds in 64 bits cannot hold (before 1677, after 2262).
  package static func timestamp(_ bytes: UnsafeRawBufferPointer) -> Timestamp? {
    guard bytes.count == 8 else { return nil }
    let microseconds = load(bytes, at: 0, as: Int64.self)
    let (shifted, overflowed) = microseconds.addingReportingOverflow(epochSeconds * 1_000_000)
    let (nanoseconds, tooLarge) = shifted.multipliedReportingOverflow(by: 1000)
    return overflowed || tooLarge ? nil : Timestamp(nanoseconds: nanoseconds)
  }

  /// Reads `date`; nil for ±infinity.
  package static func date(_ bytes: UnsafeRawBufferPointer) -> CivilDate? {
    guard bytes.count == 4 else { return nil }
    let days = load(bytes, at: 0, as: Int32.self)
    return days == .max || days == .min ? nil : CivilDate(dayNumber: Int(days) + 10_957)
  }

  /// Reads text of any textual type, `jsonb` included; invalid UTF-8 becomes U+FFFD.
  package static func string(_ bytes: UnsafeRawBufferPointer, type: TypeOID) -> String? {
    if type == .jsonb {
      guard bytes.first == 1 else { return nil }
      return String(decoding: UnsafeRawBufferPointer(rebasing: bytes.dropFirst()), as: UTF8.self)
    }
    return type.isTextual ? String(decoding: bytes, as: UTF8.self) : nil
  }

  /// Reads `inet` or `cidr` as text: `192.0.2.1`, `2001:db8::/32`.
  ///
  /// Layout: family (2 is IPv4, 3 IPv6), prefix length, is-cidr, byte count, address.
  package static func inet(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count >= 4, bytes.count == 4 + Int(bytes[3]), let base = bytes.baseAddress else {
      return nil
    }
    let isIPv4 = bytes[0] == 2
    guard bytes[3] == (isIPv4 ? 4 : 16) else { return nil }
    let capacity = Int(INET6_ADDRSTRLEN)
    let address = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { text in
      inet_ntop(
        isIPv4 ? AF_INET : AF_INET6, base + 4, text.baseAddress, socklen_t(capacity)
      ).map { String(cString: $0) }
    }
    let fullLength = isIPv4 ? 32 : 128
    let suffix = bytes[2] != 0 || Int(bytes[1]) != fullLength ? "/\(bytes[1])" : ""
    return address.map { $0 + suffix }
  }

  /// Visits the elements of a one-dimensional array, nil for NULL ones.
  ///
  /// Layout: dimensions, has-nulls, element type, then for each dimension its length and lower
  /// bound, then each element's length (-1 for NULL) and bytes.
  ///
  /// - Returns: the element type; nil when the bytes are no such array or `visit` returned false.
  package static func forEachElement(
    _ bytes: UnsafeRawBufferPointer, _ visit: (UnsafeRawBufferPointer?, TypeOID) -> Bool
  ) -> TypeOID? {
    guard bytes.count >= 12 else { return nil }
    let dimensions = load(bytes, at: 0, as: Int32.self)
    let type = TypeOID(rawValue: load(bytes, at: 8, as: UInt32.self))
    if dimensions == 0 { return type }
    guard dimensions == 1, bytes.count >= 20 else { return nil }
    var remaining = load(bytes, at: 12, as: Int32.self)
    var offset = 20
    while remaining > 0 {
      guard offset + 4 <= bytes.count else { return nil }
      let length = Int(load(bytes, at: offset, as: Int32.self))
      offset += 4
      if length < 0 {
        guard visit(nil, type) else { return nil }
      } else {
        guard offset + length <= bytes.count else { return nil }
        let element = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
        guard visit(element, type) else { return nil }
        offset += length
      }
      remaining -= 1
    }
    return type
  }

  /// Visits the pairs of an `hstore`, nil for NULL values.
  ///
  /// Layout (`contrib/hstore/hstore_io.c`): count, then for each pair the key's length and bytes and
  /// the value's length (-1 for NULL) and bytes.
  ///
  /// - Returns: false when the bytes are no hstore.
  package static func forEachPair(
    hstore bytes: UnsafeRawBufferPointer,
    _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) -> Void
  ) -> Bool {
    guard bytes.count >= 4 else { return false }
    var remaining = load(bytes, at: 0, as: Int32.self)
    var offset = 4
    /// Takes one length-prefixed run; nil at the end of the bytes.
    func next() -> (bytes: UnsafeRawBufferPointer?, isValid: Bool) {
      guard offset + 4 <= bytes.count else { return (nil, false) }
      let length = Int(load(bytes, at: offset, as: Int32.self))
      offset += 4
      if length < 0 { return (nil, true) }
      guard offset + length <= bytes.count else { return (nil, false) }
      defer { offset += length }
      return (UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]), true)
    }
    while remaining > 0 {
      guard let key = next().bytes else { return false }
      let value = next()
      guard value.isValid else { return false }
      visit(key, value.bytes)
      remaining -= 1
    }
    return true
  }
}
