import DaybreakCore
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Extraction

/// Whether this is a long run, with the suite by itself.
private let isSoak = ProcessInfo.processInfo.environment["DAYBREAK_SOAK"] == "1"

/// 200 000 rows in the ordinary test run, two million with `DAYBREAK_SOAK=1`.
private let rowTotal = isSoak ? 2_000_000 : 200_000

private let night = TimeWindow(
  start: Timestamp(seconds: 1_773_273_600), end: Timestamp(seconds: 1_773_360_000))

/// Sums up what comes, and does something after some of it.
private final class RowTally: LineSink {
  var events: Int64 = 0
  var bytes: Int64 = 0
  private let limit: Int64
  private let action: () -> Void

  init(after limit: Int64 = .max, _ action: @escaping () -> Void = {}) {
    self.limit = limit
    self.action = action
  }

  func consume(_ batch: LineBatch, services: ServiceTable) {
    let before = events
    events += Int64(batch.records.count)
    for record in batch.records { bytes += Int64(record.length) }
    if before < limit, events >= limit { action() }
  }
}

/// Fills a table with the lines of a night.
private func fill(_ target: ConnectionTarget) throws {
  try Connection(target).script(
    named: "load",
    """
    create table logs (id bigint, ts timestamptz not null, level text, service text, message text,
      labels jsonb);
    insert into logs select i, '2026-03-12 00:00+00'::timestamptz + i * interval '40 milliseconds',
      (array['info', 'warn', 'error'])[1 + i % 3], 'service-' || i % 12,
      'request ' || md5(i::text) || ' took ' || i % 977 || ' ms on 10.0.' || i % 250 || '.7',
      jsonb_build_object('namespace', 'shop', 'pod', 'pod-' || i % 40)
    from generate_series(1, \(rowTotal)) i;
    """)
}

private func source(_ target: ConnectionTarget) throws -> PostgreSQLSource {
  var columns = PostgreSQLSourceConfiguration.Columns(time: "ts", message: "message")
  columns.level = "level"
  columns.service = "service"
  columns.labels = "labels"
  return try PostgreSQLSource(
    PostgreSQLSourceConfiguration(
      name: "postgres: logs", target: target, relation: .table(schema: nil, name: "logs"),
      columns: columns))
}

/// Peak resident memory of this process so far, in bytes.
private func peakMemory() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
}

@Suite(.serialized, .enabled(if: TestDatabase.isAvailable, "needs a PostgreSQL server"))
struct PostgreSQLSourceLoadTests {
  @Test func `many rows stream through flat memory`() throws {
    let target = try TestDatabase.make()
    try fill(target)
    let before = peakMemory()
    let progress = ReadProgress()
    let sink = RowTally()
    let start = ContinuousClock.now
    let coverage = try source(target).read(window: night, into: sink, progress: progress)
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let growth = peakMemory() - before
    print(
      "read \(sink.events) rows, \(sink.bytes >> 20) MiB, in \(elapsed) s: "
        + "\(Int(Double(sink.events) / elapsed)) rows/s; peak memory grew by \(growth >> 10) KiB")
    #expect(coverage.failure == nil)
    #expect(sink.events == Int64(rowTotal))
    #expect(coverage.linesClustered == Int64(rowTotal))
    #expect(progress.lines == Int64(rowTotal))
    #expect(progress.bytesRead == progress.bytesTotal)
    // The peak is the whole process's: it tells something where no other suite runs beside this one,
    // as in script/soak.
    if isSoak { #expect(growth < 64 << 20) }
  }

  @Test func `a server killed in the middle is a failure, and a retry reads everything`() throws {
    let directory = "/tmp/daybreak-killed-\(UUID().uuidString.prefix(8))"
    var options = EmbeddedPostgresOptions()
    options.isDurable = true
    let server = try EmbeddedPostgres(in: directory, options: options)
    defer {
      server.close()
      EmbeddedPostgres.remove(directory: directory)
    }
    try fill(server.target)
    let pidText = try String(contentsOfFile: directory + "/data/postmaster.pid", encoding: .utf8)
    let pid = try #require(pidText.split(separator: "\n").first.flatMap { pid_t($0) })
    let sink = RowTally(after: 20_000) {
      // The postmaster and then everything it started: nobody finishes the stream.
      kill(pid, SIGKILL)
      for child in children(of: pid) { kill(child, SIGKILL) }
    }
    let coverage = try source(server.target).read(
      window: night, into: sink, progress: ReadProgress())
    let failure = try #require(coverage.failure)
    #expect(failure.contains("lost the connection"))
    #expect(failure.hasSuffix(" rows"))
    #expect(coverage.inputs.first?.failure == failure)
    #expect(coverage.inputs.first?.lineCount == coverage.linesFound)
    #expect(sink.events == coverage.linesClustered)
    #expect(sink.events < Int64(rowTotal))

    try server.ensureRunning()
    let again = RowTally()
    let second = try source(server.target).read(
      window: night, into: again, progress: ReadProgress())
    #expect(second.failure == nil)
    #expect(again.events == Int64(rowTotal))
  }
}

/// The processes that a process has started and that are alive.
private func children(of parent: pid_t) -> [pid_t] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return names.compactMap { pid_t($0) }.filter { pid in
    let stat = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    // The parent follows name and state; the name may hold spaces.
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 1 && pid_t(fields[1]) == parent
  }
}
