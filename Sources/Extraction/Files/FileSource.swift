package import DaybreakCore

/// Log files: Loki exports and plain text, compressed or not.
package struct FileSource: LogSource {
  /// What the job says.
  package let configuration: FileSourceConfiguration
  /// What the job has read already.
  let duplicates: DuplicateFilter
  let sourceNumber: Int
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
    self.init(
      configuration, duplicates, sourceNumber: duplicates.contents.addSource(), shardIndex: 0,
      shardCount: 1)
  }

  private init(
    _ configuration: FileSourceConfiguration, _ duplicates: DuplicateFilter, sourceNumber: Int,
    shardIndex: Int, shardCount: Int
  ) {
    self.configuration = configuration
    self.duplicates = duplicates
    self.sourceNumber = sourceNumber
    self.shardIndex = shardIndex
    self.shardCount = shardCount
  }

  /// Splits the source so that several threads may read it: each shard takes every `count`-th file.
  ///
  /// The shards' events together are those of the whole, and `SourceCoverage.merge` adds up their
  /// coverage.
  package func shards(_ count: Int) -> [FileSource] {
    (0..<max(1, count)).map {
      FileSource(
        configuration, duplicates, sourceNumber: sourceNumber, shardIndex: $0,
        shardCount: max(1, count))
    }
  }

  package func read(window: TimeWindow, into sink: any LineSink, progress: ReadProgress) throws
    -> SourceCoverage
  {
    let context = ReadContext(
      configuration, window: window, sink: sink, duplicates: duplicates, progress: progress)
    let listing = FileListing(
      patterns: configuration.patterns, baseDirectory: configuration.baseDirectory,
      takesPipes: configuration.readsPipes)
    if shardIndex == 0 { for failure in listing.failures { context.recorder.fail(failure) } }
    let own = listing.files.indices.filter { $0 % shardCount == shardIndex }
    progress.add(bytesTotal: own.reduce(0) { $0 + listing.files[$1].byteCount })
    var unread = 0
    for (index, entry) in listing.files.enumerated() {
      let reader = FileReader(context, entry, sourceNumber: sourceNumber, progress: progress)
      // Every shard asks for every file, in order, so that the first of two equal files is the same
      // one for all.
      let isNew = reader.claimContent()
      guard index % shardCount == shardIndex else { continue }
      if try !reader.read(isNew: isNew) { unread += 1 }
      context.reportProgress()
    }
    try context.writer.flush()
    if unread > 0 {
      context.recorder.fail("\(unread) of \(own.count) files could not be read to the end")
    }
    if duplicates.isExhausted {
      context.recorder.fail(
        "more than \(duplicates.entryLimit) entries: later duplicates may count twice")
    }
    return context.recorder.finish()
  }
}
