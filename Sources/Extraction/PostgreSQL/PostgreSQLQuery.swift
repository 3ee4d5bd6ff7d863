import DaybreakCore
import Postgres

/// The SELECT that reads one source, and how its columns come.
///
/// Every row has eight columns: time, message, whether the message is too long, level, service,
/// namespace and labels (NULL where the source has none).
struct PostgreSQLQuery {
  /// How the time column comes.
  enum TimeForm: Equatable {
    case timestamp
    case integer
    case double
    case text
  }

  /// How the labels column comes.
  enum LabelForm { case none, text, hstore }

  /// The places of the columns in a row.
  enum Place {
    static let time = 0, message = 1, tooLong = 2, level = 3, service = 4, namespace = 5, labels = 6
  }

  let sql: String
  let timeForm: TimeForm
  let labelForm: LabelForm
  /// The encoding that text comes in where the server's own bytes are asked for; nil for UTF-8.
  let rawEncoding: String?
  /// Whether the message comes as the bytes of a `bytea`, which have no encoding.
  let hasBinaryMessage: Bool

  /// Encodings whose text the server always can hand out as UTF-8; others, SQL_ASCII among them, have
  /// bytes that would fail the whole read.
  private static let safeEncodings: Set<String> = ["UTF8", "LATIN1"]
  private static let startSetting = "daybreak.window_start"
  private static let endSetting = "daybreak.window_end"
  private static let zoneSetting = "daybreak.zone"

  /// Asks the server for the types of the columns and puts the query together; binds the window.
  ///
  /// - Parameters:
  ///   - configuration: what the job says.
  ///   - window: the moments wanted.
  ///   - connection: inside the transaction that will read.
  /// - Throws: `PostgresError` when relation or columns are not there.
  init(
    _ configuration: PostgreSQLSourceConfiguration, window: TimeWindow, on connection: Connection
  ) throws(PostgresError) {
    let columns = configuration.columns
    let wanted = [
      columns.time, columns.message, columns.level, columns.service, columns.namespace,
      columns.labels,
    ]
    let relation = try PostgreSQLQuery.relationSQL(configuration)
    let list = wanted.compactMap { $0 }.map { "source." + quotedIdentifier($0) }
    let described = try connection.describe(
      named: "columns of \(configuration.name)",
      "select \(list.joined(separator: ", ")) from \(relation)")
    var types: [TypeOID?] = []
    var next = 0
    for name in wanted {
      types.append(name == nil ? nil : described[next].type)
      next += name == nil ? 0 : 1
    }
    let encoding = try connection.query(
      named: "server encoding", "select current_setting('server_encoding') as name"
    ).only().string("name")
    rawEncoding = PostgreSQLQuery.safeEncodings.contains(encoding) ? nil : encoding
    hasBinaryMessage = types[1] == .bytea

    let time = PostgreSQLQuery.time(
      "source." + quotedIdentifier(columns.time), type: types[0] ?? .timestamptz)
    timeForm = time.form
    let raw = rawEncoding
    /// A column as text in an encoding that cannot fail.
    func text(_ index: Int) -> String {
      guard let name = wanted[index], let type = types[index] else { return "null::text" }
      return PostgreSQLQuery.textSQL("source." + quotedIdentifier(name), type, raw)
    }
    labelForm = try PostgreSQLQuery.labelForm(types[5], on: connection)
    let labels =
      labelForm == .hstore
      ? "source." + quotedIdentifier(columns.labels ?? "") : text(5)
    let message = text(1)
    let limit = configuration.maximumLineBytes
    let isTooLong = "octet_length(\(message)) > \(limit)"
    var conditions: [String] = []
    if let bounds = time.condition {
      let isNeverNull = try PostgreSQLQuery.isNeverNull(configuration, on: connection)
      conditions.append(isNeverNull ? bounds : "(\(bounds) or \(time.column) is null)")
    }
    if let condition = configuration.condition { conditions.append("(\n\(condition)\n)") }
    sql = """
      select \(time.expression), case when \(isTooLong) then null else \(message) end, \(isTooLong),
        \(text(2)), \(text(3)), \(text(4)), \(labels)
      from \(relation)
      """ + (conditions.isEmpty ? "" : "\nwhere " + conditions.joined(separator: "\n  and "))
    try PostgreSQLQuery.bind(window, configuration, time.form, on: connection)
  }

  // MARK: Parts

  /// The relation with the alias `source`.
  private static func relationSQL(
    _ configuration: PostgreSQLSourceConfiguration
  ) throws(PostgresError) -> String {
    switch configuration.relation {
    case .table(let schema, let name): return quotedIdentifier(schema: schema, name) + " as source"
    case .query(let text):
      // Checked before: one statement. The line break ends a comment in its last line.
      let statement = try SQLScript.statements(of: text, file: configuration.name).first
      return "(\(statement?.text ?? text)\n) as source"
    }
  }

  /// How a time column is selected and compared with the window.
  private static func time(
    _ column: String, type: TypeOID
  ) -> (column: String, expression: String, condition: String?, form: TimeForm) {
    func setting(_ name: String) -> String { "current_setting('\(name)')" }
    func between(_ value: String, _ bound: (String) -> String) -> String {
      "(\(value) >= \(bound(startSetting)) and \(value) < \(bound(endSetting)))"
    }
    let zone = setting(zoneSetting)
    switch type {
    case .timestamptz:
      return (column, column, between(column) { "\(setting($0))::timestamptz" }, .timestamp)
    case .timestamp, .date:
      let value = type == .date ? "\(column)::timestamp" : column
      return (
        column, "\(value) at time zone \(zone)",
        between(value) { "(\(setting($0))::timestamptz at time zone \(zone))" }, .timestamp
      )
    case .int2, .int4, .int8:
      return (
        column, "\(column)::bigint", between(column) { "\(setting($0))::bigint" }, .integer
      )
    case .float4, .float8, .numeric:
      let value = type == .numeric ? "numeric" : "double precision"
      return (
        column, "\(column)::double precision", between(column) { "\(setting($0))::\(value)" },
        .double
      )
    default:
      // Text cannot be compared on the server: one bad row would fail the whole query.
      return (column, "\(column)::text", nil, .text)
    }
  }

  /// A column as bytes of text.
  private static func textSQL(_ column: String, _ type: TypeOID, _ rawEncoding: String?) -> String {
    if type == .bytea { return column }
    let isText = type == .text || type == .varchar || type == .json || type == .xml
    let text = isText ? column : "\(column)::text"
    // convert_to into the server's own encoding hands the bytes out as they are.
    return rawEncoding.map { "convert_to(\(column)::text, '\($0)')" } ?? text
  }

  /// How labels of a type come; types of extensions are known by name.
  private static func labelForm(
    _ type: TypeOID?, on connection: Connection
  ) throws(PostgresError) -> LabelForm {
    guard let type else { return .none }
    guard type.isUserDefined else { return .text }
    let rows = try connection.query(
      named: "type of labels",
      "select typname::text as name from pg_type where oid = $1::bigint::oid",
      [.int64(Int64(type.rawValue))])
    return try rows.first?.string("name") == "hstore" ? .hstore : .text
  }

  /// Whether a table's time column cannot be NULL, so that the window alone decides (and an index or
  /// the choice of partitions can serve it).
  private static func isNeverNull(
    _ configuration: PostgreSQLSourceConfiguration, on connection: Connection
  ) throws(PostgresError) -> Bool {
    guard case .table(let schema, let name) = configuration.relation else { return false }
    let rows = try connection.query(
      named: "time column",
      """
      select attnotnull as is_not_null from pg_attribute
      where attrelid = to_regclass($1) and attname = $2 and not attisdropped
      """,
      [.text(quotedIdentifier(schema: schema, name)), .text(configuration.columns.time)])
    return try rows.first?.bool("is_not_null") ?? false
  }

  /// Sets what the query reads by `current_setting`.
  private static func bind(
    _ window: TimeWindow, _ configuration: PostgreSQLSourceConfiguration, _ form: TimeForm,
    on connection: Connection
  ) throws(PostgresError) {
    try connection.setLocal(zoneSetting, configuration.zoneName)
    for (name, moment) in [(startSetting, window.start), (endSetting, window.end)] {
      let unit = configuration.timeUnit.nanoseconds
      let value =
        switch form {
        case .timestamp, .text: moment.rfc3339
        // The first whole unit at or after the bound.
        case .integer: String(-floorDivide(-moment.nanoseconds, unit))
        case .double: decimal(moment.nanoseconds, unit: unit)
        }
      try connection.setLocal(name, value)
    }
  }

  /// Nanoseconds in another unit as decimal text.
  private static func decimal(_ nanoseconds: Int64, unit: Int64) -> String {
    let whole = floorDivide(nanoseconds, unit)
    let rest = nanoseconds - whole * unit
    guard rest > 0 else { return String(whole) }
    let digits = String(String(unit + rest).dropFirst())
    guard whole < 0 else { return "\(whole).\(digits)" }
    // -3 + 0.25 is -2.75.
    let complement = String(String(unit + (unit - rest)).dropFirst())
    return "-\(-(whole + 1)).\(complement)"
  }
}
