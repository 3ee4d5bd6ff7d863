import Clustering
import DaybreakCore
import Foundation
import TestSupport

@testable import Inspection

/// A folder that goes away with the test.
final class LogFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "inspection-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ content: String) throws -> String {
    try file(name, bytes: Array(content.utf8))
  }

  /// Writes a file and returns its path.
  func file(_ name: String, bytes: [UInt8]) throws -> String {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file.path
  }

  /// The path of a file that need not be there.
  func path(_ name: String) -> String { url.appending(path: name).path }
}

/// A survey of an input.
func survey(_ input: LogInput, filter: SurveyFilter = SurveyFilter()) throws -> Survey {
  let counted = try input.fold()
  return Survey(counted, refinement: refinement(of: counted.result), filter: filter)
}

/// The table of a survey.
func table(
  _ survey: Survey, width: Int? = nil, limit: Int = .max, samples: Int = 0, colour: Bool = false
) throws -> String {
  guard let calendar = NightCalendar(zoneName: "UTC") else { return "" }
  return SurveyText(
    survey, style: TerminalStyle(width: width, usesColour: colour), limit: limit,
    sampleLimit: samples, calendar: calendar
  ).text()
}

/// The rows that `--assign` writes for an input.
func assignment(
  _ input: LogInput, _ counted: CountedInput, _ refinement: Refinement,
  placeholders: PlaceholderStyle = .typed
) throws -> [[String]] {
  let folder = try LogFolder()
  let path = folder.path("out.tsv")
  try AssignmentWriter.write(
    input, counted: counted, refinement: refinement, placeholders: placeholders, path: path,
    check: {})
  return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
    $0.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
  }
}

/// A small day of logs: two services' worth of events, stack traces, blank and hostile lines.
///
/// - Returns: events, each of one or more whole lines with their newlines.
func mixedLog(_ count: Int, seed: UInt64) -> [String] {
  var random = SeededRandom(seed: seed)
  return (0..<count).map { index in
    let second = random.below(86_400)
    let clock =
      "2026-11-20 \(twoDigits(second / 3600)):\(twoDigits(second / 60 % 60)):\(twoDigits(second % 60))"
    switch random.below(9) {
    case 0: return "\(clock) INFO request \(index) took \(random.below(900)) ms\n"
    case 1: return "\(clock) WARN cache of 10.0.\(random.below(255)).7 is full\n"
    case 2:
      return "\(clock) ERROR order \(index) failed\njava.lang.IllegalStateException: closed\n"
        + "\tat shop.Cart.add(Cart.java:12)\n\n\tat shop.Main.main(Main.java:\(random.below(90)))\n"
    case 3: return "\(clock) INFO user u\(random.below(50)) logged in\n"
    case 4: return "\(clock) DEBUG \u{1b}[31mred\u{1b}[0m \u{202e}evil\u{7} \(index)\n"
    case 5: return "\(clock) INFO 价格更新 for item \(index)\n"
    case 6: return "\(clock) INFO flag is \(random.below(2) == 0 ? "true" : "false")\n"
    case 7: return "\(clock) INFO GET /api/items/\(index)?page=\(random.below(9)) 200 \(index)\n"
    default: return "\(clock) ERROR cannot open /var/lib/shop/\(index).db: no such file\n"
    }
  }
}
