import DaybreakCore
import Extraction
import Foundation
import Inspection
import Pipeline

/// What `cluster` and `merge` take to say what is shown and how.
struct OutputOptions {
  static let all: [CommandSyntax.Option] = [
    .init(
      "top", "N", "Show the N most frequent patterns; 0 for all (40 on a terminal, else all).",
      letter: "n"),
    .init("level", "LEVELS", "Only these levels: error, warn+ (and above), error,unknown."),
    .init("service", "NAMES", "Only these services: api, prod/api, or several with commas."),
    .init("samples", "N", "Show up to N lines of each pattern (0, at most 5)."),
    .init("placeholders", "STYLE", "typed: <num>, <ip>, … (default); plain: all are <*>."),
    .init("json", nil, "Print JSON: all that is known of each pattern, counts over time too."),
    .init("tsv", nil, "Print tab-separated values with a row of names."),
  ]

  let limit: Int
  let filter: SurveyFilter
  let sampleLimit: Int
  private let isJSON: Bool
  private let isTSV: Bool
  private let style: TerminalStyle
  private let calendar: NightCalendar

  /// Reads the options.
  init(_ arguments: ParsedArguments, calendar: NightCalendar, surroundings: Surroundings)
    throws(UsageError)
  {
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let top = try arguments.integer("top", in: 0...Int(Int32.max))
    isJSON = arguments.has("json")
    isTSV = arguments.has("tsv")
    guard !isJSON || !isTSV else {
      throw UsageError(summary: "--json does not go with --tsv", remedy: nil)
    }
    let isForPerson = isTerminal && !isJSON && !isTSV
    limit = top.map { $0 == 0 ? .max : $0 } ?? (isForPerson ? 40 : .max)
    sampleLimit = try arguments.integer("samples", in: 0...5) ?? 0
    style = OutputOptions.style(isTerminal: isTerminal, surroundings.variables)
    self.calendar = calendar
    var filter = SurveyFilter()
    let styles = PlaceholderStyle.allCases.map(\.rawValue)
    if let name = try arguments.choice("placeholders", of: styles) {
      filter.placeholders = PlaceholderStyle(rawValue: name) ?? .typed
    }
    if let text = arguments.value("level") { filter.levels = try OutputOptions.levels(text) }
    filter.services = Set(
      arguments.values("service").flatMap { $0.split(separator: ",").map(String.init) })
    self.filter = filter
  }

  /// How wide the output is, and whether in colours (https://no-color.org).
  private static func style(isTerminal: Bool, _ variables: [String: String]) -> TerminalStyle {
    var size = winsize()
    let columns = variables["COLUMNS"].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
    var width = columns
    if width == nil, isTerminal {
      let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
      width = isKnown ? Int(size.ws_col) : 80
    }
    let refusesColour = !(variables["NO_COLOR"] ?? "").isEmpty || variables["TERM"] == "dumb"
    return TerminalStyle(width: width, usesColour: isTerminal && !refusesColour)
  }

  /// Levels separated by commas; `+` behind one takes those above as well.
  private static func levels(_ text: String) throws(UsageError) -> Set<Level> {
    var levels: Set<Level> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let isOpen = part.hasSuffix("+")
      let word = String(isOpen ? part.dropLast() : part)
      let named = word.lowercased() == "unknown" ? Level.unknown : LevelWord.level(word)
      guard let level = named, !word.isEmpty, !word.allSatisfy(\.isNumber) else {
        let names = Level.allCases.map { $0.name.lowercased() }
        throw UsageError(
          summary: "there is no level `\(displayText(word))`",
          remedy: nearestSpelling(of: word.lowercased(), among: names).map { "did you mean \($0)?" }
            ?? "levels: \(names.joined(separator: ", "))")
      }
      if isOpen { levels.formUnion(Level.allCases.filter { $0 >= level }) }
      levels.insert(level)
    }
    return levels
  }

  /// Prints clusters.
  ///
  /// - Throws: `InspectionError`.
  func print(_ survey: Survey) throws {
    let text =
      if isJSON {
        SurveyRecords(survey, limit: limit).json()
      } else if isTSV {
        SurveyRecords(survey, limit: limit).tsv()
      } else {
        SurveyText(
          survey, style: style, limit: limit, sampleLimit: sampleLimit, calendar: calendar
        ).text()
      }
    try write(text)
  }

  /// Prints what changed.
  ///
  /// - Throws: `InspectionError`.
  func print(_ comparison: Comparison, names: (now: String, before: String)) throws {
    let text =
      if isJSON {
        ComparisonRecords(comparison, limit: limit).json()
      } else if isTSV {
        ComparisonRecords(comparison, limit: limit).tsv()
      } else {
        ComparisonText(
          comparison, names: names, style: style, limit: limit, calendar: calendar
        ).text()
      }
    try write(text)
  }

  private func write(_ text: String) throws(InspectionError) {
    let output = try OutputFile(path: "-")
    try output.write(text)
    try output.close()
  }

  /// Says on standard error what TSV has no room for, and how the command ended.
  func ending(_ coverages: [SourceCoverage]) -> ExitStatus {
    let isPartial = coverages.contains { $0.failure != nil || $0.linesQuarantined > 0 }
    if isTSV {
      for line in coverages.flatMap(troubleText) {
        FileHandle.standardError.write(Data("daybreak: \(line)\n".utf8))
      }
    }
    return isPartial ? .partial : .done
  }
}
