internal import CPostgres
package import DaybreakCore

extension LibraryVersion {
  /// PostgreSQL's client library.
  package static var libpq: LibraryVersion {
    // As 150020 for 15.20 since version 10.
    let number = Int(PQlibVersion())
    return LibraryVersion(name: "libpq", version: "\(number / 10_000).\(number % 10_000)")
  }
}
