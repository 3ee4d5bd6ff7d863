import DaybreakCore
import Foundation

/// A kind of value that cells are read as: what messages call it, and how its bytes are read.
struct CellKind<Value> {
  let name: String
  /// Reads a cell that is not NULL; nil when its type or value is another.
  let decode: (UnsafeRawBufferPointer, TypeOID) -> Value?
}

extension CellKind<String> {
  static var text: Self {
    Self(name: "text") { bytes, type in
      switch type {
      case .inet, .cidr: BinaryFormat.inet(bytes)
      default: BinaryFormat.string(bytes, type: type)
      }
    }
  }
}

extension CellKind<Int64> {
  static var integer: Self {
    Self(name: "an integer") { bytes, type in
      switch type {
      case .int2, .int4, .int8: BinaryFormat.int64(bytes)
      case .oid: BinaryFormat.int64(bytes, unsigned: true)
      case .numeric: Numeric(bytes)?.int64
      default: nil
      }
    }
  }
}

extension CellKind<Double> {
  static var number: Self {
    Self(name: "a number") { bytes, type in
      switch type {
      case .float4, .float8: BinaryFormat.double(bytes)
      case .numeric: Numeric(bytes)?.double
      default: CellKind<Int64>.integer.decode(bytes, type).map(Double.init)
      }
    }
  }
}

extension CellKind<Bool> {
  static var boolean: Self {
    Self(name: "boolean") { $1 == .bool ? BinaryFormat.bool($0) : nil }
  }
}

extension CellKind<UUID> {
  static var uuid: Self { Self(name: "uuid") { $1 == .uuid ? BinaryFormat.uuid($0) : nil } }
}

extension CellKind<Timestamp> {
  static var timestamp: Self {
    Self(name: "a timestamp between 1677 and 2262") { bytes, type in
      type == .timestamptz || type == .timestamp ? BinaryFormat.timestamp(bytes) : nil
    }
  }
}

extension CellKind<CivilDate> {
  static var date: Self {
    Self(name: "a finite date") { $1 == .date ? BinaryFormat.date($0) : nil }
  }
}

extension CellKind<[UInt8]> {
  static var bytes: Self { Self(name: "bytea") { $1 == .bytea ? [UInt8]($0) : nil } }
}

extension CellKind<[String]> {
  static var texts: Self {
    Self(name: "text[] without NULLs") { bytes, _ in elements(bytes, of: .text) }
  }
}

extension CellKind<[Int64]> {
  static var integers: Self {
    Self(name: "an array of integers without NULLs") { bytes, type in
      type.element == nil ? nil : elements(bytes, of: .integer)
    }
  }
}

extension CellKind<[Double]> {
  static var numbers: Self {
    Self(name: "an array of numbers without NULLs") { bytes, type in
      type.element == nil ? nil : elements(bytes, of: .number)
    }
  }
}

extension CellKind<[UUID]> {
  static var uuids: Self {
    Self(name: "uuid[] without NULLs") { $1 == .uuidArray ? elements($0, of: .uuid) : nil }
  }
}

/// Reads an array; nil when an element is NULL or of another kind.
private func elements<Element>(
  _ bytes: UnsafeRawBufferPointer, of kind: CellKind<Element>
) -> [Element]? {
  var elements: [Element] = []
  let type = BinaryFormat.forEachElement(bytes) { element, type in
    guard let element, let decoded = kind.decode(element, type) else { return false }
    elements.append(decoded)
    return true
  }
  return type == nil ? nil : elements
}
