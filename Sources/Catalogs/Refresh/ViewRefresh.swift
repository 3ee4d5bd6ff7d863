internal import DaybreakCore
import Postgres

/// Refreshes materialized views, those first that others read, and writes down when.
package struct ViewRefresh {
  /// What became of one view.
  package struct View: Codable, Sendable, Equatable {
    package var view: String
    /// Seconds that it took; nil when it was not refreshed.
    package var seconds: Double?
    /// Whether readers went on meanwhile.
    package var wasConcurrent: Bool
    package var problem: String?
    package var remedy: String?
  }

  private let session: UpkeepSession

  package init(_ session: UpkeepSession) { self.session = session }

  private var connection: Connection { session.connection }

  /// Refreshes.
  ///
  /// - Parameters:
  ///   - names: which views; empty for all.
  ///   - check: is asked between views, and throws to stop.
  ///   - progress: is told of each view before its turn.
  /// - Returns: what became of each, in the order of the work. A view that reads one that failed is not
  ///   refreshed.
  /// - Throws: `UpkeepError`, `PostgresError` when the connection is lost, and what `check` throws.
  package func run(
    only names: [String] = [], check: () throws -> Void = {}, progress: (String) -> Void = { _ in }
  ) throws -> [View] {
    let all = session.catalog.definition.materializedViews
    if let name = names.first(where: { name in !all.contains { $0.name == name } }) {
      throw UpkeepError.unknown(kind: "materialized view", name: name, known: all.map(\.name))
    }
    try session.lock("refresh")
    var failed: Set<String> = []
    var outcomes: [View] = []
    for view in Self.inOrder(all) where names.isEmpty || names.contains(view.name) {
      try check()
      progress(view.name)
      var outcome: View
      if let source = view.reads.first(where: failed.contains) {
        outcome = View(
          view: view.name, wasConcurrent: false, problem: "it reads \(source), which failed")
      } else {
        outcome = try refresh(view)
      }
      if outcome.problem != nil { failed.insert(view.name) }
      outcomes.append(outcome)
    }
    return outcomes
  }

  /// Views in an order in which each comes after those that it reads; otherwise in the order given.
  static func inOrder(
    _ views: [CatalogDefinition.MaterializedView]
  ) -> [CatalogDefinition.MaterializedView] {
    var rest = views
    var ordered: [CatalogDefinition.MaterializedView] = []
    while !rest.isEmpty {
      let waiting = Set(rest.map(\.name))
      let index = rest.firstIndex { view in
        !view.reads.contains { $0 != view.name && waiting.contains($0) }
      }
      // A circle cannot be made of views; if data says so nevertheless, its order stands.
      ordered.append(rest.remove(at: index ?? 0))
    }
    return ordered
  }

  private func refresh(_ view: CatalogDefinition.MaterializedView) throws -> View {
    let clock = ContinuousClock()
    let start = clock.now
    do {
      let isConcurrent = try connection.transaction {
        let isConcurrent = try view.isConcurrent && isPopulated(view)
        if isConcurrent {
          try connection.execute(named: "refresh \(view.name)", "SELECT \(view.refresh)()")
        } else {
          // An empty view has no rows to compare with, and nobody can be reading it.
          let name = quotedIdentifier(schema: session.catalog.schema, view.name)
          try connection.execute(named: "refresh \(view.name)", "REFRESH MATERIALIZED VIEW \(name)")
        }
        try note(view, isConcurrent)
        return isConcurrent
      }
      let seconds = (clock.now - start) / .seconds(1)
      return View(
        view: view.name, seconds: (seconds * 1000).rounded() / 1000, wasConcurrent: isConcurrent)
    } catch let error as PostgresError where !error.isConnectionFailure {
      return View(
        view: view.name, wasConcurrent: false, problem: error.summary, remedy: error.remedy)
    }
  }

  private func isPopulated(_ view: CatalogDefinition.MaterializedView) throws -> Bool {
    try connection.query(
      named: "whether \(view.name) is filled",
      "SELECT ispopulated FROM pg_catalog.pg_matviews WHERE schemaname = $1 AND matviewname = $2",
      [.text(session.catalog.schema), .text(view.name)]
    ).only().bool("ispopulated")
  }

  /// Writes down the refresh, and forgets those of three months ago.
  private func note(_ view: CatalogDefinition.MaterializedView, _ isConcurrent: Bool) throws {
    try connection.execute(
      named: "note the refresh",
      """
      INSERT INTO daybreak_upkeep.refreshes (catalog, view_name, started_at, finished_at, was_concurrent)
      VALUES ($1, $2, now(), clock_timestamp(), $3)
      """, [.text(session.catalog.name), .text(view.name), .bool(isConcurrent)])
    try connection.execute(
      named: "forget old refreshes",
      "DELETE FROM daybreak_upkeep.refreshes WHERE finished_at < now() - interval '90 days'")
  }
}
