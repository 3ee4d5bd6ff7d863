internal import Foundation
package import Postgres

/// How the address of a database is handed to PostgreSQL's programs: in the arguments, which everybody on the
/// machine can read, stands nothing but what is known to be harmless.
package struct ClientAddress: Sendable, Equatable {
  /// Behind the program's own arguments.
  package let arguments: [String]
  /// Variables, which other accounts cannot read.
  package let environment: [String: String]
  /// What libpq takes from no variable, such as `sslpassword`: for a service file.
  package let hidden: [String: String]

  /// The section of the service file.
  static let service = "daybreak"

  /// What may be seen by everybody.
  private static let harmless: Set<String> = [
    "host", "hostaddr", "port", "user", "dbname", "service", "client_encoding", "application_name",
    "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
    "tcp_user_timeout", "target_session_attrs", "load_balance_hosts", "passfile", "requirepeer",
    "require_auth", "channel_binding", "sslmode", "sslnegotiation", "sslcompression", "sslsni",
    "sslcert", "sslkey", "sslcertmode", "sslrootcert", "sslcrl", "sslcrldir",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "gssencmode", "gsslib", "krbsrvname",
    "gssdelegation",
  ]
  private static let byVariable = ["password": "PGPASSWORD", "options": "PGOPTIONS"]

  /// Divides an address.
  ///
  /// - Parameters:
  ///   - target: the address.
  ///   - variables: the environment, where `PGSERVICE` may name a service.
  /// - Throws: `UpkeepError.unsendable` for a secret beside a service of the caller's own, whose file would
  ///   be read in place of ours, and for one that a service file cannot hold.
  package init(
    _ target: ConnectionTarget, variables: [String: String]
  ) throws(UpkeepError) {
    var address = target
    var environment: [String: String] = [:]
    var hidden: [String: String] = [:]
    for keyword in target.keywords where !Self.harmless.contains(keyword) {
      let value = target[keyword] ?? ""
      address[keyword] = nil
      if value.isEmpty { continue }
      if let variable = Self.byVariable[keyword] {
        environment[variable] = value
        continue
      }
      // libpq reads lines, without the blanks at their ends.
      guard !value.contains(where: \.isNewline), value.last?.isWhitespace != true else {
        throw .unsendable(
          keyword: keyword, reason: "it holds a line break, or ends in a blank",
          remedy: "choose another")
      }
      hidden[keyword] = value
    }
    if !hidden.isEmpty {
      guard target["service"] == nil, (variables["PGSERVICE"] ?? "").isEmpty else {
        throw .unsendable(
          keyword: hidden.keys.sorted().joined(separator: ", "),
          reason: "a service is named as well",
          remedy: "write it into that service's section of the service file")
      }
      address["service"] = Self.service
    }
    if address["client_encoding"] == nil { address["client_encoding"] = "UTF8" }
    arguments = ["--no-password", "--dbname=\(address.conninfo)"]
    self.environment = environment
    self.hidden = hidden
  }
}

/// A service file of libpq's (PostgreSQL 15 manual, §34.17) that nobody else may read; it goes with its owner.
final class ServiceFile {
  let path: String

  /// Writes one.
  ///
  /// - Parameters:
  ///   - entries: values by keyword.
  ///   - directory: where; nil for `/tmp`.
  /// - Throws: `UpkeepError.unwritable`.
  init(_ entries: [String: String], below directory: String?) throws(UpkeepError) {
    let folder = directory.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array("\(folder)/.daybreak-service-XXXXXX".utf8CString)
    // mkstemp makes it with mode 600.
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw BackupFiles.unwritable(folder) }
    close(descriptor)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let lines = entries.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }
    let text = "[\(ClientAddress.service)]\n" + lines.joined()
    try BackupFiles.write(Array(text.utf8), to: path)
  }

  deinit { unlink(path) }
}
