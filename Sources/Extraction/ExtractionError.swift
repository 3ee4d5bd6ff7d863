internal import DaybreakCore

/// A source that cannot be set up as the job says.
package enum ExtractionError: DiagnosedError, Equatable {
  /// The zone for header times is not in the time zone database.
  case unknownZone(source: String, zone: String)
  /// The source names no file.
  case noPattern(source: String)
  /// A limit is out of its range.
  case badLimit(source: String, name: String, value: Int, allowed: ClosedRange<Int>)

  /// The query of a `postgres` source is not one SELECT.
  case badQuery(source: String, reason: String)

  package var summary: String {
    switch self {
    case .unknownZone(let source, let zone):
      "\(source): unknown time zone \"\(displayText(zone))\""
    case .noPattern(let source): "\(source): no file, folder or pattern is named"
    case .badLimit(let source, let name, let value, _):
      "\(source): \(name) is \(value), which is out of range"
    case .badQuery(let source, let reason): "\(source): \(reason)"
    }
  }

  package var remedy: String? {
    switch self {
    case .unknownZone: "use an IANA name such as Australia/Sydney or UTC"
    case .noPattern: "set `path:` to a file, a folder, a pattern such as exports/*.jsonl, or -"
    case .badLimit(_, let name, _, let allowed):
      "set \(name) to \(allowed.lowerBound) to \(allowed.upperBound)"
    case .badQuery: "write one SELECT (or one condition) without semicolon and parameters"
    }
  }
}
