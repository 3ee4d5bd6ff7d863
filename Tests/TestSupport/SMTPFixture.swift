package import Foundation
internal import Spawning

/// A real SMTP server in a process of its own: aiosmtpd with the handler in `Tests/Fixtures/smtp`.
package final class SMTPFixture {
  /// Whether this machine has what it needs; without it, tests say that they were skipped.
  package static let isAvailable: Bool = {
    guard FileManager.default.isExecutableFile(atPath: python) else { return false }
    return (try? output(of: python, "-c", "import aiosmtpd")) != nil
  }()

  private static let python = "/usr/bin/python3"
  package let directory: URL
  package let port: Int
  private let process: ChildProcess

  /// What the server asks of its clients.
  package struct Demands {
    package var certificate: Certificate?
    package var requiresTLS = false
    package var user: String?
    package var password = "correct horse"

    package init() {}
  }

  /// A certificate that its maker signed.
  package struct Certificate {
    package let file: String
    package let key: String

    /// Makes one by openssl, for names as `subjectAltName` has them.
    package init(names: String = "DNS:localhost,IP:127.0.0.1") throws {
      let base = FileManager.default.temporaryDirectory.path + "/daybreak-cert-\(UUID().uuidString)"
      file = base + ".pem"
      key = base + ".key"
      _ = try output(
        of: "/usr/bin/openssl", "req", "-x509", "-newkey", "ec",
        "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=\(names)",
        "-days", "2", "-keyout", key, "-out", file)
    }
  }

  /// Starts a server that behaves as a mode of `server.py` says.
  package init(_ mode: String, _ adjust: (inout Demands) throws -> Void = { _ in }) throws {
    var demands = Demands()
    try adjust(&demands)
    directory = FileManager.default.temporaryDirectory
      .appending(path: "daybreak-smtp-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var arguments = [
      SMTPFixture.python, Fixtures.file("smtp/server.py").path, directory.path, mode,
    ]
    if let certificate = demands.certificate {
      arguments += ["--tls", certificate.file, certificate.key]
    }
    if demands.requiresTLS { arguments.append("--require-tls") }
    if let user = demands.user { arguments += ["--auth", user, demands.password] }
    var command = ChildCommand(arguments, environment: ProcessInfo.processInfo.environment)
    command.input = .pipe
    command.output = .pipe
    process = try ChildProcess(command)
    port = process.readLine().flatMap { Int($0) } ?? 0
  }

  deinit {
    process.end()
    try? FileManager.default.removeItem(at: directory)
  }

  /// `smtp://127.0.0.1:port`.
  package var url: String { "smtp://127.0.0.1:\(port)" }

  /// The mails taken so far, in order.
  package func mails() throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "eml" }
      .sorted { $0.path < $1.path }
  }

  /// A mail's envelope: sender, then recipients.
  package func envelope(of mail: URL) throws -> [String] {
    let file = mail.deletingPathExtension().appendingPathExtension("to")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// What Python's email package understands of a mail.
  package static func parse(_ mail: URL) throws -> [String: Any] {
    let output = try output(of: python, Fixtures.file("smtp/parse.py").path, mail.path)
    let object = try JSONSerialization.jsonObject(with: output)
    return object as? [String: Any] ?? [:]
  }
}
