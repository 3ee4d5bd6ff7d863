import DaybreakCore
import Rendering
import Testing

@testable import Pipeline

@Suite struct SourceFinderTests {
  private let payments = ServiceIdentity(namespace: "shop", service: "payments")

  private func finder(_ sources: String...) throws -> SourceFinder {
    let text = "name: nightly\ntenant: acme\nsources:\n" + sources.map { "  - \($0)\n" }.joined()
    let job = try JobReader.read(Array(text.utf8), file: "job.yaml", variables: [:])
    return SourceFinder(sources: job.sources)
  }

  @Test func `asks Loki by the label that it adds itself`() throws {
    let finder = try finder("loki_export: { path: a.jsonl }")
    #expect(
      finder.finder(of: payments) == .loki(labels: ["service_name": "payments"], grafana: nil))
  }

  @Test func `asks by the labels that the job names`() throws {
    let finder = try finder(
      "loki_export: { path: a.jsonl, labels: { service: [app], namespace: [ns, namespace] }, "
        + "common_labels: { cluster: prod } }")
    #expect(
      finder.finder(of: payments)
        == .loki(labels: ["app": "payments", "ns": "shop", "cluster": "prod"], grafana: nil))
  }

  @Test func `log files of another service are not in the way, those of any are`() throws {
    let loki = "loki_export: { path: a.jsonl }"
    let named = try finder(loki, "log_files: { path: a.log, service: gateway }")
    #expect(named.finder(of: payments) != nil)
    #expect(named.finder(of: ServiceIdentity(namespace: "", service: "gateway")) == nil)
    #expect(try finder(loki, "log_files: { path: a.log }").finder(of: payments) == nil)
  }

  @Test func `asks nobody where two sources name their labels differently`() throws {
    let finder = try finder(
      "loki_export: { path: a.jsonl }", "loki_export: { path: b.jsonl, labels: { service: [app] } }"
    )
    #expect(finder.finder(of: payments) == nil)
  }

  @Test func `asks nobody for lines without a service`() throws {
    let finder = try finder("loki_export: { path: a.jsonl }")
    #expect(finder.finder(of: ServiceIdentity(namespace: "shop", service: "")) == nil)
  }
}
