/// What keeps a catalog's database in order, as its `maintenance.yaml` says.
///
/// Names of tables are those of the catalog's schema; names of functions carry theirs.
package struct CatalogDefinition: Sendable {
  package var name: String
  /// The schema that the migrations make.
  package var schema: String
  /// Further schemas that they make.
  package var otherSchemas: [String]
  /// How a transaction says whose rows it sees; nil where nobody shares the database.
  package var tenancy: Tenancy?
  package var roles: Roles
  package var extensions: [OptionalExtension]
  /// Where keys of its API are kept; nil when it has none.
  package var apiKeys: APIKeyTable?
  /// Columns that hold an encryption envelope.
  package var envelopes: [TableColumn]
  /// In the order of refresh.
  package var materializedViews: [MaterializedView]
  /// The setting that tells policies what a deletion may see.
  package var retentionSetting: String
  package var retention: [RetentionRule]
  package var partitions: [PartitionedTable]
  package var vectorIndexes: [VectorIndex]
  /// Indexes that come and go with what tables hold: no migration makes them, and they are no drift.
  package var passingIndexes: [PassingIndex]
  /// The file that loads what Daybreak extracted; nil where nothing is loaded.
  package var loadFile: String?
  /// How long dumps are kept.
  package var backupAge: Age
  /// One person's data: how it is given out and erased; nil where the catalog has no such duty.
  package var compliance: Compliance?
  /// The ClickHouse database beside it; nil when there is none.
  package var clickHouse: ClickHousePart?

  /// Whose rows a transaction sees: `select set_config(setting, id, true)`.
  package struct Tenancy: Hashable, Sendable {
    package var setting: String
    package var table: String
    package var key: String
    /// The column that names a tenant for people.
    package var name: String
    /// The function that finds the id of a name before any id is set.
    package var lookup: String
    /// The setting that is `on` while tenants are entered, for nobody; nil where a tenant's own id does.
    package var systemSetting: String?
    /// Whether the report adds up over all tenants, and names none.
    package var reportsOnAll: Bool
    /// Whether only a superuser of the catalog marks tenants as deleted.
    package var superusersDelete: Bool
  }

  /// The roles that the migrations make or find.
  package struct Roles: Hashable, Sendable {
    package var owner: String
    package var service: String
    package var reader: String
  }

  /// An extension that is used where it is there.
  package struct OptionalExtension: Hashable, Sendable {
    package var name: String
    /// What stands in for it elsewhere.
    package var substitute: String
  }

  /// Keys of an API: the table, and the function that gives the rows that a presented key may be.
  package struct APIKeyTable: Hashable, Sendable {
    package var table: String
    /// The column that a presented key is looked up by.
    package var prefix: String
    /// The column of the digest.
    package var hash: String
    package var candidates: String
    /// How many characters of a key that the system made itself find its row; nil when none do.
    package var oldPrefixLength: Int?
  }

  /// A column of a table.
  package struct TableColumn: Hashable, Sendable {
    package var table: String
    package var column: String
  }

  package struct MaterializedView: Hashable, Sendable {
    package var name: String
    /// The view through which tenants see their own rows.
    package var visible: String
    /// The view that adds up over all tenants and names none; nil when there is none.
    package var totals: String?
    /// The function that refreshes it.
    package var refresh: String
    /// The tables and views that it is made of.
    package var reads: [String]
    /// Whether readers go on while it is refreshed.
    package var isConcurrent: Bool
  }

  /// What goes at which age.
  package struct RetentionRule: Hashable, Sendable {
    package var name: String
    package var table: String
    /// The column that ages are counted from.
    package var time: String
    /// Nil: kept for good unless an age is asked for.
    package var age: Age?
    /// What else must hold of a row, as SQL.
    package var condition: String?
    /// Rows that go before theirs: `column` is the expiring row's id.
    package var children: [TableColumn]
  }

  /// A table in parts of one day, and the functions that make and drop them.
  package struct PartitionedTable: Hashable, Sendable {
    package var table: String
    package var time: String
    /// How many days to be ready ahead.
    package var daysAhead: Int
    package var partsSchema: String
    /// The part that takes rows whose day is not ready.
    package var defaultPart: String
    /// `(first moment, last moment)`: how many were made.
    package var prepare: String
    /// `(before)`: how many were dropped with their rows; nil when parts are not dropped with rows.
    package var drop: String?
    /// `(before)`: how many empty ones were dropped; nil when there is none.
    package var dropEmpty: String?
    /// The age at which parts go; nil: never unless asked for.
    package var dropAge: Age?
    /// `()`: how many days were made for what lay in the default part; nil when there is none.
    package var emptyDefault: String?
    /// `()`: stray_rows, first_at, last_at; nil when there is none.
    package var defaultRows: String?
    /// `(moment)`: whole days after it that are ready, without a gap; nil when there is none.
    package var daysReady: String?
    /// The view that lists the parts; nil when there is none.
    package var listing: String?
  }

  package struct VectorIndex: Hashable, Sendable {
    package var name: String
    package var table: String
    package var column: String
    package var dimensions: Int
    package var method: String
    package var operators: String
    /// The extension without which there is no such index.
    package var requires: String
    /// The encoder whose vectors are meant; nil when each row names its own.
    package var model: String?
  }

  package struct PassingIndex: Hashable, Sendable {
    package var table: String
    /// A regular expression for the whole of an index's name.
    package var name: String
  }

  package struct Compliance: Hashable, Sendable {
    /// The table of persons.
    package var person: String
    /// `(user id)`: jsonb.
    package var export: String
    /// `(user id, dry run)`: table, action, count.
    package var erase: String
    package var consent: String
    /// The column that names a person's tenant.
    package var tenantColumn: String
    /// The setting for a person who belongs to no tenant yet.
    package var personSetting: String
  }

  package struct ClickHousePart: Hashable, Sendable {
    package var database: String
    /// The folder below `migrations/`.
    package var migrations: String
    package var seedFile: String
    package var reportFile: String
    package var readersFile: String
    package var retention: [Retention]
    /// Settings of every insertion.
    package var insertSettings: [String: String]

    package struct Retention: Hashable, Sendable {
      package var table: String
      package var time: String
      package var age: Age
      /// How rows go: `ttl`.
      package var means: String
    }
  }
}
