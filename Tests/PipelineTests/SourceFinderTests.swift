import DaybreakCore
import Rendering
import Testing

@testable import Pipeline

@Suite struct SourceFinderTests {
  private let payments = ServiceIdentity(namespace: "shop", service: "payments")

  private func job(_ sources: [String], _ rest: String = "") throws -> Job {
    let text =
      "name: nightly\ntenant: acme\nsources:\n" + sources.map { "  - \($0)\n" }.joined() + rest
    return try JobReader.read(Array(text.utf8), file: "job.yaml", variables: [:])
  }

  private func places(_ sources: String..., of identity: ServiceIdentity? = nil) throws
    -> [LineFinder.Place]
  {
    SourceFinder(sources: try job(sources).sources).finders(of: identity ?? payments).map(\.place)
  }

  @Test func `asks Loki by the label that it adds itself`() throws {
    #expect(
      try places("loki_export: { path: a.jsonl }")
        == [.loki(labels: ["service_name": "payments"], grafana: nil)])
  }

  @Test func `asks by the labels that the job names`() throws {
    #expect(
      try places(
        "loki_export: { path: a.jsonl, labels: { service: [app], namespace: [ns, namespace] }, "
          + "common_labels: { cluster: prod } }")
        == [.loki(labels: ["app": "payments", "ns": "shop", "cluster": "prod"], grafana: nil)])
  }

  @Test func `asks every source that may have the lines, and no files`() throws {
    let found = try places(
      "loki_export: { path: a.jsonl }", "log_files: { path: a.log }",
      "loki_export: { path: b.jsonl, labels: { service: [app] } }")
    #expect(
      found == [
        .loki(labels: ["service_name": "payments"], grafana: nil),
        .loki(labels: ["app": "payments"], grafana: nil),
      ])
  }

  @Test func `asks PostgreSQL by the columns that the job names`() throws {
    let table =
      "postgres: { url: postgres://db/app, table: app.Logs, where: \"level <> 'DEBUG'\", "
      + "columns: { time: at, message: line, service: app }, time_unit: milliseconds }"
    #expect(
      try places(table) == [
        .postgres(
          PostgresPlace(
            relation: "\"app\".\"Logs\"", timeColumn: "at", messageColumn: "line",
            values: ["app": "payments"], condition: "level <> 'DEBUG'", timeUnit: .milliseconds))
      ])
  }

  @Test func `asks a query as a relation, and not one of another service`() throws {
    let query =
      "postgres: { url: postgres://db/app, query: SELECT * FROM audit, service: audit, "
      + "columns: { time: at, message: line } }"
    #expect(try places(query).isEmpty)
    let audit = ServiceIdentity(namespace: "", service: "audit")
    #expect(
      try places(query, of: audit) == [
        .postgres(
          PostgresPlace(
            relation: "(SELECT * FROM audit) AS lines", timeColumn: "at", messageColumn: "line"))
      ])
  }

  @Test func `asks nobody for lines without a service`() throws {
    let nobody = ServiceIdentity(namespace: "shop", service: "")
    #expect(try places("loki_export: { path: a.jsonl }", of: nobody).isEmpty)
  }

  @Test func `links to the Grafana of the job, and to no other kind of address`() throws {
    let sources = ["loki_export: { path: a.jsonl }"]
    let job = try job(
      sources, "render: { grafana: { url: https://grafana.acme.test, data_source: loki } }\n")
    let finder = SourceFinder(sources: job.sources, grafana: job.render.grafana)
    let target = GrafanaTarget(url: "https://grafana.acme.test", dataSourceUID: "loki")
    #expect(
      finder.finders(of: payments).map(\.place)
        == [.loki(labels: ["service_name": "payments"], grafana: target)])
    #expect(throws: (any Error).self) {
      try self.job(sources, "render: { grafana: { url: 'javascript:x', data_source: loki } }\n")
    }
  }
}
