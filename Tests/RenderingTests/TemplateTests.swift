import DaybreakCore
import Foundation
import Testing

@testable import Rendering

@Suite struct TemplateTests {
  private func render(_ source: String, _ values: [String: TemplateValue]) throws -> String {
    try TemplateLibrary(sources: ["page.html": source]).render("page.html", values)
  }

  @Test func `escapes values and never reads them as template`() throws {
    let text = try render("<p>{{a}}</p>", ["a": "<b>{{c}} & \"d\" 'e'", "c": "no"])
    #expect(text == "<p>&lt;b&gt;{{c}} &amp; &quot;d&quot; &apos;e&apos;</p>")
  }

  @Test func `does not take a value for a partial of its name`() throws {
    #expect(throws: RenderingError.self) { try render("{{> evil}}", ["evil": "{{secret}}"]) }
  }

  @Test func `fills sections, lists and partials`() throws {
    let library = try TemplateLibrary(sources: [
      "page.html": "{{#rows}}\n{{> row}}\n{{/rows}}\n{{^rows}}none{{/rows}}",
      "partials/row": "{{name}};\n",
    ])
    let rows: [TemplateValue] = [.object(["name": "a"]), .object(["name": "b"])]
    #expect(try library.render("page.html", ["rows": .list(rows)]) == "a;\nb;\n")
    #expect(try library.render("page.html", ["rows": .list([])]).hasSuffix("none"))
  }

  @Test(arguments: [
    ("line\n\n{{#open}} x", 3, "Unclosed section"), ("a\n{{never", 2, "Unclosed tag"),
    ("{{/shut}}", 1, "Unopened section"),
  ])
  func `names the template and the line of a fault`(source: String, line: Int, reason: String) {
    let error = #expect(throws: RenderingError.self) {
      try TemplateLibrary(sources: ["page.html": source])
    }
    #expect(error?.summary.hasPrefix("template page.html, line \(line): \(reason)") == true)
  }

  @Test func `refuses a template that asks for what is not there`() {
    let error = #expect(throws: RenderingError.self) { try render("{{absent}}", ["a": "b"]) }
    #expect(error?.summary == "template page.html: nothing is called \"absent\"")
  }

  @Test func `refuses a partial that includes itself`() {
    #expect(throws: RenderingError.self) {
      try TemplateLibrary(sources: ["page.html": "{{> a}}", "partials/a": "x{{> a}}"])
    }
  }

  @Test func `prefers the templates of a directory`() throws {
    let folder = NSTemporaryDirectory() + "templates-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("ours: {{subject}}{{{bodyHTML}}}".utf8).write(
      to: URL(filePath: folder + "/email.html"))
    let library = try TemplateLibrary(directory: folder)
    let text = try library.render("email.html", ["subject": "s", "bodyHTML": "b"])
    #expect(text == "ours: sb")
    #expect(!library.text("style.css").isEmpty)
  }
}

@Suite struct MarkdownTests {
  private func html(_ text: String) throws -> String {
    try MarkdownDocument(text).html().source
  }

  @Test func `shows raw HTML as text`() throws {
    #expect(try html("a <b>c</b>") == "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n")
    #expect(try html("<div>\nx\n</div>").contains("&lt;div&gt;"))
  }

  @Test func `spells images out`() throws {
    #expect(try html("![a](http://b.test/c.png)") == "<p>a (http://b.test/c.png)</p>\n")
  }

  @Test func `keeps links, but not to scripts`() throws {
    #expect(try html("[a](http://b.test)") == "<p><a href=\"http://b.test\">a</a></p>\n")
    #expect(try html("[a](javascript:b)") == "<p><a href=\"\">a</a></p>\n")
  }

  @Test(arguments: [
    ("plain", "plain"), ("*a* _b_", "\\*a\\* \\_b\\_"), ("a@b.c", "`a@b.c`"), ("1. a", "1\\. a"),
    ("1.00 M", "1.00 M"),
    ("12:30 http://a www.b", "12:30 http\\://a www\\.b"), ("- a", "\\- a"), ("a_b", "a_b"),
    ("    a", "a"), (":smile:", "\\:smile:"),
  ])
  func `escapes text for a sentence`(text: String, escaped: String) {
    #expect(MarkdownText.prose(text) == escaped)
  }

  @Test(arguments: [
    ("a", "`a`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("", "*(empty)*"), ("a\nb", "`a ↵ b`"),
  ])
  func `fences code by as many ticks as it takes`(text: String, span: String) {
    #expect(MarkdownText.code(text) == span)
  }
}

@Suite struct FinderTests {
  @Test func `finds a pattern's lines by its constant words`() throws {
    let entry = try #require(SampleReport.clusters(12).first { $0.state == .new })
    let finder = try #require(FinderText.all(SampleReport.clusterPage(entry)).first)
    #expect(
      finder.query == """
        {namespace="shop", service_name="payments"} |= "payment" |= "failed: upstream" \
        |= "timed out after"
        """)
    let url = try #require(finder.exploreURL)
    #expect(url.hasPrefix("https://grafana.acme.test/explore?schemaVersion=1&panes=%7B"))
    #expect(url.contains("1773270000000") && url.contains("1773356400000"))
  }

  @Test func `quotes what a query could read`() throws {
    var page = SampleReport.clusterPage(HostileReport.cluster("it's \\ \"quoted\" <num>"))
    page.finders = [
      LineFinder(
        source: "postgres: logs",
        place: .postgres(
          PostgresPlace(
            relation: "\"logs\"", timeColumn: "at", messageColumn: "a\"b",
            values: ["service": "o'brien"], condition: "level <> 'DEBUG'"))),
      LineFinder(source: "loki_export: a", place: .loki(labels: ["app": "a\"b"], grafana: nil)),
      LineFinder(source: "loki_export: b", place: .loki(labels: ["app": "a\"b"], grafana: nil)),
    ]
    let finders = FinderText.all(page)
    #expect(finders.map(\.source) == ["postgres: logs", "loki_export: a"])
    #expect(
      finders.first?.query == #"""
        SELECT * FROM "logs"
        WHERE "at" >= '2026-03-11T23:00:00Z' AND "at" < '2026-03-12T23:00:00Z'
          AND "service" = 'o''brien'
          AND (level <> 'DEBUG')
          AND position(E'it''s \\ "quoted"' IN "a""b"::text) > 0
        ORDER BY "at" LIMIT 100;
        """#)
    #expect(finders.last?.query == #"{app="a\"b"} |= "it's \\ \"quoted\"""#)
  }

  @Test func `compares numbers where the job says what they count`() {
    var page = SampleReport.clusterPage(HostileReport.cluster("a"))
    page.finders = [
      LineFinder(
        source: "postgres",
        place: .postgres(
          PostgresPlace(
            relation: "logs", timeColumn: "t", messageColumn: "m", timeUnit: .milliseconds)))
    ]
    let query = FinderText.all(page).first?.query ?? ""
    #expect(query.contains("\"t\" >= 1773270000000 AND \"t\" < 1773356400000"))
  }

  @Test func `takes templates apart`() {
    #expect(
      TemplateText.parts("a <num>b<*> <Not> <") == [
        .constant("a "), .placeholder("<num>"), .constant("b"), .placeholder("<*>"),
        .constant(" <Not> <"),
      ])
  }
}
