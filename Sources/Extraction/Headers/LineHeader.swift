package import DaybreakCore

/// What stands in front of a message, or in its fields: a pure function of the line, the window and
/// the zone.
package struct LineHeader {
  /// Nanoseconds since the Unix epoch, or `LineRecord.noTimestamp`.
  package var timestamp = LineRecord.noTimestamp
  /// The level that the header or a field names; `unknown` where neither does.
  package var level = Level.unknown
  /// Where the message starts in the line.
  package var messageOffset = 0
  /// Where the name of the program lies in the line; empty where the format names none.
  package var service = 0..<0
  /// Where the name of the namespace lies in the line; empty where the format names none.
  package var namespace = 0..<0
  /// Whether the line is one JSON object or logfmt: its keys are its structure and stay.
  package var isStructured = false

  package init() {}

  /// Whether the line carries a time.
  package var hasTime: Bool { timestamp != LineRecord.noTimestamp }
}
