import Postgres

/// Which model made vectors; those of two models are never compared.
package struct VectorModel: Hashable, Sendable {
  /// Provider and name as the store keeps them: `builtin/all-MiniLM-L6-v2`.
  package let name: String
  /// How many numbers a vector has.
  package let dimension: Int

  /// Names a model.
  package init(provider: String, name: String, dimension: Int) {
    self.name = storedText("\(provider)/\(name)")
    self.dimension = dimension
  }

  init(name: String, dimension: Int) {
    self.name = name
    self.dimension = dimension
  }
}

/// How the store keeps vectors.
enum VectorColumn: Hashable {
  /// pgvector's type, and the schema that it lives in.
  case vector(schema: String)
  /// `real[]`.
  case array

  /// A vector as the text of the column's type.
  func text(_ vector: [Float]) -> String {
    let numbers = vector.map(\.description).joined(separator: ",")
    return switch self {
    case .vector: "[\(numbers)]"
    case .array: "{\(numbers)}"
    }
  }

  /// What turns text into the column's type.
  var cast: String {
    switch self {
    case .vector(let schema): "::\(quotedIdentifier(schema: schema, "vector"))"
    case .array: "::real[]"
    }
  }
}

/// The sign of each number, as the text of a bit string: 1 for what is greater than 0.
///
/// Two vectors at an angle of a differ in about a/π of their signs (Charikar, "Similarity Estimation
/// Techniques from Rounding Algorithms", 2002), so that the fewest differences find the nearest.
func signature(of vector: [Float]) -> String {
  String(decoding: vector.map { $0 > 0 ? UInt8(ascii: "1") : UInt8(ascii: "0") }, as: UTF8.self)
}

/// The inner product with numbers as `array_send` gives them for a `real[]`.
///
/// - Parameters:
///   - query: as many numbers as the array has.
///   - bytes: dimensions, a flag, the element type, length and lower bound (4 bytes each), then a length
///     and a big-endian float for each number.
/// - Returns: nil when the array has another form or length.
func innerProduct(_ query: [Float], _ bytes: [UInt8]) -> Double? {
  guard bytes.count == 20 + 8 * query.count else { return nil }
  return bytes.withUnsafeBytes { raw in
    var sum = 0.0
    for index in query.indices {
      let bits = raw.loadUnaligned(fromByteOffset: 24 + 8 * index, as: UInt32.self)
      sum += Double(query[index]) * Double(Float(bitPattern: UInt32(bigEndian: bits)))
    }
    return sum
  }
}
