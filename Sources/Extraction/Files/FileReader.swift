internal import CScanJSON
internal import DaybreakCore

/// Reads one file into the batches of its source.
struct FileReader {
  private let context: ReadContext
  private let entry: FileListing.Entry
  private let sourceNumber: Int
  private let progress: ReadProgress

  init(
    _ context: ReadContext, _ entry: FileListing.Entry, sourceNumber: Int, progress: ReadProgress
  ) {
    self.context = context
    self.entry = entry
    self.sourceNumber = sourceNumber
    self.progress = progress
  }

  // MARK: Content met before

  /// Tells whether this is the first file of its content.
  ///
  /// Always so for standard input, which can be read once only, for empty files, and for `query_range`
  /// bodies, whose entries are told apart one by one.
  func claimContent() -> Bool {
    guard entry.path != "-", !entry.isPipe, context.configuration.skipsDuplicates else {
      return true
    }
    do throws(ReadFailure) {
      let blocks = BlockReader(
        try ByteStream(path: entry.path, progress: nil), contentDigest: nil,
        capacity: 2 * FormatDetector.headBytes)
      blocks.fill(atLeast: FormatDetector.headBytes)
      let head = UnsafeRawBufferPointer(
        rebasing: blocks.unused.prefix(FormatDetector.headBytes))
      guard
        case .format(let format) = FormatDetector.detect(
          head, wanted: context.configuration.format), format != .queryRange
      else { return true }
      let hash = dbk_hash128(head.baseAddress, head.count, UInt64(head.count))
      return context.duplicates.contents.claim(
        ContentRegistry.FileID(source: sourceNumber, path: entry.path),
        head: DuplicateFilter.Key(high: hash.high, low: hash.low),
        digest: FileReader.contentDigest)
    } catch {
      return true  // Reading it says what is wrong with it.
    }
  }

  /// SHA-256 of a file's decompressed content; nil where it cannot be read to its end.
  private static func contentDigest(path: String) -> [UInt8]? {
    do throws(ReadFailure) {
      let digest = RunningDigest()
      let blocks = BlockReader(try ByteStream(path: path, progress: nil), contentDigest: digest)
      while blocks.fill() { blocks.consume(blocks.unused.count) }
      return blocks.failure == nil ? digest.finish() : nil
    } catch {
      return nil
    }
  }

  // MARK: Reading

  /// Reads the file.
  ///
  /// - Parameter isNew: whether its content counts.
  /// - Returns: whether it was read to its end, or is no log at all.
  /// - Throws: what the sink throws.
  func read(isNew: Bool) throws -> Bool {
    let stream: ByteStream
    do throws(ReadFailure) {
      stream = try ByteStream(
        path: entry.path, progress: progress,
        makesDigest: context.configuration.makesDigests, takesPipe: entry.isPipe)
    } catch {
      quarantineFile(error.reason, UnsafeRawBufferPointer(start: nil, count: 0))
      add(nil, lineCount: 0, failure: error.reason)
      return false
    }
    let blocks = BlockReader(stream, contentDigest: nil)
    let before = context.recorder.linesFound
    let outcome = try readContent(blocks, isNew: isNew)
    stream.drainStored()
    let failure = blocks.failure?.reason
    if let failure {
      quarantineFile(failure, UnsafeRawBufferPointer(start: nil, count: 0), blocks.offset)
    }
    add(
      stream, lineCount: context.recorder.linesFound - before,
      failure: failure ?? outcome.failure ?? outcome.otherContent)
    return failure == nil && outcome.failure == nil
  }

  /// How reading the content ended.
  private struct Outcome {
    /// Why it was not read to its end.
    var failure: String?
    /// Why it is no log.
    var otherContent: String?
  }

  private func readContent(_ blocks: BlockReader, isNew: Bool) throws -> Outcome {
    blocks.fill(atLeast: FormatDetector.headBytes)
    let head = UnsafeRawBufferPointer(rebasing: blocks.unused.prefix(FormatDetector.headBytes))
    switch FormatDetector.detect(head, wanted: context.configuration.format) {
    case .empty: return Outcome()
    case .binary(let reason):
      quarantineFile(reason, head)
      return Outcome(otherContent: reason)
    case .format(let format):
      if !isNew {
        try skipDuplicate(blocks, format)
        return Outcome()
      }
      return try read(blocks, format, head)
    }
  }

  private func read(_ blocks: BlockReader, _ format: FileFormat, _ head: UnsafeRawBufferPointer)
    throws -> Outcome
  {
    if let column = context.configuration.contentColumn {
      return Outcome(
        failure: try ContentColumnReader(
          context, file: entry.name, blocks: blocks, column: column
        ).read())
    }
    switch format {
    case .queryRange:
      let reader = QueryRangeReader(context, file: entry.name, blocks: blocks)
      let failure = try reader.read()
      return Outcome(failure: failure, otherContent: reader.notLogStreams)
    default:
      if let mode = mode(of: format, head) { try read(blocks, mode, nil) }
    }
    return Outcome()
  }

  /// How lines of a format are read; nil for formats without lines.
  private func mode(of format: FileFormat, _ head: UnsafeRawBufferPointer) -> PartMode? {
    switch format {
    case .queryRange: return nil
    case .logcliJSONLines: return .jsonLines
    case .logcliRaw: return .text(.raw, joinsHeaderless: false)
    case .logcliDefault:
      let survey = TextSurvey(head, headers: context.headers)
      return .text(.logcliDefault(isExact: survey.hasFractions), joinsHeaderless: false)
    case .automatic, .plain:
      let survey = TextSurvey(head, headers: context.headers)
      return .text(.plain, joinsHeaderless: context.readsHeaders && survey.joinsHeaderless)
    }
  }

  /// Reads lines, of one part of the file or of all of it.
  private func read(_ blocks: BlockReader, _ mode: PartMode, _ part: FilePart?) throws {
    let limit = context.maximumLineBytes
    switch mode {
    case .jsonLines:
      let lines = LineReader(blocks, limit: LogcliLinesReader.physicalLimit(limit))
      try LogcliLinesReader(context, file: entry.name, lines: lines).read(part)
    case .text(let mode, let joinsHeaderless):
      let lines = LineReader(blocks, limit: limit)
      try TextReader(
        context, file: entry.name, lines: lines, mode: mode, joinsHeaderless: joinsHeaderless
      ).read(part)
    }
  }

  // MARK: Parts

  /// Divides the file for several threads; nil where one must read it: a small or compressed file, one
  /// whose bytes are hashed in their order, or a format without lines.
  func division() -> PartedFile? {
    let configuration = context.configuration
    guard !configuration.makesDigests, configuration.contentColumn == nil, entry.path != "-",
      entry.byteCount >= 2 * FilePart.byteCount, let mode = mode()
    else { return nil }
    return PartedFile(mode: mode, parts: FilePart.parts(of: entry.byteCount))
  }

  /// How the file's lines are read; nil for a compressed file or a format without lines.
  func mode() -> PartMode? {
    guard let stream = try? ByteStream(path: entry.path, progress: nil, makesDigest: false) else {
      return nil
    }
    let blocks = BlockReader(
      stream, contentDigest: nil, capacity: 2 * FormatDetector.headBytes)
    blocks.fill(atLeast: FormatDetector.headBytes)
    let head = UnsafeRawBufferPointer(rebasing: blocks.unused.prefix(FormatDetector.headBytes))
    guard !stream.isCompressed,
      case .format(let format) = FormatDetector.detect(head, wanted: context.configuration.format)
    else { return nil }
    return mode(of: format, head)
  }

  /// Reads one part of the file.
  ///
  /// - Returns: how many lines were found in it, and why it was not read to its end.
  /// - Throws: what the sink throws.
  func read(_ part: FilePart, _ mode: PartMode) throws -> (lines: Int64, failure: String?) {
    let before = context.recorder.linesFound
    // The byte in front tells whether the part starts with a whole line.
    let offset = max(0, part.start - 1)
    let stream: ByteStream
    do throws(ReadFailure) {
      stream = try ByteStream(storedPath: entry.path, offset: offset, progress: progress)
    } catch {
      quarantineFile(error.reason, UnsafeRawBufferPointer(start: nil, count: 0), part.start)
      return (0, error.reason)
    }
    let blocks = BlockReader(stream, contentDigest: nil, offset: offset)
    try read(blocks, mode, part)
    if let failure = blocks.failure?.reason {
      quarantineFile(failure, UnsafeRawBufferPointer(start: nil, count: 0), blocks.offset)
    }
    return (context.recorder.linesFound - before, blocks.failure?.reason)
  }

  /// Counts the lines of a file whose content was read under another name.
  private func skipDuplicate(_ blocks: BlockReader, _ format: FileFormat) throws {
    let lines = LineReader(blocks, limit: context.maximumLineBytes)
    let skipsBlank = format == .logcliJSONLines
    var count: Int64 = 0
    while lines.next() {
      if skipsBlank, lines.line.allSatisfy({ $0 <= 0x20 }) { continue }
      count += 1
    }
    context.recorder.countDuplicate(lines: count)
    try context.pass(lines: count, .duplicate)
  }

  private func quarantineFile(
    _ reason: String, _ excerpt: UnsafeRawBufferPointer, _ offset: Int64 = 0
  ) {
    context.recorder.quarantine(
      file: entry.name, byteOffset: offset, lines: 0, reason: reason, excerpt: excerpt)
  }

  private func add(_ stream: ByteStream?, lineCount: Int64, failure: String?) {
    context.recorder.add(
      InputFile(
        name: entry.name, byteCount: stream?.file.byteCount ?? 0,
        sha256: stream?.file.finishDigest() ?? "", lineCount: lineCount, failure: failure))
  }
}
