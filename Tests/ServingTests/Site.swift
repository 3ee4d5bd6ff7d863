import Foundation
import HTTPClient
import Serving
import Synchronization

/// A report folder in a scratch folder, with a secret beside it and ways out of it.
final class Site: Sendable {
  let base: String
  let root: String
  let client = HTTPClient()
  private let lines = Mutex<[String]>([])

  static let page = "<!doctype html><title>Night</title><p>2 incidents</p>\n"

  init() throws {
    base = "/tmp/daybreak-site-\(UUID().uuidString)"
    root = base + "/reports"
    let files = FileManager.default
    try files.createDirectory(
      atPath: root + "/acme/2026-03-12", withIntermediateDirectories: true)
    try files.createDirectory(atPath: root + "/empty", withIntermediateDirectories: true)
    try files.createDirectory(atPath: root + "/.git", withIntermediateDirectories: true)
    try files.createDirectory(atPath: base + "/outside", withIntermediateDirectories: true)
    for path in [
      "secret.txt", "outside/secret.txt", "outside/index.html", "reports/.hidden",
      "reports/.git/config", "reports/acme/.env",
    ] {
      try write(path, "SECRET\n")
    }
    for path in ["index.html", "acme/index.html", "acme/2026-03-12/index.html"] {
      try write("reports/" + path, Site.page)
    }
    try write("reports/acme/2026-03-12/report.json", "{}\n")
    let links = [
      "link-out": "../outside", "link-etc": "/etc", "link-file": "../secret.txt", "link-up": "..",
      "link-chain": "link-up", "link-magic": "/proc/self/cwd", "link-dot": "acme/../../secret.txt",
      "link-in": "acme",
    ]
    for (name, target) in links {
      try files.createSymbolicLink(atPath: "\(root)/\(name)", withDestinationPath: target)
    }
    mkfifo(root + "/fifo", 0o600)
  }

  deinit { try? FileManager.default.removeItem(atPath: base) }

  func write(_ path: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(base)/\(path)"))
  }

  func serve(_ adjust: (inout ServingOptions) -> Void = { _ in }) throws -> ReportServer {
    var options = ServingOptions()
    adjust(&options)
    return try ReportServer(root: root, port: 0, options: options) { [weak self] line in
      self?.lines.withLock { $0.append(line) }
    }
  }

  var log: [String] { lines.withLock { $0 } }
}
