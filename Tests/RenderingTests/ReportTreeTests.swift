import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Rendering

/// Renders the sample into a folder of its own, and removes it again.
func withSampleTree(_ body: (URL, ReportRenderer) throws -> Void) throws {
  let folder = URL(filePath: NSTemporaryDirectory() + "daybreak-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: folder) }
  let renderer = ReportRenderer(output: folder.path, templates: try TemplateLibrary())
  try body(folder, renderer)
}

/// Writes every kind of page.
func writeSample(_ renderer: ReportRenderer, clusterCount: Int = 64) throws -> WriteSummary {
  let report = SampleReport.day(clusterCount: clusterCount)
  var summary = try renderer.writeDay(
    report,
    timings: RunTimings(
      runID: "1", started: SampleReport.at(26), finished: SampleReport.at(26, 1),
      stages: [.init(name: "extraction", duration: .milliseconds(4_250))]))
  var quiet = SampleReport.quietDay()
  quiet.date = quiet.date.advanced(byDays: -1)
  quiet.window = quiet.calendar.window(of: quiet.date)
  quiet.timeline = quiet.timeline.map {
    TimelineHour(
      start: $0.start.advanced(bySeconds: -86_400), levels: $0.levels, expected: $0.expected)
  }
  summary += try renderer.writeDay(
    quiet,
    timings: RunTimings(
      runID: "0", started: SampleReport.at(2), finished: SampleReport.at(2, 1), stages: []))
  for entry in report.clusters.prefix(60) {
    summary += try renderer.writeCluster(SampleReport.clusterPage(entry))
  }
  summary += try renderer.writeTenant(SampleReport.tenantIndex())
  summary += try renderer.writeSite(SampleReport.siteIndex())
  return summary
}

private func files(below folder: URL) throws -> [String] {
  try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
}

/// Where to leave the sample for people to look at; nil to leave none.
private let keptFolder = ProcessInfo.processInfo.environment["DAYBREAK_SAMPLE_REPORT"]

@Suite struct ReportTreeTests {
  @Test(.enabled(if: keptFolder != nil, "DAYBREAK_SAMPLE_REPORT names no folder"))
  func `leaves a sample report to look at`() throws {
    let renderer = ReportRenderer(output: keptFolder ?? "", templates: try TemplateLibrary())
    #expect(try writeSample(renderer).written > 0)
  }

  @Test func `writes every page as HTML, Markdown and JSON`() throws {
    try withSampleTree { folder, renderer in
      _ = try writeSample(renderer)
      let names = try files(below: folder)
      let pages = names.filter { $0.hasSuffix("index.html") }
      #expect(pages.count == 66)
      for page in pages {
        #expect(names.contains(page.replacing("index.html", with: "index.md")))
        #expect(names.contains(page.replacing("index.html", with: "index.json")))
      }
      for name in ["report.json", "report.md", "run.json"] {
        #expect(names.contains("acme/2026-03-12/\(name)"))
      }
      #expect(!names.contains { $0.contains(".tmp") })
    }
  }

  @Test func `writes well-formed pages without anything active`() throws {
    try withSampleTree { folder, renderer in
      _ = try writeSample(renderer)
      for name in try files(below: folder) where name.hasSuffix(".html") {
        let html = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        let outline = PageOutline(html)
        #expect(outline.errors == [], "\(name)")
        #expect(outline.activePartCount == 0, "\(name)")
        #expect(
          html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\""))
      }
    }
  }

  @Test func `links only to pages that are there`() throws {
    try withSampleTree { folder, renderer in
      _ = try writeSample(renderer, clusterCount: 50)
      let names = Set(try files(below: folder))
      for name in names where name.hasSuffix(".html") && !name.contains("cluster/") {
        let html = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        let base = URL(filePath: "/" + name)
        for match in html.matches(of: /href="([^"#:]+)(#[^"]*)?"/) {
          let path = URL(filePath: String(match.1), relativeTo: base).standardizedFileURL.path
          let isCluster = path.contains("/cluster/")
          let isNight =
            path.wholeMatch(of: /\/[a-z]+\/\d{4}-(\d\d-\d\d|W\d\d|\d\d)\/index.html/) != nil
          let isTenant = path.wholeMatch(of: /\/[a-z]+\/index.html/) != nil
          let isKnown = names.contains(String(path.dropFirst()))
          #expect(isKnown || isCluster || isNight || isTenant, "\(name) links to \(match.1)")
        }
      }
    }
  }

  @Test func `leaves every file alone when nothing changed`() throws {
    try withSampleTree { folder, renderer in
      let first = try writeSample(renderer)
      let second = try writeSample(renderer)
      #expect(second.written == 0)
      #expect(second.unchanged == first.written + first.unchanged)
    }
  }

  @Test func `takes over what a killed run left behind`() throws {
    try withSampleTree { folder, renderer in
      _ = try renderer.writeSite(SampleReport.siteIndex())
      let left = folder.appending(path: ".index.html.tmp")
      try Data("half".utf8).write(to: left)
      _ = try renderer.writeSite(SampleReport.siteIndex())
      #expect(!FileManager.default.fileExists(atPath: left.path))
      try Data("half a page of another length".utf8).write(to: left)
      _ = try renderer.writeSite(SiteIndex(rows: []))
      #expect(!FileManager.default.fileExists(atPath: left.path))
      let html = try String(contentsOf: folder.appending(path: "index.html"), encoding: .utf8)
      #expect(html.hasSuffix("</html>\n"))
    }
  }

  @Test func `a pattern's page tells its nightly mean and peak once it has come twice`() throws {
    try withSampleTree { folder, renderer in
      var entry = try #require(SampleReport.clusters(12).first { $0.state == .recurring })
      entry.trend = NightlyTrend(mean: 12.25, peak: 4000)
      for (nights, isTold) in [(1, false), (2, true)] {
        entry.nightsSeen = nights
        try renderer.writeCluster(SampleReport.clusterPage(entry))
        for (name, text) in [
          ("index.html", "12 on average <span>4,000 at most</span>"),
          ("index.md", "12 on average a night, 4,000 at most"),
        ] {
          let file = folder.appending(path: "acme/cluster/\(entry.fingerprint)/\(name)")
          let page = try String(contentsOf: file, encoding: .utf8)
          #expect(page.contains(text) == isTold, "\(name)")
        }
      }
    }
  }

  @Test func `says which path it cannot write`() throws {
    let renderer = ReportRenderer(output: "/proc/nowhere", templates: try TemplateLibrary())
    let error = #expect(throws: RenderingError.self) {
      try renderer.writeSite(SampleReport.siteIndex())
    }
    #expect(error?.summary.contains("/proc/nowhere") == true)
  }

  @Test func `keeps the page of a night with a thousand patterns small`() throws {
    try withSampleTree { folder, renderer in
      try renderer.writeDay(SampleReport.day(clusterCount: 1000))
      let page = folder.appending(path: "acme/2026-03-12/index.html")
      #expect(try Data(contentsOf: page).count <= 300_000)
      #expect(try gzippedSize(of: page) <= 60_000)
    }
  }

  private func gzippedSize(of file: URL) throws -> Int {
    try output(of: "/usr/bin/env", "gzip", "-c", file.path).count
  }
}
