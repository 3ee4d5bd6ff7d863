import DaybreakCore
import Testing

@testable import Clustering

@Suite struct TemplateTextTests {
  @Test(arguments: [
    ("got <num> items", "got \\<num> items"), ("a <*> b 5", "a \\<*> b <num>"),
    ("path \\<num> x", "path \\\\\\<num> x"), ("x \\5", "x \\\\<num>"),
    ("plain \\ and <tag> stay", "plain \\ and <tag> stay"), ("(empty)", "\\(empty)"),
  ])
  func `marks a spelling that is the line's own`(line: String, expected: String) {
    #expect(template(line) == expected)
  }

  @Test(arguments: [
    "got <num> items", "a <*> b 5", "path \\<num> x", "x \\5", "(empty)", "\\(empty)",
  ])
  func `reads back what it wrote`(line: String) {
    let text = template(line)
    #expect(TemplateText.text(of: TemplateText.elements(text: text)) == text)
    #expect(TemplateMatcher(template: text).matches(line.utf8))
  }

  @Test func `does not take a literal spelling for a placeholder`() {
    #expect(!TemplateMatcher(template: template("got <num> items")).matches("got 5 items".utf8))
    #expect(
      templateFingerprint(template("got <num> items")) != templateFingerprint("got <num> items"))
  }

  @Test func `keeps the byte 0xFF of a line apart from the mark of placeholders`() {
    let line: [UInt8] = [0x61, 0x20, 0xFF, 0x01, 0x20, 0xFF, 0x00, 0x20, 0x37]
    #expect(template(line) == "a \u{FFFD}\\u{1} \u{FFFD}\\u{0} <num>")
    #expect(TemplateMatcher(template: template(line)).matches(line))
  }

  @Test func `keeps an identity when the type of a placeholder changes`() {
    #expect(templateFingerprint("user <num> in") == templateFingerprint("user <hex> in"))
    #expect(templateFingerprint("user <num> in") != templateFingerprint("user <num> out"))
  }

  @Test func `keeps an identity when the number of values in a row changes`() {
    #expect(templateFingerprint("at <num> <num> end") == templateFingerprint("at <num> end"))
    #expect(templateFingerprint("at <num>, <num> end") == templateFingerprint("at <num> end"))
    #expect(templateFingerprint("at <num> (<num>) end") != templateFingerprint("at <num> end"))
  }

  @Test func `hashes the normalised template`() {
    #expect(templateFingerprint("a <num> <ip> b") == Fingerprint(template: "a <*> b"))
  }
}

@Suite struct TemplateMatcherTests {
  @Test func `yields the values of placeholders`() {
    let matcher = TemplateMatcher(template: "from <ip>:<num> user=<*> in <dur>, \"<str>\"")
    #expect(
      matcher.values(in: "from 10.0.0.1:80 user=anna in 12 ms, \"a, \"b\"".utf8)
        == ["10.0.0.1", "80", "anna", "12 ms", "a, \"b"])
  }

  @Test(arguments: [
    ("user <*> in", "user a b in"), ("took <num> x", "took y x"), ("took <num>", "took 5 "),
    ("(empty)", "x"), ("a<text>", "b"), ("a <num>", "a "),
  ])
  func `tells what it does not match`(template: String, line: String) {
    let expected = line == "took 5 "
    #expect(TemplateMatcher(template: template).matches(line.utf8) == expected)
  }

  @Test func `finds a match that needs many steps back`() {
    let template = String(repeating: "<text>a", count: 12) + "b"
    let line = String(repeating: "a", count: 80)
    #expect(!TemplateMatcher(template: template).matches(line.utf8))
    #expect(TemplateMatcher(template: template).matches((line + "b").utf8))
  }
}
