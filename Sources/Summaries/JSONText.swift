import Foundation

/// A JSON value as requests to models hold it.
///
/// Objects keep the order in which they are written down: servers that hold a model to a schema let it write
/// the keys in the schema's order, and evidence is to come before what rests on it. Equal values have equal
/// bytes.
enum JSONText: Equatable, Sendable {
  /// One key of an object and what it holds.
  struct Member: Equatable, Sendable {
    var key: String
    var value: JSONText
  }

  case object([Member])
  case array([JSONText])
  case string(String)
  case number(Double)
  case integer(Int64)
  case bool(Bool)

  /// An object with its keys sorted.
  static func sorted(_ members: [String: JSONText]) -> JSONText {
    .object(
      members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
        Member(key: $0.key, value: $0.value)
      })
  }

  /// The value's bytes.
  var bytes: [UInt8] { Array(text.utf8) }

  private var text: String {
    switch self {
    case .object(let members):
      "{" + members.map { "\(Self.literal($0.key)):\($0.value.text)" }.joined(separator: ",") + "}"
    case .array(let items): "[" + items.map(\.text).joined(separator: ",") + "]"
    case .string(let text): Self.literal(text)
    case .number(let value): value.isFinite ? "\(value)" : "null"
    case .integer(let value): "\(value)"
    case .bool(let value): value ? "true" : "false"
    }
  }

  /// A text as a JSON string on one line, quotation marks included.
  static func literal(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    // Encoding a text cannot fail.
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }
}

extension JSONText: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSONText...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONText)...) {
    self = .object(elements.map { Member(key: $0.0, value: $0.1) })
  }
}

/// An object that somebody else wrote.
struct ReceivedObject {
  let members: [String: Any]

  /// Reads bytes; nil when they are no JSON object.
  init?(_ bytes: [UInt8]) {
    guard let object = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
    else { return nil }
    members = object
  }

  init(_ members: [String: Any]) { self.members = members }

  func string(_ key: String) -> String? { members[key] as? String }
  func object(_ key: String) -> ReceivedObject? {
    (members[key] as? [String: Any]).map(ReceivedObject.init)
  }
  func objects(_ key: String) -> [ReceivedObject] {
    (members[key] as? [Any] ?? []).compactMap { $0 as? [String: Any] }.map(ReceivedObject.init)
  }

  /// A whole number from 0 to a thousand million: counts that a server reports.
  func count(_ key: String) -> Int64? {
    guard let number = members[key] as? NSNumber, number.doubleValue >= 0,
      number.doubleValue <= 1e9
    else { return nil }
    return number.int64Value
  }
}
