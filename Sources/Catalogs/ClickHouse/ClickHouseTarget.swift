internal import Foundation

/// A ClickHouse database behind its HTTP interface: where it is, and who asks.
///
/// Its description never shows a password, so that it can stand in messages.
package struct ClickHouseTarget: Hashable, Sendable {
  /// Scheme, host and port.
  let origin: String
  /// The database that unqualified names mean; nil for the server's default.
  package var database: String?
  let user: String?
  let password: String?

  /// Reads `http://user:password@host:8123/database`.
  ///
  /// - Parameters:
  ///   - text: the address; `?database=` may name the database too.
  ///   - variables: the environment, where `CLICKHOUSE_USER` and `CLICKHOUSE_PASSWORD` serve an address
  ///     that names no user.
  /// - Throws: `ClickHouseError.invalidTarget`; the text itself is not repeated.
  package init(_ text: String, variables: [String: String] = [:]) throws(ClickHouseError) {
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else {
      throw .invalidTarget(reason: "it is no URL")
    }
    guard let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme) else {
      throw .invalidTarget(
        reason: "its scheme is not http or https (the native protocol, port 9000, is not spoken)")
    }
    origin = "\(scheme)://\(host):\(parts.port ?? (scheme == "http" ? 8123 : 8443))"
    let path = parts.path.drop { $0 == "/" }
    guard !path.contains("/") else { throw .invalidTarget(reason: "its path has several parts") }
    let items = parts.queryItems ?? []
    if let other = items.first(where: { $0.name != "database" }) {
      throw .invalidTarget(
        reason: "it has the parameter `\(other.name)`, of which only `database` is known")
    }
    let named = path.isEmpty ? items.first?.value : String(path)
    database = named.flatMap { $0.isEmpty ? nil : $0 }
    user = parts.user ?? variables["CLICKHOUSE_USER"]
    password = parts.user == nil ? variables["CLICKHOUSE_PASSWORD"] : parts.password
  }

  /// The same server with another database.
  package func withDatabase(_ name: String?) -> ClickHouseTarget {
    var copy = self
    copy.database = name
    return copy
  }
}

extension ClickHouseTarget: CustomStringConvertible, CustomReflectable {
  /// `http://host:8123/database as user`, without a password.
  package var description: String {
    origin + (database.map { "/\($0)" } ?? "") + (user.map { " as \($0)" } ?? "")
  }

  /// Hides the password from `dump` and from failure messages of tests.
  package var customMirror: Mirror { Mirror(self, children: ["target": description]) }
}
