package import Postgres

/// A pending migration read statement by statement: which tables it locks, who waits, and what hurts.
package struct MigrationAdvice: Sendable {
  /// A lock, and what it means in this database.
  package struct Lock: Hashable, Sendable {
    package let relation: RelationName
    package let mode: TableLock
    /// Whether the relation is in the database already; locks on others concern nobody.
    package let exists: Bool
    /// How many rows the planner believes it has; nil for what does not exist or was never analyzed.
    package let estimatedRows: Int64?

    /// Who waits, in words.
    package var whoWaits: String { exists ? mode.whoWaits : "new here: nobody waits" }
  }

  package struct Statement: Sendable {
    /// Where it stands.
    package let location: ScriptLocation
    /// Its first words.
    package let words: String
    /// The strongest first.
    package let locks: [Lock]
    package let warnings: [StatementWarning]
    /// Whether it computes a statement that is not known before it runs.
    package let isComputed: Bool
  }

  package struct Step: Sendable {
    package let version: Int64
    package let title: String
    package let file: String
    package let statements: [Statement]
  }

  package let direction: MigrationPlan.Direction
  package let steps: [Step]

  /// Every warning with the place of its statement.
  package var warnings: [(location: ScriptLocation, warning: StatementWarning)] {
    steps.flatMap(\.statements).flatMap { statement in
      statement.warnings.map { (statement.location, $0) }
    }
  }

  /// Reads a plan; runs nothing of it.
  ///
  /// - Parameters:
  ///   - plan: what would run.
  ///   - schema: where names without a schema lie.
  ///   - functions: the bodies of functions that statements may call, by `schema.name`.
  ///   - connection: to ask which relations are there.
  /// - Throws: `PostgresError`.
  package init(
    _ plan: MigrationPlan, schema: String, functions: [String: String], on connection: Connection
  ) throws {
    direction = plan.direction
    var known: [RelationName: (exists: Bool, rows: Int64?)] = [:]
    var steps: [Step] = []
    for step in plan.steps {
      var statements: [Statement] = []
      var hasLockTimeout = false
      for statement in try SQLScript.statements(of: step.file.text, file: step.file.path) {
        let read = StatementLocks(statement.text, schema: schema, functions: functions)
        hasLockTimeout = hasLockTimeout || statement.text.lowercased().contains("lock_timeout")
        var locks: [Lock] = []
        let all = read.locks.merging(try Self.locksBeside(read, connection)) { own, _ in own }
        for lock in all.values {
          let facts = try known[lock.relation] ?? Self.look(for: lock.relation, connection)
          // What an earlier statement makes is new to this one as well.
          known[lock.relation] = lock.isNew && !facts.exists ? (false, nil) : facts
          locks.append(
            Lock(
              relation: lock.relation, mode: lock.mode, exists: facts.exists,
              estimatedRows: facts.rows))
        }
        locks.sort { ($1.mode, $0.relation) < ($0.mode, $1.relation) }
        var warnings = read.warnings.filter { warning in
          warning.relation.map { known[$0]?.exists == true } ?? true
        }
        let waits = locks.contains { $0.exists && $0.mode.stopsWriters }
        if waits, !hasLockTimeout {
          warnings.append(
            StatementWarning(
              rule: "require-timeout-settings",
              message:
                "while it waits for the lock everybody behind it waits too: SET LOCAL lock_timeout first",
              relation: nil))
        }
        statements.append(
          Statement(
            location: statement.location(in: step.file.path, position: nil),
            words: Self.firstWords(of: statement.text), locks: locks, warnings: warnings,
            isComputed: read.isComputed))
      }
      steps.append(
        Step(
          version: step.version, title: step.title, file: step.file.path, statements: statements))
    }
    self.steps = steps
  }

  /// Who loses a table or an index waits as well: the tables that its foreign keys refer to, whose triggers
  /// go, and the table of an index.
  private static func locksBeside(
    _ read: StatementLocks, _ connection: Connection
  ) throws(PostgresError) -> [RelationName: LockedRelation] {
    var found: [RelationName: LockedRelation] = [:]
    for name in read.dropped {
      let rows = try connection.query(
        named: "what \(name) hangs on",
        """
        select n.nspname::text as schema, c.relname::text as name
        from pg_class d join pg_namespace m on m.oid = d.relnamespace
        join pg_class c on c.oid in (
          select k.confrelid from pg_constraint k where k.conrelid = d.oid and k.contype = 'f'
          union all select i.indrelid from pg_index i where i.indexrelid = d.oid)
        join pg_namespace n on n.oid = c.relnamespace
        where m.nspname = $1 and d.relname = $2
        """, [.text(name.schema ?? ""), .text(name.name)])
      for row in rows {
        let other = RelationName(schema: try row.string("schema"), name: try row.string("name"))
        let mode = read.locks[name]?.mode ?? .accessExclusive
        found[other] = LockedRelation(relation: other, mode: mode, isNew: false)
      }
    }
    return found
  }

  private static func look(
    for relation: RelationName, _ connection: Connection
  ) throws(PostgresError) -> (exists: Bool, rows: Int64?) {
    let row = try connection.query(
      named: "look for \(relation)",
      """
      select nullif(sum(greatest(c.reltuples, -1)), -1)::bigint as rows
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 having count(*) > 0
      """, [.text(relation.schema ?? ""), .text(relation.name)]
    ).first
    return (row != nil, try row?.optionalInt64("rows"))
  }

  /// The statement's beginning on one line, 60 characters of it.
  private static func firstWords(of text: String) -> String {
    let line = text.split { $0.isWhitespace }.joined(separator: " ")
    return line.count > 60 ? line.prefix(59) + "…" : line
  }
}

extension Migrator {
  /// The bodies of the functions that the up files make, by `schema.name`, for `MigrationAdvice`.
  package func functionBodies() throws(PostgresError) -> [String: String] {
    var bodies: [String: String] = [:]
    for migration in migrations {
      for statement in try SQLScript.statements(of: migration.up.text, file: migration.up.path)
      where statement.words.first == "CREATE" {
        let tokens = SQLToken.tokens(of: statement.text)
        guard
          let word = tokens.prefix(4).firstIndex(where: {
            $0.isWord("function") || $0.isWord("procedure")
          })
        else { continue }
        var reader = SQLReader(tokens[(word + 1)...])
        guard let name = reader.name() else { continue }
        // The body is the last literal: arguments may have some as defaults.
        guard let body = tokens.last(where: { $0.kind == .literal && $0.text.contains(" ") }) else {
          continue
        }
        bodies[name.qualified(by: schema).description] = body.text
      }
    }
    return bodies
  }
}
