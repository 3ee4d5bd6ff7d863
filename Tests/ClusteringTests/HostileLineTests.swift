import Testing

@testable import Clustering

/// Lines made to be slow must take no longer than their length explains.
@Suite struct HostileLineTests {
  @Test(arguments: [
    "\"a\":[", "'a ", " 'a", "\"a\":['\"' ", "\"a\":[\"b\":[]", "[\"a\":[", "x='a ", " '\\'a",
    "msg=\"'a \" ", "\"a\":[\\\"", "\"", "'\"a\":[", "\"a\":[\n",
  ])
  func `masks unbalanced marks in a time that grows with the line`(unit: String) {
    let hostile = line(of: unit)
    let plain = line(of: "some words = \"and values\", ")
    // A search from each mark to the end of the line takes hundreds of times as long.
    #expect(shortestTime(hostile) < shortestTime(plain) * 40)
  }

  @Test(arguments: ["\"a\":[", "'a ", "\"a\":['\"' ", "\"a\":[\"b\":[]", " '\\'a", "'\"a\":[\\\""])
  func `remembers searches without success for their own line only`(unit: String) {
    var used = Masker()
    for count in [2000, 300, 4096, 5] {
      for line in [Array(line(of: unit).prefix(count)), Array("'a' \"b\":[\"c\"] 'd e'".utf8)] {
        var fresh = Masker()
        let expected = line.withUnsafeBufferPointer { bytes -> [UInt8] in
          guard let base = bytes.baseAddress else { return [] }
          fresh.mask(base, count: line.count)
          return Array(UnsafeBufferPointer(start: fresh.output, count: fresh.count))
        }
        let found = line.withUnsafeBufferPointer { bytes -> [UInt8] in
          guard let base = bytes.baseAddress else { return [] }
          used.mask(base, count: line.count)
          return Array(UnsafeBufferPointer(start: used.output, count: used.count))
        }
        #expect(found == expected)
      }
    }
  }

  private func line(of unit: String) -> [UInt8] {
    var line: [UInt8] = []
    while line.count < Masker.sourceLimit { line += Array(unit.utf8) }
    return Array(line.prefix(Masker.sourceLimit))
  }

  /// The shortest of a few times that masking takes: what other programs on the machine add is left out.
  private func shortestTime(_ line: [UInt8]) -> Duration {
    var masker = Masker()
    var shortest = Duration.seconds(1000)
    for _ in 0..<7 {
      let start = ContinuousClock.now
      line.withUnsafeBufferPointer { bytes in
        if let base = bytes.baseAddress { masker.mask(base, count: line.count) }
      }
      shortest = min(shortest, ContinuousClock.now - start)
    }
    return shortest
  }
}
