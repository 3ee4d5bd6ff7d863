internal import DaybreakCore
internal import Rendering
internal import Storage

/// What the refresh stage leaves in the ledger.
struct RefreshDetail: Codable {
  var views: [String]
}

extension RefreshView {
  /// The store's name of the view.
  fileprivate var stored: MaterializedView {
    switch self {
    case .serviceHourly: .serviceHourly
    case .clusterTrend: .clusterTrend
    case .tenantDashboard: .tenantDashboard
    }
  }
}

extension NightRun {
  /// Refreshes the materialized views that the job names and sums up the night from them.
  ///
  /// The report is put together when all views are fresh, so that a later process, which finds them
  /// so, puts the same one together. The dashboard shows the summary too, and is refreshed once more.
  func refresh() throws {
    let views = night.job.refresh
    try refresh(views)
    let report = try assembleReport()
    let summary = try summary(report, Verdict(report))
    try store.withTenant(night.tenant) { try $0.writeSummary(summary, of: key) }
    try refresh(views.filter { $0 == .tenantDashboard })
    try store.withTenant(night.tenant) { session in
      try finishStage(
        .refresh, in: session, detail: RefreshDetail(views: views.map(\.rawValue)))
    }
  }

  private func refresh(_ views: [RefreshView]) throws {
    for view in views {
      try Cancellation.check()
      try store.withTenant(night.tenant) { session in
        _ = try session.refresh(view.stored, at: surroundings.now())
      }
    }
  }
}
