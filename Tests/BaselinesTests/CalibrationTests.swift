import Baselines
import DaybreakCore
import Foundation
import Testing

@Suite struct CalibrationTests {
  /// Services from one line in three hours to fifty a minute, calm and wild.
  static func services(_ count: Int, seed: UInt64) -> [GeneratedService] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { index in
      let lines = pow(10, random.unit() * 4 - 2.3)
      var service = GeneratedService(
        name: "service\(index)", errors: lines * pow(10, -random.unit() * 2.5), lines: lines,
        noise: pow(10, random.unit() * 1.8 - 1.5), swing: random.unit() * 0.9,
        weekend: 0.2 + 0.8 * random.unit())
      if index % 4 == 0 {
        service.cron = (
          minute: random.below(1440), lines: lines * Double(random.within(3...12)), errors: 0
        )
      }
      return service
    }
  }

  @Test(arguments: [7, 11])
  func `raises next to no false alarm in a hundred quiet service-nights`(seed: UInt64) throws {
    let nights = try GeneratedNights(
      CalibrationTests.services(100, seed: seed), nights: 15, seed: seed)
    let events = nights.assess().events
    #expect(events.count <= 1, "\(events.map { ($0.identity.service, $0.metric) })")
  }

  @Test(arguments: [4, 6, 9])
  func `stays calm on short histories`(count: Int) throws {
    let nights = try GeneratedNights(
      CalibrationTests.services(40, seed: 3), nights: count, seed: 3)
    let events = nights.assess().events
    #expect(events.count <= 1, "\(events.map { ($0.identity.service, $0.metric) })")
  }

  @Test func `finds most outages of some size`() throws {
    var nights = try GeneratedNights(
      CalibrationTests.services(40, seed: 5), nights: 15, seed: 5)
    for service in nights.tonight.indices {
      let errors = nights.history[service].nights.map { night in
        night.minuteErrors.reduce(0) { $0 + Int64($1) }
      }.reduce(0, +)
      let usual = Double(errors) / 15 / 1440
      nights.add(Int64(max(2, usual * 12)), .error, to: service, minutes: 400..<430)
    }
    let found = Set(nights.assess().events.filter { $0.metric == .errorRate }.map(\.identity))
    #expect(found.count >= 34)
  }
}
