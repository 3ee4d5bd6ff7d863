/// What a command accepts: the one source of its parser, its `--help` and the reference in docs/.
struct CommandSyntax: Sendable {
  /// One option of a command.
  struct Option: Sendable {
    /// The name without dashes.
    let name: String
    /// What stands for its value in help, such as `DATE`; nil for a switch.
    let value: String?
    /// What it does, in one line.
    let help: String
    /// The letter that may stand for the name, as in `-o FILE`.
    let letter: Character?

    init(_ name: String, _ value: String? = nil, _ help: String, letter: Character? = nil) {
      self.name = name
      self.value = value
      self.help = help
      self.letter = letter
    }
  }

  /// The command's name.
  let name: String
  /// What it does, in one line.
  let summary: String
  /// What stands for its operands in help, such as `JOB`; empty when it takes none.
  let operands: String
  /// How many operands it takes.
  let operandCount: ClosedRange<Int>
  let options: [Option]
  /// What needs more than a line, in paragraphs of short lines.
  var notes: [String] = []
  /// Command lines with what each does.
  let examples: [(line: String, meaning: String)]

  /// The text of `--help`.
  var help: String {
    var text = "\(summary)\n\nusage: daybreak \(name)"
    if !options.isEmpty { text += " [options]" }
    if !operands.isEmpty { text += " \(operands)" }
    text += "\n"
    let all = options + [Option("help", nil, "Show this text and exit.")]
    let heads = all.map { option in
      (option.letter.map { "-\($0), " } ?? "") + "--\(option.name)"
        + (option.value.map { " \($0)" } ?? "")
    }
    let width = heads.map(\.count).max() ?? 0
    text += "\noptions:\n"
    for (head, option) in zip(heads, all) {
      text += "  \(head)\(String(repeating: " ", count: width - head.count))  \(option.help)\n"
    }
    for note in notes { text += "\n\(note)\n" }
    if !examples.isEmpty {
      text += "\nexamples:\n"
      for example in examples { text += "  \(example.line)\n      \(example.meaning)\n" }
    }
    return text
  }
}
