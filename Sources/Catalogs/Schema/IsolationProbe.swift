import DaybreakCore
package import Postgres

/// The proof that tenants do not see each other: two probe tenants, each with a row in every table, tried
/// by role and verb inside a transaction that is rolled back.
package struct IsolationProbe: Sendable {
  package enum Verb: String, Sendable, CaseIterable {
    case select = "SELECT"
    case insert = "INSERT"
    case update = "UPDATE"
    case delete = "DELETE"
  }

  /// One trial: whether a role of one tenant may do this to the other's rows of a table.
  package struct Trial: Hashable, Sendable {
    package enum Result: Hashable, Sendable {
      /// The other's rows were out of reach.
      case isolated
      /// It reached what it must not; how.
      case leaked(String)
      /// It does not see or keep its own row either; what happened.
      case blind(String)
      /// Neither was shown; why.
      case unproven(String)
    }

    package let table: String
    package let role: String
    package let verb: Verb
    package let result: Result
  }

  package let trials: [Trial]
  /// Rows that a new tenant sees without having made one, by table; only tables that have some.
  package let sharedRows: [String: Int]

  /// The trials that found something.
  package var findings: [Trial] { trials.filter { $0.result != .isolated } }
  package var tableCount: Int { Set(trials.map(\.table)).count }

  /// Runs the probe, and takes everything back.
  ///
  /// Tables are written to, so that other writers go on, and whoever alters them waits; no trial runs
  /// longer than a minute.
  ///
  /// - Parameters:
  ///   - catalog: one with tenants.
  ///   - connection: a login that is, or may become, a member of the service and the reader role.
  /// - Returns: the trials; nil when the catalog has no tenants or no probe.
  /// - Throws: `PostgresError`; `CatalogError`.
  package static func run(
    on catalog: Catalog, _ connection: Connection
  ) throws -> IsolationProbe? {
    guard let tenancy = catalog.definition.tenancy, catalog.hasFile("probe.sql") else { return nil }
    var probe: IsolationProbe?
    do {
      try connection.transaction {
        var session = try ProbeSession(catalog, tenancy, connection)
        try session.prepare()
        probe = try session.trials()
        throw TakenBack()
      }
    } catch is TakenBack {}
    return probe
  }

  init(trials: [Trial], sharedRows: [String: Int]) {
    self.trials = trials
    self.sharedRows = sharedRows
  }
}

/// Ends a transaction that must leave nothing behind.
private struct TakenBack: Error {}

/// The probe while its transaction is open.
private struct ProbeSession {
  private let catalog: Catalog
  private let tenancy: CatalogDefinition.Tenancy
  private let connection: Connection
  private let probe: String
  private let tenants: (friend: String, first: String, second: String)
  private let tables: [String]
  private let views: [String]
  /// Counts by role and table, as a tenant that has made nothing, and as the first with its own rows.
  private var before: [String: Int] = [:]
  private var own: [String: Int] = [:]

  private var service: String { catalog.definition.roles.service }
  private var reader: String { catalog.definition.roles.reader }
  private var schema: String { quotedIdentifier(catalog.schema) }

  init(
    _ catalog: Catalog, _ tenancy: CatalogDefinition.Tenancy, _ connection: Connection
  ) throws {
    self.catalog = catalog
    self.tenancy = tenancy
    self.connection = connection
    probe = try catalog.text(of: "probe.sql")
    let isNumber = try connection.query(
      named: "type of a tenant's id",
      """
      select format_type(atttypid, atttypmod) = 'integer' as is_number from pg_attribute
      where attrelid = to_regclass($1) and attname = $2
      """,
      [
        .text("\(quotedIdentifier(catalog.schema)).\(quotedIdentifier(tenancy.table))"),
        .text(tenancy.key),
      ]
    ).first?.bool("is_number")
    // The last numbers and a range of UUIDs that nothing generates (version 4 has random first bits, but
    // not these at random within the age of the universe).
    tenants =
      isNumber == true
      ? ("2147483643", "2147483641", "2147483642")
      : (
        "fffffff0-0000-4000-8000-000000000003", "fffffff0-0000-4000-8000-000000000001",
        "fffffff0-0000-4000-8000-000000000002"
      )
    let relations = try connection.query(
      named: "tables to probe",
      """
      select c.relname::text as name, c.relkind in ('r', 'p') as is_table
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p', 'v') and not c.relispartition
        and c.relname !~ '^schema_migrations' order by 1
      """, [.text(catalog.schema)])
    tables = try relations.filter { row throws(PostgresError) in try row.bool("is_table") }
      .map { row throws(PostgresError) in try row.string("name") }
    let totals = Set(catalog.definition.materializedViews.compactMap(\.totals))
    views = try relations.filter { row throws(PostgresError) in try !row.bool("is_table") }
      .map { row throws(PostgresError) in try row.string("name") }.filter { !totals.contains($0) }
  }

  /// Makes the two tenants, counting what the first sees before and between.
  mutating func prepare() throws {
    try connection.execute(named: "time-outs", "set local statement_timeout = '60s'")
    try connection.execute(named: "time-outs", "set local lock_timeout = '5s'")
    try join(service)
    try join(reader)
    try make(tenants.friend, friend: "")
    for role in [service, reader] {
      for relation in tables + views {
        before["\(role) \(relation)"] = try? count(relation, role, tenants.first)
      }
    }
    try make(tenants.first, friend: tenants.friend)
    for role in [service, reader] {
      for relation in tables + views {
        own["\(role) \(relation)"] = try? count(relation, role, tenants.first)
      }
    }
    try make(tenants.second, friend: tenants.friend)
  }

  /// All trials, with the second tenant's rows in place.
  func trials() throws -> IsolationProbe {
    var trials: [IsolationProbe.Trial] = []
    var shared: [String: Int] = [:]
    for table in tables {
      for role in [service, reader] {
        for verb in IsolationProbe.Verb.allCases {
          let result = try self.result(verb, table, role)
          trials.append(.init(table: table, role: role, verb: verb, result: result))
        }
      }
      if let count = before["\(service) \(table)"], count > 0 { shared[table] = count }
    }
    for view in views {
      for role in [service, reader] {
        guard let result = try resultOfView(view, role) else { continue }
        trials.append(.init(table: view, role: role, verb: .select, result: result))
      }
    }
    return IsolationProbe(trials: trials, sharedRows: shared)
  }

  private func result(
    _ verb: IsolationProbe.Verb, _ table: String, _ role: String
  ) throws -> IsolationProbe.Trial.Result {
    switch verb {
    case .select: return try seen(table, role)
    case .insert: return try inserted(table, role)
    case .update, .delete: return try changed(verb, table, role)
    }
  }

  /// Whether the second tenant's rows added to what the first sees, and whether nobody sees nothing.
  private func seen(_ table: String, _ role: String) throws -> IsolationProbe.Trial.Result {
    let now: Int
    do {
      now = try count(table, role, tenants.first)
    } catch let error as PostgresError where error.sqlState == "42501" {
      return role == service ? .blind("it may not read the table") : .isolated
    } catch let error as PostgresError {
      return .unproven(error.summary)
    }
    let mine = own["\(role) \(table)"] ?? 0
    if now != mine {
      return .leaked("the other's rows changed what it sees from \(mine) to \(now)")
    }
    let nobody = try count(table, role, "")
    if nobody > 0 { return .leaked("without a tenant it sees \(nobody) rows") }
    return mine > (before["\(role) \(table)"] ?? 0)
      ? .isolated : .blind("it does not see the row that it made")
  }

  /// Views add up or hide; what the second tenant did must not change them, and materialized ones know
  /// neither.
  private func resultOfView(_ view: String, _ role: String) throws -> IsolationProbe.Trial.Result? {
    guard let mine = own["\(role) \(view)"] else { return nil }
    let now = try count(view, role, tenants.first)
    if now != mine {
      return .leaked("the other's rows changed what it shows from \(mine) to \(now)")
    }
    let isMaterialized = catalog.definition.materializedViews.contains { $0.visible == view }
    if isMaterialized, now > 0 { return .leaked("it shows \(now) rows of others to a new tenant") }
    return .isolated
  }

  /// Hands the first tenant a copy of the second's row to insert.
  private func inserted(_ table: String, _ role: String) throws -> IsolationProbe.Trial.Result {
    let row = try attempt(service, tenants.second) {
      try connection.query(
        named: "a row of \(table)",
        "select to_jsonb(t) as row from \(schema).\(quotedIdentifier(table)) t where age(t.xmin) <= 0 limit 1"
      ).first?.string("row")
    }
    guard case .success(let text) = row, let text else {
      return .unproven("the probe has no row in it")
    }
    let columns = try writableColumns(table, "INSERT", of: role)
    let outcome = try attempt(role, tenants.first) {
      try connection.execute(
        named: "insert into \(table)",
        """
        insert into \(schema).\(quotedIdentifier(table)) (\(columns)) overriding system value
        select \(columns) from jsonb_populate_record(null::\(schema).\(quotedIdentifier(table)), $1)
        """, [.json(text)])
    }
    switch outcome {
    case .success: return .leaked("it inserted a row in the other's name")
    case .failure(let error) where error.sqlState == "42501": return .isolated
    case .failure(let error) where error.sqlState == "23505":
      return .leaked("only a key kept it from inserting a row in the other's name")
    case .failure(let error): return .unproven(error.summary)
    }
  }

  /// Changes or deletes everything within reach, and asks the second tenant what it still has.
  private func changed(
    _ verb: IsolationProbe.Verb, _ table: String, _ role: String
  ) throws -> IsolationProbe.Trial.Result {
    let name = "\(schema).\(quotedIdentifier(table))"
    let mine = (own["\(service) \(table)"] ?? 0)
    let expected = try count(table, service, tenants.second)
    var touched = 0
    var left = 0
    func tried(freeingParents: Bool) throws -> Result<Void, PostgresError> {
      try attempt(role, tenants.first) {
        if freeingParents { try freeParents(except: table, as: role) }
        try change()
      }
    }
    func change() throws {
      if verb == .delete {
        touched = try connection.execute(named: "delete from \(table)", "delete from \(name)")
      } else {
        let column = try blindColumn(table, of: role)
        touched = try connection.execute(
          named: "update \(table)", "update \(name) set \(column)")
      }
      left = try count(table, service, tenants.second)
    }
    var outcome = try tried(freeingParents: false)
    if case .failure(let error) = outcome, error.sqlState == "23503" {
      // Its own rows are held by rows that do not go with them: without those, the trial says something.
      outcome = try tried(freeingParents: true)
    }
    switch outcome {
    case .success:
      if touched > mine { return .leaked("it touched \(touched) rows and has \(mine)") }
      if left != expected { return .leaked("the other was left with \(left) of \(expected) rows") }
      return .isolated
    case .failure(let error) where error.sqlState == "42501": return .isolated
    case .failure(let error): return .unproven(error.summary)
    }
  }

  /// Deletes, as the service, what keeps its own parents from being deleted, and becomes the role again.
  private func freeParents(except table: String, as role: String) throws {
    let holders = try connection.query(
      named: "tables that hold others",
      """
      select distinct c.relname::text as name
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and k.contype = 'f' and k.confdeltype in ('a', 'r') and not c.relispartition
        and c.relname <> $2 order by 1
      """, [.text(catalog.schema), .text(table)]
    ).map { row throws(PostgresError) in try row.string("name") }
    try be(service, tenants.first)
    for holder in holders {
      try connection.execute(
        named: "delete from \(holder)", "delete from \(schema).\(quotedIdentifier(holder))")
    }
    try be(role, tenants.first)
  }

  /// An assignment that reads no column, so that only the policies of UPDATE decide which rows it finds.
  private func blindColumn(_ table: String, of role: String) throws -> String {
    let row = try connection.query(
      named: "a column to change",
      """
      select quote_ident(a.attname) as name,
        a.atthasdef or not a.attnotnull as has_default
      from pg_attribute a
      where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
        and a.attgenerated = '' and a.attidentity = ''
        and has_column_privilege($2, a.attrelid, a.attnum, 'UPDATE')
        and not exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary
          and a.attnum = any (i.indkey))
      order by 2 desc, a.attname in ('updated_at', 'created_at', 'metadata') desc, a.attnum limit 1
      """, [.text("\(schema).\(quotedIdentifier(table))"), .text(role)]
    ).first
    guard let row else {
      let first = try connection.query(
        named: "a column",
        "select quote_ident(attname) as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and attgenerated = '' and not attisdropped order by attnum limit 1",
        [.text("\(schema).\(quotedIdentifier(table))")]
      ).only().string("name")
      return "\(first) = \(first)"
    }
    let name = try row.string("name")
    return try row.bool("has_default") ? "\(name) = default" : "\(name) = \(name)"
  }

  private func writableColumns(_ table: String, _ right: String, of role: String) throws -> String {
    try connection.query(
      named: "columns",
      """
      select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
      where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attgenerated = ''
      """, [.text("\(schema).\(quotedIdentifier(table))")]
    ).only().string("names")
  }

  /// Makes a probe tenant, as the service.
  private func make(_ tenant: String, friend: String) throws {
    try be(service, tenant)
    try connection.execute(
      named: "probe settings",
      "select set_config('daybreak.probe_id', $1, true), set_config('daybreak.probe_friend', $2, true)",
      [.text(tenant), .text(friend)])
    try connection.script(named: "catalogs/\(catalog.name)/probe.sql", probe)
    try connection.execute(named: "reset role", "reset role")
  }

  private func count(_ relation: String, _ role: String, _ tenant: String) throws -> Int {
    try attempt(role, tenant) {
      try connection.query(
        named: "count \(relation)",
        "select count(*) as n from \(schema).\(quotedIdentifier(relation))"
      ).only().int("n")
    }.get()
  }

  private func be(_ role: String, _ tenant: String) throws {
    try connection.execute(
      named: "tenant of the probe", "select set_config($1, $2, true)",
      [.text(tenancy.setting), .text(tenant)])
    try connection.execute(named: "role", "set local role \(quotedIdentifier(role))")
  }

  /// Does something as a role and tenant, and takes it back.
  private func attempt<Value>(
    _ role: String, _ tenant: String, _ body: () throws -> Value
  ) throws -> Result<Value, PostgresError> {
    var value: Value?
    do {
      try connection.transaction {
        try be(role, tenant)
        value = try body()
        throw TakenBack()
      }
    } catch is TakenBack {
    } catch let error as PostgresError where !error.isConnectionFailure {
      return .failure(error)
    }
    guard let value else {
      throw PostgresError.protocolViolation(statement: "probe", reason: "nothing came of it")
    }
    return .success(value)
  }

  /// Makes sure that this login may act as a role, for this transaction.
  private func join(_ role: String) throws {
    let may = try connection.query(
      named: "membership",
      "select pg_has_role(current_user, $1, case when current_setting('server_version_num')::integer < 160000 then 'MEMBER' else 'SET' end) as may",
      [.text(role)]
    ).only().bool("may")
    if may { return }
    try connection.execute(
      named: "grant \(role) for the probe",
      "grant \(quotedIdentifier(role)) to \(quotedIdentifier(connection.target.user))")
  }
}
