import DaybreakCore
import DemoShop
import Foundation
import Testing

@Suite struct DemoShopTests {
  /// A directory of its own for one test; the test removes it.
  private func withDirectory<R>(_ body: (URL) throws -> R) throws -> R {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "daybreak-demo-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url)
  }

  private func date(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

  private func digests(_ directory: URL, _ manifest: DemoManifest) throws -> [String] {
    try manifest.files.map { file in
      hex(sha256([UInt8](try Data(contentsOf: directory.appending(path: file.path)))))
    }
  }

  @Test func `writes the same bytes for the same seed and others for another`() throws {
    let night = try date("2026-03-12")
    func write(_ seed: UInt64) throws -> [String] {
      try withDirectory { directory in
        let manifest = try DemoShop.write(
          to: directory, lastNight: night, zone: "Europe/Berlin", nights: 1, seed: seed)
        return try digests(directory, manifest)
      }
    }
    let first = try write(1)
    #expect(try write(1) == first)
    #expect(try write(2) != first)
  }

  @Test func `counts in the manifest what is in the files`() throws {
    try withDirectory { directory in
      let manifest = try DemoShop.write(
        to: directory, lastNight: date("2026-03-12"), zone: "Europe/Berlin", nights: 2, seed: 1)
      #expect(manifest.tenants == ["acme", "globex"])
      #expect(manifest.nights == ["2026-03-11", "2026-03-12"])
      #expect(manifest.files.count == 10)
      for file in manifest.files {
        let bytes = try Data(contentsOf: directory.appending(path: file.path))
        #expect(bytes.count { $0 == 0x0A } == file.lineCount, "\(file.path)")
      }
      let events = manifest.files.reduce(0) { $0 + $1.eventCount }
      #expect(manifest.counts.reduce(0) { $0 + $1.events } == events)
      #expect((80_000...120_000).contains(events), "\(events)")
      #expect(Set(manifest.counts.map(\.service)).count == 12)
      let read = try JSONDecoder().decode(
        DemoManifest.self, from: Data(contentsOf: directory.appending(path: "manifest.json")))
      #expect(read == manifest)
    }
  }

  @Test func `writes exports that a JSON reader agrees with, in time order`() throws {
    try withDirectory { directory in
      let manifest = try DemoShop.write(
        to: directory, lastNight: date("2026-03-12"), zone: "Europe/Berlin", nights: 1, seed: 1)
      let text = try String(
        contentsOf: directory.appending(path: "globex/loki-2026-03-12.jsonl"), encoding: .utf8)
      struct Entry: Decodable {
        var labels: [String: String]
        var line: String
        var timestamp: String
      }
      let entries = try text.split(separator: "\n").map {
        try JSONDecoder().decode(Entry.self, from: Data($0.utf8))
      }
      for level in ["info", "warn", "error"] {
        let truth = manifest.counts.filter {
          $0.tenant == "globex" && $0.level == level.uppercased()
        }
        for count in truth {
          let found = entries.count {
            $0.labels["detected_level"] == level && $0.labels["service_name"] == count.service
          }
          #expect(found == count.events)
        }
      }
      let hours = entries.map { $0.timestamp.prefix(19) }
      #expect(hours == hours.sorted())
      #expect(entries.allSatisfy { $0.labels["namespace"] == "billing" && !$0.line.isEmpty })
    }
  }

  @Test func `plants the outage and says where it is`() throws {
    let calendar = try #require(NightCalendar(zoneName: "Europe/Berlin"))
    let night = DemoNight(
      try date("2026-03-12"), calendar: calendar, seed: 1, hasIncident: true)
    let payments = try #require(
      night.minutes(ofTenant: "acme").first { $0.identity.service == "payments" })
    let during = payments.minutes[130..<172].reduce(0) { $0 + $1.errors }
    #expect(during > 700)
    #expect(payments.total.errors - during < 80)
    try withDirectory { directory in
      let manifest = try DemoShop.write(
        to: directory, lastNight: date("2026-03-12"), zone: "Europe/Berlin", nights: 1, seed: 1)
      #expect(manifest.incident.service == "payments")
      #expect(manifest.incident.start == "2026-03-12T01:10:00Z")
      #expect(manifest.incident.end == "2026-03-12T01:52:00Z")
      #expect(manifest.incident.affected == ["checkout", "gateway"])
    }
  }

  @Test(arguments: [
    ("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25),
    ("Australia/Sydney", "2026-10-04", 23), ("Asia/Kathmandu", "2026-03-12", 24),
  ])
  func `fills nights of 23, 24 and 25 hours`(zone: String, day: String, hours: Int) throws {
    let calendar = try #require(NightCalendar(zoneName: zone))
    let night = DemoNight(try date(day), calendar: calendar, seed: 3, hasIncident: true)
    let minutes = night.minutes(ofTenant: "acme")
    #expect(minutes.allSatisfy { $0.minutes.count == hours * 60 })
    let gateway = try #require(minutes.first { $0.identity.service == "gateway" })
    for hour in 0..<hours {
      #expect(gateway.minutes[(hour * 60)..<(hour * 60 + 60)].reduce(0) { $0 + $1.total } > 100)
    }
    try withDirectory { directory in
      let manifest = try DemoShop.write(
        to: directory, lastNight: date(day), zone: zone, nights: 1, seed: 3)
      let start = try #require(
        try? Date.ISO8601FormatStyle().parse(manifest.incident.start))
      let clock = calendar.clock(of: Timestamp(seconds: Int64(start.timeIntervalSince1970)))
      #expect(clock.hour * 60 + clock.minute >= 130)
    }
  }

  @Test func `names the zone it does not know`() throws {
    #expect(throws: DemoError.unknownZone("Mars/Base")) {
      try withDirectory {
        _ = try DemoShop.write(to: $0, lastNight: date("2026-03-12"), zone: "Mars/Base")
      }
    }
  }
}
