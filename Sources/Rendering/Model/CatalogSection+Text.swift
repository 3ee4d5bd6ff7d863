extension CatalogSection {
  /// The section as Markdown, its texts escaped.
  package var markdown: String {
    var lines = ["## \(MarkdownText.prose(title))", ""]
    lines += figures.map {
      "- \(MarkdownText.prose($0.name)): \(MarkdownText.prose($0.value))"
    }
    for table in tables {
      lines += ["", "### \(MarkdownText.prose(table.caption))", ""]
      lines += table.rows.isEmpty ? ["None."] : table.rows.map { table.item($0) }
    }
    return lines.joined(separator: "\n")
  }

  /// The section as JSON, as a report's `catalogs` has it.
  package var json: JSONValue {
    .object([
      ("title", .string(title)),
      ("figures", .object(figures.map { ($0.name, .string($0.value)) })),
      (
        "tables",
        .array(
          tables.map { table in
            .object([
              ("caption", .string(table.caption)), ("columns", strings(table.columns)),
              ("rows", .array(table.rows.map(strings))),
            ])
          })
      ),
    ])
  }

  private func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}

extension CatalogSection.Table {
  /// A row as an item of a list.
  fileprivate func item(_ row: [String]) -> String {
    "- "
      + zip(columns, row).map { "\(MarkdownText.prose($0)): \(MarkdownText.prose($1))" }
      .joined(separator: " · ")
  }
}
