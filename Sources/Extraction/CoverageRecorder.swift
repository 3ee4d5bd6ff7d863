package import DaybreakCore

/// Counts what becomes of a source's lines and keeps the first of those that could not be read.
package struct CoverageRecorder {
  /// How many bytes of a bad line are shown.
  package static let excerptLimit = 200

  private var coverage: SourceCoverage

  /// Starts at zero.
  package init(name: String) { coverage = SourceCoverage(name: name) }

  /// Counts one event handed to clustering.
  ///
  /// - Parameters:
  ///   - lines: how many lines it stands for; all but the first are continuation lines.
  ///   - hasTime: whether it carries a time.
  package mutating func countClustered(lines: Int64 = 1, hasTime: Bool) {
    coverage.linesClustered += lines
    coverage.continuationLines += lines - 1
    if !hasTime { coverage.linesWithoutTime += lines }
  }

  /// Counts lines met a second time.
  package mutating func countDuplicate(lines: Int64 = 1) { coverage.duplicatesSkipped += lines }

  /// Counts lines of another window.
  ///
  /// - Parameters:
  ///   - lines: how many.
  ///   - isEarlier: whether they are of a window before, and not of one to come.
  package mutating func countOutsideWindow(lines: Int64 = 1, isEarlier: Bool) {
    coverage.linesOutsideWindow += lines
    if isEarlier { coverage.linesBeforeWindow = (coverage.linesBeforeWindow ?? 0) + lines }
  }

  /// Counts and keeps input that could not be read.
  ///
  /// - Parameters:
  ///   - file: the file, or the source's name.
  ///   - byteOffset: where it starts in the decompressed file.
  ///   - lines: how many lines it stands for; 0 for a whole file.
  ///   - reason: what was wrong, in words, without a byte of the line.
  ///   - excerpt: the start of the line, of any bytes and length.
  package mutating func quarantine(
    file: String, byteOffset: Int64, lines: Int = 1, reason: String,
    excerpt: UnsafeRawBufferPointer
  ) {
    coverage.linesQuarantined += Int64(lines)
    // Twice the limit, so that sorting at the end happens rarely: sources deliver almost in order.
    if coverage.quarantine.count >= 2 * SourceCoverage.quarantineLimit { trimQuarantine() }
    coverage.quarantine.append(
      QuarantineRecord(
        file: file, byteOffset: byteOffset, lineCount: lines, reason: reason,
        excerpt: CoverageRecorder.excerpt(of: excerpt)))
  }

  /// Counts one input as read.
  package mutating func add(_ input: InputFile) { coverage.inputs.append(input) }

  /// Notes why the source could not be read, or not to its end; later reasons are put behind.
  package mutating func fail(_ reason: String) {
    coverage.failure = coverage.failure.map { "\($0); \(reason)" } ?? reason
  }

  /// Lines counted so far, of whatever fate.
  package var linesFound: Int64 { coverage.linesFound }

  /// Returns the coverage in its canonical order.
  package func finish() -> SourceCoverage {
    var recorder = self
    recorder.trimQuarantine()
    recorder.coverage.inputs.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return recorder.coverage
  }

  /// Makes the start of a bad line fit for display in at most `excerptLimit` bytes.
  package static func excerpt(of bytes: UnsafeRawBufferPointer) -> String {
    // Hidden characters show longer than they are, so the text is cut again after it was made.
    let shown = displayText(bytes, byteLimit: excerptLimit - 3)
    guard shown.utf8.count > excerptLimit else { return shown }
    var cut = ""
    for scalar in shown.unicodeScalars {
      guard cut.utf8.count + UTF8.width(scalar) <= excerptLimit - 3 else { break }
      cut.unicodeScalars.append(scalar)
    }
    return cut + "…"
  }

  private mutating func trimQuarantine() {
    coverage.quarantine.sort { left, right in
      left.file == right.file
        ? left.byteOffset < right.byteOffset
        : left.file.utf8.lexicographicallyPrecedes(right.file.utf8)
    }
    let excess = coverage.quarantine.count - SourceCoverage.quarantineLimit
    if excess > 0 { coverage.quarantine.removeLast(excess) }
  }
}

extension SourceCoverage {
  /// Adds what another shard of the same source gave.
  package mutating func merge(_ other: SourceCoverage) {
    linesClustered += other.linesClustered
    continuationLines += other.continuationLines
    linesWithoutTime += other.linesWithoutTime
    linesQuarantined += other.linesQuarantined
    duplicatesSkipped += other.duplicatesSkipped
    linesOutsideWindow += other.linesOutsideWindow
    linesBeforeWindow = linesBeforeWindow.flatMap { own in
      other.linesBeforeWindow.map { own + $0 }
    }
    inputs = (inputs + other.inputs).sorted {
      $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    quarantine = Array(
      (quarantine + other.quarantine).sorted { left, right in
        left.file == right.file
          ? left.byteOffset < right.byteOffset
          : left.file.utf8.lexicographicallyPrecedes(right.file.utf8)
      }.prefix(SourceCoverage.quarantineLimit))
    let failures = [failure, other.failure].compactMap { $0 }

    failure = failures.isEmpty ? nil : Array(Set(failures)).sorted().joined(separator: "; ")
  }
}
