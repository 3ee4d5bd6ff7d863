/// A line kept as an example of its cluster.
package struct LineSample: Hashable, Sendable, Codable {
  /// When it was written, in nanoseconds since the Unix epoch; nil when the line carries no time.
  package var timestamp: Int64?
  /// The raw value of its `Level`.
  package var level: UInt8
  /// The message, made valid UTF-8, cut to `LineSample.byteLimit` bytes; redacted before it is stored.
  package var text: String

  /// How many bytes of a message a sample keeps.
  package static let byteLimit = 4096

  package init(timestamp: Int64?, level: UInt8, text: String) {
    self.timestamp = timestamp
    self.level = level
    self.text = text
  }
}

/// What one cluster did in one window.
package struct ClusterObservation: Hashable, Sendable {
  package var identity: ServiceIdentity
  package var fingerprint: Fingerprint
  /// The line with its variable parts as typed placeholders.
  package var template: String
  /// Events by hour of the window (index 0 is its first hour) and level; `window.hourCount` entries.
  ///
  /// Of a fold without a window: one entry, all events with a time.
  package var hourly: [LevelCounts]
  /// Events that carry no time, by level.
  package var untimed: LevelCounts
  /// Earliest and latest event; nil when none carries a time.
  package var firstSeen: Timestamp?
  package var lastSeen: Timestamp?
  /// A few messages chosen by content alone, so that the choice does not depend on order.
  package var samples: [LineSample]
  /// The distinct values of each placeholder, most frequent first, as far as the samples show.
  package var placeholderValues: [[String]]
  /// What the same service wrote just before it began, oldest first: lines of other clusters.
  ///
  /// Of few clusters a night, and empty where the sources gave none.
  package var neighbours: [LineSample]

  package init(
    identity: ServiceIdentity, fingerprint: Fingerprint, template: String, hourly: [LevelCounts],
    untimed: LevelCounts, firstSeen: Timestamp?, lastSeen: Timestamp?, samples: [LineSample],
    placeholderValues: [[String]], neighbours: [LineSample] = []
  ) {
    self.identity = identity
    self.fingerprint = fingerprint
    self.template = template
    self.hourly = hourly
    self.untimed = untimed
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.samples = samples
    self.placeholderValues = placeholderValues
    self.neighbours = neighbours
  }

  /// Events by level over the whole window, those without a time included.
  package var levels: LevelCounts {
    hourly.reduce(into: untimed) { $0 += $1 }
  }

  /// All events.
  package var count: Int64 { levels.total }

  /// The most severe level among its events.
  package var level: Level { levels.mostSevere }
}

/// Where a cluster stands on a night.
package enum Lifecycle: String, Sendable, Codable, CaseIterable {
  /// Never seen before.
  case new
  /// Seen before, and lately.
  case recurring
  /// Seen before, silent for a while, back.
  case regressed
  /// Was daily, gone.
  case resolved
  /// Somebody asked not to be told.
  case muted
}
