internal import Clustering
package import DaybreakCore

/// Writes a survey as a table for a person.
///
/// Where the terminal is wide enough, or no terminal at all, each cluster has a row; on a narrow one
/// its template stands on a line of its own.
package struct SurveyText {
  private let survey: Survey
  private let style: TerminalStyle
  private let limit: Int
  private let sampleLimit: Int
  private let calendar: NightCalendar
  private let clock: ShortClock?
  private let sparkline: Sparkline
  private let layout: Layout
  private let rows: [SurveyRow]

  /// Below this width a template gets a line of its own.
  private static let tableWidth = 110

  /// Makes a writer.
  ///
  /// - Parameters:
  ///   - survey: what is shown.
  ///   - style: how.
  ///   - limit: how many clusters are shown at most.
  ///   - sampleLimit: how many lines of each cluster are shown at most.
  ///   - calendar: the zone that times are shown in.
  package init(
    _ survey: Survey, style: TerminalStyle, limit: Int, sampleLimit: Int, calendar: NightCalendar
  ) {
    self.survey = survey
    self.style = style
    self.limit = limit
    self.sampleLimit = sampleLimit
    self.calendar = calendar
    clock = survey.span.map { ShortClock(calendar: calendar, first: $0.first, last: $0.last) }
    rows = Array(survey.rows.prefix(limit))
    let isNarrow = style.width.map { $0 < SurveyText.tableWidth } ?? false
    var layout = Layout(
      rows: rows, namesServices: survey.namesServices, clockWidth: clock?.width ?? 0)
    let room = (style.width ?? 0) - layout.barColumn - 2 - 2 * (layout.clock + 2)
    sparkline = Sparkline(
      slotCount: survey.time.slotCount, width: isNarrow ? min(32, max(8, room)) : 24)
    layout.bars = clock == nil ? 0 : max(4, sparkline.columnCount)
    self.layout = layout
  }

  /// The whole output.
  package func text() -> String {
    var lines = summary()
    if !rows.isEmpty {
      lines.append("")
      if let width = style.width, width < SurveyText.tableWidth {
        for row in rows { lines += stacked(row, width: width) }
      } else {
        lines.append(style.paint(heading, .heading))
        for row in rows { lines += tabled(row) }
      }
    }
    lines += closing()
    return lines.map { $0 + "\n" }.joined()
  }

  // MARK: Above the rows

  /// What was read, and from when to when.
  private func summary() -> [String] {
    var lines = [totalsText(survey.coverage)]
    let coverage = survey.coverage
    if coverage.continuationLines > 0 {
      lines.append(
        "\(counted(survey.eventCount, "event")); \(counted(coverage.continuationLines, "line")) "
          + "continue\(coverage.continuationLines == 1 ? "s" : "") the one before")
    }
    var facts = [counted(Int64(survey.rows.count), "pattern")]
    if survey.isFiltered {
      facts.append("\(counted(survey.shownCount, "event")) of what was asked for")
    }
    if let span = survey.span, let clock {
      facts.append("\(clock.full(span.first)) to \(clock.full(span.last)) \(calendar.zoneName)")
      let seconds = survey.time.slotSeconds * Int64(sparkline.slotsPerColumn)
      facts.append("one bar is \(shortDuration(seconds))")
    } else if !survey.rows.isEmpty {
      facts.append("no times found")
    }
    lines.append(facts.joined(separator: " · "))
    if survey.isCoarsened {
      lines.append("so many different patterns that groups of them are shown as one")
    }
    return lines.flatMap { line in
      style.width.map { wrapped(line, width: $0, lineLimit: 4) } ?? [line]
    }.map { style.paint($0, .dim) }
  }

  // MARK: Rows

  /// How wide the columns are.
  private struct Layout {
    let count: Int
    let service: Int
    let clock: Int
    let level: Int
    /// 0 where no time is known.
    var bars = 0

    init(rows: [SurveyRow], namesServices: Bool, clockWidth: Int) {
      count = max(5, rows.map { grouped($0.count).count }.max() ?? 0)
      level = max(5, rows.map { levelName($0.level).count }.max() ?? 0)
      clock = clockWidth
      let names = namesServices ? rows.map { displayWidth(serviceName($0.identity)) } : []
      service = min(24, names.max().map { max(7, $0) } ?? 0)
    }

    /// Where the bars start.
    var barColumn: Int { count + 2 + 6 + 2 + level + 2 }

    /// Where the service of a row starts.
    var serviceColumn: Int { barColumn + (bars > 0 ? bars + 2 + 2 * (clock + 2) : 0) }

    /// Where the template of a table row starts.
    var templateColumn: Int { serviceColumn + (service > 0 ? service + 2 : 0) }
  }

  private var heading: String {
    var cells = [
      "count".alignedRight(to: layout.count), " share", "level".padded(to: layout.level),
    ]
    if layout.bars > 0 {
      cells.append("bars".padded(to: layout.bars))
      cells.append("first".padded(to: layout.clock))
      cells.append("last".padded(to: layout.clock))
    }
    if layout.service > 0 { cells.append("service".padded(to: layout.service)) }
    return (cells + ["template"]).joined(separator: "  ")
  }

  /// Count, share, level and what else is known of a row, without its template.
  private func facts(_ row: SurveyRow) -> [String] {
    var cells = [
      style.paint(grouped(row.count).alignedRight(to: layout.count), .heading),
      percent(row.count, of: survey.eventCount).alignedRight(to: 6),
      style.paint(level: row.level, width: layout.level),
    ]
    if let clock {
      let bars = sparkline.text(row.slots(survey.time.slotCount)).padded(to: layout.bars)
      cells.append(style.paint(bars, .bars))
      cells.append(clock.text(row.firstSeen).padded(to: layout.clock))
      cells.append(clock.text(row.lastSeen).padded(to: layout.clock))
    }
    return cells
  }

  private func tabled(_ row: SurveyRow) -> [String] {
    var cells = facts(row)
    if layout.service > 0 {
      cells.append(cut(serviceName(row.identity), to: layout.service).padded(to: layout.service))
    }
    let start = cells.joined(separator: "  ") + "  "
    let indent = String(repeating: " ", count: layout.templateColumn)
    let template = shownOnOneLine(row.template)
    let width = style.width.map { max(20, $0 - layout.templateColumn) }
    let parts = width.map { wrapped(template, width: $0, lineLimit: 4) } ?? [template]
    var lines = parts.enumerated().map { index, part in
      (index == 0 ? start : indent) + style.paintPlaceholders(part)
    }
    lines += samples(of: row, indent: indent, width: width)
    return lines
  }

  private func stacked(_ row: SurveyRow, width: Int) -> [String] {
    let indent = String(repeating: " ", count: layout.count + 2)
    let room = width - indent.count
    var cells = facts(row)
    var lines: [String] = []
    if layout.service > 0 {
      let left = width - layout.serviceColumn
      let name = serviceName(row.identity)
      // The service goes on a line of its own where the others leave it too little room.
      if left >= min(displayWidth(name), 12) {
        cells.append(cut(name, to: left))
      } else {
        lines.append(indent + style.paint(cut(name, to: room), .dim))
      }
    }
    lines.insert(cells.joined(separator: "  "), at: 0)
    lines += wrapped(shownOnOneLine(row.template), width: room, lineLimit: 5).map {
      indent + style.paintPlaceholders($0)
    }
    return lines + samples(of: row, indent: indent, width: room)
  }

  private func samples(of row: SurveyRow, indent: String, width: Int?) -> [String] {
    row.samples.prefix(sampleLimit).map { sample in
      let text = "│ " + shownOnOneLine(sample.text)
      return indent + style.paint(width.map { cut(text, to: $0) } ?? text, .dim)
    }
  }

  // MARK: Below the rows

  private func closing() -> [String] {
    var lines: [String] = []
    let hidden = survey.rows.dropFirst(rows.count)
    if !hidden.isEmpty {
      let count = hidden.reduce(0) { $0 + $1.count }
      lines.append("")
      lines.append(
        "… and \(counted(Int64(hidden.count), "more pattern")) with \(counted(count, "event")) "
          + "(\(percent(count, of: survey.eventCount))): --top 0 shows all")
    }
    let notes = troubleText(survey.coverage)
    if !notes.isEmpty { lines.append("") }
    return (lines + notes).flatMap { line in
      style.width.map { wrapped(line, width: $0, lineLimit: 3) } ?? [line]
    }
  }
}

/// A level as output names it.
func levelName(_ level: Level) -> String { level == .unknown ? "-" : level.name }

/// A service as output names it, its namespace in front where the source names one.
func serviceName(_ identity: ServiceIdentity) -> String {
  let name =
    identity.namespace == "default"
    ? identity.service : "\(identity.namespace)/\(identity.service)"
  return shownOnOneLine(displayText(name))
}

/// What became of the lines read: always a sum that is true.
func totalsText(_ coverage: SourceCoverage) -> String {
  let read = coverage.linesClustered + coverage.linesQuarantined
  return "\(counted(read, "line")) read = \(grouped(coverage.linesClustered)) clustered + "
    + "\(grouped(coverage.linesQuarantined)) quarantined"
}

/// What could not be read: the first few quarantined inputs, and why a file is missing.
package func troubleText(_ coverage: SourceCoverage) -> [String] {
  var lines: [String] = []
  let shown = coverage.quarantine.prefix(5)
  if !shown.isEmpty {
    lines.append("quarantined:")
    lines += shown.map {
      "  \(displayText($0.file)), byte \($0.byteOffset): \(shownOnOneLine(displayText($0.reason)))"
    }
    let rest = coverage.quarantine.count - shown.count
    if rest > 0 { lines.append("  … and \(rest) more; --json lists up to 1,000") }
  }
  if let failure = coverage.failure { lines.append("not all could be read: \(failure)") }
  return lines
}
