/// How a catalog's database is, in the shape of the documents' `/health`.
package struct HealthReport: Codable, Sendable, Equatable {
  package enum Status: String, Codable, Sendable {
    case healthy
    /// It works, and something wants to be seen to.
    case degraded
    /// It cannot be used.
    case unhealthy
  }

  /// What wants to be seen to.
  package struct Warning: Codable, Sendable, Equatable {
    /// The check that found it.
    package var check: String
    package var message: String
    /// What to do.
    package var remedy: String?
  }

  /// The server and its connections; the names of the pool's figures are those of the documents.
  package struct Database: Codable, Sendable, Equatable {
    package var status: Status
    package var version: String?
    package var name: String
    package var sizeBytes: Int?
    package var isReplica: Bool?
    /// Names, sorted.
    package var extensions: [String]
    package var extensionVersions: [String: String]
    /// How many connections the server takes.
    package var poolSize: Int?
    /// How many are taken.
    package var checkedOut: Int?
    package var idle: Int?
    package var idleInTransaction: Int?
    /// How many wait beyond the limit: a server refuses those.
    package var overflow: Int
    /// Seconds; nil when nothing is open.
    package var oldestTransactionSeconds: Double?
  }

  package struct Replication: Codable, Sendable, Equatable {
    /// Replicas of this server, with the bytes and seconds that they are behind.
    package var replicas: [Replica]
    /// Of a replica: 0 when it has replayed all that it received, else how old its newest transaction is.
    package var behindSeconds: Double?
    /// Of a replica: whether it is connected to its primary.
    package var isReceiving: Bool?
    package struct Replica: Codable, Sendable, Equatable {
      package var name: String
      package var state: String
      package var behindBytes: Int?
      package var behindSeconds: Double?
    }
  }

  /// The replica that reading may go to, as the environment names it.
  package struct Replica: Codable, Sendable, Equatable {
    /// Without a password.
    package var target: String
    package var status: Status
    package var behindSeconds: Double?
    package var isReceiving: Bool?
  }

  package struct Archiving: Codable, Sendable, Equatable {
    package var mode: String
    package var archived: Int
    package var failed: Int
    package var lastArchivedAt: String?
    package var lastFailedAt: String?
  }

  package struct Table: Codable, Sendable, Equatable {
    package var table: String
    package var bytes: Int
    package var estimatedRows: Int
    package var parts: Int
    package var hasRowSecurity: Bool
    /// Dead rows that VACUUM has not removed yet, as a share of all.
    package var deadShare: Double
  }

  package struct Index: Codable, Sendable, Equatable {
    package var index: String
    package var table: String
    package var scans: Int
    package var bytes: Int
    package var isUnique: Bool
    package var isValid: Bool
  }

  package struct Statement: Codable, Sendable, Equatable {
    package var calls: Int
    package var totalMilliseconds: Double
    package var meanMilliseconds: Double
    package var maxMilliseconds: Double
    /// Without its values.
    package var statement: String
  }

  package struct Parts: Codable, Sendable, Equatable {
    package var table: String
    package var isHypertable: Bool
    package var parts: Int
    package var daysReady: Int
    package var daysWanted: Int
    /// Nil: who asks may not know.
    package var strayRows: Int?
  }

  package struct View: Codable, Sendable, Equatable {
    package var view: String
    package var isPopulated: Bool
    /// Nil: never by Daybreak.
    package var refreshedAt: String?
    package var ageSeconds: Double?
  }

  package struct BackupState: Codable, Sendable, Equatable {
    package var folder: String
    package var newest: String?
    package var ageSeconds: Double?
    package var count: Int
  }

  package struct ClickHouse: Codable, Sendable, Equatable {
    package struct Table: Codable, Sendable, Equatable {
      package var table: String
      package var engine: String
      package var rows: Int?
      package var bytes: Int?
    }

    package var status: Status
    package var version: String?
    package var tables: [Table]
    /// The most active parts that one partition has.
    package var mostParts: Int
    package var merges: Int
    package var longestMergeSeconds: Double
    package var unfinishedMutations: Int
    package var failedMutations: [String]
  }

  package struct Checks: Codable, Sendable, Equatable {
    package var database: Database
    package var replication: Replication?
    /// Nil: none is named.
    package var replica: Replica?
    package var archiving: Archiving?
    package var tables: [Table]
    package var indexes: [Index]
    /// Nil: pg_stat_statements is not there.
    package var slowStatements: [Statement]?
    package var partitions: [Parts]
    package var materializedViews: [View]
    package var backups: BackupState?
    package var clickhouse: ClickHouse?
  }

  package var catalog: String
  /// The schema that was looked at.
  package var schema: String
  /// Whether the database was made by Daybreak, and not from the original's document.
  package var isOurs: Bool
  package var status: Status
  package var checkedAt: String
  package var checks: Checks
  package var warnings: [Warning]
}
