/// The statements of a file in which a line `-- name: NAME` stands before each.
package struct NamedQueries: Sendable {
  /// One of them.
  package struct Query: Hashable, Sendable {
    package let name: String
    /// What the comment behind the name says; empty when it says nothing.
    package let meaning: String
    /// The statement without its semicolon.
    package let sql: String
  }

  /// The queries in the order of the file.
  package let all: [Query]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - text: its text; what stands before the first name is for readers.
  ///   - file: its name, for messages.
  /// - Throws: `CatalogError.damaged` for a name without a statement, or one that stands there twice.
  package init(_ text: String, file: String) throws(CatalogError) {
    let mark = "-- name: "
    var queries: [Query] = []
    var name: String?
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix(mark) else {
        lines.append(line)
        continue
      }
      if let name { queries.append(try Self.query(name, lines, file: file)) }
      name = String(line.dropFirst(mark.count))
      lines = []
    }
    if let name { queries.append(try Self.query(name, lines, file: file)) }
    var seen: Set<String> = []
    if let double = queries.first(where: { !seen.insert($0.name).inserted }) {
      throw .damaged(file: file, reason: "the query `\(double.name)` stands there twice")
    }
    all = queries
  }

  /// The query of a name; nil when there is none.
  package subscript(_ name: String) -> Query? { all.first { $0.name == name } }

  private static func query(
    _ name: String, _ lines: [Substring], file: String
  ) throws(CatalogError) -> Query {
    let comment = lines.prefix { $0.hasPrefix("--") }
    let meaning = comment.map { $0.dropFirst(2).drop { $0 == " " } }.joined(separator: " ")
    var sql = lines.dropFirst(comment.count).joined(separator: "\n")[...]
    while let last = sql.last, last.isWhitespace || last == ";" { sql.removeLast() }
    guard !sql.isEmpty else {
      throw .damaged(file: file, reason: "the query `\(name)` has no statement")
    }
    return Query(name: name, meaning: meaning, sql: String(sql.drop { $0.isWhitespace }))
  }
}
