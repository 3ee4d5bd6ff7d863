import DaybreakCore

/// Writes the report tree: every page is a folder with `index.html`, `index.md` and `index.json`.
///
/// The page of a night has its published names too: `report.json` and `report.md` hold the same bytes
/// as its `index.json` and `index.md`, and `run.json` beside them holds what differs between two runs
/// of the same night. Links are relative, so that a tree opens from disk as from any server.
package struct ReportRenderer: Sendable {
  private let tree: ReportTree

  /// Makes a renderer.
  ///
  /// - Parameter output: the folder of the tree; made when it is not there.
  package init(output: String) throws(RenderingError) {
    tree = ReportTree(root: output)
  }

  /// Writes `/{tenant}/{date}/`.
  ///
  /// - Parameters:
  ///   - report: the night.
  ///   - timings: what goes to `run.json`; nil leaves that file alone.
  /// - Returns: how many files were written and left alone.
  /// - Throws: `RenderingError`.
  @discardableResult
  package func writeDay(_ report: DayReport, timings: RunTimings? = nil)
    throws(RenderingError) -> WriteSummary
  {
    let verdict = Verdict(report)
    let folder = "\(report.tenant)/\(report.date)"
    let json = ReportJSON.day(report, verdict: verdict).encoded()
    var summary = WriteSummary()
    try put(json, at: folder + "/index.json", &summary)
    try put(json, at: folder + "/report.json", &summary)
    if let timings {
      try put(ReportJSON.timings(timings).encoded(), at: folder + "/run.json", &summary)
    }
    return summary
  }

  /// Writes `/{tenant}/cluster/{fingerprint}/`.
  @discardableResult
  package func writeCluster(_ page: ClusterPage) throws(RenderingError) -> WriteSummary {
    let folder = "\(page.tenant)/cluster/\(page.fingerprint)"
    let finder = FinderText(page)
    var summary = WriteSummary()
    try put(
      ReportJSON.cluster(page, finder: finder).encoded(), at: folder + "/index.json", &summary)
    return summary
  }

  /// Writes `/{tenant}/`.
  @discardableResult
  package func writeTenant(_ index: TenantIndex) throws(RenderingError) -> WriteSummary {
    var summary = WriteSummary()
    try put(ReportJSON.tenant(index).encoded(), at: "\(index.tenant)/index.json", &summary)
    return summary
  }

  /// Writes `/`.
  @discardableResult
  package func writeSite(_ index: SiteIndex) throws(RenderingError) -> WriteSummary {
    var summary = WriteSummary()
    try put(ReportJSON.site(index).encoded(), at: "index.json", &summary)
    return summary
  }

  private func put(_ bytes: [UInt8], at path: String, _ summary: inout WriteSummary)
    throws(RenderingError)
  {
    if try tree.put(bytes, at: path) { summary.written += 1 } else { summary.unchanged += 1 }
  }
}
