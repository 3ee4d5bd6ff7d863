internal import Clustering
package import DaybreakCore

/// Writes a comparison for a person.
package struct ComparisonText {
  private let comparison: Comparison
  private let names: (now: String, before: String)
  private let style: TerminalStyle
  private let limit: Int
  private let calendar: NightCalendar
  private let countWidth: Int
  private let clock: ShortClock?
  private let sparkline: Sparkline

  /// Makes a writer.
  ///
  /// - Parameters:
  ///   - comparison: what is shown.
  ///   - names: what the two inputs are called.
  ///   - style: how.
  ///   - limit: how many clusters of each change are shown at most.
  ///   - calendar: the zone that times are shown in.
  package init(
    _ comparison: Comparison, names: (now: String, before: String), style: TerminalStyle,
    limit: Int, calendar: NightCalendar
  ) {
    self.comparison = comparison
    self.names = names
    self.style = style
    self.limit = limit
    self.calendar = calendar
    let counts = comparison.rows.filter { $0.change != .same }.flatMap {
      [$0.now.count, $0.before.count]
    }
    countWidth = max(6, counts.map { grouped($0).count }.max() ?? 0)
    clock = comparison.now.span.map {
      ShortClock(calendar: calendar, first: $0.first, last: $0.last)
    }
    sparkline = Sparkline(slotCount: comparison.now.time.slotCount, width: 24)
  }

  /// The whole output.
  package func text() -> String {
    var lines = side(names.now, comparison.now) + side(names.before, comparison.before)
    for change in [Change.new, .gone, .more, .less] { lines += section(change) }
    lines += closing()
    for survey in [comparison.now, comparison.before] {
      let notes = troubleText(survey.coverage)
      if !notes.isEmpty { lines += [""] + notes }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// What an input holds.
  private func side(_ name: String, _ survey: Survey) -> [String] {
    var text = "\(shownOnOneLine(displayText(name))): \(totalsText(survey.coverage))"
    if let span = survey.span {
      let clock = ShortClock(calendar: calendar, first: span.first, last: span.last)
      text += " · \(clock.full(span.first)) to \(clock.full(span.last)) \(calendar.zoneName)"
    }
    return fitted(text, lineLimit: 3).map { style.paint($0, .dim) }
  }

  private func section(_ change: Change) -> [String] {
    let rows = comparison.rows(of: change)
    guard !rows.isEmpty else { return [] }
    let title = "\(change.rawValue): \(counted(Int64(rows.count), "pattern"))"
    var lines = ["", style.paint("\(title) \(explanation(change))", .heading)]
    for row in rows.prefix(limit) { lines += self.lines(of: row) }
    if rows.count > limit {
      lines.append("… and \(counted(Int64(rows.count - limit), "more pattern")): --top 0 shows all")
    }
    return lines
  }

  private func explanation(_ change: Change) -> String {
    switch change {
    case .new: "only in \(shownName(names.now))"
    case .gone: "only in \(shownName(names.before))"
    case .more, .less: "than in \(shownName(names.before))"
    case .same: ""
    }
  }

  private func shownName(_ name: String) -> String {
    cut(shownOnOneLine(displayText(name)), to: 40)
  }

  /// Counts and shares of both sides, how they changed, when it started where it is new, and template.
  private func lines(of row: ComparedRow) -> [String] {
    let side = row.telling
    var cells: [String] = []
    if row.change != .gone { cells.append(amount(row.now.count, comparison.now)) }
    if row.change != .new { cells.append("was " + amount(row.before.count, comparison.before)) }
    if let factor = row.factor { cells.append(times(factor).alignedRight(to: 7)) }
    cells.append(style.paint(level: side.level, width: 5))
    if row.change == .new, let clock {
      cells.append(style.paint(sparkline.text(side.slots(comparison.now.time.slotCount)), .bars))
      cells.append(clock.text(side.firstSeen).padded(to: clock.width))
    }
    if comparison.now.namesServices || comparison.before.namesServices {
      cells.append(cut(serviceName(side.identity), to: 24))
    }
    let template = shownOnOneLine(side.template)
    guard let width = style.width else {
      return [(cells + [template]).joined(separator: "  ")]
    }
    let indent = String(repeating: " ", count: countWidth + 2)
    var lines = [cells[0]]
    for cell in cells.dropFirst() {
      let isFitting = displayWidth(withoutColours(lines[lines.count - 1] + cell)) + 2 <= width
      if isFitting { lines[lines.count - 1] += "  " + cell } else { lines.append(indent + cell) }
    }
    return lines
      + wrapped(template, width: width - indent.count, lineLimit: 4).map {
        indent + style.paintPlaceholders($0)
      }
  }

  private func withoutColours(_ text: String) -> String {
    style.usesColour ? text.replacing(/\u{1b}\[[0-9]+m/, with: "") : text
  }

  private func amount(_ count: Int64, _ survey: Survey) -> String {
    grouped(count).alignedRight(to: countWidth) + " "
      + percent(count, of: survey.eventCount).alignedRight(to: 6)
  }

  /// `×4.0`, `÷2.5`: how many times the share is what it was.
  private func times(_ factor: Double) -> String {
    let (sign, value) = factor >= 1 ? ("×", factor) : ("÷", 1 / factor)
    let tenths = Int64((value * 10).rounded())
    return sign + (tenths >= 1000 ? grouped(tenths / 10) : "\(tenths / 10).\(tenths % 10)")
  }

  private func closing() -> [String] {
    let same = comparison.rows(of: .same)
    let missed = same.filter { $0.now.count == 0 }
    let kept = same.count - missed.count
    let count = same.reduce(0) { $0 + $1.now.count }
    var text = "about the same: \(counted(Int64(kept), "pattern")) with \(counted(count, "event"))"
    if !missed.isEmpty {
      text +=
        "; \(counted(Int64(missed.count), "pattern")) of \(shownName(names.before)) too rare "
        + "to be missed"
    }
    return [""] + fitted(text, lineLimit: 3)
  }

  private func fitted(_ text: String, lineLimit: Int) -> [String] {
    style.width.map { wrapped(text, width: $0, lineLimit: lineLimit) } ?? [text]
  }
}
