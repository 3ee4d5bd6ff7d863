internal import DaybreakCore
import Foundation

/// What a model is asked for, as it gave it; nothing in it has been checked against the lines yet.
package struct ModelAnswer: Hashable, Sendable, Codable {
  /// A quote and the id of the sample that it claims to be from.
  package struct Citation: Hashable, Sendable, Codable {
    package var sampleID: String
    package var quote: String
  }

  package var summary: String
  package var rootCause: String?
  /// 0 to 1, the model's own figure; nil when it gave none, or something else.
  package var confidence: Double?
  package var suggestedActions: [String]
  package var evidence: [Citation]

  /// The most that a field may have, in characters, and a list, in items.
  private static let textLimit = 600
  private static let actionLimit = 3
  private static let evidenceLimit = 20
}

/// Why an answer cannot be used.
enum AnswerDefect: Error, Equatable {
  /// It ends before its object does.
  case truncated
  /// It is not what was asked for; says what is wrong, in words of ours.
  case invalid(String)
}

extension ModelAnswer {
  /// The JSON schema of an answer, within the subset that every provider takes ("Structured outputs" of
  /// OpenAI: all keys required, no further ones, no bounds).
  static let schema: JSONText = [
    "type": "object", "additionalProperties": false,
    "required": ["evidence", "summary", "root_cause", "suggested_action", "confidence"],
    "properties": [
      "evidence": [
        "type": "array",
        "items": [
          "type": "object", "additionalProperties": false, "required": ["sample_id", "quote"],
          "properties": ["sample_id": ["type": "string"], "quote": ["type": "string"]],
        ],
      ],
      "summary": ["type": "string"], "root_cause": ["type": ["string", "null"]],
      "suggested_action": ["type": "string"], "confidence": ["type": "number"],
    ],
  ]

  /// Reads an answer.
  ///
  /// Text around the object, such as the code fence that many models put there, is passed over. All words
  /// become plain text; see `plainText(_:limit:)`.
  ///
  /// - Parameter text: what the model wrote.
  /// - Throws: `AnswerDefect`.
  init(_ text: String) throws(AnswerDefect) {
    guard let bytes = try ModelAnswer.firstObject(Array(text.utf8)),
      let object = ReceivedObject(bytes)
    else { throw .invalid("it holds no JSON object") }
    guard let summary = object.string("summary").map({ plainText($0, limit: Self.textLimit) }),
      !summary.isEmpty
    else { throw .invalid("`summary` is missing or no text") }
    guard object.members["evidence"] is [Any] else { throw .invalid("`evidence` is no list") }
    self.summary = summary
    rootCause = object.string("root_cause").flatMap(ModelAnswer.cause)
    let figure = (object.members["confidence"] as? NSNumber)?.doubleValue
    confidence = figure.flatMap { (0...1).contains($0) ? $0 : nil }
    suggestedActions = ModelAnswer.actions(object)
    evidence = object.objects("evidence").prefix(Self.evidenceLimit).compactMap { item in
      guard let quote = item.string("quote"), let id = item.string("sample_id") else { return nil }
      return Citation(sampleID: id, quote: quote)
    }
  }

  /// A cause, unless it is a word for having none.
  private static func cause(_ text: String) -> String? {
    let text = plainText(text, limit: textLimit)
    let bare = text.lowercased().filter { $0.isLetter || $0 == "/" }
    return ["", "null", "none", "unknown", "n/a", "na"].contains(bare) ? nil : text
  }

  /// Steps, one a line, without the marks of a list.
  private static func actions(_ object: ReceivedObject) -> [String] {
    let text =
      object.string("suggested_action")
      ?? (object.members["suggested_action"] as? [String] ?? []).joined(separator: "\n")
    return text.split(whereSeparator: \.isNewline).map { line in
      plainText(withoutListMark(line), limit: textLimit)
    }.filter { !$0.isEmpty }.prefix(actionLimit).map { $0 }
  }

  /// A line without the bullet or number (`1.`, `1)`) that makes it an item of a list.
  private static func withoutListMark(_ line: Substring) -> String {
    let text = line.drop { $0.isWhitespace }
    if let first = text.first, "-*•".contains(first) { return String(text.dropFirst()) }
    let digits = text.prefix { ("0"..."9").contains($0) }
    let rest = text.dropFirst(digits.count)
    guard !digits.isEmpty, let mark = rest.first, mark == "." || mark == ")",
      rest.dropFirst().first?.isWhitespace == true
    else { return String(text) }
    return String(rest.dropFirst())
  }

  /// The first object in a text, its braces balanced outside of strings.
  ///
  /// - Returns: nil when no object begins.
  /// - Throws: `AnswerDefect.truncated` when one begins and does not end.
  private static func firstObject(_ text: [UInt8]) throws(AnswerDefect) -> [UInt8]? {
    guard let start = text.firstIndex(of: UInt8(ascii: "{")) else { return nil }
    var depth = 0
    var isString = false
    var isEscaped = false
    for index in start..<text.count {
      let byte = text[index]
      if isString {
        if byte == UInt8(ascii: "\""), !isEscaped { isString = false }
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): (isString, isEscaped) = (true, false)
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return Array(text[start...index]) }
      default: break
      }
    }
    throw .truncated
  }
}

extension ModelAnswer {
  /// The answer without what must not be kept.
  func redacted(_ options: RedactionOptions) -> ModelAnswer {
    var redactor = Redactor(options)
    var answer = self
    answer.summary = redactor.redact(summary)
    answer.rootCause = rootCause.map { redactor.redact($0) }
    answer.suggestedActions = suggestedActions.map { redactor.redact($0) }
    answer.evidence = evidence.map {
      Citation(sampleID: redactor.redact($0.sampleID), quote: redactor.redact($0.quote))
    }
    return answer
  }
}

/// Makes a model's words plain text on one line: no control characters, no links, no code fences; other
/// marks are text to every renderer of ours.
///
/// A link (any `scheme:` that programs open, `www.`) becomes `(link removed)`: a model repeats what
/// log lines tell it to, and no reader shall be sent anywhere by a log line.
///
/// - Parameters:
///   - text: what the model wrote.
///   - limit: how many characters to keep at most.
/// - Returns: the text; a cut is marked with `…`.
func plainText(_ text: String, limit: Int) -> String {
  let words = text.split(whereSeparator: \.isWhitespace).map { word in
    isLink(word) ? "(link removed)" : displayText(String(word))
  }
  let line = words.joined(separator: " ").replacing("```", with: "'''")
  guard line.count > limit else { return line }
  // Between words where there are any: half a number is another number.
  let kept = line.prefix(limit - 1)
  let end = kept.lastIndex(of: " ").flatMap { $0 > kept.startIndex ? $0 : nil }
  return kept[..<(end ?? kept.endIndex)] + "…"
}

/// Whether a word holds something that a program would open.
private func isLink(_ word: Substring) -> Bool {
  let lower = word.lowercased()
  if lower.contains("://") || lower.contains("www.") { return true }
  if ["javascript:", "vbscript:", "mailto:"].contains(where: { lower.contains($0) }) {
    return true
  }
  let target = lower.split(whereSeparator: { "([<\"'=".contains($0) }).last ?? ""
  return ["data:", "file:", "tel:"].contains { target.hasPrefix($0) && target.count > $0.count }
}
