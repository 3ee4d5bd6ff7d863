import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Notifications

func outboxKey(_ job: String = "nightly", channel: String = "email") throws -> OutboxKey {
  let window = TimeWindow(
    start: Timestamp(seconds: 1_773_234_000), end: Timestamp(seconds: 1_773_320_400))
  return OutboxKey(
    job: job, tenant: try #require(TenantName("acme")), window: window, channel: channel)
}

func mail(
  subject: String = "[acme] 12 Mar: 2 incidents, 3 new", to: [String] = ["sre@acme.test"],
  text: String = "# Night\n\n2 incidents\n", html: String? = "<!doctype html><p>2 incidents</p>\n"
) throws -> MailMessage {
  MailMessage(
    from: try MailAddress("Daybreak <daybreak@acme.test>", setting: "from"),
    to: try to.map { try MailAddress($0, setting: "to") }, subject: subject,
    date: Timestamp(seconds: 1_773_320_400), offsetSeconds: 39_600, key: try outboxKey(),
    text: text,
    html: html)
}

private func text(_ message: MailMessage) throws -> String {
  String(decoding: try message.encoded(), as: UTF8.self)
}

@Suite struct MailMessageTests {
  @Test func `writes the same bytes for the same night`() throws {
    #expect(try mail().encoded() == mail().encoded())
    #expect(
      try text(mail()) == """
        From: Daybreak <daybreak@acme.test>\r
        To: sre@acme.test\r
        Subject: [acme] 12 Mar: 2 incidents, 3 new\r
        Date: Fri, 13 Mar 2026 00:00:00 +1100\r
        Message-ID: \(mail().messageID)\r
        List-Id: Daybreak\r
         <nightly.acme.daybreak.acme.test>\r
        Auto-Submitted: auto-generated\r
        MIME-Version: 1.0\r
        Content-Type: multipart/alternative;\r
         boundary="=_daybreak_f74dd541d0738e5afe73e8ecf87c3f5f"\r
        \r
        --=_daybreak_f74dd541d0738e5afe73e8ecf87c3f5f\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: quoted-printable\r
        \r
        # Night\r
        \r
        2 incidents\r
        \r
        --=_daybreak_f74dd541d0738e5afe73e8ecf87c3f5f\r
        Content-Type: text/html; charset=utf-8\r
        Content-Transfer-Encoding: quoted-printable\r
        \r
        <!doctype html><p>2 incidents</p>\r
        \r
        --=_daybreak_f74dd541d0738e5afe73e8ecf87c3f5f--\r

        """)
  }

  @Test func `derives the Message-ID from job, tenant, window and channel alone`() throws {
    var other = try mail(subject: "another", text: "other", html: nil)
    #expect(other.messageID == (try mail().messageID))
    #expect(other.messageID.hasSuffix("@acme.test>"))
    other.key = try outboxKey("weekly")
    #expect(other.messageID != (try mail().messageID))
  }

  @Test func `refuses a mail beyond its limit`() throws {
    let large = try mail(text: String(repeating: "line of text\n", count: 5_000))
    let error = #expect(throws: NotificationError.self) { try large.encoded() }
    guard case .tooLarge(_, 40_960) = error else {
      Issue.record("not too large: \(String(describing: error))")
      return
    }
  }

  @Test func `cuts a mail beyond its limit to the text that fits`() throws {
    let large = try mail(text: String(repeating: "line of text\n", count: 5_000))
    let bytes = try large.encodedToFit()
    #expect(bytes.count <= 40_960 && bytes.count > 40_800)
    let shown = String(decoding: bytes, as: UTF8.self)
    #expect(!shown.contains("text/html"))
    #expect(shown.contains("cut here: the report itself has the rest."))
  }

  @Test func `sends a mail within its limit whole`() throws {
    #expect(try mail().encodedToFit() == mail().encoded())
  }

  @Test func `refuses to write to nobody`() throws {
    let message = try mail(to: [])
    #expect(throws: NotificationError.noRecipients) { try message.encoded() }
  }

  @Test(arguments: [
    "a\r\nBcc: x@y.test", "a\nBcc: x@y.test", "a\rb", "\r\n\r\nbody", "a\u{0}b", "a\u{2028}b",
    "a\u{0B}b", "a\u{85}b", "=?utf-8?Q?=0D=0ABcc:_x?=", "\u{202E}gnp",
    String(repeating: "x", count: 2_000),
    String(repeating: "ä 🌅 ", count: 300), "tab\tin", "", " ", "  two  spaces  ",
  ])
  func `a subject stays one field, whatever it holds`(subject: String) throws {
    let message = try mail(subject: subject)
    let head = try text(message).components(separatedBy: "\r\n\r\n")[0]
    let fields = head.components(separatedBy: "\r\n").filter { !$0.hasPrefix(" ") }
    #expect(
      fields.map { $0.prefix { $0 != ":" } } == [
        "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "MIME-Version",
        "Content-Type",
      ])
    #expect(head.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 76 })
    #expect(head.utf8.allSatisfy { $0 == 13 || $0 == 10 || (0x20...0x7E).contains($0) })
  }

  @Test(arguments: [
    (0, "Thu, 12 Mar 2026 13:00:00 +0000"), (39_600, "Fri, 13 Mar 2026 00:00:00 +1100"),
    (-12_600, "Thu, 12 Mar 2026 09:30:00 -0330"), (20_700, "Thu, 12 Mar 2026 18:45:00 +0545"),
  ])
  func `writes the date in the job's zone`(offset: Int, expected: String) {
    #expect(mailDate(Timestamp(seconds: 1_773_320_400), offsetSeconds: offset) == expected)
  }
}

@Suite struct MailAddressTests {
  @Test(arguments: [
    ("a@b.test", "", "a@b.test"), ("Night shift <a@b.test>", "Night shift", "a@b.test"),
    ("\"Shift, Night\" <a.b+c@b-d.test>", "Shift, Night", "a.b+c@b-d.test"),
    (" <a@b> ", "", "a@b"), ("Frühschicht <a@b.test>", "Frühschicht", "a@b.test"),
  ])
  func `reads addresses with and without names`(text: String, name: String, address: String) throws
  {
    let mailbox = try MailAddress(text, setting: "to")
    #expect(mailbox.name == name)
    #expect(mailbox.address == address)
  }

  @Test(arguments: [
    "", "a", "@b", "a@", "a@b@c", "a b@c.test", "a@b..c", "a@-b", "a@b-", ".a@b", "a.@b", "a..b@c",
    "a@b\r\nBcc: x@y", "a\n@b", "a@b>", "<a@b", "ä@b.test", "a@ä.test", "a@b,c@d", "a@[127.0.0.1]",
    "x <a@b> y", "a@b\u{0}",
  ])
  func `refuses what is no address`(text: String) {
    #expect(throws: NotificationError.self) { try MailAddress(text, setting: "to") }
  }

  @Test func `an error holds no line break of the setting`() {
    let error = #expect(throws: NotificationError.self) {
      try MailAddress("a\u{85}b", setting: "to")
    }
    #expect(error?.summary.contains("\u{85}") == false)
  }
}

@Suite struct TransferEncodingTests {
  @Test(arguments: [
    ("a=b", "a=3Db\r\n"), ("tail \nx", "tail=20\r\nx\r\n"), ("tail\t", "tail=09\r\n"),
    ("a\r\nb\rc\nd", "a\r\nb\r\nc\r\nd\r\n"), ("\n\n", "\r\n\r\n"), ("", ""),
    ("From here", "=46rom here\r\n"), (".dot", ".dot\r\n"), ("\u{0}\u{1B}[A", "=00=1B[A\r\n"),
    ("ä", "=C3=A4\r\n"),
  ])
  func `writes quoted-printable`(text: String, expected: String) {
    let lines = text.replacingOccurrences(of: "\r\n", with: "\n")
      .replacingOccurrences(of: "\r", with: "\n")
    var parts = lines.split(separator: "\n", omittingEmptySubsequences: false).map {
      Array($0.utf8)
    }
    if parts.last?.isEmpty == true { parts.removeLast() }
    let body = TransferEncoding.quotedPrintable(parts)
    #expect(String(decoding: body, as: UTF8.self) == expected)
  }

  @Test(arguments: [74, 75, 76, 77, 150, 151, 152, 1_000])
  func `breaks long lines softly`(length: Int) {
    let body = TransferEncoding.quotedPrintable([[UInt8](repeating: 0x78, count: length)])
    let lines = String(decoding: body, as: UTF8.self).components(separatedBy: "\r\n").dropLast()
    #expect(lines.allSatisfy { $0.utf8.count <= 76 })
    #expect(lines.joined().replacingOccurrences(of: "=", with: "").utf8.count == length)
    #expect(lines.dropLast().allSatisfy { $0.hasSuffix("=") })
  }

  @Test func `takes base64 where it is shorter`() {
    let (name, body) = TransferEncoding.shortest(String(repeating: "日本語", count: 100))
    #expect(name == "base64")
    let lines = String(decoding: body, as: UTF8.self).components(separatedBy: "\r\n")
    #expect(lines.allSatisfy { $0.utf8.count <= 76 })
  }
}

@Suite(.enabled(if: SMTPFixture.isAvailable)) struct MailReadBackTests {
  private func parsed(_ message: MailMessage) throws -> [String: Any] {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).eml")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(message.encoded()).write(to: file)
    return try SMTPFixture.parse(file)
  }

  @Test(arguments: [
    "[acme] 12 Mar: 2 incidents, 3 new", "Störung in Zürich – 3 neue Muster 🌅", "=?utf-8?Q?x?=",
    String(repeating: "lang und länger ", count: 20).trimmingCharacters(in: .whitespaces),
    String(repeating: "word ", count: 60).trimmingCharacters(in: .whitespaces),
    String(repeating: "x", count: 300), "two  spaces",
  ])
  func `another program reads the subject back`(subject: String) throws {
    let read = try parsed(mail(subject: subject))
    #expect(read["subject"] as? String == subject)
    #expect(read["defects"] as? [String] == [])
  }

  @Test(arguments: [
    "# Night\n\n* a\n", "trailing space \n.\n..\nFrom x\n", "日本語\nülü = ü\n", "tab\t\n",
    String(repeating: "long ", count: 400) + "\n", "<script>alert(1)</script>\n", "=3D =_ --x\n",
    String(repeating: "ä", count: 500) + "\n", "--=_daybreak_\n",
  ])
  func `another program reads both parts back`(text: String) throws {
    let html = "<!doctype html><pre>\(text)</pre>\n"
    let read = try parsed(mail(text: text, html: html))
    #expect(read["type"] as? String == "multipart/alternative")
    let parts = try #require(read["parts"] as? [[String]])
    #expect(parts.map { $0[0] } == ["text/plain", "text/html"])
    #expect(parts.map { $0[1] } == ["utf-8", "utf-8"])
    let plain = parts.map { $0[2].replacingOccurrences(of: "\r\n", with: "\n") }
    #expect(plain == [text, html])
    #expect(read["defects"] as? [String] == [])
    #expect(read["longest"] as? Int ?? 999 <= 76)
    #expect(read["bare"] as? Int == 0)
    #expect(read["ascii"] as? Bool == true)
  }

  @Test func `another program reads names and addresses back`() throws {
    let people = [
      "a@b.test", "Night shift <n@b.test>", "\"Shift, Night\" <c@b.test>", "Frühschicht <f@b.test>",
      "\(String(repeating: "Ün ", count: 10))<l@b.test>", "a\"b\\c <q@b.test>",
    ]
    let read = try parsed(mail(to: people))
    let expected = try people.map { try MailAddress($0, setting: "to") }.map {
      [$0.name, $0.address]
    }
    #expect(read["to"] as? [[String]] == expected)
    #expect(read["date"] as? String == "2026-03-13T00:00:00+11:00")
    #expect(read["defects"] as? [String] == [])
    #expect(read["longest"] as? Int ?? 999 <= 76)
  }
}

@Suite struct NotificationRuleTests {
  @Test(arguments: [
    ([NotificationTrigger.anomalies], true, false, false, false),
    ([.newClusters], false, true, false, false), ([.failures], false, false, true, false),
    ([.always], true, true, true, true), ([], false, false, false, false),
    ([.anomalies, .failures], true, false, true, false),
  ])
  func `mails when one of its triggers applies`(
    when: [NotificationTrigger], anomaly: Bool, new: Bool, failure: Bool, quiet: Bool
  ) {
    #expect(NightFacts(anomalies: 2, newClusters: 0, failures: 0).trigger(when) == anomaly)
    #expect(NightFacts(anomalies: 0, newClusters: 1, failures: 0).trigger(when) == new)
    #expect(NightFacts(anomalies: 0, newClusters: 0, failures: 1).trigger(when) == failure)
    #expect(NightFacts(anomalies: 0, newClusters: 0, failures: 0).trigger(when) == quiet)
  }

  @Test func `reads its names as job files write them`() {
    #expect(
      NotificationTrigger.allCases.map(\.rawValue) == [
        "anomalies", "new_clusters", "always", "failures",
      ])
  }
}
