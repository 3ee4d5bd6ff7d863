import Foundation

extension SchemaDrift {
  /// What is wrong, in one line.
  package var summary: String {
    let thing = "\(key.kind.rawValue) \(key.object)"
    switch (key.kind, change) {
    case (.grant, .missing(let rights)):
      return "\(granteeAndObject.grantee) lacks \(rights) on \(granteeAndObject.object)"
    case (.grant, .unexpected(let rights)):
      return
        "\(granteeAndObject.grantee) may \(rights) on \(granteeAndObject.object), which no migration grants"
    case (.grant, .different(let expected, let found)):
      return
        "\(granteeAndObject.grantee) may \(found) on \(granteeAndObject.object), where the migrations grant \(expected)"
    case (.rowSecurity, .different(let expected, let found)):
      return "row security of \(key.object) is \(found), expected \(expected)"
    case (.owner, .different(let expected, let found)):
      return "\(key.object) belongs to \(found), expected \(expected)"
    case (.body, .different): return "the body of function \(key.object) is not the migrations'"
    case (.definition, .different): return "the text of view \(key.object) is not the migrations'"
    case (.role, .different(_, let found)): return "role \(key.object): \(found)"
    case (.membership, .unexpected):
      return "\(key.object.replacing(" in ", with: " is a member of ")), and so may do what it may"
    case (.parts, .different(_, let found)): return "parts of \(key.object): \(found)"
    case (_, .missing): return "\(thing) is missing"
    case (_, .unexpected): return "\(thing) is there, and no migration makes it"
    case (_, .different(let expected, let found)):
      return "\(thing) is: \(found); expected: \(expected)"
    }
  }

  /// The statement that mends it, or else what to look at.
  package var remedy: String {
    if let statement { return statement + ";" }
    if case .unexpected = change {
      return "if somebody meant it, put it into a migration: daybreak db create-migration"
    }
    return origin.map { "make it again as \($0.file):\($0.line) does" }
      ?? "compare with a database that daybreak db init made afresh"
  }

  private var granteeAndObject: (object: String, grantee: String) {
    let parts = key.object.components(separatedBy: " TO ")
    return (parts.dropLast().joined(separator: " TO "), parts.last ?? "")
  }

  /// `table: name` of a policy, trigger, constraint or index.
  private var tableAndName: (table: String, name: String) {
    let parts = key.object.components(separatedBy: ": ")
    return (parts.first ?? "", parts.dropFirst().joined(separator: ": "))
  }

  private var statement: String? {
    let (table, name) = tableAndName
    switch (key.kind, change) {
    case (.grant, .missing(let rights)), (.grant, .different(let rights, _)):
      let (object, grantee) = granteeAndObject
      let take = change.isDifferent ? "REVOKE ALL ON \(object) FROM \(grantee); " : ""
      return "\(take)GRANT \(rights) ON \(object) TO \(grantee)"
    case (.grant, .unexpected(let rights)):
      return "REVOKE \(rights) ON \(granteeAndObject.object) FROM \(granteeAndObject.grantee)"
    case (.rowSecurity, .different(let expected, _)):
      return expected == "forced"
        ? "ALTER TABLE \(key.object) ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" : nil
    case (.policy, .missing(let text)): return "CREATE POLICY \(name) ON \(table) \(text)"
    case (.policy, .different(let text, _)):
      return "DROP POLICY \(name) ON \(table); CREATE POLICY \(name) ON \(table) \(text)"
    case (.policy, .unexpected): return "DROP POLICY \(name) ON \(table)"
    case (.constraint, .missing(let text)):
      return "ALTER TABLE \(table) ADD CONSTRAINT \(name) \(text)"
    case (.index, .missing(let text)):
      return text.replacing("INDEX ON ", with: "INDEX CONCURRENTLY \(name) ON ")
    case (.index, .different(_, let found)) where found.hasSuffix(", not valid"):
      return "REINDEX INDEX CONCURRENTLY \(schemaOfTable).\(name)"
    case (.trigger, .missing(let text)): return text
    case (.trigger, .different(_, let found)) where found.hasSuffix(", disabled"):
      return "ALTER TABLE \(table) ENABLE TRIGGER \(name)"
    case (.owner, .different(let expected, _)):
      return key.object.hasSuffix(")")
        ? "ALTER FUNCTION \(key.object) OWNER TO \(expected)"
        : "ALTER TABLE \(key.object) OWNER TO \(expected)"
    case (.role, .different): return "ALTER ROLE \(key.object) NOSUPERUSER NOBYPASSRLS"
    case (.membership, .unexpected):
      let words = key.object.components(separatedBy: " in ")
      return "REVOKE \(words.last ?? "") FROM \(words.first ?? "")"
    default: return nil
    }
  }

  private var schemaOfTable: String {
    tableAndName.table.split(separator: ".").first.map(String.init) ?? ""
  }
}

extension SchemaDrift.Change {
  fileprivate var isDifferent: Bool {
    if case .different = self { true } else { false }
  }
}
