package import DaybreakCore

/// What was read, what could not be, and who wrote the sentences.
package struct CoverageReport: Sendable {
  /// How many sources the job names.
  package var sourcesExpected: Int
  /// What each source gave, in the job's order; sources that failed are here too, with `failure`.
  package var sources: [SourceCoverage]
  /// Events in tonight's clusters, counted in the store: with continuation lines they make up the
  /// lines clustered, which the page checks.
  package var eventsInClusters: Int64
  /// Stretches of the window for which nothing came where something was expected.
  package var gaps: [Gap]
  /// Who wrote the summaries, as `ollama qwen3:8b`; nil for no model.
  package var modelThatSpoke: String?

  package init(
    sourcesExpected: Int, sources: [SourceCoverage], eventsInClusters: Int64, gaps: [Gap] = [],
    modelThatSpoke: String? = nil
  ) {
    self.sourcesExpected = sourcesExpected
    self.sources = sources
    self.eventsInClusters = eventsInClusters
    self.gaps = gaps
    self.modelThatSpoke = modelThatSpoke
  }

  /// Sources read to their end.
  package var sourcesRead: Int { sources.count { $0.failure == nil } }
  /// Lines handed to clustering.
  package var linesClustered: Int64 { sources.reduce(0) { $0 + $1.linesClustered } }
  /// Lines that could not be read.
  package var linesQuarantined: Int64 { sources.reduce(0) { $0 + $1.linesQuarantined } }
  /// `linesClustered + linesQuarantined`, always.
  package var linesRead: Int64 { linesClustered + linesQuarantined }
  /// Lines joined to the event before them.
  package var continuationLines: Int64 { sources.reduce(0) { $0 + $1.continuationLines } }
  /// Lines in clusters but not in rates, as they carry no time.
  package var linesWithoutTime: Int64 { sources.reduce(0) { $0 + $1.linesWithoutTime } }
  /// Lines met a second time.
  package var duplicatesSkipped: Int64 { sources.reduce(0) { $0 + $1.duplicatesSkipped } }
  /// Lines of another night.
  package var linesOutsideWindow: Int64 { sources.reduce(0) { $0 + $1.linesOutsideWindow } }
  /// Of those, lines of earlier nights; nil where they were not told apart.
  package var linesBeforeWindow: Int64? {
    let counts = sources.compactMap(\.linesBeforeWindow)
    return counts.count == sources.count ? counts.reduce(0, +) : nil
  }
  /// Whether the store's clusters hold exactly what extraction handed over.
  package var sumAgrees: Bool { eventsInClusters + continuationLines == linesClustered }
}

/// A stretch of time, or a source, that is missing from the night.
package struct Gap: Hashable, Sendable {
  /// The source's name in the job; nil when the gap is of the night as a whole.
  package var source: String?
  /// The stretch; nil when all of the night is missing.
  package var span: TimeWindow?
  /// Why, in words: `no lines where 1,200 were expected`.
  package var reason: String

  package init(source: String? = nil, span: TimeWindow? = nil, reason: String) {
    self.source = source
    self.span = span
    self.reason = reason
  }
}
