/// A table with headers, in a frame of its own that scrolls where it is too wide.
struct DataTable {
  enum Alignment {
    case text, number
    /// Text of unknown length that may break anywhere.
    case wrapping
    case code
  }

  struct Column {
    let name: String
    let alignment: Alignment

    init(_ name: String, _ alignment: Alignment = .text) {
      self.name = name
      self.alignment = alignment
    }
  }

  let caption: String
  let columns: [Column]
  /// One cell a column; the first cell of a row is its header.
  var rows: [[HTML]] = []

  /// The table as markup.
  var html: HTML {
    let heads = columns.map { column -> HTML in
      let name: HTML = "\(column.name)"
      return "<th scope=\"col\"\(className(column.alignment, isHead: true))>\(name)</th>"
    }
    let body = rows.map { row -> HTML in
      let cells = zip(columns, row).enumerated().map { index, pair -> HTML in
        let attributes = className(pair.0.alignment, isHead: false)
        return index == 0
          ? "<th scope=\"row\"\(attributes)>\(pair.1)</th>" : "<td\(attributes)>\(pair.1)</td>"
      }
      return "<tr>\(cells)</tr>\n"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(caption)"><table>
      <caption>\(caption)</caption>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(body)</tbody></table></div>
      """
  }

  private func className(_ alignment: Alignment, isHead: Bool) -> HTML {
    switch alignment {
    case .text: ""
    case .number: " class=\"n\""
    case .wrapping: " class=\"wrap\""
    case .code: isHead ? " class=\"wrap\"" : " class=\"mono\""
    }
  }
}
