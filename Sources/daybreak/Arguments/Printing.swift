import DaybreakCore
import Foundation

/// Prints a value as JSON, keys sorted, with what would act on a terminal as `\uXXXX`.
///
/// - Throws: an error of the encoder.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(visibleJSON(String(decoding: try encoder.encode(value), as: UTF8.self)))
}

/// Rewrites scalars of JSON text that would act on a terminal: the same JSON, fit to be looked at.
///
/// Outside of strings JSON has nothing but ASCII, so every such scalar stands in a string.
func visibleJSON(_ json: String) -> String {
  var text = ""
  for scalar in json.unicodeScalars {
    let isPlain = scalar == "\n" || displayText(String(scalar)) == String(scalar)
    guard !isPlain else {
      text.unicodeScalars.append(scalar)
      continue
    }
    for unit in String(scalar).utf16 {
      let digits = String(unit, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
  return text
}

/// Prints rows below a line of names, in columns; values are made safe for a terminal.
func printTable(_ names: [String], _ rows: [[String]]) {
  let cells = [names] + rows.map { $0.map(oneLine) }
  let widths = names.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
  for row in cells {
    let padded = zip(row, widths).map { text, width in
      text + String(repeating: " ", count: width - text.count)
    }
    var line = padded.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    print(line)
  }
}

/// Text of unknown origin on one line.
func oneLine(_ text: String) -> String {
  displayText(text).replacing("\n", with: " ").replacing("\t", with: " ")
}

/// Says something to whoever watches, beside what is printed.
func tell(_ text: String) {
  FileHandle.standardError.write(Data("daybreak: \(oneLine(text))\n".utf8))
}
