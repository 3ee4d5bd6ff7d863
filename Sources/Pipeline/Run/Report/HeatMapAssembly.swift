internal import DaybreakCore
internal import Storage

/// Averages errors by local hour and weekday.
struct HeatMapAssembly {
  let calendar: NightCalendar

  /// Makes the map.
  ///
  /// - Parameters:
  ///   - hours: events by service and hour of those nights.
  ///   - nights: the covered nights, the one that is reported on included.
  /// - Returns: seven rows from Monday, 24 columns from midnight, mean errors an hour; nil where no
  ///   night was read, and nil as a whole without history.
  func cells(hours: [ServiceHour], nights: [CivilDate]) -> [[Double?]]? {
    guard nights.count > 1 else { return nil }
    var sums = [[Int64]](repeating: [Int64](repeating: 0, count: 24), count: 7)
    for hour in hours {
      let row = calendar.date(of: hour.hour).isoWeekday - 1
      sums[row][calendar.clock(of: hour.hour).hour] += hour.counts.errors
    }
    let nightCounts = (1...7).map { weekday in nights.count { $0.isoWeekday == weekday } }
    return zip(sums, nightCounts).map { row, count in
      row.map { count == 0 ? nil : Double($0) / Double(count) }
    }
  }
}
