/// Writes the integers and texts of a fold file.
struct VarintWriter {
  var bytes: [UInt8] = []

  mutating func unsigned(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func signed(_ value: Int64) {
    unsigned(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  mutating func fixed(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func blob(_ value: [UInt8]) {
    unsigned(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func text(_ value: String) { blob(Array(value.utf8)) }
}

/// Reads the integers and texts of a fold file; refuses what a writer would not write.
struct VarintReader {
  let bytes: [UInt8]
  var offset: Int

  func malformed(_ reason: String) -> ClusteringError {
    .malformed(byteOffset: offset, reason: reason)
  }

  mutating func unsigned() throws(ClusteringError) -> UInt64 {
    var value: UInt64 = 0
    var shift = 0
    while true {
      guard offset < bytes.count else { throw malformed("it ends inside a number") }
      let byte = bytes[offset]
      offset += 1
      guard shift < 63 || byte <= 1 else { throw malformed("a number of more than 64 bits") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        guard byte != 0 || shift == 0 else { throw malformed("a number with needless bytes") }
        return value
      }
      shift += 7
    }
  }

  mutating func signed() throws(ClusteringError) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A number of events.
  mutating func signedCount() throws(ClusteringError) -> Int64 {
    let value = try unsigned()
    guard value < 1 << 40 else { throw malformed("a count too great") }
    return Int64(value)
  }

  mutating func integer(upTo limit: Int) throws(ClusteringError) -> Int {
    let value = try unsigned()
    guard value <= UInt64(limit) else { throw malformed("\(value) where at most \(limit) may be") }
    return Int(value)
  }

  /// A number of things that follow: at most one a byte that is left.
  mutating func count() throws(ClusteringError) -> Int {
    try integer(upTo: bytes.count - offset)
  }

  mutating func fixed() throws(ClusteringError) -> UInt64 {
    guard offset + 8 <= bytes.count else { throw malformed("it ends inside a number") }
    var value: UInt64 = 0
    for index in 0..<8 { value |= UInt64(bytes[offset + index]) << UInt64(index * 8) }
    offset += 8
    return value
  }

  mutating func blob() throws(ClusteringError) -> [UInt8] {
    let length = try count()
    guard offset + length <= bytes.count else { throw malformed("it ends inside a text") }
    defer { offset += length }
    return Array(bytes[offset..<offset + length])
  }

  mutating func text() throws(ClusteringError) -> String {
    guard let text = String(validating: try blob(), as: UTF8.self), !text.isEmpty else {
      throw malformed("a name that is empty or no UTF-8")
    }
    return text
  }
}
