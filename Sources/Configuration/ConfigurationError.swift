import DaybreakCore

/// A fault in a file of settings: where it stands, what is wrong and what would be right.
package struct ConfigurationError: DiagnosedError, Equatable {
  /// The file as it was named.
  package let file: String
  /// The place; nil when the whole file is at fault.
  package let position: SourcePosition?
  /// What is wrong, with the key's name.
  package let problem: String
  package let remedy: String?

  package init(file: String, position: SourcePosition?, problem: String, remedy: String?) {
    self.file = file
    self.position = position
    self.problem = problem
    self.remedy = remedy
  }

  package var summary: String {
    guard let position else { return "\(file): \(problem)" }
    return "\(file):\(position.line):\(position.column): \(problem)"
  }
}
