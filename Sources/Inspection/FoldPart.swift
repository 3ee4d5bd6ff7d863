package import Clustering
internal import DaybreakCore
internal import Foundation

// The part file, version 1: what `daybreak fold` writes.
//
//   "DBPART" version:u16le
//   length:u64le, that many bytes: the coverage as JSON
//   the rest: a fold file ("DBFOLD"), that has its own version
//   SHA-256 of everything before
extension CountedInput {
  private static let magic = Array("DBPART".utf8)
  private static let version = 1
  private static let headLength = 16
  private static let digestLength = 32

  /// The bytes of a part file; equal inputs have equal bytes.
  ///
  /// - Throws: what encoding the coverage throws: nothing that is known of.
  package func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = Array(try encoder.encode(coverage))
    var bytes = CountedInput.magic + [UInt8(CountedInput.version), 0]
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: json.count >> shift))
    }
    bytes += json
    bytes += result.encoded()
    return bytes + sha256(bytes)
  }

  /// Reads what `encoded()` wrote, or a bare fold file; refuses anything else.
  ///
  /// - Throws: `ClusteringError`.
  package init(decoding bytes: [UInt8]) throws(ClusteringError) {
    if bytes.starts(with: Array("DBFOLD".utf8)) {
      let result = try FoldResult(decoding: bytes)
      self.init(result: result, coverage: CountedInput.coverage(of: result))
      return
    }
    guard bytes.starts(with: CountedInput.magic) else { throw .notAFoldFile }
    guard bytes.count >= CountedInput.headLength + CountedInput.digestLength else {
      throw .checksumMismatch(byteCount: bytes.count)
    }
    let version = Int(bytes[6]) | Int(bytes[7]) << 8
    guard version == CountedInput.version else {
      throw .unknownVersion(found: version, known: CountedInput.version)
    }
    let body = bytes.dropLast(CountedInput.digestLength)
    guard sha256(Array(body)).elementsEqual(bytes.suffix(CountedInput.digestLength)) else {
      throw .checksumMismatch(byteCount: bytes.count)
    }
    var length: UInt64 = 0
    for index in 0..<8 { length |= UInt64(bytes[8 + index]) << (8 * UInt64(index)) }
    guard length <= UInt64(body.count - CountedInput.headLength) else {
      throw .malformed(byteOffset: 8, reason: "the coverage is longer than the file")
    }
    let end = CountedInput.headLength + Int(length)
    let json = Data(body[CountedInput.headLength..<end])
    guard let coverage = try? JSONDecoder().decode(SourceCoverage.self, from: json) else {
      throw .malformed(byteOffset: CountedInput.headLength, reason: "the coverage cannot be read")
    }
    self.init(result: try FoldResult(decoding: Array(body[end...])), coverage: coverage)
    guard coverage.linesClustered == result.lineCount else {
      throw .malformed(
        byteOffset: CountedInput.headLength, reason: "the coverage is of other lines")
    }
  }

  /// All that a bare fold file says of its input.
  private static func coverage(of result: FoldResult) -> SourceCoverage {
    var coverage = SourceCoverage(name: "fold file")
    coverage.linesClustered = result.lineCount
    coverage.continuationLines = result.lineCount - result.eventCount
    return coverage
  }
}
