/// A week or a month of nights.
package struct NightSpan: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// From Monday to Sunday (ISO 8601).
    case week
    case month
  }

  package let kind: Kind
  package let first: CivilDate
  /// Inclusive.
  package let last: CivilDate

  /// The span of a kind that a night lies in.
  package init(_ kind: Kind, of night: CivilDate) {
    self.kind = kind
    switch kind {
    case .week:
      first = night.advanced(byDays: 1 - night.isoWeekday)
      last = first.advanced(byDays: 6)
    case .month:
      first = night.advanced(byDays: 1 - night.day)
      let next = first.advanced(byDays: 31)
      last = next.advanced(byDays: -next.day)
    }
  }

  /// The span before this one.
  package var previous: NightSpan { NightSpan(kind, of: first.advanced(byDays: -1)) }

  /// The ISO week's number and the year it counts in, which is that of its Thursday.
  package var weekNumber: (year: Int, week: Int) {
    let thursday = NightSpan(.week, of: first).first.advanced(byDays: 3)
    let newYear = CivilDate(year: thursday.year, month: 1, day: 1) ?? thursday
    return (thursday.year, (thursday.dayNumber - newYear.dayNumber) / 7 + 1)
  }

  /// The name in addresses: `2026-W11`, `2026-03`.
  package var name: String {
    switch kind {
    case .week: Self.fourDigits(weekNumber.year) + "-W" + twoDigits(weekNumber.week)
    case .month: Self.fourDigits(first.year) + "-" + twoDigits(first.month)
    }
  }

  private static func fourDigits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 4 - text.count)) + text
  }

  package func contains(_ night: CivilDate) -> Bool { first <= night && night <= last }
}
