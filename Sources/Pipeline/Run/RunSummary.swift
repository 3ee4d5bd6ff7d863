internal import Foundation
internal import DaybreakCore

/// Says on standard output what a run did.
package enum RunSummary {
  /// One paragraph a night, for people.
  package static func text(_ results: [NightResult]) -> String {
    results.map { result in
      var lines = ["\(result.tenant) \(result.date): \(result.status.rawValue)"]
      if let verdict = result.verdict { lines.append("  \(displayText(verdict))") }
      if let problem = result.problem { lines.append("  \(displayText(problem))") }
      if let path = result.reportPath { lines.append("  \(path)") }
      return lines.joined(separator: "\n") + "\n"
    }.joined()
  }

  /// An array of objects, for machines: tenant, date, status, verdict, incidents, new_errors, report,
  /// problem.
  package static func json(_ results: [NightResult]) -> String {
    let rows = results.map { result in
      Row(
        tenant: result.tenant.description, date: result.date.description,
        status: result.status.rawValue, verdict: result.verdict,
        incidents: result.incidentCount, new_errors: result.newErrorCount,
        report: result.reportPath, problem: result.problem)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let bytes = (try? encoder.encode(rows)) ?? Data()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The published shape of one result.
  private struct Row: Encodable {
    let tenant: String
    let date: String
    let status: String
    let verdict: String?
    let incidents: Int
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let new_errors: Int
    let report: String?
    let problem: String?
  }
}
