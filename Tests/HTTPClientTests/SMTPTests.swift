import Foundation
import TestSupport
import Testing

@testable import HTTPClient

private let mail = Array("Subject: hi\r\n\r\nfirst\r\n.\r\n..two dots\r\nlast\r\n".utf8)

extension SMTPTransport {
  fileprivate func send(to recipients: String...) throws(SMTPError) -> SMTPReceipt {
    try send(mail, from: "daybreak@acme.test", to: recipients)
  }
}

private enum Kind { case misconfigured, transient, permanent, unclear, cancelled }

private func kind(_ error: SMTPError?) -> Kind? {
  switch error {
  case .misconfigured: .misconfigured
  case .transient: .transient
  case .permanent: .permanent
  case .unclear: .unclear
  case .cancelled: .cancelled
  case nil: nil
  }
}

@Suite(.enabled(if: SMTPFixture.isAvailable)) struct SMTPTransportTests {
  @Test func `delivers a mail byte for byte`() throws {
    let server = try SMTPFixture("accept")
    let receipt = try SMTPTransport(SMTPServer(url: server.url)).send(to: "a@acme.test", "b@x.test")
    #expect(receipt.accepted == ["a@acme.test", "b@x.test"])
    #expect(receipt.refused.isEmpty)
    #expect(receipt.reply == "250 2.0.0 queued as 000")
    let file = try #require(try server.mails().first)
    #expect(try Array(Data(contentsOf: file)) == mail)
    #expect(try server.envelope(of: file) == ["daybreak@acme.test", "a@acme.test", "b@x.test"])
  }

  @Test func `delivers to those that are not refused and names the others`() throws {
    let server = try SMTPFixture("refuse-rcpt")
    let receipt = try SMTPTransport(SMTPServer(url: server.url)).send(
      to: "no@acme.test", "a@acme.test", "later@acme.test")
    #expect(receipt.accepted == ["a@acme.test"])
    #expect(receipt.refused.map(\.recipient) == ["no@acme.test", "later@acme.test"])
    #expect(receipt.refused.map(\.code) == [550, 451])
    #expect(receipt.refused.map(\.mayPass) == [false, true])
    #expect(receipt.refused[0].text == "550 5.1.1 no such user")
  }

  @Test func `names everybody when everybody is refused`() throws {
    let server = try SMTPFixture("refuse-rcpt")
    let receipt = try SMTPTransport(SMTPServer(url: server.url)).send(
      to: "no1@acme.test", "no2@acme.test")
    #expect(receipt.accepted.isEmpty)
    #expect(receipt.refused.map(\.code) == [550, 550])
    #expect(try server.mails().isEmpty)
  }

  @Test(arguments: [
    ("refuse-mail", "550 5.7.1 sender refused"), ("refuse-data", "554 5.6.0 content refused"),
  ])
  func `a refusal of the mail is permanent`(mode: String, words: String) throws {
    let server = try SMTPFixture(mode)
    let error = #expect(throws: SMTPError.self) {
      try SMTPTransport(SMTPServer(url: server.url)).send(to: "a@acme.test")
    }
    #expect(kind(error) == .permanent)
    #expect(error?.summary.contains(words) == true)
  }

  @Test func `a greylisted recipient may pass`() throws {
    let server = try SMTPFixture("greylist")
    let transport = SMTPTransport(SMTPServer(url: server.url))
    #expect(try transport.send(to: "a@acme.test").refused.map(\.mayPass) == [true])
    #expect(try transport.send(to: "a@acme.test").accepted == ["a@acme.test"])
  }

  @Test func `nobody listening may pass`() {
    let port = RawServer { _ in }.port
    let error = #expect(throws: SMTPError.self) {
      try SMTPTransport(SMTPServer(url: "smtp://127.0.0.1:\(port)")).send(to: "a@acme.test")
    }
    #expect(kind(error) == .transient)
  }

  @Test func `a hang-up before the greeting may pass`() throws {
    let server = try SMTPFixture("hang-up-greeting")
    let error = #expect(throws: SMTPError.self) {
      try SMTPTransport(SMTPServer(url: server.url)).send(to: "a@acme.test")
    }
    #expect(kind(error) == .transient)
  }

  @Test func `a hang-up in the middle of a long mail may pass`() throws {
    let server = try SMTPFixture("hang-up-data")
    let line = Array((String(repeating: "x", count: 70) + "\r\n").utf8)
    let long = Array([[UInt8]](repeating: line, count: 200_000).joined())
    let error = #expect(throws: SMTPError.self) {
      try SMTPTransport(SMTPServer(url: server.url)).send(
        long, from: "a@b.test", to: ["a@acme.test"])
    }
    #expect(kind(error) == .transient)
  }

  @Test func `a hang-up after the final dot is unclear`() throws {
    let server = try SMTPFixture("hang-up-dot")
    let error = #expect(throws: SMTPError.self) {
      try SMTPTransport(SMTPServer(url: server.url)).send(to: "a@acme.test")
    }
    #expect(kind(error) == .unclear)
    #expect(try server.mails().count == 1)
  }

  @Test func `a server that never greets is given up`() {
    let server = RawServer { _ = $0.read(1) }
    let settings = SMTPServer(
      url: "smtp://127.0.0.1:\(server.port)", totalTimeout: .milliseconds(300))
    let error = #expect(throws: SMTPError.self) {
      try SMTPTransport(settings).send(to: "a@acme.test")
    }
    #expect(kind(error) == .transient)
  }

  @Test func `ends when the caller gives up`() {
    let server = RawServer { _ = $0.read(1) }
    let transport = SMTPTransport(SMTPServer(url: "smtp://127.0.0.1:\(server.port)"))
    let error = #expect(throws: SMTPError.self) {
      try transport.send(mail, from: "a@b.test", to: ["a@acme.test"], isCancelled: { true })
    }
    #expect(kind(error) == .cancelled)
  }
}

@Suite(.enabled(if: SMTPFixture.isAvailable)) struct SMTPSecurityTests {
  private func secured(_ mode: String = "accept") throws -> (SMTPFixture, SMTPServer) {
    let certificate = try SMTPFixture.Certificate()
    let fixture = try SMTPFixture(mode) {
      $0.certificate = certificate
      $0.requiresTLS = true
      $0.user = "night"
    }
    let server = SMTPServer(
      url: fixture.url, security: .required,
      credentials: SMTPCredentials(user: "night", password: "correct horse"),
      certificateAuthorities: certificate.file)
    return (fixture, server)
  }

  @Test(arguments: [SMTPSecurity.required, .starttls])
  func `encrypts by STARTTLS and says who it is`(security: SMTPSecurity) throws {
    var (fixture, server) = try secured()
    server.security = security
    #expect(try SMTPTransport(server).send(to: "a@acme.test").accepted == ["a@acme.test"])
    #expect(try fixture.mails().count == 1)
  }

  @Test func `trusts no certificate that its authorities did not sign`() throws {
    var (fixture, server) = try secured()
    server.certificateAuthorities = nil
    let error = #expect(throws: SMTPError.self) { try SMTPTransport(server).send(to: "a@b.test") }
    #expect(kind(error) == .misconfigured)
    #expect(try fixture.mails().isEmpty)
  }

  @Test func `sends nothing in clear where encryption is required`() throws {
    let fixture = try SMTPFixture("accept")
    let server = SMTPServer(url: fixture.url, security: .required)
    let error = #expect(throws: SMTPError.self) { try SMTPTransport(server).send(to: "a@b.test") }
    #expect(kind(error) == .misconfigured)
    #expect(try fixture.mails().isEmpty)
  }

  @Test func `a wrong password is for a person to mend, and is not shown`() throws {
    var (fixture, server) = try secured()
    server.credentials = SMTPCredentials(user: "night", password: "hunter2")
    let error = #expect(throws: SMTPError.self) { try SMTPTransport(server).send(to: "a@b.test") }
    #expect(kind(error) == .misconfigured)
    #expect(
      !"\(String(describing: error)) \(server) \(String(reflecting: server))".contains("hunter2"))
    #expect(try fixture.mails().isEmpty)
  }

  @Test func `a server that asks for a password says so`() throws {
    var (fixture, server) = try secured()
    server.credentials = nil
    let error = #expect(throws: SMTPError.self) { try SMTPTransport(server).send(to: "a@b.test") }
    #expect(kind(error) == .misconfigured)
    #expect(try fixture.mails().isEmpty)
  }
}

@Suite struct SMTPSettingsTests {
  @Test(arguments: [
    ("smtp://127.0.0.1:25", SMTPSecurity.none), ("smtp://localhost", .none),
    ("smtp://[::1]:25", .none), ("smtp://mail.example.org:587", .required),
    ("smtps://mail.example.org", .required), ("smtp://127.example.org", .required),
  ])
  func `requires encryption beyond this machine`(url: String, security: SMTPSecurity) throws {
    #expect(try SMTPServer(url: url).checked().security == security)
  }

  @Test(arguments: [
    "http://127.0.0.1", "smtp://", "smtp://user:hunter2@127.0.0.1", "127.0.0.1:25",
    "smtp://127.0.0.1:hunter2", "smtp://a b",
  ])
  func `refuses what is no mail server, without secrets`(url: String) {
    let error = #expect(throws: SMTPError.self) { try SMTPServer(url: url).checked() }
    #expect(kind(error) == .misconfigured)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test(arguments: [SMTPSecurity.none, .starttls])
  func `sends no password in clear over a network`(security: SMTPSecurity) {
    let server = SMTPServer(
      url: "smtp://mail.example.org", security: security,
      credentials: SMTPCredentials(user: "u", password: "p"))
    #expect(throws: SMTPError.self) { try server.checked() }
  }

  @Test(arguments: [
    "a@b.test\r\nRCPT TO:<x@y.test>", "a@b.test>", "<a@b.test", "a b@c.test", "ä@b.test", "@b",
    "a@",
    "a", "", "a@b@c",
  ])
  func `refuses an address that could be another command`(address: String) {
    let error = #expect(throws: SMTPError.self) {
      try SMTPTransport(SMTPServer(url: "smtp://127.0.0.1:1")).send(to: address)
    }
    #expect(kind(error) == .misconfigured)
  }

  @Test func `takes a password from a file that only its owner reads`() throws {
    let path = FileManager.default.temporaryDirectory.path + "/password-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("hunter2\n".utf8).write(to: URL(filePath: path))
    chmod(path, 0o600)
    #expect(try SMTPCredentials(user: "u", passwordFile: path).password == "hunter2")
    chmod(path, 0o400)
    #expect(try SMTPCredentials(user: "u", passwordFile: path).password == "hunter2")
    for mode: mode_t in [0o640, 0o604, 0o620, 0o601] {
      chmod(path, mode)
      #expect(throws: SMTPError.self) { try SMTPCredentials(user: "u", passwordFile: path) }
    }
  }

  @Test(arguments: ["/nonexistent", "/tmp", "/dev/null"])
  func `takes no password from what is no file`(path: String) {
    #expect(throws: SMTPError.self) { try SMTPCredentials(user: "u", passwordFile: path) }
  }

  @Test func `takes a password from the environment`() throws {
    let environment = ["SMTP_PASSWORD": "hunter2", "EMPTY": ""]
    let taken = try SMTPCredentials(
      user: "u", passwordVariable: "SMTP_PASSWORD", environment: environment)
    #expect(taken.password == "hunter2")
    #expect(!"\(taken)\(String(reflecting: taken))".contains("hunter2"))
    for name in ["EMPTY", "MISSING"] {
      #expect(throws: SMTPError.self) {
        try SMTPCredentials(user: "u", passwordVariable: name, environment: environment)
      }
    }
  }
}
