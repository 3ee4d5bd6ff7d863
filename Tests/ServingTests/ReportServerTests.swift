import DaybreakCore
import Foundation
import HTTPClient
import TestSupport
import Testing

@testable import Serving

@Suite struct ReportServerTests {
  let site: Site
  let server: ReportServer

  init() throws {
    site = try Site()
    server = try site.serve()
  }

  private func get(_ path: String, _ headers: [HTTPHeader] = []) throws -> HTTPResponse {
    try site.client.send(HTTPRequest(.get, server.url + path, headers: headers))
  }

  @Test(arguments: ["", "acme/", "acme/2026-03-12/", "acme/index.html", "index.html?x=../y"])
  func `serves pages`(path: String) throws {
    let response = try get(path)
    #expect(response.status == 200)
    #expect(String(decoding: response.body, as: UTF8.self) == Site.page)
    #expect(response.header("content-type") == "text/html; charset=utf-8")
    #expect(response.header("content-length") == String(Site.page.utf8.count))
  }

  @Test(arguments: [
    ("a.html", "text/html; charset=utf-8"), ("a.md", "text/markdown; charset=utf-8"),
    ("a.json", "application/json"), ("feed.atom", "application/atom+xml; charset=utf-8"),
    ("a.svg", "image/svg+xml; charset=utf-8"), ("a.css", "text/css; charset=utf-8"),
    ("a.txt", "text/plain; charset=utf-8"), ("a.PNG", "image/png"),
    ("a.jsonl", "application/x-ndjson"), ("a.exe", "application/octet-stream"),
    ("noending", "application/octet-stream"),
  ])
  func `names the content type`(name: String, type: String) throws {
    try site.write("reports/\(name)", "x")
    #expect(try get(name).header("content-type") == type)
  }

  @Test(arguments: ["", "missing", "acme", "%2e%2e/x"])
  func `carries the security headers on every response`(path: String) throws {
    let client = HTTPClient(
      {
        var c = HTTPClientConfiguration(); c.redirectLimit = 0; return c
      }())
    let response = try client.send(HTTPRequest(.get, server.url + path))
    let policy = try #require(response.header("content-security-policy"))
    #expect(policy.contains("default-src 'none'; style-src 'unsafe-inline'; img-src data:"))
    #expect(policy.contains("frame-ancestors 'none'"))
    #expect(response.header("x-content-type-options") == "nosniff")
    #expect(response.header("referrer-policy") == "no-referrer")
  }

  @Test func `redirects a folder to its own address`() throws {
    let answer = exchangeRaw(
      Array("GET /acme HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8),
      port: server.port)
    #expect(answer.hasPrefix("HTTP/1.1 301 "))
    #expect(answer.contains("\r\nLocation: /acme/\r\n"))
  }

  @Test(arguments: ["empty/", "empty", "nowhere", "acme/nowhere", "acme/index.html/"])
  func `lists no folder and finds nothing that is not there`(path: String) throws {
    let response = try get(path)
    #expect(response.status == 404)
    #expect(response.header("content-type") == "text/html; charset=utf-8")
  }

  @Test func `repeats nothing of the address on an error page`() throws {
    let response = try get("%3Cscript%3Ealert(1)%3C/script%3E")
    #expect(!String(decoding: response.body, as: UTF8.self).contains("script"))
  }

  @Test func `answers HEAD as GET without content`() throws {
    let whole = try get("")
    let head = try site.client.send(HTTPRequest(.head, server.url))
    #expect(head.status == 200)
    #expect(head.body.isEmpty)
    for name in ["content-length", "etag", "content-type", "last-modified"] {
      #expect(head.header(name) == whole.header(name))
    }
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "BREW"])
  func `refuses every other method`(method: String) {
    let head = "\(method) / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
    let answer = exchangeRaw(
      Array("\(head)Connection: close\r\n\r\ndata".utf8), port: server.port)
    #expect(answer.hasPrefix("HTTP/1.1 405 "))
    #expect(answer.contains("\r\nAllow: GET, HEAD\r\n"))
  }

  @Test func `serves the new file once it was replaced by rename`() throws {
    let first = try get("acme/")
    try site.write("reports/acme/new", "new page")
    rename(site.root + "/acme/new", site.root + "/acme/index.html")
    let second = try get("acme/", [HTTPHeader("If-None-Match", first.header("etag") ?? "")])
    #expect(second.status == 200)
    #expect(String(decoding: second.body, as: UTF8.self) == "new page")
  }

  @Test func `goes on when the whole folder is replaced`() throws {
    #expect(try get("").status == 200)
    rename(site.root, site.base + "/old")
    #expect(try get("").status == 404)
    try FileManager.default.createDirectory(
      atPath: site.root, withIntermediateDirectories: true)
    try site.write("reports/index.html", "again")
    #expect(try get("").body == Array("again".utf8))
  }

  @Test func `writes a line a request without its query`() throws {
    _ = try get("acme/?token=hunter2")
    let expected =
      "{\"event\":\"request\",\"method\":\"GET\",\"path\":\"/acme/\",\"status\":200,"
      + "\"bytes\":\(Site.page.utf8.count)}"
    #expect(site.log == [expected])
  }

  @Test func `writes hostile paths as one harmless line`() throws {
    let raw: [UInt8] = Array("GET /a\"\\".utf8) + [0x1B, 0x5B, 0x41] + Array("\u{202E}b".utf8)
    _ = exchangeRaw(
      raw + Array(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8),
      port: server.port)
    let line = try #require(site.log.first)
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    #expect(object?["path"] as? String == "/a\"\\\\u{1b}[A\\u{202e}b")
  }
}

@Suite struct ConditionTests {
  let site: Site
  let server: ReportServer

  init() throws {
    site = try Site()
    server = try site.serve()
  }

  private func get(_ path: String, _ headers: (String, String)...) throws -> HTTPResponse {
    let fields = headers.map { HTTPHeader($0.0, $0.1) }
    return try HTTPClient().send(HTTPRequest(.get, server.url + path, headers: fields))
  }

  @Test func `answers 304 to whoever has the page`() throws {
    let tag = try #require(try get("").header("etag"))
    #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
    for field in [tag, "W/\(tag)", "\"a\", \(tag)", "\"a,b\", W/\(tag)", "*", " * "] {
      let response = try get("", ("If-None-Match", field))
      #expect(response.status == 304)
      #expect(response.body.isEmpty)
      #expect(response.header("etag") == tag)
    }
  }

  @Test(arguments: ["\"other\"", "", "W/\"other\"", "other", "\"", ",", "W/"])
  func `answers 200 to whoever has another page`(field: String) throws {
    #expect(try get("", ("If-None-Match", field)).status == 200)
  }

  @Test func `answers 304 by date where no tag is named`() throws {
    let date = try #require(try get("").header("last-modified"))
    #expect(try get("", ("If-Modified-Since", date)).status == 304)
    #expect(try get("", ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")).status == 200)
    #expect(try get("", ("If-Modified-Since", "yesterday")).status == 200)
    #expect(
      try get("", ("If-Modified-Since", date), ("If-None-Match", "\"other\"")).status == 200)
  }

  @Test(arguments: [
    ("bytes=0-3", 206, "0123"), ("bytes=7-", 206, "789"), ("bytes=-2", 206, "89"),
    ("bytes=5-99", 206, "56789"), ("bytes=-99", 206, "0123456789"), ("bytes=9-9", 206, "9"),
    ("bytes=10-", 416, ""), ("bytes=-0", 416, ""), ("bytes=4-2", 200, "0123456789"),
    ("bytes=0-1,3-4", 200, "0123456789"), ("lines=0-1", 200, "0123456789"),
    ("bytes=", 200, "0123456789"), ("bytes=-", 200, "0123456789"),
    ("bytes=a-b", 200, "0123456789"), ("bytes=99999999999999999999-", 200, "0123456789"),
  ])
  func `serves one range of bytes`(field: String, status: Int, body: String) throws {
    try site.write("reports/ten.txt", "0123456789")
    let response = try get("ten.txt", ("Range", field), ("Accept-Encoding", "identity"))
    #expect(response.status == status)
    #expect(String(decoding: response.body, as: UTF8.self) == body)
  }

  @Test func `serves the whole when the range was of another version`() throws {
    try site.write("reports/ten.txt", "0123456789")
    let response = try get("ten.txt", ("Range", "bytes=0-1"), ("If-Range", "\"old\""))
    #expect(response.status == 200)
    let tag = try #require(response.header("etag"))
    #expect(try get("ten.txt", ("Range", "bytes=0-1"), ("If-Range", tag)).status == 206)
  }

  @Test func `serves the compressed twin to whoever takes it`() throws {
    let zipped = try #require(
      Data(base64Encoded: "H4sIAAAAAAAAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA=="))
    try zipped.write(to: URL(filePath: site.root + "/index.html.gz"))
    let response = try get("")
    #expect(response.header("content-encoding") == "gzip")
    #expect(response.header("vary") == "Accept-Encoding")
    #expect(String(decoding: response.body, as: UTF8.self) == "hello world")
    let plain = try get("", ("Accept-Encoding", "gzip;q=0, identity"))
    #expect(plain.header("content-encoding") == nil)
    #expect(plain.header("etag") != response.header("etag"))
  }

  @Test func `ignores a compressed twin that is older`() throws {
    try Data([0x1F, 0x8B]).write(to: URL(filePath: site.root + "/index.html.gz"))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1000)],
      ofItemAtPath: site.root + "/index.html.gz")
    #expect(try get("").header("content-encoding") == nil)
  }

  @Test(arguments: [
    ("gzip", true), ("GZIP", true), ("deflate, gzip;q=0.5", true), ("*", true), ("x-gzip", true),
    ("gzip;q=0", false), ("gzip; q=0.000", false), ("*;q=0", false), ("gzip;q=0, *", false),
    ("br", false), ("", false), ("notgzip", false),
  ])
  func `reads Accept-Encoding`(field: String, accepts: Bool) {
    #expect(Conditions.acceptsGzip(field) == accepts)
  }
}
