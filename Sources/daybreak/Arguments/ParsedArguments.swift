import DaybreakCore
import Pipeline

/// A command line that does not fit the command.
struct UsageError: DiagnosedError {
  let summary: String
  let remedy: String?
}

/// The operands and options of one command line.
struct ParsedArguments {
  let operands: [String]
  private let values: [String: [String]]
  private let commandName: String

  /// Parses `--name value`, `--name=value`, `-n value`, switches and operands; `--` ends the options.
  ///
  /// - Parameters:
  ///   - arguments: what follows the command's name.
  ///   - syntax: what the command accepts.
  /// - Throws: `UsageError` for unknown options (with the nearest right one), missing values and a wrong
  ///   number of operands.
  init(_ arguments: [String], syntax: CommandSyntax) throws(UsageError) {
    commandName = syntax.name
    let remedy = "see `daybreak \(syntax.name) --help`"
    var operands: [String] = []
    var values: [String: [String]] = [:]
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        operands += rest
        break
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        operands.append(argument)
        continue
      }
      let parts = argument.drop { $0 == "-" }.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      var name = parts.first.map(String.init) ?? ""
      if !argument.hasPrefix("--"), let letter = name.first, name.count == 1,
        let option = syntax.options.first(where: { $0.letter == letter })
      {
        name = option.name
      } else if !argument.hasPrefix("--") {
        throw UsageError(
          summary: "daybreak \(syntax.name) has no option \(displayText(argument))",
          remedy: "put -- in front of operands that start with -; \(remedy)")
      }
      guard let option = syntax.options.first(where: { $0.name == name }) else {
        let nearest = nearestSpelling(of: name, among: syntax.options.map(\.name))
        throw UsageError(
          summary: "daybreak \(syntax.name) has no option --\(name)",
          remedy: nearest.map { "did you mean --\($0)?" } ?? remedy)
      }
      guard option.value != nil else {
        guard parts.count == 1 else {
          throw UsageError(summary: "--\(name) takes no value", remedy: remedy)
        }
        values[name] = [""]
        continue
      }
      guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
        throw UsageError(summary: "--\(name) needs a value", remedy: remedy)
      }
      values[name, default: []].append(value)
    }
    guard syntax.operandCount.contains(operands.count) else {
      let problem = operands.count < syntax.operandCount.lowerBound ? "too few" : "too many"
      throw UsageError(
        summary: "\(problem) arguments: usage: daybreak \(syntax.name) \(syntax.operands)",
        remedy: remedy)
    }
    self.operands = operands
    self.values = values
  }

  /// Whether a switch was given.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// One of several words; nil when the option was not given.
  func choice(_ name: String, of words: [String]) throws(UsageError) -> String? {
    guard let text = value(name) else { return nil }
    if words.contains(text) { return text }
    throw UsageError(
      summary: "--\(name) cannot be `\(displayText(text))`",
      remedy: nearestSpelling(of: text, among: words).map { "did you mean `\($0)`?" }
        ?? "it can be \(words.joined(separator: ", "))")
  }

  /// The value of an option; nil when it was not given.
  ///
  /// Of several the last, as a shell's alias may be overruled behind it.
  func value(_ name: String) -> String? { values[name]?.last }

  /// All values of an option, in their order.
  func values(_ name: String) -> [String] { values[name] ?? [] }

  /// A date; nil when the option was not given.
  func date(_ name: String) throws(UsageError) -> CivilDate? {
    guard let text = value(name) else { return nil }
    guard let date = CivilDate(text) else {
      throw UsageError(
        summary: "--\(name) must be a date such as 2026-03-12, found `\(displayText(text))`",
        remedy: "see `daybreak \(commandName) --help`")
    }
    return date
  }

  /// A whole number within bounds; nil when the option was not given.
  func integer(_ name: String, in bounds: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), bounds.contains(number) else {
      throw UsageError(
        summary: "--\(name) must be a whole number from \(bounds.lowerBound) to "
          + "\(bounds.upperBound), found `\(displayText(text))`",
        remedy: "see `daybreak \(commandName) --help`")
    }
    return number
  }
}
