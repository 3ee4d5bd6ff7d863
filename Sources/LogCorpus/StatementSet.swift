internal import DaybreakCore
package import Foundation

/// The log statements of one made-up system, and the lines that it writes.
///
/// The text has one statement a line. `{kind}` is a value (`ValueMaker`), `{kind?}` one that may be
/// empty, `{list:kind}` one to five of them, `{=a|b}` one of the words given. `{#a|b}` makes two
/// statements: words that say what happened, so that people label each as an event of its own. A line
/// that starts with `header:` says what stands in front of every message; its `{from}` is what a
/// statement written `from » message` has in front of the mark. `ranked: 1.6` says that the statements
/// stand in the order of how often they are written, and how steeply that falls. A line with `#` is a
/// comment.
package struct StatementSet: Sendable {
  /// What the system is called; its values and the share of each statement follow from it.
  package let name: String
  /// Whether rules may be made by looking at this system; the others only judge them.
  package let isForDevelopment: Bool
  /// What stands in front of the messages of each statement.
  private let headers: [Statement]
  private let statements: [Statement]
  /// How steeply the share of a statement falls in the order of the text; nil when the statements
  /// stand in no order.
  private let steepness: Double?

  /// Reads the statements of a system.
  package init(name: String, text: String, isForDevelopment: Bool) {
    var header = ""
    var steepness: Double?
    var headers: [Statement] = []
    var statements: [Statement] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("header:") {
        header = String(line.dropFirst("header: ".count))
      } else if line.hasPrefix("ranked:") {
        steepness = Double(line.dropFirst("ranked: ".count))
      } else {
        for statement in StatementSet.alternatives(in: String(line)) {
          let (origin, message) = StatementSet.divided(statement)
          headers.append(Statement(header.replacing("{from}", with: origin)))
          statements.append(Statement(message))
        }
      }
    }
    self.name = name
    self.isForDevelopment = isForDevelopment
    self.headers = headers
    self.statements = statements
    self.steepness = steepness
  }

  /// Reads the `.txt` files of a folder's folders `development` and `judgement`, in the order of their
  /// names.
  package static func all(in folder: URL) throws -> [StatementSet] {
    try ["development", "judgement"].flatMap { part in
      let files = try FileManager.default.contentsOfDirectory(
        at: folder.appending(path: part), includingPropertiesForKeys: nil)
      return try files.filter { $0.pathExtension == "txt" }.map { file in
        StatementSet(
          name: file.deletingPathExtension().lastPathComponent,
          text: try String(contentsOf: file, encoding: .utf8),
          isForDevelopment: part == "development")
      }
    }.sorted { $0.name < $1.name }
  }

  /// What stands in front of the mark `»` of a statement, and its message.
  private static func divided(_ line: String) -> (origin: String, message: String) {
    guard let mark = line.firstRange(of: " » ") else { return ("", line) }
    return (String(line[..<mark.lowerBound]), String(line[mark.upperBound...]))
  }

  /// The statements that a line with `{#a|b}` stands for.
  private static func alternatives(in line: String) -> [String] {
    guard let start = line.firstRange(of: "{#"),
      let end = line[start.upperBound...].firstIndex(of: "}")
    else { return [line] }
    let tail = line[line.index(after: end)...]
    return line[start.upperBound..<end].split(separator: "|").flatMap { choice in
      alternatives(in: String(line[..<start.lowerBound]) + choice + tail)
    }
  }

  /// Lines as the system would write them, the same for equal arguments.
  ///
  /// A few statements make most of the lines and many come once or twice, as in the logs that people
  /// have labelled: the share of a statement falls with a power of its rank, 2.25 where the text names
  /// none.
  ///
  /// - Parameters:
  ///   - count: how many lines; each statement has at least one, as far as that goes.
  ///   - seed: another seed gives other values in other lines.
  /// - Returns: the lines in the order written.
  package func lines(_ count: Int, seed: UInt64 = 1) -> [LabelledLine] {
    var maker = ValueMaker(seed: StatementSet.hash(name, seed: seed))
    var drafts: [(statement: Int, header: String, values: [String])] = []
    for (statement, share) in shares(of: count).enumerated() {
      for _ in 0..<share {
        let header = headers[statement]
        drafts.append(
          (statement, header.text(header.values(&maker)), statements[statement].values(&maker)))
      }
    }
    drafts = Array(drafts.prefix(count))
    for index in drafts.indices.dropFirst() {
      drafts.swapAt(index, maker.random.below(index + 1))
    }
    let labels = statements.indices.map { index in
      statements[index].label(of: drafts.filter { $0.statement == index }.map(\.values))
    }
    return drafts.map {
      LabelledLine(
        header: $0.header, message: statements[$0.statement].text($0.values),
        label: labels[$0.statement])
    }
  }

  /// How many of so many lines each statement writes.
  private func shares(of count: Int) -> [Int] {
    let order = steepness == nil ? shuffledOrder() : Array(statements.indices)
    var weights = [Double](repeating: 0, count: statements.count)
    for (rank, statement) in order.enumerated() {
      weights[statement] = weight(rank: Double(rank + 1))
    }
    let sum = weights.reduce(0, +)
    return weights.map { max(1, Int($0 / sum * Double(count))) }
  }

  /// The statements in an order that follows from their texts.
  private func shuffledOrder() -> [Int] {
    statements.indices.sorted {
      let left = StatementSet.hash(statements[$0].source, seed: 2)
      let right = StatementSet.hash(statements[$1].source, seed: 2)
      return left != right ? left < right : $0 < $1
    }
  }

  private func weight(rank: Double) -> Double {
    guard let steepness else { return 1 / (rank * rank * rank.squareRoot().squareRoot()) }
    return 1 / pow(rank, steepness)
  }

  /// FNV-1a (RFC 9923), so that nothing depends on the process.
  static func hash(_ text: String, seed: UInt64) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
      .multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15).high
  }
}

/// One log statement: constant text and places for values.
struct Statement: Sendable {
  enum Part: Sendable {
    case text(String)
    case value(ValueKind)
  }

  let source: String
  private let parts: [Part]

  init(_ source: some StringProtocol) {
    self.source = String(source)
    var parts: [Part] = []
    var text = ""
    var rest = Substring(source)
    while let first = rest.first {
      if first == "{", let end = Statement.closing(rest),
        let kind = ValueKind(rest[rest.index(after: rest.startIndex)..<end])
      {
        if !text.isEmpty { parts.append(.text(text)) }
        text = ""
        parts.append(.value(kind))
        rest = rest[rest.index(after: end)...]
      } else {
        text.append(first)
        rest = rest.dropFirst()
      }
    }
    if !text.isEmpty { parts.append(.text(text)) }
    self.parts = parts
  }

  /// The brace that closes the one at the start.
  private static func closing(_ text: Substring) -> Substring.Index? {
    var depth = 0
    for index in text.indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }

  /// Values for its places.
  func values(_ maker: inout ValueMaker) -> [String] {
    parts.compactMap { part in
      if case .value(let kind) = part { maker.value(kind) } else { nil }
    }
  }

  /// The message with these values.
  func text(_ values: [String]) -> String {
    var rest = values[...]
    return parts.map { part in
      switch part {
      case .text(let text): text
      case .value: rest.popFirst() ?? ""
      }
    }.joined()
  }

  /// The template that people give to lines with these values.
  ///
  /// A word that is the same in all lines is no variable to somebody who sees but the lines, unless it
  /// names a person or a machine.
  func label(of values: [[String]]) -> String {
    var place = 0
    let template = parts.map { part in
      guard case .value(let kind) = part else {
        if case .text(let text) = part { return text }
        return ""
      }
      let met = Set(values.map { $0[place] })
      place += 1
      if let only = met.first, met.count == 1, !kind.isRecognised, isPlain(only) { return only }
      return "<*>"
    }.joined()
    return corrected(label: template)
  }

  private func isPlain(_ value: String) -> Bool {
    value.allSatisfy { $0.isLetter || " -_.".contains($0) }
  }
}
