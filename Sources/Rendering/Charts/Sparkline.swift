import DaybreakCore

/// Bars of a series, drawn in a box that stretches to the width it is given.
struct Sparkline {
  /// One value a bar; nil where nothing is known, which is drawn as a dashed mark and not as zero.
  let values: [Int64?]
  /// What the bars are, for those who cannot see them.
  let title: String
  /// What they show, in words.
  let description: String
  /// Bars to set off, by index: an incident's.
  var highlighted: Range<Int> = 0..<0

  /// The bars as inline SVG.
  var svg: HTML {
    let count = max(1, values.count)
    let largest = max(1, values.compactMap(\.self).max() ?? 1)
    var plain = ""
    var marked = ""
    var missing = ""
    for (index, value) in values.enumerated() {
      guard let value else {
        missing += "M\(index).15 37V32h.7V37z"
        continue
      }
      guard value > 0 else { continue }
      // A bar of one event beside a million stays visible.
      let height = max(1.5, Double(value) / Double(largest) * 37)
      let top = Figures.trimmed(38 - height)
      let bar = "M\(index).1 38V\(top)h.8V38z"
      if highlighted.contains(index) { marked += bar } else { plain += bar }
    }
    let shade: HTML =
      highlighted.isEmpty
      ? ""
      : "<rect class=\"s\" x=\"\(highlighted.lowerBound)\" y=\"0\" width=\"\(highlighted.count)\" height=\"38\"/>"
    let parts =
      shade + path(plain, "b") + path(marked, "b h") + path(missing, "miss")
    return """
      <svg viewBox="0 0 \(count) 40" preserveAspectRatio="none" role="img"><title>\(title)</title>\
      <desc>\(description)</desc>\(parts)\
      <path class="base" d="M0 38.5H\(count)" fill="none"/></svg>
      """
  }

  private func path(_ data: String, _ name: String) -> HTML {
    data.isEmpty ? "" : HTML(trusted: "<path class=\"\(name)\" d=\"\(data)\"/>")
  }

  /// The hours of a night.
  static func hours(_ values: [Int64], of report: Night) -> Sparkline {
    Sparkline(
      values: values, title: "Events by hour",
      description: busiest(values, unit: "hour") { report.hourLabel($0) })
  }

  /// `412 in all; busiest hour 02:00 with 400`.
  static func busiest(_ values: [Int64], unit: String, label: (Int) -> String) -> String {
    guard let largest = values.max(), largest > 0, let index = values.firstIndex(of: largest)
    else { return "none" }
    let total = values.reduce(0, +)
    return "\(Figures.full(total)) in all; busiest \(unit) \(label(index)) with "
      + Figures.full(largest)
  }
}

/// What a chart needs to know of a night: its window and its clock.
struct Night: Sendable {
  let window: TimeWindow
  let calendar: NightCalendar

  /// The clock reading at which an hour of the window starts: `02:00`.
  func hourLabel(_ index: Int) -> String {
    Dates.clock(window.start.advanced(bySeconds: Int64(index) * 3600), calendar)
  }

  /// Where a moment lies in the window, from 0 to 1.
  func position(_ moment: Timestamp) -> Double {
    let length = Double(window.end.nanoseconds - window.start.nanoseconds)
    guard length > 0 else { return 0 }
    return min(1, max(0, Double(moment.nanoseconds - window.start.nanoseconds) / length))
  }

  /// Clock readings under a chart of the window, every three hours and at the end.
  var axis: HTML {
    let hours = window.hourCount
    var marks: HTML = ""
    for index in stride(from: 0, to: hours, by: 3) where index == 0 || hours - index >= 2 {
      let share = Double(index) / Double(max(1, hours)) * 100
      marks += axisMark(share, hourLabel(index))
    }
    return marks + axisMark(100, Dates.clock(window.end, calendar, end: window))
  }

  /// A table of the hours with one count each.
  func table(_ values: [Int64], caption: String) -> HTML {
    var table = DataTable(
      caption: caption, columns: [.init("Hour from"), .init("Events", .number)])
    table.rows = values.enumerated().map { index, value in
      ["\(hourLabel(index))", "\(Figures.full(value))"]
    }
    return table.html
  }
}

/// One word under a chart, at a share of its width in percent.
func axisMark(_ share: Double, _ label: String) -> HTML {
  "<span style=\"left:\(Figures.trimmed(share))%\">\(label)</span>"
}

extension DayReport {
  /// The night as charts need it.
  var night: Night { Night(window: window, calendar: calendar) }
}
