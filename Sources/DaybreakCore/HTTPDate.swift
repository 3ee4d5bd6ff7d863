/// Dates as HTTP writes them (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Writes a moment, cut to whole seconds.
  package static func text(_ moment: Timestamp) -> String {
    let seconds = moment.seconds
    let dayNumber = Int(floorDivide(seconds, 86_400))
    let secondOfDay = Int(seconds) - dayNumber * 86_400
    let date = CivilDate(dayNumber: dayNumber)
    let yearText = String(date.year)
    let year = String(repeating: "0", count: max(0, 4 - yearText.count)) + yearText
    return weekdays[date.isoWeekday - 1] + ", " + twoDigits(date.day) + " "
      + months[date.month - 1] + " " + year + " " + twoDigits(secondOfDay / 3600) + ":"
      + twoDigits(secondOfDay / 60 % 60) + ":" + twoDigits(secondOfDay % 60) + " GMT"
  }

  /// Reads an IMF-fixdate; nil for anything else (the two obsolete forms included).
  package static func moment(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[5] == "GMT", weekdays.contains(where: { "\($0)," == parts[0] }),
      parts[1].utf8.count == 2, let day = number(parts[1]),
      let month = months.firstIndex(where: { $0 == parts[2] }),
      parts[3].utf8.count == 4, let year = number(parts[3]),
      let date = CivilDate(year: year, month: month + 1, day: day)
    else { return nil }
    let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3, clock.allSatisfy({ $0.utf8.count == 2 }),
      let hour = number(clock[0]), let minute = number(clock[1]), let second = number(clock[2]),
      hour < 24, minute < 60, second < 61
    else { return nil }
    let seconds = date.dayNumber * 86_400 + hour * 3600 + minute * 60 + second
    return Timestamp(seconds: Int64(seconds))
  }

  private static func number(_ digits: Substring) -> Int? {
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(digits)
  }
}
