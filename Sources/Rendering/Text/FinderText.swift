import DaybreakCore

/// How a reader finds a cluster's lines at a source: a query to copy, and a link.
struct FinderText: Hashable, Sendable {
  /// How many sources a page tells of.
  static let limit = 4

  /// The source's name in the job.
  let source: String
  /// `LogQL` or `SQL`.
  let language: String
  let query: String
  /// A Grafana Explore page with the query filled in; nil where no Grafana is known.
  let exploreURL: String?

  /// The queries of a page, in the job's order, no query twice.
  static func all(_ page: ClusterPage) -> [FinderText] {
    guard let member = page.members.first else { return [] }
    let words = FinderText.constants(of: member.template)
    var texts: [FinderText] = []
    for finder in page.finders {
      let text = FinderText(finder, words, page.window)
      if !texts.contains(where: { $0.query == text.query }) { texts.append(text) }
    }
    return Array(texts.prefix(limit))
  }

  private init(_ finder: LineFinder, _ words: [String], _ window: TimeWindow) {
    source = finder.source
    switch finder.place {
    case .loki(let labels, let grafana):
      language = "LogQL"
      let logQL = FinderText.logQL(labels: labels, constants: words)
      query = logQL
      exploreURL = grafana.flatMap { FinderText.explore(logQL, in: $0, over: window) }
    case .postgres(let place):
      language = "SQL"
      query = FinderText.sql(place, constants: words, window: window)
      exploreURL = nil
    }
  }

  /// The constant runs of a template, the longest first, three at most.
  ///
  /// Runs shorter than three characters select nothing worth the cost of a scan.
  static func constants(of template: String) -> [String] {
    let runs = TemplateText.parts(template).compactMap { part -> String? in
      guard case .constant(let text) = part else { return nil }
      return text.split(whereSeparator: \.isNewline).map(trimmed).max { $0.count < $1.count }
    }
    let long = runs.enumerated().filter { $0.element.count >= 3 }
      .sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.prefix(3)
    return long.sorted { $0.offset < $1.offset }.map(\.element)
  }

  private static func trimmed(_ text: Substring) -> String {
    let head = text.drop { $0 == " " || $0 == "\t" }
    guard let last = head.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return String(head[...last])
  }

  private static func logQL(labels: [String: String], constants: [String]) -> String {
    let selector = labels.sorted { $0.key < $1.key }
      .map { "\($0.key)=\(goString($0.value))" }.joined(separator: ", ")
    return (["{\(selector)}"] + constants.map { "|= \(goString($0))" }).joined(separator: " ")
  }

  /// A double-quoted Go string literal, which is what LogQL reads (Go specification, "String
  /// literals"): one line, controls escaped.
  private static func goString(_ text: String) -> String {
    "\"" + escaped(text, ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\t": "\\t"]) + "\""
  }

  private static func sql(
    _ place: PostgresPlace, constants: [String], window: TimeWindow
  ) -> String {
    let time = identifier(place.timeColumn)
    func bound(_ moment: Timestamp) -> String {
      place.timeUnit.map { String(floorDivide(moment.nanoseconds, $0.rawValue)) }
        ?? "'\(moment.rfc3339)'"
    }
    var lines = [
      "SELECT * FROM \(place.relation)",
      "WHERE \(time) >= \(bound(window.start)) AND \(time) < \(bound(window.end))",
    ]
    lines += place.values.sorted { $0.key < $1.key }.map { column, value in
      "  AND \(identifier(column)) = \(sqlString(value))"
    }
    if let condition = place.condition { lines.append("  AND (\(condition))") }
    lines += constants.map {
      "  AND position(\(sqlString($0)) IN \(identifier(place.messageColumn))::text) > 0"
    }
    lines.append("ORDER BY \(time) LIMIT 100;")
    return lines.joined(separator: "\n")
  }

  /// A column's name in quotes, as it may be one that SQL reads otherwise (PostgreSQL manual, §4.1.1).
  private static func identifier(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  /// A string constant: quotes doubled, and an escape string where controls must be spelt
  /// (PostgreSQL manual, §4.1.2).
  private static func sqlString(_ text: String) -> String {
    let isPlain = displayText(text) == text && !text.contains("\\") && !text.contains("\t")
    if isPlain { return "'" + text.replacing("'", with: "''") + "'" }
    return "E'" + escaped(text, ["'": "''", "\\": "\\\\"]) + "'"
  }

  /// The inside of a literal: some characters by their names, and by their numbers (`\U` and eight hex
  /// digits, which Go and PostgreSQL share) those that a page would not show as they are.
  private static func escaped(_ text: String, _ names: [Unicode.Scalar: String]) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if let name = names[scalar] {
        result += name
      } else if scalar.value < 0x20 || displaysOtherwise(scalar) {
        let digits = String(scalar.value, radix: 16)
        result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Grafana's Explore address: `panes` as URL-encoded JSON, `schemaVersion=1`, times in absolute
  /// milliseconds (Grafana documentation, "Explore", "Generating Explore URLs"); nil unless the base
  /// is http or https, as the link would otherwise run what somebody wrote into a job file.
  private static func explore(
    _ query: String, in grafana: GrafanaTarget, over window: TimeWindow
  ) -> String? {
    let base = grafana.url.hasSuffix("/") ? String(grafana.url.dropLast()) : grafana.url
    guard base.hasPrefix("http://") || base.hasPrefix("https://") else { return nil }
    let uid = JSONValue.string(grafana.dataSourceUID)
    let milliseconds = { (moment: Timestamp) in
      JSONValue.string(String(floorDivide(moment.nanoseconds, 1_000_000)))
    }
    let panes = JSONValue.object([
      (
        "a",
        .object([
          ("datasource", uid),
          (
            "queries",
            .array([
              .object([
                ("refId", .string("A")),
                ("datasource", .object([("type", .string("loki")), ("uid", uid)])),
                ("expr", .string(query)), ("queryType", .string("range")),
              ])
            ])
          ),
          (
            "range",
            .object([("from", milliseconds(window.start)), ("to", milliseconds(window.end))])
          ),
        ])
      )
    ])
    return base + "/explore?schemaVersion=1&panes=" + percentEncoded(panes.encodedOnOneLine())
  }

  /// Percent-encodes everything but RFC 3986's unreserved characters.
  private static func percentEncoded(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    for byte in bytes {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: output.append(byte)
      default:
        output.append(contentsOf: [
          UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)],
        ])
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
