import DaybreakCore
import TestSupport
import Testing

@testable import Summaries

@Suite struct ModelAnswerTests {
  let scene: Scene
  let night: NightContext
  let subject: SummarySubject

  init() throws {
    scene = try Scene()
    night = scene.outage()
    subject = .cluster(night.clusters[1])
  }

  func analysis(_ answer: String) throws -> Analysis {
    let prompt = SummaryPrompt(about: subject, in: night)
    return try AnswerCheck(subject, in: night, prompt: prompt).analysis(
      try ModelAnswer(answer), by: ModelConfiguration(.openai, model: "m"),
      call: ModelCall(
        promptDigest: prompt.digest, inputTokens: 1, outputTokens: 1, cost: nil,
        latencyMilliseconds: 1))
  }

  func answer(_ fields: [String: JSONText]) -> String {
    var all: [String: JSONText] = [
      "summary": "It failed.", "root_cause": "Possibly the pool.", "confidence": .number(0.5),
      "suggested_action": "Look.",
      "evidence": [["sample_id": "s1", "quote": "Connection is not available"]],
    ]
    all.merge(fields) { $1 }
    return String(decoding: JSONText.sorted(all).bytes, as: UTF8.self)
  }

  @Test func `splits an answer into facts, hypothesis, unknown and next steps`() throws {
    let analysis = try analysis(ModelStandIn.goodAnswer)
    let byCode = ExtractiveProvider().analysis(of: subject, in: night)
    #expect(analysis.facts == byCode.facts && analysis.provider == "openai")
    #expect(analysis.hypothesis == "The connection pool may be too small.")
    #expect(analysis.unknown == byCode.unknown)
    #expect(analysis.nextSteps.first == "The model suggests: Compare the pool's size.")
    #expect(analysis.nextSteps.suffix(byCode.nextSteps.count) == byCode.nextSteps[...])
    #expect(analysis.modelConfidence == 0.93 && analysis.confidence < 0.9)
    #expect(analysis.evidence.count == 1 && analysis.note == nil)
  }

  @Test func `drops quotes that no sample holds, and says so`() throws {
    let analysis = try analysis(
      answer([
        "evidence": [
          ["sample_id": "s1", "quote": "Connection is not available"],
          ["sample_id": "s2", "quote": "request timed out after 30001ms"],
          ["sample_id": "s9", "quote": "Connection is not available"],
          ["sample_id": "s1", "quote": "pool"], ["sample_id": "s1"], "nonsense",
        ]
      ]))
    #expect(analysis.evidence == [Evidence(sampleIndex: 0, quote: "Connection is not available")])
    #expect(analysis.unknown.contains { $0.hasPrefix("What 3 of the model's 4 quotes refer to") })
  }

  @Test(
    arguments: [
      [], [["sample_id": "s1", "quote": "the disk is full today"]],
      [["sample_id": "s0", "quote": "Connection is not available"]],
    ] as [[JSONText]])
  func `shows nothing of an answer without a quote that holds`(evidence: [JSONText]) {
    #expect(throws: SummaryError.self) { try analysis(answer(["evidence": .array(evidence)])) }
  }

  @Test func `names figures that the model was not given, and trusts it less`() throws {
    let plain = try analysis(answer([:]))
    let invented = try analysis(
      answer([
        "summary": "500 events since 02:10, 14 nights, up 87 % to 1,234,567 in 3 services."
      ]))
    #expect(invented.unknown.contains { $0.contains("these figures from: 87 and 1234567.") })
    #expect(invented.confidence == plain.confidence / 2)
    #expect(plain.unknown.allSatisfy { !$0.contains("figures") })
  }

  @Test(arguments: [
    "```json\n%\n```", "Sure! Here it is: % I hope that helps {", "\u{FEFF}%", "<think>{</think>%",
  ])
  func `passes over what stands around the object`(frame: String) throws {
    guard !frame.contains("think") else {
      // A brace before the object makes it another object: repaired by asking again.
      #expect(throws: AnswerDefect.self) {
        try ModelAnswer(frame.replacing("%", with: answer([:])))
      }
      return
    }
    #expect(try ModelAnswer(frame.replacing("%", with: answer([:]))).summary == "It failed.")
  }

  @Test func `tells what is cut off from what is wrong`() {
    let whole = answer([:])
    #expect(throws: AnswerDefect.truncated) { try ModelAnswer(String(whole.dropLast(3))) }
    #expect(throws: AnswerDefect.self) { try ModelAnswer("") }
    #expect(throws: AnswerDefect.invalid("`evidence` is no list")) {
      try ModelAnswer(answer(["evidence": "s1"]))
    }
    #expect(throws: AnswerDefect.invalid("`summary` is missing or no text")) {
      try ModelAnswer(answer(["summary": " \n "]))
    }
  }

  @Test(arguments: ["null", "None.", "unknown", " N/A ", ""])
  func `takes words for nothing for no cause`(text: String) throws {
    #expect(try ModelAnswer(answer(["root_cause": .string(text)])).rootCause == nil)
  }

  @Test func `takes one step a line, without the marks of a list`() throws {
    let text = "1. Look.\n- 3 replicas are missing\n2.5 GB must be free\n4) too many"
    #expect(
      try ModelAnswer(answer(["suggested_action": .string(text)])).suggestedActions
        == ["Look.", "3 replicas are missing", "2.5 GB must be free"])
  }

  @Test(arguments: [JSONText.number(1.7), "high", .integer(-1), .bool(true)])
  func `takes a figure outside of 0 to 1 for none`(figure: JSONText) throws {
    let confidence = try ModelAnswer(answer(["confidence": figure])).confidence
    #expect(confidence == nil || figure == .bool(true))
  }

  @Test(arguments: [
    ("see https://evil.test/x?y now", "see (link removed) now"),
    ("[click](javascript:alert(1)) here", "(link removed) here"),
    ("write to mailto:a@b.c", "write to (link removed)"),
    ("at www.evil.test.", "at (link removed)"),
    ("src=data:text/html;base64,AA", "(link removed)"),
    ("the metadata: is data: here", "the metadata: is data: here"),
    ("# Title\n\n- item\r\n\t> x", "# Title - item > x"),
    ("a\u{202E}b\u{200B}", "a\\u{202e}b\\u{200b}"),
    ("```sh", "'''sh"),
  ])
  func `makes words plain text without links`(text: String, plain: String) {
    #expect(plainText(text, limit: 600) == plain)
  }

  @Test func `asks for evidence before what rests on it`() {
    let schema = String(decoding: ModelAnswer.schema.bytes, as: UTF8.self)
    let properties = schema.components(separatedBy: "\"properties\":").dropFirst().first ?? ""
    #expect(properties.hasPrefix("{\"evidence\":"))
    #expect(schema.hasSuffix("\"confidence\":{\"type\":\"number\"}}}"))
  }

  @Test func `cuts what is too long`() {
    #expect(plainText(String(repeating: "a", count: 700), limit: 600).count == 600)
  }

  @Test func `redacts what is kept`() throws {
    let kept = try ModelAnswer(
      answer(["summary": "anna@acme.test failed", "suggested_action": "ask anna@acme.test"])
    ).redacted(RedactionOptions())
    #expect(kept.summary == "<email:1> failed" && kept.suggestedActions == ["ask <email:1>"])
  }
}
