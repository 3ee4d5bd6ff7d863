package import DaybreakCore
internal import Foundation
package import Postgres

/// Looks at a catalog's database without changing anything, an original's as well.
///
/// Every question is asked in a read-only transaction of its own; one that may not be asked becomes a
/// warning, and the others go on.
package struct HealthCheck {
  private let catalog: Catalog
  private let target: ConnectionTarget
  private let schemaName: String?
  private let backups: BackupFolder?
  private let replica: ConnectionTarget?
  private let settings: ConnectionOptions
  private let now: Timestamp

  /// Ages and shares from which something wants to be seen to.
  static let dayAndSlack: Double = 26 * 3600

  /// Makes a check.
  ///
  /// - Parameters:
  ///   - catalog: what is expected in the database.
  ///   - target: the database; any role that may connect.
  ///   - schema: the schema to look at; nil for the catalog's, or else `public`.
  ///   - backups: where its backups are; nil where nobody can know.
  ///   - replica: the replica that reading may go to; nil for none.
  ///   - settings: how to connect; a question takes a minute at most, and waits for no lock.
  ///   - now: the time.
  package init(
    _ catalog: Catalog, in target: ConnectionTarget, schema: String? = nil,
    backups: BackupFolder? = nil, replica: ConnectionTarget? = nil,
    settings: ConnectionOptions = ConnectionOptions(), now: Timestamp
  ) {
    self.catalog = catalog
    self.target = target
    schemaName = schema
    self.backups = backups
    self.replica = replica
    self.settings = settings
    self.now = now
  }

  /// Asks everything.
  ///
  /// - Parameter clickHouse: the ClickHouse database beside it.
  /// - Returns: what was found; a server that cannot be reached is a finding too.
  package func run(clickHouse: ClickHouseClient? = nil) -> HealthReport {
    var report = HealthReport(
      catalog: catalog.name, schema: schemaName ?? catalog.schema, isOurs: false, status: .healthy,
      checkedAt: now.rfc3339,
      checks: .init(
        database: .init(
          status: .healthy, name: target.databaseName, extensions: [], extensionVersions: [:],
          overflow: 0),
        tables: [], indexes: [], partitions: [], materializedViews: []), warnings: [])
    var options = settings
    options.applicationName = "daybreak health"
    options.statementTimeout = min(.seconds(60), settings.statementTimeout ?? .seconds(60))
    options.lockTimeout = .seconds(2)
    do throws(PostgresError) {
      let connection = try Connection(target, options: options)
      ask(connection, &report)
    } catch {
      report.checks.database.status = .unhealthy
      report.warnings.append(.init(check: "database", message: error.summary, remedy: error.remedy))
    }
    if let replica { look(at: replica, options, &report) }
    if let backups { look(at: backups, &report) }
    if let clickHouse {
      report.checks.clickhouse = ClickHouseHealth(client: clickHouse, catalog: catalog)
        .run(&report.warnings)
    }
    let states = [report.checks.database.status, report.checks.clickhouse?.status ?? .healthy]
    report.status =
      states.contains(.unhealthy) ? .unhealthy : report.warnings.isEmpty ? .healthy : .degraded
    return report
  }

  private func ask(_ connection: Connection, _ report: inout HealthReport) {
    let questions = HealthQuestions(catalog: catalog, connection: connection, now: now)
    attempt("database", connection, &report) { try questions.database(&$0) }
    attempt("schema", connection, &report) { report in
      let found = try questions.schema(asked: schemaName)
      report.schema = found.name
      report.isOurs = found.isOurs
      if !found.isThere {
        report.checks.database.status = .unhealthy
        throw UpkeepError.notInstalled(
          catalog: catalog.name, target: target.description, schema: found.name)
      }
    }
    guard report.checks.database.status != .unhealthy else { return }
    attempt("replication", connection, &report) { try questions.replication(&$0) }
    attempt("archiving", connection, &report) { try questions.archiving(&$0) }
    attempt("tables", connection, &report) { try questions.tables(&$0) }
    attempt("indexes", connection, &report) { try questions.indexes(&$0) }
    attempt("slow_statements", connection, &report) { try questions.statements(&$0) }
    guard report.isOurs else { return }
    attempt("partitions", connection, &report) { try questions.partitions(&$0) }
    attempt("materialized_views", connection, &report) { try questions.views(&$0) }
  }

  /// Asks one question; what goes wrong with it is a warning.
  private func attempt(
    _ check: String, _ connection: Connection, _ report: inout HealthReport,
    _ body: (inout HealthReport) throws -> Void
  ) {
    do {
      try connection.transaction(readOnly: true) { try body(&report) }
    } catch let error as any DiagnosedError {
      report.warnings.append(.init(check: check, message: error.summary, remedy: error.remedy))
    } catch {
      report.warnings.append(.init(check: check, message: "\(error)", remedy: nil))
    }
  }

  /// Asks the replica how far it is behind; without it, the database works.
  private func look(
    at replica: ConnectionTarget, _ options: ConnectionOptions, _ report: inout HealthReport
  ) {
    var found = HealthReport.Replica(target: replica.description, status: .healthy)
    let before = report.warnings.count
    do throws(PostgresError) {
      let connection = try Connection(replica, options: options)
      let questions = HealthQuestions(catalog: catalog, connection: connection, now: now)
      attempt("replica", connection, &report) { report in
        let lag = try questions.ownLag(&report, check: "replica")
        found.behindSeconds = lag.behindSeconds
        found.isReceiving = lag.isReceiving
        if lag.isReceiving == nil {
          report.warnings.append(
            .init(
              check: "replica", message: "\(replica.description) is no replica",
              remedy: "correct \(catalog.name.uppercased())_DATABASE_REPLICA_URL"))
        }
      }
    } catch {
      found.status = .unhealthy
      report.warnings.append(.init(check: "replica", message: error.summary, remedy: error.remedy))
    }
    if found.status == .healthy, report.warnings.count > before { found.status = .degraded }
    report.checks.replica = found
  }

  private func look(at folder: BackupFolder, _ report: inout HealthReport) {
    let entries = folder.entries()
    let newest = entries.first
    let age = newest.map { Double(now.seconds) - $0.manifest.finishedAt.timeIntervalSince1970 }
    report.checks.backups = .init(
      folder: folder.path, newest: newest?.name, ageSeconds: age, count: entries.count)
    let remedy = "daybreak db backup --catalog \(catalog.name)"
    if newest == nil {
      report.warnings.append(
        .init(check: "backups", message: "\(folder.path) holds no backup", remedy: remedy))
    } else if let age, age > Self.dayAndSlack {
      report.warnings.append(
        .init(
          check: "backups", message: "the last backup is \(Int(age / 3600)) hours old",
          remedy: remedy))
    }
    for name in folder.damaged() {
      report.warnings.append(
        .init(
          check: "backups", message: "\(folder.path)/\(name) is no whole backup",
          remedy: "remove it"))
    }
  }
}
