internal import Rendering
internal import Synchronization

/// A night's report as a process has put it together: three stages need it, and it stays the same from
/// the refresh on.
final class AssembledReport: Sendable {
  private let stored = Mutex<DayReport?>(nil)

  /// nil before the first assembly.
  var report: DayReport? {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }
}

extension NightRun {
  /// Puts the report together from what the store holds now.
  func assembleReport() throws -> DayReport {
    let facts = try store.withTenant(night.tenant, readOnly: true) { try loadFacts($0) }
    let report = ReportAssembly(facts: facts, version: daybreakVersion).dayReport()
    assembled.report = report
    return report
  }

  /// The report as the refresh stage has put it together; anew where another process has run that.
  func report() throws -> DayReport { try assembled.report ?? assembleReport() }
}
