internal import DaybreakCore
import Postgres

/// Deletes what a catalog's rules say, in transactions of bounded size, children before their parents.
///
/// Each transaction names its cutoff to the policies, deletes, and adds to the ledger's count, so that the
/// ledger is right wherever the work is stopped; whoever runs it again goes on where it stopped, since what
/// is due is found by its age.
package struct Retention {
  private let session: UpkeepSession
  private let options: RetentionOptions
  private let check: () throws -> Void
  private let progress: (RetentionReport.TableCount) -> Void

  /// Makes a run of retention.
  ///
  /// - Parameters:
  ///   - session: the owner's connection; for a dry run one that only reads.
  ///   - options: ages and sizes.
  ///   - check: is asked between transactions, and throws to stop.
  ///   - progress: is told of each transaction's count.
  package init(
    _ session: UpkeepSession, options: RetentionOptions = RetentionOptions(),
    check: @escaping () throws -> Void = {},
    progress: @escaping (RetentionReport.TableCount) -> Void = { _ in }
  ) {
    self.session = session
    self.options = options
    self.check = check
    self.progress = progress
  }

  private var connection: Connection { session.connection }
  private var definition: CatalogDefinition { session.catalog.definition }

  /// Does every rule; one that fails does not keep the others back.
  ///
  /// - Returns: what went, and what is left undone.
  /// - Throws: `UpkeepError`, what `check` throws, and `PostgresError` when the connection is lost.
  package func run() throws -> RetentionReport {
    try requireKnownAges()
    if !options.isDryRun { try session.lock("cleanup") }
    var rules: [RetentionReport.Rule] = []
    var counted: [(rule: CatalogDefinition.RetentionRule, cutoff: String)] = []
    for rule in definition.retention {
      rules.append(
        try outcome(rule.name, rule.table, options.ages[rule.name] ?? rule.age) { cutoff in
          guard options.isDryRun else { return try expire(rule, cutoff) }
          defer { counted.append((rule, cutoff)) }
          return try count(rule, cutoff, without: counted)
        })
    }
    for table in definition.partitions {
      guard let outcome = try dropParts(of: table) else { continue }
      rules.append(outcome)
    }
    return RetentionReport(
      catalog: session.catalog.name, isDryRun: options.isDryRun, rules: rules)
  }

  private func requireKnownAges() throws(UpkeepError) {
    let known =
      definition.retention.map(\.name)
      + definition.partitions.filter { $0.drop != nil }.map(\.table)
    for name in options.ages.keys.sorted() where !known.contains(name) {
      // ClickHouse's tables are kept by their own part of the work.
      if definition.clickHouse?.retention.contains(where: { $0.table == name }) == true { continue }
      throw .unknown(kind: "rule of retention", name: name, known: known)
    }
  }

  /// Runs one rule and makes its failure part of the report.
  private func outcome(
    _ name: String, _ table: String, _ age: Age?,
    _ body: (String) throws -> [RetentionReport.TableCount]
  ) throws -> RetentionReport.Rule {
    var outcome = RetentionReport.Rule(
      rule: name, table: table, age: age?.description, cutoff: nil, tables: [])
    guard let age else { return outcome }
    try check()
    do {
      let cutoff = try self.cutoff(age)
      outcome.cutoff = cutoff
      outcome.tables = try body(cutoff)
    } catch let error as PostgresError where !error.isConnectionFailure {
      outcome.problem = error.summary
      outcome.remedy = error.remedy
    }
    return outcome
  }

  /// The moment before which things of an age go, as the database reckons the calendar.
  private func cutoff(_ age: Age) throws -> String {
    let row = try connection.query(
      named: "reckon a cutoff",
      "SELECT coalesce($1::timestamptz, now()) - $2::text::interval AS cutoff",
      [.optional(options.moment, Value.timestamp), .text(age.description)]
    ).only()
    return try row.timestamp("cutoff").rfc3339
  }

  // MARK: Rows

  private func table(_ name: String) -> String {
    quotedIdentifier(schema: session.catalog.schema, name)
  }

  /// What is due of a rule, as SQL; `$1` is the cutoff.
  private func due(_ rule: CatalogDefinition.RetentionRule) -> String {
    "\(quotedIdentifier(rule.time)) < $1::text::timestamptz"
      + (rule.condition.map { " AND (\($0))" } ?? "")
  }

  /// Counts what is due of a rule, without children that an earlier rule has counted already.
  private func count(
    _ rule: CatalogDefinition.RetentionRule, _ cutoff: String,
    without counted: [(rule: CatalogDefinition.RetentionRule, cutoff: String)]
  ) throws -> [RetentionReport.TableCount] {
    try connection.transaction(isolation: .repeatableRead, readOnly: true) {
      try name(cutoff)
      let tables = rule.children.map { child in
        (
          child.table,
          "\(quotedIdentifier(child.column)) IN (SELECT id FROM \(table(rule.table)) WHERE \(due(rule)))"
            + counted.filter { $0.rule.table == child.table }.map { earlier in
              " AND (" + due(earlier.rule).replacing("$1::text", with: "'\(earlier.cutoff)'")
                + ") IS NOT TRUE"
            }.joined()
        )
      }
      return try (tables + [(rule.table, due(rule))]).map { name, condition in
        let row = try connection.query(
          named: "count what is due in \(name)",
          "SELECT count(*) AS due FROM \(table(name)) WHERE \(condition)", [.text(cutoff)]
        ).only()
        return RetentionReport.TableCount(table: name, means: "rows", count: try row.int("due"))
      }
    }
  }

  private func expire(
    _ rule: CatalogDefinition.RetentionRule, _ cutoff: String
  ) throws -> [RetentionReport.TableCount] {
    let names = rule.children.map(\.table) + [rule.table]
    let batches = ExpiryBatches(
      session: session, rule: rule.name, cutoff: cutoff, size: options.batchSize, check: check,
      progress: progress)
    let entries = try names.map { try batches.begin($0) }
    var counts = names.map {
      RetentionReport.TableCount(table: $0, means: "rows", count: 0)
    }
    if rule.children.isEmpty {
      counts[0].count = try batches.delete(from: rule.table, where: due(rule), entry: entries[0])
    } else {
      try expireFamilies(rule, batches, entries, &counts)
    }
    for entry in entries { try batches.finish(entry) }
    return counts
  }

  /// Takes parents a few at a time, after all of their children.
  private func expireFamilies(
    _ rule: CatalogDefinition.RetentionRule, _ batches: ExpiryBatches, _ entries: [Int64],
    _ counts: inout [RetentionReport.TableCount]
  ) throws {
    let type = try batches.typeOfID(of: rule.table)
    let last = counts.count - 1
    while true {
      let parents = try batches.ids(of: rule.table, where: due(rule))
      guard !parents.isEmpty else { return }
      for (index, child) in rule.children.enumerated() {
        counts[index].count += try batches.delete(
          from: child.table,
          where: "\(quotedIdentifier(child.column)) = ANY ($2::text[]::\(type)[]) "
            + "AND $1::text IS NOT NULL", ids: parents, entry: entries[index])
      }
      let gone = try batches.delete(
        from: rule.table, where: "id = ANY ($2::text[]::\(type)[]) AND \(due(rule))", ids: parents,
        entry: entries[last])
      counts[last].count += gone
      // What another session holds on to is left for the next run.
      guard gone > 0 else { return }
    }
  }

  private func name(_ cutoff: String) throws {
    try connection.execute(
      named: "name the cutoff", "SELECT pg_catalog.set_config($1, $2, true)",
      [.text(definition.retentionSetting), .text(cutoff)])
  }

  // MARK: Parts

  /// Drops a table's parts, where the catalog says how.
  private func dropParts(
    of table: CatalogDefinition.PartitionedTable
  ) throws -> RetentionReport.Rule? {
    if let drop = table.drop {
      let age = options.ages[table.table] ?? table.dropAge
      return try outcome("days of \(table.table)", table.table, age) { cutoff in
        [try dropWithRows(table, drop, before: cutoff)]
      }
    }
    guard let dropEmpty = table.dropEmpty, !options.isDryRun else { return nil }
    // Rows go by their own rule; their days, once empty, by the same age.
    let rule = definition.retention.first { rule in
      rule.table == table.table || rule.children.contains { $0.table == table.table }
    }
    let age = rule.flatMap { options.ages[$0.name] ?? $0.age }
    return try outcome("empty days of \(table.table)", table.table, age) { cutoff in
      let batches = ExpiryBatches(
        session: session, rule: "empty days of \(table.table)", cutoff: cutoff,
        size: options.batchSize, check: check, progress: progress)
      let count = try batches.dropParts(of: table.table, by: dropEmpty, before: cutoff)
      return [RetentionReport.TableCount(table: table.table, means: "parts", count: count)]
    }
  }

  /// Drops the days that ended before a moment, each in a transaction of its own, the oldest first.
  private func dropWithRows(
    _ table: CatalogDefinition.PartitionedTable, _ drop: String, before cutoff: String
  ) throws -> RetentionReport.TableCount {
    let parts = try TableParts(of: table, session: session).all.filter {
      !$0.isDefault && ($0.end.map { $0.rfc3339 <= cutoff } ?? false)
    }
    var count = RetentionReport.TableCount(
      table: table.table, means: "parts", count: parts.count,
      estimatedRows: parts.reduce(0) { $0 + max(0, $1.estimatedRows) })
    guard !options.isDryRun else { return count }
    let batches = ExpiryBatches(
      session: session, rule: "days of \(table.table)", cutoff: cutoff, size: options.batchSize,
      check: check, progress: progress)
    count.count = 0
    for part in parts {
      try check()
      guard let end = part.end else { continue }
      let dropped = try batches.dropParts(of: table.table, by: drop, before: end.rfc3339)
      guard dropped > 0 else { break }
      count.count += dropped
    }
    return count
  }
}
