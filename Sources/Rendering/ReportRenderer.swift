package import DaybreakCore

/// Writes the report tree: every page is a folder with `index.html`, `index.md` and `index.json`.
///
/// The page of a night has its published names too: `report.json` and `report.md` hold the same bytes
/// as its `index.json` and `index.md`, and `run.json` beside them holds what differs between two runs
/// of the same night. Links are relative, so that a tree opens from disk as from any server. A file
/// that would not change is not written.
package struct ReportRenderer: Sendable {
  private let tree: ReportTree
  private let templates: TemplateLibrary
  private let styleSheet: String
  private let formats: Set<PageFormat>

  /// Makes a renderer.
  ///
  /// - Parameters:
  ///   - output: the folder of the tree; made when it is not there.
  ///   - templates: where the pages' frames come from.
  ///   - formats: what pages are written as; a night's `report.json` and `run.json` are always there.
  package init(
    output: String, templates: TemplateLibrary, formats: Set<PageFormat> = Set(PageFormat.allCases)
  ) {
    self.formats = formats
    tree = ReportTree(root: output)
    self.templates = templates
    styleSheet = compacted(templates.text("style.css"))
  }

  /// Writes `/{tenant}/{date}/` and `/{tenant}/{date}/all/`.
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
    let markdown = Array(DayMarkdown(report: report, verdict: verdict).text.utf8)
    var summary = WriteSummary()
    let all = AllView(report: report, verdict: verdict)
    try put(
      try html("all.html", all.frame, all.values), at: folder + "/all/index.html", &summary)
    try put(Array(allMarkdown(report).utf8), at: folder + "/all/index.md", &summary)
    try put(json, at: folder + "/all/index.json", &summary)
    let view = DayView(report: report, verdict: verdict)
    try put(
      try html("day.html", view.frame, try view.values()), at: folder + "/index.html", &summary)
    for name in ["index", "report"] {
      try put(markdown, at: "\(folder)/\(name).md", &summary)
      try put(json, at: "\(folder)/\(name).json", &summary)
    }
    if let timings {
      summary += try writeTimings(timings, tenant: report.tenant, date: report.date)
    }
    return summary
  }

  /// Writes `/{tenant}/{date}/run.json`: what differs between two runs of the same night.
  ///
  /// - Returns: whether the file was written or left alone.
  /// - Throws: `RenderingError`.
  @discardableResult
  package func writeTimings(
    _ timings: RunTimings, tenant: TenantName, date: CivilDate
  ) throws(RenderingError) -> WriteSummary {
    var summary = WriteSummary()
    try put(
      ReportJSON.timings(timings).encoded(), at: "\(tenant)/\(date)/run.json", &summary)
    return summary
  }

  /// Writes `/{tenant}/cluster/{fingerprint}/`; nothing for a page without members.
  ///
  /// - Returns: how many files were written and left alone.
  /// - Throws: `RenderingError`.
  @discardableResult
  package func writeCluster(_ page: ClusterPage) throws(RenderingError) -> WriteSummary {
    var summary = WriteSummary()
    guard !page.members.isEmpty else { return summary }
    let folder = "\(page.tenant)/cluster/\(page.fingerprint)"
    let view = ClusterView(page)
    try put(
      try html("cluster.html", view.frame, try view.values()), at: folder + "/index.html", &summary)
    try put(Array(ClusterMarkdown(view: view).text.utf8), at: folder + "/index.md", &summary)
    try put(
      ReportJSON.cluster(page, finders: view.finders).encoded(), at: folder + "/index.json",
      &summary)
    return summary
  }

  /// Writes `/{tenant}/` and its `feed.atom`.
  ///
  /// - Returns: how many files were written and left alone.
  /// - Throws: `RenderingError`.
  @discardableResult
  package func writeTenant(_ index: TenantIndex) throws(RenderingError) -> WriteSummary {
    var summary = WriteSummary()
    let view = TenantView(index: index)
    let folder = "\(index.tenant)"
    try put(
      try html("tenant.html", view.frame, view.values), at: folder + "/index.html", &summary)
    try put(Array(tenantMarkdown(index).utf8), at: folder + "/index.md", &summary)
    try put(ReportJSON.tenant(index).encoded(), at: folder + "/index.json", &summary)
    try put(
      Array(Feed(index: index, formats: formats).text.utf8), at: folder + "/feed.atom", &summary)
    return summary
  }

  /// Writes `/{tenant}/2026-W11/` or `/{tenant}/2026-03/`; nothing for one without nights.
  ///
  /// - Returns: how many files were written and left alone.
  /// - Throws: `RenderingError`.
  @discardableResult
  package func writeRollUp(_ rollUp: RollUp) throws(RenderingError) -> WriteSummary {
    var summary = WriteSummary()
    guard !rollUp.nights.isEmpty else { return summary }
    let view = RollUpView(rollUp: rollUp)
    let folder = "\(rollUp.tenant)/\(rollUp.span.name)"
    try put(
      try html("rollup.html", view.frame, view.values), at: folder + "/index.html", &summary)
    try put(Array(rollUpMarkdown(rollUp).utf8), at: folder + "/index.md", &summary)
    try put(ReportJSON.rollUp(rollUp).encoded(), at: folder + "/index.json", &summary)
    return summary
  }

  /// Whether a pattern has a page already.
  package func hasCluster(_ fingerprint: Fingerprint, of tenant: TenantName) -> Bool {
    tree.hasFolder("\(tenant)/cluster/\(fingerprint)")
  }

  /// Whether a week or a month has a page already.
  package func hasRollUp(_ span: NightSpan, of tenant: TenantName) -> Bool {
    tree.hasFolder("\(tenant)/\(span.name)")
  }

  /// Writes `/`.
  ///
  /// - Returns: how many files were written and left alone.
  /// - Throws: `RenderingError`.
  @discardableResult
  package func writeSite(_ index: SiteIndex) throws(RenderingError) -> WriteSummary {
    var summary = WriteSummary()
    let view = SiteView(index: index)
    try put(try html("site.html", view.frame, view.values), at: "index.html", &summary)
    try put(Array(siteMarkdown(index).utf8), at: "index.md", &summary)
    try put(ReportJSON.site(index).encoded(), at: "index.json", &summary)
    return summary
  }

  private func html(_ template: String, _ frame: PageFrame, _ values: [String: TemplateValue])
    throws(RenderingError) -> [UInt8]
  {
    let framing = frame.values(styleSheet: styleSheet, formats: formats)
    let all = values.merging(framing) { own, _ in own }
    return Array(try templates.render(template, all).utf8)
  }

  private func put(_ bytes: [UInt8], at path: String, _ summary: inout WriteSummary)
    throws(RenderingError)
  {
    guard isWanted(path) else { return }
    if try tree.put(bytes, at: path) { summary.written += 1 } else { summary.unchanged += 1 }
  }

  private func isWanted(_ path: String) -> Bool {
    if ["/report.json", "/run.json", "/feed.atom"].contains(where: path.hasSuffix) { return true }
    return formats.contains { path.hasSuffix($0.fileExtension) }
  }
}

/// What a page may be written as.
package enum PageFormat: String, Sendable, CaseIterable {
  case html, markdown, json

  /// The end of the names of its files.
  fileprivate var fileExtension: String {
    switch self {
    case .html: ".html"
    case .markdown: ".md"
    case .json: ".json"
    }
  }
}
