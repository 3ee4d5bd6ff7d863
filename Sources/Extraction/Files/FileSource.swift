package import DaybreakCore

/// Log files: Loki exports and plain text, compressed or not.
package struct FileSource: LogSource {
  /// What the job says.
  package let configuration: FileSourceConfiguration
  /// What the job has read already.
  private let duplicates: DuplicateFilter
  private let shardIndex: Int
  private let shardCount: Int

  package var name: String { configuration.name }

  /// Checks the configuration; opens nothing yet.
  ///
  /// - Parameters:
  ///   - configuration: what the job says.
  ///   - duplicates: one filter for all sources of the job's run, so that overlapping exports count once.
  /// - Throws: `ExtractionError` where zone, patterns or limits are of no use.
  package init(
    _ configuration: FileSourceConfiguration, duplicates: DuplicateFilter
  ) throws(ExtractionError) {
    let name = configuration.name
    if configuration.patterns.isEmpty { throw .noPattern(source: name) }
    if NightCalendar(zoneName: configuration.zoneName) == nil {
      throw .unknownZone(source: name, zone: configuration.zoneName)
    }
    let allowed = 1024...(256 << 20)
    if !allowed.contains(configuration.maximumLineBytes) {
      throw .badLimit(
        source: name, name: "max_line_bytes", value: configuration.maximumLineBytes,
        allowed: allowed)
    }
    self.init(configuration, duplicates, shardIndex: 0, shardCount: 1)
  }

  private init(
    _ configuration: FileSourceConfiguration, _ duplicates: DuplicateFilter, shardIndex: Int,
    shardCount: Int
  ) {
    self.configuration = configuration
    self.duplicates = duplicates
    self.shardIndex = shardIndex
    self.shardCount = shardCount
  }

  /// Splits the source so that several threads may read it: each shard takes every `count`-th file.
  ///
  /// The shards' events together are those of the whole, and `SourceCoverage.merge` adds up their
  /// coverage.
  package func shards(_ count: Int) -> [FileSource] {
    (0..<max(1, count)).map {
      FileSource(configuration, duplicates, shardIndex: $0, shardCount: max(1, count))
    }
  }

  package func read(window: TimeWindow, into sink: any LineSink, progress: ReadProgress) throws
    -> SourceCoverage
  {
    var recorder = CoverageRecorder(name: name)
    recorder.fail("reading of files is being built")
    return recorder.finish()
  }
}
