import Postgres

/// Something about a statement that hurts on a table with rows and users.
package struct StatementWarning: Hashable, Sendable {
  /// The name of squawk's rule where it has one, so that its pages explain it.
  package let rule: String
  /// What happens and what to do instead.
  package let message: String
  /// The table that has to be there for it to matter; nil where it always does.
  package let relation: RelationName?
}

/// What a statement locks, worked out from its text.
///
/// Sources: PostgreSQL 15 manual, §13.3.1 "Table-Level Locks", and what the pages of ALTER TABLE, CREATE
/// INDEX, CREATE TABLE (PARTITION OF), CREATE TRIGGER, COMMENT and REFRESH MATERIALIZED VIEW say of their
/// locks. ACCESS SHARE, which only ACCESS EXCLUSIVE waits for, is not listed. Bodies of DO blocks are read
/// as statements, `EXECUTE` of a literal included; calls of functions that the same migrations make are
/// followed, with the literal arguments in place of `%s`.
struct StatementLocks {
  /// What is locked, each relation once and in its strongest mode.
  private(set) var locks: [RelationName: LockedRelation] = [:]
  private(set) var warnings: [StatementWarning] = []
  /// Tables and indexes that it drops: what they hang on is locked as well.
  private(set) var dropped: Set<RelationName> = []
  /// Whether part of it is computed when it runs, and so not known here.
  private(set) var isComputed = false

  private let schema: String
  private let functions: [String: String]
  private var depth = 0
  /// Statements that a block keeps in variables of its own, by name.
  private var statements: [String: String] = [:]

  /// - Parameters:
  ///   - text: one statement.
  ///   - schema: where names without a schema lie.
  ///   - functions: the bodies of functions, by `schema.name`.
  init(_ text: String, schema: String, functions: [String: String]) {
    self.schema = schema
    self.functions = functions
    read(SQLToken.tokens(of: text))
  }

  private mutating func take(_ mode: TableLock, _ name: RelationName?, isNew: Bool = false) {
    guard let name = name?.qualified(by: schema), name.name != "%" else { return }
    let known = locks[name]
    if let known, known.mode >= mode { return }
    locks[name] = LockedRelation(
      relation: name, mode: mode, isNew: isNew || known?.isNew == true)
  }

  private mutating func warn(_ rule: String, _ message: String, _ name: RelationName?) {
    warnings.append(
      StatementWarning(rule: rule, message: message, relation: name?.qualified(by: schema)))
  }

  /// Reads one statement.
  private mutating func read(_ tokens: some Collection<SQLToken>) {
    var reader = SQLReader(tokens)
    guard let first = reader.next, depth < 4 else { return }
    reader.skip()
    switch first.text {
    case "create": create(&reader)
    case "alter": alter(&reader)
    case "drop": drop(&reader)
    case "comment":
      if reader.pass("on", "table") || reader.pass("on", "view") {
        take(.shareUpdateExclusive, reader.name())
      }
      if reader.pass("on", "column"), let column = reader.columnOwner() {
        take(.shareUpdateExclusive, column)
      }
    case "refresh": refresh(&reader)
    case "truncate":
      _ = reader.pass("table")
      _ = reader.pass("only")
      take(.accessExclusive, reader.name())
    case "lock": lock(&reader)
    case "insert", "update", "delete", "merge", "copy":
      if !reader.pass("into") { _ = reader.pass("from") }
      _ = reader.pass("only")
      take(.rowExclusive, reader.name())
      calls(reader.rest)
    case "reindex": reindex(&reader)
    case "cluster": take(.accessExclusive, reader.name())
    case "vacuum":
      warn("ban-vacuum", "VACUUM cannot run inside a transaction, and migrations do", nil)
    case "analyze", "analyse": take(.shareUpdateExclusive, reader.name())
    case "do": block(&reader)
    case "select", "perform", "with", "call": calls(reader.rest)
    case "execute": execute(&reader)
    default: break
    }
  }

  // MARK: CREATE

  private mutating func create(_ reader: inout SQLReader) {
    _ = reader.pass("or", "replace")
    for word in ["global", "local", "temporary", "temp"] where reader.next?.isWord(word) == true {
      if word.hasPrefix("temp") { return }
      reader.skip()
    }
    _ = reader.pass("unlogged")
    let isUnique = reader.pass("unique")
    if reader.pass("index") { return createIndex(&reader, isUnique: isUnique) }
    if reader.pass("table") { return createTable(&reader) }
    if reader.pass("materialized", "view") || reader.pass("view")
      || reader.pass("recursive", "view")
    {
      _ = reader.pass("if", "not", "exists")
      return take(.accessExclusive, reader.name(), isNew: true)
    }
    if reader.pass("policy") || reader.pass("rule") {
      _ = reader.name()
      if reader.seek("on") || reader.seek("to") {
        reader.skip()
        take(.accessExclusive, reader.name())
      }
      return
    }
    if reader.pass("constraint", "trigger") || reader.pass("trigger") {
      if reader.seek("on") {
        reader.skip()
        take(.shareRowExclusive, reader.name())
      }
      return
    }
    if reader.pass("sequence") {
      _ = reader.pass("if", "not", "exists")
      return take(.accessExclusive, reader.name(), isNew: true)
    }
    if reader.pass("function") { return checkBody(reader.rest) }
    if reader.pass("statistics"), reader.seek("from") {
      reader.skip()
      take(.shareUpdateExclusive, reader.name())
    }
  }

  /// A function in SQL: its statements are parsed when it is made, which locks what they write to.
  private mutating func checkBody(_ tokens: ArraySlice<SQLToken>) {
    guard Array(tokens).hasRun("language", "sql"),
      let body = tokens.last(where: { $0.kind == .literal && $0.text.contains(" ") })
    else { return }
    for statement in SQLToken.tokens(of: body.text).split(whereSeparator: { $0.isWord(";") }) {
      var reader = SQLReader(statement)
      guard reader.pass("insert", "into") || reader.pass("update") || reader.pass("delete", "from")
      else { continue }
      take(.rowExclusive, reader.name())
    }
  }

  private mutating func createTable(_ reader: inout SQLReader) {
    _ = reader.pass("if", "not", "exists")
    let table = reader.name()
    take(.accessExclusive, table, isNew: true)
    if reader.pass("partition", "of") {
      // A partition is attached to its table, whose readers wait (CREATE TABLE, "PARTITION OF").
      let parent = reader.name()
      take(.accessExclusive, parent)
      warn(
        "partition-of",
        "readers of the whole table wait: CREATE TABLE (LIKE …), then ATTACH PARTITION",
        parent)
    }
    references(reader.rest)
    if reader.seek("inherits") {
      reader.skip()
      reader.skip()
      take(.shareUpdateExclusive, reader.name())
    }
  }

  /// Foreign keys lock the table that they refer to, which gets triggers.
  private mutating func references(_ tokens: ArraySlice<SQLToken>) {
    for index in tokens.indices where tokens[index].isWord("references") {
      var reader = SQLReader(tokens[(index + 1)...])
      take(.shareRowExclusive, reader.name())
    }
  }

  private mutating func createIndex(_ reader: inout SQLReader, isUnique: Bool) {
    let isConcurrent = reader.pass("concurrently")
    guard reader.seek("on") else { return }
    reader.skip()
    _ = reader.pass("only")
    let table = reader.name()
    take(isConcurrent ? .shareUpdateExclusive : .share, table)
    if isConcurrent {
      warn(
        "ban-concurrent-index-creation-in-transaction",
        "CONCURRENTLY cannot run inside a transaction, and migrations do: run it by hand", nil)
    } else {
      warn(
        "require-concurrent-index-creation",
        "writers wait while the index is built: CREATE INDEX CONCURRENTLY by hand first, and IF NOT EXISTS here",
        table)
    }
  }

  // MARK: ALTER

  private mutating func alter(_ reader: inout SQLReader) {
    if reader.pass("table") {
      alterTable(&reader)
    } else if reader.pass("policy") {
      if reader.seek("on") {
        reader.skip()
        take(.accessExclusive, reader.name())
      }
    } else if reader.pass("materialized", "view") || reader.pass("view")
      || reader.pass("foreign", "table")
    {
      _ = reader.pass("if", "exists")
      take(.accessExclusive, reader.name())
    } else if reader.pass("index") {
      _ = reader.pass("if", "exists")
      let index = reader.name()
      let isRename = reader.pass("rename") || reader.pass("set", "(")
      take(isRename ? .shareUpdateExclusive : .accessExclusive, index)
    } else if reader.pass("sequence") {
      _ = reader.pass("if", "exists")
      take(.shareRowExclusive, reader.name())
    }
  }

  private mutating func alterTable(_ reader: inout SQLReader) {
    _ = reader.pass("if", "exists")
    _ = reader.pass("only")
    let table = reader.name()
    var parts: [[SQLToken]] = [[]]
    var depth = 0
    for token in reader.rest {
      if token.isWord("(") { depth += 1 }
      if token.isWord(")") { depth -= 1 }
      if depth == 0, token.isWord(",") {
        parts.append([])
      } else {
        parts[parts.count - 1].append(token)
      }
    }
    for part in parts { alterTable(table, part) }
  }

  /// One action of ALTER TABLE (its manual page: "An ACCESS EXCLUSIVE lock is acquired unless explicitly
  /// noted").
  private mutating func alterTable(_ table: RelationName?, _ action: [SQLToken]) {
    var reader = SQLReader(action)
    if reader.pass("add") { return add(to: table, &reader) }
    if reader.pass("validate", "constraint") { return take(.shareUpdateExclusive, table) }
    if reader.pass("attach", "partition") {
      take(.shareUpdateExclusive, table)
      return take(.accessExclusive, reader.name())
    }
    if reader.pass("detach", "partition") {
      let part = reader.name()
      let isConcurrent = action.contains { $0.isWord("concurrently") }
      take(isConcurrent ? .shareUpdateExclusive : .accessExclusive, table)
      return take(.accessExclusive, part)
    }
    let word = action.first?.text ?? ""
    if ["enable", "disable"].contains(word), action.contains(where: { $0.isWord("trigger") }) {
      return take(.shareRowExclusive, table)
    }
    if reader.pass("cluster", "on") || reader.pass("set", "without", "cluster")
      || reader.pass("set", "(") || reader.pass("reset", "(")
    {
      return take(.shareUpdateExclusive, table)
    }
    if reader.pass("alter") { return alterColumn(of: table, &reader) }
    take(.accessExclusive, table)
    if reader.pass("rename") {
      warn("renaming", "programs that run now use the old name", table)
    } else if reader.pass("drop") {
      if !reader.pass("constraint") {
        warn(
          "ban-drop-column", "programs that run now may still use the column; its values are lost",
          table)
      }
    } else if reader.pass("set", "tablespace") || reader.pass("set", "logged")
      || reader.pass("set", "unlogged")
    {
      warn("table-rewrite", "the whole table is written anew while readers and writers wait", table)
    }
  }

  private mutating func add(to table: RelationName?, _ reader: inout SQLReader) {
    let rest = Array(reader.rest)
    let isNotValid = rest.hasRun("not", "valid")
    var body = SQLReader(rest)
    if body.pass("constraint") { _ = body.name() }
    if body.pass("foreign", "key") {
      take(.shareRowExclusive, table)
      references(rest[...])
      if !isNotValid {
        warn(
          "adding-foreign-key-constraint",
          "both tables are locked while every row is checked: NOT VALID here, VALIDATE CONSTRAINT in the next migration",
          table)
      }
      return
    }
    take(.accessExclusive, table)
    if body.pass("check") {
      if !isNotValid {
        warn(
          "constraint-missing-not-valid",
          "readers and writers wait while every row is checked: NOT VALID here, VALIDATE CONSTRAINT in the next migration",
          table)
      }
      return
    }
    if body.pass("unique") || body.pass("primary", "key") || body.pass("exclude") {
      if !rest.hasRun("using", "index") {
        warn(
          "disallowed-unique-constraint",
          "readers and writers wait while the index is built: CREATE UNIQUE INDEX CONCURRENTLY, then ADD … USING INDEX",
          table)
      }
      return
    }
    addColumn(to: table, rest)
  }

  private mutating func addColumn(to table: RelationName?, _ rest: [SQLToken]) {
    references(rest[...])
    let hasDefault = rest.contains { $0.isWord("default") }
    if rest.hasRun("not", "null"), !hasDefault, !rest.contains(where: { $0.isWord("generated") }) {
      warn(
        "adding-required-field",
        "it fails when the table has rows: add it with a default, or nullable first",
        table)
    }
    let generators = [
      "gen_random_uuid", "random", "clock_timestamp", "nextval", "uuid_generate_v4",
    ]
    let isVolatile = rest.contains { token in generators.contains { token.isWord($0) } }
    if isVolatile || rest.hasRun("generated", "always")
      || rest.contains(where: { $0.text.hasSuffix("serial") })
    {
      warn(
        "adding-field-with-default",
        "the whole table is written anew while readers and writers wait",
        table)
    }
  }

  private mutating func alterColumn(of table: RelationName?, _ reader: inout SQLReader) {
    if reader.pass("constraint") { return take(.accessExclusive, table) }
    _ = reader.pass("column")
    _ = reader.name()
    if reader.pass("set", "statistics") || reader.pass("set", "(") || reader.pass("reset", "(") {
      return take(.shareUpdateExclusive, table)
    }
    take(.accessExclusive, table)
    if reader.pass("set", "not", "null") {
      warn(
        "adding-not-nullable-field",
        "readers and writers wait while every row is read: add CHECK (… IS NOT NULL) NOT VALID, validate it, then SET NOT NULL",
        table)
    } else if reader.pass("type") || reader.pass("set", "data", "type") {
      warn(
        "changing-column-type",
        "unless the old type needs no conversion, the table and its indexes are written anew while readers and writers wait",
        table)
    }
  }

  // MARK: Others

  private mutating func drop(_ reader: inout SQLReader) {
    if reader.pass("policy") || reader.pass("trigger") || reader.pass("rule") {
      if reader.seek("on") {
        reader.skip()
        take(.accessExclusive, reader.name())
      }
      return
    }
    let isIndex = reader.pass("index")
    let isConcurrent = isIndex && reader.pass("concurrently")
    let isTable = !isIndex && reader.pass("table")
    guard
      isIndex || isTable || reader.pass("materialized", "view") || reader.pass("view")
        || reader.pass("sequence") || reader.pass("foreign", "table")
    else { return }
    _ = reader.pass("if", "exists")
    repeat {
      let name = reader.name()
      take(isConcurrent ? .shareUpdateExclusive : .accessExclusive, name)
      if let name, isTable || isIndex { dropped.insert(name.qualified(by: schema)) }
      if isTable {
        warn("ban-drop-table", "its rows are lost, and programs that run now may use it", name)
      }
    } while reader.pass(",")
    if isIndex, !isConcurrent {
      warn(
        "require-concurrent-index-deletion",
        "readers and writers of its table wait for the moment: DROP INDEX CONCURRENTLY by hand", nil
      )
    }
  }

  private mutating func refresh(_ reader: inout SQLReader) {
    guard reader.pass("materialized", "view") else { return }
    let isConcurrent = reader.pass("concurrently")
    take(isConcurrent ? .exclusive : .accessExclusive, reader.name())
  }

  private mutating func reindex(_ reader: inout SQLReader) {
    let isIndex = reader.pass("index")
    if !isIndex, !reader.pass("table") { return }
    let isConcurrent = reader.pass("concurrently")
    take(isConcurrent ? .shareUpdateExclusive : isIndex ? .accessExclusive : .share, reader.name())
  }

  private mutating func lock(_ reader: inout SQLReader) {
    _ = reader.pass("table")
    _ = reader.pass("only")
    let table = reader.name()
    var mode = TableLock.accessExclusive
    if reader.pass("in") {
      let words = reader.rest.prefix { !$0.isWord("mode") }.map { $0.text.uppercased() }
      mode = TableLock.allCases.first { $0.words == words.joined(separator: " ") } ?? mode
    }
    take(mode, table)
  }

  /// The body of a DO block.
  private mutating func block(_ reader: inout SQLReader) {
    guard let body = reader.rest.first(where: { $0.kind == .literal }) else { return }
    readBody(body.text, arguments: [])
  }

  /// Statements within PL/pgSQL: what stands between semicolons, `THEN`, `LOOP`, `ELSE` and `BEGIN`.
  private mutating func readBody(_ text: String, arguments: [String]) {
    depth += 1
    defer { depth -= 1 }
    var statement: [SQLToken] = []
    for token in SQLToken.tokens(of: text) {
      let isBorder = [";", "then", "loop", "else", "begin", "declare"].contains { token.isWord($0) }
      if isBorder {
        readPart(statement, arguments)
        statement = []
      } else {
        statement.append(token)
      }
    }
    readPart(statement, arguments)
  }

  private mutating func readPart(_ statement: [SQLToken], _ arguments: [String]) {
    guard let first = statement.first else { return }
    if let value = statement.last, value.kind == .literal, first.isName,
      statement.contains(where: { $0.isWord("text") })
    {
      statements[first.text] = value.text
    }
    if first.isWord("execute") {
      if statement.count == 2, let kept = statements[statement[1].text] {
        return read(SQLToken.tokens(of: kept))
      }
      let literals = statement.filter { $0.kind == .literal }
      let template = literals.prefix { $0.text.contains(" ") || $0 == literals.first }.map(\.text)
        .joined()
      guard statement.count > 1, !template.isEmpty else {
        isComputed = true
        return
      }
      if statement[1].kind == .literal || statement[1].isWord("format") {
        var text = template
        for _ in 0..<4 {
          guard let argument = arguments.first, let place = text.firstRange(of: "%s") else { break }
          text.replaceSubrange(place, with: argument)
        }
        if text.contains("%s") || text.contains("%I.%I") { isComputed = true }
        read(SQLToken.tokens(of: text))
      } else {
        isComputed = true
      }
      return
    }
    read(statement)
  }

  private mutating func execute(_ reader: inout SQLReader) { isComputed = true }

  /// Follows calls of functions that the migrations make, with the arguments that are literals.
  private mutating func calls(_ tokens: ArraySlice<SQLToken>) {
    if tokens.contains(where: { $0.isWord("create_hypertable") }) {
      var reader = SQLReader(tokens.drop { $0.kind != .literal }.prefix(1))
      if let literal = reader.next { take(.accessExclusive, RelationName(literal: literal.text)) }
      reader.skip()
    }
    for index in tokens.indices where tokens[index].isWord("(") && index >= tokens.startIndex + 3 {
      let schema = tokens[index - 3]
      guard tokens[index - 2].isWord("."), schema.isName,
        let body = functions["\(schema.text).\(tokens[index - 1].text)"]
      else { continue }
      let arguments = tokens[(index + 1)...].prefix { !$0.isWord(")") }
        .filter { $0.kind == .literal }.map(\.text)
      readBody(body, arguments: arguments)
    }
  }
}

extension [SQLToken] {
  /// Whether these words stand one after the other somewhere.
  func hasRun(_ words: String...) -> Bool {
    guard count >= words.count else { return false }
    return (0...(count - words.count)).contains { start in
      words.indices.allSatisfy { self[start + $0].isWord(words[$0]) }
    }
  }
}

extension SQLReader {
  /// The table of `schema.table.column` or `table.column`.
  mutating func columnOwner() -> RelationName? {
    guard let name = name() else { return nil }
    guard pass(".") else { return name.schema.map { RelationName(schema: nil, name: $0) } }
    return name
  }
}
