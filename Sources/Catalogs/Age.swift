/// A span of the calendar, such as the age at which rows go: `90 days`, `1 year`.
///
/// Months and years have no fixed length; the database reckons with them.
package struct Age: Hashable, Sendable, CustomStringConvertible {
  /// What is counted.
  package enum Unit: String, CaseIterable, Sendable {
    case hour, day, month, year
  }

  package let count: Int
  package let unit: Unit

  /// Makes a span of one to 10,000 units; nil for others.
  package init?(count: Int, unit: Unit) {
    guard (1...10_000).contains(count) else { return nil }
    self.count = count
    self.unit = unit
  }

  /// Reads `N unit`, the unit in the singular or plural; nil for anything else.
  package init?(_ text: String) {
    let words = text.split(separator: " ")
    guard words.count == 2, let count = Int(words[0]) else { return nil }
    let name = words[1].hasSuffix("s") ? words[1].dropLast() : words[1]
    guard let unit = Unit(rawValue: String(name)) else { return nil }
    self.init(count: count, unit: unit)
  }

  /// The span as it is written in files and as PostgreSQL reads an `interval`: `90 days`.
  package var description: String { "\(count) \(unit.rawValue)\(count == 1 ? "" : "s")" }
}
