import Foundation
import TestSupport
import Testing

/// The morning mail, from the job file to a real SMTP server.
@Suite struct MailTests {
  static let python = "/usr/bin/python3"
  static let hasServer: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = ["-c", "import aiosmtpd"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// A running aiosmtpd that writes what it takes into a folder.
  final class Server {
    let port: Int
    private let process = Process()
    private let input = Pipe()

    init(directory: URL, mode: String) throws {
      let output = Pipe()
      process.executableURL = URL(filePath: MailTests.python)
      process.arguments = [Fixtures.file("smtp/server.py").path, directory.path, mode]
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    deinit {
      try? input.fileHandleForWriting.close()
      process.terminate()
    }
  }

  func site(_ server: Server) throws -> ScratchDirectory {
    let scratch = try ScratchDirectory()
    try scratch.write("2026-03-12T10:00:00Z ERROR disk <b>full</b> on sda1\n", to: "app.log")
    try scratch.write(
      """
      name: nightly
      tenant: acme
      sources:
        - log_files: { path: app.log, service: shop }
      notify:
        email:
          url: smtp://127.0.0.1:\(server.port)
          from: "Daybreak <daybreak@acme.test>"
          to: [sre@acme.test]
          when: [always]

      """, to: "job.yaml")
    return scratch
  }

  @Test(.enabled(if: hasServer), arguments: ["accept", "hang-up-dot"])
  func `sends one mail a run, however often the run is started`(mode: String) throws {
    let inbox = try ScratchDirectory()
    let server = try Server(directory: inbox.url, mode: mode)
    let scratch = try site(server)
    let environment = [
      "DAYBREAK_DATABASE_URL": try TestDatabase.make().conninfo, "DAYBREAK_HOME": "home",
    ]
    for arguments in [["--date", "2026-03-12"], ["--date", "2026-03-12", "--force"]] {
      let outcome = try DaybreakProcess.run(
        ["run", "job.yaml"] + arguments, in: scratch.url, environment: environment)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let mails = try inbox.tree("").filter { $0.key.hasSuffix(".eml") }
    let identities = Set(mails.values.map { messageID($0) })
    #expect(identities.count == 1)
    // Nobody knows whether a server that hung up after the final dot kept the mail: it is sent again
    // as the same mail.
    #expect(mails.count == (mode == "accept" ? 1 : 2))
    let mail = String(decoding: try #require(mails.values.first), as: UTF8.self)
    #expect(mail.contains("Subject: [acme] 12 Mar:"), "\(mail.prefix(800))")
    #expect(mail.contains("multipart/alternative"))
    #expect(!mail.contains("<b>full</b>"))
  }

  private func messageID(_ mail: Data) -> String {
    String(decoding: mail, as: UTF8.self).split(whereSeparator: \.isNewline)
      .first { $0.hasPrefix("Message-ID:") }.map(String.init) ?? "none"
  }
}
