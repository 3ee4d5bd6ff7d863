/// Input that could not be read: kept, counted and shown, never dropped in silence.
package struct QuarantineRecord: Hashable, Sendable, Codable {
  /// The file, or the name of the source where there is no file.
  package var file: String
  /// Where the bad line starts in the (decompressed) file, in bytes.
  package var byteOffset: Int64
  /// How many lines this record stands for; 0 for a whole file that could not be read at all.
  package var lineCount: Int
  /// What was wrong, in words.
  package var reason: String
  /// The start of the line: at most 200 bytes, made valid and redacted.
  package var excerpt: String

  package init(
    file: String, byteOffset: Int64, lineCount: Int, reason: String, excerpt: String
  ) {
    self.file = file
    self.byteOffset = byteOffset
    self.lineCount = lineCount
    self.reason = reason
    self.excerpt = excerpt
  }
}

/// One file or query that a source read.
package struct InputFile: Hashable, Sendable, Codable {
  /// The path as the job names it (or the query's name).
  package var name: String
  /// Bytes as stored, before decompression.
  package var byteCount: Int64
  /// SHA-256 of the bytes as stored, lower-case hex; empty where the input is no file.
  package var sha256: String
  /// Lines found in it, of whatever fate.
  package var lineCount: Int64
  /// Why it was not read to its end; nil when it was.
  package var failure: String?

  package init(
    name: String, byteCount: Int64, sha256: String, lineCount: Int64, failure: String? = nil
  ) {
    self.name = name
    self.byteCount = byteCount
    self.sha256 = sha256
    self.lineCount = lineCount
    self.failure = failure
  }
}

/// What one source gave.
///
/// Every line found is in exactly one of four counts:
/// `linesFound = linesClustered + linesQuarantined + duplicatesSkipped + linesOutsideWindow`,
/// and the report's "lines read" is `linesClustered + linesQuarantined`.
package struct SourceCoverage: Hashable, Sendable, Codable {
  /// The source's name in the job, as `loki_export: exports/*.jsonl`.
  package var name: String
  /// Lines handed to clustering, continuation lines of stack traces included.
  package var linesClustered: Int64 = 0
  /// Of `linesClustered`, those joined to the event before them.
  package var continuationLines: Int64 = 0
  /// Of `linesClustered`, those of events without a time: in clusters, not in rates.
  package var linesWithoutTime: Int64 = 0
  /// Lines that could not be read.
  package var linesQuarantined: Int64 = 0
  /// Lines met a second time: the same entry, page or file.
  package var duplicatesSkipped: Int64 = 0
  /// Lines of another night.
  package var linesOutsideWindow: Int64 = 0
  /// Of `linesOutsideWindow`, those of earlier nights: late, where their own nights did not have them;
  /// nil in what was written before they were told apart.
  package var linesBeforeWindow: Int64? = 0
  /// What was read, sorted by name.
  package var inputs: [InputFile] = []
  /// The first `SourceCoverage.quarantineLimit` quarantined inputs in order of (file, offset); the
  /// counts above are of all.
  package var quarantine: [QuarantineRecord] = []
  /// Why the source as a whole could not be read, or not to its end; nil when it was.
  package var failure: String?

  /// How many quarantine records one source keeps.
  package static let quarantineLimit = 1000

  package init(name: String) { self.name = name }

  /// Every line found, of whatever fate.
  package var linesFound: Int64 {
    linesClustered + linesQuarantined + duplicatesSkipped + linesOutsideWindow
  }
}
