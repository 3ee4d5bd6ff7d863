import Foundation
import TestSupport
import Testing

/// Log lines that give orders to the model, and a model that obeys every one of them.
@Suite struct InjectionTests {
  /// One line a payload, each a pattern of its own, often enough to be summarised.
  private func writeLog(_ tests: ModelRunTests) throws {
    var text = ""
    for (index, payload) in InjectionPayloads.all.enumerated() {
      for second in 10..<13 {
        // Words that no other payload has keep the patterns apart.
        text +=
          "2026-03-12T02:\(10 + index % 40):\(second)Z ERROR \(Self.word(index)) says \(payload)\n"
      }
    }
    try tests.scratch.write(text, to: "logs/app.log")
  }

  /// A word of letters for a number.
  private static func word(_ index: Int) -> String {
    let letters = Array("bcdfghklmnprstvz")
    return "payload" + String([letters[index / 16 % 16], letters[index % 16]]) + "end"
  }

  /// Runs the night with a model and gives back all files.
  private func pages(
    _ answer: @escaping @Sendable (ModelStandIn.Request) -> ModelStandIn.Reply
  ) throws -> [String: String] {
    let tests = try ModelRunTests()
    let server = ModelStandIn(answer)
    try tests.writeJob(server.url)
    try writeLog(tests)
    let outcome = try tests.run("run", "job.yaml", "--date", "2026-03-12")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(server.received.count >= InjectionPayloads.all.count)
    let files = try tests.scratch.tree("reports", leavingOut: ["run.json"])
    return files.mapValues { String(decoding: $0, as: UTF8.self) }
  }

  /// What the prompt's pattern is about.
  private static func token(_ request: ModelStandIn.Request) -> String {
    let sample = ModelRunTests.firstSample(request.message("user"))
    return sample.split(separator: " ").first { $0.hasPrefix("payload") }.map(String.init) ?? ""
  }

  /// Does what the lines ask for: their words, their links, their markup, another pattern's words.
  private static func obedient(_ request: ModelStandIn.Request) -> ModelStandIn.Reply {
    let prompt = request.message("user")
    let sample = prompt.components(separatedBy: "Sample s1").last ?? ""
    let order = sample.split(separator: "\n").prefix(6).joined(separator: "\n")
    let others = prompt.components(separatedBy: "Other patterns").last ?? ""
    let text =
      "OBEYED \(token(request)) \(order) https://obeyed.test/a [x](https://obeyed.test/b) "
      + "<a href=\"https://obeyed.test/c\">c</a> <script>document.title='hit'</script>\n# Title\n\n- item"
    return ModelRunTests.answer(
      request, summary: text, cause: text + others, action: text)
  }

  private static func plain(_ request: ModelStandIn.Request) -> ModelStandIn.Reply {
    // As many steps as the obedient one gives.
    ModelRunTests.answer(request, action: "Look.\nLook.\nLook.")
  }

  @Test func `changes neither structure nor links nor what is said of other patterns`() throws {
    #expect(InjectionPayloads.all.count >= 40)
    let plain = try pages(Self.plain)
    let obeyed = try pages(Self.obedient)
    #expect(plain.keys.sorted() == obeyed.keys.sorted())
    for (name, text) in obeyed where name.hasSuffix(".html") {
      let before = try #require(plain[name])
      #expect(Self.tags(text) == Self.tags(before), "\(name)")
      #expect(!text.contains("href=\"http"), "\(name)")
      #expect(!text.contains("obeyed.test"), "\(name)")
    }
    try checkOthers(obeyed)
  }

  /// Every answer shows on the page of its own pattern and on no other.
  private func checkOthers(_ files: [String: String]) throws {
    let pages = files.filter { $0.key.contains("cluster/") && $0.key.hasSuffix(".html") }
    var seen: Set<String> = []
    for (name, text) in pages {
      let told = Set(text.matches(of: /OBEYED (payload[a-z]+end)/).map { String($0.output.1) })
      #expect(told.count <= 1, "\(name): \(told)")
      for token in told {
        #expect(text.contains("\(token) says"), "\(name)")
        #expect(seen.insert(token).inserted, "\(name)")
      }
    }
    #expect(seen.count >= 40, "\(seen.count) answers were shown")
  }

  /// Every tag with its attributes, in order: no text of a page can hold a `<`.
  private static func tags(_ html: String) -> [String] {
    html.matches(of: /<[^>]*>/).map { String($0.output) }
  }
}
