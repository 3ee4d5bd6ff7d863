import Baselines
import Clustering
import DaybreakCore
import DemoShop
import Foundation
import Testing

/// The demo held against the stages that read it: fourteen ordinary nights, then one that is not.
@Suite struct QuietNightTests {
  private struct Shop {
    let calendar: NightCalendar
    let nights: [DemoNight]
    /// The counts of each night by tenant, made once.
    let counts: [[String: [ServiceMinutes]]]

    init(seed: UInt64, last: String = "2026-03-12", count: Int = 15) throws {
      let calendar = try #require(NightCalendar(zoneName: "Europe/Berlin"))
      let last = try #require(CivilDate(last))
      self.calendar = calendar
      let nights = (0..<count).map { back in
        DemoNight(
          last.advanced(byDays: back + 1 - count), calendar: calendar, seed: seed,
          hasIncident: back == count - 1)
      }
      self.nights = nights
      counts = nights.map { night in
        ["acme": night.minutes(ofTenant: "acme"), "globex": night.minutes(ofTenant: "globex")]
      }
    }

    /// What the baselines say of a night (1 is the first), knowing those before it.
    func assess(_ number: Int, tenant: String) throws -> NightAssessment {
      let tonight = nights[number - 1]
      var history: [ServiceIdentity: [NightCounts]] = [:]
      for (night, counts) in zip(nights, counts).prefix(number - 1) {
        for service in counts[tenant] ?? [] {
          history[service.identity, default: []].append(
            NightCounts(date: night.date, window: night.window, minutes: service.minutes))
        }
      }
      return assessNight(
        counts[number - 1][tenant] ?? [],
        history: history.map { ServiceHistory(identity: $0.key, nights: $0.value) },
        window: tonight.window, calendar: calendar, tenant: try #require(TenantName(tenant)))
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5])
  func `finds nothing on quiet nights and one incident on the last`(seed: UInt64) throws {
    let shop = try Shop(seed: seed)
    // Every night of one seed; of the others those at which the baselines change their ways.
    for number in seed == 1 ? Array(4...14) : [4, 8, 14] {
      for tenant in ["acme", "globex"] {
        let events = try shop.assess(number, tenant: tenant).events
        #expect(events.isEmpty, "night \(number): \(events.map { ($0.identity, $0.metric) })")
      }
    }
    #expect(try shop.assess(15, tenant: "globex").incidents.isEmpty)
    let incidents = try shop.assess(15, tenant: "acme").incidents
    let incident = try #require(incidents.first)
    #expect(incidents.count == 1)
    #expect(incident.services.map(\.identity.service) == ["payments", "checkout", "gateway"])
    #expect(incident.severity == .critical)
    let start = shop.nights[14].window.start
    #expect(incident.start == start.advanced(bySeconds: 130 * 60))
    #expect(incident.end == start.advanced(bySeconds: 172 * 60))
  }

  @Test func `is learning for three nights`() throws {
    let shop = try Shop(seed: 1, count: 4)
    for number in 1...3 {
      let services = try shop.assess(number, tenant: "acme").services
      #expect(services.allSatisfy { $0.state.isLearning })
    }
    let fourth = try shop.assess(4, tenant: "acme").services
    #expect(!fourth.contains { $0.state.isLearning })
  }

  /// The templates of a night by service.
  private func templates(of night: DemoNight, tenant: String) -> Set<String> {
    let fold = Fold(window: night.window)
    let services = ServiceTable()
    var bytes: [UInt8] = []
    var records: [LineRecord] = []
    for line in night.lines(ofTenant: tenant) {
      let offset = bytes.count
      bytes += line.text.utf8
      records.append(
        LineRecord(
          offset: Int32(offset), length: Int32(bytes.count - offset),
          timestamp: line.timestamp.nanoseconds, service: services.index(of: line.service),
          lineCount: 1, level: line.level.rawValue))
    }
    // Readers promise bytes behind the last message.
    bytes += [UInt8](repeating: 0, count: 64)
    bytes.withUnsafeBytes { buffer in
      records.withUnsafeBufferPointer { records in
        fold.consume(LineBatch(bytes: buffer, records: records), services: services)
      }
    }
    return Set(refine(fold.result()).map { "\($0.identity.service): \($0.template)" })
  }

  @Test(arguments: ["acme", "globex"])
  func `has the same templates every ordinary night and new ones on the last`(tenant: String) throws
  {
    let shop = try Shop(seed: 1, count: 4)
    let first = templates(of: shop.nights[0], tenant: tenant)
    #expect(first.count >= 9)
    for night in shop.nights[1...2] {
      #expect(templates(of: night, tenant: tenant).symmetricDifference(first).isEmpty)
    }
    let last = templates(of: shop.nights[3], tenant: tenant)
    #expect(first.subtracting(last).isEmpty)
    let new = last.subtracting(first)
    #expect(new.isEmpty == (tenant == "globex"))
    #expect(
      new.allSatisfy { template in
        template.hasPrefix("payments: ") || template.hasPrefix("checkout: ")
      }, "\(new)")
  }
}
