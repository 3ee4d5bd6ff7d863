import Testing

@testable import DaybreakCore

@Suite struct NightSpanTests {
  private func span(_ kind: NightSpan.Kind, _ date: String) throws -> NightSpan {
    NightSpan(kind, of: try #require(CivilDate(date)))
  }

  /// ISO 8601 weeks of the days around new year, as GNU `date +%G-W%V` prints them.
  @Test(arguments: [
    ("2026-03-12", "2026-W11"), ("2026-01-01", "2026-W01"), ("2025-12-29", "2026-W01"),
    ("2025-12-28", "2025-W52"), ("2021-01-03", "2020-W53"), ("2021-01-04", "2021-W01"),
    ("2024-12-30", "2025-W01"), ("2027-01-03", "2026-W53"),
  ])
  func `names a week by its Thursday's year`(date: String, name: String) throws {
    #expect(try span(.week, date).name == name)
  }

  @Test func `a week runs from Monday to Sunday`() throws {
    let week = try span(.week, "2026-03-12")
    #expect("\(week.first)" == "2026-03-09" && "\(week.last)" == "2026-03-15")
    #expect(week.previous.name == "2026-W10")
  }

  @Test(arguments: [
    ("2026-02-17", "2026-02-01", "2026-02-28"), ("2024-02-29", "2024-02-01", "2024-02-29"),
    ("2026-12-31", "2026-12-01", "2026-12-31"), ("2026-04-01", "2026-04-01", "2026-04-30"),
  ])
  func `a month has all of its days`(date: String, first: String, last: String) throws {
    let month = try span(.month, date)
    #expect("\(month.first)" == first && "\(month.last)" == last)
    #expect(month.name == String(first.prefix(7)))
  }
}
