import DaybreakCore
import Extraction
import Foundation
import TestSupport
import Testing

/// Exports of a real Loki 3.7.6 against what was pushed to it, counted by Foundation's JSON alone.
@Suite(
  .enabled(if: Fixtures.shared("loki") != nil, "no captures of a real Loki beside the checkout"))
struct SharedCaptureTests {
  /// One entry as pushed.
  struct Entry: Hashable {
    var timestamp: Int64
    var namespace: String
    var service: String
    var line: [UInt8]
  }

  private let folder: URL
  private let truth: [Entry: Int]

  init() throws {
    folder = try #require(Fixtures.shared("loki"))
    let packed = folder.appending(path: "truth_acme_prod_0900_0920.jsonl.gz")
    let data = try output(of: "/usr/bin/env", "gzip", "-dc", packed.path)
    var entries: [Entry: Int] = [:]
    for line in data.split(separator: 0x0A) {
      let row = try #require(try JSONSerialization.jsonObject(with: line) as? [Any])
      let labels = try #require(row[1] as? [String: String])
      let time = try #require((row[0] as? NSNumber)?.int64Value)
      let text = try #require(row[3] as? String)
      let entry = Entry(
        timestamp: time, namespace: labels["namespace"] ?? "",
        service: labels["service_name"] ?? "",
        line: Array(text.utf8))
      entries[entry, default: 0] += 1
    }
    truth = entries
  }

  private func read(
    _ patterns: [String], configure: (inout FileSourceConfiguration) -> Void = { _ in }
  ) throws -> Reading {
    var configuration = FileSourceConfiguration(name: "capture", patterns: patterns)
    configuration.baseDirectory = folder.path
    configuration.readsHeaders = false
    configure(&configuration)
    return try readSource(configuration)
  }

  private func entries(_ reading: Reading) -> [Entry: Int] {
    reading.events.reduce(into: [:]) { entries, event in
      let entry = Entry(
        timestamp: event.timestamp ?? 0, namespace: event.namespace, service: event.service,
        line: event.message)
      entries[entry, default: 0] += 1
    }
  }

  /// Compares without printing thousands of lines.
  private func isTruth(_ entries: [Entry: Int], of service: String? = nil) -> Bool {
    entries == truth.filter { service == nil || $0.key.service == service }
  }

  @Test func `truth has 2519 entries`() { #expect(truth.values.reduce(0, +) == 2519) }

  @Test(arguments: [
    ["logcli_jsonl_forward_common.jsonl"], ["logcli_jsonl_backward_batch1000.jsonl"],
    ["qr_forward_page1.json", "qr_forward_page2.json", "qr_forward_page3.json"],
  ])
  func `an export equals what was pushed`(files: [String]) throws {
    let reading = try read(files)
    #expect(isTruth(entries(reading)))
    #expect(reading.coverage.linesClustered == 2519)
    #expect(reading.coverage.linesQuarantined == 0)
    #expect(reading.coverage.failure == nil)
  }

  @Test func `two overlapping entries of the pages count once`() throws {
    let reading = try read(["qr_forward_page*.json"])
    #expect(reading.coverage.duplicatesSkipped == 2)
    #expect(reading.coverage.linesFound == 2521)
  }

  @Test func `the same window exported in two formats counts once`() throws {
    let reading = try read(["logcli_jsonl_forward_common.jsonl", "qr_forward_page*.json"])
    #expect(isTruth(entries(reading)))
    #expect(reading.coverage.duplicatesSkipped == 2521)
  }

  @Test func `common labels put back make an export equal to a full one`() throws {
    let reading = try read([
      "logcli_jsonl_forward_common.jsonl", "logcli_jsonl_backward_batch1000.jsonl",
    ]) { $0.commonLabels = ["env": "prod"] }
    #expect(isTruth(entries(reading)))
    #expect(reading.coverage.duplicatesSkipped == 2519)
  }

  @Test func `categorized and folded metadata are the same entries`() throws {
    let reading = try read(["qr_forward_page*.json", "qr_backward_plain_page*.json"])
    #expect(isTruth(entries(reading)))
    #expect(reading.coverage.duplicatesSkipped == 2002)
  }

  @Test func `parts and their merger are the checkout service's entries`() throws {
    let reading = try read(["parts_*.part", "logcli_parallel_merged_checkout.jsonl"])
    #expect(isTruth(entries(reading), of: "checkout"))
    #expect(reading.coverage.duplicatesSkipped == reading.coverage.linesClustered)
  }

  @Test func `exploded label sets are the checkout service's entries`() throws {
    let reading = try read(["qr_checkout_plain_labels_exploded.json"])
    #expect(isTruth(entries(reading), of: "checkout"))
  }

  @Test func `twins in three pods stay`() throws {
    var configuration = FileSourceConfiguration(
      name: "twins", patterns: ["logcli_twins_batch10.jsonl"])
    configuration.baseDirectory = folder.path
    let reading = try readSource(configuration, window: .day(19))
    #expect(reading.events.count == 94)
    #expect(reading.coverage.duplicatesSkipped == 0)
  }

  @Test func `ugly lines come out as they went in, in both formats`() throws {
    let file = folder.appending(path: "logcli_edge_jsonl.jsonl")
    var expected: [[UInt8]: Int] = [:]
    for line in try Data(contentsOf: file).split(separator: 0x0A) {
      let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
      expected[Array(try #require(object["line"] as? String).utf8), default: 0] += 1
    }
    var configuration = FileSourceConfiguration(name: "edge", patterns: ["logcli_edge_jsonl.jsonl"])
    configuration.baseDirectory = folder.path
    configuration.readsHeaders = false
    let reading = try readSource(configuration, window: .always)
    // Foundation drops a byte order mark in front of a string; it is part of the line and is kept.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let found = reading.events.reduce(into: [[UInt8]: Int]()) { found, event in
      let isMarked = event.message.starts(with: mark)
      found[isMarked ? Array(event.message.dropFirst(3)) : event.message, default: 0] += 1
    }
    let isSame = found == expected
    #expect(isSame)
    #expect(reading.events.count { $0.message.starts(with: mark) } == 1)
    configuration.patterns = ["qr_edge_forward.json"]
    let other = try readSource(configuration, window: .always)
    #expect(other.coverage.linesQuarantined == 0)
    #expect(other.events.count > 50)
  }

  @Test func `raw output keeps every physical line and has no time`() throws {
    let data = try Data(contentsOf: folder.appending(path: "logcli_raw_forward.log"))
    let reading = try read(["logcli_raw_forward.log"]) {
      $0.format = .logcliRaw
      $0.readsHeaders = true
    }
    #expect(reading.coverage.linesClustered == Int64(data.count { $0 == 0x0A }))
    #expect(reading.coverage.linesWithoutTime == reading.coverage.linesClustered)
  }

  @Test(arguments: ["logcli_default_forward_checkout.txt", "logcli_default_rfc3339nano.txt"])
  func `default output gives the checkout service's lines`(file: String) throws {
    let data = try Data(contentsOf: folder.appending(path: file))
    let reading = try read([file]) {
      $0.commonLabels = ["env": "prod", "namespace": "prod-shop", "service_name": "checkout"]
    }
    #expect(reading.coverage.linesClustered == Int64(data.count { $0 == 0x0A }))
    let lines = Set(truth.keys.filter { $0.service == "checkout" }.map(\.line))
    #expect(reading.events.allSatisfy { lines.contains($0.message) && $0.service == "checkout" })
  }

  @Test(arguments: [
    "matrix_count_by_service_level_1h.json", "vector_count_1d.json", "labels.json", "series.json",
    "label_values_service_name.json",
  ])
  func `an answer that is no log streams is quarantined as a file`(file: String) throws {
    let reading = try read([file])
    let record = try #require(reading.coverage.quarantine.first)
    #expect(reading.events.isEmpty)
    #expect(record.lineCount == 0)
    #expect(record.reason.hasPrefix("not log streams"))
    #expect(reading.coverage.inputs.first?.failure != nil)
  }

  @Test func `levels follow the labels`() throws {
    let reading = try read(["logcli_jsonl_forward_common.jsonl"])
    let file = folder.appending(path: "logcli_jsonl_forward_common.jsonl")
    var expected: [Level: Int] = [:]
    for line in try Data(contentsOf: file).split(separator: 0x0A) {
      let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
      let labels = try #require(object["labels"] as? [String: String])
      let level = Level(name: (labels["detected_level"] ?? "").uppercased()) ?? .unknown
      expected[level, default: 0] += 1
    }
    for level in Level.allCases where level != .unknown {
      let found = reading.events.count { $0.level == level }
      // Entries whose labels do not know may be known by their own words.
      #expect(found >= expected[level] ?? 0)
    }
  }
}
