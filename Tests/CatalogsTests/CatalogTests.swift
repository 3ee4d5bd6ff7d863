import Catalogs
import Foundation
import TestSupport
import Testing

/// The catalogs' files, as the program carries them.
@Suite struct CatalogTests {
  @Test(arguments: Catalog.names)
  func `every catalog has its definition, its migrations and its queries`(name: String) throws {
    let catalog = try Catalog(named: name)
    #expect(catalog.name == name)
    #expect(try catalog.migrator().migrations.count >= 4)
    #expect(try !catalog.queries(of: "report.sql").all.isEmpty)
    #expect(try catalog.queries(of: "existing.sql")["recognise"] != nil)
  }

  @Test(arguments: Catalog.names)
  func `the files that the program carries are those of the checkout`(name: String) throws {
    let carried = try Catalog(named: name)
    let onDisk = try Catalog(named: name, directory: Fixtures.root)
    #expect(try carried.migrator().migrations == onDisk.migrator().migrations)
  }

  @Test func `a name that is nearly right is guessed`() {
    #expect(throws: CatalogError.unknown(name: "loglytic", nearest: "loglytics")) {
      _ = try Catalog(named: "loglytic")
    }
  }

  @Test func `rules of retention say ages, and what goes before`() throws {
    let rules = try Catalog(named: "loglytics").definition.retention
    let files = try #require(rules.first { $0.table == "log_files" })
    #expect(files.age == Age(count: 2, unit: .year))
    #expect(files.children.map(\.table) == ["log_entries", "rag_vectors", "analytics_cache"])
    #expect(try Catalog(named: "xray").definition.retention.first?.age == nil)
  }

  @Test func `every known defect of the five documents is in their pages`() throws {
    var numbers: Set<Int> = []
    for name in Catalog.names {
      let page = try String(
        contentsOf: Fixtures.root.appending(path: "docs/catalogs/\(name).md"), encoding: .utf8)
      let rows = page.split(separator: "\n").drop { !$0.hasPrefix("## Defects") }
        .filter { $0.hasPrefix("| ") }
      for row in rows {
        let cell = row.dropFirst(2).prefix { $0 != "|" }
        // `10, 11 queries` and `27 zero rows vanish; 28 metadata`: each part begins with its number.
        for part in cell.split(whereSeparator: { $0 == ";" || $0 == "," }) {
          let digits = part.drop { $0 == " " }.prefix { $0.isNumber }
          if let number = Int(digits) { numbers.insert(number) }
        }
      }
    }
    #expect(Set(1...62).subtracting(numbers) == [])
  }

  @Test(arguments: [("90 days", "90 days"), ("1 year", "1 year"), ("6 month", "6 months")])
  func `ages read as they are written`(text: String, meaning: String) {
    #expect(Age(text)?.description == meaning)
  }

  @Test(arguments: ["", "days", "0 days", "-1 day", "90", "90 weeks", "1 day ago"])
  func `what is no age is refused`(text: String) { #expect(Age(text) == nil) }
}

/// Files of several statements.
@Suite struct NamedQueriesTests {
  @Test func `a name, its comment and its statement are told apart`() throws {
    let queries = try NamedQueries(
      "-- for readers\n\n-- name: one\n-- What it says\n-- and more.\nSELECT 1;\n\n-- name: two\nSELECT\n2;\n",
      file: "x.sql")
    #expect(queries.all.map(\.name) == ["one", "two"])
    #expect(queries["one"]?.meaning == "What it says and more.")
    #expect(queries["one"]?.sql == "SELECT 1")
    #expect(queries["two"]?.meaning == "")
    #expect(queries["two"]?.sql == "SELECT\n2")
  }

  @Test(arguments: ["-- name: a\n", "-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;\n"])
  func `a name without a statement, or twice, is an error`(text: String) {
    #expect(throws: CatalogError.self) { _ = try NamedQueries(text, file: "x.sql") }
  }
}
