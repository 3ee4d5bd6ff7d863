import CPostgres
import DaybreakCore

/// Where a database is and how to reach it: a parsed `postgres://` address or libpq conninfo string.
///
/// Its description never shows a password, so that it can stand in messages.
package struct ConnectionTarget: Hashable, Sendable {
  /// The parameters that the text named, by libpq's keyword.
  private var parameters: [String: String]

  /// Reads an address as libpq does (PostgreSQL 15 manual, §34.1.1 "Connection Strings").
  ///
  /// - Parameter text: `postgres://user@host:port/dbname?option=value` or `host=… dbname=…`.
  /// - Throws: `PostgresError.invalidTarget` when libpq cannot read it; the text itself is not
  ///   repeated, since it may hold a password.
  package init(_ text: String) throws(PostgresError) {
    guard !text.utf8.contains(0) else {
      throw .invalidTarget(reason: "it holds a NUL character")
    }
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(text, &message) else {
      let reason = message.map { firstLine(String(cString: $0)) } ?? "out of memory"
      PQfreemem(message)
      throw .invalidTarget(reason: withoutQuotedText(reason))
    }
    defer { PQconninfoFree(options) }
    parameters = ConnectionTarget.read(options)
  }

  /// Makes a target from libpq keywords, such as `host`, `port`, `user` and `dbname`.
  package init(parameters: [String: String]) { self.parameters = parameters }

  /// The value of one libpq keyword as given; nil where the target leaves it to libpq's defaults.
  package subscript(keyword: String) -> String? {
    get { parameters[keyword] }
    set { parameters[keyword] = newValue }
  }

  /// The keywords that the target names, sorted.
  package var keywords: [String] { parameters.keys.sorted() }

  /// The host name, address or socket directory that libpq will try.
  package var host: String {
    parameters["host"] ?? parameters["hostaddr"] ?? defaultValue("host") ?? "local socket"
  }

  /// The database's name.
  package var databaseName: String {
    parameters["dbname"] ?? defaultValue("dbname") ?? user
  }

  /// Who connects.
  package var user: String { parameters["user"] ?? defaultValue("user") ?? "unknown" }

  /// Returns the same server with another database.
  package func withDatabase(_ name: String) -> ConnectionTarget {
    var copy = self
    copy["dbname"] = name
    return copy
  }

  /// Returns the same database with another user, and without the former one's password.
  package func withUser(_ name: String, password: String? = nil) -> ConnectionTarget {
    var copy = self
    copy["user"] = name
    copy["password"] = password
    return copy
  }

  /// The whole target as one conninfo string, password included: for child processes and `pg_dump`
  /// only, never for a message.
  package var conninfo: String {
    parameters.sorted { $0.key < $1.key }.map { keyword, value in
      let escaped = value.reduce(into: "") { text, character in
        if character == "'" || character == "\\" { text.append("\\") }
        text.append(character)
      }
      return "\(keyword)='\(escaped)'"
    }.joined(separator: " ")
  }

  /// Parameters for `PQconnectdbParams`, ordered, with `defaults` where the target is silent.
  func parameters(defaults: [String: String]) -> [(keyword: String, value: String)] {
    defaults.merging(parameters) { _, own in own }
      .sorted { $0.key < $1.key }
      .map { (keyword: $0.key, value: $0.value) }
  }

  /// What libpq would take for a keyword from the environment; nil where it has nothing.
  private func defaultValue(_ keyword: String) -> String? {
    guard let options = PQconndefaults() else { return nil }
    defer { PQconninfoFree(options) }
    return ConnectionTarget.read(options)[keyword]
  }

  /// Copies libpq's option array, which ends at a null keyword.
  private static func read(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        values[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    return values
  }
}

extension ConnectionTarget: CustomStringConvertible, CustomReflectable {
  /// `database shop at db.example:5432 as reader`, without a password.
  package var description: String {
    let port = parameters["port"].map { ":\($0)" } ?? ""
    return displayText("database \(databaseName) at \(host)\(port) as \(user)")
  }

  /// Hides the parameters from `dump` and from failure messages of tests.
  package var customMirror: Mirror { Mirror(self, children: ["target": description]) }
}

/// Quotes a name for SQL: `a"b` becomes `"a""b"`.
package func quotedIdentifier(_ name: String) -> String {
  "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    + "\""
}

/// Quotes a table's or function's name with its optional schema: `"logs"."events"`.
package func quotedIdentifier(schema: String?, _ name: String) -> String {
  schema.map { quotedIdentifier($0) + "." + quotedIdentifier(name) } ?? quotedIdentifier(name)
}

/// The first line of a libpq message without its newline.
func firstLine(_ text: String) -> String {
  text.split(separator: "\n").first.map(String.init) ?? text
}

/// Replaces what stands in double quotes by `"…"`: libpq and the server repeat values there.
func withoutQuotedText(_ text: String) -> String {
  let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
  guard parts.count > 2 else { return text }
  return parts.enumerated().map { $0.offset % 2 == 1 ? "…" : String($0.element) }
    .joined(separator: "\"")
}
