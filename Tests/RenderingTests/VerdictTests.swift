import DaybreakCore
import Testing

@testable import Rendering

@Suite struct VerdictTests {
  @Test func `names the worst incident in its first sentence`() {
    let verdict = Verdict(SampleReport.day())
    #expect(
      verdict.text == """
        Thu 12 Mar 2026, 00:00–24:00 Europe/Berlin: 2 incidents, worst: payments errors \
        02:10–03:05, peak 412 a minute against 3 expected; 1 new error pattern, 2 escalating, \
        1 returned, 1 gone, 2 known patterns merged. \
        1.00 M lines (+4 % against Wed, −2 % against last Thu). \
        Incomplete: 3 lines could not be read.
        """)
    #expect(verdict.status == .critical)
    #expect(verdict.shortText == "2 incidents, 1 new, incomplete")
  }

  @Test func `says nothing new of a quiet night`() {
    let verdict = Verdict(SampleReport.quietDay())
    #expect(
      verdict.text == """
        Thu 12 Mar 2026, 00:00–24:00 Europe/Berlin: Nothing new. \
        1.00 M lines (+4 % against Wed, −2 % against last Thu).
        """)
    #expect(verdict.status == .quiet)
    #expect(verdict.shortText == "nothing new")
  }

  @Test func `is amber when a source is missing`() {
    var report = SampleReport.quietDay()
    report.coverage.sourcesExpected = 3
    let verdict = Verdict(report)
    #expect(verdict.status == .partial)
    #expect(verdict.gaps == ["1 of 3 sources not read to the end"])
  }

  @Test func `is amber when nothing came for a while`() {
    var report = SampleReport.quietDay()
    report.coverage.gaps = [
      Gap(
        source: "loki", span: TimeWindow(start: SampleReport.at(4), end: SampleReport.at(6)),
        reason: "no lines where 1,200 were expected")
    ]
    #expect(Verdict(report).status == .partial)
    #expect(
      Verdict(report).text.hasSuffix(
        "Incomplete: loki 04:00–06:00: no lines where 1,200 were expected."))
  }

  @Test func `is amber when the counts do not add up`() {
    var report = SampleReport.quietDay()
    report.coverage.eventsInClusters -= 1
    #expect(Verdict(report).gaps == ["the counts do not add up"])
  }

  @Test func `calls nothing new while it learns`() {
    var report = SampleReport.quietDay()
    report.learning = LearningState(nightsOfHistory: 1, minimumNights: 3)
    report.volume = Volume(lines: 812)
    let verdict = Verdict(report)
    #expect(verdict.status == .learning)
    #expect(
      verdict.text == """
        Thu 12 Mar 2026, 00:00–24:00 Europe/Berlin: Still learning what is normal (1 of 3 nights \
        of history), so none of 64 patterns can be called new. 812 lines.
        """)
  }

  @Test func `does not call a new pattern below ERROR new trouble`() {
    var report = SampleReport.quietDay()
    report.changes.new = [
      ChangeEntry(
        fingerprint: Fingerprint(template: "x"), identity: SampleReport.identity("cart"),
        template: "x", level: .info, count: 4)
    ]
    #expect(Verdict(report).headline == "Nothing new")
    #expect(Verdict(report).status == .quiet)
  }

  @Test func `names a service that fell silent`() {
    var report = SampleReport.quietDay()
    report.incidents = [SampleReport.incidents()[1]]
    #expect(
      Verdict(report).headline
        == "1 incident: mailer silent 14:20–15:00, 0 lines a minute against 18 expected")
  }

  @Test func `spans the 25 hours on which clocks go back`() {
    var report = SampleReport.quietDay()
    report.date = SampleReport.unwrapped(CivilDate("2026-10-25"))
    report.window = report.calendar.window(of: report.date)
    #expect(report.window.hourCount == 25)
    #expect(Verdict(report).occasion == "Sun 25 Oct 2026, 00:00–24:00 Europe/Berlin")
  }
}

@Suite struct FiguresTests {
  @Test(
    arguments: [
      (0, "0"), (999, "999"), (1000, "1,000"), (999_499, "999,499"), (1_003_412, "1.00 M"),
      (12_345_678, "12.3 M"), (123_456_789, "123 M"), (1_500_000_000, "1.50 G"),
    ] as [(Int64, String)])
  func `writes large counts in three figures`(count: Int64, text: String) {
    #expect(Figures.short(count) == text)
  }

  @Test(
    arguments: [
      (100, 104, "+4 %"), (100, 98, "−2 %"), (100, 100, "±0 %"), (10, 120, "×12"),
      (0, 5, nil), (0, 0, "±0 %"), (100, 0, "−100 %"),
    ] as [(Int64, Int64, String?)])
  func `writes changes as a reader says them`(before: Int64, now: Int64, text: String?) {
    #expect(Figures.change(from: before, to: now) == text)
  }

  @Test(arguments: [(0.0, "0"), (0.01, "under 0.1"), (0.26, "0.3"), (3, "3"), (412.4, "412")])
  func `writes rates with the figures they deserve`(rate: Double, text: String) {
    #expect(Figures.rate(rate) == text)
  }

  @Test(arguments: [
    (1.0, "1"), (0.1, "0.1"), (-2.5, "-2.5"), (1e-9, "0"), (.infinity, "null"), (.nan, "null"),
    (123_456.789_012_3, "123456.789012"),
  ])
  func `writes JSON numbers in one way`(value: Double, text: String) {
    #expect(JSONValue.number(value) == text)
  }
}
