import DaybreakCore
import Foundation
import Testing

@testable import Rendering

/// Text as a page shows it, without white space: pages break lines where they like.
func squeezed(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.properties.isWhitespace }))
}

/// What must be readable of a payload; long ones are cut by the page.
func readable(_ payload: String) -> String {
  squeezed(displayText(String(payload.prefix(60))).replacing("\n", with: " ↵ "))
}

/// The same with line breaks kept, as in a sample.
private func readableBlock(_ payload: String) -> String {
  squeezed(displayText(String(payload.prefix(60))))
}

@Suite struct HostileTests {
  private let templates: TemplateLibrary

  init() throws { templates = try TemplateLibrary() }

  private func dayHTML(_ report: DayReport) throws -> String {
    let view = DayView(report: report, verdict: Verdict(report))
    return try templates.render(
      "day.html", try view.values().merging(view.frame.values(styleSheet: "")) { own, _ in own })
  }

  private func clusterHTML(_ page: ClusterPage) throws -> String {
    let view = ClusterView(page)
    return try templates.render(
      "cluster.html", try view.values().merging(view.frame.values(styleSheet: "")) { own, _ in own }
    )
  }

  /// Elements but those that set off placeholders, which a payload may rightly cause.
  private func structure(_ html: String) -> Int {
    PageOutline(html).elementCount - html.components(separatedBy: "<span class=\"ph\">").count
  }

  @Test func `holds at least sixty payloads`() {
    #expect(Set(HostilePayloads.all).count >= 60)
  }

  @Test(arguments: HostilePayloads.all)
  func `shows a payload as text on the page of a night`(payload: String) throws {
    let html = try dayHTML(HostileReport.day(payload))
    let outline = PageOutline(html)
    #expect(outline.errors == [])
    #expect(outline.activePartCount == 0)
    let plain = try dayHTML(HostileReport.day(HostilePayloads.harmless))
    #expect(structure(html) == structure(plain))
    #expect(displayText(html) == html)
    if !readable(payload).isEmpty {
      // Once in each of: headline, incident, changes, pattern, service, catalog, mute, facts, gaps.
      let times = squeezed(outline.text).components(separatedBy: readable(payload)).count - 1
      #expect(times >= 30)
    }
  }

  @Test(arguments: HostilePayloads.all)
  func `shows a payload as text on the page of a cluster`(payload: String) throws {
    let html = try clusterHTML(HostileReport.page(payload))
    let outline = PageOutline(html)
    #expect(outline.errors == [])
    #expect(outline.activePartCount == 0)
    let plain = try clusterHTML(HostileReport.page(HostilePayloads.harmless))
    #expect(structure(html) == structure(plain))
    #expect(displayText(html) == html)
    #expect(squeezed(outline.text).contains(readableBlock(payload)) || isBlank(payload))
  }

  @Test(arguments: HostilePayloads.all)
  func `shows a payload as text on the page of a week`(payload: String) throws {
    func html(_ text: String) throws -> String {
      let view = RollUpView(rollUp: HostileReport.rollUp(text))
      return try templates.render(
        "rollup.html", view.values.merging(view.frame.values(styleSheet: "")) { own, _ in own })
    }
    let outline = PageOutline(try html(payload))
    #expect(outline.errors == [])
    #expect(outline.activePartCount == 0)
    #expect(structure(try html(payload)) == structure(try html(HostilePayloads.harmless)))
    #expect(displayText(try html(payload)) == (try html(payload)))
    #expect(squeezed(outline.text).contains(readable(payload)) || isBlank(payload))
  }

  @Test(arguments: HostilePayloads.all)
  func `shows a payload as text in a feed`(payload: String) throws {
    func feed(_ text: String) -> String {
      Feed(index: HostileReport.tenantIndex(text), formats: Set(PageFormat.allCases)).text
    }
    let outline = PageOutline(feed(payload))
    #expect(outline.errors == [])
    #expect(outline.activePartCount == 0)
    #expect(outline.elementCount == PageOutline(feed(HostilePayloads.harmless)).elementCount)
    #expect(displayText(feed(payload)) == feed(payload))
  }

  /// Blank text has nothing to be read by.
  private func isBlank(_ payload: String) -> Bool { readableBlock(payload).isEmpty }

  @Test(arguments: HostilePayloads.all)
  func `lets a model's words do nothing`(payload: String) throws {
    for html in [
      try dayHTML(HostileReport.day(payload, provider: "ollama")),
      try clusterHTML(HostileReport.page(payload, provider: "ollama")),
    ] {
      let outline = PageOutline(html)
      #expect(outline.errors == [])
      #expect(outline.activePartCount == 0)
      #expect(!html.contains("<img"))
      #expect(!html.contains("href=\"http"))
      #expect(!html.contains("href=\"mailto"))
    }
  }

  @Test(arguments: HostilePayloads.all)
  func `shows a payload as text in Markdown`(payload: String) throws {
    for (text, plain) in [
      (markdown(payload), markdown(HostilePayloads.harmless)),
      (
        ClusterMarkdown(view: ClusterView(HostileReport.page(payload))).text,
        ClusterMarkdown(view: ClusterView(HostileReport.page(HostilePayloads.harmless))).text
      ),
      (
        rollUpMarkdown(HostileReport.rollUp(payload)),
        rollUpMarkdown(HostileReport.rollUp(HostilePayloads.harmless))
      ),
    ] {
      #expect(displayText(text) == text)
      let html = try rendered(text)
      let outline = PageOutline(html)
      #expect(outline.errors == [])
      #expect(outline.activePartCount == 0)
      let shown = squeezed(outline.text)
      #expect(
        shown.contains(readableBlock(payload)) || shown.contains(readable(payload))
          || isBlank(payload))
      for tag in ["<a ", "<img", "<h1", "<h2", "<h3", "<li>", "<pre", "<blockquote", "<hr"] {
        let expected = try rendered(plain).components(separatedBy: tag).count
        #expect(html.components(separatedBy: tag).count == expected, "\(tag)")
      }
    }
  }

  private func markdown(_ payload: String) -> String {
    let report = HostileReport.day(payload)
    return DayMarkdown(report: report, verdict: Verdict(report)).text
  }

  private func rendered(_ markdown: String) throws -> String {
    "<div>" + (try MarkdownDocument(markdown).html()).source + "</div>"
  }

  @Test(arguments: HostilePayloads.all)
  func `gives a payload unchanged in JSON that does nothing to a terminal`(payload: String) throws {
    let report = HostileReport.day(payload)
    let bytes = ReportJSON.day(report, verdict: Verdict(report)).encoded()
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(displayText(text) == text)
    let json = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    let clusters = json?["clusters"] as? [[String: Any]]
    let shown = clusters?.first?["template"] as? String
    #expect(shown.map { Array($0.unicodeScalars) } == Array(payload.unicodeScalars))
    let run = json?["run"] as? [String: Any]
    #expect(run?["job"] as? String == payload)
  }

  @Test(arguments: HostilePayloads.all)
  func `shows a payload as text in the mail`(payload: String) throws {
    let mail = try EmailSummary(
      HostileReport.day(payload), reportURL: "https://reports.acme.test", templates: templates
    ).content()
    let outline = PageOutline(mail.html)
    #expect(outline.errors == [])
    #expect(outline.activePartCount == 0)
    #expect(!mail.html.contains("<img"))
    #expect(!mail.subject.utf8.contains(0x0A))
    #expect(mail.markdown.utf8.count + mail.html.utf8.count <= EmailSummary.byteLimit)
    for match in mail.html.matches(of: /href="([^"]*)"/) {
      #expect(match.1.hasPrefix("https://reports.acme.test/acme/"))
    }
    let start = String(readable(payload).prefix(30))
    #expect(squeezed(outline.text).contains(start) || isBlank(payload))
  }
}
