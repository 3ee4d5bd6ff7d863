package import DaybreakCore
internal import Foundation
internal import Postgres

/// What a catalog's `report.sql` says of a window: every query as a table, all of one snapshot.
///
/// Read as the catalog's reader, for one tenant where tenants share it: row-level security binds whatever the
/// login may do. Cells are text of unknown origin.
package struct CatalogReport: Sendable, Equatable {
  /// The answer to one query.
  package struct Part: Hashable, Sendable {
    /// The query's name, as `failed_sign_ins`.
    package let name: String
    /// What it shows, in a sentence.
    package let meaning: String
    package let columns: [String]
    /// Each row has as many cells as there are columns; nil where there is nothing.
    package let rows: [[String?]]
    /// Whether there were more rows than are kept.
    package let isShortened: Bool
  }

  package let catalog: String
  /// The tenant's name; nil where it is of all.
  package let tenant: String?
  package let window: TimeWindow
  package let parts: [Part]

  /// More rows of one query are left out.
  package static let rowLimit = 200

  /// Whether a report of this catalog is of one tenant.
  package static func isOfTenant(_ catalog: Catalog) -> Bool {
    catalog.definition.tenancy.map { !$0.reportsOnAll } ?? false
  }

  /// Asks everything.
  ///
  /// - Parameters:
  ///   - session: the database.
  ///   - tenant: whose rows; nil exactly where `isOfTenant` is false.
  ///   - window: of what span.
  /// - Throws: `AccessError.notOffered` for a tenant where reports are of all, or for none where they are
  ///   not; `AccessError.roleDenied`; `CatalogError.damaged`; `PostgresError`.
  package init(_ session: CatalogSession, tenant: CatalogTenant?, window: TimeWindow) throws {
    let catalog = session.catalog
    let isOfTenant = Self.isOfTenant(catalog)
    guard isOfTenant == (tenant != nil) else {
      throw AccessError.notOffered(
        catalog: catalog.name,
        what: isOfTenant
          ? "a report on all tenants: name one" : "a report on one tenant: it is of all of them")
    }
    let queries = try catalog.queries(of: "report.sql")
    let setting = catalog.definition.tenancy?.setting
    parts = try session.transaction(as: catalog.definition.roles.reader, readOnly: true) {
      connection in
      if let tenant, let setting {
        try connection.execute(
          named: "set the tenant", "SELECT set_config($1, $2, true)",
          [.text(setting), .text(tenant.id)])
      }
      return try queries.all.map { try Self.part($0, window, connection) }
    }
    self.catalog = catalog.name
    self.tenant = tenant?.name
    self.window = window
  }

  /// Runs a query, whatever its columns are: PostgreSQL writes each row as its columns' names and texts.
  private static func part(
    _ query: NamedQueries.Query, _ window: TimeWindow, _ connection: Connection
  ) throws -> Part {
    let values: [Value] = [.timestamp(window.start), .timestamp(window.end)]
    let found = try connection.query(
      named: "report: \(query.name)",
      """
      SELECT (SELECT json_agg(json_build_array(e.key, e.value) ORDER BY e.place)
        FROM json_each_text(row_to_json(q)) WITH ORDINALITY AS e (key, value, place)) AS cells
      FROM (
      \(query.sql)
      ) AS q LIMIT \(rowLimit + 1)
      """, values)
    let rows = try found.map { try cells($0.string("cells"), query) }
    let columns =
      try rows.first?.map { $0.name }
      ?? connection.query(
        named: "columns of \(query.name)", "SELECT * FROM (\n\(query.sql)\n) AS q LIMIT 0", values
      ).columns.map(\.name)
    return Part(
      name: query.name, meaning: query.meaning, columns: columns,
      rows: rows.prefix(rowLimit).map { row in row.map { $0.value } },
      isShortened: rows.count > rowLimit)
  }

  /// What the catalog's ClickHouse database says of a window, by its own queries; empty where it has none.
  ///
  /// - Throws: `ClickHouseError`; `CatalogError.damaged`.
  package static func clickHouseParts(
    of catalog: Catalog, _ client: ClickHouseClient, window: TimeWindow
  ) throws -> [Part] {
    guard let part = catalog.definition.clickHouse else { return [] }
    func moment(_ time: Timestamp) -> String {
      time.rfc3339.replacing("T", with: " ").replacing("Z", with: "")
    }
    let span = ["start": moment(window.start), "end": moment(window.end)]
    return try catalog.queries(of: part.reportFile).all.map { query in
      // The names come as the first row.
      let found = try client.rows(
        named: "report: \(query.name)", "\(query.sql)\nFORMAT TabSeparatedWithNames",
        parameters: span
      ).rows
      let rows = found.dropFirst()
      return Part(
        name: query.name, meaning: query.meaning, columns: (found.first ?? []).map { $0 ?? "" },
        rows: Array(rows.prefix(rowLimit)), isShortened: rows.count > rowLimit)
    }
  }

  /// Reads `[["lines", "12"], ["errors", null]]`.
  private static func cells(
    _ text: String, _ query: NamedQueries.Query
  ) throws -> [(name: String, value: String?)] {
    guard let pairs = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[Any]] else {
      throw PostgresError.protocolViolation(
        statement: "report: \(query.name)", reason: "the row is no list of columns")
    }
    return pairs.map { pair in (pair.first as? String ?? "", pair.last as? String) }
  }
}
