internal import DaybreakCore
internal import Foundation
internal import Postgres
internal import Storage

/// The store of a run: the database that the job or the environment names, else the embedded one.
final class StoreAccess {
  let store: Store
  /// Kept so that the embedded server lives as long as this access.
  private let embedded: EmbeddedPostgres?

  /// Opens the store, starts the embedded server where needed, and brings the schema up to date.
  ///
  /// - Parameters:
  ///   - url: the database of the job; nil for `DAYBREAK_DATABASE_URL` or the embedded server.
  ///   - surroundings: environment and home.
  /// - Throws: `PostgresError`, `StorageError`.
  init(url: String?, surroundings: Surroundings) throws {
    let named =
      url
      ?? surroundings.variables["DAYBREAK_DATABASE_URL"].flatMap {
        $0.isEmpty ? nil : $0
      }
    let target: ConnectionTarget
    if let named {
      embedded = nil
      target = try ConnectionTarget(named)
    } else {
      let server = try surroundings.startEmbeddedServer()
      embedded = server
      target = server.target
    }
    try Store.migrate(administrator: target)
    store = try Store(target)
  }

  /// Closes connections; the last user of the embedded server stops it.
  func close() {
    store.close()
    embedded?.close()
  }
}
