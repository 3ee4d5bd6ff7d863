import DaybreakCore
import Foundation
import Postgres
import Storage
import TestSupport
import Testing

/// Kills runs at random moments: what a second run makes of the rest must be what an undisturbed run
/// makes of the whole.
@Suite(.serialized) struct KillTests {
  /// How many moments are tried; more in a soak.
  static let moments = ProcessInfo.processInfo.environment["DAYBREAK_SOAK"] == nil ? 10 : 100

  /// A folder with two nights of the demo's logs, a job, and an empty database of its own.
  struct Site {
    let scratch: ScratchDirectory
    let database: ConnectionTarget

    init() throws {
      scratch = try ScratchDirectory()
      database = try TestDatabase.make()
    }

    var environment: [String: String] {
      ["DAYBREAK_DATABASE_URL": database.conninfo, "DAYBREAK_HOME": "home"]
    }

    func process(_ arguments: [String]) throws -> DaybreakProcess {
      try DaybreakProcess(arguments, in: scratch.url, environment: environment)
    }

    func run(_ arguments: [String]) throws -> DaybreakProcess.Outcome {
      try DaybreakProcess.run(arguments, in: scratch.url, environment: environment)
    }

    /// Every page but `run.json`, which holds durations.
    func pages() throws -> [String: Data] {
      try scratch.tree("demo/reports", leavingOut: ["run.json"])
    }

    /// The store's content without clock times.
    func dump() throws -> String {
      let store = try Store(database)
      defer { store.close() }
      return try store.tenantNames().map { try store.canonicalDump(of: $0) }.joined()
    }
  }

  static let demo = [
    "demo", "--no-serve", "--directory", "demo", "--nights", "2", "--last-night", "2026-03-12",
  ]

  @Test func `a run killed at any moment ends like one that was not`() throws {
    let calm = try Site()
    let start = ContinuousClock.now
    let outcome = try calm.run(Self.demo)
    let duration = ContinuousClock.now - start
    #expect(outcome.status == 0, "\(outcome.errors)")
    let pages = try calm.pages()
    let dump = try calm.dump()
    #expect(pages.count > 20)
    var generator = SeededGenerator(seed: 20_260_312)
    var kills = 0
    for moment in 0..<Self.moments {
      let site = try Site()
      let process = try site.process(Self.demo)
      try process.start()
      // Logs are made first; a kill there is answered by making them again.
      let share = Double(generator.next() % 1000) / 1000
      Thread.sleep(forTimeInterval: share * duration.seconds)
      process.send(SIGKILL)
      if try process.wait().wasKilled { kills += 1 }
      let second = try site.run(Self.demo)
      #expect(second.status == 0, "moment \(moment), after \(share): \(second.errors)")
      let found = try site.pages()
      #expect(found.keys.sorted() == pages.keys.sorted(), "moment \(moment), after \(share)")
      let differing = pages.keys.filter { found[$0] != pages[$0] }.sorted()
      #expect(differing == [], "moment \(moment), after \(share)")
      #expect(try site.dump() == dump, "moment \(moment), after \(share)")
    }
    print("killed \(kills) of \(Self.moments) runs before their end")
    #expect(kills > 0)
  }
}

extension Duration {
  /// As seconds with a fraction.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1_000_000_000_000_000_000
  }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
