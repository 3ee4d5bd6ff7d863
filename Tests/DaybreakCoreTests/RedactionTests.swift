import DaybreakCore
import Testing

@Suite struct RedactionTests {
  @Test(arguments: plantedSecrets)
  func `takes out what is secret and leaves the rest`(text: String, redacted: String) {
    var redactor = Redactor()
    #expect(redactor.redact(text) == redacted)
  }

  @Test(arguments: lookAlikes)
  func `leaves alone what only looks like a secret`(text: String) {
    var redactor = Redactor()
    #expect(redactor.redact(text) == text)
  }

  @Test func `has at least sixty of each`() {
    #expect(plantedSecrets.count >= 60)
    #expect(lookAlikes.count >= 60)
  }

  @Test func `gives one value one placeholder over a whole text set`() {
    var redactor = Redactor()
    #expect(redactor.redact("a@x.org then b@x.org") == "<email:1> then <email:2>")
    #expect(redactor.redact("B@x.org, A@X.org") == "<email:2>, <email:1>")
  }

  @Test(arguments: plantedSecrets)
  func `changes nothing the second time`(text: String, redacted: String) {
    var redactor = Redactor()
    #expect(redactor.redact(redacted) == redacted)
  }

  @Test(arguments: [
    ("from 10.0.0.1:443 to 192.168.1.254", "from <ip:1>:443 to <ip:2>"),
    ("peer 2001:db8::1 left", "peer <ip:1> left"),
    ("peer 2001:db8:0:0:0:0:0:1, ok", "peer <ip:1>, ok"),
    (
      "at 10:20:30 v1.2.3.4.5 999.1.1.1 std::string", "at 10:20:30 v1.2.3.4.5 999.1.1.1 std::string"
    ),
  ])
  func `takes out addresses when asked`(text: String, redacted: String) {
    var redactor = Redactor(RedactionOptions(hidesAddresses: true))
    #expect(redactor.redact(text) == redacted)
  }

  @Test func `survives every cut of a text with secrets`() {
    let text = Array(plantedSecrets.map(\.0).joined(separator: "\n").utf8)
    for length in stride(from: 0, to: text.count, by: 7) {
      var redactor = Redactor(RedactionOptions(hidesAddresses: true))
      let cut = String(decoding: text[..<length], as: UTF8.self)
      #expect(redactor.redact(cut).isEmpty == cut.isEmpty)
    }
  }
}
