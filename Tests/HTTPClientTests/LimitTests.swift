import DaybreakCore
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTPClient

@Suite struct LimitTests {
  @Test func `stops at a body that announces too much`() {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n")
    }
    let request = HTTPRequest(.get, server.url)
    let client = client { $0.bodyLimit = 1000 }
    #expect(throws: HTTPClientError.bodyTooLarge(request: request.label, byteLimit: 1000)) {
      try client.send(request)
    }
    #expect(server.connectionCount == 1)
  }

  @Test func `stops at a body that grows for ever`() {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      while peer.write("3E8\r\n\(String(repeating: "x", count: 1000))\r\n") {}
    }
    let request = HTTPRequest(.get, server.url)
    let client = client { $0.bodyLimit = 50_000 }
    #expect(throws: HTTPClientError.bodyTooLarge(request: request.label, byteLimit: 50_000)) {
      try client.send(request)
    }
  }

  @Test func `stops at headers without end`() {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 200 OK\r\n")
      while peer.write("X-More: \(String(repeating: "y", count: 500))\r\n") {}
    }
    let request = HTTPRequest(.get, server.url)
    let client = client { $0.headerLimit = 20_000 }
    #expect(throws: HTTPClientError.headersTooLarge(request: request.label, byteLimit: 20_000)) {
      try client.send(request)
    }
  }

  @Test func `gives up on a server that says nothing`() {
    let server = RawServer { peer in
      _ = peer.readHead()
      _ = peer.read(1)
    }
    let client = client {
      $0.timeouts.total = .milliseconds(200)
      $0.retries.attempts = 2
    }
    let error = #expect(throws: HTTPClientError.self) {
      try client.send(HTTPRequest(.get, server.url))
    }
    guard case .timedOut(_, _, attempts: 2) = error else {
      Issue.record("not timed out after 2: \(String(describing: error))")
      return
    }
  }

  @Test func `gives up on a response that stalls`() {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nslow")
      _ = peer.read(1)
    }
    let client = client {
      $0.timeouts = HTTPTimeouts(total: nil, stalled: .seconds(1))
      $0.retries = .never
    }
    let error = #expect(throws: HTTPClientError.self) {
      try client.send(HTTPRequest(.get, server.url))
    }
    guard case .timedOut = error else {
      Issue.record("not timed out: \(String(describing: error))")
      return
    }
  }

  @Test func `ends when the caller gives up during a transfer`() {
    let isCancelled = Mutex(false)
    let server = RawServer { peer in
      _ = peer.readHead()
      isCancelled.withLock { $0 = true }
      _ = peer.read(1)
    }
    let request = HTTPRequest(.get, server.url)
    #expect(throws: HTTPClientError.cancelled(request: request.label)) {
      try client().send(request, isCancelled: { isCancelled.withLock { $0 } })
    }
  }

  @Test func `ends when the caller gives up between attempts`() {
    let isCancelled = Mutex(false)
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write("HTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    let environment = ClientEnvironment(
      jitter: { 0 }, pause: { _, _ in isCancelled.withLock { $0 = true } },
      now: { Timestamp(seconds: 0) })
    let request = HTTPRequest(.get, server.url)
    #expect(throws: HTTPClientError.cancelled(request: request.label)) {
      try HTTPClient(environment: environment).send(
        request, isCancelled: { isCancelled.withLock { $0 } })
    }
    #expect(server.connectionCount == 1)
  }
}

@Suite struct RedirectTests {
  private func redirect(to target: String) -> String {
    "HTTP/1.1 302 Found\r\nLocation: \(target)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
  }

  @Test func `follows to the end`() throws {
    let server = RawServer { peer in
      let head = peer.readHead()
      peer.write(head.hasPrefix("GET /end ") ? ok("here") : redirect(to: "/end"))
    }
    let response = try client().send(HTTPRequest(.get, "\(server.url)/start"))
    #expect(response.body == Array("here".utf8))
  }

  @Test func `gives up on a ring`() {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(redirect(to: "/again"))
    }
    let request = HTTPRequest(.get, server.url)
    #expect(throws: HTTPClientError.tooManyRedirects(request: request.label, limit: 5)) {
      try client().send(request)
    }
    #expect(server.connectionCount == 6)
  }

  @Test(arguments: [
    "https://127.0.0.1/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x",
    "smtp://127.0.0.1/", "dict://127.0.0.1/x",
  ])
  func `never goes to another scheme`(target: String) {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(redirect(to: target))
    }
    let error = #expect(throws: HTTPClientError.self) {
      try client().send(HTTPRequest(.get, server.url))
    }
    guard case .refusedRedirect = error else {
      Issue.record("not refused: \(String(describing: error))")
      return
    }
  }

  @Test func `takes no secret to another origin`() throws {
    let seen = Mutex("")
    let other = RawServer { peer in
      let head = peer.readHead()
      seen.withLock { $0 = head }
      peer.write(ok("other"))
    }
    let target = other.url
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(redirect(to: "\(target)/x"))
    }
    let headers = [
      HTTPHeader("X-Api-Key", "k", isSecret: true), HTTPHeader("Authorization", "Bearer t"),
      HTTPHeader("X-Plain", "p"),
    ]
    let url = "http://user:word@127.0.0.1:\(server.port)/"
    _ = try client().send(HTTPRequest(.get, url, headers: headers))
    let head = seen.withLock { $0 }
    #expect(head.contains("X-Plain: p"))
    #expect(!head.contains("X-Api-Key"))
    #expect(!head.contains("Authorization"))
  }

  @Test func `does not follow for a write`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(redirect(to: "/end"))
    }
    #expect(try client().send(HTTPRequest(.post, server.url)).status == 302)
  }
}

@Suite struct DisclosureTests {
  @Test(arguments: [
    "http://user:hunter2@127.0.0.1:1/p?token=hunter2#hunter2", "http://127.0.0.1:1/?hunter2",
    "http://hunter2@127.0.0.1:1/", "http://127.0.0.1:hunter2/", "ftp://a:hunter2@127.0.0.1/",
    "http://127.0.0.1:1/a b?hunter2", "hunter2",
  ])
  func `shows no secret of a URL in an error`(url: String) {
    let header = HTTPHeader("Authorization", "Bearer hunter2", isSecret: true)
    let client = client { $0.retries = .never }
    let error = #expect(throws: HTTPClientError.self) {
      try client.send(HTTPRequest(.get, url, headers: [header]))
    }
    let shown = "\(error.map { "\($0)" } ?? "")\(header)\(String(reflecting: error))"
    #expect(!shown.contains("hunter2"))
  }

  @Test func `shows no secret path in an error`() {
    let request = HTTPRequest(.post, "http://127.0.0.1:1/hooks/hunter2", isPathSecret: true)
    #expect(request.label == "POST http://127.0.0.1:1/…")
  }

  @Test(arguments: ["a\r\nX: y", "a\nb", "a\u{0}b", "\u{7F}"])
  func `refuses a header value that would begin another header`(value: String) {
    let request = HTTPRequest(.get, "http://127.0.0.1:1/", headers: [HTTPHeader("X", value)])
    let error = #expect(throws: HTTPClientError.self) { try client().send(request) }
    guard case .invalidRequest = error else {
      Issue.record("not refused: \(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["", "a b", "a:", "a\r\n", "ä"])
  func `refuses a header name that is no token`(name: String) {
    let request = HTTPRequest(.get, "http://127.0.0.1:1/", headers: [HTTPHeader(name, "x")])
    #expect(request.defect != nil)
  }

  @Test func `uses no proxy of the environment unless told to`() throws {
    let server = RawServer { peer in
      _ = peer.readHead()
      peer.write(ok("direct"))
    }
    let proxy = RawServer { peer in
      _ = peer.readHead()
      peer.write(ok("proxied"))
    }
    setenv("http_proxy", proxy.url, 1)
    setenv("no_proxy", "", 1)
    defer {
      unsetenv("http_proxy")
      unsetenv("no_proxy")
    }
    let request = HTTPRequest(.get, server.url)
    #expect(try client().send(request).body == Array("direct".utf8))
    let through = client { $0.proxy = .environment }
    #expect(try through.send(request).body == Array("proxied".utf8))
    let named = client { $0.proxy = .url(proxy.url) }
    #expect(try named.send(request).body == Array("proxied".utf8))
  }
}
