import Catalogs
import Foundation
import Postgres
import TestSupport
import Testing

/// The files `expected.tsv`: what fresh databases hold, with every combination of extensions.
@Suite(.enabled(if: TestDatabase.isAvailable)) struct ExpectationTests {
  /// What the migrations make with exactly these extensions; nil where the server lacks one of them.
  static func fresh(_ catalog: Catalog, with used: Set<String>) throws -> SchemaInventory? {
    let target = try TestDatabase.make()
    let without = catalog.definition.extensions.map(\.name).filter { !used.contains($0) }
    try Scratch.doWithout(without, on: Connection(target))
    let connection = try Connection(target)
    let installed = try catalog.install(on: connection)
    let made = installed.found.extensions.filter { $0.use == .added }.map(\.name)
    guard Set(made) == used else { return nil }
    if catalog.name == Catalog.storeName {
      // Its parts are made by runs.
      try connection.execute(
        named: "a part", "select daybreak.prepare_service_minutes(now(), now())")
    }
    return try SchemaInventory(of: catalog, on: connection)
  }

  /// `DAYBREAK_REPRINT=1` writes the files anew.
  @Test(arguments: Catalog.names + [Catalog.storeName])
  func `the expectation is what the migrations make`(name: String) throws {
    let catalog = try Catalog(named: name, directory: Fixtures.root)
    let names = catalog.definition.extensions.map(\.name)
    var found: [Set<String>: Set<SchemaFact>] = [:]
    var major = 0
    for used in SchemaExpectation.combinations(of: names) {
      guard let inventory = try Self.fresh(catalog, with: used) else { continue }
      found[used] = inventory.facts
      major = inventory.serverMajor
    }
    guard found.count == 1 << names.count else { return }
    let expectation = SchemaExpectation(extensions: names, serverMajor: major, found: found)
    let text = expectation.text(catalog: name)
    let file = Fixtures.root.appending(path: "catalogs/\(name)/expected.tsv")
    if ProcessInfo.processInfo.environment["DAYBREAK_REPRINT"] != nil {
      try Data(text.utf8).write(to: file)
    }
    let stored = try String(contentsOf: file, encoding: .utf8)
    let read = try SchemaExpectation(stored, file: file.path)
    // Another major version words views differently; the file is kept by the one it names.
    guard read.serverMajor == major else { return }
    #expect(read == expectation, "stale: run the tests of CatalogsTests with DAYBREAK_REPRINT=1")
    #expect(stored == text)
  }
}
