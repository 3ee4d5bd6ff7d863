/// The number of a data type in `pg_type`; those below 16384 are the same in every database.
///
/// Source: PostgreSQL 15, `src/include/catalog/pg_type.dat`.
package struct TypeOID: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Lets the server infer the type.
  static let unspecified = TypeOID(rawValue: 0)
  package static let bool = TypeOID(rawValue: 16)
  package static let bytea = TypeOID(rawValue: 17)
  package static let char = TypeOID(rawValue: 18)
  package static let name = TypeOID(rawValue: 19)
  package static let int8 = TypeOID(rawValue: 20)
  package static let int2 = TypeOID(rawValue: 21)
  package static let int4 = TypeOID(rawValue: 23)
  package static let text = TypeOID(rawValue: 25)
  package static let oid = TypeOID(rawValue: 26)
  package static let json = TypeOID(rawValue: 114)
  package static let xml = TypeOID(rawValue: 142)
  package static let cidr = TypeOID(rawValue: 650)
  package static let float4 = TypeOID(rawValue: 700)
  package static let float8 = TypeOID(rawValue: 701)
  package static let unknown = TypeOID(rawValue: 705)
  package static let inet = TypeOID(rawValue: 869)
  package static let int2Array = TypeOID(rawValue: 1005)
  package static let int4Array = TypeOID(rawValue: 1007)
  package static let textArray = TypeOID(rawValue: 1009)
  package static let varcharArray = TypeOID(rawValue: 1015)
  package static let int8Array = TypeOID(rawValue: 1016)
  package static let float4Array = TypeOID(rawValue: 1021)
  package static let float8Array = TypeOID(rawValue: 1022)
  package static let bpchar = TypeOID(rawValue: 1042)
  package static let varchar = TypeOID(rawValue: 1043)
  package static let date = TypeOID(rawValue: 1082)
  package static let timestamp = TypeOID(rawValue: 1114)
  package static let timestamptz = TypeOID(rawValue: 1184)
  package static let timestamptzArray = TypeOID(rawValue: 1185)
  package static let numeric = TypeOID(rawValue: 1700)
  package static let uuid = TypeOID(rawValue: 2950)
  package static let uuidArray = TypeOID(rawValue: 2951)
  package static let jsonb = TypeOID(rawValue: 3802)

  /// Whether the type was created in this database: an enum, a type of an extension.
  package var isUserDefined: Bool { rawValue >= 16384 }

  /// Whether its binary form is the text itself.
  ///
  /// User-defined types count: enums and citext are, and others are the caller's promise.
  package var isTextual: Bool {
    switch self {
    case .text, .varchar, .bpchar, .name, .json, .xml, .char, .unknown: true
    default: isUserDefined
    }
  }

  /// The type of an array's elements; nil when this is no array type known here.
  var element: TypeOID? {
    switch self {
    case .int2Array: .int2
    case .int4Array: .int4
    case .int8Array: .int8
    case .textArray: .text
    case .varcharArray: .varchar
    case .float4Array: .float4
    case .float8Array: .float8
    case .timestamptzArray: .timestamptz
    case .uuidArray: .uuid
    default: nil
    }
  }
}

extension TypeOID: CustomStringConvertible {
  /// The SQL name, or `type 12345`.
  package var description: String {
    if let element { return "\(element)[]" }
    return TypeOID.names[self] ?? "type \(rawValue)"
  }

  private static let names: [TypeOID: String] = [
    .bool: "boolean", .bytea: "bytea", .char: "\"char\"", .name: "name", .int8: "bigint",
    .int2: "smallint", .int4: "integer", .text: "text", .oid: "oid", .json: "json", .xml: "xml",
    .cidr: "cidr", .float4: "real", .float8: "double precision", .unknown: "unknown",
    .inet: "inet", .bpchar: "character", .varchar: "character varying", .date: "date",
    .timestamp: "timestamp without time zone", .timestamptz: "timestamp with time zone",
    .numeric: "numeric", .uuid: "uuid", .jsonb: "jsonb",
  ]
}
