import Foundation
import TestSupport
import Testing

/// Runs on the embedded server, as on a fresh machine.
@Suite(.serialized) struct EmbeddedRunTests {
  static let job = """
    name: nightly
    tenant: acme
    sources:
      - log_files: { path: app.log, service: shop }

    """

  func site() throws -> ScratchDirectory {
    let scratch = try ScratchDirectory()
    try scratch.write(Self.job, to: "job.yaml")
    let lines = (0..<600).map { minute in
      "2026-03-12T\(10 + minute / 60 % 10):\(10 + minute % 50):00Z INFO order \(minute) placed"
    }
    try scratch.write(lines.joined(separator: "\n") + "\n", to: "app.log")
    return scratch
  }

  /// The server's main process, from its lock file; nil when none runs.
  func serverProcess(_ scratch: ScratchDirectory) throws -> pid_t? {
    let home = scratch.url.appending(path: ".daybreak/postgres")
    let files = try FileManager.default.subpathsOfDirectory(atPath: home.path)
    guard let name = files.first(where: { $0.hasSuffix("postmaster.pid") }) else { return nil }
    let text = try String(contentsOf: home.appending(path: name), encoding: .utf8)
    return text.split(separator: "\n").first.flatMap { pid_t($0) }
  }

  @Test(.enabled(if: TestDatabase.isAvailable))
  func `one command makes, uses and stops a private server`() throws {
    let scratch = try site()
    let outcome = try DaybreakProcess.run(
      ["run", "job.yaml", "--date", "2026-03-12"], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try serverProcess(scratch) == nil)
    let home = scratch.url.appending(path: ".daybreak/postgres")
    let mode = try FileManager.default.attributesOfItem(atPath: home.path)[.posixPermissions]
    #expect(mode as? Int == 0o700)
  }

  @Test(.enabled(if: TestDatabase.isAvailable))
  func `a run goes on after both it and its server were killed`() throws {
    let scratch = try site()
    #expect(
      try DaybreakProcess.run(["run", "job.yaml", "--date", "2026-03-11"], in: scratch.url).status
        == 0)
    let process = try DaybreakProcess(
      ["run", "job.yaml", "--date", "2026-03-12"], in: scratch.url)
    var server: pid_t?
    for _ in 0..<200 where server == nil {
      server = try serverProcess(scratch)
      Thread.sleep(forTimeInterval: 0.02)
    }
    process.send(SIGKILL)
    _ = process.wait()
    kill(try #require(server), SIGKILL)
    let again = try DaybreakProcess.run(
      ["run", "job.yaml", "--date", "2026-03-12"], in: scratch.url)
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.output.contains("600 lines"), "\(again.output)")
  }
}
