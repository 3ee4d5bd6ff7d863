import Foundation
import HTTPClient
import Spawning
import TestSupport
import Testing

@testable import Summaries

private let python = "/usr/bin/python3"
private let hasPrograms = [python, "/usr/bin/openssl"].allSatisfy {
  FileManager.default.isExecutableFile(atPath: $0)
}

/// A model behind TLS whose certificate its owner signed.
private final class ModelTLSServer {
  let port: Int
  private let process: ChildProcess

  /// Starts a server that gives the same body to every request.
  init(_ certificate: SMTPFixture.Certificate, body: String) throws {
    let program = """
      import http.server, ssl, sys
      class Model(http.server.BaseHTTPRequestHandler):
          def do_POST(self):
              self.rfile.read(int(self.headers["Content-Length"]))
              self.send_response(200)
              self.send_header("Content-Length", str(len(body)))
              self.end_headers()
              self.wfile.write(body)
          def log_message(self, *arguments): pass
      body = sys.argv[3].encode()
      server = http.server.HTTPServer(("127.0.0.1", 0), Model)
      context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      context.load_cert_chain(sys.argv[1], sys.argv[2])
      server.socket = context.wrap_socket(server.socket, server_side=True)
      print(server.server_port, flush=True)
      while True: server.handle_request()
      """
    var command = ChildCommand(
      [python, "-c", program, certificate.file, certificate.key, body],
      environment: ProcessInfo.processInfo.environment)
    command.output = .pipe
    process = try ChildProcess(command)
    port = process.readLine().flatMap { Int($0) } ?? 0
  }

  deinit { process.end() }
}

@Suite(.enabled(if: hasPrograms)) struct ModelTLSTests {
  @Test(arguments: ModelInterface.allCases)
  func `trusts the authorities that the job names, and no server besides`(
    interface: ModelInterface
  ) throws {
    let certificate = try SMTPFixture.Certificate()
    let server = try ModelTLSServer(
      certificate, body: ModelStandIn.body(interface, ModelStandIn.goodAnswer))
    let night = try Scene().outage()
    let prompt = SummaryPrompt(about: .cluster(night.clusters[1]), in: night)
    var configuration = ModelConfiguration(
      interface, url: "https://127.0.0.1:\(server.port)", model: "m", key: "k")
    let untrusted = try ChatModel(configuration).ask(prompt)
    guard case .unreachable(_, let reason)? = untrusted.result.failure else {
      Issue.record("\(untrusted.result)")
      return
    }
    #expect(reason.contains("no trusted TLS connection"))
    configuration.client.certificateAuthorities = certificate.file
    #expect(throws: Never.self) { try ChatModel(configuration).ask(prompt).result.get() }
  }
}
