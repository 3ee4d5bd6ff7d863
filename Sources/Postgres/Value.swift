package import DaybreakCore
package import Foundation

/// A value bound to a statement or written by COPY: it travels beside the SQL, never inside it.
package enum Value: Hashable, Sendable {
  case null
  case text(String)
  case int64(Int64)
  case double(Double)
  case bool(Bool)
  case bytes([UInt8])
  case uuid(UUID)
  /// PostgreSQL keeps microseconds: the rest is cut off towards the past.
  case timestamp(Timestamp)
  case date(CivilDate)
  /// Text that must be JSON; sent as `jsonb`.
  case json(String)
  case textArray([String])
  case int64Array([Int64])
  case doubleArray([Double])
  case uuidArray([UUID])
  case timestampArray([Timestamp])

  /// Binds an optional: nil is NULL.
  package static func optional<Wrapped>(
    _ value: Wrapped?, _ make: (Wrapped) -> Value
  ) -> Value {
    value.map(make) ?? .null
  }

  /// The type the value is sent as.
  package var type: TypeOID {
    switch self {
    case .null: .unspecified
    case .text: .text
    case .int64: .int8
    case .double: .float8
    case .bool: .bool
    case .bytes: .bytea
    case .uuid: .uuid
    case .timestamp: .timestamptz
    case .date: .date
    case .json: .jsonb
    case .textArray: .textArray
    case .int64Array: .int8Array
    case .doubleArray: .float8Array
    case .uuidArray: .uuidArray
    case .timestampArray: .timestamptzArray
    }
  }

  /// Why the server would refuse the value; nil when it would not.
  ///
  /// PostgreSQL's text cannot hold U+0000 at all.
  var refusal: String? {
    let hasNUL =
      switch self {
      case .text(let text), .json(let text): text.utf8.contains(0)
      case .textArray(let texts): texts.contains { $0.utf8.contains(0) }
      default: false
      }
    return hasNUL ? "text with a NUL character" : nil
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral,
  ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int64) { self = .int64(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
}
