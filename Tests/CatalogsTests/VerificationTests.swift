import Catalogs
import DaybreakCore
import Postgres
import TestSupport
import Testing

/// What `daybreak db verify` finds.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct VerificationTests {
  /// The catalogs and the store of runs.
  private static let names = Catalog.names + [Catalog.storeName]

  @Test(arguments: names)
  func `a fresh catalog differs in nothing`(name: String) throws {
    let (catalog, connection) = try Scratch.installed(name)
    let comparison = try SchemaComparison(of: catalog, on: connection)
    #expect(comparison.drifts == [])
    #expect(comparison.factCount > 100)
    let there = try Installation(of: catalog, on: connection).extensions.filter {
      if case .present = $0.use { true } else { false }
    }
    #expect(comparison.extensionsUsed == there.map(\.name))
  }

  @Test(arguments: names)
  func `without extensions neither`(name: String) throws {
    let names = try Catalog(named: name).definition.extensions.map(\.name)
    let (catalog, connection) = try Scratch.installed(name, without: names + ["none"])
    let comparison = try SchemaComparison(of: catalog, on: connection)
    #expect(comparison.drifts == [])
    #expect(comparison.extensionsUsed == [])
  }

  @Test(arguments: names.filter { $0 != "xray" }, [true, false])
  func `two probe tenants are apart, and leave nothing behind`(
    name: String, isSeeded: Bool
  ) throws {
    let (catalog, connection) = try Scratch.installed(name)
    // The store has no example data: runs fill it.
    if isSeeded, name != Catalog.storeName {
      let end = try #require(CivilDate(year: 2026, month: 3, day: 13))
      _ = try catalog.seed(scale: 1, end: end, on: connection)
    }
    let rows = try catalog.rows(on: connection).tables
    let before = try Scratch.fingerprint(connection)
    #expect(try SchemaComparison(of: catalog, on: connection).drifts == [])
    let probe = try #require(try IsolationProbe.run(on: catalog, connection))
    #expect(probe.findings.map { "\($0.table) \($0.role) \($0.verb): \($0.result)" } == [])
    #expect(probe.trials.count > 50)
    #expect(try catalog.rows(on: connection).tables == rows)
    #expect(try Scratch.fingerprint(connection) == before)
  }

  @Test func `what runs make in the store is no drift, and what somebody else makes is`() throws {
    let (catalog, connection) = try Scratch.installed(Catalog.storeName)
    try connection.execute(
      named: "parts", "select daybreak.prepare_service_minutes(now(), now() + interval '3 days')")
    try connection.transaction {
      try connection.execute(
        named: "tenant",
        "select set_config('daybreak.probe_id', $1, true), set_config('daybreak.tenant_id', $1, true)",
        [.text("fffffff0-0000-4000-8000-00000000000a")])
      try connection.execute(named: "role", "set local role daybreak_service")
      try connection.script(
        named: "rows",
        try String(
          contentsOf: Fixtures.root.appending(path: "catalogs/daybreak/probe.sql"), encoding: .utf8)
      )
      try connection.execute(
        named: "an index of its own", "select daybreak.prepare_cluster_vectors('probe', 1, 0)")
    }
    #expect(try SchemaComparison(of: catalog, on: connection).drifts == [])
    try connection.script(
      named: "somebody's",
      """
      create index cluster_vectors_own on daybreak.cluster_vectors (model);
      grant usage on schema daybreak_partitions to daybreak_service
      """)
    let drifts = try SchemaComparison(of: catalog, on: connection).drifts
    #expect(drifts.map(\.key.kind) == [.grant, .index])
    #expect(try IsolationProbe.run(on: catalog, connection)?.findings == [])
  }

  @Test func `an installer who is no superuser can run the probe`() throws {
    let administrator = try Connection(try TestDatabase.make())
    let installer = try Scratch.login("createrole", to: administrator)
    try administrator.execute(
      named: "rights",
      "grant create on database \(administrator.target.databaseName) to \(installer.target.user)")
    let catalog = try Catalog(named: "loghunter")
    _ = try catalog.install(on: installer)
    #expect(try IsolationProbe.run(on: catalog, installer)?.findings == [])
  }

  @Test func `every kind of drift is named, with what mends it`() throws {
    let (catalog, connection) = try Scratch.installed("loghunter")
    try connection.script(
      named: "drift",
      """
      alter table loghunter.tenants no force row level security;
      alter table loghunter.saved_filters disable row level security;
      create role outsider_\(connection.serverProcessID);
      grant select on loghunter.error_clusters to outsider_\(connection.serverProcessID);
      revoke select on loghunter.anomaly_events from daybreak_reader;
      create policy anybody on loghunter.analysis_results for select using (true);
      alter table loghunter.anomaly_baselines add column note text;
      alter function loghunter.tenant_named(text) security invoker;
      grant execute on function loghunter.api_key_candidates(text) to public;
      """)
    let drifts = try SchemaComparison(of: catalog, on: connection).drifts
    let words = drifts.map(\.summary)
    #expect(drifts.count == 8)
    #expect(words.contains("row security of loghunter.tenants is on, not forced, expected forced"))
    #expect(words.contains("row security of loghunter.saved_filters is off, expected forced"))
    #expect(words.contains { $0.contains("outsider_") && $0.contains("which no migration grants") })
    #expect(words.contains("daybreak_reader lacks SELECT on TABLE loghunter.anomaly_events"))
    #expect(
      words.contains(
        "policy loghunter.analysis_results: anybody is there, and no migration makes it"))
    #expect(
      words.contains("column loghunter.anomaly_baselines.note is there, and no migration makes it"))
    #expect(
      words.contains { $0.hasPrefix("PUBLIC may EXECUTE on FUNCTION loghunter.api_key_candidates") }
    )
    #expect(drifts.count { $0.isAboutSecurity } == 7)
    // What mends it is SQL that runs, and mends it.
    for drift in drifts where drift.remedy.hasSuffix(";") {
      try connection.script(named: "remedy", drift.remedy)
    }
    let left = try SchemaComparison(of: catalog, on: connection).drifts
    #expect(left.map(\.key.kind) == [.column, .function])
    #expect(left.last?.origin?.file.hasPrefix("migrations/loghunter/") == true)
  }

  @Test func `the probe finds a policy that lets others in`() throws {
    let (catalog, connection) = try Scratch.installed("loghunter")
    try connection.script(
      named: "holes",
      """
      create policy hole on loghunter.anomaly_events for select to daybreak_reader using (true);
      grant delete on loghunter.saved_filters to daybreak_service;
      create policy hole on loghunter.saved_filters for delete to daybreak_service using (true);
      create policy hole on loghunter.error_clusters for insert to daybreak_service with check (true);
      create policy hole on loghunter.anomaly_baselines for update to daybreak_service using (true) with check (true)
      """)
    let probe = try #require(try IsolationProbe.run(on: catalog, connection))
    let leaks = probe.findings.filter { if case .leaked = $0.result { true } else { false } }
    let found = Set(leaks.map { "\($0.table) \($0.verb.rawValue) \($0.role)" })
    #expect(found.contains("anomaly_events SELECT daybreak_reader"))
    #expect(found.contains("saved_filters DELETE daybreak_service"))
    #expect(found.contains("error_clusters INSERT daybreak_service"))
    #expect(found.contains("anomaly_baselines UPDATE daybreak_service"))
  }

  @Test func `a condition names only the extensions that make a difference`() throws {
    let always = SchemaFact(kind: .table, object: "a.t", value: "table")
    let withVector = SchemaFact(kind: .column, object: "a.t.v", value: "vector(3)")
    let without = SchemaFact(kind: .column, object: "a.t.v", value: "real[]")
    let both = SchemaFact(kind: .index, object: "a.t: i", value: "CREATE INDEX")
    let expectation = SchemaExpectation(
      extensions: ["vector", "pg_trgm"], serverMajor: 15,
      found: [
        []: [always, without], ["vector"]: [always, withVector], ["pg_trgm"]: [always, without],
        ["vector", "pg_trgm"]: [always, withVector, both],
      ])
    let text = expectation.text(catalog: "a")
    #expect(text.contains("*\ttable\ta.t\ttable"))
    #expect(text.contains("\nvector\tcolumn\ta.t.v\tvector(3)"))
    #expect(text.contains("!vector\tcolumn\ta.t.v\treal[]"))
    #expect(text.contains("vector&pg_trgm\tindex"))
    #expect(try SchemaExpectation(text, file: "x.tsv") == expectation)
  }
}
