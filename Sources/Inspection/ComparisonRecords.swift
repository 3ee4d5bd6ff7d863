internal import Clustering
internal import DaybreakCore

/// Writes a comparison for programs.
package struct ComparisonRecords {
  private let comparison: Comparison
  private let limit: Int

  /// Makes a writer of at most `limit` clusters of each change.
  package init(_ comparison: Comparison, limit: Int) {
    self.comparison = comparison
    self.limit = limit
  }

  private var rows: [ComparedRow] {
    Change.allCases.flatMap { comparison.rows(of: $0).prefix(limit) }
  }

  /// The names of the columns of `tsv`.
  package static let columns = [
    "change", "count", "share", "count_before", "share_before", "factor", "level", "id",
    "namespace", "service", "template",
  ]

  /// One row a cluster behind a row of names; fields hold neither tabs nor newlines.
  package func tsv() -> String {
    var text = ComparisonRecords.columns.joined(separator: "\t") + "\n"
    for row in rows {
      let side = row.telling
      let fields = [
        row.change.rawValue, String(row.now.count),
        shareText(row.now.count, comparison.now.eventCount), String(row.before.count),
        shareText(row.before.count, comparison.before.eventCount), factorText(row) ?? "",
        side.level.name, side.id, side.identity.namespace, side.identity.service, side.template,
      ]
      text += fields.map(tsvField).joined(separator: "\t") + "\n"
    }
    return text
  }

  /// One object, each of its clusters on a line.
  package func json() -> String {
    var object = JSONObject()
    object.add("format", "daybreak-comparison")
    object.add("version", 1)
    object.add(json: sideJSON(comparison.now), as: "now")
    object.add(json: sideJSON(comparison.before), as: "before")
    let lines = rows.map { row -> String in
      let side = row.telling
      var object = JSONObject()
      object.add("change", row.change.rawValue)
      object.add("id", side.id)
      object.add("fingerprint", side.fingerprint.description)
      object.add("namespace", side.identity.namespace)
      object.add("service", side.identity.service)
      object.add("template", side.template)
      object.add("level", side.level.name)
      object.add("count", row.now.count)
      object.add(json: shareText(row.now.count, comparison.now.eventCount), as: "share")
      object.add("count_before", row.before.count)
      object.add(
        json: shareText(row.before.count, comparison.before.eventCount), as: "share_before")
      object.add(json: factorText(row) ?? "null", as: "factor")
      object.add("first_seen", row.now.firstSeen?.rfc3339)
      object.add("last_seen", row.now.lastSeen?.rfc3339)
      object.add("last_seen_before", row.before.lastSeen?.rfc3339)
      return object.text
    }
    object.add(json: "[\n" + lines.joined(separator: ",\n") + "\n]", as: "clusters")
    return object.text + "\n"
  }

  private func sideJSON(_ survey: Survey) -> String {
    var object = JSONObject()
    object.add(json: coverageJSON(survey.coverage), as: "lines")
    object.add(json: inputsJSON(survey.coverage), as: "inputs")
    object.add("events", survey.eventCount)
    object.add(json: timeJSON(survey), as: "time")
    object.add(json: quarantineJSON(survey.coverage), as: "quarantine")
    return object.text
  }

  /// How many times the share is what it was, with four digits behind the point.
  private func factorText(_ row: ComparedRow) -> String? {
    row.factor.map { factor in
      let scaled = Int64((min(factor, 1e12) * 10_000).rounded())
      let digits = String(scaled % 10_000)
      return "\(scaled / 10_000).\(String(repeating: "0", count: 4 - digits.count))\(digits)"
    }
  }
}
