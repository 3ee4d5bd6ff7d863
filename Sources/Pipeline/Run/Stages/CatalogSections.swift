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
  /// - Returns: sections by name, secrets taken out, and the names of those that could not be read, whose
  ///   sections say why.
  /// - Throws: `RunCancelled`; a fault of the environment's settings.
  func readCatalogs() throws -> (sections: [String: CatalogSection], unread: [String]) {
    let wanted = night.job.catalogs.filter { $0.tenant == night.tenant }
    guard !wanted.isEmpty else { return ([:], []) }
    var options = try StoreSettings().completed(from: surroundings.variables)
      .connectionOptions(log: surroundings.log)
    options.applicationName = "daybreak report"
    options.statementTimeout = options.statementTimeout ?? .seconds(300)
    var sections: [String: CatalogSection] = [:]
    var unread: [String] = []
    for settings in wanted {
      try Cancellation.check()
      do {
        sections.merge(try read(settings, options)) { _, new in new }
      } catch let error as any DiagnosedError {
        surroundings.log.note(
          "catalog not read", ["catalog": settings.catalog, "failure": error.summary])
        unread.append(settings.catalog)
        sections[settings.catalog] = CatalogSection(
          title: settings.catalog,
          figures: [.init(name: "could not be read", value: error.summary)])
      }
    }
    // One for all texts, so that one person has one placeholder.
    var redactor = redactor
    return (
      sections.mapValues { section in
        section.mapped { redactor.redact($0.replacing("\0", with: "\u{FFFD}")) }
      }, unread
    )
  }

  private func read(
    _ settings: JobCatalog, _ options: ConnectionOptions
  ) throws -> [String: CatalogSection] {
    let catalog = try Catalog(named: settings.catalog)
    let session = try CatalogSession(
      catalog, on: try ConnectionTarget(settings.url), options: options)
    let tenant = try settings.rowsOf.map { try CatalogTenants(session).find($0) }
    let report = try CatalogReport(session, tenant: tenant, window: night.window)
    func section(_ title: String, _ parts: [CatalogReport.Part]) -> CatalogSection {
      // What found nothing takes room on a page and says little.
      CatalogSection(title, parts.filter { !$0.rows.isEmpty }, rowLimit: Self.pageRows)
    }
    let owner = settings.rowsOf.map { " of \($0)" } ?? ""
    var sections = [settings.catalog: section(settings.catalog + owner, report.parts)]
    if let url = settings.clickHouseURL, let part = catalog.definition.clickHouse {
      var target = try ClickHouseTarget(url, variables: surroundings.variables)
      if target.database == nil { target.database = part.database }
      let client = ClickHouseClient(target, isCancelled: { Cancellation.isRequested })
      sections["\(settings.catalog)_clickhouse"] = section(
        "\(settings.catalog)'s ClickHouse",
        try CatalogReport.clickHouseParts(of: catalog, client, window: night.window))
    }
    return sections
  }
}
