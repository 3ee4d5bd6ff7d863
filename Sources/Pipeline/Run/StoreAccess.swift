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
  ///   - job: the job's settings; the environment fills in the rest.
  ///   - surroundings: environment and home.
  /// - Throws: `ConfigurationError`, `PostgresError`, `StorageError`.
  init(_ job: StoreSettings, surroundings: Surroundings) throws {
    let settings = try job.completed(from: surroundings.variables)
    let target: ConnectionTarget
    if let named = settings.url {
      embedded = nil
      target = try ConnectionTarget(named)
    } else {
      let server = try surroundings.startEmbeddedServer()
      embedded = server
      target = server.target
    }
    try Store.migrate(administrator: target)
    store = try Store(target, options: settings.options(log: surroundings.log))
  }

  /// Closes connections; the last user of the embedded server stops it.
  func close() {
    store.close()
    embedded?.close()
  }
}
