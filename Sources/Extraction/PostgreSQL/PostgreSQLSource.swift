package import DaybreakCore
import Postgres
import Synchronization

/// A table or query of a PostgreSQL server.
///
/// Rows stream by COPY BINARY out of one repeatable-read, read-only snapshot; the window is part of the
/// query; memory does not grow with the rows. A read that fails half-way says so in the coverage, with
/// how many rows had come: what they gave must then be thrown away, and the source read again from its
/// beginning.
package final class PostgreSQLSource: LogSource {
  /// What the job says.
  package let configuration: PostgreSQLSourceConfiguration
  private let running = Mutex<Canceller?>(nil)

  package var name: String { configuration.name }

  /// Checks the configuration; connects to nothing yet.
  ///
  /// - Throws: `ExtractionError` where zone or limits are of no use.
  package init(_ configuration: PostgreSQLSourceConfiguration) throws(ExtractionError) {
    if NightCalendar(zoneName: configuration.zoneName) == nil {
      throw .unknownZone(source: configuration.name, zone: configuration.zoneName)
    }
    let allowed = 1024...(256 << 20)
    if !allowed.contains(configuration.maximumLineBytes) {
      throw .badLimit(
        source: configuration.name, name: "max_line_bytes", value: configuration.maximumLineBytes,
        allowed: allowed)
    }
    if case .query(let text) = configuration.relation {
      try PostgreSQLSource.check(text, "query", of: configuration.name)
    }
    if let condition = configuration.condition {
      try PostgreSQLSource.check(condition, "where", of: configuration.name)
    }
    self.configuration = configuration
  }

  /// Refuses SQL that is not one statement, or whose quotes or comments do not end.
  private static func check(
    _ sql: String, _ key: String, of name: String
  ) throws(ExtractionError) {
    let statements: [SQLStatement]
    do throws(PostgresError) {
      statements = try SQLScript.statements(of: sql, file: key)
    } catch {
      throw .badQuery(source: name, reason: error.summary)
    }
    guard statements.count == 1 else {
      throw .badQuery(source: name, reason: "`\(key)` holds \(statements.count) statements")
    }
  }

  /// Stops a read under way, from another thread: it ends as a failed one.
  package func cancel() { _ = running.withLock { $0 }?.cancel() }

  package func read(window: TimeWindow, into sink: any LineSink, progress: ReadProgress) throws
    -> SourceCoverage
  {
    let reading = Reading(self, window: window, sink: sink, progress: progress)
    do {
      let (connection, note) = try connect()
      running.withLock { $0 = connection.canceller }
      defer { running.withLock { $0 = nil } }
      reading.note = note
      reading.place = connection.target.description
      try reading.run(on: connection)
    } catch let error as PostgresError where reading.sinkError == nil {
      return try reading.finish(failure: error)
    }
    return try reading.finish(failure: nil)
  }

  /// Connects to the replica, or where that fails to the primary.
  private func connect() throws(PostgresError) -> (Connection, note: String?) {
    var options = ConnectionOptions()
    options.applicationName = "daybreak extract"
    options.statementTimeout = configuration.statementTimeout
    options.lockTimeout = .seconds(30)
    guard let replica = configuration.replica else {
      return (try Connection(configuration.target, options: options), nil)
    }
    do throws(PostgresError) {
      return (try Connection(replica, options: options), nil)
    } catch {
      let connection = try Connection(configuration.target, options: options)
      return (connection, "the primary, as the replica could not be reached")
    }
  }
}

/// One read of the source: what it has come to.
private final class Reading {
  private let source: PostgreSQLSource
  private let context: ReadContext
  private let progress: ReadProgress
  private var reader: PostgreSQLRowReader?
  private var estimatedBytes: Int64 = 0
  /// Which server was read, and why that one.
  var place = ""
  var note: String?
  /// What the sink threw; it ends the run and is no failure of the source.
  private(set) var sinkError: (any Error)?

  init(
    _ source: PostgreSQLSource, window: TimeWindow, sink: any LineSink, progress: ReadProgress
  ) {
    self.source = source
    self.progress = progress
    let configuration = source.configuration
    var shared = FileSourceConfiguration(name: configuration.name, patterns: [])
    shared.labelRules = configuration.labelRules
    shared.defaultService = configuration.defaultService
    shared.defaultNamespace = configuration.defaultNamespace
    shared.maximumLineBytes = configuration.maximumLineBytes
    shared.zoneName = configuration.zoneName
    shared.readsHeaders = configuration.readsHeaders
    // Rows of one snapshot are all different: nothing is looked up in the filter.
    context = ReadContext(
      shared, window: window, sink: sink, duplicates: DuplicateFilter(entryLimit: 64),
      progress: progress)
  }

  /// Streams all rows of the window.
  func run(on connection: Connection) throws {
    try connection.transaction(isolation: .repeatableRead, readOnly: true) {
      // Rows come in the table's order, so that a row has the same ordinal each time.
      try connection.script(
        named: "order of rows",
        "set local synchronize_seqscans to off; set local max_parallel_workers_per_gather to 0")
      let query = try PostgreSQLQuery(source.configuration, window: context.window, on: connection)
      let reader = PostgreSQLRowReader(
        query, unit: source.configuration.timeUnit, context: context, progress: progress)
      self.reader = reader
      estimatedBytes = try estimate(query.sql, on: connection)
      progress.add(bytesTotal: estimatedBytes)
      try connection.copyOut(named: "rows of \(source.name)", query: query.sql) { row in
        do {
          try reader.take(row)
        } catch {
          sinkError = error
          throw error
        }
      }
    }
  }

  /// Puts the coverage together.
  ///
  /// - Parameter failure: why the read did not come to its end.
  /// - Returns: the coverage in its canonical order.
  /// - Throws: what the sink throws on the last batch.
  func finish(failure: PostgresError?) throws -> SourceCoverage {
    if let sinkError { throw sinkError }
    try context.writer.flush()
    reader?.report()
    let rows = reader?.rowCount ?? 0
    let bytes = reader?.byteCount ?? 0
    // The server's estimate gives way to what there was.
    progress.add(bytesTotal: bytes - estimatedBytes)
    let reason = failure.map { "\($0.summary), after \(rows) rows" }
    var input = inputName
    if let note { input += " (\(note))" }
    context.recorder.add(
      InputFile(name: input, byteCount: bytes, sha256: "", lineCount: rows, failure: reason))
    if let reason { context.recorder.fail(reason) }
    return context.recorder.finish()
  }

  private var inputName: String {
    let relation =
      switch source.configuration.relation {
      case .table(let schema, let name): "table " + (schema.map { "\($0).\(name)" } ?? name)
      case .query: "query"
      }
    return displayText(relation) + (place.isEmpty ? "" : " in " + place)
  }

  /// Asks the planner how many bytes will come: rows times their mean width.
  private func estimate(_ sql: String, on connection: Connection) throws(PostgresError) -> Int64 {
    let row = try connection.query(
      named: "estimate of \(source.name)", "explain (format json) \(sql)"
    ).first
    guard let plan = try row?.string("QUERY PLAN") else { return 0 }
    return number("\"Plan Rows\": ", in: plan) * number("\"Plan Width\": ", in: plan)
  }

  /// The first number behind a key: that of the plan's outermost node.
  private func number(_ key: String, in plan: String) -> Int64 {
    guard let range = plan.firstRange(of: key) else { return 0 }
    return Int64(plan[range.upperBound...].prefix { $0.isNumber }) ?? 0
  }
}
