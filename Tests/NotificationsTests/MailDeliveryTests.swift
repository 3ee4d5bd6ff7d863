import DaybreakCore
import Foundation
import HTTPClient
import Synchronization
import TestSupport
import Testing

@testable import Notifications

/// A clock that moves when somebody waits.
final class TestClock: Sendable {
  private let time = Mutex(Timestamp(seconds: 1_773_320_400))
  private let waits = Mutex<[Duration]>([])
  var waited: [Duration] { waits.withLock { $0 } }
  var now: Timestamp { time.withLock { $0 } }

  func advance(_ duration: Duration) {
    let nanoseconds = Int64(duration / .nanoseconds(1))
    time.withLock { $0.nanoseconds += nanoseconds }
  }

  var environment: ClientEnvironment {
    ClientEnvironment(
      jitter: { 0.5 },
      pause: { duration, _ in
        self.waits.withLock { $0.append(duration) }
        self.advance(duration)
      }, now: { self.now })
  }
}

/// One run's end: what it needs to deliver.
private struct Night {
  let outbox = MemoryOutbox()
  let clock = TestClock()
  let message: OutboxMessage

  init(to recipients: [String] = ["sre@acme.test"]) throws {
    message = try mail(to: recipients).outboxMessage()
    #expect(outbox.enqueue(message))
  }

  func deliver(_ url: String, cancelled: Bool = false) throws -> DeliveryOutcome {
    let transport = SMTPTransport(SMTPServer(url: url))
    return try MailDelivery(transport: transport, outbox: outbox, environment: clock.environment)
      .deliver(message.key, isCancelled: { cancelled })
  }

  var row: MemoryOutbox.Row? { outbox.rows[message.key] }
}

@Suite(.enabled(if: SMTPFixture.isAvailable)) struct MailDeliveryTests {
  @Test func `sends the mail once, however often the run is started`() throws {
    let server = try SMTPFixture("accept")
    let night = try Night()
    #expect(try night.deliver(server.url) == .sent(note: nil))
    #expect(try night.deliver(server.url) == .alreadySettled(.sent))
    #expect(!night.outbox.enqueue(night.message))
    let mails = try server.mails()
    #expect(mails.count == 1)
    #expect(try Array(Data(contentsOf: mails[0])) == night.message.content)
    #expect(night.outbox.history == [.pending, .sending, .sent])
  }

  @Test func `both parts and all headers arrive`() throws {
    let server = try SMTPFixture("accept")
    let night = try Night(to: ["Night shift <sre@acme.test>", "b@acme.test"])
    _ = try night.deliver(server.url)
    let file = try #require(try server.mails().first)
    let read = try SMTPFixture.parse(file)
    let headers = try #require(read["headers"] as? [[String]])
    let named = Dictionary(headers.map { ($0[0], $0[1]) }) { first, _ in first }
    #expect(named["Message-ID"] == night.message.messageID)
    #expect(named["Auto-Submitted"] == "auto-generated")
    #expect(named["List-Id"]?.hasSuffix("<nightly.acme.daybreak.acme.test>") == true)
    let parts = try #require(read["parts"] as? [[String]])
    #expect(parts.map { $0[0] } == ["text/plain", "text/html"])
    #expect(parts[0][2].contains("2 incidents"))
    #expect(
      try server.envelope(of: file) == ["daybreak@acme.test", "sre@acme.test", "b@acme.test"])
  }

  @Test func `tries again after a greylist within the run`() throws {
    let server = try SMTPFixture("greylist")
    let night = try Night()
    #expect(try night.deliver(server.url) == .sent(note: nil))
    #expect(night.outbox.history == [.pending, .sending, .pending, .sending, .sent])
    #expect(night.clock.waited == [.seconds(15)])
    #expect(try server.mails().count == 1)
  }

  @Test func `leaves the mail for the next run when the server stays busy`() throws {
    let busy = try SMTPFixture("busy")
    let night = try Night()
    guard case .leftPending = try night.deliver(busy.url) else {
      Issue.record("not left pending")
      return
    }
    #expect(night.row?.state == .pending)
    #expect(night.row?.message.attempts == 4)
    let server = try SMTPFixture("accept")
    #expect(try night.deliver(server.url) == .sent(note: nil))
    #expect(try server.mails().count == 1)
  }

  @Test func `leaves the mail for the next run when nobody listens`() throws {
    let port = RawServer { _ in }.port
    let night = try Night()
    guard case .leftPending = try night.deliver("smtp://127.0.0.1:\(port)") else {
      Issue.record("not left pending")
      return
    }
    #expect(night.clock.waited == [.seconds(15), .seconds(30), .seconds(60)])
  }

  @Test(arguments: ["refuse-mail", "refuse-data"])
  func `records a refusal for good and does not try again`(mode: String) throws {
    let server = try SMTPFixture(mode)
    let night = try Night()
    guard case .failed(let reason) = try night.deliver(server.url) else {
      Issue.record("not failed")
      return
    }
    #expect(reason.contains("refused"))
    #expect(night.row?.state == .failed)
    #expect(night.row?.note == reason)
    #expect(try night.deliver(server.url) == .alreadySettled(.failed))
    #expect(night.clock.waited.isEmpty)
  }

  @Test func `serves delayed recipients alone and names those refused for good`() throws {
    let server = try SMTPFixture("refuse-rcpt")
    let night = try Night(to: ["a@acme.test", "no@acme.test", "later@acme.test"])
    let note = "refused for good: no@acme.test: 550 5.1.1 no such user"
    #expect(try night.deliver(server.url) == .sent(note: note))
    let mails = try server.mails()
    #expect(mails.count == 2)
    #expect(try server.envelope(of: mails[0]) == ["daybreak@acme.test", "a@acme.test"])
    #expect(try server.envelope(of: mails[1]) == ["daybreak@acme.test", "later@acme.test"])
    #expect(night.row?.note == note)
  }

  @Test func `fails when every recipient is refused for good`() throws {
    let server = try SMTPFixture("refuse-rcpt")
    let night = try Night(to: ["no@acme.test", "nobody@acme.test"])
    guard case .failed(let reason) = try night.deliver(server.url) else {
      Issue.record("not failed")
      return
    }
    #expect(reason.contains("no@acme.test") && reason.contains("nobody@acme.test"))
  }

  @Test(arguments: ["hang-up-dot", "hang-up-greeting"])
  func `sends the same mail again after a hang-up`(mode: String) throws {
    let server = try SMTPFixture(mode)
    let night = try Night()
    #expect(try night.deliver(server.url) == .sent(note: nil))
    let mails = try server.mails()
    #expect(mails.count == (mode == "hang-up-dot" ? 2 : 1))
    for file in mails { #expect(try Array(Data(contentsOf: file)) == night.message.content) }
  }

  @Test func `leaves the mail for the next run when the server always hangs up`() throws {
    let server = try SMTPFixture("hang-up-data")
    let night = try Night()
    guard case .leftPending = try night.deliver(server.url) else {
      Issue.record("not left pending")
      return
    }
    #expect(night.row?.message.attempts == 4)
  }

  @Test func `waits for the lease of a process that died, then sends the same mail`() throws {
    let server = try SMTPFixture("accept")
    let night = try Night()
    let now = night.clock.now
    _ = night.outbox.claim(night.message.key, now: now, leaseEnd: now.advanced(bySeconds: 75))
    #expect(try night.deliver(server.url) == .sent(note: nil))
    #expect(night.clock.waited == [.seconds(75)])
    #expect(try server.mails().count == 1)
  }

  @Test func `a store that dies after sending leads to the same mail, not to another`() throws {
    let server = try SMTPFixture("accept")
    let night = try Night()
    night.outbox.diesOnMarkSent = true
    #expect(throws: MemoryOutbox.WrongState.self) { try night.deliver(server.url) }
    #expect(night.row?.state == .sending)
    #expect(try night.deliver(server.url) == .sent(note: nil))
    let mails = try server.mails()
    #expect(mails.count == 2)
    #expect(try Data(contentsOf: mails[0]) == Data(contentsOf: mails[1]))
  }

  @Test func `does not wait in the run for settings that a person must mend`() throws {
    let server = try SMTPFixture("accept")
    let night = try Night()
    let transport = SMTPTransport(SMTPServer(url: server.url, security: .required))
    let outcome = try MailDelivery(
      transport: transport, outbox: night.outbox, environment: night.clock.environment
    ).deliver(night.message.key)
    guard case .leftPending = outcome else {
      Issue.record("not left pending")
      return
    }
    #expect(night.clock.waited.isEmpty)
    #expect(night.row?.state == .pending)
  }

  @Test func `a cancelled run leaves the mail pending`() throws {
    let server = try SMTPFixture("busy")
    let night = try Night()
    guard case .leftPending = try night.deliver(server.url, cancelled: true) else {
      Issue.record("not left pending")
      return
    }
    #expect(night.row?.state == .pending)
  }

  @Test func `a message that was never put into the outbox is absent`() throws {
    let night = try Night()
    let outcome = try MailDelivery(
      transport: SMTPTransport(SMTPServer(url: "smtp://127.0.0.1:1")), outbox: MemoryOutbox(),
      environment: night.clock.environment
    ).deliver(night.message.key)
    #expect(outcome == .absent)
  }
}
