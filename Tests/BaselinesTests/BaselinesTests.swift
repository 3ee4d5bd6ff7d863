import Baselines
import DaybreakCore
import Foundation
import Testing

@Suite struct BaselinesTests {
  let shop = [
    GeneratedService(name: "gateway", errors: 0.5, lines: 40),
    GeneratedService(name: "checkout"),
    GeneratedService(name: "payments", errors: 0.02, lines: 2),
  ]

  @Test(arguments: [1, 2, 3])
  func `says nothing of a quiet night`(seed: UInt64) throws {
    let nights = try GeneratedNights(shop, nights: 14, seed: seed)
    #expect(nights.assess().events.isEmpty)
    #expect(nights.assess().incidents.isEmpty)
  }

  @Test func `names a planted outage, its service and its minutes`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 1)
    nights.add(12, .error, to: 2, minutes: 130..<172)
    let assessment = nights.assess()
    let event = try #require(assessment.events.first)
    #expect(assessment.events.count == 1)
    #expect(event.identity.service == "payments" && event.metric == .errorRate)
    #expect(event.start == nights.window.start.advanced(bySeconds: 130 * 60))
    #expect(event.end == nights.window.start.advanced(bySeconds: 172 * 60))
    #expect(event.severity == .critical)
    #expect(try #require(event.deviationFactor) > 100)
    #expect(event.observed > 11.9 && event.observed < 13)
  }

  @Test func `orders the services of an incident by who moved first`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 1)
    nights.add(30, .error, to: 0, minutes: 134..<170)
    nights.add(9, .error, to: 1, minutes: 132..<172)
    nights.add(12, .error, to: 2, minutes: 130..<168)
    let assessment = nights.assess()
    let incident = try #require(assessment.incidents.first)
    #expect(assessment.incidents.count == 1)
    #expect(incident.services.map(\.identity.service) == ["payments", "checkout", "gateway"])
    #expect(incident.firstMover.service == "payments")
    #expect(incident.start == nights.window.start.advanced(bySeconds: 130 * 60))
    #expect(incident.end == nights.window.start.advanced(bySeconds: 172 * 60))
    #expect(incident.severity == .critical)
  }

  @Test func `takes a job that runs every night as normal`() throws {
    var service = GeneratedService()
    service.cron = (minute: 210, lines: 300, errors: 20)
    let nights = try GeneratedNights([service], nights: 5, seed: 4)
    #expect(nights.assess().events.isEmpty)
  }

  @Test func `sees an outage in the hour of a nightly job`() throws {
    var service = GeneratedService()
    service.cron = (minute: 210, lines: 300, errors: 20)
    var nights = try GeneratedNights([service], nights: 14, seed: 4)
    nights.add(6, .error, to: 0, minutes: 220..<240)
    #expect(nights.assess().events.map(\.metric) == [.errorRate])
  }

  @Test func `finds a service that falls silent`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 5)
    nights.silence(1, minutes: 600..<690)
    let events = nights.assess().events
    #expect(events.map(\.metric) == [.silence])
    let event = try #require(events.first)
    #expect(event.identity.service == "checkout")
    #expect(abs(event.start.seconds - nights.window.start.seconds - 600 * 60) <= 120)
    #expect(abs(event.end.seconds - nights.window.start.seconds - 690 * 60) <= 120)
    #expect(event.deviationFactor == 0)
  }

  @Test func `finds a service that does not speak all night`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 5)
    nights.tonight.remove(at: 2)
    let events = nights.assess().events
    #expect(events.contains { $0.metric == .silence && $0.identity.service == "payments" })
  }

  @Test func `takes minutes that were not read for unknown and not for silence`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 5)
    for service in shop.indices { nights.silence(service, minutes: 600..<690) }
    #expect(nights.assess(missing: [600..<690]).events.isEmpty)
  }

  @Test func `stops calling a service silent that has been gone for nights`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 5)
    nights.tonight.remove(at: 2)
    for night in 11..<14 {
      let gone = nights.history[2].nights[night]
      nights.history[2].nights[night] = .silent(date: gone.date, window: gone.window)
    }
    #expect(nights.assess().events.isEmpty)
  }

  @Test func `is learning while there are fewer than three nights`() throws {
    var nights = try GeneratedNights(shop, nights: 2, seed: 6)
    nights.add(500, .error, to: 0, minutes: 100..<130)
    let assessment = nights.assess()
    #expect(assessment.services.allSatisfy { $0.state == .learning(nights: 2, needed: 3) })
    #expect(assessment.events.isEmpty)
    #expect(assessment.services.allSatisfy { $0.errorBand.isEmpty })
  }

  @Test func `lets a new service learn beside old ones`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 6)
    nights.history.remove(at: 1)
    for night in 0..<12 {
      let unborn = nights.history[1].nights[night]
      nights.history[1].nights[night] = .silent(date: unborn.date, window: unborn.window)
    }
    let states = nights.assess().services.map(\.state)
    #expect(
      states == [
        .learning(nights: 0, needed: 3), .hourOfWeek(nights: 14), .learning(nights: 2, needed: 3),
      ])
  }

  @Test func `gives no factor where there never was an error`() throws {
    var service = GeneratedService()
    service.errors = 0
    var nights = try GeneratedNights([service], nights: 7, seed: 7)
    #expect(nights.assess().events.isEmpty)
    nights.add(3, .error, to: 0, minutes: 100..<120)
    let event = try #require(nights.assess().events.first)
    #expect(event.deviationFactor == nil)
    #expect(event.deviationNote == "none in 7 nights of history")
    #expect(event.expected == 0)
  }

  @Test func `has nothing to say of services that are always silent`() throws {
    let nights = try GeneratedNights([], nights: 0, seed: 8)
    var idle = nights
    idle.tonight = [
      ServiceMinutes(
        identity: ServiceIdentity(namespace: "", service: "idle"), window: nights.window)
    ]
    idle.history = [
      ServiceHistory(
        identity: ServiceIdentity(namespace: "", service: "idle"),
        nights: (1...5).map { back in
          let date = nights.date.advanced(byDays: -back)
          return .silent(date: date, window: nights.calendar.window(of: date))
        })
    ]
    #expect(idle.assess().services.map(\.state) == [.learning(nights: 0, needed: 3)])
    #expect(idle.assess().events.isEmpty)
  }

  @Test(arguments: ["2026-03-29", "2026-10-25", "2026-03-30", "2026-10-26"])
  func `stays calm when clocks change`(date: String) throws {
    var service = GeneratedService()
    service.cron = (minute: 210, lines: 300, errors: 20)
    let nights = try GeneratedNights(shop + [service], nights: 14, seed: 9, date: date)
    let assessment = nights.assess()
    #expect(assessment.events.isEmpty)
    #expect(assessment.services[0].volumeBand.count == nights.window.hourCount)
  }

  @Test func `is not blinded by an outage of the past`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 10)
    for minute in 600..<660 { nights.history[1].nights[9].minuteErrors[minute] += 40 }
    nights.add(8, .error, to: 1, minutes: 300..<330)
    #expect(nights.assess().events.map(\.metric) == [.errorRate])
  }

  @Test func `knows a quiet weekend from a quiet weekday after two weeks`() throws {
    let service = GeneratedService(name: "office", errors: 0.1, lines: 20, weekend: 0.05)
    // A Saturday, and the Monday after.
    #expect(
      try GeneratedNights([service], nights: 21, seed: 11, date: "2026-03-14").assess().events
        .isEmpty)
    #expect(
      try GeneratedNights([service], nights: 21, seed: 11, date: "2026-03-16").assess().events
        .isEmpty)
  }

  @Test func `does not call a spike of errors a spike of volume as well`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 12)
    nights.add(100, .error, to: 1, minutes: 300..<330)
    #expect(nights.assess().events.map(\.metric) == [.errorRate])
    nights.add(400, .info, to: 1, minutes: 300..<330)
    #expect(Set(nights.assess().events.map(\.metric)) == [.errorRate, .logVolume])
  }

  @Test func `keeps the row of what is normal`() throws {
    let nights = try GeneratedNights(shop, nights: 14, seed: 13)
    let row = try #require(nights.assess().services[0].baseline)
    #expect(row.averageLogRate > 2 && row.averageLogRate < 9)
    #expect(row.averageErrorRate > 0.1 && row.averageErrorRate < 0.3)
    #expect(row.p95ErrorRate == 1)
    #expect(row.window.end == nights.window.start)
  }

  @Test func `draws a band that holds most normal hours`() throws {
    let nights = try GeneratedNights(shop, nights: 28, seed: 14)
    let assessment = nights.assess()
    var inside = 0
    for (service, counts) in zip(
      assessment.services, nights.tonight.sorted { $0.identity < $1.identity })
    {
      for (hour, band) in service.volumeBand.enumerated() {
        let count = counts.minutes[hour * 60..<hour * 60 + 60].reduce(0) { $0 + $1.total }
        inside += band.low <= Double(count) && Double(count) <= band.high ? 1 : 0
      }
    }
    #expect(inside >= 65, "\(inside) of 72")
    #expect(assessment.total(of: \.volumeBand).count == 24)
  }

  @Test func `gives the same ids whatever the order of its input`() throws {
    var nights = try GeneratedNights(shop, nights: 14, seed: 1)
    nights.add(12, .error, to: 2, minutes: 130..<172)
    let straight = nights.assess()
    nights.tonight.reverse()
    nights.history.reverse()
    #expect(nights.assess() == straight)
  }
}
