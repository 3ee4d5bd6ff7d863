import DaybreakCore
import DemoShop
import Foundation
import Postgres
import Storage
import TestSupport
import Testing

/// Kills runs at moments all along their length: what a second run makes of the rest must be what an
/// undisturbed run makes of the whole.
@Suite(.serialized) struct KillTests {
  /// How many runs are killed; more in a soak.
  static let moments = ProcessInfo.processInfo.environment["DAYBREAK_SOAK"] == nil ? 10 : 100

  /// A folder with a job over logs that all sites share, and an empty database of its own.
  struct Site {
    let scratch: ScratchDirectory
    let database: ConnectionTarget

    init(logs: URL) throws {
      scratch = try ScratchDirectory()
      database = try TestDatabase.make()
      try scratch.write(
        """
        name: nightly
        timezone: Europe/Berlin
        nights: { from: 2026-03-11, to: 2026-03-12 }
        sources:
          - loki_export: { tenant: acme, path: "\(logs.path)/acme/loki-{date}.jsonl" }
          - log_files: { tenant: acme, path: "\(logs.path)/acme/gateway-access-{date}.log" }
          - log_files: { tenant: acme, path: "\(logs.path)/acme/payments-{date}.log" }
          - loki_export: { tenant: globex, path: "\(logs.path)/globex/loki-{date}.jsonl" }

        """, to: "job.yaml")
    }

    func start() throws -> DaybreakProcess {
      try DaybreakProcess(
        ["run", "job.yaml"], in: scratch.url,
        environment: ["DAYBREAK_DATABASE_URL": database.conninfo, "DAYBREAK_HOME": "home"])
    }

    /// Every page; of `run.json`, which holds durations, that it is there.
    func pages() throws -> [String: Data] {
      var pages = try scratch.tree("reports")
      for path in pages.keys where path.hasSuffix("/run.json") { pages[path] = Data() }
      return pages
    }

    /// The store's content without clock times.
    func dump() throws -> String {
      let store = try Store(database)
      defer { store.close() }
      return try store.tenantNames().map { try store.canonicalDump(of: $0) }.joined()
    }
  }

  /// Two nights of the demo's shop, one line in four: every source and both tenants, in less time.
  func makeLogs() throws -> ScratchDirectory {
    let logs = try ScratchDirectory()
    let manifest = try DemoShop.write(
      to: logs.url, lastNight: try #require(CivilDate("2026-03-12")), zone: "Europe/Berlin",
      nights: 2)
    for file in manifest.files {
      let lines = try Data(contentsOf: logs.url.appending(path: file.path)).split(separator: 0x0A)
      let kept = stride(from: 0, to: lines.count, by: 4).map { lines[$0] + [0x0A] }
      try Data(kept.joined()).write(to: logs.url.appending(path: file.path))
    }
    return logs
  }

  @Test func `a run killed at any moment ends like one that was not`() throws {
    let logs = try makeLogs()
    let calm = try Site(logs: logs.url)
    let start = ContinuousClock.now
    let outcome = try calm.start().wait()
    var length = (ContinuousClock.now - start) / .seconds(1)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let pages = try calm.pages()
    let dump = try calm.dump()
    #expect(pages.count > 20)
    var generator = SeededRandom(seed: 20_260_312)
    var stages: [String] = []
    for _ in 0..<(3 * Self.moments) where stages.count < Self.moments {
      let site = try Site(logs: logs.url)
      // Each kill has a part of the run's length to itself, and falls somewhere in it.
      let part = Double(stages.count) + Double.random(in: 0..<1, using: &generator)
      let delay = length * part / Double(Self.moments)
      let process = try site.start()
      Thread.sleep(forTimeInterval: delay)
      process.send(SIGKILL)
      let killed = process.wait()
      guard killed.ending == .signalled(SIGKILL) else {
        // Too late, because runs have become faster than the first: the same part again, sooner.
        #expect(killed.status == 0, "\(killed.errors)")
        length = delay
        continue
      }
      stages.append(lastStage(killed.errors))
      let place = "killed after \(delay) s in \(stages.last ?? "")"
      let second = try site.start().wait()
      #expect(second.status == 0, "\(place): \(second.errors)")
      let found = try site.pages()
      #expect(found.keys.sorted() == pages.keys.sorted(), "\(place)")
      let differing = pages.keys.filter { found[$0] != pages[$0] }.sorted()
      #expect(differing == [], "\(place)")
      let difference = try site.dump().split(separator: "\n").difference(
        from: dump.split(separator: "\n"))
      #expect(difference.isEmpty, "\(place): \(difference.prefix(4))")
    }
    print("killed \(stages.count) runs in: \(stages.joined(separator: ", "))")
    #expect(stages.count == Self.moments)
  }

  /// The stage that a run's log names last, with its tenant and its night's day.
  private func lastStage(_ log: String) -> String {
    let line = log.split(separator: "\n").last { $0.contains("event=\"stage started\"") }
    guard let line else { return "no stage" }
    let values = line.split(separator: " ").compactMap { word in
      ["stage=", "tenant=", "date="].first { word.hasPrefix($0) }.map { word.dropFirst($0.count) }
    }
    return values.joined(separator: " ")
  }
}
