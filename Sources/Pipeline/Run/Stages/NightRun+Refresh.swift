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
  /// Refreshes the materialized views that the job names, and writes the night's summary between those
  /// that it is made from and the dashboard that shows it.
  func refresh() throws {
    let views = night.job.refresh
    try refresh(views.filter { $0 != .tenantDashboard })
    let facts = try store.withTenant(night.tenant) { try loadFacts($0) }
    let report = ReportAssembly(facts: facts, version: daybreakVersion).dayReport()
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
