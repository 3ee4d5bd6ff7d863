import Foundation

/// Writes a Swift file that holds the bytes of every file below some folders.
///
/// Usage: `embed-files OUTPUT.swift ROOT FOLDER…`; names are paths relative to ROOT, sorted.
@main
struct EmbedFiles {
  static func main() throws {
    let arguments = CommandLine.arguments
    let output = URL(filePath: arguments[1])
    let root = URL(filePath: arguments[2])
    var source = "/// Files that this build carries, by path; made by the EmbedFiles plugin.\n"
    source += "let embeddedFiles: [(path: String, bytes: StaticString)] = [\n"
    for folder in arguments.dropFirst(3) {
      let base = root.appending(path: folder)
      let names = try FileManager.default.subpathsOfDirectory(atPath: base.path)
        .filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      for name in names {
        let file = base.appending(path: name)
        guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
        else { continue }
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        source += "  (\"\(folder)/\(name)\", \(literal(text))),\n"
      }
    }
    source += "]\n"
    try Data(source.utf8).write(to: output, options: .atomic)
  }

  /// A string literal on one line.
  static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
