import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Rendering

/// Set `DAYBREAK_REPRINT_GOLDENS=1` to write the goldens anew, and read the difference before
/// committing it.
private let reprints = ProcessInfo.processInfo.environment["DAYBREAK_REPRINT_GOLDENS"] == "1"

@Suite struct GoldenTests {
  private func check(_ text: String, _ name: String) throws {
    let file = Fixtures.file("rendering/" + name)
    if reprints { try Data(text.utf8).write(to: file) }
    let golden = try String(contentsOf: file, encoding: .utf8)
    #expect(text == golden, "\(name) differs; DAYBREAK_REPRINT_GOLDENS=1 reprints it")
  }

  /// A page without its style sheet.
  private func withoutStyle(_ html: String) throws -> String {
    html.replacing(try Regex("(?s)<style>.*</style>"), with: "<style></style>")
  }

  @Test(arguments: ["index.html", "report.md", "report.json", "all/index.html"])
  func `writes the page of a night as before`(name: String) throws {
    try withSampleTree { folder, renderer in
      try renderer.writeDay(SampleReport.day(clusterCount: 12))
      let file = folder.appending(path: "acme/2026-03-12").appending(path: name)
      let text = try String(contentsOf: file, encoding: .utf8)
      try check(withoutStyle(text), "day-" + name.replacing("/", with: "-"))
    }
  }

  @Test(arguments: ["index.html", "index.md", "index.json"])
  func `writes the page of a cluster as before`(name: String) throws {
    try withSampleTree { folder, renderer in
      let entry = try #require(SampleReport.clusters(12).first { $0.state == .new })
      let page = SampleReport.clusterPage(entry)
      try renderer.writeCluster(page)
      let file = folder.appending(path: "acme/cluster/\(page.fingerprint)/\(name)")
      try check(
        withoutStyle(String(contentsOf: file, encoding: .utf8)),
        "cluster-" + name)
    }
  }

  @Test func `evidence refers to samples that are on the page`() throws {
    try withSampleTree { folder, renderer in
      let entry = try #require(SampleReport.clusters(12).first { $0.state == .new })
      let page = SampleReport.clusterPage(entry)
      try renderer.writeCluster(page)
      let file = folder.appending(path: "acme/cluster/\(page.fingerprint)/index.html")
      let html = try String(contentsOf: file, encoding: .utf8)
      let references = html.matches(of: try Regex("href=\"#(sample-[^\"]*)\"")).compactMap {
        $0.output[1].substring
      }
      #expect(!references.isEmpty)
      for reference in references { #expect(html.contains("<li id=\"\(reference)\">")) }
    }
  }

  @Test(arguments: ["index.html", "index.md", "index.json"])
  func `writes the page of a week as before`(name: String) throws {
    try withSampleTree { folder, renderer in
      try renderer.writeRollUp(SampleReport.rollUp())
      let file = folder.appending(path: "acme/2026-W11/\(name)")
      try check(withoutStyle(String(contentsOf: file, encoding: .utf8)), "week-" + name)
    }
  }

  @Test(arguments: [
    "index.html", "index.md", "acme/index.html", "acme/index.md", "acme/feed.atom",
  ])
  func `writes the indexes as before`(name: String) throws {
    try withSampleTree { folder, renderer in
      try renderer.writeSite(SampleReport.siteIndex())
      try renderer.writeTenant(SampleReport.tenantIndex())
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      try check(withoutStyle(text), "indexes-" + name.replacing("/", with: "-"))
    }
  }

  @Test func `writes the mail as before`() throws {
    let mail = try EmailSummary(
      SampleReport.day(clusterCount: 12), reportURL: "https://reports.acme.test/",
      templates: try TemplateLibrary()
    ).content()
    #expect(mail.subject == "[acme] 12 Mar: 2 incidents, 1 new, incomplete")
    try check(mail.markdown, "mail.md")
    try check(mail.html, "mail.html")
  }

  @Test func `carries the published keys, and in their order`() throws {
    let report = SampleReport.day(clusterCount: 12)
    guard case .object(let members) = ReportJSON.day(report, verdict: Verdict(report)) else {
      Issue.record("a report is an object")
      return
    }
    let published = [
      "schema_version", "tenant", "window", "verdict", "coverage", "incidents", "changes",
      "clusters", "services", "anomalies", "catalogs", "muted", "run",
    ]
    #expect(members.map(\.key).filter(published.contains) == published)
    let json = try JSONSerialization.jsonObject(
      with: Data(ReportJSON.day(report, verdict: Verdict(report)).encoded()))
    let coverage = (json as? [String: Any])?["coverage"] as? [String: Any]
    let counts = ["lines_read", "lines_clustered", "lines_quarantined"].map {
      coverage?[$0] as? Int ?? -1
    }
    #expect(counts[0] == counts[1] + counts[2])
    let cluster = ((json as? [String: Any])?["clusters"] as? [[String: Any]])?.first
    for key in [
      "fingerprint", "template", "service", "namespace", "level", "count", "first_seen",
      "last_seen", "state", "samples",
    ] {
      #expect(cluster?[key] != nil, "\(key)")
    }
  }

  @Test func `the documentation names every key of the published schema`() throws {
    let text = try String(
      contentsOf: Fixtures.root.appending(path: "docs/report-json.md"), encoding: .utf8)
    let documented = Set(text.matches(of: /`([a-z_0-9]+)`/).map { String($0.1) })
    let report = SampleReport.day(clusterCount: 12)
    var values = [
      ReportJSON.day(report, verdict: Verdict(report)),
      ReportJSON.tenant(SampleReport.tenantIndex()),
      ReportJSON.site(SampleReport.siteIndex()), ReportJSON.rollUp(SampleReport.rollUp()),
    ]
    for entry in [report.clusters[0], HostileReport.cluster("text")] {
      let page = SampleReport.clusterPage(entry)
      values.append(ReportJSON.cluster(page, finders: FinderText.all(page)))
    }
    let missing = Set(values.flatMap(keys)).subtracting(documented)
      // Levels and names of components are values used as keys.
      .filter { $0 == $0.lowercased() }
    #expect(missing.isEmpty, "docs/report-json.md does not name \(missing.sorted())")
  }

  private func keys(of value: JSONValue) -> [String] {
    switch value {
    case .object(let members): members.flatMap { [$0.key] + keys(of: $0.value) }
    case .array(let values): values.flatMap(keys)
    default: []
    }
  }
}
