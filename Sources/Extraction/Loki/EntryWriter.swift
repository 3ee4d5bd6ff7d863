internal import CScanJSON
internal import DaybreakCore

/// What readers of one source share while they read one file after the other.
final class ReadContext {
  let configuration: FileSourceConfiguration
  let window: TimeWindow
  // Copied out of the configuration: reading a member of it retains all of it, and lines are many.
  let maximumLineBytes: Int
  let readsHeaders: Bool
  let keepsOutsideWindow: Bool
  let skipsDuplicates: Bool
  let writer: BatchWriter
  let duplicates: DuplicateFilter
  let headers: HeaderReader
  let labels: LabelResolver
  var recorder: CoverageRecorder
  private let accounting: (any LineAccountingSink)?
  private let progress: ReadProgress
  private var eventsSinceReport = 0
  private var linesReported: Int64 = 0

  init(
    _ configuration: FileSourceConfiguration, window: TimeWindow, sink: any LineSink,
    duplicates: DuplicateFilter, progress: ReadProgress
  ) {
    self.progress = progress
    accounting = sink as? any LineAccountingSink
    maximumLineBytes = configuration.maximumLineBytes
    readsHeaders = configuration.readsHeaders
    keepsOutsideWindow = configuration.keepsOutsideWindow
    skipsDuplicates = configuration.skipsDuplicates
    self.configuration = configuration
    self.window = window
    self.duplicates = duplicates
    writer = BatchWriter(sink: sink)
    headers = HeaderReader(window: window, zoneName: configuration.zoneName)
    labels = LabelResolver(configuration, services: writer.services)
    recorder = CoverageRecorder(name: configuration.name)
  }

  /// Tells a sink that accounts for every line of lines without an event; call in their place.
  @inline(__always)
  func pass(lines: Int64, _ fate: LineFate) throws {
    guard let accounting, lines > 0 else { return }
    try writer.flush()
    try accounting.pass(lines: lines, fate: fate)
  }

  /// Quarantines one or more lines, and passes over them.
  ///
  /// - Throws: what the sink throws.
  func quarantine(
    file: String, byteOffset: Int64, lines: Int = 1, reason: String,
    excerpt: UnsafeRawBufferPointer
  ) throws {
    recorder.quarantine(
      file: file, byteOffset: byteOffset, lines: lines, reason: reason, excerpt: excerpt)
    try pass(lines: Int64(lines), .quarantined)
  }

  /// Tells the progress how many lines were found since the last time.
  func reportProgress() {
    eventsSinceReport = 0
    progress.add(lines: recorder.linesFound - linesReported)
    linesReported = recorder.linesFound
  }

  /// Counts one event; tells the progress now and then.
  @inline(__always)
  func noteEvent() {
    eventsSinceReport += 1
    if eventsSinceReport == 8192 { reportProgress() }
  }

  /// The service of a line whose labels name none.
  func service(_ header: LineHeader, _ line: UnsafeRawBufferPointer, fallback: Int32) -> Int32 {
    guard !header.service.isEmpty || !header.namespace.isEmpty else { return fallback }
    return labels.service(
      namespace: header.namespace.isEmpty
        ? nil : UnsafeRawBufferPointer(rebasing: line[header.namespace]),
      service: header.service.isEmpty
        ? nil : UnsafeRawBufferPointer(rebasing: line[header.service]),
      fallback: fallback)
  }

  /// Puts an entry of Loki, whose line lies in the writer's reservation, where it belongs: outside the
  /// window, among the duplicates, or into the batch.
  ///
  /// - Parameters:
  ///   - line: the whole line, at the start of the reservation.
  ///   - timestamp: Loki's own time.
  ///   - resolved: what its labels say.
  ///   - lines: how many lines of the file it stands for.
  ///   - isExact: whether time and labels tell the entry from every other; only then may it be a
  ///     duplicate.
  /// - Throws: what the sink throws.
  func write(
    entry line: UnsafeRawBufferPointer, timestamp: Int64, resolved: ResolvedLabels,
    lines: Int64 = 1, isExact: Bool = true
  ) throws {
    noteEvent()
    guard keepsOutsideWindow || window.contains(Timestamp(nanoseconds: timestamp)) else {
      recorder.countOutsideWindow(
        lines: lines, isEarlier: timestamp < window.start.nanoseconds)
      try pass(lines: lines, .outsideWindow)
      return
    }
    if isExact && skipsDuplicates {
      let hash = dbk_hash128(
        line.baseAddress, line.count, UInt64(bitPattern: timestamp) ^ resolved.hash.low)
      let key = DuplicateFilter.Key(
        high: hash.high ^ resolved.hash.high, low: hash.low &+ resolved.hash.low)
      guard duplicates.insert(key) else {
        recorder.countDuplicate(lines: lines)
        try pass(lines: lines, .duplicate)
        return
      }
    }
    try commit(line, timestamp: timestamp, resolved: resolved, lines: lines)
  }

  /// Reads header and level of a line that counts, and adds it to the batch.
  func commit(
    _ line: UnsafeRawBufferPointer, timestamp: Int64, resolved: ResolvedLabels, lines: Int64
  ) throws {
    var level = resolved.level
    var service = resolved.service
    var offset = 0
    // The fields of a JSON line are of use only for what its labels do not say.
    let isKnownJSON =
      line.first == UInt8(ascii: "{") && level != .unknown && resolved.namesService
    if readsHeaders, !isKnownJSON {
      let header = headers.read(line)
      offset = header.messageOffset
      if level == .unknown { level = header.level }
      if !resolved.namesService { service = self.service(header, line, fallback: service) }
      if level == .unknown {
        level =
          LevelWord.scan(
            line.part(offset, line.count), onlyMarked: header.isStructured, isPadded: true)
          ?? .unknown
      }
    } else if level == .unknown {
      level = LevelWord.scan(line, isPadded: true) ?? .unknown
    }
    recorder.countClustered(lines: lines, hasTime: timestamp != LineRecord.noTimestamp)
    try writer.commit(
      messageOffset: offset, messageLength: line.count - offset, timestamp: timestamp,
      level: level, service: service, lineCount: Int32(clamping: lines))
  }
}
