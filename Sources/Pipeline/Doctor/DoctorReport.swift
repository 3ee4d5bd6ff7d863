import DaybreakCore
import Foundation

/// The doctor's checks as people and programs read them.
package struct DoctorReport: Hashable, Sendable, Codable {
  package let checks: [DoctorCheck]
  /// The worst state of all; `ok` for no checks.
  package let worst: DoctorCheck.State

  package init(_ checks: [DoctorCheck]) {
    self.checks = checks
    worst = checks.map(\.state).max() ?? .ok
  }

  /// One line a check, its remedy below, and a closing line; fit for any terminal.
  package var table: String {
    let nameWidth = checks.map(\.name.count).max() ?? 0
    var lines: [String] = []
    for check in checks {
      let name = check.name.padding(toLength: nameWidth, withPad: " ", startingAt: 0)
      let state = check.state.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)
      lines.append("\(state)  \(name)  \(oneLine(check.found))")
      if let remedy = check.remedy {
        lines.append(String(repeating: " ", count: 9) + "-> \(oneLine(remedy))")
      }
    }
    return lines.joined(separator: "\n") + "\n\n" + verdict + "\n"
  }

  /// `{"checks": [{"name", "state", "found", "remedy"?}], "worst"}`, keys sorted.
  ///
  /// - Throws: nothing in practice: every value is text.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  private var verdict: String {
    let missing = checks.count { $0.state == .missing }
    let warnings = checks.count { $0.state == .warning }
    switch (missing, warnings) {
    case (0, 0): return "Everything is there."
    case (0, _): return "Daybreak can run; \(warnings) of \(checks.count) things could be better."
    default: return "Daybreak cannot run yet: \(missing) of \(checks.count) things are missing."
    }
  }

  private func oneLine(_ text: String) -> String {
    displayText(text.split(whereSeparator: \.isNewline).joined(separator: " "))
  }
}
