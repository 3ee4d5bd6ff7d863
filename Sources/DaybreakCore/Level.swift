/// How serious a line says it is, from least to most; `unknown` where it does not say.
package enum Level: UInt8, CaseIterable, Sendable, Hashable {
  case unknown = 0
  case trace, debug, info, warn, error, critical, fatal

  /// The upper-case name used in reports and in the store.
  package var name: String {
    switch self {
    case .unknown: "UNKNOWN"
    case .trace: "TRACE"
    case .debug: "DEBUG"
    case .info: "INFO"
    case .warn: "WARN"
    case .error: "ERROR"
    case .critical: "CRITICAL"
    case .fatal: "FATAL"
    }
  }

  /// Reads a stored or published name; nil for anything else.
  package init?(name: String) {
    guard let level = Level.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }

  /// Whether lines of this level count as errors in rates: ERROR, CRITICAL and FATAL.
  @inlinable
  package var isError: Bool { rawValue >= Level.error.rawValue }
}

extension Level: Comparable {
  @inlinable
  package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
}

/// Counts of lines by level.
package struct LevelCounts: Hashable, Sendable {
  /// One count a level, at the index of its raw value; always eight.
  package private(set) var values: [Int64]

  /// Makes counts of zero.
  package init() { values = [Int64](repeating: 0, count: Level.allCases.count) }

  package subscript(level: Level) -> Int64 {
    get { values[Int(level.rawValue)] }
    set { values[Int(level.rawValue)] = newValue }
  }

  /// All lines.
  package var total: Int64 { values.reduce(0, +) }

  /// Lines at ERROR, CRITICAL or FATAL.
  package var errors: Int64 { self[.error] + self[.critical] + self[.fatal] }

  /// The most severe level with a count; `unknown` when all are zero.
  package var mostSevere: Level {
    Level.allCases.last { self[$0] > 0 } ?? .unknown
  }

  /// The level that a reader should take them for: the most severe one that, with all above it, makes
  /// up at least a tenth.
  ///
  /// An access log's `GET` with one 5xx in a thousand is no error.
  package var typical: Level {
    let total = total
    var reached: Int64 = 0
    for level in Level.allCases.reversed() {
      reached += self[level]
      if reached > 0 && reached * 10 >= total { return level }
    }
    return .unknown
  }

  /// Adds the counts of another.
  package static func += (left: inout LevelCounts, right: LevelCounts) {
    for level in Level.allCases { left[level] += right[level] }
  }
}
