import Foundation
import Spawning
import TestSupport
import Testing

@testable import HTTPClient

/// `openssl s_server` in a process of its own: one page over TLS.
private final class TLSServer {
  let port: Int
  private let process: ChildProcess

  init(_ certificate: SMTPFixture.Certificate, _ extra: [String] = []) throws {
    var command = ChildCommand(
      ["/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:0", "-www"]
        + ["-cert", certificate.file, "-key", certificate.key] + extra,
      environment: ProcessInfo.processInfo.environment)
    command.input = .pipe
    command.output = .pipe
    process = try ChildProcess(command)
    // `ACCEPT 127.0.0.1:45678` after some other words.
    var line = process.readLine()
    while let other = line, !other.hasPrefix("ACCEPT") { line = process.readLine() }
    port = line.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) } ?? 0
  }

  deinit { process.end() }
}

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
struct TLSTests {
  let certificate: SMTPFixture.Certificate

  init() throws { certificate = try SMTPFixture.Certificate() }

  private func outcome(
    _ url: String, authorities: String?
  ) -> Result<HTTPResponse, HTTPClientError> {
    let client = client { $0.certificateAuthorities = authorities }
    return Result { () throws(HTTPClientError) in try client.send(HTTPRequest(.get, url)) }
  }

  private func isUntrusted(_ outcome: Result<HTTPResponse, HTTPClientError>) -> Bool {
    guard case .failure(.untrusted) = outcome else { return false }
    return true
  }

  @Test func `trusts what its own authorities signed`() throws {
    let server = try TLSServer(certificate)
    let url = "https://127.0.0.1:\(server.port)/"
    #expect(try outcome(url, authorities: certificate.file).get().status == 200)
  }

  @Test func `trusts nothing else`() throws {
    let server = try TLSServer(certificate)
    let other = try SMTPFixture.Certificate()
    let url = "https://127.0.0.1:\(server.port)/"
    #expect(isUntrusted(outcome(url, authorities: nil)))
    #expect(isUntrusted(outcome(url, authorities: other.file)))
  }

  @Test func `trusts no certificate of another name`() throws {
    let other = try SMTPFixture.Certificate(names: "DNS:reports.example.org")
    let server = try TLSServer(other)
    let url = "https://127.0.0.1:\(server.port)/"
    #expect(isUntrusted(outcome(url, authorities: other.file)))
  }

  @Test func `speaks no TLS older than 1.2`() throws {
    let server = try TLSServer(certificate, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"])
    let url = "https://127.0.0.1:\(server.port)/"
    #expect(isUntrusted(outcome(url, authorities: certificate.file)))
  }

  @Test func `says that the file of authorities is not there`() throws {
    let server = try TLSServer(certificate)
    let url = "https://127.0.0.1:\(server.port)/"
    #expect(isUntrusted(outcome(url, authorities: "/nonexistent.pem")))
  }
}
