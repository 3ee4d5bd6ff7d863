import Foundation
import TestSupport
import Testing

/// The reference in docs/ says what the program does.
@Suite struct DocumentationTests {
  static let commands = [
    "run", "demo", "cluster", "fold", "merge", "embed", "search", "export", "serve", "mute",
    "doctor",
  ]

  /// Commands of two words: their first words.
  static let groups = ["db", "tenants", "keys"]

  /// The commands that a `--help` lists, each by its first word.
  func listed(_ help: String) -> [String] {
    help.split(separator: "\n").drop { $0 != "commands:" }.dropFirst()
      .prefix { $0.hasPrefix("  ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  /// The page that `--help` of every command makes.
  func reference() throws -> String {
    let scratch = try ScratchDirectory()
    var page = "# Commands\n\nWhat `--help` of each command prints.\n"
    for command in Self.commands {
      let help = try DaybreakProcess.run([command, "--help"], in: scratch.url).output
      page += "\n## daybreak \(command)\n\n```\n\(help)```\n"
    }
    for group in Self.groups {
      let help = try DaybreakProcess.run([group, "--help"], in: scratch.url).output
      page += "\n## daybreak \(group)\n\n```\n\(help)```\n"
      for verb in listed(help) {
        let help = try DaybreakProcess.run([group, verb, "--help"], in: scratch.url).output
        page += "\n### daybreak \(group) \(verb)\n\n```\n\(help)```\n"
      }
    }
    return page
  }

  /// `DAYBREAK_REPRINT=1` writes the page anew.
  @Test func `docs hold the help of every command`() throws {
    let file = Fixtures.root.appending(path: "docs/commands.md")
    let page = try reference()
    if ProcessInfo.processInfo.environment["DAYBREAK_REPRINT"] != nil {
      try Data(page.utf8).write(to: file)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == page)
  }

  @Test func `docs name every command`() throws {
    let scratch = try ScratchDirectory()
    let overview = try DaybreakProcess.run(["--help"], in: scratch.url).output
    #expect(listed(overview) == Self.commands + Self.groups)
  }

  @Test func `every key of a job file is in its reference`() throws {
    let file = Fixtures.root.appending(path: "docs/job-file.md")
    let reference = try String(contentsOf: file, encoding: .utf8)
    let source = Fixtures.root.appending(path: "Sources/Pipeline/Job/JobReader.swift")
    let reader = try String(contentsOf: source, encoding: .utf8)
    let call =
      /(?:[sS]tring|strings|choices?|integer|boolean|seconds|days|mapping|node|stringMap)\("([a-z_]+)"/
    let keys = Set(reader.matches(of: call).map { String($0.1) })
    #expect(keys.count > 40)
    let missing = keys.filter { !reference.contains($0) }.sorted()
    #expect(missing == [])
  }
}
