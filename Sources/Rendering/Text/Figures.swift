import DaybreakCore

/// How numbers, times and names are written on every page: one place, so that HTML, Markdown and mail
/// say the same words.
enum Figures {
  /// A count in full, with commas: `1,204,331`.
  static func full(_ count: Int64) -> String {
    let digits = Array(String(count.magnitude))
    var text = count < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// A count in three figures from a million on: `1.00 M`, `42.1 M`; in full below.
  static func short(_ count: Int64) -> String {
    for (scale, unit) in [(1e12, "T"), (1e9, "G"), (1e6, "M")] where Double(count) >= scale * 0.9995
    {
      return threeFigures(Double(count) / scale) + " " + unit
    }
    return full(count)
  }

  /// A count in few characters for a chart's axis or a narrow cell: `12.3k`, `1.2M`.
  static func tiny(_ count: Double) -> String {
    for (scale, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where count >= scale * 0.9995 {
      let scaled = count / scale
      return (scaled >= 99.95 ? whole(scaled) : trimmed(scaled)) + unit
    }
    return count > 0 && count < 9.95 ? trimmed(count) : whole(count)
  }

  /// A rate: whole from ten on, one decimal below, `under 0.1` for what would show as nothing.
  static func rate(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    if value >= 9.95 { return full(Int64(min(value.rounded(), 9e18))) }
    if value > 0 && value < 0.05 { return "under 0.1" }
    return trimmed(max(0, value))
  }

  /// A change against an earlier count: `+4 %`, `−2 %`, `±0 %`, `×12`; nil when there is none.
  static func change(from earlier: Int64?, to now: Int64) -> String? {
    guard let earlier else { return nil }
    return change(from: Double(earlier), to: Double(now))
  }

  /// A change against an earlier value, from ten-fold on as a factor.
  static func change(from earlier: Double, to now: Double) -> String? {
    guard earlier > 0 else { return now > 0 ? nil : "±0 %" }
    let ratio = now / earlier
    if ratio >= 9.95 { return "×" + full(Int64(min(ratio.rounded(), 9e18))) }
    let percent = ((ratio - 1) * 100).rounded()
    if percent == 0 { return "±0 %" }
    return (percent > 0 ? "+" : "−") + String(Int(percent.magnitude)) + " %"
  }

  /// How much above what was expected: `137×`, `2.4×`.
  static func factor(_ value: Double) -> String { rate(value) + "×" }

  /// A count with its noun, in the plural where it needs one.
  static func counted(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
    full(Int64(count)) + " " + (count == 1 ? singular : plural ?? singular + "s")
  }

  /// Bytes in decimal units: `812 B`, `1.2 kB`, `3.4 MB`.
  static func bytes(_ count: Int64) -> String {
    for (scale, unit) in [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
    where Double(count) >= scale * 0.9995 {
      return threeFigures(Double(count) / scale) + " " + unit
    }
    return "\(count) B"
  }

  /// A share as a percentage with enough figures not to say 100 % or 0 % of what is not.
  static func percent(_ part: Int64, of all: Int64) -> String {
    guard all > 0 else { return "–" }
    let value = Double(part) / Double(all) * 100
    if part > 0 && value < 0.1 { return "<0.1 %" }
    if part < all && value > 99.9 { return ">99.9 %" }
    return trimmed(value) + " %"
  }

  /// One decimal, none when it is zero.
  static func trimmed(_ value: Double) -> String {
    let tenths = Int64((value * 10).rounded())
    return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(abs(tenths % 10))"
  }

  private static func whole(_ value: Double) -> String {
    String(Int64(min(value.rounded(), 9e18)))
  }

  private static func threeFigures(_ value: Double) -> String {
    let hundredths = Int64((value * 100).rounded())
    if hundredths < 1000 {
      return "\(hundredths / 100)." + twoDigits(Int(hundredths % 100))
    }
    let tenths = Int64((value * 10).rounded())
    if tenths < 1000 { return "\(tenths / 10).\(tenths % 10)" }
    return whole(value)
  }
}

/// Dates and clock readings in the words of the report, in English.
enum Dates {
  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private static let longMonths = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// `Thu`.
  static func weekday(_ date: CivilDate) -> String { weekdays[date.isoWeekday - 1] }
  /// `Mon` for 1 to `Sun` for 7.
  static func weekday(iso: Int) -> String { weekdays[iso - 1] }
  /// `12 Mar`.
  static func dayMonth(_ date: CivilDate) -> String { "\(date.day) \(months[date.month - 1])" }
  /// `Thu 12 Mar 2026`.
  static func long(_ date: CivilDate) -> String {
    "\(weekday(date)) \(dayMonth(date)) \(date.year)"
  }
  /// `March 2026`.
  static func month(_ date: CivilDate) -> String { "\(longMonths[date.month - 1]) \(date.year)" }

  /// `02:10` in the calendar's zone; `24:00` for the end of the night.
  static func clock(_ moment: Timestamp, _ calendar: NightCalendar, end window: TimeWindow? = nil)
    -> String
  {
    let (hour, minute) = calendar.clock(of: moment)
    if let window, moment == window.end, hour == 0, minute == 0 { return "24:00" }
    return twoDigits(hour) + ":" + twoDigits(minute)
  }

  /// `02:10–03:05`.
  static func span(
    _ start: Timestamp, _ end: Timestamp, _ calendar: NightCalendar, in window: TimeWindow
  ) -> String {
    clock(start, calendar) + "–" + clock(end, calendar, end: window)
  }

  /// `12 Mar 2026, 02:11:09` in the calendar's zone.
  static func moment(_ moment: Timestamp, _ calendar: NightCalendar) -> String {
    let date = calendar.date(of: moment)
    let second = Int(moment.seconds - floorDivide(moment.seconds, 60) * 60)
    return "\(dayMonth(date)) \(date.year), \(clock(moment, calendar)):\(twoDigits(second))"
  }

  /// A length of time: `55 min`, `2 h 10 min`.
  static func length(_ start: Timestamp, _ end: Timestamp) -> String {
    let minutes = (end.nanoseconds - start.nanoseconds + 59_999_999_999) / 60_000_000_000
    if minutes < 60 { return "\(minutes) min" }
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
  }
}

/// Text of unknown origin on one line: shown as what it is, line breaks as `↵`, cut with `…`.
///
/// - Parameters:
///   - text: a name or a sentence from outside.
///   - limit: how many characters to show at most.
/// - Returns: text without controls and without line breaks.
func inlineText(_ text: String, limit: Int = 400) -> String {
  let shown = displayText(text).replacing("\n", with: " ↵ ").replacing("\t", with: " ")
  guard shown.isEmpty || shown.contains(where: { !$0.isWhitespace }) else { return "(blank)" }
  return shown.count > limit ? String(shown.prefix(limit)) + "…" : shown
}
