internal import Clustering
internal import DaybreakCore

/// Writes a survey for programs.
package struct SurveyRecords {
  private let survey: Survey
  private let limit: Int

  /// Makes a writer of at most `limit` clusters.
  package init(_ survey: Survey, limit: Int) {
    self.survey = survey
    self.limit = limit
  }

  // MARK: TSV

  /// The names of the columns of `tsv`.
  package static let columns = [
    "count", "share", "level", "id", "namespace", "service", "first_seen", "last_seen", "lines",
    "template",
  ]

  /// One row a cluster behind a row of names; fields hold neither tabs nor newlines.
  package func tsv() -> String {
    var text = SurveyRecords.columns.joined(separator: "\t") + "\n"
    for row in survey.rows.prefix(limit) {
      let fields = [
        String(row.count), shareText(row.count, survey.eventCount), row.level.name, row.id,
        row.identity.namespace, row.identity.service, row.firstSeen?.rfc3339 ?? "",
        row.lastSeen?.rfc3339 ?? "", String(row.lineCount), row.template,
      ]
      text += fields.map(tsvField).joined(separator: "\t") + "\n"
    }
    return text
  }

  // MARK: JSON

  /// One object, each of its clusters on a line.
  package func json() -> String {
    var object = JSONObject()
    object.add("format", "daybreak-clusters")
    object.add("version", 1)
    object.add(json: coverageJSON(survey.coverage), as: "lines")
    object.add(json: inputsJSON(survey.coverage), as: "inputs")
    object.add("events", survey.eventCount)
    object.add("shown_events", survey.shownCount)
    object.add("coarsened", survey.isCoarsened)
    object.add(json: timeJSON(survey), as: "time")
    object.add("pattern_count", Int64(survey.rows.count))
    let rows = survey.rows.prefix(limit).map { rowJSON($0, of: survey).text }
    object.add(json: "[\n" + rows.joined(separator: ",\n") + "\n]", as: "clusters")
    object.add(json: quarantineJSON(survey.coverage), as: "quarantine")
    return object.text + "\n"
  }
}

/// A cluster's fields as JSON.
func rowJSON(_ row: SurveyRow, of survey: Survey) -> JSONObject {
  var object = JSONObject()
  object.add("id", row.id)
  object.add("fingerprint", row.fingerprint.description)
  object.add("namespace", row.identity.namespace)
  object.add("service", row.identity.service)
  object.add("template", row.template)
  object.add("level", row.level.name)
  object.add("count", row.count)
  object.add(json: shareText(row.count, survey.eventCount), as: "share")
  object.add("lines", row.lineCount)
  var levels = JSONObject()
  for level in Level.allCases where row.levels[level] > 0 {
    levels.add(level.name, row.levels[level])
  }
  object.add(json: levels.text, as: "levels")
  object.add("first_seen", row.firstSeen?.rfc3339)
  object.add("last_seen", row.lastSeen?.rfc3339)
  let slots = row.slots(survey.time.slotCount)
  object.add(json: "[" + slots.map(String.init).joined(separator: ",") + "]", as: "counts")
  let samples = row.samples.map { sample -> String in
    var object = JSONObject()
    object.add(
      "time", sample.timestamp.map { Timestamp(nanoseconds: $0).rfc3339 })
    object.add("level", (Level(rawValue: sample.level) ?? .unknown).name)
    object.add("text", sample.text)
    return object.text
  }
  object.add(json: "[" + samples.joined(separator: ",") + "]", as: "samples")
  return object
}

/// Where the counts of rows lie in time.
func timeJSON(_ survey: Survey) -> String {
  var object = JSONObject()
  object.add("first_seen", survey.span?.first.rfc3339)
  object.add("last_seen", survey.span?.last.rfc3339)
  let hasSlots = survey.time.slotCount > 0
  object.add("counts_from", hasSlots ? survey.time.start(ofSlot: 0).rfc3339 : nil)
  object.add("seconds_per_count", survey.time.slotSeconds)
  return object.text
}

/// What became of the lines.
func coverageJSON(_ coverage: SourceCoverage) -> String {
  var object = JSONObject()
  object.add("read", coverage.linesClustered + coverage.linesQuarantined)
  object.add("clustered", coverage.linesClustered)
  object.add("quarantined", coverage.linesQuarantined)
  object.add("continuation", coverage.continuationLines)
  object.add("without_time", coverage.linesWithoutTime)
  object.add("failure", coverage.failure)
  return object.text
}

/// What was read.
func inputsJSON(_ coverage: SourceCoverage) -> String {
  let inputs = coverage.inputs.map { input -> String in
    var object = JSONObject()
    object.add("name", displayText(input.name))
    object.add("bytes", input.byteCount)
    object.add("lines", input.lineCount)
    object.add("failure", input.failure)
    return object.text
  }
  return "[" + inputs.joined(separator: ",") + "]"
}

/// The first quarantined inputs.
func quarantineJSON(_ coverage: SourceCoverage) -> String {
  let records = coverage.quarantine.map { record -> String in
    var object = JSONObject()
    object.add("file", displayText(record.file))
    object.add("byte_offset", record.byteOffset)
    object.add("lines", Int64(record.lineCount))
    object.add("reason", record.reason)
    object.add("excerpt", record.excerpt)
    return object.text
  }
  return "[" + records.joined(separator: ",") + "]"
}

/// A share as a fraction with six digits behind the point.
func shareText(_ part: Int64, _ whole: Int64) -> String {
  guard whole > 0 else { return "0" }
  let millionths = Int64((Double(part) / Double(whole) * 1_000_000).rounded())
  let digits = String(millionths % 1_000_000)
  return "\(millionths / 1_000_000).\(String(repeating: "0", count: 6 - digits.count))\(digits)"
}

/// A field of a row of TSV: tabs and newlines are spelled as `displayText` spells other controls.
func tsvField(_ text: String) -> String {
  displayText(text).replacing("\t", with: "\\u{9}").replacing("\n", with: "\\u{a}")
}

/// A JSON object (RFC 8259) whose fields stand in the order that they were added in.
struct JSONObject {
  private var fields: [String] = []

  init() {}

  var text: String { "{" + fields.joined(separator: ",") + "}" }

  mutating func add(_ name: String, _ value: String?) {
    add(json: value.map(jsonString) ?? "null", as: name)
  }

  mutating func add(_ name: String, _ value: Int64) { add(json: String(value), as: name) }

  mutating func add(_ name: String, _ value: Bool) { add(json: value ? "true" : "false", as: name) }

  mutating func add(json: String, as name: String) { fields.append("\(jsonString(name)):\(json)") }
}

/// A string in quotation marks, with the escapes that JSON demands.
func jsonString(_ text: String) -> String {
  var quoted: [UInt8] = [0x22]
  for byte in text.utf8 {
    switch byte {
    case 0x22, 0x5C: quoted += [0x5C, byte]
    case 0x0A: quoted += Array("\\n".utf8)
    case 0x09: quoted += Array("\\t".utf8)
    case 0x0D: quoted += Array("\\r".utf8)
    case 0..<0x20: quoted += Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
    default: quoted.append(byte)
    }
  }
  quoted.append(0x22)
  return String(decoding: quoted, as: UTF8.self)
}
