/// The stages of a night, in the order in which they run; each needs those before it.
package enum Stage: String, CaseIterable, Sendable, Comparable {
  /// Reads the sources into a fold file; raw lines end here.
  case extract
  /// Refines patterns, matches them to history and writes the night's counts.
  case cluster
  /// Holds the night against its history.
  case baseline
  /// Turns patterns into vectors and finds those of earlier nights that are like the news.
  case embed
  /// Says in words what matters.
  case summarize
  /// Refreshes the materialized views.
  case refresh
  /// Writes the pages.
  case render
  /// Sends the mail.
  case notify

  /// Their names, in order.
  package static var names: [String] { allCases.map(\.rawValue) }

  private var index: Int { Stage.allCases.firstIndex(of: self) ?? 0 }

  package static func < (left: Stage, right: Stage) -> Bool { left.index < right.index }
}
