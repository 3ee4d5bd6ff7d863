import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Clustering

private let systems = [
  "Apache", "BGL", "HDFS", "Hadoop", "HealthApp", "Linux", "OpenSSH", "Proxifier",
]

private func lines(of system: String) throws -> [[UInt8]] {
  guard let url = Fixtures.shared("loghub/\(system)/\(system)_2k.log") else { return [] }
  return try Data(contentsOf: url).split(separator: 0x0A).map(Array.init)
}

@Suite(.enabled(if: Fixtures.shared("loghub") != nil))
struct LogHubTests {
  @Test(arguments: systems)
  func `matches every line of a real log with the template of its cluster`(system: String) throws {
    let lines = try lines(of: system)
    #expect(!lines.isEmpty)
    expectCovered(lines.map { Event(bytes: $0) })
  }

  @Test(arguments: systems)
  func `counts every line of a real log in the same clusters for any order`(system: String) throws {
    var random = SeededGenerator(seed: 2)
    let events = try lines(of: system).map { Event(bytes: $0) }
    let clusters = refine(folded(events))
    #expect(clusters.reduce(0) { $0 + $1.count } == Int64(events.count))
    #expect(refine(folded(events.shuffled(using: &random))) == clusters)
  }
}
