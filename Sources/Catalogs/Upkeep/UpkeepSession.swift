internal import DaybreakCore
package import Postgres

/// A connection that acts as the owner of a catalog's tables, and the ledger of what upkeep did.
///
/// The ledger is the schema `daybreak_upkeep`, made on first use and owned as the tables are; nothing of it
/// is a catalog's, so that migrations and upkeep do not depend on each other, and no table of an original
/// is ever written to.
package final class UpkeepSession {
  package let catalog: Catalog
  package let connection: Connection

  /// How long a statement may wait for a lock before the work is given up.
  package static let lockTimeout = Duration.seconds(10)

  /// Connects, checks what the work needs, and becomes the owner.
  ///
  /// - Parameters:
  ///   - catalog: what is kept.
  ///   - target: the database.
  ///   - lockTimeout: how long to wait for a lock.
  ///   - isReading: whether nothing is to be written, the ledger included.
  ///   - settings: how to connect; its lock time-out is not used.
  ///   - oldest: the oldest server that will do, as 150000 for 15.0.
  /// - Throws: `UpkeepError` for what is missing, `CatalogError.readOnlyServer`, `PostgresError`.
  package init(
    _ catalog: Catalog, in target: ConnectionTarget, lockTimeout: Duration = lockTimeout,
    isReading: Bool = false, settings: ConnectionOptions = ConnectionOptions(),
    oldest: Int = Installation.oldestServer
  ) throws {
    self.catalog = catalog
    var options = settings
    options.applicationName = "daybreak upkeep"
    options.lockTimeout = lockTimeout
    connection = try Connection(target, options: options)
    guard connection.serverVersion >= oldest else {
      throw UpkeepError.oldServer(target: target.description, version: connection.serverVersion)
    }
    if !isReading { try Catalog.requireWritable(connection) }
    let owner = catalog.definition.roles.owner
    let facts = try connection.query(
      named: "look for the catalog",
      """
      SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS has_schema,
        EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $2) AS has_role,
        current_user::text AS user_name
      """, [.text(catalog.schema), .text(owner)]
    ).only()
    guard try facts.bool("has_schema"), try facts.bool("has_role") else {
      throw UpkeepError.notInstalled(
        catalog: catalog.name, target: target.description, schema: catalog.schema)
    }
    if !isReading { try makeLedger() }
    try becomeOwner(user: try facts.string("user_name"))
  }

  /// Keeps others from the same work until the connection ends.
  ///
  /// - Throws: `UpkeepError.busy` when somebody is at it.
  func lock(_ work: String) throws {
    let row = try connection.query(
      named: "lock",
      "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0)) AS got",
      [.text("daybreak \(work) \(catalog.name)")]
    ).only()
    guard try row.bool("got") else {
      throw UpkeepError.busy(work: work, catalog: catalog.name)
    }
  }

  private func becomeOwner(user: String) throws {
    let owner = catalog.definition.roles.owner
    do throws(PostgresError) {
      try connection.execute(named: "become \(owner)", "SET ROLE \(quotedIdentifier(owner))")
    } catch {
      guard error.sqlState == "42501" else { throw error }
      throw UpkeepError.notOwner(user: user, owner: owner)
    }
  }

  /// Makes the ledger where it is missing, as whoever connects.
  private func makeLedger() throws {
    let owner = quotedIdentifier(catalog.definition.roles.owner)
    let found = try connection.query(named: "look for the ledger", Self.ledgerQuestion).only()
    guard try !found.bool("is_complete") else { return }
    do {
      try connection.transaction {
        try connection.execute(
          named: "lock the ledger",
          "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('daybreak_upkeep', 0))"
        )
        let again = try connection.query(named: "look for the ledger", Self.ledgerQuestion).only()
        if try !again.bool("has_schema") {
          try connection.execute(
            named: "make the ledger's schema",
            "CREATE SCHEMA daybreak_upkeep AUTHORIZATION \(owner)")
        }
        try connection.execute(named: "become the owner", "SET LOCAL ROLE \(owner)")
        try connection.script(named: "the ledger of upkeep", Self.ledger)
      }
    } catch let error as PostgresError where error.sqlState == "42501" {
      let user = connection.target.user
      if case .refused(let statement, _, _) = error, statement == "become the owner" {
        throw UpkeepError.notOwner(user: user, owner: catalog.definition.roles.owner)
      }
      throw UpkeepError.noLedger(user: user, database: connection.target.databaseName)
    }
  }

  private static let ledgerQuestion = """
    SELECT to_regnamespace('daybreak_upkeep') IS NOT NULL AS has_schema,
      to_regclass('daybreak_upkeep.deletions') IS NOT NULL
        AND to_regclass('daybreak_upkeep.refreshes') IS NOT NULL AS is_complete
    """

  /// What was deleted and what was refreshed.
  ///
  /// Counts and names, never a row's content.
  private static let ledger = """
    REVOKE ALL ON SCHEMA daybreak_upkeep FROM PUBLIC;
    GRANT USAGE ON SCHEMA daybreak_upkeep TO daybreak_service, daybreak_reader;
    CREATE TABLE IF NOT EXISTS daybreak_upkeep.deletions (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      catalog text NOT NULL,
      rule text NOT NULL,
      table_name text NOT NULL,
      means text NOT NULL CHECK (means IN ('rows', 'parts', 'clickhouse partitions')),
      cutoff timestamptz NOT NULL,
      deleted bigint NOT NULL DEFAULT 0,
      batches integer NOT NULL DEFAULT 0,
      started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      finished_at timestamptz
    );
    COMMENT ON TABLE daybreak_upkeep.deletions IS
      'What retention took, written in the transaction that took it; finished_at is NULL where it was stopped.';
    CREATE TABLE IF NOT EXISTS daybreak_upkeep.refreshes (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      catalog text NOT NULL,
      view_name text NOT NULL,
      started_at timestamptz NOT NULL,
      finished_at timestamptz NOT NULL,
      was_concurrent boolean NOT NULL
    );
    COMMENT ON TABLE daybreak_upkeep.refreshes IS 'When materialized views were refreshed.';
    CREATE INDEX IF NOT EXISTS refreshes_view ON daybreak_upkeep.refreshes (catalog, view_name, started_at);
    REVOKE ALL ON daybreak_upkeep.deletions, daybreak_upkeep.refreshes FROM PUBLIC;
    GRANT SELECT ON daybreak_upkeep.deletions, daybreak_upkeep.refreshes TO daybreak_service, daybreak_reader;
    """
}
