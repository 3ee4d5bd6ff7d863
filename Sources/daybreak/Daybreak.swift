import Configuration
import DaybreakCore
import Foundation
import Inspection
import Pipeline

/// One verb of the command line.
protocol Command {
  /// What the command accepts.
  static var syntax: CommandSyntax { get }

  /// Does the work.
  ///
  /// - Parameter arguments: operands and options that fit `syntax`.
  /// - Returns: how it ended.
  /// - Throws: anything; `DiagnosedError`s are shown with their remedy.
  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus
}

/// How a command ended, as the shell sees it.
enum ExitStatus: Int32 {
  case done = 0
  /// Findings at or above `--fail-on`.
  case findings = 1
  /// The command line or a job file is wrong.
  case usage = 2
  /// The report is there and says what is missing from it.
  case partial = 3
  case failed = 4
  /// Stopped by Ctrl-C; the same command goes on from there.
  case cancelled = 130
}

@main
struct Daybreak {
  static var commands: [any Command.Type] {
    [
      RunCommand.self, DemoCommand.self, ClusterCommand.self, FoldCommand.self,
      MergeCommand.self, EmbedCommand.self, SearchCommand.self, ExportCommand.self,
      ServeCommand.self, MuteCommand.self, DoctorCommand.self,
    ]
  }

  static func main() async {
    Cancellation.listenToSignals()
    exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// Finds the command and runs it; every error ends here.
  static func run(_ arguments: [String]) async -> ExitStatus {
    guard let name = arguments.first, name != "--help", name != "help", name != "-h" else {
      print(overview, terminator: "")
      return arguments.isEmpty ? .usage : .done
    }
    if name == "--version" || name == "version" {
      print("daybreak \(daybreakVersion)")
      return .done
    }
    if let group = CommandGroup.all.first(where: { $0.name == name }) {
      return await run(group, Array(arguments.dropFirst()))
    }
    guard let command = commands.first(where: { $0.syntax.name == name }) else {
      let known = commands.map { $0.syntax.name } + CommandGroup.all.map(\.name)
      complain(
        UsageError(
          summary: "there is no command `\(displayText(name))`",
          remedy: nearestSpelling(of: name, among: known).map { "did you mean `daybreak \($0)`?" }
            ?? "see `daybreak --help`"))
      return .usage
    }
    return await finish(command, Array(arguments.dropFirst()))
  }

  /// Finds the command of a group and runs it.
  private static func run(_ group: CommandGroup, _ arguments: [String]) async -> ExitStatus {
    if let usual = group.usual, arguments.first?.hasPrefix("-") != false,
      arguments.first != "--help", arguments.first != "-h"
    {
      return await finish(usual, arguments)
    }
    guard let verb = arguments.first, verb != "--help", verb != "help", verb != "-h" else {
      print(group.help, terminator: "")
      return arguments.isEmpty ? .usage : .done
    }
    guard let command = group.command(verb) else {
      complain(
        UsageError(
          summary: "there is no command `daybreak \(group.name) \(displayText(verb))`",
          remedy: nearestSpelling(of: verb, among: group.verbs)
            .map { "did you mean `daybreak \(group.name) \($0)`?" }
            ?? "see `daybreak \(group.name) --help`"))
      return .usage
    }
    return await finish(command, Array(arguments.dropFirst()))
  }

  /// Runs a command, or shows its help.
  private static func finish(
    _ command: any Command.Type, _ rest: [String]
  ) async -> ExitStatus {
    if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      print(command.syntax.help, terminator: "")
      return .done
    }
    do {
      return try await run(command, rest)
    } catch {
      return status(for: error)
    }
  }

  /// Parses the command's own arguments and runs it.
  private static func run(
    _ command: any Command.Type, _ arguments: [String]
  ) async throws -> ExitStatus {
    let parsed = try ParsedArguments(arguments, syntax: command.syntax)
    return try await command.run(parsed)
  }

  /// Shows an error and says which exit code it means.
  private static func status(for error: any Error) -> ExitStatus {
    switch error {
    case is RunCancelled:
      complain("stopped on request; the same command goes on from here")
      return .cancelled
    case InspectionError.outputClosed: return .done
    case InspectionError.stopped:
      complain(error)
      return .cancelled
    case let error as UsageError:
      complain(error)
      return .usage
    case let error as ConfigurationError:
      complain(error)
      return .usage
    default:
      complain(error)
      return .failed
    }
  }

  private static func complain(_ error: any Error) { complain(String(describing: error)) }

  private static func complain(_ text: String) {
    FileHandle.standardError.write(Data("daybreak: \(displayText(text))\n".utf8))
  }

  /// The text of `daybreak --help`.
  static var overview: String {
    let list = columns(
      commands.map { ($0.syntax.name, $0.syntax.summary) }
        + CommandGroup.all.map { ("\($0.name) …", $0.summary) })
    return """
      Daybreak reads a night of logs so that people read one page in the morning.

      usage: daybreak COMMAND [options] …

      commands:
      \(list)
      `daybreak COMMAND --help` shows options and examples of one command.
      Exit codes: 0 done, 1 findings at or above --fail-on, 2 usage or configuration,
      3 partial (the report says what is missing), 4 failed, 130 stopped by Ctrl-C.

      """
  }
}
