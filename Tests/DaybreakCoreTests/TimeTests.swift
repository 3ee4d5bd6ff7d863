import DaybreakCore
import Testing

@Suite struct TimeTests {
  @Test(arguments: [
    ("2026-03-12", 20_524), ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016),
  ])
  func `turns dates into day numbers and back`(text: String, number: Int) throws {
    let date = try #require(CivilDate(text))
    #expect(date.dayNumber == number)
    #expect(CivilDate(dayNumber: number).description == text)
  }

  @Test(arguments: ["2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-01-01x", ""])
  func `refuses what is no date`(text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test(arguments: [
    ("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25),
    ("Europe/Berlin", "2026-03-12", 24), ("Australia/Sydney", "2026-10-04", 23),
    // Clocks in Beirut skip midnight itself.
    ("Asia/Beirut", "2026-03-29", 23), ("UTC", "2026-03-29", 24),
  ])
  func `gives a night the hours its zone gives it`(zone: String, day: String, hours: Int) throws {
    let calendar = try #require(NightCalendar(zoneName: zone))
    let date = try #require(CivilDate(day))
    let window = calendar.window(of: date)
    #expect(window.hourCount == hours)
    #expect(calendar.date(of: window.start) == date)
    #expect(calendar.date(of: window.end) == date.advanced(byDays: 1))
    #expect(calendar.date(of: Timestamp(nanoseconds: window.end.nanoseconds - 1)) == date)
  }

  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00Z"), (1_795_165_200_204_000_000, "2026-11-20T09:00:00.204Z"),
    (-1, "1969-12-31T23:59:59.999999999Z"),
  ])
  func `writes RFC 3339 with no more digits than needed`(nanoseconds: Int64, text: String) {
    #expect(Timestamp(nanoseconds: nanoseconds).rfc3339 == text)
  }

  @Test func `names weekdays as ISO 8601 does`() throws {
    #expect(try #require(CivilDate("2026-03-12")).isoWeekday == 4)
    #expect(try #require(CivilDate("1969-12-28")).isoWeekday == 7)
  }
}
