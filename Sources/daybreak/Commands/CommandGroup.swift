/// Commands of two words, such as `db migrate`: the first word and what its verbs have in common.
struct CommandGroup {
  /// The first word.
  let name: String
  /// What its commands are for, in one line.
  let summary: String
  /// Its commands; the name of each begins with the group's.
  let commands: [any Command.Type]
  /// The command that the group's word alone means; nil: its help.
  var usual: (any Command.Type)? = nil

  /// Every group.
  static var all: [CommandGroup] { [database, tenants, keys] }

  /// The second words.
  var verbs: [String] { commands.map { String($0.syntax.name.dropFirst(name.count + 1)) } }

  /// The command of a second word; nil when there is none.
  func command(_ verb: String) -> (any Command.Type)? {
    commands.first { $0.syntax.name == "\(name) \(verb)" }
  }

  /// The text of `daybreak GROUP --help`.
  var help: String {
    """
    \(summary)

    usage: daybreak \(name) COMMAND [options] …

    commands:
    \(columns(zip(verbs, commands).map { ($0, $1.syntax.summary) }))
    `daybreak \(name) COMMAND --help` shows options and examples of one command.

    """
  }
}

/// Two columns, a line a row, indented.
func columns(_ rows: [(String, String)]) -> String {
  let width = rows.map(\.0.count).max() ?? 0
  return rows.map { head, text in
    "  \(head)\(String(repeating: " ", count: width - head.count))  \(text)\n"
  }.joined()
}
