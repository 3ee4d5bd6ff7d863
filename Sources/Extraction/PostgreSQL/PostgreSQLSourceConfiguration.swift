package import Postgres

/// What a `postgres` source of a job says.
package struct PostgreSQLSourceConfiguration: Sendable, Hashable {
  /// Where rows come from.
  package enum Relation: Sendable, Hashable {
    /// A table or view, with its schema where one is named.
    case table(schema: String?, name: String)
    /// A SELECT of one's own, without parameters and semicolon.
    case query(String)

    /// Reads a table's name as SQL does: `logs`, `app.logs`, `"My Schema"."a.b"`.
    ///
    /// - Parameter text: the name; unquoted parts are taken as written, not folded to lower case.
    /// - Returns: nil when it is no name.
    package static func table(named text: String) -> Relation? {
      var parts: [String] = [""]
      var isQuoted = false
      var characters = text.makeIterator()
      var pending = characters.next()
      while let character = pending {
        pending = characters.next()
        switch character {
        case "\"" where isQuoted && pending == "\"":
          parts[parts.count - 1].append("\"")
          pending = characters.next()
        case "\"": isQuoted.toggle()
        case "." where !isQuoted: parts.append("")
        default: parts[parts.count - 1].append(character)
        }
      }
      guard !isQuoted, parts.count <= 2, !parts.contains("") else { return nil }
      return .table(schema: parts.count == 2 ? parts[0] : nil, name: parts[parts.count - 1])
    }
  }

  /// Which column holds what; names as in the catalogue, without quotes.
  package struct Columns: Sendable, Hashable {
    /// A timestamp with or without time zone, a date, a number since the epoch, or text.
    package var time: String
    /// Text, JSON or bytes.
    package var message: String
    package var level: String?
    package var service: String?
    package var namespace: String?
    /// `jsonb`, `json`, `hstore`, or text as `{"a":"b"}`, `{a="b"}` or `a=b c=d`.
    package var labels: String?

    package init(time: String, message: String) {
      self.time = time
      self.message = message
    }
  }

  /// What a number in the time column counts since 1970-01-01T00:00:00Z.
  package enum TimeUnit: String, Sendable, Hashable, CaseIterable {
    case seconds, milliseconds, microseconds, nanoseconds

    /// How many nanoseconds one of it has.
    package var nanoseconds: Int64 {
      switch self {
      case .seconds: 1_000_000_000
      case .milliseconds: 1_000_000
      case .microseconds: 1_000
      case .nanoseconds: 1
      }
    }
  }

  /// The source's name in the job, as `postgres: app.logs`.
  package var name: String
  /// The primary.
  package var target: ConnectionTarget
  /// A read replica, asked first; where it cannot be reached, the primary is.
  package var replica: ConnectionTarget?
  package var relation: Relation
  package var columns: Columns
  /// A condition in SQL on top of the window, as `level <> 'DEBUG'`.
  package var condition: String?
  /// How long the whole read may take on the server.
  package var statementTimeout: Duration = .seconds(3600)
  /// What numbers in the time column count.
  package var timeUnit = TimeUnit.seconds
  /// The zone of times that name none: an IANA name.
  package var zoneName = "UTC"
  /// Which labels mean what.
  package var labelRules = LabelRules.standard
  /// The service of rows that name none.
  package var defaultService = ""
  /// The namespace of rows that name none.
  package var defaultNamespace = ""
  /// Longer messages are quarantined, and never leave the server.
  package var maximumLineBytes = 1 << 20
  /// Whether a header in front of a message is read and taken off.
  package var readsHeaders = true

  /// Makes a configuration with the defaults.
  package init(
    name: String, target: ConnectionTarget, relation: Relation, columns: Columns
  ) {
    self.name = name
    self.target = target
    self.relation = relation
    self.columns = columns
  }
}
