import DaybreakCore
import Foundation
import HTTPClient
import Synchronization
import TestSupport
import Testing

@testable import Serving

@Suite struct HostTests {
  @Test(arguments: [
    ("localhost", 200), ("LOCALHOST:80", 200), ("127.0.0.1:8080", 200), ("[::1]:8080", 200),
    ("evil.example", 421), ("evil.example:80", 421), ("localhost.evil.example", 421),
    ("127.0.0.1.evil.example", 421), ("localhost@evil.example", 421), ("", 421),
    ("localhost:80:80", 421), ("reports.example.org", 200),
  ])
  func `answers to its own names only`(host: String, status: Int) throws {
    let site = try Site()
    let server = try site.serve { $0.allowedHosts = ["reports.example.org"] }
    let answer = exchangeRaw(
      Array("GET / HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8),
      port: server.port)
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
  }

  @Test func `checks the host of an absolute address too`() throws {
    let site = try Site()
    let server = try site.serve()
    for (host, status) in [("localhost", 200), ("evil.example", 421)] {
      let answer = exchangeRaw(
        Array(
          "GET http://\(host)/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8),
        port: server.port)
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    }
  }

  @Test func `refuses two hosts and none`() throws {
    let site = try Site()
    let server = try site.serve()
    for hosts in ["Host: localhost\r\nHost: evil.example\r\n", ""] {
      let answer = exchangeRaw(
        Array("GET / HTTP/1.1\r\n\(hosts)Connection: close\r\n\r\n".utf8), port: server.port)
      #expect(answer.hasPrefix("HTTP/1.1 400 "))
    }
  }
}

@Suite struct BindingTests {
  @Test func `refuses an address that others can reach`() throws {
    let site = try Site()
    for address in ["0.0.0.0", "::", "192.0.2.1"] {
      #expect(throws: ServingError.openToOthers(address)) {
        try ReportServer(root: site.root, address: address, port: 0)
      }
    }
  }

  @Test func `warns when asked to be open to others`() throws {
    let site = try Site()
    var options = ServingOptions()
    options.allowsOtherMachines = true
    let server = try ReportServer(root: site.root, address: "0.0.0.0", port: 0, options: options)
    #expect(server.warnings.count == 1)
    let answer = try HTTPClient().send(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/"))
    #expect(answer.status == 200)
  }

  @Test func `serves on IPv6 loopback`() throws {
    let site = try Site()
    let server = try ReportServer(root: site.root, address: "::1", port: 0)
    #expect(server.warnings.isEmpty)
    #expect(try HTTPClient().send(HTTPRequest(.get, server.url)).status == 200)
  }

  @Test(arguments: ["example.org", "1.2.3", "", "127.0.0.1:80", "localhost "])
  func `refuses what is no address`(address: String) throws {
    let site = try Site()
    #expect(throws: ServingError.invalidAddress(address)) {
      try ReportServer(root: site.root, address: address, port: 0)
    }
  }

  @Test func `says that a port is taken`() throws {
    let site = try Site()
    let server = try site.serve()
    let error = #expect(throws: ServingError.self) {
      try ReportServer(root: site.root, port: server.port)
    }
    #expect(error?.summary.contains("Address already in use") == true)
  }

  @Test func `says that the folder is not there`() {
    let error = #expect(throws: ServingError.self) {
      try ReportServer(root: "/nonexistent/reports", port: 0)
    }
    #expect(error?.summary == "cannot serve /nonexistent/reports: No such file or directory")
  }
}

@Suite struct LoadTests {
  @Test func `answers a thousand requests one after another`() throws {
    let site = try Site()
    let server = try site.serve()
    for _ in 0..<1_000 {
      #expect(try site.client.send(HTTPRequest(.get, server.url + "acme/")).status == 200)
    }
    #expect(site.log.count == 1_000)
  }

  @Test func `answers fifty clients at once`() throws {
    let site = try Site()
    let big = String(repeating: "0123456789", count: 30_000)
    try site.write("reports/big.txt", big)
    let server = try site.serve()
    let right = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 50) { _ in
      for _ in 0..<10 {
        let response = try? HTTPClient().send(HTTPRequest(.get, server.url + "big.txt"))
        if response?.body.elementsEqual(big.utf8) == true { right.withLock { $0 += 1 } }
      }
    }
    #expect(right.withLock { $0 } == 500)
  }

  @Test func `leaks no descriptor`() throws {
    let site = try Site()
    let server = try site.serve()
    let client = HTTPClient()
    func openFiles() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
        let target = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/self/fd/\($0)")
        return target?.hasPrefix(site.base) == true
      }
    }
    for path in ["", "acme", "nowhere", "link-out", "fifo", "empty/"] {
      for _ in 0..<20 { _ = try client.send(HTTPRequest(.get, server.url + path)) }
    }
    server.stop()
    #expect(try openFiles().isEmpty)
  }
}

@Suite struct SlowClientTests {
  @Test func `a client that drips its request does not hold its place for ever`() throws {
    let site = try Site()
    let server = try site.serve {
      $0.connectionLimit = 4
      $0.requestDeadline = .seconds(1)
    }
    let drips = (0..<4).map { _ in connectRaw(port: server.port) }
    defer { for socket in drips { close(socket) } }
    let isDone = Mutex(false)
    let dripping = Thread {
      let head = Array("GET / HTTP/1.1\r\nX: ".utf8)
      for socket in drips { send(socket, head, head.count, Int32(MSG_NOSIGNAL)) }
      while !isDone.withLock({ $0 }) {
        // Never silent for as long as the deadline.
        for socket in drips { send(socket, "x", 1, Int32(MSG_NOSIGNAL)) }
        usleep(100_000)
      }
    }
    dripping.start()
    // Waits behind the four, which fill the server, until they are late.
    let response = try HTTPClient().send(HTTPRequest(.get, server.url))
    isDone.withLock { $0 = true }
    #expect(response.status == 200)
  }

  @Test func `a connection that says nothing is closed`() throws {
    let site = try Site()
    let server = try site.serve { $0.requestDeadline = .seconds(1) }
    #expect(exchangeRaw([], port: server.port) == "")
  }

  @Test func `a head that is too large is refused`() throws {
    let site = try Site()
    let server = try site.serve()
    let head = "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 100_000))"
    let answer = exchangeRaw(Array("\(head)\r\n\r\n".utf8), port: server.port)
    #expect(!answer.hasPrefix("HTTP/1.1 200"))
    #expect(try site.client.send(HTTPRequest(.get, server.url)).status == 200)
  }

  @Test(arguments: [
    "\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ])
  func `goes on after a malformed request`(text: String) throws {
    let site = try Site()
    let server = try site.serve { $0.requestDeadline = .seconds(2) }
    _ = exchangeRaw(Array(text.utf8), port: server.port, endsInput: true)
    #expect(try site.client.send(HTTPRequest(.get, server.url)).status == 200)
  }

  @Test func `lets a running response end before it stops`() throws {
    let site = try Site()
    let big = String(repeating: "0123456789", count: 2_000_000)
    try site.write("reports/big.txt", big)
    let server = try site.serve()
    var received = 0
    var isStopping = false
    _ = try HTTPClient().stream(HTTPRequest(.get, server.url + "big.txt")) { piece in
      received += piece.count
      if !isStopping {
        isStopping = true
        Thread.detachNewThread { server.stop(within: .seconds(30)) }
      }
      return true
    }
    #expect(received == big.utf8.count)
  }

  @Test func `takes no connection once it was stopped`() throws {
    let site = try Site()
    let server = try site.serve()
    server.stop()
    server.stop()
    #expect(connectRaw(port: server.port) < 0)
  }
}
