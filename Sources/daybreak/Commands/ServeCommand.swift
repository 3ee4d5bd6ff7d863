import DaybreakCore
import Foundation
import Pipeline

/// `daybreak serve`.
enum ServeCommand: Command {
  static let syntax = CommandSyntax(
    name: "serve", summary: "Show a report tree in the browser, on this machine only.",
    operands: "[DIRECTORY]", operandCount: 0...1,
    options: [
      .init("port", "PORT", "The port to listen on; by default 8765."),
      .init("address", "ADDRESS", "The address to listen on; by default 127.0.0.1."),
      .init(
        "log-requests", nil,
        "Write a line of JSON a request to standard error; always so where that is no terminal."),
      .init("expose", nil, "Allow an address that other machines can reach. There is no login."),
    ],
    examples: [
      ("daybreak serve", "the reports below reports/"),
      ("daybreak serve /srv/reports --port 9000", "another tree on another port"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let surroundings = Surroundings.ofThisProcess()
    let directory = arguments.operands.first ?? "reports"
    try await ReportService.serve(
      directory: URL(filePath: directory), address: arguments.value("address") ?? "127.0.0.1",
      port: try arguments.integer("port", in: 0...65_535) ?? 8765,
      isExposed: arguments.has("expose"), log: surroundings.log,
      logsRequests: arguments.has("log-requests") || !surroundings.isTerminal)
    return .done
  }
}
