import Catalogs
import DaybreakCore
import Embedding
import Foundation
import Pipeline
import Serving

/// `daybreak doctor`.
enum DoctorCommand: Command {
  static let syntax = CommandSyntax(
    name: "doctor", summary: "Say what is there, what is missing, and the command that mends it.",
    operands: "", operandCount: 0...0,
    options: [.init("json", nil, "Print the checks as JSON.")],
    examples: [
      ("daybreak doctor", "before the first night"),
      ("daybreak doctor --json", "for a program; exits with 4 when something is missing"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let surroundings = Surroundings.ofThisProcess()
    let model = try? ModelDirectory.find(
      home: surroundings.home.path, executable: Bundle.main.executablePath)
    let facts = DoctorFacts.ofThisMachine(
      home: surroundings.home, embeddedDirectory: surroundings.embeddedServerDirectory,
      variables: surroundings.variables, modelDirectory: model,
      furtherLibraries: [.libcrypt, .libmicrohttpd])
    let report = DoctorReport(Doctor(facts).checks())
    print(arguments.has("json") ? try report.json() : report.table, terminator: "")
    return report.worst == .missing ? .failed : .done
  }
}
