import Foundation

/// A JSON value as requests to models hold it; objects are written with their keys sorted, so that equal
/// values have equal bytes.
enum JSONText: Encodable, Equatable {
  case object([String: JSONText])
  case array([JSONText])
  case string(String)
  case number(Double)
  case integer(Int64)
  case bool(Bool)

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .object(let members): try container.encode(members)
    case .array(let items): try container.encode(items)
    case .string(let text): try container.encode(text)
    case .number(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .bool(let value): try container.encode(value)
    }
  }

  /// The value's bytes.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // None of the cases can fail but a number that is not finite, and none is made from one.
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }

  /// A text as a JSON string on one line, quotation marks included.
  static func literal(_ text: String) -> String {
    String(decoding: JSONText.string(text).bytes, as: UTF8.self)
  }
}

extension JSONText: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSONText...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONText)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
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
