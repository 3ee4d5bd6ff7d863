import DaybreakCore
import Foundation

extension BinaryFormat {
  /// Appends a big-endian integer.
  @inline(__always)
  static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// Appends a length and what `body` writes after it.
  static func appendSized(to bytes: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
    let start = bytes.count
    append(Int32(0), to: &bytes)
    body(&bytes)
    let length = Int32(bytes.count - start - 4).bigEndian
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: start, as: Int32.self) }
  }

  /// Appends a value in the binary form of a type.
  ///
  /// - Returns: false, with `bytes` untouched or partly written, when the type cannot hold it.
  static func append(_ value: Value, as type: TypeOID, to bytes: inout [UInt8]) -> Bool {
    switch value {
    case .null: return false
    case .text(let text): return append(text: text, as: type, to: &bytes)
    case .json(let text):
      guard type == .json || type == .jsonb else { return false }
      return append(text: text, as: type, to: &bytes)
    case .int64(let number): return append(integer: number, as: type, to: &bytes)
    case .double(let number): return append(double: number, as: type, to: &bytes)
    case .bool(let flag):
      guard type == .bool else { return false }
      bytes.append(flag ? 1 : 0)
    case .bytes(let raw):
      guard type == .bytea else { return false }
      bytes.append(contentsOf: raw)
    case .uuid(let id):
      guard type == .uuid else { return false }
      withUnsafeBytes(of: id.uuid) { bytes.append(contentsOf: $0) }
    case .timestamp(let moment): return append(moment: moment, as: type, to: &bytes)
    case .date(let date):
      guard type == .date else { return false }
      append(Int32(date.dayNumber - 10_957), to: &bytes)
    case .textArray, .int64Array, .doubleArray, .uuidArray, .timestampArray:
      return append(array: value, as: type, to: &bytes)
    }
    return true
  }

  private static func append(text: String, as type: TypeOID, to bytes: inout [UInt8]) -> Bool {
    switch type {
    case .jsonb: bytes.append(1)
    case .inet, .cidr: return append(address: text, isCIDR: type == .cidr, to: &bytes)
    case .numeric:
      guard let numeric = Numeric(decimal: text) else { return false }
      numeric.append(to: &bytes)
      return true
    case _ where type.isTextual: break
    default: return false
    }
    bytes.append(contentsOf: text.utf8)
    return true
  }

  private static func append(integer: Int64, as type: TypeOID, to bytes: inout [UInt8]) -> Bool {
    switch type {
    case .int8: append(integer, to: &bytes)
    case .int4:
      guard let number = Int32(exactly: integer) else { return false }
      append(number, to: &bytes)
    case .int2:
      guard let number = Int16(exactly: integer) else { return false }
      append(number, to: &bytes)
    case .oid:
      guard let number = UInt32(exactly: integer) else { return false }
      append(number, to: &bytes)
    case .float4, .float8: return append(double: Double(integer), as: type, to: &bytes)
    case .numeric:
      guard let numeric = Numeric(decimal: String(integer)) else { return false }
      numeric.append(to: &bytes)
    default: return false
    }
    return true
  }

  private static func append(double: Double, as type: TypeOID, to bytes: inout [UInt8]) -> Bool {
    switch type {
    case .float8: append(double.bitPattern, to: &bytes)
    case .float4: append(Float(double).bitPattern, to: &bytes)
    default: return false
    }
    return true
  }

  private static func append(moment: Timestamp, as type: TypeOID, to bytes: inout [UInt8]) -> Bool {
    guard type == .timestamptz || type == .timestamp else { return false }
    append(floorDivide(moment.nanoseconds, 1000) - epochSeconds * 1_000_000, to: &bytes)
    return true
  }

  /// Appends an `inet` from its text; see `inet(_:)` for the layout.
  private static func append(address text: String, isCIDR: Bool, to bytes: inout [UInt8]) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return false }
    let isIPv4 = !parts[0].contains(":")
    let width = isIPv4 ? 4 : 16
    var address = [UInt8](repeating: 0, count: width)
    guard inet_pton(isIPv4 ? AF_INET : AF_INET6, String(parts[0]), &address) == 1 else {
      return false
    }
    guard let prefix = parts.count == 2 ? Int(parts[1]) : width * 8,
      (0...width * 8).contains(prefix)
    else { return false }
    bytes += [isIPv4 ? 2 : 3, UInt8(prefix), isCIDR ? 1 : 0, UInt8(width)]
    bytes += address
    return true
  }

  /// Appends a one-dimensional array without NULLs; see `forEachElement` for the layout.
  private static func append(array: Value, as type: TypeOID, to bytes: inout [UInt8]) -> Bool {
    guard let element = type.element else { return false }
    /// Writes the header and then each element through its own value.
    func write<Items: Collection>(_ items: Items, _ make: (Items.Element) -> Value) -> Bool {
      append(Int32(items.isEmpty ? 0 : 1), to: &bytes)
      append(Int32(0), to: &bytes)
      append(element.rawValue, to: &bytes)
      guard !items.isEmpty else { return true }
      append(Int32(items.count), to: &bytes)
      append(Int32(1), to: &bytes)
      var isWritten = true
      for item in items {
        appendSized(to: &bytes) {
          isWritten = append(make(item), as: element, to: &$0) && isWritten
        }
      }
      return isWritten
    }
    switch array {
    case .textArray(let items): return write(items) { .text($0) }
    case .int64Array(let items): return write(items) { .int64($0) }
    case .doubleArray(let items): return write(items) { .double($0) }
    case .uuidArray(let items): return write(items) { .uuid($0) }
    case .timestampArray(let items): return write(items) { .timestamp($0) }
    default: return false
    }
  }
}
