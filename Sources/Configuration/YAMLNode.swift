/// A place in a job file, for error messages.
package struct SourcePosition: Hashable, Sendable {
  /// The line, from 1.
  package let line: Int
  /// The column, from 1.
  package let column: Int
}

/// A node of a YAML document with the place where it stands.
package indirect enum YAMLNode: Sendable {
  /// A scalar; `isPlain` when it was written without quotes, so that `yes` and `12` may be typed.
  case scalar(String, isPlain: Bool, at: SourcePosition)
  case sequence([YAMLNode], at: SourcePosition)
  /// Keys in the order of the file; `key` and `keyPosition` name each entry.
  case mapping([Entry], at: SourcePosition)

  /// One `key: value` of a mapping.
  package struct Entry: Sendable {
    package let key: String
    package let keyPosition: SourcePosition
    package let value: YAMLNode
  }

  /// Where the node starts.
  package var position: SourcePosition {
    switch self {
    case .scalar(_, _, let position), .sequence(_, let position), .mapping(_, let position):
      position
    }
  }

  /// What the node is, in words for messages.
  package var kind: String {
    switch self {
    case .scalar("", true, _): "nothing"
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping of keys to values"
    }
  }
}
