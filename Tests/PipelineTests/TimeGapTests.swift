import DaybreakCore
import Rendering
import Testing

@testable import Pipeline

@Suite struct TimeGapTests {
  private let window = TimeWindow(
    start: Timestamp(seconds: 1_773_273_600), end: Timestamp(seconds: 1_773_360_000))

  /// A night with a line a minute but in the given ones.
  private func gaps(silent: [Range<Int>], low: Double) -> [Gap] {
    var minutes = ServiceMinutes(
      identity: ServiceIdentity(namespace: "shop", service: "api"), window: window)
    for minute in minutes.minutes.indices where !silent.contains(where: { $0.contains(minute) }) {
      minutes.minutes[minute][.info] = 1
    }
    let band = [ExpectedHour](
      repeating: ExpectedHour(expected: low * 2, low: low, high: low * 3), count: 24)
    return TimeGaps(window: window, services: [minutes], band: low > 0 ? band : []).gaps
  }

  @Test func `names a stretch without a line where many were expected`() {
    let found = gaps(silent: [120..<150, 1400..<1440], low: 60)
    #expect(
      found == [
        Gap(
          span: TimeWindow(
            start: window.start.advanced(bySeconds: 7200),
            end: window.start.advanced(bySeconds: 9000)),
          reason: "no line where 30 or more were expected"),
        Gap(
          span: TimeWindow(start: window.start.advanced(bySeconds: 84_000), end: window.end),
          reason: "no line where 40 or more were expected"),
      ])
  }

  @Test func `takes short stretches, quiet hours and learning for no gap`() {
    #expect(gaps(silent: [120..<134], low: 600).isEmpty)
    #expect(gaps(silent: [120..<180], low: 15).isEmpty)
    #expect(gaps(silent: [0..<1440], low: 0).isEmpty)
  }
}
