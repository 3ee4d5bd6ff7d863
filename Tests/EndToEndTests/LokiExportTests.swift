import Foundation
import TestSupport
import Testing

/// The example job over real captures of Loki, against a count of its own.
@Suite struct LokiExportTests {
  static let exports = Fixtures.shared("loki")

  struct Report {
    let json: [String: Any]

    init(_ scratch: ScratchDirectory, _ path: String) throws {
      let data = try Data(contentsOf: scratch.url.appending(path: path))
      json = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    func coverage(_ key: String) -> Int {
      ((json["coverage"] as? [String: Any])?[key] as? Int) ?? -1
    }

    /// Events in all clusters.
    var events: Int {
      (json["clusters"] as? [[String: Any]] ?? []).reduce(0) { $0 + ($1["count"] as? Int ?? 0) }
    }
  }

  @Test(.enabled(if: exports != nil, "no captures beside the checkout"))
  func `the report of real exports agrees line by line with an independent count`() throws {
    let exports = try #require(Self.exports)
    let scratch = try ScratchDirectory()
    let job = Fixtures.root.appending(path: "jobs/loki-export.yaml")
    let outcome = try DaybreakProcess.run(
      ["run", job.path], in: scratch.url,
      environment: [
        "LOKI_EXPORTS": exports.path,
        "DAYBREAK_DATABASE_URL": try TestDatabase.make().conninfo,
      ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    try checkProduction(exports, try Report(scratch, "reports/acme/2026-11-20/report.json"))
    try checkEdge(exports, try Report(scratch, "reports/edge/2026-11-19/report.json"))
  }

  private func checkProduction(_ exports: URL, _ report: Report) throws {
    var truth = ExportTruth()
    for name in [
      "logcli_jsonl_forward_common.jsonl", "logcli_parallel_merged_checkout.jsonl",
      "parts_20261120T090000_20261120T091000.part", "parts_20261120T091000_20261120T092000.part",
    ] {
      try truth.addLines(exports.appending(path: name))
    }
    try truth.addLines(
      exports.appending(path: "logcli_jsonl_backward_batch1000.jsonl"), common: ["env": "prod"])
    for name in [
      "qr_forward_page1", "qr_forward_page2", "qr_forward_page3", "qr_backward_plain_page1",
      "qr_backward_plain_page2", "qr_checkout_plain_labels_exploded",
    ] {
      try truth.addPage(exports.appending(path: name + ".json"))
    }
    let distinct = truth.distinct(on: "2026-11-20").count
    #expect(distinct == 2519)
    #expect(report.coverage("lines_read") == distinct)
    #expect(report.coverage("lines_quarantined") == 0)
    #expect(report.coverage("lines_clustered") == distinct)
    #expect(report.coverage("duplicates_skipped") == truth.count(on: "2026-11-20") - distinct)
    #expect(report.events == distinct)
  }

  private func checkEdge(_ exports: URL, _ report: Report) throws {
    var truth = ExportTruth()
    try truth.addLines(exports.appending(path: "logcli_edge_jsonl.jsonl"))
    try truth.addLines(exports.appending(path: "logcli_twins_batch10.jsonl"))
    try truth.addPage(exports.appending(path: "qr_edge_forward.json"))
    let entries = truth.distinct(on: "2026-11-19").count
    // Lines of text without a time belong to every night that reads them.
    let raw =
      try lineCount(exports.appending(path: "logcli_raw_forward.log"))
      + lineCount(exports.appending(path: "logcli_edge_raw_without_long.log"))
    let clustered = report.coverage("lines_clustered")
    let quarantined = report.coverage("lines_quarantined")
    #expect(report.coverage("lines_read") == entries + raw)
    #expect(clustered + quarantined == entries + raw)
    #expect(report.coverage("lines_without_time") == raw)
    #expect(report.events + report.coverage("continuation_lines") == clustered)
  }

  private func lineCount(_ file: URL) throws -> Int {
    let bytes = try Data(contentsOf: file)
    return bytes.count { $0 == 0x0A } + (bytes.last == 0x0A ? 0 : 1)
  }
}
