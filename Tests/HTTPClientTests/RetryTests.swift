import DaybreakCore
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTPClient

@Suite struct RetryTests {
  @Test(arguments: [408, 429, 500, 502, 503, 504, 529])
  func `repeats a read after a status that may pass`(status: Int) throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(
        peer.number < 2
          ? "HTTP/1.1 \(status) Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
          : ok("done"))
    }
    let response = try client().send(HTTPRequest(.get, server.url))
    #expect(response.status == 200)
    #expect(response.attempts == 3)
  }

  @Test(arguments: [400, 401, 403, 404, 409, 501])
  func `does not repeat after a status that stays`(status: Int) throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    #expect(try client().send(HTTPRequest(.get, server.url)).status == status)
    #expect(server.connectionCount == 1)
  }

  @Test func `never repeats a write that is not marked`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    #expect(try client().send(HTTPRequest(.post, server.url)).status == 503)
    #expect(server.connectionCount == 1)
  }

  @Test func `repeats a write that is marked as safe`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(
        peer.number == 0
          ? "HTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" : ok("done"))
    }
    let request = HTTPRequest(.post, server.url, isSafeToRepeat: true)
    #expect(try client().send(request).attempts == 2)
  }

  @Test func `repeats after a response torn in the middle`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(
        peer.number == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf" : ok("whole"))
    }
    let response = try client().send(HTTPRequest(.get, server.url))
    #expect(response.body == Array("whole".utf8))
    #expect(response.attempts == 2)
  }

  @Test func `repeats after a reset`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      if peer.number == 0 { peer.reset() } else { peer.write(ok("whole")) }
    }
    #expect(try client().send(HTTPRequest(.get, server.url)).attempts == 2)
  }

  @Test func `says how often it tried when nobody listens`() {
    let port = RawServer { _ in }.port
    let request = HTTPRequest(.get, "http://127.0.0.1:\(port)/")
    let error = #expect(throws: HTTPClientError.self) { try client().send(request) }
    guard case .unreachable(_, _, attempts: 4) = error else {
      Issue.record("not unreachable after 4: \(String(describing: error))")
      return
    }
  }

  @Test func `waits as long as the server asks`() throws {
    let waits = RecordedWaits()
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(
        peer.number == 0
          ? "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
          : ok("done"))
    }
    #expect(try client(waits).send(HTTPRequest(.get, server.url)).attempts == 2)
    #expect(waits.all == [.seconds(7)])
  }

  @Test func `does not wait for a server that asks for too long`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(
        "HTTP/1.1 503 Away\r\nRetry-After: 86400\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    let waits = RecordedWaits()
    #expect(try client(waits).send(HTTPRequest(.get, server.url)).status == 503)
    #expect(waits.all.isEmpty)
  }

  @Test func `doubles its waits up to a limit, with full jitter`() {
    let policy = RetryPolicy(attempts: 9, firstDelay: .seconds(1), longestDelay: .seconds(6))
    let waits = (1...5).map { policy.delay(after: $0, jitter: 0.5) }
    #expect(waits == [.seconds(0.5), .seconds(1), .seconds(2), .seconds(3), .seconds(3)])
    #expect(policy.delay(after: 1_000, jitter: 0) == .zero)
  }

  @Test(arguments: [
    ("120", Duration.seconds(120)), (" 0 ", .zero),
    ("99999999999999999999", .seconds(1_000_000_000)),
    ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(7)), ("Sun, 06 Nov 1994 08:00:00 GMT", .zero),
    ("soon", nil), ("-5", nil), ("1.5", nil), ("", nil),
  ])
  func `reads Retry-After as seconds or a date`(value: String, expected: Duration?) throws {
    let now = try #require(HTTPDate.moment("Sun, 06 Nov 1994 08:49:30 GMT"))
    #expect(retryAfter(value, now: now) == expected)
  }
}
