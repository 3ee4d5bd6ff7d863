package import Catalogs
internal import DaybreakCore
internal import HTTPClient
internal import Postgres
package import Rendering

extension CatalogSection {
  /// Answers as a section: a first one of one row as figures, every other one as a table.
  ///
  /// - Parameters:
  ///   - title: what stands above.
  ///   - parts: the answers.
  ///   - rowLimit: how many rows a table shows; nil for all that were kept.
  package init(_ title: String, _ parts: [CatalogReport.Part], rowLimit: Int? = nil) {
    self.init(title: title)
    for (index, part) in parts.enumerated() {
      if index == 0, part.rows.count == 1 {
        figures = zip(part.columns, part.rows[0]).map { Figure(name: $0, value: $1 ?? "-") }
        continue
      }
      let shown = part.rows.prefix(rowLimit ?? part.rows.count)
      let isShortened = part.isShortened || shown.count < part.rows.count
      tables.append(
        Table(
          caption: (part.meaning.isEmpty ? part.name : part.meaning)
            + (isShortened ? " The first \(shown.count) are shown." : ""),
          columns: part.columns, rows: shown.map { row in row.map { $0 ?? "-" } }))
    }
  }

  /// The same with every text changed.
  fileprivate func mapped(_ change: (String) -> String) -> CatalogSection {
    var section = self
    section.title = change(title)
    section.figures = figures.map { Figure(name: $0.name, value: change($0.value)) }
    section.tables = tables.map { table in
      Table(
        caption: table.caption, columns: table.columns,
        rows: table.rows.map { $0.map(change) })
    }
    return section
  }
}

extension NightRun {
  /// More rows of a table are left out of a page.
  private static let pageRows = 28

  /// Reads what the job's catalogs say of the night.
  ///
  /// - Parameter options: how their databases are spoken to.
  /// - Returns: sections by name, secrets taken out, and the names of those that could not be read, whose
  ///   sections say why.
  /// - Throws: `RunCancelled`.
  func readCatalogs(
    _ options: ConnectionOptions
  ) throws -> (sections: [String: CatalogSection], unread: [String]) {
    let wanted = night.job.catalogs.filter { $0.tenant == night.tenant }
    guard !wanted.isEmpty else { return ([:], []) }
    var sections: [String: CatalogSection] = [:]
    var unread: [String] = []
    for settings in wanted {
      let name = settings.catalog
      func keep(_ key: String, _ read: () throws -> CatalogSection?) throws {
        try Cancellation.check()
        do {
          sections[key] = try read()
        } catch let error as any DiagnosedError {
          // A request that was broken off for a stop fails as any other: it must not be kept as one.
          try Cancellation.check()
          surroundings.log.note("catalog not read", ["catalog": key, "failure": error.summary])
          if !unread.contains(name) { unread.append(name) }
          sections[key] = CatalogSection(
            title: key, figures: [.init(name: "could not be read", value: error.summary)])
        }
      }
      try keep(name) { try section(of: settings, options) }
      try keep("\(name)_clickhouse") { try clickHouseSection(of: settings) }
    }
    // One for all texts, so that one person has one placeholder.
    var redactor = redactor
    return (
      sections.mapValues { section in
        section.mapped { redactor.redact($0.replacing("\0", with: "\u{FFFD}")) }
      }, unread
    )
  }

  /// How the databases of catalogs are spoken to.
  ///
  /// - Throws: a fault of the environment's settings.
  func catalogOptions() throws -> ConnectionOptions {
    var options = try StoreSettings().completed(from: surroundings.variables)
      .connectionOptions(log: surroundings.log)
    options.applicationName = "daybreak report"
    options.statementTimeout = options.statementTimeout ?? .seconds(300)
    return options
  }

  private func section(
    of settings: JobCatalog, _ options: ConnectionOptions
  ) throws -> CatalogSection {
    let catalog = try Catalog(named: settings.catalog)
    let session = try CatalogSession(
      catalog, on: try ConnectionTarget(settings.url), options: options)
    let tenant = try settings.rowsOf.map { try CatalogTenants(session).find($0) }
    let report = try CatalogReport(session, tenant: tenant, window: night.window)
    let owner = settings.rowsOf.map { " of \($0)" } ?? ""
    return section(settings.catalog + owner, report.parts)
  }

  /// What the catalog's ClickHouse says; nil where the job names none.
  private func clickHouseSection(of settings: JobCatalog) throws -> CatalogSection? {
    let catalog = try Catalog(named: settings.catalog)
    guard let url = settings.clickHouseURL, let part = catalog.definition.clickHouse else {
      return nil
    }
    var target = try ClickHouseTarget(url, variables: surroundings.variables)
    if target.database == nil { target.database = part.database }
    let client = ClickHouseClient(target, isCancelled: { Cancellation.isRequested })
    return section(
      "\(settings.catalog)'s ClickHouse",
      try CatalogReport.clickHouseParts(of: catalog, client, window: night.window))
  }

  private func section(_ title: String, _ parts: [CatalogReport.Part]) -> CatalogSection {
    // What found nothing takes room on a page and says little.
    CatalogSection(title, parts.filter { !$0.rows.isEmpty }, rowLimit: Self.pageRows)
  }
}
