import DaybreakCore
import Foundation
import Postgres
import Testing

@testable import Pipeline

@Suite struct DoctorTests {
  /// A Debian 13 machine that lacks nothing.
  static let healthy = DoctorFacts(
    distribution: DoctorFacts.Distribution(id: "debian", version: "13"), isRoot: false,
    servers: [
      DoctorFacts.Server(
        directory: "/usr/lib/postgresql/17/bin", major: 17, version: "17.4",
        extensions: [
          "vector": "0.8.0", "timescaledb": "2.19.3", "pg_trgm": "1.6", "btree_gin": "1.3",
          "uuid-ossp": "1.1", "pg_stat_statements": "1.11",
        ])
    ],
    clientPrograms: [
      ClientBinaries(directory: "/usr/lib/postgresql/17/bin", major: 17, version: "17.4")
    ],
    database: nil,
    embedded: EmbeddedServerState(
      directory: "/srv/daybreak/postgres", majorVersion: 17, byteCount: 50 << 20, serverUser: "ann"),
    home: DoctorFacts.Home(
      path: "/srv/daybreak", exists: true, isDirectory: true, isWritable: true,
      isOpenToOthers: false, availableByteCount: 80 << 30),
    libraries: [LibraryVersion(name: "libpq", version: "17.4")],
    carriedParts: [
      DoctorFacts.CarriedPart(name: "templates", found: "built in", isSound: true)
    ],
    modelDirectory: "/srv/daybreak/models/all-MiniLM-L6-v2", unknownTimeZones: [])

  /// The one check of that name, after a change to the healthy machine.
  private func check(
    _ name: String, _ change: (inout DoctorFacts) -> Void
  ) throws -> DoctorCheck {
    var facts = DoctorTests.healthy
    change(&facts)
    return try #require(Doctor(facts).checks().first { $0.name == name })
  }

  @Test func `finds nothing amiss on a healthy machine`() {
    let report = DoctorReport(Doctor(DoctorTests.healthy).checks())
    #expect(report.worst == .ok)
    #expect(report.checks.allSatisfy { $0.remedy == nil })
    #expect(report.table.hasSuffix("\n\nEverything is there.\n"))
  }

  @Test func `gives a remedy with everything that is not well`() {
    var facts = DoctorTests.healthy
    facts.servers = []
    facts.home.availableByteCount = 2 << 30
    facts.libraries = [
      LibraryVersion(name: "libcurl", version: "8.14.1", missingFeatures: ["smtp"])
    ]
    facts.unknownTimeZones = ["Europe/Berlin"]
    let amiss = Doctor(facts).checks().filter { $0.state != .ok }
    #expect(
      amiss.map(\.name) == [
        "disk space", "PostgreSQL server", "embedded server", "libcurl", "time zones",
      ])
    #expect(amiss.allSatisfy { $0.remedy != nil })
  }

  @Test(arguments: [("12", "postgresql-15"), ("13", "postgresql-17")])
  func `names the release's own package when no server is installed`(
    version: String, package: String
  ) throws {
    let check = try check("PostgreSQL server") {
      $0.distribution.version = version
      $0.servers = []
    }
    #expect(check.state == .missing)
    #expect(check.remedy == "sudo apt-get install --no-install-recommends \(package)")
  }

  @Test func `warns when the encoder's model is absent`() throws {
    let check = try check("encoder model") { $0.modelDirectory = nil }
    #expect(check.state == .warning)
    #expect(check.remedy == "script/bootstrap --retry")
  }

  @Test(arguments: [
    ([], "absent"), ([16], "16.1, older than the server"),
    ([16, 18], "18.1 in /18: what it dumps"),
  ])
  func `warns when backups lack the programs of the server's version`(
    majors: [Int], words: String
  ) throws {
    let check = try check("pg_dump, pg_restore") {
      $0.clientPrograms = majors.map {
        ClientBinaries(directory: "/\($0)", major: $0, version: "\($0).1")
      }
    }
    #expect(check.state == .warning)
    #expect(check.found.hasPrefix(words))
    #expect(
      check.remedy == "sudo apt-get install --no-install-recommends postgresql-client-17")
  }

  @Test func `takes the oldest programs that serve the server that the environment names`() throws {
    let check = try check("pg_dump, pg_restore") {
      $0.database = .reached(target: "elsewhere", versionNumber: 150_020, extensions: [:])
      $0.clientPrograms = [15, 17].map {
        ClientBinaries(directory: "/\($0)", major: $0, version: "\($0).1")
      }
    }
    #expect(check.state == .ok && check.found == "15.1 in /15")
  }

  @Test func `leaves sudo out for root`() throws {
    let check = try check("PostgreSQL server") {
      $0.isRoot = true
      $0.servers = []
    }
    #expect(check.remedy == "apt-get install --no-install-recommends postgresql-17")
  }

  @Test func `refuses a server that is too old`() throws {
    let check = try check("PostgreSQL server") {
      $0.servers[0].major = 14
      $0.servers[0].version = "14.9"
    }
    #expect(check.state == .missing)
  }

  @Test(arguments: [
    ("12", "sudo script/bootstrap --retry"),
    ("13", "sudo apt-get install --no-install-recommends postgresql-17-pgvector"),
  ])
  func `says how to get an extension and what happens without`(
    version: String, remedy: String
  ) throws {
    let check = try check("extension vector") {
      $0.distribution.version = version
      $0.servers[0].extensions["vector"] = nil
    }
    #expect(check.state == .warning)
    #expect(check.found == "absent: vectors are searched one by one in place of by an index")
    #expect(check.remedy == remedy)
  }

  @Test func `judges the named database in place of the embedded server`() {
    var facts = DoctorTests.healthy
    facts.servers = []
    facts.database = .reached(
      target: "ann@db:5432/daybreak", versionNumber: 160_004, extensions: ["vector": "0.8.0"])
    let checks = Doctor(facts).checks()
    #expect(checks.contains { $0.found == "PostgreSQL 16.4 at ann@db:5432/daybreak" })
    #expect(!checks.contains { $0.name == "embedded server" })
    #expect(
      checks.first { $0.name == "extension timescaledb" }?.remedy
        == "install timescaledb on that server's machine")
  }

  @Test func `passes on why the named database cannot be reached`() throws {
    let check = try check("PostgreSQL server") {
      $0.database = .failed(summary: "cannot connect to db", remedy: "check the address")
    }
    #expect(check.state == .missing)
    #expect(check.found == "cannot connect to db")
    #expect(check.remedy == "check the address")
  }

  @Test func `says which server old data need`() throws {
    let check = try check("embedded server") { $0.embedded.majorVersion = 15 }
    #expect(check.state == .missing)
    #expect(
      check.remedy == """
        sudo apt-get install --no-install-recommends postgresql-15, or begin anew: \
        mv /srv/daybreak/postgres /srv/daybreak/postgres-15
        """)
  }

  @Test func `names the directory that the server's user may not pass`() throws {
    let check = try check("embedded server") {
      $0.embedded.serverUser = "postgres"
      $0.embedded.blockedParent = "/root"
    }
    #expect(check.state == .missing)
    #expect(check.remedy?.hasPrefix("chmod o+x /root,") == true)
  }

  @Test func `warns of a home that others can change`() throws {
    let check = try check("home directory") { $0.home.isOpenToOthers = true }
    #expect(check.state == .warning)
    #expect(check.remedy == "chmod go-w /srv/daybreak")
  }

  @Test func `quotes paths so that a shell reads them back`() throws {
    let check = try check("home directory") {
      $0.home.path = "/srv/it's here"
      $0.home.isOpenToOthers = true
    }
    #expect(check.remedy == #"chmod go-w '/srv/it'\''s here'"#)
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1 << 20, "1.0 MiB"), (1_572_864, "1.5 MiB"),
    (800 << 30, "800 GiB"), (3 << 40, "3.0 TiB"),
  ])
  func `writes byte counts in the largest fitting unit`(count: Int, text: String) {
    #expect(byteCountText(count) == text)
  }

  @Test func `reads the distribution whether quoted or not`() {
    let distribution = DoctorFacts.Distribution(
      osRelease: "PRETTY_NAME=\"Debian\"\nID=debian\nVERSION_ID=\"12\"\n")
    #expect(distribution == DoctorFacts.Distribution(id: "debian", version: "12"))
  }
}

@Suite struct DoctorReportTests {
  private let report = DoctorReport([
    DoctorCheck(name: "disk space", state: .ok, found: "80 GiB free"),
    DoctorCheck(
      name: "time zones", state: .warning, found: "a\u{1B}[31mb\nc", remedy: "apt-get install x"),
  ])

  @Test func `lines up the table and puts remedies below`() {
    #expect(
      report.table == """
        ok       disk space  80 GiB free
        warning  time zones  a\\u{1b}[31mb c
                 -> apt-get install x

        Daybreak can run; 1 of 2 things could be better.

        """)
  }

  @Test func `writes JSON that reads back as the same report`() throws {
    let text = try report.json()
    #expect(text.contains(#""worst" : "warning""#))
    #expect(try JSONDecoder().decode(DoctorReport.self, from: Data(text.utf8)) == report)
  }
}

@Suite struct DoctorCollectionTests {
  private func facts(home: String, variables: [String: String] = [:]) -> DoctorFacts {
    DoctorFacts.ofThisMachine(
      home: URL(filePath: home), embeddedDirectory: home + "/postgres", variables: variables,
      modelDirectory: nil)
  }

  @Test func `finds every library that the pipeline links`() {
    let libraries = facts(home: "/tmp").libraries
    #expect(libraries.count == 9)
    #expect(!libraries.contains { $0.version.contains("unknown") || $0.version.isEmpty })
  }

  @Test func `finds what the program carries sound`() {
    let parts = facts(home: "/tmp").carriedParts
    #expect(parts.map(\.name) == ["templates", "migrations"])
    #expect(parts.allSatisfy { $0.isSound })
  }

  @Test func `changes nothing`() {
    let home = "/tmp/daybreak-doctor-\(UUID())"
    let facts = facts(home: home)
    #expect(!facts.home.exists)
    #expect(facts.home.isWritable)
    #expect(facts.embedded.majorVersion == nil)
    #expect(!FileManager.default.fileExists(atPath: home))
  }

  @Test func `never shows the password of the database`() throws {
    let facts = facts(
      home: "/tmp",
      variables: ["DAYBREAK_DATABASE_URL": "postgres://ann:s3cret@127.0.0.1:1/daybreak"])
    let report = DoctorReport(Doctor(facts).checks())
    #expect(report.worst == .missing)
    #expect(!(try report.json()).contains("s3cret"))
  }

  @Test(.enabled(if: !ServerBinaries.find(searchPath: []).isEmpty))
  func `sees the contributed extensions of an installed server`() throws {
    let server = try #require(facts(home: "/tmp").servers.first)
    #expect(server.extensions["pg_trgm"]?.isEmpty == false)
  }
}
