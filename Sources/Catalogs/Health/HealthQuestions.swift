internal import DaybreakCore
internal import Postgres

/// The single questions of a health check, each within the caller's read-only transaction.
struct HealthQuestions {
  let catalog: Catalog
  let connection: Connection
  let now: Timestamp

  func database(_ report: inout HealthReport) throws {
    let row = try connection.query(named: "the server", Self.serverQuery).only()
    var database = report.checks.database
    database.version = try row.string("version")
    database.sizeBytes = try row.optionalInt64("size").map(Int.init)
    database.isReplica = try row.bool("is_replica")
    let limit = try row.int("limit")
    let used = try row.int("used")
    database.poolSize = limit
    database.checkedOut = used
    database.idle = try row.int("idle")
    database.idleInTransaction = try row.int("idle_in_transaction")
    database.oldestTransactionSeconds = try row.optionalDouble("oldest")
    for found in try connection.query(
      named: "extensions",
      "SELECT extname::text AS name, extversion AS version FROM pg_catalog.pg_extension")
    {
      database.extensionVersions[try found.string("name")] = try found.string("version")
    }
    database.extensions = database.extensionVersions.keys.sorted()
    report.checks.database = database
    if connection.serverVersion < Installation.oldestServer {
      warn(
        &report, "database", "PostgreSQL \(database.version ?? "") is too old",
        "upgrade to 15 or newer")
    }
    if used * 10 >= limit * 8 {
      warn(
        &report, "database", "\(used) of \(limit) connections are taken",
        "look for leaks in pg_stat_activity, or raise max_connections")
    }
    if let oldest = database.oldestTransactionSeconds, oldest > 3600 {
      warn(
        &report, "database", "a transaction is open for \(Int(oldest / 60)) minutes",
        "find it in pg_stat_activity by xact_start: it keeps VACUUM from removing dead rows")
    }
  }

  /// Which schema to look at, and whose it is.
  func schema(asked: String?) throws -> (name: String, isOurs: Bool, isThere: Bool) {
    let row = try connection.query(
      named: "look for the catalog",
      """
      SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS is_ours,
        EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $2) AS is_there
      """, [.text(catalog.schema), .text(asked ?? "public")]
    ).only()
    if try row.bool("is_ours"), asked == nil || asked == catalog.schema {
      return (catalog.schema, true, true)
    }
    let name = asked ?? "public"
    guard try row.bool("is_there"), let query = try catalog.queries(of: "existing.sql")["recognise"]
    else {
      return (name, false, false)
    }
    try connection.execute(
      named: "look into \(name)", "SELECT set_config('search_path', $1, true)",
      [.text(quotedIdentifier(name))])
    let tables = try connection.query(
      named: "tables of \(name)",
      "SELECT count(*) AS count FROM pg_catalog.pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p')",
      [.text(quotedIdentifier(name))]
    ).only().int("count")
    // What differs is the business of those who read it; here it is enough that most of it is there.
    let differences = try connection.query(named: "recognise", query.sql)
    return (name, false, tables > 0 && differences.count < 20)
  }

  func replication(_ report: inout HealthReport) throws {
    let replicas = try connection.query(named: "replicas", Self.replicaQuery).map { row in
      HealthReport.Replication.Replica(
        name: try row.string("name"), state: try row.string("state"),
        behindBytes: try row.optionalInt64("bytes").map(Int.init),
        behindSeconds: try row.optionalDouble("seconds"))
    }
    let own = try ownLag(&report, check: "replication")
    report.checks.replication = .init(
      replicas: replicas, behindSeconds: own.behindSeconds, isReceiving: own.isReceiving)
    for replica in replicas where replica.behindSeconds ?? 0 > 300 {
      warn(
        &report, "replication", "\(replica.name) is \(Int(replica.behindSeconds ?? 0)) s behind",
        "look at its load and its connection")
    }
  }

  /// How far this server is behind; nil in both where it is no replica.
  func ownLag(
    _ report: inout HealthReport, check: String
  ) throws -> (behindSeconds: Double?, isReceiving: Bool?) {
    let own = try connection.query(named: "how far behind", Self.ownLagQuery).only()
    let behind = try own.optionalDouble("behind")
    let isReceiving = try own.optionalBool("is_receiving")
    if isReceiving == false {
      warn(
        &report, check, "the replica receives nothing from its primary",
        "see its log, and primary_conninfo; from an archive of WAL alone this is as it should be")
    }
    if let behind, behind > 300 {
      warn(&report, check, "the replica is \(Int(behind)) s behind", "ask the primary, or wait")
    }
    return (behind, isReceiving)
  }

  func archiving(_ report: inout HealthReport) throws {
    let row = try connection.query(named: "archiving", Self.archiveQuery).only()
    let archiving = HealthReport.Archiving(
      mode: try row.string("mode"), archived: try row.int("archived"),
      failed: try row.int("failed"),
      lastArchivedAt: try row.optionalTimestamp("last_archived")?.rfc3339,
      lastFailedAt: try row.optionalTimestamp("last_failed")?.rfc3339)
    report.checks.archiving = archiving
    if let failed = archiving.lastFailedAt, failed > archiving.lastArchivedAt ?? "" {
      warn(
        &report, "archiving", "the last attempt to archive WAL failed at \(failed)",
        "see the server's log: segments pile up in pg_wal until it works")
    }
  }

  func tables(_ report: inout HealthReport) throws {
    let rows = try connection.query(
      named: "table sizes", try catalog.commonQuery("table_sizes.sql"), [.text(report.schema)])
    var dead: [String: (dead: Int, share: Double)] = [:]
    for row in try connection.query(named: "dead rows", Self.deadQuery, [.text(report.schema)]) {
      dead[try row.string("name")] = (try row.int("dead"), try row.double("share"))
    }
    report.checks.tables = try rows.map { row in
      let name = try row.string("table_name")
      return HealthReport.Table(
        table: name, bytes: try row.int("total_bytes"),
        estimatedRows: max(0, try row.int("estimated_rows")),
        parts: try row.int("parts"), hasRowSecurity: try row.bool("has_row_security"),
        deadShare: ((dead[name]?.share ?? 0) * 1000).rounded() / 1000)
    }
    for (name, count) in dead.sorted(by: { $0.key < $1.key })
    where count.share > 0.2 && count.dead > 10_000 {
      warn(
        &report, "tables",
        "\(name) has \(count.dead) dead rows, \(Int(count.share * 100)) % of all",
        "daybreak db optimize --catalog \(catalog.name)")
    }
  }

  func indexes(_ report: inout HealthReport) throws {
    report.checks.indexes = try connection.query(
      named: "index use", try catalog.commonQuery("index_usage.sql"), [.text(report.schema)]
    ).map { row in
      HealthReport.Index(
        index: try row.string("index_name"), table: try row.string("table_name"),
        scans: try row.int("scans"), bytes: try row.int("bytes"),
        isUnique: try row.bool("is_unique"),
        isValid: try row.bool("is_valid"))
    }
    for index in report.checks.indexes where !index.isValid {
      warn(
        &report, "indexes", "the index \(index.index) is invalid: a build of it was stopped",
        "daybreak db optimize --catalog \(catalog.name)")
    }
  }

  func statements(_ report: inout HealthReport) throws {
    guard report.checks.database.extensions.contains("pg_stat_statements") else { return }
    let loaded = try connection.query(
      named: "whether statements are counted",
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'pg_stat_statements.max') AS is_loaded"
    ).only()
    guard try loaded.bool("is_loaded") else { return }
    report.checks.slowStatements = try connection.query(
      named: "slow statements", try catalog.commonQuery("slow_queries.sql")
    ).map { row in
      HealthReport.Statement(
        calls: try row.int("calls"), totalMilliseconds: try row.double("total_milliseconds"),
        meanMilliseconds: try row.double("mean_milliseconds"),
        maxMilliseconds: try row.double("max_milliseconds"), statement: try row.string("statement"))
    }
  }

  func partitions(_ report: inout HealthReport) throws {
    for table in catalog.definition.partitions {
      let parts = try TableParts(table.table, schema: catalog.schema, connection)
      var strays: Int?
      if let function = table.defaultRows {
        strays = try? connection.transaction {
          try connection.query(named: "strays", "SELECT stray_rows FROM \(function)()").only()
            .int("stray_rows")
        }
      }
      let found = HealthReport.Parts(
        table: table.table, isHypertable: parts.isHypertable,
        parts: parts.all.filter { !$0.isDefault }.count, daysReady: parts.daysReady(from: now),
        daysWanted: table.daysAhead, strayRows: strays)
      report.checks.partitions.append(found)
      let remedy = "daybreak db partitions --catalog \(catalog.name), every night"
      if !parts.isHypertable, found.daysReady < min(2, found.daysWanted) {
        warn(
          &report, "partitions",
          "\(table.table) is ready for \(found.daysReady) of \(found.daysWanted) days ahead", remedy
        )
      }
      if let strays, strays > 0 {
        warn(
          &report, "partitions", "\(strays) rows of \(table.table) wait in its default part", remedy
        )
      }
    }
  }

  func views(_ report: inout HealthReport) throws {
    let hasLedger = try connection.query(
      named: "look for the ledger",
      "SELECT to_regclass('daybreak_upkeep.refreshes') IS NOT NULL AS is_there"
    ).only().bool("is_there")
    for view in catalog.definition.materializedViews {
      let populated = try connection.query(
        named: "whether \(view.name) is filled",
        "SELECT ispopulated FROM pg_catalog.pg_matviews WHERE schemaname = $1 AND matviewname = $2",
        [.text(catalog.schema), .text(view.name)])
      var last: Timestamp?
      if hasLedger {
        last = try connection.query(
          named: "when \(view.name) was refreshed",
          "SELECT max(started_at) AS at FROM daybreak_upkeep.refreshes WHERE catalog = $1 AND view_name = $2",
          [.text(catalog.name), .text(view.name)]
        ).only().optionalTimestamp("at")
      }
      let age = last.map { Double(now.seconds - $0.seconds) }
      let isPopulated = try populated.first?.bool("ispopulated") ?? false
      report.checks.materializedViews.append(
        .init(
          view: view.name, isPopulated: isPopulated, refreshedAt: last?.rfc3339, ageSeconds: age))
      let remedy = "daybreak db refresh --catalog \(catalog.name), every night"
      if !isPopulated {
        warn(&report, "materialized_views", "\(view.name) was never filled", remedy)
      } else if age ?? .infinity > HealthCheck.dayAndSlack {
        let words = age.map { "was refreshed \(Int($0 / 3600)) hours ago" } ?? "was never refreshed"
        warn(&report, "materialized_views", "\(view.name) \(words)", remedy)
      }
    }
  }

  private func warn(
    _ report: inout HealthReport, _ check: String, _ message: String, _ remedy: String
  ) {
    report.warnings.append(.init(check: check, message: message, remedy: remedy))
  }

  // MARK: SQL

  private static let serverQuery = """
    SELECT current_setting('server_version') AS version, pg_catalog.pg_is_in_recovery() AS is_replica,
      CASE WHEN pg_catalog.has_database_privilege(current_database(), 'CONNECT')
        THEN pg_catalog.pg_database_size(current_database()) END AS size,
      current_setting('max_connections')::integer AS limit,
      count(*) FILTER (WHERE a.backend_type = 'client backend') AS used,
      count(*) FILTER (WHERE a.backend_type = 'client backend' AND a.state = 'idle') AS idle,
      count(*) FILTER (WHERE a.state LIKE 'idle in transaction%') AS idle_in_transaction,
      extract(epoch FROM clock_timestamp() - min(a.xact_start) FILTER (WHERE
        a.pid <> pg_catalog.pg_backend_pid() AND a.backend_type = 'client backend'))::float8 AS oldest
    FROM pg_catalog.pg_stat_activity AS a
    """

  private static let replicaQuery = """
    SELECT coalesce(nullif(application_name, ''), client_addr::text, 'a replica') AS name,
      coalesce(state, 'unknown') AS state,
      CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN
        pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn)::bigint END AS bytes,
      extract(epoch FROM replay_lag)::float8 AS seconds
    FROM pg_catalog.pg_stat_replication ORDER BY name
    """

  /// Who has replayed all that was received is not behind, however long ago the last transaction was; who
  /// receives nothing cannot know.
  private static let ownLagQuery = """
    SELECT CASE
        WHEN NOT pg_catalog.pg_is_in_recovery() THEN NULL
        WHEN receiver.is_there AND pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn()
          THEN 0
        ELSE extract(epoch FROM clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())::float8
      END AS behind,
      CASE WHEN pg_catalog.pg_is_in_recovery() THEN receiver.is_there END AS is_receiving
    FROM (SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver) AS is_there) AS receiver
    """

  private static let archiveQuery = """
    SELECT current_setting('archive_mode') AS mode, archived_count AS archived, failed_count AS failed,
      last_archived_time AS last_archived, last_failed_time AS last_failed
    FROM pg_catalog.pg_stat_archiver
    """

  /// By table; the parts of a table in parts count as its own.
  private static let deadQuery = """
    SELECT coalesce(p.relname, s.relname) AS name, sum(s.n_dead_tup)::bigint AS dead,
      (sum(s.n_dead_tup) / greatest(1, sum(s.n_dead_tup + s.n_live_tup)))::float8 AS share
    FROM pg_catalog.pg_stat_all_tables AS s
    LEFT JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = s.relid
    LEFT JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = p.relnamespace
    WHERE coalesce(n.nspname, s.schemaname) = $1
    GROUP BY 1
    """
}
