import DaybreakCore
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTPClient

/// Waits that were asked for, in place of waiting.
final class RecordedWaits: Sendable {
  private let waits = Mutex<[Duration]>([])
  var all: [Duration] { waits.withLock { $0 } }

  func environment(jitter: Double = 0.5, now: Timestamp = Timestamp(seconds: 0))
    -> ClientEnvironment
  {
    ClientEnvironment(
      jitter: { jitter }, pause: { wait, _ in self.waits.withLock { $0.append(wait) } },
      now: { now })
  }
}

/// A client that does not wait between attempts.
func client(
  _ waits: RecordedWaits = RecordedWaits(), now: Timestamp = Timestamp(seconds: 0),
  _ adjust: (inout HTTPClientConfiguration) -> Void = { _ in }
) -> HTTPClient {
  var configuration = HTTPClientConfiguration()
  adjust(&configuration)
  return HTTPClient(configuration, environment: waits.environment(now: now))
}

func ok(_ body: String, extra: String = "") -> String {
  "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(extra)Connection: close\r\n\r\n\(body)"
}

@Suite struct HTTPClientTests {
  @Test func `gives back status, headers and body`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(ok("hello", extra: "X-Thing: a: b \r\n"))
    }
    let response = try client().send(HTTPRequest(.get, "\(server.url)/x"))
    #expect(response.status == 200)
    #expect(response.header("x-thing") == "a: b")
    #expect(response.body == Array("hello".utf8))
    #expect(response.attempts == 1)
  }

  @Test func `sends method, headers and body as given`() throws {
    let seen = Mutex("")
    let server = RawServer { peer in
      let head = peer.readHead()
      let body = peer.read(64)
      seen.withLock { $0 = head + String(decoding: body, as: UTF8.self) }
      peer.write(ok(""))
    }
    let headers = [HTTPHeader("X-Scope-OrgID", "acme"), HTTPHeader("Content-Type", "text/x")]
    _ = try client().send(
      HTTPRequest(.post, "\(server.url)/p?q=1", headers: headers, body: Array("data".utf8)))
    let text = seen.withLock { $0 }
    #expect(text.hasPrefix("POST /p?q=1 HTTP/1.1\r\n"))
    #expect(text.contains("X-Scope-OrgID: acme\r\n"))
    #expect(text.contains("Content-Type: text/x\r\n"))
    #expect(!text.contains("Expect"))
    #expect(text.hasSuffix("\r\n\r\ndata"))
  }

  @Test(arguments: [HTTPMethod.post, .put])
  func `sends an empty body as length zero`(method: HTTPMethod) throws {
    let seen = Mutex("")
    let server = RawServer { peer in
      let head = peer.readHead()
      seen.withLock { $0 = head }
      peer.write(ok(""))
    }
    _ = try client().send(HTTPRequest(method, server.url))
    #expect(seen.withLock { $0 }.contains("Content-Length: 0\r\n"))
  }

  @Test func `a status other than 2xx is a response, and an error where success is required`()
    throws
  {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnope")
    }
    let request = HTTPRequest(.get, "http://user:secret@127.0.0.1:\(server.port)/a?token=hidden")
    #expect(try client().send(request).status == 404)
    #expect(throws: HTTPClientError.status(request: request.label, status: 404, attempts: 1)) {
      try client().require(request)
    }
  }

  @Test func `decodes gzip`() throws {
    let zipped = try #require(
      Data(base64Encoded: "H4sIAAAAAAAAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA=="))
    let server = RawServer { peer in
      let head = peer.readHead()
      #expect(head.contains("Accept-Encoding: gzip"))
      peer.write(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(zipped.count)\r\n\r\n")
      peer.write(bytes: Array(zipped))
    }
    let response = try client().send(HTTPRequest(.get, server.url))
    #expect(String(decoding: response.body, as: UTF8.self) == "hello world")
  }

  @Test func `talks through a unix socket`() throws {
    let path = "/tmp/daybreak-test-\(UUID().uuidString.prefix(8)).sock"
    let server = RawServer(unix: path) { peer in
      _ = peer.readHead()
      peer.write(ok("unix"))
    }
    let response = try client().send(HTTPRequest(.get, "http://localhost/x", unixSocket: path))
    #expect(response.body == Array("unix".utf8))
    #expect(server.connectionCount == 1)
  }

  @Test func `keeps a connection for the next request`() throws {
    let server = RawServer { peer in
      while !peer.readHead().isEmpty {
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      }
    }
    let client = client()
    for _ in 0..<5 { _ = try client.send(HTTPRequest(.get, server.url)) }
    #expect(server.connectionCount == 1)
  }
}

@Suite struct HTTPStreamTests {
  @Test func `hands content on in pieces and keeps none`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      for _ in 0..<100 { peer.write("5\r\nabcde\r\n") }
      peer.write("0\r\n\r\n")
    }
    var received = 0
    let response = try client().stream(HTTPRequest(.get, server.url)) {
      received += $0.count
      return true
    }
    #expect(received == 500)
    #expect(response.body.isEmpty)
  }

  @Test func `stops when the reader has had enough`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
      while peer.write(String(repeating: "x", count: 10_000)) {}
    }
    let request = HTTPRequest(.get, server.url)
    let client = client { $0.bodyLimit = .max }
    #expect(throws: HTTPClientError.stoppedBySink(request: request.label)) {
      try client.stream(request) { _ in false }
    }
    #expect(server.connectionCount == 1)
  }

  @Test func `never repeats once the reader was given a byte`() {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ntorn")
    }
    var received: [UInt8] = []
    #expect(throws: HTTPClientError.self) {
      try client().stream(HTTPRequest(.get, server.url)) {
        received += $0
        return true
      }
    }
    #expect(received == Array("torn".utf8))
    #expect(server.connectionCount == 1)
  }

  @Test func `keeps the words of a refusal out of the stream`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nbad")
    }
    var received = 0
    let response = try client().stream(HTTPRequest(.get, server.url)) {
      received += $0.count
      return true
    }
    #expect(received == 0)
    #expect(response.body == Array("bad".utf8))
  }
}
