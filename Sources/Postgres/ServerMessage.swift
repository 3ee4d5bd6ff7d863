import CPostgres
import Foundation

/// An error or notice as the server worded it (PostgreSQL 15 manual, §55.8 "Error and Notice Message
/// Fields"), with the values that it may repeat taken out.
package struct ServerMessage: Hashable, Sendable {
  /// `ERROR`, `FATAL`, `WARNING`, `NOTICE`, …, not translated.
  package var severity: String
  /// The five-character code, as `23505`.
  package var sqlState: String
  /// What happened, one line.
  package var message: String
  /// More on what happened; the values of a violated key are replaced by `…`.
  package var detail: String?
  /// What the server suggests.
  package var hint: String?
  /// The functions it happened in, innermost first.
  package var context: String?
  /// Where in the statement, in characters from 1.
  package var position: Int?
  package var schema: String?
  package var table: String?
  package var column: String?
  package var constraint: String?

  /// Makes a message without the optional fields.
  package init(severity: String, sqlState: String, message: String) {
    self.severity = severity
    self.sqlState = sqlState
    self.message = message
  }

  /// Copies the fields of a result; nil when the message did not come from a server.
  ///
  /// - Parameters:
  ///   - result: a failed result or a notice.
  ///   - hidingValues: whether values were bound or copied, which the server may then repeat.
  init?(_ result: OpaquePointer, hidingValues: Bool) {
    func field(_ code: Character) -> String? {
      guard let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else {
        return nil
      }
      return String(cString: text)
    }
    guard let state = field("C") else { return nil }
    severity = field("V") ?? field("S") ?? "ERROR"
    sqlState = state
    message = field("M") ?? ""
    detail = field("D")
    hint = field("H")
    context = field("W")
    position = field("P").flatMap { Int($0) }
    schema = field("s")
    table = field("t")
    column = field("c")
    constraint = field("n")
    if hidingValues { hideValues() }
  }

  /// Takes out what the server repeats of bound and copied values.
  ///
  /// Data exceptions (class 22) quote the input; 23xxx show the key or the whole row in the detail;
  /// COPY shows the column's text in the context.
  private mutating func hideValues() {
    if sqlState.hasPrefix("22") { message = withoutQuotedText(message) }
    if let text = detail {
      if text.hasPrefix("Failing row contains") {
        detail = "Failing row contains (…)."
      } else if sqlState.hasPrefix("23"), let start = text.range(of: ")=("),
        let end = text.range(of: ") ", options: .backwards), start.upperBound <= end.lowerBound
      {
        detail = text[..<start.upperBound] + "…" + text[end.lowerBound...]
      } else {
        detail = withoutQuotedText(text)
      }
    }
    context = context.map(withoutQuotedText)
  }
}

extension ServerMessage: CustomStringConvertible {
  /// `23505: duplicate key … (detail: …; hint: …)`.
  package var description: String {
    let extras = [detail.map { "detail: \($0)" }, hint.map { "hint: \($0)" }].compactMap { $0 }
    return "\(sqlState): \(message)"
      + (extras.isEmpty ? "" : " (\(extras.joined(separator: "; ")))")
  }
}
