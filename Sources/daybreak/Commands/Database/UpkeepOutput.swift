import Catalogs
import DaybreakCore
import Foundation
import Pipeline

/// How the commands of upkeep speak: JSON, a calm table, and progress for whoever watches.
enum UpkeepOutput {
  /// Prints a value as JSON with sorted keys.
  static func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Writes a line over the last one, where a person watches standard error.
  static func progress(_ text: String, _ surroundings: Surroundings) {
    guard surroundings.isTerminal else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(displayText(text))".utf8))
  }

  /// Clears the progress line.
  static func endProgress(_ surroundings: Surroundings) { progress("", surroundings) }

  /// Rows in columns, the first row the heads; columns of numbers to the right.
  static func table(_ rows: [[String]], numbers: Set<Int> = []) -> String {
    guard let first = rows.first else { return "" }
    let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line +=
          (column == 0 ? "" : "  ") + (numbers.contains(column) ? padding + cell : cell + padding)
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  /// A number of bytes for people: `12.3 MB`.
  static func size(_ bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? "\(bytes) B" : String(format: "%.1f %@", value, units[unit])
  }

  /// A number of seconds for people: `3 h`, `2 d`.
  static func span(_ seconds: Double) -> String {
    switch seconds {
    case ..<120: String(format: "%.0f s", seconds)
    case ..<7200: String(format: "%.0f min", seconds / 60)
    case ..<172_800: String(format: "%.0f h", seconds / 3600)
    default: String(format: "%.0f d", seconds / 86_400)
    }
  }
}
