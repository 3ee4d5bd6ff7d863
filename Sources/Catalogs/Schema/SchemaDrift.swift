package import Postgres

/// One difference between what a database holds and what the migrations make.
package struct SchemaDrift: Hashable, Sendable {
  package enum Change: Hashable, Sendable {
    /// What the migrations make is not there.
    case missing(expected: String)
    /// What is there, the migrations do not make.
    case unexpected(found: String)
    case different(expected: String, found: String)
  }

  package let key: SchemaFact.Key
  package let change: Change
  /// The migration file that makes it, with the line; nil where no file names it.
  package let origin: ScriptLocation?

  /// Whether somebody may see or do more, or less, than the migrations allow.
  package var isAboutSecurity: Bool { key.kind.isAboutSecurity }
}

/// What `daybreak db verify` found out about the structure.
package struct SchemaComparison: Sendable {
  /// The extensions that the database makes use of, among those that make a difference.
  package let extensionsUsed: [String]
  /// How many facts were compared.
  package let factCount: Int
  package let drifts: [SchemaDrift]
  /// Why some facts were left out; nil when all were compared.
  package let omission: String?

  /// Compares with the expectation of the combination of extensions that fits best: an extension that
  /// was added or went away after the migrations changes nothing of what they made.
  ///
  /// - Throws: `PostgresError`, `CatalogError.damaged`.
  package init(of catalog: Catalog, on connection: Connection) throws {
    let expectation = try catalog.expectation()
    let inventory = try SchemaInventory(of: catalog, on: connection)
    var best: (used: Set<String>, drifts: [SchemaDrift], count: Int)?
    let isSameServer = inventory.serverMajor == expectation.serverMajor
    // Of combinations that fit alike, the one that needs least: an extension that made no difference was
    // not used.
    for used in expectation.combinations.sorted(by: { $0.count < $1.count }) {
      let expected = expectation.facts(with: used)
      let drifts = Self.compare(
        expected, inventory.byKey, definitionsToo: isSameServer, catalog: catalog)
      if drifts.count < best?.drifts.count ?? .max { best = (used, drifts, expected.count) }
    }
    extensionsUsed = expectation.extensions.filter { best?.used.contains($0) == true }
    drifts = best?.drifts ?? []
    factCount = best?.count ?? 0
    omission =
      isSameServer
      ? nil
      : "the texts of views were not compared: they were taken down on PostgreSQL "
        + "\(expectation.serverMajor), and this is \(inventory.serverMajor)"
  }

  private static func compare(
    _ expected: [SchemaFact.Key: String], _ found: [SchemaFact.Key: String], definitionsToo: Bool,
    catalog: Catalog
  ) -> [SchemaDrift] {
    var drifts: [SchemaDrift] = []
    for key in Set(expected.keys).union(found.keys).sorted()
    where definitionsToo || !key.kind.dependsOnServer {
      let change: SchemaDrift.Change
      switch (expected[key], found[key]) {
      case (let wanted?, let value?):
        if wanted == value { continue }
        change = .different(expected: wanted, found: value)
      case (let wanted?, nil):
        // A table that has no parts yet gives nobody a right on one.
        if key.kind == .parts { continue }
        change = .missing(expected: wanted)
      case (nil, let value?): change = .unexpected(found: value)
      case (nil, nil): continue
      }
      drifts.append(SchemaDrift(key: key, change: change, origin: catalog.origin(of: key)))
    }
    return withoutConsequences(drifts)
  }

  /// Leaves out what follows from another: of a missing table its columns, indexes and rights.
  private static func withoutConsequences(_ drifts: [SchemaDrift]) -> [SchemaDrift] {
    let gone = drifts.filter { drift in
      switch drift.change {
      case .missing, .unexpected: drift.key.kind == .table || drift.key.kind == .function
      case .different: false
      }
    }.map { ($0.key.kind, $0.key.object) }
    return drifts.filter { drift in
      !gone.contains { kind, object in
        guard drift.key.kind != kind || drift.key.object != object else { return false }
        let name = drift.key.object
        return name == object || name.hasPrefix("\(object).") || name.hasPrefix("\(object): ")
          || name.contains(" \(object) TO ")
      }
    }
  }
}

extension Catalog {
  /// What the migrations make.
  ///
  /// - Throws: `CatalogError.damaged`.
  package func expectation() throws(CatalogError) -> SchemaExpectation {
    try SchemaExpectation(
      text(of: "expected.tsv"), file: "catalogs/\(name)/expected.tsv")
  }

  /// Where a migration makes a thing: the last line of an up file that names it after a word of its kind.
  func origin(of key: SchemaFact.Key) -> ScriptLocation? {
    let object = key.object.prefix { $0 != "(" }
    let name = object.split { $0 == "." || $0 == " " || $0 == ":" }.last.map(String.init) ?? ""
    let words: [String]
    switch key.kind {
    case .table, .owner, .column, .rowSecurity, .parts, .definition: words = ["TABLE", "VIEW"]
    case .function, .body: words = ["FUNCTION", "PROCEDURE"]
    case .policy: words = ["POLICY"]
    case .index: words = ["INDEX"]
    case .trigger: words = ["TRIGGER"]
    case .type: words = ["TYPE", "DOMAIN"]
    case .constraint: words = ["CONSTRAINT"]
    case .grant, .role, .membership: words = ["GRANT"]
    }
    let wanted =
      key.kind == .column
      ? object.split(separator: ".").dropLast().joined(separator: ".") : String(name)
    var place: ScriptLocation?
    for file in migrationFiles(of: self.name) where file.path.hasSuffix(".up.sql") {
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated()
      where words.contains(where: { line.contains($0) }) && line.contains(wanted) {
        place = ScriptLocation(file: file.path, line: index + 1, column: 1)
      }
    }
    return place
  }
}
