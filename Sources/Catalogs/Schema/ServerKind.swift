package import Postgres

extension Catalog {
  /// Refuses a server that only reads, before anything is tried.
  ///
  /// - Throws: `CatalogError.readOnlyServer`; `PostgresError` when the server does not answer.
  package static func requireWritable(_ connection: Connection) throws {
    let isReplica = try connection.query(
      named: "kind of server", "select pg_catalog.pg_is_in_recovery() as is_replica"
    ).only().bool("is_replica")
    if isReplica { throw CatalogError.readOnlyServer(database: connection.target.databaseName) }
  }
}
