import Foundation
import Postgres
import TestSupport
import Testing

/// A job that reads a table of somebody's database.
@Suite struct PostgresSourceTests {
  @Test(.enabled(if: TestDatabase.isAvailable))
  func `reports on the rows of a table within the night`() throws {
    let scratch = try ScratchDirectory()
    let logs = try TestDatabase.make()
    let connection = try Connection(logs)
    try connection.script(
      named: "make logs",
      """
      create table app_logs (created_at timestamptz, message text, level text, app text);
      insert into app_logs
        select '2026-03-12 00:00Z'::timestamptz + n * interval '1 minute',
          'order ' || n || ' placed', 'info', 'shop' from generate_series(0, 2879) n;
      insert into app_logs values ('2026-03-12 03:00Z', null, 'error', 'shop');
      """)
    try scratch.write(
      """
      name: nightly
      tenant: acme
      sources:
        - postgres:
            url: ${LOGS_URL}
            table: app_logs
            columns: { time: created_at, message: message, level: level, service: app }

      """, to: "job.yaml")
    let environment = [
      "DAYBREAK_DATABASE_URL": try TestDatabase.make().conninfo, "DAYBREAK_HOME": "home",
      "LOGS_URL": logs.conninfo,
    ]
    let outcome = try DaybreakProcess.run(
      ["run", "job.yaml", "--date", "2026-03-12"], in: scratch.url, environment: environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let file = scratch.url.appending(path: "reports/acme/2026-03-12/report.json")
    let report = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
    let coverage = report?["coverage"] as? [String: Any]
    #expect(coverage?["lines_clustered"] as? Int == 1440)
    #expect(coverage?["lines_quarantined"] as? Int == 1)
    #expect(coverage?["lines_read"] as? Int == 1441)
  }
}
