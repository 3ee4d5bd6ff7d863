import DaybreakCore
import Foundation

@testable import Baselines

/// A service whose logs are drawn at random around a known rate.
struct GeneratedService {
  var name = "checkout"
  /// Errors a minute.
  var errors = 0.2
  /// All events a minute.
  var lines = 6.0
  /// Variance of the slow noise on both.
  var noise = 0.05
  /// Share by which the rate swings over a day.
  var swing = 0.5
  /// Rate on Saturday and Sunday against other days.
  var weekend = 0.8
  /// Minute of the day and extra lines and errors of a job that runs every night.
  var cron: (minute: Int, lines: Double, errors: Double)?

  var identity: ServiceIdentity { ServiceIdentity(namespace: "shop", service: name) }

  /// Draws one night.
  func minutes(_ date: CivilDate, clock: NightClock, seed: UInt64) -> [LevelCounts] {
    var random = SeededRandom(seed: seed, stream: UInt64(date.dayNumber))
    var level = random.gamma(variance: noise)
    return clock.slots.enumerated().map { minute, slot in
      if minute % 5 == 0 { level = 0.5 * level + 0.5 * random.gamma(variance: noise) }
      let daily = 1 - swing * cos(Double(slot) / 1440 * 2 * .pi)
      let rate = level * daily * (date.isoWeekday > 5 ? weekend : 1)
      var counts = LevelCounts()
      counts[.error] = Int64(random.poisson(rate * errors))
      counts[.info] = Int64(random.poisson(rate * max(0, lines - errors)))
      if let cron, cron.minute == slot {
        counts[.info] += Int64(random.poisson(cron.lines))
        counts[.error] += Int64(random.poisson(cron.errors))
      }
      return counts
    }
  }
}

/// Nights of several services before one that is judged.
struct GeneratedNights {
  let calendar: NightCalendar
  let date: CivilDate
  var tonight: [ServiceMinutes] = []
  var history: [ServiceHistory] = []

  var window: TimeWindow { calendar.window(of: date) }

  init(
    _ services: [GeneratedService], nights: Int, seed: UInt64, zone: String = "Europe/Berlin",
    date: String = "2026-03-12"
  ) throws {
    guard let calendar = NightCalendar(zoneName: zone), let date = CivilDate(date) else {
      throw CocoaError(.formatting)
    }
    self.calendar = calendar
    self.date = date
    let clocks = (0...nights).map { back in
      NightClock(window: calendar.window(of: date.advanced(byDays: -back)), calendar: calendar)
    }
    for (index, service) in services.enumerated() {
      let serviceSeed = seed &* 1_000_003 &+ UInt64(index)
      tonight.append(
        ServiceMinutes(
          identity: service.identity,
          minutes: service.minutes(date, clock: clocks[0], seed: serviceSeed)))
      let past = (0..<nights).map { back -> NightCounts in
        let night = date.advanced(byDays: -1 - back)
        return NightCounts(
          date: night, window: calendar.window(of: night),
          minutes: service.minutes(night, clock: clocks[back + 1], seed: serviceSeed))
      }
      history.append(ServiceHistory(identity: service.identity, nights: past))
    }
  }

  /// Adds events to minutes of the judged night.
  mutating func add(_ count: Int64, _ level: Level, to service: Int, minutes: Range<Int>) {
    for minute in minutes { tonight[service].minutes[minute][level] += count }
  }

  /// Empties minutes of the judged night.
  mutating func silence(_ service: Int, minutes: Range<Int>) {
    for minute in minutes { tonight[service].minutes[minute] = LevelCounts() }
  }

  func assess(missing: [Range<Int>] = []) -> NightAssessment {
    guard let tenant = TenantName("acme") else { preconditionFailure("acme is a tenant's name") }
    return assessNight(
      tonight, history: history, window: window, calendar: calendar, tenant: tenant,
      missing: missing)
  }
}
