internal import Clustering
internal import DaybreakCore

/// Draws counts over time in a few columns.
struct Sparkline {
  /// How many slots a column stands for.
  let slotsPerColumn: Int
  /// How many columns there are.
  let columnCount: Int

  /// Makes a drawing of at most `width` columns.
  init(slotCount: Int, width: Int) {
    slotsPerColumn = max(1, (slotCount + width - 1) / max(1, width))
    columnCount = (slotCount + slotsPerColumn - 1) / slotsPerColumn
  }

  private static let bars = Array("▁▂▃▄▅▆▇█")

  /// One bar a column, as high as its count against the highest; a blank where there is nothing.
  func text(_ slots: [Int64]) -> String {
    var columns = [Int64](repeating: 0, count: columnCount)
    for (slot, count) in slots.enumerated() { columns[slot / slotsPerColumn] += count }
    let highest = columns.max() ?? 0
    return String(
      columns.map { count -> Character in
        guard count > 0 else { return " " }
        let step = (Double(count) / Double(highest) * 8).rounded(.up)
        return Sparkline.bars[min(7, max(0, Int(step) - 1))]
      })
  }
}

/// Writes moments as short as the span that they lie in allows.
struct ShortClock {
  private enum Detail { case time, minute, date }

  private let calendar: NightCalendar
  private let detail: Detail

  /// Makes a clock for moments between two.
  init(calendar: NightCalendar, first: Timestamp, last: Timestamp) {
    self.calendar = calendar
    let firstDate = calendar.date(of: first)
    let lastDate = calendar.date(of: last)
    detail =
      firstDate == lastDate ? .time : lastDate < firstDate.advanced(byDays: 300) ? .minute : .date
  }

  /// How many columns a moment takes.
  var width: Int {
    switch detail {
    case .time: 8
    case .minute: 11
    case .date: 10
    }
  }

  /// `09:00:04` within a day, `11-20 09:00` within a year, else `2026-11-20`.
  func text(_ moment: Timestamp?) -> String {
    guard let moment else { return "-" }
    let date = calendar.date(of: moment)
    let (hour, minute) = calendar.clock(of: moment)
    let clock = "\(twoDigits(hour)):\(twoDigits(minute))"
    switch detail {
    case .time: return "\(clock):\(second(moment))"
    case .minute: return "\(date.description.dropFirst(5)) \(clock)"
    case .date: return date.description
    }
  }

  /// Date and time to the second.
  func full(_ moment: Timestamp) -> String {
    let (hour, minute) = calendar.clock(of: moment)
    return "\(calendar.date(of: moment)) \(twoDigits(hour)):\(twoDigits(minute)):\(second(moment))"
  }

  private func second(_ moment: Timestamp) -> String {
    let local = moment.seconds + Int64(calendar.offsetSeconds(at: moment))
    return twoDigits(Int(local - floorDivide(local, 60) * 60))
  }
}

/// A length of time in its largest whole unit: `30 s`, `5 min`, `12 h`, `2 d`.
func shortDuration(_ seconds: Int64) -> String {
  for (unit, name) in [(86_400, "d"), (3600, "h"), (60, "min")] as [(Int64, String)]
  where seconds % unit == 0 {
    return "\(grouped(seconds / unit)) \(name)"
  }
  return "\(seconds) s"
}
