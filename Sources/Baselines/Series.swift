import DaybreakCore

/// The local clock of one night: which minute of the day each of its minutes is.
struct NightClock {
  /// Minute of the local day (0–1439) of each minute of the window.
  ///
  /// On a night of 25 hours an hour
  /// comes twice, on one of 23 it is not there.
  let slots: [Int]
  /// 0 for Monday to 6 for Sunday.
  let weekday: Int
  /// The first minute of the window with a given minute of the day; −1 where clocks skip it.
  let minuteOfSlot: [Int]

  init(window: TimeWindow, calendar: NightCalendar) {
    var slots: [Int] = []
    slots.reserveCapacity(window.minuteCount)
    // Every offset in use since 1972 changes on a quarter of an hour, and nights start on one.
    for minute in 0..<window.minuteCount {
      if minute % 15 == 0 {
        let clock = calendar.clock(of: window.start.advanced(bySeconds: Int64(minute) * 60))
        slots.append(clock.hour * 60 + clock.minute)
      } else {
        slots.append((slots[minute - 1] + 1) % 1440)
      }
    }
    var minuteOfSlot = [Int](repeating: -1, count: 1440)
    for minute in slots.indices.reversed() { minuteOfSlot[slots[minute]] = minute }
    self.slots = slots
    self.minuteOfSlot = minuteOfSlot
    weekday = calendar.date(of: window.start).isoWeekday - 1
  }
}

/// One metric of one service on one night, with running sums so that any window costs O(1).
struct NightSeries {
  let clock: NightClock
  let counts: [UInt32]
  /// `sums[i]` is the count of the first `i` minutes.
  let sums: [Double]
  /// `unread[i]` is how many of the first `i` minutes were not read; empty when all were.
  let unread: [Int32]

  init(clock: NightClock, counts: [UInt32], missing: [Range<Int>]) {
    self.clock = clock
    self.counts = counts
    var sums: [Double] = [0]
    sums.reserveCapacity(counts.count + 1)
    var sum = 0.0
    for count in counts {
      sum += Double(count)
      sums.append(sum)
    }
    self.sums = sums
    var unread: [Int32] = []
    if !missing.isEmpty {
      unread.append(0)
      for minute in counts.indices {
        unread.append(unread[minute] + (missing.contains { $0.contains(minute) } ? 1 : 0))
      }
    }
    self.unread = unread
  }

  /// Events in the minutes `range`.
  func sum(_ range: Range<Int>) -> Double { sums[range.upperBound] - sums[range.lowerBound] }

  /// Whether every minute of `range` was read.
  func wasRead(_ range: Range<Int>) -> Bool {
    unread.isEmpty || unread[range.upperBound] == unread[range.lowerBound]
  }

  var total: Double { sums.last ?? 0 }
}

/// Running sums of expected counts over the minutes of a night.
func runningSums(_ values: [Double]) -> [Double] {
  var sums: [Double] = [0]
  sums.reserveCapacity(values.count + 1)
  var sum = 0.0
  for value in values {
    sum += value
    sums.append(sum)
  }
  return sums
}

/// The value in the middle of `values`, the mean of the middle two where their number is even; 0 for
/// none.
func median(_ values: [Double]) -> Double { quantile(values.sorted(), 0.5) }

/// The quantile of sorted values, with linear interpolation (Hyndman and Fan, type 7).
func quantile(_ sorted: [Double], _ probability: Double) -> Double {
  guard !sorted.isEmpty else { return 0 }
  let place = probability * Double(sorted.count - 1)
  let low = Int(place)
  let high = min(low + 1, sorted.count - 1)
  return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
}
