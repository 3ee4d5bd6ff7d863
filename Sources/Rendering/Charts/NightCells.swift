import DaybreakCore

extension Verdict.Status {
  /// The shape that stands beside the word, for those who cannot tell the colours apart.
  var icon: String {
    switch self {
    case .critical: "◆"
    case .high: "▲"
    case .medium: "●"
    case .low: "○"
    case .partial: "!"
    case .learning: "…"
    case .changed: "↗"
    case .quiet: "✓"
    }
  }

  /// One letter for a narrow cell.
  var letter: String {
    switch self {
    case .critical: "C"
    case .high: "H"
    case .medium: "M"
    case .low: "L"
    default: icon
    }
  }
}

/// Nights as cells of a strip or a calendar.
enum NightCells {
  /// A row of nights, each a link to its report.
  ///
  /// - Parameters:
  ///   - days: oldest first.
  ///   - prefix: what leads from the page to the tenant's folder: empty, or `acme/`.
  /// - Returns: a list, with its first and last date below.
  static func strip(_ days: [DayCell], prefix: String) -> HTML {
    guard let first = days.first, let last = days.last else {
      return "<p class=\"empty\">No nights yet.</p>"
    }
    let cells = days.map { day -> HTML in "<li>\(cell(day, prefix: prefix))</li>" }
    return """
      <ol class="strip">\(cells)</ol>
      <p class="ends" aria-hidden="true"><span>\(Dates.dayMonth(first.date))</span><span>\
      \(Dates.dayMonth(last.date))</span></p>
      """
  }

  /// What the letters mean.
  static var key: HTML {
    let items = Verdict.Status.allCases.map { status -> HTML in
      """
      <li><span class="night tone-\(status.rawValue)" aria-hidden="true">\(status.letter)</span>\
      \(status.word)</li>
      """
    }
    return """
      <ul class="key" aria-label="What the cells mean">\(items)\
      <li><span class="night tone-none" aria-hidden="true">–</span>Did not run</li></ul>
      """
  }

  /// A month as a table, weeks as rows from Monday, with links to the pages of both.
  static func month(_ days: [DayCell], prefix: String) -> HTML {
    guard let first = days.first else { return "" }
    let byDay = Dictionary(days.map { ($0.date.day, $0) }) { $1 }
    let heads = (1...7).map { day -> HTML in "<th scope=\"col\">\(Dates.weekday(iso: day))</th>" }
    let month = NightSpan(.month, of: first.date)
    var rows: HTML = ""
    var date = CivilDate(dayNumber: first.date.dayNumber - first.date.day + 1)
    date = date.advanced(byDays: 1 - date.isoWeekday)
    while (date.year, date.month) <= (first.date.year, first.date.month) {
      let cells = (0..<7).map { offset -> HTML in
        let day = date.advanced(byDays: offset)
        guard day.month == first.date.month, let cell = byDay[day.day] else { return "<td></td>" }
        return "<td>\(calendarCell(cell, prefix: prefix))</td>"
      }
      rows += "<tr>\(weekHead(NightSpan(.week, of: date), days, prefix: prefix))\(cells)</tr>"
      date = date.advanced(byDays: 7)
    }
    return """
      <table><caption><a href="\(prefix)\(month.name)/index.html">\(Dates.month(first.date))</a></caption>\
      <thead><tr><th scope="col">Week</th>\(heads)</tr></thead>\
      <tbody>\(rows)</tbody></table>
      """
  }

  /// A week's number, a link where a night of it is among those of the month.
  private static func weekHead(_ week: NightSpan, _ days: [DayCell], prefix: String) -> HTML {
    let number = week.weekNumber.week
    guard days.contains(where: { week.contains($0.date) }) else {
      return "<th scope=\"row\">\(number)</th>"
    }
    return """
      <th scope="row"><a href="\(prefix)\(week.name)/index.html" aria-label="Week \(number)">\(number)</a></th>
      """
  }

  private static func cell(_ day: DayCell, prefix: String) -> HTML {
    guard let verdict = day.verdict else {
      return """
        <span class="night tone-none" title="\(words(day))"><span aria-hidden="true">–</span>\
        <span class="hidden">\(words(day))</span></span>
        """
    }
    return """
      <a class="night tone-\(verdict.status.rawValue)" href="\(prefix)\(day.date.description)/index.html" \
      title="\(words(day))"><span aria-hidden="true">\(verdict.status.letter)</span>\
      <span class="hidden">\(words(day))</span></a>
      """
  }

  private static func calendarCell(_ day: DayCell, prefix: String) -> HTML {
    guard let verdict = day.verdict else {
      return """
        <span class="night tone-none"><span aria-hidden="true">\(day.date.day)<small>–</small></span>\
        <span class="hidden">\(words(day))</span></span>
        """
    }
    return """
      <a class="night tone-\(verdict.status.rawValue)" href="\(prefix)\(day.date.description)/index.html" \
      title="\(words(day))"><span aria-hidden="true">\(day.date.day)<small>\(verdict.status.letter)\
      </small></span><span class="hidden">\(words(day))</span></a>
      """
  }

  /// `Thu 12 Mar 2026: Critical, 2 incidents, 3 new`.
  private static func words(_ day: DayCell) -> String {
    guard let verdict = day.verdict else { return "\(Dates.long(day.date)): did not run" }
    return "\(Dates.long(day.date)): \(verdict.status.word), \(verdict.shortText)"
  }
}
