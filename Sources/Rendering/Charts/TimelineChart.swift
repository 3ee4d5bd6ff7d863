import DaybreakCore

/// The night by hour: all lines stacked by level with the expected band, and errors on a scale of
/// their own, as 837 errors are invisible beside a million lines.
struct TimelineChart {
  let hours: [TimelineHour]
  let incidents: [IncidentEntry]
  let night: Night

  private static let stack: [Level] = [
    .fatal, .critical, .error, .warn, .info, .debug, .trace, .unknown,
  ]
  private static let errorStack: [Level] = [.fatal, .critical, .error]

  /// The chart with its words and its table.
  var html: HTML {
    guard !hours.isEmpty else { return "<p class=\"empty\">No line carries a time.</p>" }
    let top = scaleTop { max(Double($0.levels.total), $0.expected?.upperBound ?? 0) }
    let errorTop = scaleTop { Double($0.levels.errors) }
    return """
      <figure class="chart">
      \(eventLane)
      <p class="lane-name"><b>All lines</b> <span>top of the scale: \(Figures.full(Int64(top))) an hour</span></p>
      <div class="lane">\(allLane(top: top))</div>
      <p class="lane-name"><b>Errors only</b> <span>\(errorScaleText(errorTop))</span></p>
      <div class="lane">\(errorLane(top: errorTop))</div>
      <div class="axis" aria-hidden="true">\(night.axis)</div>
      \(key)
      <details><summary>Table of the hours</summary>\(table)</details>
      </figure>
      """
  }

  private func scaleTop(_ value: (TimelineHour) -> Double) -> Double {
    max(1, hours.map(value).max() ?? 1)
  }

  private func errorScaleText(_ top: Double) -> String {
    hours.contains { $0.levels.errors > 0 }
      ? "top of the scale: \(Figures.full(Int64(top))) an hour" : "none"
  }

  /// Links above the chart, one an incident, where it happened.
  private var eventLane: HTML {
    guard !incidents.isEmpty else { return "" }
    let bars = incidents.enumerated().map { index, incident -> HTML in
      let left = night.position(incident.start) * 100
      let width = max(0, night.position(incident.end) * 100 - left)
      let tone = Verdict.Status(incident.severity).rawValue
      let span = Dates.span(incident.start, incident.end, night.calendar, in: night.window)
      let target: HTML = index < 5 ? "" : "all/index.html"
      return """
        <a class="tone-\(tone)" href="\(target)#incident-\(index + 1)" \
        style="left:min(\(Figures.trimmed(left))%,100% - 1.5rem);width:\(Figures.trimmed(width))%" \
        title="\(incident.severity.rawValue) \(inlineText(incident.service.service, limit: 80)), \(span)">\
        \(index + 1)</a>
        """
    }
    return """
      <p class="lane-name"><b>Incidents</b> <span>numbered as above</span></p>
      <div class="events">\(bars)</div>
      """
  }

  private func allLane(top: Double) -> HTML {
    let bars = hours.indices.map { bar($0, levels: TimelineChart.stack, top: top, height: 100) }
    let total = hours.reduce(Int64(0)) { $0 + $1.levels.total }
    return """
      <svg class="all" viewBox="0 0 \(hours.count) 100" preserveAspectRatio="none" role="img">\
      <title>Lines by hour and level</title><desc>\(Figures.full(total)) lines with a time; the table \
      below has every hour.</desc>\(tints(height: 100))\(band(top: top))\(bars)\(bandEdges(top: top))\
      <path class="base" d="M0 100H\(hours.count)" fill="none"/></svg>
      """
  }

  private func errorLane(top: Double) -> HTML {
    let bars = hours.indices.map {
      bar($0, levels: TimelineChart.errorStack, top: top, height: 100)
    }
    let values = hours.map(\.levels.errors)
    let words = Sparkline.busiest(values, unit: "hour") { night.hourLabel($0) }
    return """
      <svg class="errors" viewBox="0 0 \(hours.count) 100" preserveAspectRatio="none" role="img">\
      <title>Errors by hour</title><desc>\(words)</desc>\(tints(height: 100))\(bars)\
      <path class="base" d="M0 100H\(hours.count)" fill="none"/></svg>
      """
  }

  /// Shades the time of every incident.
  private func tints(height: Int) -> [HTML] {
    incidents.map { incident in
      let left = night.position(incident.start) * Double(hours.count)
      let width = max(0.08, night.position(incident.end) * Double(hours.count) - left)
      return """
        <rect class="tint" x="\(hundredths(left))" y="0" width="\(hundredths(width))" height="\(height)"/>
        """
    }
  }

  /// One hour's stack, the most severe level at the bottom.
  private func bar(_ index: Int, levels: [Level], top: Double, height: Double) -> HTML {
    let hour = hours[index]
    var bottom = height
    var parts: HTML = ""
    for level in levels where hour.levels[level] > 0 {
      let part = Double(hour.levels[level]) / top * height
      bottom -= part
      parts += """
        <rect class="f-\(level.name.lowercased())" x="\(index).08" y="\(hundredths(bottom))" \
        width=".84" height="\(hundredths(part))"/>
        """
    }
    return "<g><title>\(words(index))</title>\(parts)</g>\n"
  }

  /// `02:00: 41,204 lines, 837 errors, expected 38,000 to 45,000`.
  private func words(_ index: Int) -> String {
    let hour = hours[index]
    var text = "\(night.hourLabel(index)): \(Figures.full(hour.levels.total)) lines, "
    text += "\(Figures.full(hour.levels.errors)) errors"
    if let expected = hour.expected { text += ", expected " + range(expected) }
    return text
  }

  private func range(_ band: ClosedRange<Double>) -> String {
    "\(Figures.rate(band.lowerBound)) to \(Figures.rate(band.upperBound))"
  }

  /// The ground of the expected band, behind the bars.
  private func band(top: Double) -> HTML {
    let parts = hours.enumerated().compactMap { index, hour -> HTML? in
      guard let expected = hour.expected else { return nil }
      let upper = 100 - expected.upperBound / top * 100
      let height = (expected.upperBound - expected.lowerBound) / top * 100
      return """
        <rect class="band" x="\(index)" y="\(hundredths(upper))" width="1" \
        height="\(hundredths(max(0.5, height)))"/>
        """
    }
    return HTML("\(parts)")
  }

  /// The edges of the expected band, over the bars.
  private func bandEdges(top: Double) -> HTML {
    var data = ""
    for bound in [true, false] {
      var isOpen = false
      for (index, hour) in hours.enumerated() {
        guard let expected = hour.expected else {
          isOpen = false
          continue
        }
        let value = bound ? expected.upperBound : expected.lowerBound
        let y = hundredths(100 - value / top * 100)
        data += isOpen ? "V\(y)H\(index + 1)" : "M\(index) \(y)H\(index + 1)"
        isOpen = true
      }
    }
    return data.isEmpty ? "" : HTML(trusted: "<path class=\"band-edge\" d=\"\(data)\"/>")
  }

  private var key: HTML {
    let present = TimelineChart.stack.filter { level in hours.contains { $0.levels[level] > 0 } }
    var items = present.map { level -> HTML in
      "<li><i class=\"lv-\(level.name.lowercased())\"></i>\(level.name)</li>"
    }
    if hours.contains(where: { $0.expected != nil }) {
      items.append("<li><i class=\"key-band\"></i>expected band of all lines</li>")
    }
    return "<ul class=\"key\" aria-label=\"Key, from the bottom of a bar to its top\">\(items)</ul>"
  }

  private var table: HTML {
    let levels = TimelineChart.stack.filter { level in hours.contains { $0.levels[level] > 0 } }
    var table = DataTable(
      caption: "Lines by hour and level",
      columns: [.init("Hour from"), .init("All", .number)]
        + levels.map { .init($0.name, .number) } + [.init("Expected", .number)])
    table.rows = hours.enumerated().map { index, hour in
      var row: [HTML] = ["\(night.hourLabel(index))", "\(Figures.full(hour.levels.total))"]
      row += levels.map { "\(Figures.full(hour.levels[$0]))" }
      return row + ["\(hour.expected.map(range) ?? "learning")"]
    }
    return table.html
  }
}

/// A coordinate with two decimals at most.
func hundredths(_ value: Double) -> String {
  let scaled = Int64((value * 100).rounded())
  if scaled % 100 == 0 { return String(scaled / 100) }
  let sign = scaled < 0 ? "-" : ""
  let text = sign + "\(scaled.magnitude / 100)." + twoDigits(Int(scaled.magnitude % 100))
  return text.hasSuffix("0") ? String(text.dropLast()) : text
}
