import Foundation
import TestSupport
import Testing

@testable import Serving

@Suite struct RequestPathTests {
  @Test(arguments: [
    ("/", ".", true), ("/acme/", "acme", true), ("/acme", "acme", false),
    ("/acme/2026-03-12/report.json", "acme/2026-03-12/report.json", false),
    ("/a%20b", "a b", false), ("/%C3%A4", "ä", false), ("/a%2Eb", "a.b", false),
    ("/%252e%252e/x", "%2e%2e/x", false), ("/a+b", "a+b", false), ("/a..b", "a..b", false),
    ("/...a", nil, false), ("//", nil, false), ("/a//b", nil, false), ("/.git/config", nil, false),
    ("", nil, false), ("a", nil, false), ("/a%", nil, false), ("/a%4", nil, false),
    ("/a%zz", nil, false), ("/%00", nil, false), ("/%ff", nil, false),
  ])
  func `decodes a path once and checks what comes out`(
    raw: String, relative: String?, isDirectory: Bool
  ) {
    let path = try? RequestPath(raw: Array(raw.utf8))
    #expect(path?.relative == relative)
    if let path { #expect(path.namesDirectory == isDirectory) }
  }
}

@Suite struct RequestPathFuzzTests {
  /// A small generator with a fixed seed (splitmix64), so that a failure can be repeated.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }

  @Test func `no bytes decode to a name that leads out`() {
    var generator = Generator(state: 20_260_312)
    let pieces = [
      "/", "..", ".", "%2e", "%2E", "%2f", "%5c", "\\", "%00", "%", "a", "%c0%ae", "%252e", "//",
      "~",
      "%e2%80%ae", " ", "\u{0}", "acme", "%61",
    ].map { Array($0.utf8) }
    var accepted = 0
    for _ in 0..<50_000 {
      var raw: [UInt8] = [0x2F]
      for _ in 0..<Int.random(in: 0...8, using: &generator) {
        raw += pieces.randomElement(using: &generator) ?? []
      }
      guard let path = try? RequestPath(raw: raw) else { continue }
      accepted += 1
      let isInside = path.segments.allSatisfy { name in
        !name.isEmpty && !name.hasPrefix(".")
          && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x2F && $0 != 0x5C && $0 != 0x7F }
      }
      #expect(isInside)
    }
    #expect(accepted > 1_000)
  }
}

/// Every way out of a folder that is known to have worked on some server, and some more.
let escapeAttempts: [String] = [
  "/../secret.txt", "/../../etc/passwd", "/acme/../../secret.txt", "/acme/../../../etc/passwd",
  "/./../secret.txt", "/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt", "/..%2fsecret.txt",
  "/.%2e/secret.txt", "/%2e./secret.txt", "/%2E%2E/secret.txt", "/acme/%2e%2e/%2e%2e/secret.txt",
  "/%252e%252e/secret.txt", "/%252e%252e%252fsecret.txt", "/..%252fsecret.txt",
  "/%25252e%25252e/secret.txt", "/..\\secret.txt", "/..%5csecret.txt", "/%2e%2e%5csecret.txt",
  "/acme\\..\\..\\secret.txt", "/..%255csecret.txt", "/%c0%ae%c0%ae/secret.txt",
  "/%c0%ae%c0%ae%c0%afsecret.txt", "/%e0%80%ae%e0%80%ae/secret.txt", "/%f0%80%80%ae/secret.txt",
  "/..%c0%afsecret.txt", "/..%c1%9csecret.txt", "/%uff0e%uff0e/secret.txt", "/..%u2215secret.txt",
  "/acme/..%00/secret.txt", "/..%00/secret.txt", "/%00/etc/passwd", "/index.html%00.png",
  "/../secret.txt%00.html", "//etc/passwd", "///etc/passwd", "//127.0.0.1/etc/passwd",
  "/%2fetc%2fpasswd", "/%2Fetc/passwd", "/acme//../../secret.txt", "/acme/./../../secret.txt",
  "/....//secret.txt", "/....//....//secret.txt", "/..;/secret.txt", "/..;a=b/secret.txt",
  "/.../secret.txt", "/~root/.bashrc", "/~/secret.txt", "/proc/self/environ",
  "/acme/..", "/acme/../..", "/..", "/.", "/%2e", "/%2e%2e", "/.hidden", "/.git/config",
  "/acme/.env", "/%2ehidden", "/file:///etc/passwd", "/C:/windows/win.ini", "/acme/%2e%2e",
  "/link-out", "/link-out/", "/link-etc/passwd", "/link-file", "/link-up/secret.txt",
  "/link-chain/secret.txt", "/link-magic/secret.txt", "/link-dot",
  "/acme/index.html/", "/acme/index.html/../../../secret.txt", "/acme/index.html/x",
  "/fifo", "/socket", "/..%0d%0asecret.txt", "/%0d%0aSet-Cookie:%20a=b", "/%09../secret.txt",
  "/\u{2025}/secret.txt", "/\u{FF0E}\u{FF0E}/secret.txt", "/..\u{2215}secret.txt",
  "/..?/secret.txt", "/../secret.txt?x", "/..#/secret.txt", "../secret.txt", "secret.txt",
  "http://127.0.0.1/../secret.txt", "http://127.0.0.1/%2e%2e/secret.txt",
  "file:///etc/passwd", "https://127.0.0.1/index.html", "*", "",
]

@Suite struct EscapeTests {
  @Test(arguments: escapeAttempts)
  func `gives out nothing beyond the folder`(target: String) throws {
    let site = try Site()
    let server = try site.serve { $0.requestDeadline = .seconds(2) }
    let answer = exchangeRaw(
      Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8),
      port: server.port)
    #expect(!answer.contains("SECRET"))
    #expect(!answer.contains("root:"))
    #expect(!answer.contains("\r\nSet-Cookie"))
    let status = answer.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    // A connection that is closed without a word is a refusal too.
    #expect(status.map { (400..<500).contains($0) } ?? answer.isEmpty)
  }

  @Test(arguments: escapeAttempts)
  func `opens nothing beyond the folder without openat2 either`(target: String) throws {
    let site = try Site()
    let root = open(site.root, O_RDONLY | O_DIRECTORY)
    defer { close(root) }
    guard let path = try? RequestPath(raw: Array(target.utf8)) else { return }
    let descriptor = openStepwise(path.relative, beneath: root)
    defer { close(descriptor) }
    guard descriptor >= 0 else { return }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &bytes, 64)
    #expect(!String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).contains("SECRET"))
  }

  @Test func `there are at least forty ways to try`() {
    #expect(Set(escapeAttempts).count >= 40)
  }

  @Test func `a path cut by a NUL byte stays inside`() throws {
    let site = try Site()
    let server = try site.serve()
    let head = Array("GET /acme/\u{0}/../../secret.txt HTTP/1.1\r\nHost: localhost\r\n".utf8)
    let answer = exchangeRaw(
      head + Array("Connection: close\r\n\r\n".utf8), port: server.port)
    #expect(!answer.contains("SECRET"))
  }

  @Test func `a symbolic link within the folder is followed`() throws {
    let site = try Site()
    let server = try site.serve()
    let answer = try site.client.send(.init(.get, server.url + "link-in/"))
    #expect(answer.status == 200)
  }
}
