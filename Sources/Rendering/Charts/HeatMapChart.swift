import DaybreakCore

/// Hour × weekday: a mark in each cell that grows and darkens with the value, so that it reads
/// without colour too.
struct HeatMapChart {
  let map: HeatMap

  /// The map with its words and its table.
  var html: HTML {
    let days = (1...7).map { day -> HTML in "<span>\(Dates.weekday(iso: day))</span>" }
    let axis = stride(from: 0, through: 24, by: 3).map { hour in
      axisMark(Double(hour) / 24 * 100, twoDigits(hour) + ":00")
    }
    return """
      <figure class="chart">
      <div class="heat"><div class="rows" aria-hidden="true">\(days)</div>\(svg)\
      <div class="axis" aria-hidden="true">\(axis)</div></div>
      <details><summary>Table of the heat map</summary>\(table)</details>
      </figure>
      """
  }

  private var largest: Double {
    max(map.cells.joined().compactMap(\.self).max() ?? 0, .leastNonzeroMagnitude)
  }

  private var svg: HTML {
    let largest = largest
    var cells: HTML = ""
    for (row, values) in map.cells.prefix(7).enumerated() {
      for (column, value) in values.prefix(24).enumerated() {
        cells += cell(row, column, value, largest)
      }
    }
    return """
      <svg viewBox="0 0 24 7" preserveAspectRatio="none" role="img"><title>Errors by hour and \
      weekday</title><desc>\(words)</desc>\(cells)</svg>
      """
  }

  private func cell(_ row: Int, _ column: Int, _ value: Double?, _ largest: Double) -> HTML {
    let x = "\(column).04"
    let y = "\(row).06"
    guard let value else {
      return "<rect class=\"miss\" x=\"\(x)\" y=\"\(y)\" width=\".92\" height=\".88\"/>"
    }
    let label = "\(Dates.weekday(iso: row + 1)) \(twoDigits(column)):00: \(Figures.rate(value))"
    // The fourth root keeps a usual hour visible beside an outage a hundred times as large.
    let share = max(0.2, (value / largest).squareRoot().squareRoot())
    let width = share * 0.92
    let height = share * 0.88
    let mark: HTML =
      value <= 0
      ? ""
      : """
      <rect class="mark" x="\(hundredths(Double(column) + 0.5 - width / 2))" \
      y="\(hundredths(Double(row) + 0.5 - height / 2))" width="\(hundredths(width))" \
      height="\(hundredths(height))" fill-opacity="\(hundredths(0.15 + 0.85 * share))"/>
      """
    return """
      <g><title>\(label)</title><rect class="cell" x="\(x)" y="\(y)" width=".92" \
      height=".88"/>\(mark)</g>
      """
  }

  private var words: String {
    var best: (row: Int, column: Int, value: Double)?
    for (row, values) in map.cells.enumerated() {
      for (column, value) in values.enumerated() {
        if let value, value > best?.value ?? 0 { best = (row, column, value) }
      }
    }
    guard let best else { return "No errors in 28 days." }
    return "Most in the hour from \(twoDigits(best.column)):00 on "
      + "\(Dates.weekday(iso: best.row + 1)): \(Figures.rate(best.value)) in the mean."
  }

  private var table: HTML {
    var table = DataTable(
      caption: "Mean errors an hour",
      columns: [.init("Day")] + (0..<24).map { .init(twoDigits($0), .number) })
    table.rows = map.cells.prefix(7).enumerated().map { row, values in
      ["\(Dates.weekday(iso: row + 1))"]
        + values.prefix(24).map { "\($0.map(Figures.rate) ?? "–")" }
    }
    return table.html
  }
}
