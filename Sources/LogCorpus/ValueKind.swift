/// What stands at a place of a statement.
indirect enum ValueKind: Sendable {
  /// One of the kinds that `ValueMaker` makes by name.
  case named(String)
  /// One of some words.
  case choice([String])
  /// One to five values with `, ` between them.
  case list(ValueKind)
  /// A value or nothing.
  case optional(ValueKind)

  /// Reads what stands between the braces of a statement; nil when it is text of the statement's own.
  init?(_ text: Substring) {
    if text.first == "=" {
      self = .choice(
        text.dropFirst().split(separator: "|", omittingEmptySubsequences: false).map(String.init))
    } else if text.hasPrefix("list:"), let kind = ValueKind(text.dropFirst(5)) {
      self = .list(kind)
    } else if text.last == "?", let kind = ValueKind(text.dropLast()) {
      self = .optional(kind)
    } else if ValueMaker.kinds.contains(String(text)) {
      self = .named(String(text))
    } else {
      return nil
    }
  }

  /// Whether people take it for a value even where it never changes.
  var isRecognised: Bool {
    switch self {
    case .named(let name): ["user", "gamer", "host", "nodename", "nodelist"].contains(name)
    case .optional(let kind), .list(let kind): kind.isRecognised
    case .choice: false
    }
  }
}
